"""The first tables"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from director_api.database import UtcDateTime

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "api_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("role IN ('viewer', 'operator', 'admin')", name=op.f("ck_api_token_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("name", name=op.f("uq_api_token_name")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_table(
        "data_key",
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("secret_key_id", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", name=op.f("pk_data_key")),
    )
    op.create_table(
        "email_actions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("configuration", _JSON, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_email_actions_only")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_actions")),
    )
    op.create_table(
        "email_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("configuration", _JSON, nullable=False),
        sa.Column("password_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("password_changed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_email_settings_only")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_settings")),
    )
    op.create_table(
        "failed_login",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_login")),
    )
    with op.batch_alter_table("failed_login", schema=None) as batch_op:
        batch_op.create_index("ix_failed_login_account_at", ["account", "at"], unique=False)

    op.create_table(
        "security_zone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_zone")),
        sa.UniqueConstraint("name", name=op.f("uq_security_zone_name")),
    )
    op.create_table(
        "actor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("security_zone_id", sa.Uuid(), nullable=True),
        sa.Column("credential_hash", sa.LargeBinary(), nullable=True),
        sa.Column("public_key", _JSON, nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("capabilities", _JSON, nullable=False),
        sa.Column("interfaces", _JSON, nullable=False),
        sa.Column("addresses", _JSON, nullable=False),
        sa.Column("draining", sa.Boolean(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=True),
        sa.Column("enrolled_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["security_zone_id"], ["security_zone.id"], name=op.f("fk_actor_security_zone_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actor")),
        sa.UniqueConstraint("credential_hash", name=op.f("uq_actor_credential_hash")),
        sa.UniqueConstraint("name", name=op.f("uq_actor_name")),
    )
    with op.batch_alter_table("actor", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_actor_security_zone_id"), ["security_zone_id"], unique=False)

    op.create_table(
        "email_profile",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("authenticated_revision", sa.Integer(), nullable=True),
        sa.Column("server_type", sa.String(), nullable=False),
        sa.Column("email_address", sa.String(), nullable=False),
        sa.Column("security_zone_id", sa.Uuid(), nullable=True),
        sa.Column("send_verification_manually", sa.Boolean(), nullable=False),
        sa.Column("configuration", _JSON, nullable=False),
        sa.Column("reverify_every_hours", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["security_zone_id"], ["security_zone.id"], name=op.f("fk_email_profile_security_zone_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_profile")),
    )
    with op.batch_alter_table("email_profile", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_email_profile_security_zone_id"), ["security_zone_id"], unique=False
        )

    op.create_table(
        "enrollment_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("security_zone_id", sa.Uuid(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_by", sa.Uuid(), nullable=True),
        sa.Column("used_key", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["actor.id"], name=op.f("fk_enrollment_token_actor_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["security_zone_id"],
            ["security_zone.id"],
            name=op.f("fk_enrollment_token_security_zone_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrollment_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_enrollment_token_token_hash")),
    )
    op.create_table(
        "manual_code",
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("earlier_locators", _JSON, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["email_profile.id"], name=op.f("fk_manual_code_profile_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("profile_id", name=op.f("pk_manual_code")),
    )
    op.create_table(
        "profile_actor",
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("failure_code", sa.String(), nullable=True),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("status IN ('verified', 'unverified')", name=op.f("ck_profile_actor_status")),
        sa.ForeignKeyConstraint(["actor_id"], ["actor.id"], name=op.f("fk_profile_actor_actor_id")),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["email_profile.id"], name=op.f("fk_profile_actor_profile_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("profile_id", "actor_id", name=op.f("pk_profile_actor")),
    )
    with op.batch_alter_table("profile_actor", schema=None) as batch_op:
        batch_op.create_index("ix_profile_actor_actor_id", ["actor_id"], unique=False)

    op.create_table(
        "profile_secret",
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["email_profile.id"],
            name=op.f("fk_profile_secret_profile_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("profile_id", "path", name=op.f("pk_profile_secret")),
    )
    op.create_table(
        "verification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column("manual", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'running') = (finished_at IS NULL)", name=op.f("ck_verification_finished_at")
        ),
        sa.CheckConstraint(
            "state IN ('running', 'finished', 'cancelled')", name=op.f("ck_verification_state")
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["email_profile.id"], name=op.f("fk_verification_profile_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
    )
    with op.batch_alter_table("verification", schema=None) as batch_op:
        batch_op.create_index("ix_verification_profile_id_id", ["profile_id", "id"], unique=False)
        batch_op.create_index(
            "uq_verification_running",
            ["profile_id"],
            unique=True,
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        )

    op.create_table(
        "check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("verification_id", sa.Uuid(), nullable=False),
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("actor_zone_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("mail", sa.String(), nullable=False),
        sa.Column("failure_code", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("code_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("code_made_at", UtcDateTime(), nullable=False),
        sa.Column("lease_id", sa.Uuid(), nullable=True),
        sa.Column("lease_expires_at", UtcDateTime(), nullable=True),
        sa.Column("look_at", UtcDateTime(), nullable=False),
        sa.Column("offline_at", UtcDateTime(), nullable=False),
        sa.Column("send_until", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("mail_reply", sa.String(), nullable=True),
        sa.Column("search_until", UtcDateTime(), nullable=True),
        sa.Column("searched_at", UtcDateTime(), nullable=True),
        sa.Column("deadline_at", UtcDateTime(), nullable=True),
        sa.Column("proof", sa.String(), nullable=True),
        sa.Column("diagnostics", _JSON, nullable=False),
        sa.Column("warnings", _JSON, nullable=False),
        sa.Column("evidence", _JSON, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(state = 'leased') = (lease_id IS NOT NULL)", name=op.f("ck_check_lease")),
        sa.CheckConstraint(
            "(state = 'unverified') = (failure_code IS NOT NULL)", name=op.f("ck_check_failure_code")
        ),
        sa.CheckConstraint(
            "(state IN ('queued', 'leased')) = (ended_at IS NULL)", name=op.f("ck_check_ended_at")
        ),
        sa.CheckConstraint(
            "mail IN ('none', 'queued', 'sent', 'deferred', 'failed')", name=op.f("ck_check_mail")
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'leased', 'verified', 'unverified', 'cancelled')",
            name=op.f("ck_check_state"),
        ),
        sa.ForeignKeyConstraint(
            ["verification_id"],
            ["verification.id"],
            name=op.f("fk_check_verification_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check")),
    )
    with op.batch_alter_table("check", schema=None) as batch_op:
        batch_op.create_index(
            "ix_check_deadline_at",
            ["deadline_at"],
            unique=False,
            sqlite_where=sa.text("deadline_at IS NOT NULL"),
            postgresql_where=sa.text("deadline_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_check_leased_profile_id",
            ["profile_id"],
            unique=False,
            sqlite_where=sa.text("state = 'leased'"),
            postgresql_where=sa.text("state = 'leased'"),
        )
        batch_op.create_index(
            "ix_check_queued",
            ["actor_id", "look_at"],
            unique=False,
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )
        batch_op.create_index("ix_check_verification_id", ["verification_id"], unique=False)

    op.create_table(
        "lease",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["check_id"], ["check.id"], name=op.f("fk_lease_check_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lease")),
    )
    with op.batch_alter_table("lease", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lease_check_id"), ["check_id"], unique=False)

    op.create_table(
        "outbox_message",
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["check_id"], ["check.id"], name=op.f("fk_outbox_message_check_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("check_id", name=op.f("pk_outbox_message")),
    )
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_message_next_attempt_at", ["next_attempt_at"], unique=False)


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_message_next_attempt_at")

    op.drop_table("outbox_message")
    with op.batch_alter_table("lease", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lease_check_id"))

    op.drop_table("lease")
    with op.batch_alter_table("check", schema=None) as batch_op:
        batch_op.drop_index("ix_check_verification_id")
        batch_op.drop_index(
            "ix_check_queued",
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )
        batch_op.drop_index(
            "ix_check_leased_profile_id",
            sqlite_where=sa.text("state = 'leased'"),
            postgresql_where=sa.text("state = 'leased'"),
        )
        batch_op.drop_index(
            "ix_check_deadline_at",
            sqlite_where=sa.text("deadline_at IS NOT NULL"),
            postgresql_where=sa.text("deadline_at IS NOT NULL"),
        )

    op.drop_table("check")
    with op.batch_alter_table("verification", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_verification_running",
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        )
        batch_op.drop_index("ix_verification_profile_id_id")

    op.drop_table("verification")
    op.drop_table("profile_secret")
    with op.batch_alter_table("profile_actor", schema=None) as batch_op:
        batch_op.drop_index("ix_profile_actor_actor_id")

    op.drop_table("profile_actor")
    op.drop_table("manual_code")
    op.drop_table("enrollment_token")
    with op.batch_alter_table("email_profile", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_email_profile_security_zone_id"))

    op.drop_table("email_profile")
    with op.batch_alter_table("actor", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_actor_security_zone_id"))

    op.drop_table("actor")
    op.drop_table("security_zone")
    with op.batch_alter_table("failed_login", schema=None) as batch_op:
        batch_op.drop_index("ix_failed_login_account_at")

    op.drop_table("failed_login")
    op.drop_table("email_settings")
    op.drop_table("email_actions")
    op.drop_table("data_key")
    op.drop_table("api_token")
