"""Opening what the Director sealed to this Actor for one lease (``wire_contract.sealing``)."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.registry import HeaderParameter
from pydantic import TypeAdapter, ValidationError

from actor_agent.sealing_key import load_key
from actor_agent.secret import Secret
from wire_contract.jobs import Credentials
from wire_contract.sealing import CONTENT_ENCRYPTION, KEY_AGREEMENT, SealedHeader

_CREDENTIALS: TypeAdapter[Credentials] = TypeAdapter(Credentials)
_REGISTRY = jwe.JWERegistry(
    algorithms=[KEY_AGREEMENT, CONTENT_ENCRYPTION],
    header_registry={
        "lease_id": HeaderParameter("Lease", "str", True),
        "actor_id": HeaderParameter("Actor", "str", True),
        "exp": HeaderParameter("Expiry", "int", True),
    },
)


class SealUnreadable(Exception):  # noqa: N818  # named for the condition that it is
    """The credentials were not sealed to this Actor and lease, or their time has passed."""


class Unsealer:
    """Holds the Actor's private key. ``now`` is the Director's clock."""

    def __init__(self, private_key: Secret, actor_id: str, now: Callable[[], datetime]) -> None:
        self._key: OKPKey = load_key(private_key)
        self._actor_id = actor_id
        self._now = now

    def open(self, sealed: str, lease_id: UUID) -> Credentials:
        """Return the credentials that were sealed for ``lease_id``.

        Raises:
            SealUnreadable: they are for another key, lease, Actor or time, or are none.
        """
        try:
            opened = jwe.decrypt_compact(sealed, self._key, registry=_REGISTRY)
            header = SealedHeader.model_validate(opened.protected)
            credentials = _CREDENTIALS.validate_json(opened.plaintext or b"")
        except (JoseError, ValidationError, ValueError, KeyError, TypeError) as error:
            raise SealUnreadable(f"the seal can't be opened: {type(error).__name__}") from None
        self._compare(header, lease_id)
        return credentials

    def _compare(self, header: SealedHeader, lease_id: UUID) -> None:
        wrong = {
            "key": header.kid != self._key.thumbprint(),
            "lease": header.lease_id != lease_id,
            "Actor": str(header.actor_id) != self._actor_id,
            "time": header.exp <= self._now().timestamp(),
        }
        if any(wrong.values()):
            which = ", ".join(name for name, differs in wrong.items() if differs)
            raise SealUnreadable(f"the seal is for another {which}")
