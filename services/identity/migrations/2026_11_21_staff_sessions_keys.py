"""Staff and their roles, sessions, sign-in attempts, signing keys and the keys of services."""

import sqlalchemy as sa
from alembic import op

revision = "identity_0001"
down_revision = None
branch_labels = ("identity",)
depends_on = ("chassis_0001",)

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _staff()
    _sessions()
    _keys()


def downgrade() -> None:
    for table in ("service_key", "signing_key", "sign_in_attempt", "session", "staff_grant", "staff"):
        op.drop_table(table)


def _staff() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("credential_version", sa.BigInteger, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("enrolled_by", sa.Uuid),
        sa.Column("enrolled_at", INSTANT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.UniqueConstraint("email", name="uq_staff_email"),
        sa.CheckConstraint("email = lower(email)", name="ck_staff_email_is_lower"),
        sa.CheckConstraint("version >= 1", name="ck_staff_version_counts"),
    )
    op.create_index("ix_staff_display_name_id", "staff", ["display_name", "id"])
    op.create_table(
        "staff_grant",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("staff_id", sa.Uuid, nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("location_id", sa.Uuid),
        sa.Column("granted_at", INSTANT, nullable=False),
        sa.Column("granted_by", sa.Uuid),
        sa.Column("revoked_at", INSTANT),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff_grant"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_staff_grant_staff_id"),
        sa.CheckConstraint(
            "role IN ('owner', 'manager', 'front_desk', 'practitioner', 'finance', 'stock_keeper', 'operator')",
            name="ck_staff_grant_role_is_known",
        ),
        sa.CheckConstraint("version >= 1", name="ck_staff_grant_version_counts"),
    )
    op.create_index(
        "uq_staff_grant_held",
        "staff_grant",
        ["staff_id", "role", "location_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(
        "ix_staff_grant_location_id", "staff_grant", ["location_id"], postgresql_where=sa.text("revoked_at IS NULL")
    )


def _sessions() -> None:
    op.create_table(
        "session",
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("staff_id", sa.Uuid, nullable=False),
        sa.Column("credential_version", sa.BigInteger, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("closes_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("secret_hash", name="pk_session"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_session_staff_id"),
        sa.CheckConstraint("length(secret_hash) = 32", name="ck_session_secret_hash_is_whole"),
        sa.CheckConstraint("closes_at > opened_at", name="ck_session_closes_after_it_opens"),
    )
    op.create_index("ix_session_closes_at", "session", ["closes_at"])
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("account", sa.LargeBinary, nullable=False),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_attempt"),
    )
    op.create_index("ix_sign_in_attempt_account_at", "sign_in_attempt", ["account", "at"])
    op.create_index("ix_sign_in_attempt_address_at", "sign_in_attempt", ["address", "at"])
    op.create_index("ix_sign_in_attempt_at", "sign_in_attempt", ["at"])


def _keys() -> None:
    op.create_table(
        "signing_key",
        sa.Column("kid", sa.Uuid, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sealed_private_key", sa.LargeBinary),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("activates_at", INSTANT, nullable=False),
        sa.Column("retires_at", INSTANT),
        sa.PrimaryKeyConstraint("kid", name="pk_signing_key"),
        sa.CheckConstraint("retires_at > activates_at", name="ck_signing_key_is_used_before_it_retires"),
        sa.CheckConstraint("length(public_key) = 32", name="ck_signing_key_public_key_is_whole"),
    )
    op.create_index(
        "uq_signing_key_newest",
        "signing_key",
        [sa.text("(retires_at IS NULL)")],
        unique=True,
        postgresql_where=sa.text("retires_at IS NULL"),
    )
    op.create_table(
        "service_key",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("key_hash", sa.LargeBinary, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_service_key"),
        sa.UniqueConstraint("service", name="uq_service_key_service"),
        sa.CheckConstraint("length(key_hash) = 32", name="ck_service_key_key_hash_is_whole"),
    )
