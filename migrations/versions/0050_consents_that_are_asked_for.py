"""Consents of Google mailboxes' owners that are asked for"""

import sqlalchemy as sa
from alembic import op

from director_api.database import UtcDateTime

revision = "0050"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "consent_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("ticket_hash", sa.LargeBinary(), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["email_profile.id"],
            name=op.f("fk_consent_request_profile_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_request")),
    )
    op.create_index("ix_consent_request_ticket_hash", "consent_request", ["ticket_hash"], unique=True)
    op.create_index(op.f("ix_consent_request_profile_id"), "consent_request", ["profile_id"])


def downgrade() -> None:
    """Take the schema back."""
    op.drop_table("consent_request")
