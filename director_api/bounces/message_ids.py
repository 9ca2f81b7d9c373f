"""The Message-ID of a check's message: what comes back is matched by it, and nobody can make one up.

It holds a hash of the code, so only who has seen the message itself can refer to it.
"""

import hashlib
import hmac
import re
from uuid import UUID

_OURS = re.compile(r"<?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([0-9a-f]{16})@")


def message_id_for(check_id: UUID, code: str, domain: str) -> str:
    """Return the Message-ID of the message that carries ``code``; the same at each try to send it."""
    return f"<{check_id}.{_hash(code)}@{domain}>"


def check_named_by(message_id: str) -> UUID | None:
    """Return the check that ``message_id`` names, whether or not it is genuine; None if it is not ours."""
    match = _OURS.match(message_id.strip())
    return UUID(match[1]) if match else None


def is_genuine(message_id: str, code: str) -> bool:
    """Tell whether whoever wrote ``message_id`` has seen the message that carries ``code``."""
    match = _OURS.match(message_id.strip())
    return match is not None and hmac.compare_digest(match[2], _hash(code))


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()[:16]
