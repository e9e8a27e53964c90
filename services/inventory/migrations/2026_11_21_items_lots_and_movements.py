"""Items, lots, the movements that never change, and what sessions used."""

import sqlalchemy as sa
from alembic import op

revision = "inventory_0001"
down_revision = None
branch_labels = ("inventory",)
depends_on = ("chassis_0001",)

NEVER_CHANGES = (
    """
    CREATE FUNCTION movement_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a movement never changes: correct it by another one' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER movement_never_changes BEFORE UPDATE OR DELETE ON movement
        FOR EACH ROW EXECUTE FUNCTION movement_never_changes()
    """,
    """
    CREATE TRIGGER movement_is_never_emptied BEFORE TRUNCATE ON movement
        FOR EACH STATEMENT EXECUTE FUNCTION movement_never_changes()
    """,
    """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'inventory') THEN
            REVOKE UPDATE, DELETE, TRUNCATE ON movement FROM inventory;
        END IF;
    END $$
    """,
)


def upgrade() -> None:
    _catalogue()
    _items()
    _stock()
    _usage()
    _movements()
    _discrepancies()


def _catalogue() -> None:
    op.create_table(
        "location",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    op.create_index("ix_location_code", "location", ["code"])
    op.create_table(
        "treatment",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("modality", sa.String(40), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    op.create_index("ix_treatment_code", "treatment", ["code"])


def _items() -> None:
    op.create_table(
        "item",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("item_class", sa.String(40), nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.UniqueConstraint("code", name="uq_item_code"),
        sa.CheckConstraint(
            "item_class IN ('cartridge', 'roller', 'rf_tip', 'sheath', 'serum', 'numbing', 'prp_kit',"
            " 'consumable', 'retail')",
            name="ck_item_item_class",
        ),
        sa.CheckConstraint("unit IN ('each', '0.01ml', '0.01g')", name="ck_item_unit"),
        sa.CheckConstraint(
            "unit = 'each' OR item_class NOT IN ('cartridge', 'roller', 'rf_tip', 'prp_kit')",
            name="ck_item_single_use",
        ),
    )
    op.create_table(
        "pack",
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("item.id", name="fk_pack_item_id"), primary_key=True),
        sa.Column("label", sa.Text, primary_key=True),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("gtin", sa.Text),
        sa.UniqueConstraint("gtin", name="uq_pack_gtin"),
        sa.CheckConstraint("quantity > 0", name="ck_pack_quantity"),
        sa.CheckConstraint("gtin ~ '^[0-9]{14}$'", name="ck_pack_gtin"),
    )
    op.create_table(
        "bom_line",
        sa.Column("treatment", sa.Text, primary_key=True),
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("item.id", name="fk_bom_line_item_id"), primary_key=True),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("place", sa.BigInteger, nullable=False),
        sa.CheckConstraint("quantity > 0", name="ck_bom_line_quantity"),
    )


def _stock() -> None:
    op.create_table(
        "lot",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("item.id", name="fk_lot_item_id"), nullable=False),
        sa.Column("lot_number", sa.Text),
        sa.Column("expires_on", sa.Date),
        sa.Column("gtin", sa.Text),
        sa.Column("state", sa.String(40), nullable=False),
        sa.UniqueConstraint("item_id", "lot_number", name="uq_lot_item_id_lot_number"),
        sa.CheckConstraint("state IN ('usable', 'provisional')", name="ck_lot_state"),
        sa.CheckConstraint("gtin ~ '^[0-9]{14}$'", name="ck_lot_gtin"),
        sa.CheckConstraint("lot_number = btrim(lot_number) AND lot_number <> ''", name="ck_lot_lot_number"),
        sa.CheckConstraint(
            "(state = 'provisional') = (lot_number IS NULL) AND (lot_number IS NULL) = (expires_on IS NULL)",
            name="ck_lot_labelled",
        ),
    )
    op.create_table(
        "stock_level",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("item.id", name="fk_stock_level_item_id"), nullable=False),
        sa.Column("location_id", sa.Uuid, nullable=False),
        sa.Column("on_hand", sa.BigInteger, nullable=False),
        sa.Column("reorder_point", sa.BigInteger, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("location_id", "item_id", name="uq_stock_level_location_id_item_id"),
        sa.CheckConstraint("reorder_point >= 0", name="ck_stock_level_reorder_point"),
    )
    op.create_index("ix_stock_level_item_id", "stock_level", ["item_id"])
    op.create_table(
        "lot_level",
        sa.Column("lot_id", sa.Uuid, sa.ForeignKey("lot.id", name="fk_lot_level_lot_id"), primary_key=True),
        sa.Column("location_id", sa.Uuid, primary_key=True),
        sa.Column("item_id", sa.Uuid, nullable=False),
        sa.Column("on_hand", sa.BigInteger, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True)),
    )
    op.create_index(
        "ix_lot_level_on_hand",
        "lot_level",
        ["location_id", "item_id"],
        postgresql_where=sa.text("on_hand <> 0"),
    )
    op.create_table(
        "receipt",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("location_id", sa.Uuid, nullable=False),
        sa.Column("supplier", sa.Text),
        sa.Column("reference", sa.Text),
        sa.Column("external_id", sa.Text),
        sa.Column("received_on", sa.Date, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("external_id", name="uq_receipt_external_id"),
        sa.CheckConstraint("version = 1", name="ck_receipt_version"),
    )
    op.create_index("ix_receipt_location_id", "receipt", ["location_id", "id"])


def _usage() -> None:
    op.create_table(
        "consumption",
        sa.Column("appointment_id", sa.Uuid, primary_key=True),
        sa.Column("patient_id", sa.Uuid, nullable=False),
        sa.Column("location_id", sa.Uuid, nullable=False),
        sa.Column("treatment", sa.Text, nullable=False),
        sa.Column("performed_on", sa.Date, nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lines_from", sa.String(40), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.CheckConstraint("lines_from IN ('record', 'bom')", name="ck_consumption_lines_from"),
    )
    op.create_index("ix_consumption_patient_id", "consumption", ["patient_id"])


def _movements() -> None:
    session = sa.ForeignKey("consumption.appointment_id", name="fk_movement_appointment_id")
    op.create_table(
        "movement",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("item.id", name="fk_movement_item_id"), nullable=False),
        sa.Column("lot_id", sa.Uuid, sa.ForeignKey("lot.id", name="fk_movement_lot_id"), nullable=False),
        sa.Column("location_id", sa.Uuid, nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("source_id", sa.Uuid, nullable=False),
        sa.Column("appointment_id", sa.Uuid, session),
        sa.Column("known_by", sa.String(40), nullable=False),
        sa.Column("reverses_id", sa.Uuid, sa.ForeignKey("movement.id", name="fk_movement_reverses_id")),
        sa.UniqueConstraint(
            "source_id",
            "item_id",
            "lot_id",
            "type",
            "appointment_id",
            name="uq_movement_source",
            postgresql_nulls_not_distinct=True,
        ),
        sa.CheckConstraint("type IN ('receipt', 'usage', 'reversal')", name="ck_movement_type"),
        sa.CheckConstraint("known_by IN ('record', 'pick')", name="ck_movement_known_by"),
        sa.CheckConstraint(
            "CASE type WHEN 'receipt' THEN quantity > 0 WHEN 'usage' THEN quantity < 0 ELSE quantity <> 0 END",
            name="ck_movement_quantity",
        ),
        sa.CheckConstraint("(type = 'reversal') = (reverses_id IS NOT NULL)", name="ck_movement_reverses_id"),
        sa.CheckConstraint("type <> 'usage' OR appointment_id IS NOT NULL", name="ck_movement_appointment_id"),
    )
    op.create_index("ix_movement_lot_id", "movement", ["lot_id"])
    op.create_index(
        "ix_movement_appointment_id",
        "movement",
        ["appointment_id"],
        postgresql_where=sa.text("appointment_id IS NOT NULL"),
    )
    for statement in NEVER_CHANGES:
        op.execute(statement)


def _discrepancies() -> None:
    session = sa.ForeignKey("consumption.appointment_id", name="fk_discrepancy_appointment_id")
    usage = sa.ForeignKey("movement.id", name="fk_discrepancy_movement_id")
    op.create_table(
        "discrepancy",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("location_id", sa.Uuid, nullable=False),
        sa.Column("item_id", sa.Uuid, sa.ForeignKey("item.id", name="fk_discrepancy_item_id"), nullable=False),
        sa.Column("lot_id", sa.Uuid, sa.ForeignKey("lot.id", name="fk_discrepancy_lot_id"), nullable=False),
        sa.Column("appointment_id", sa.Uuid, session, nullable=False),
        sa.Column("movement_id", sa.Uuid, usage, nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("open_quantity", sa.BigInteger, nullable=False),
        sa.Column("used_on", sa.Date, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("closed_by", sa.Uuid),
        sa.Column("closing_note", sa.Text),
        sa.UniqueConstraint("movement_id", "kind", name="uq_discrepancy_movement_id_kind"),
        sa.CheckConstraint("kind IN ('short', 'unknown_lot', 'expired_used')", name="ck_discrepancy_kind"),
        sa.CheckConstraint("quantity > 0 AND open_quantity BETWEEN 0 AND quantity", name="ck_discrepancy_quantity"),
        sa.CheckConstraint("(open_quantity = 0) = (closed_at IS NOT NULL)", name="ck_discrepancy_closed_at"),
    )
    op.create_index(
        "ix_discrepancy_open",
        "discrepancy",
        ["location_id", "item_id"],
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_discrepancy_location_id", "discrepancy", ["location_id", "id"])


def downgrade() -> None:
    for table in ("discrepancy", "movement", "consumption", "receipt", "lot_level", "stock_level"):
        op.drop_table(table)
    for table in ("lot", "bom_line", "pack", "item", "treatment", "location"):
        op.drop_table(table)
    op.execute("DROP FUNCTION movement_never_changes()")
