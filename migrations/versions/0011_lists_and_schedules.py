"""What lists filter and sort by, and when a schedule verifies next.

Revision ID: 0011
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

from director_api.database import UtcDateTime
from director_api.email_profiles.search_text import search_text
from director_api.email_profiles.standing import account_status

revision = "0011"
down_revision = "0031"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_email_profile_email_address_id": ["email_address", "id"],
    "ix_email_profile_updated_at_id": ["updated_at", "id"],
    "ix_email_profile_account_status_id": ["account_status", "id"],
    "ix_email_profile_server_type_id": ["server_type", "id"],
}
_PARTIAL = {
    "ix_email_profile_next_verification_at": "next_verification_at",
    "ix_email_profile_secret_notice_at": "secret_notice_at",
}


def upgrade() -> None:
    """Add the columns, fill them for what stands, and index them."""
    with op.batch_alter_table("email_profile") as batch_op:
        batch_op.add_column(
            sa.Column("account_status", sa.String(), nullable=False, server_default="unverified")
        )
        batch_op.add_column(sa.Column("search_text", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("next_verification_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("schedule_problem", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("secret_notice_at", UtcDateTime(), nullable=True))
        batch_op.create_check_constraint(
            "account_status", "account_status IN ('verified', 'partially_verified', 'unverified')"
        )
    _fill()
    for name, columns in _INDEXES.items():
        op.create_index(name, "email_profile", columns)
    for name, column in _PARTIAL.items():
        present = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, "email_profile", [column], sqlite_where=present, postgresql_where=present)


def _fill() -> None:
    connection = op.get_bind()
    profile = sa.table(
        "email_profile",
        sa.column("id", sa.Uuid()),
        sa.column("email_address"),
        sa.column("note"),
        sa.column("configuration", sa.JSON()),
        sa.column("account_status"),
        sa.column("search_text"),
        sa.column("reverify_every_hours"),
        sa.column("next_verification_at", UtcDateTime()),
        sa.column("client_secret_expires_at", UtcDateTime()),
        sa.column("secret_notice_at", UtcDateTime()),
    )
    actor = sa.table("profile_actor", sa.column("profile_id", sa.Uuid()), sa.column("status"))
    statuses: dict[object, list[str]] = {}
    for profile_id, status in connection.execute(sa.select(actor.c.profile_id, actor.c.status)):
        statuses.setdefault(profile_id, []).append(status)
    rows = connection.execute(
        sa.select(profile.c.id, profile.c.email_address, profile.c.note, profile.c.configuration)
    ).all()
    for profile_id, address, note, configuration in rows:
        connection.execute(
            sa.update(profile)
            .where(profile.c.id == profile_id)
            .values(
                account_status=account_status(statuses.get(profile_id, [])),
                search_text=search_text(address, note, configuration),
            )
        )
    # The loops look at both at once, and set the moments that follow.
    now: sa.ColumnClause[object] = sa.literal_column("CURRENT_TIMESTAMP")
    connection.execute(
        sa.update(profile).where(profile.c.reverify_every_hours.is_not(None)).values(next_verification_at=now)
    )
    connection.execute(
        sa.update(profile).where(profile.c.client_secret_expires_at.is_not(None)).values(secret_notice_at=now)
    )


def downgrade() -> None:
    """Take them back."""
    for name in (*_INDEXES, *_PARTIAL):
        op.drop_index(name, "email_profile")
    with op.batch_alter_table("email_profile") as batch_op:
        batch_op.drop_constraint(op.f("ck_email_profile_account_status"), type_="check")
        for column in (
            "secret_notice_at",
            "schedule_problem",
            "next_verification_at",
            "search_text",
            "account_status",
        ):
            batch_op.drop_column(column)
