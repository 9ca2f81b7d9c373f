"""The OpenID provider `oidc-provider` (npm, certified by the OpenID Foundation), on 127.0.0.1."""

import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from tests.servers.daemon import START_SECONDS, Daemon, ServerStartError
from tests.servers.debian import require_node
from tests.servers.ports import HOST, free_ports

AUDIENCE = "https://director.example.test/api"
_SECRET = "secret-of-a-test"
_NODE = Path(__file__).parents[1] / "node"


class OidcProvider:
    """A running provider; leaving the `with` block stops it. People sign in to the `console` of that address."""

    def __init__(self, folder: Path, *, console: str | None = None) -> None:
        require_node()
        (self._port,) = free_ports(1)
        self._log = folder / "oidc-provider.log"
        self.issuer = f"http://{HOST}:{self._port}"
        self._console = [] if console is None else [console]
        self._daemon = self._started()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._daemon.stop()

    def restart(self) -> None:
        """Start anew at the same address, with another signing key."""
        self._daemon.stop()
        self._daemon = self._started()

    def access_token(self, role: str) -> str:
        """Get an access token for the Director, whose claim `role` is `role`."""
        body = {"grant_type": "client_credentials", "resource": AUDIENCE}
        answer = httpx.post(f"{self.issuer}/token", data=body, auth=(role, _SECRET)).raise_for_status()
        token: str = answer.json()["access_token"]
        return token

    def _started(self) -> Daemon:
        command = ["node", "--require", str(_NODE / "loopback.cjs"), str(_NODE / "oidc-provider.cjs")]
        daemon = Daemon([*command, str(self._port), AUDIENCE, *self._console], log=self._log)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                httpx.get(f"{self.issuer}/.well-known/openid-configuration", timeout=2).raise_for_status()
            except httpx.HTTPError as error:
                if time.monotonic() > deadline:
                    daemon.stop()
                    raise ServerStartError(self._log.read_text(errors="replace")[-2000:]) from error
                time.sleep(0.05)  # the kernel offers no event for "another process listens now"
            else:
                return daemon
