"""POP3 profiles that name their own account as the mailbox: it is the only one there is, so it goes without saying"""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the rows forward."""
    profile = sa.table(
        "email_profile",
        sa.column("id", sa.Uuid()),
        sa.column("server_type"),
        sa.column("configuration", sa.JSON()),
    )
    connection = op.get_bind()
    found = sa.select(profile.c.id, profile.c.configuration).where(profile.c.server_type == "pop3")
    for profile_id, configuration in connection.execute(found).all():
        if configuration.get("mailbox") not in (None, "INBOX"):
            connection.execute(
                sa.update(profile)
                .where(profile.c.id == profile_id)
                .values(configuration={**configuration, "mailbox": None})
            )


def downgrade() -> None:
    """Leave the rows: null means the same to every version."""
