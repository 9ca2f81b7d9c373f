"""Deliveries that are a week old are found without reading all"""

from alembic import op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_index("ix_webhook_delivery_created_at", "webhook_delivery", ["created_at"])


def downgrade() -> None:
    """Take the schema back."""
    op.drop_index("ix_webhook_delivery_created_at", "webhook_delivery")
