"""The page for troubleshooting by hand: where a check stopped, what to run there, and what it may be."""

from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts import FAILURE_TEXTS, Phase, Severity

_HEAD = """\
# Troubleshooting

A check that ends Unverified says which step failed, why, and what to do; start there. This page is for
whoever wants to see it for themselves on the Actor's VM. `actor probe` goes through the very code that
a check runs, and needs no enrollment; beside it stand the commands that were used before it.
Where a login is tested, `--user` asks for the password at the prompt.

This page is made from the code (`make docs`).
"""

_COMMANDS: dict[Phase, tuple[tuple[str, str], ...]] = {
    Phase.RESOLVE: (("actor probe imaps://HOST", "nslookup HOST"),),
    Phase.CONNECT: (
        ("actor probe imap://HOST", "telnet HOST 143"),
        ("actor probe pop3://HOST", "telnet HOST 110"),
        ("actor probe smtp://HOST:25", "telnet HOST 25"),
    ),
    Phase.TLS: (
        ("actor probe imaps://HOST", "openssl s_client -connect HOST:993 -servername HOST"),
        ("actor probe 'imap://HOST?starttls'", "openssl s_client -starttls imap -connect HOST:143"),
        ("actor probe pop3s://HOST", "openssl s_client -connect HOST:995 -servername HOST"),
        ("actor probe 'pop3://HOST?starttls'", "openssl s_client -starttls pop3 -connect HOST:110"),
        ("actor probe 'smtp://HOST:587?starttls'", "openssl s_client -starttls smtp -connect HOST:587"),
        ("actor probe smtps://HOST", "openssl s_client -connect HOST:465 -servername HOST"),
        ("actor probe imaps://HOST --ca-file CA.pem", "openssl s_client -CAfile CA.pem -connect HOST:993"),
    ),
    Phase.GREETING: (("actor probe imap://HOST", "telnet HOST 143 (wait for * OK)"),),
    Phase.PROTOCOL: (("actor probe imaps://HOST --json", "openssl s_client -crlf -connect HOST:993"),),
    Phase.AUTHENTICATE: (
        ("actor probe imaps://HOST --user USER", "a LOGIN USER PASSWORD, typed into openssl s_client"),
        ("actor probe imaps://HOST --user 'DOMAIN\\USER' --auth ntlm", "(none: NTLM can't be typed)"),
    ),
    Phase.MAILBOX: (("actor probe imaps://HOST --user USER", "b SELECT INBOX, typed after the login"),),
    Phase.SEARCH: (),
    Phase.ACTOR: (("actor status", "systemctl status, and a look at the log"),),
    Phase.DIRECTOR: (("POST /settings/email/test", "swaks --server HOST --to ADDRESS"),),
}


def troubleshooting_page() -> str:
    """Return the page as Markdown: a section for each phase, in the order of a check."""
    return "\n".join([_HEAD, *(_section(phase) for phase in Phase)])


def _section(phase: Phase) -> str:
    lines = [f"## Stopped at: {phase}", ""]
    if commands := _COMMANDS[phase]:
        lines += ["| run | in place of |", "| --- | --- |"]
        lines += [f"| `{ours}` | `{theirs}` |" for ours, theirs in commands]
        lines.append("")
    for code in FailureCode:
        text = FAILURE_TEXTS[code]
        if text.phase is phase:
            kind = "" if text.severity is Severity.FAILURE else " (a warning)"
            lines.append(f"- **`{code}`**{kind}: {text.message} *{text.hint}*")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    print(troubleshooting_page(), end="")  # noqa: T201  # because the page is the output
