"""Profiles that log in by tokens name the cloud that gives them out: so far it was the global one"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None

_PROFILE = sa.table("email_profile", sa.column("id", sa.Uuid()), sa.column("configuration", sa.JSON()))


def upgrade() -> None:
    """Bring the rows forward."""
    for profile_id, configuration in _by_token():
        _keep(profile_id, {**configuration, "oauth": {"cloud": "global", **configuration["oauth"]}})


def downgrade() -> None:
    """Take the rows back; the version before asks the global cloud for all of them."""
    for profile_id, configuration in _by_token():
        oauth = {name: value for name, value in configuration["oauth"].items() if name != "cloud"}
        _keep(profile_id, {**configuration, "oauth": oauth})


def _by_token() -> list[tuple[Any, dict[str, Any]]]:
    rows = op.get_bind().execute(sa.select(_PROFILE.c.id, _PROFILE.c.configuration)).all()
    return [(profile_id, configuration) for profile_id, configuration in rows if configuration.get("oauth")]


def _keep(profile_id: Any, configuration: dict[str, Any]) -> None:
    changed = sa.update(_PROFILE).where(_PROFILE.c.id == profile_id).values(configuration=configuration)
    op.get_bind().execute(changed)
