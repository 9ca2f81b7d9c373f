"""What a frontend asks before and after someone signs in."""

from fastapi import APIRouter, Request

from director_api.access.callers import Viewer
from director_api.problems import responses
from director_api.sign_in.oidc import Oidc
from director_api.sign_in.schemas import CallerRead, OidcRead, SignInRead

router = APIRouter(tags=["Sign-in"])


@router.get("/sign-in")
async def get_sign_in(request: Request) -> SignInRead:
    """Tell how to sign in. It is open: nobody is signed in yet."""
    oidc: Oidc | None = request.app.state.oidc
    if oidc is None:
        return SignInRead(oidc=None)
    return SignInRead(
        oidc=OidcRead(
            issuer=oidc.issuer, audience=oidc.audience, client_id=oidc.client_id, scopes=list(oidc.scopes)
        )
    )


@router.get("/whoami", responses=responses(401, 403))
async def get_whoami(caller: Viewer) -> CallerRead:
    """Tell who calls, and what they may do."""
    return CallerRead(
        kind=caller.who.kind,
        id=caller.who.id,
        name=caller.who.name,
        role=caller.role,
        expires_at=caller.expires_at,
    )
