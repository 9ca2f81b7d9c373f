"""What an Actor is asked to do, how often it polls, and what it found out about itself"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from director_api.database import UtcDateTime

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")

revision = "0041"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("actor") as table:
        table.add_column(sa.Column("poll_seconds", sa.Integer(), nullable=False, server_default="60"))
        table.add_column(sa.Column("paused", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("stopped", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("asked", _JSON, nullable=False, server_default="[]"))
        table.add_column(sa.Column("ask_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("self_diagnosis", _JSON, nullable=False, server_default="[]"))
        table.add_column(sa.Column("self_diagnosed_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("next_credential_hash", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("next_public_key", _JSON, nullable=True))
        table.create_unique_constraint("uq_actor_next_credential_hash", ["next_credential_hash"])
    asking = sa.text("ask_at IS NOT NULL")
    op.create_index("ix_actor_ask_at", "actor", ["ask_at"], sqlite_where=asking, postgresql_where=asking)
    with op.batch_alter_table("check") as table:
        table.add_column(sa.Column("failure_detail", sa.String(), nullable=True))


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("check") as table:
        table.drop_column("failure_detail")
    op.drop_index("ix_actor_ask_at", "actor")
    with op.batch_alter_table("actor") as table:
        table.drop_constraint("uq_actor_next_credential_hash", type_="unique")
        for column in (
            "next_public_key",
            "next_credential_hash",
            "self_diagnosed_at",
            "self_diagnosis",
            "ask_at",
            "asked",
            "stopped",
            "paused",
            "poll_seconds",
        ):
            table.drop_column(column)
