"""What was said to the mail servers, kept with the check"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0071"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column(
        "check",
        sa.Column("transcript", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True),
    )


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("check") as table:
        table.drop_column("transcript")
