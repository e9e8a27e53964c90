"""The record of every fact, which the database itself keeps from being changed, and the watches on sessions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "audit_0001"
down_revision = None
branch_labels = ("audit",)
depends_on = ("chassis_0001",)

INSTANT = sa.DateTime(timezone=True)
UNFINISHED = "money_at IS NULL OR stock_at IS NULL OR aftercare_at IS NULL OR (needles AND recall_at IS NULL)"

REFUSE = """
CREATE FUNCTION keep_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the record is only added to' USING ERRCODE = 'insufficient_privilege';
END
$$
"""
REVOKE = """
DO $$
DECLARE held record;
BEGIN
    FOR held IN
        SELECT DISTINCT grantee, table_name FROM information_schema.role_table_grants
        WHERE table_schema = current_schema AND table_name IN ('event', 'event_lot') AND grantee <> current_user
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM %I', held.table_name, held.grantee);
    END LOOP;
END
$$
"""


def upgrade() -> None:
    _record()
    _record_indexes()
    _watches()
    op.execute(REFUSE)
    for table in ("event", "event_lot"):
        op.execute(
            f"CREATE TRIGGER keep_rows BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION keep_record()"
        )
        op.execute(
            f"CREATE TRIGGER keep_all BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION keep_record()"
        )
    op.execute(REVOKE)


def _record() -> None:
    op.create_table(
        "event",
        sa.Column("position", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("message_id", sa.Uuid, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("aggregate", sa.Text, nullable=False),
        sa.Column("aggregate_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("correlation_id", sa.Uuid, nullable=False),
        sa.Column("causation_id", sa.Uuid),
        sa.Column("actor", sa.Text),
        sa.Column("location_id", sa.Uuid),
        sa.Column("patient_id", sa.Uuid),
        sa.Column("appointment_id", sa.Uuid),
        sa.Column("package_id", sa.Uuid),
        sa.Column("invoice_id", sa.Uuid),
        sa.Column("details", JSONB, nullable=False),
        sa.Column("previous_hash", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_event"),
        sa.UniqueConstraint("message_id", name="uq_event_message_id"),
        sa.CheckConstraint("position >= 1", name="ck_event_position"),
    )
    op.create_table(
        "event_lot",
        sa.Column("lot_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("lot_id", "position", name="pk_event_lot"),
        sa.ForeignKeyConstraint(["position"], ["event.position"], name="fk_event_lot_position"),
    )


def _record_indexes() -> None:
    for column in ("patient_id", "appointment_id", "package_id", "invoice_id", "causation_id"):
        op.create_index(f"ix_event_{column}", "event", [column])
    op.create_index(
        "ix_event_price",
        "event",
        ["location_id", sa.text("(details ->> 'treatment')"), sa.text("(details ->> 'effective_on')")],
        postgresql_where=sa.text("type = 'billing.price-changed'"),
    )


def _watches() -> None:
    op.create_table(
        "watch",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("patient_id", sa.Uuid),
        sa.Column("location_id", sa.Uuid),
        sa.Column("treatment", sa.Text),
        sa.Column("needles", sa.Boolean),
        sa.Column("completed_at", INSTANT),
        sa.Column("told_at", INSTANT),
        sa.Column("money_at", INSTANT),
        sa.Column("stock_at", INSTANT),
        sa.Column("aftercare_at", INSTANT),
        sa.Column("recall_at", INSTANT),
        sa.Column("broken_at", INSTANT),
        sa.Column("healed_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_watch"),
        sa.CheckConstraint("(told_at IS NULL) = (completed_at IS NULL)", name="ck_watch_told"),
        sa.CheckConstraint("(told_at IS NULL) = (needles IS NULL)", name="ck_watch_needles"),
        sa.CheckConstraint("healed_at IS NULL OR broken_at IS NOT NULL", name="ck_watch_healed"),
    )
    waiting = sa.text(f"broken_at IS NULL AND told_at IS NOT NULL AND ({UNFINISHED})")
    op.create_index("ix_watch_waiting", "watch", ["told_at"], postgresql_where=waiting)
    is_open = sa.text("broken_at IS NOT NULL AND healed_at IS NULL")
    op.create_index("ix_watch_open", "watch", ["id"], postgresql_where=is_open)
    broken = sa.text("broken_at IS NOT NULL")
    op.create_index("ix_watch_broken", "watch", ["location_id", "broken_at"], postgresql_where=broken)


def downgrade() -> None:
    for table in ("watch", "event_lot", "event"):
        op.drop_table(table)
    op.execute("DROP FUNCTION keep_record()")
