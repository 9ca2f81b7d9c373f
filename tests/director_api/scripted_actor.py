"""An Actor that speaks the protocol truly and says whatever a test lets it say."""

import json
from dataclasses import dataclass
from typing import Any, Self

import httpx
from joserfc import jwe
from joserfc.jwk import OKPKey

AUTHENTICATED = {"step": "authenticate", "outcome": "ok", "milliseconds": 5}


@dataclass
class ScriptedActor:
    """An enrolled Actor."""

    id: str
    name: str
    credential: str
    key: OKPKey
    client: httpx.AsyncClient

    @classmethod
    async def enroll(cls, client: httpx.AsyncClient, token: str, name: str) -> Self:
        """Enroll with a one-time token."""
        key = OKPKey.generate_key("X25519")
        answer = await client.post("/actor/enroll", json=enrollment(token, name, key))
        assert answer.status_code == 201, answer.text
        return cls(answer.json()["actor_id"], name, answer.json()["credential"], key, client)

    async def poll(self, capacity: int = 1, wait_seconds: float = 0) -> list[dict[str, Any]]:
        """Ask for work."""
        answer = await self.call(
            "POST", "/actor/leases", {"capacity": capacity, "wait_seconds": wait_seconds}
        )
        if answer.status_code == 204:
            return []
        assert answer.status_code == 200, answer.text
        leases: list[dict[str, Any]] = answer.json()["leases"]
        return leases

    async def renew(self, lease: dict[str, Any], **update: Any) -> httpx.Response:
        """Renew a lease."""
        return await self.call("PATCH", f"/actor/leases/{lease['id']}", update)

    async def hand_back(self, lease: dict[str, Any], look_again_at: str) -> httpx.Response:
        """Hand a lease back."""
        return await self.renew(lease, hand_back=True, look_again_at=look_again_at)

    async def report(self, lease: dict[str, Any], **result: Any) -> httpx.Response:
        """Report a result."""
        return await self.call("POST", f"/actor/leases/{lease['id']}/result", result)

    async def call(self, method: str, path: str, body: Any) -> httpx.Response:
        """Call any route with the Actor's credential."""
        return await self.client.request(
            method, path, json=body, headers={"Authorization": f"Bearer {self.credential}"}
        )

    def unseal(self, lease: dict[str, Any]) -> dict[str, Any]:
        """Open what was sealed to this Actor."""
        registry = jwe.JWERegistry(algorithms=["ECDH-ES", "A256GCM"], strict_check_header=False)
        opened = jwe.decrypt_compact(lease["sealed"], self.key, registry=registry)
        clear: dict[str, Any] = json.loads(opened.plaintext or b"")
        return {"header": opened.protected, **clear}


def enrollment(token: str, name: str, key: OKPKey) -> dict[str, Any]:
    """Return the body of an enrollment."""
    return {
        "token": token,
        "name": name,
        "version": "test",
        "capabilities": [
            *("check", "connectivity", "autoconfig"),
            *("imap", "pop3", "microsoft_graph", "gmail"),
            *("plain", "ntlm", "xoauth2", "xoauth2_clouds"),
        ],
        "public_key": key.as_dict(private=False),
    }
