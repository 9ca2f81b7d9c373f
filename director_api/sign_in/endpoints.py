"""The route that tells a frontend how to sign someone in. It is open: nobody is signed in yet."""

from fastapi import APIRouter, Request

from director_api.sign_in.oidc import Oidc
from director_api.sign_in.schemas import OidcRead, SignInRead

router = APIRouter(tags=["Sign-in"])


@router.get("/sign-in")
async def get_sign_in(request: Request) -> SignInRead:
    """Tell how to sign in."""
    oidc: Oidc | None = request.app.state.oidc
    if oidc is None:
        return SignInRead(oidc=None)
    return SignInRead(
        oidc=OidcRead(
            issuer=oidc.issuer, audience=oidc.audience, client_id=oidc.client_id, scopes=list(oidc.scopes)
        )
    )
