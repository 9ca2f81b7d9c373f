"""The documentation page of the failure codes, made from the table that the API answers from."""

from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts import FAILURE_TEXTS, Phase

_HEAD = """\
# Failure and warning codes

Every check that ends Unverified carries one of these codes as `failure_code`, with the sentence and the
hint below; warnings stand beside a result and never make it fail. The list is closed and the codes are
stable. *May mend itself*: the same attempt can succeed later with nothing changed.

This page is made from the code (`make docs`).
"""


def failure_page() -> str:
    """Return the page as Markdown: a section for each phase, a row for each code."""
    sections = [_HEAD]
    for phase in Phase:
        rows = [_row(code) for code in FailureCode if FAILURE_TEXTS[code].phase is phase]
        head = f"## {phase.capitalize()}\n\n| code | kind | may mend itself | what happened | what to do |\n| --- | --- | --- | --- | --- |"
        sections.append("\n".join([head, *rows]) + "\n")
    return "\n".join(sections)


def _row(code: FailureCode) -> str:
    text = FAILURE_TEXTS[code]
    return (
        f"| `{code}` | {text.severity} | {'yes' if text.retryable else 'no'} | {text.message} | {text.hint} |"
    )


if __name__ == "__main__":
    print(failure_page(), end="")  # noqa: T201  # the page is the output
