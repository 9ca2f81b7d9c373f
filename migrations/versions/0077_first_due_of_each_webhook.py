"""The first deliveries that are due to each webhook are found without reading those that wait behind them"""

import sqlalchemy as sa
from alembic import op

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None

_WAITING = sa.text("next_attempt_at IS NOT NULL")
_TABLE = "webhook_delivery"


def upgrade() -> None:
    """Bring the schema forward."""
    op.drop_index("ix_webhook_delivery_next_attempt_at", _TABLE)
    _create("ix_webhook_delivery_webhook_id_next_attempt_at", "webhook_id", "next_attempt_at")


def downgrade() -> None:
    """Take the schema back."""
    op.drop_index("ix_webhook_delivery_webhook_id_next_attempt_at", _TABLE)
    _create("ix_webhook_delivery_next_attempt_at", "next_attempt_at")


def _create(name: str, *columns: str) -> None:
    op.create_index(name, _TABLE, list(columns), sqlite_where=_WAITING, postgresql_where=_WAITING)
