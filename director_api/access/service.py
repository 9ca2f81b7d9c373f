"""Minting, listing and revoking API tokens."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.access.models import ApiToken
from director_api.access.roles import Role
from director_api.access.tokens import TokenKind, new_token
from director_api.audit.log import Change, differences
from director_api.clock import new_id, utc_now
from director_api.problems import invalid_field, not_found
from director_api.vault import Vault


async def mint_api_token(
    session: AsyncSession, vault: Vault, *, name: str, role: Role, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Store a new token and return it in clear, for the only time.

    Raises:
        Problem: the name is taken, or the expiry has passed.
    """
    if expires_at is not None and expires_at <= utc_now():
        raise invalid_field("/expires_at", "invalid_value", "This moment has passed already.")
    if await session.scalar(select(ApiToken.id).where(ApiToken.name == name)):
        raise invalid_field("/name", "taken", "Another API token has this name.")
    token = new_token(TokenKind.API)
    row = ApiToken(
        id=new_id(),
        name=name,
        role=role.value,
        token_hash=vault.hash_token(token),
        expires_at=expires_at,
        created_at=utc_now(),
    )
    session.add(row)
    await session.flush()
    return row, token


def token_minted(row: ApiToken) -> dict[str, Change]:
    """Return what the audit log says of a new token."""
    expires_at = row.expires_at and row.expires_at.isoformat()
    shown = {"name": row.name, "role": row.role, "expires_at": expires_at}
    return differences({}, shown)


async def revoke_api_token(session: AsyncSession, token_id: UUID) -> None:
    """End a token.

    Raises:
        Problem: there is no such token.
    """
    row = await session.scalar(delete(ApiToken).where(ApiToken.id == token_id).returning(ApiToken.id))
    if row is None:
        raise not_found("API token")
