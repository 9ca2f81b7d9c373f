"""What was said to the servers, kept with the parts of a connectivity check"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0072"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column(
        "job",
        sa.Column("transcript", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True),
    )


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("job") as table:
        table.drop_column("transcript")
