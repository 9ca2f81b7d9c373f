"""Events are counted as PostgreSQL takes them in: their ids follow the clock of the Director that made them"""

import sqlalchemy as sa
from alembic import op

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None

_UNPUBLISHED = sa.text("position IS NULL")


def upgrade() -> None:
    """Bring the schema forward; what is there already is counted as it lies in the table."""
    if op.get_bind().dialect.name == "sqlite":  # which has one Director: its ids are in order
        op.add_column("event", sa.Column("made", sa.BigInteger(), nullable=True))
    else:
        op.add_column("event", sa.Column("made", sa.BigInteger(), sa.Identity(), nullable=False))
    _index("made", "id")


def downgrade() -> None:
    """Take the schema back."""
    _index("id")
    with op.batch_alter_table("event") as table:
        table.drop_column("made")


def _index(*columns: str) -> None:
    op.drop_index("ix_event_unpublished", "event")
    op.create_index(
        "ix_event_unpublished",
        "event",
        list(columns),
        sqlite_where=_UNPUBLISHED,
        postgresql_where=_UNPUBLISHED,
    )
