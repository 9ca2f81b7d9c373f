"""Jobs without mail: connectivity checks and look-ups"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from director_api.database import UtcDateTime

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")

revision = "0040"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "job_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("profile_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("server_type", sa.String(), nullable=False),
        sa.Column("email_address", sa.String(), nullable=False),
        sa.Column("configuration", _JSON, nullable=False),
        sa.Column("account", sa.String(), nullable=True),
        sa.Column("secrets_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("authenticated", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('connectivity', 'autoconfig')", name=op.f("ck_job_run_kind")),
        sa.CheckConstraint("state IN ('running', 'finished', 'cancelled')", name=op.f("ck_job_run_state")),
        sa.CheckConstraint(
            "(state = 'running') = (finished_at IS NULL)", name=op.f("ck_job_run_finished_at")
        ),
        sa.CheckConstraint(
            "state = 'running' OR secrets_encrypted IS NULL", name=op.f("ck_job_run_secrets_encrypted")
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["email_profile.id"],
            name=op.f("fk_job_run_profile_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
    )
    op.create_index("ix_job_run_profile_id_id", "job_run", ["profile_id", "id"])
    op.create_index("ix_job_run_started_at", "job_run", ["started_at"])
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("actor_zone_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("failure_code", sa.String(), nullable=True),
        sa.Column("failure_detail", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_id", sa.Uuid(), nullable=True),
        sa.Column("lease_expires_at", UtcDateTime(), nullable=True),
        sa.Column("look_at", UtcDateTime(), nullable=False),
        sa.Column("offline_at", UtcDateTime(), nullable=False),
        sa.Column("deadline_at", UtcDateTime(), nullable=True),
        sa.Column("diagnostics", _JSON, nullable=False),
        sa.Column("warnings", _JSON, nullable=False),
        sa.Column("answer", _JSON, nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'leased', 'connected', 'answered', 'unverified', 'cancelled')",
            name=op.f("ck_job_state"),
        ),
        sa.CheckConstraint(
            "(state = 'unverified') = (failure_code IS NOT NULL)", name=op.f("ck_job_failure_code")
        ),
        sa.CheckConstraint("(state = 'leased') = (lease_id IS NOT NULL)", name=op.f("ck_job_lease")),
        sa.CheckConstraint(
            "(state IN ('queued', 'leased')) = (ended_at IS NULL)", name=op.f("ck_job_ended_at")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["job_run.id"], name=op.f("fk_job_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index("ix_job_run_id", "job", ["run_id"])
    op.create_index(
        "ix_job_queued",
        "job",
        ["actor_id", "look_at"],
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_job_deadline_at",
        "job",
        ["deadline_at"],
        sqlite_where=sa.text("deadline_at IS NOT NULL"),
        postgresql_where=sa.text("deadline_at IS NOT NULL"),
    )
    op.create_table(
        "job_lease",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_job_lease_job_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_lease")),
    )
    op.create_index(op.f("ix_job_lease_job_id"), "job_lease", ["job_id"])


def downgrade() -> None:
    """Take the schema back."""
    for table in ("job_lease", "job", "job_run"):
        op.drop_table(table)
