"""The log of events, and what was last told of an Actor"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from director_api.database import UtcDateTime

revision = "0030"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("profile_id", sa.Uuid(), nullable=True),
        sa.Column("data", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    unpublished = sa.text("position IS NULL")
    op.create_index("ix_event_position", "event", ["position"], unique=True)
    op.create_index(
        "ix_event_unpublished", "event", ["id"], sqlite_where=unpublished, postgresql_where=unpublished
    )
    op.create_index("ix_event_created_at", "event", ["created_at"])
    feed = op.create_table(
        "event_feed_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        sa.Column("purged_position", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_event_feed_state_only")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_feed_state")),
    )
    op.bulk_insert(feed, [{"id": 1, "last_position": 0, "purged_position": 0}])
    with op.batch_alter_table("actor") as actor:
        actor.add_column(sa.Column("told_online", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("actor") as actor:
        actor.drop_column("told_online")
    op.drop_table("event_feed_state")
    op.drop_table("event")
