"""NTLM for the sandbox's servers: pyspnego answers as the server does ([MS-NLMP])."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import spnego
from pysasl.identity import Identity
from pysasl.mechanism import ChallengeResponse, ServerChallenge, ServerMechanism
from spnego.exceptions import SpnegoError


def use_accounts(file: Path, passwords: Mapping[str, str]) -> None:
    """Let NTLM know the accounts (address to password), by the one way that pyspnego has: a file."""
    file.touch(mode=0o600)
    file.write_text("".join(f":{address}:{password}\n" for address, password in passwords.items()))
    os.environ["NTLM_USER_FILE"] = str(file)


class NtlmCredentials:
    """Whom the exchange has proved, or nobody: the password itself never travels."""

    def __init__(self, address: str | None) -> None:
        self._address = address or ""

    @property
    def authcid(self) -> str:
        """The account that was proved."""
        return self._address

    @property
    def authzid(self) -> str:
        """The account that is wanted: the same."""
        return self._address

    def verify(self, identity: Identity | None = None) -> bool:  # noqa: ARG002  # because pysasl passes it
        """Return whether the exchange went well: there is nothing left to compare with `identity`."""
        return bool(self._address)


class NtlmMechanism(ServerMechanism):  # type: ignore[misc]  # because pysasl is in the sandbox's environment alone
    """One exchange. A connection that tries again begins anew with its first message."""

    def __init__(self) -> None:
        super().__init__(b"NTLM")
        self._server: spnego.ContextProxy | None = None

    def server_attempt(self, responses: Sequence[ChallengeResponse]) -> tuple[NtlmCredentials, None]:
        """Challenge until the account is proved or refused. Raises ServerChallenge."""
        if not responses:
            raise ServerChallenge(b"")
        try:
            if len(responses) == 1 or self._server is None:
                self._server = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
            challenge = self._server.step(responses[-1].response)
        except (SpnegoError, ValueError):
            return NtlmCredentials(None), None
        if not self._server.complete:
            raise ServerChallenge(challenge or b"")
        return NtlmCredentials((self._server.client_principal or "").lstrip("\\").lower()), None
