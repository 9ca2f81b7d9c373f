"""Whose turn it is: what a person started first, and only so many checks at a mail server"""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0072"
branch_labels = None
depends_on = None

_QUEUED = sa.text("state = 'queued'")
_LEASED = sa.text("state = 'leased'")


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("check", sa.Column("priority", sa.SmallInteger(), nullable=False, server_default="1"))
    op.add_column("check", sa.Column("mail_host", sa.String(), nullable=True))
    op.add_column("check", sa.Column("account", sa.String(), nullable=True))
    op.create_index(
        "ix_check_turn",
        "check",
        ["actor_id", "priority", "look_at"],
        sqlite_where=_QUEUED,
        postgresql_where=_QUEUED,
    )
    for column in ("mail_host", "account"):
        op.create_index(
            f"ix_check_leased_{column}", "check", [column], sqlite_where=_LEASED, postgresql_where=_LEASED
        )
    op.add_column(
        "outbox_message", sa.Column("priority", sa.SmallInteger(), nullable=False, server_default="1")
    )
    op.add_column("outbox_message", sa.Column("turn_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE outbox_message SET turn_at = next_attempt_at")
    with op.batch_alter_table("outbox_message") as table:
        table.alter_column("turn_at", nullable=False)
    op.create_index("ix_outbox_message_turn", "outbox_message", ["priority", "turn_at"])


def downgrade() -> None:
    """Take the schema back."""
    op.drop_index("ix_outbox_message_turn", "outbox_message")
    with op.batch_alter_table("outbox_message") as table:
        table.drop_column("turn_at")
        table.drop_column("priority")
    for name in ("turn", "leased_mail_host", "leased_account"):
        op.drop_index(f"ix_check_{name}", "check")
    with op.batch_alter_table("check") as table:
        for column in ("account", "mail_host", "priority"):
            table.drop_column(column)
