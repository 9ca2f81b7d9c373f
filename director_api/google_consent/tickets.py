"""The tokens of one consent: who may start it, which browser it belongs to, and that Google's answer is its own."""

import base64
import hmac
import secrets
from uuid import UUID

from director_api.google_consent.models import ConsentRequest
from director_api.vault import Vault


def new_token() -> str:
    """Make a token of 256 bits."""
    return secrets.token_urlsafe(32)


def state_of(vault: Vault, row: ConsentRequest) -> str:
    """Return the ``state``: signed, and bound to the request, its profile, its caller and its browser."""
    bound = f"{row.id}:{row.profile_id}:{row.revision}:{row.caller}:{(row.browser_hash or b'').hex()}"
    return f"{row.id.hex}.{_keyed(vault, 'consent-state:' + bound)}"


def request_of(state: str) -> UUID | None:
    """Return which request ``state`` claims to answer."""
    try:
        return UUID(hex=state.partition(".")[0])
    except ValueError:
        return None


def is_state(vault: Vault, row: ConsentRequest, state: str) -> bool:
    """Tell in constant time whether ``state`` is the one that the browser was sent off with."""
    return hmac.compare_digest(state_of(vault, row).encode(), state.encode())


def is_browser(vault: Vault, row: ConsentRequest, cookie: str) -> bool:
    """Tell whether the cookie is of the browser that opened the start page."""
    return row.browser_hash is not None and hmac.compare_digest(row.browser_hash, vault.hash_token(cookie))


def verifier_of(vault: Vault, row: ConsentRequest) -> str:
    """Return the code verifier (RFC 7636, section 4.1): made of the request, so that it is stored nowhere."""
    return _keyed(vault, f"consent-verifier:{row.id}:{(row.browser_hash or b'').hex()}")


def _keyed(vault: Vault, text: str) -> str:
    return base64.urlsafe_b64encode(vault.hash_token(text)).decode().rstrip("=")
