"""The password of the mailbox that undeliverable mail comes back to"""

import sqlalchemy as sa
from alembic import op

from director_api.database import UtcDateTime

revision = "0073"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("email_settings", sa.Column("bounces_password_encrypted", sa.LargeBinary(), nullable=True))
    op.add_column("email_settings", sa.Column("bounces_password_changed_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("email_settings") as table:
        table.drop_column("bounces_password_changed_at")
        table.drop_column("bounces_password_encrypted")
