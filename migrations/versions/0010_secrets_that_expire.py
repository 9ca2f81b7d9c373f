"""When an app's client secret expires.

Revision ID: 0010
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

from director_api.database import UtcDateTime

revision = "0010"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("email_profile", sa.Column("client_secret_expires_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("email_profile") as batch_op:
        batch_op.drop_column("client_secret_expires_at")
