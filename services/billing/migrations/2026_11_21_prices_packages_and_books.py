"""Prices, packages, invoices, payments, settlements and the books: the database holds each of their invariants."""

import sqlalchemy as sa
from alembic import op

revision = "billing_0001"
down_revision = None
branch_labels = ("billing",)
depends_on = ("chassis_0001",)

ACCOUNTS = {
    "1010": "Cash drawer",
    "1050": "Processor clearing",
    "1100": "Receivables",
    "1510": "Due from related entities",
    "2300": "Deferred revenue",
    "2510": "Due to related entities",
    "4000": "Service revenue",
}
APPEND_ONLY = ("journal", "entry", "payment")

# A table that is new has no statistics yet: without the setting a session would remember to read all of it each time.
CHECK_BALANCE = """
CREATE FUNCTION journal_must_balance() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    checked uuid;
    lines bigint;
    uneven boolean;
BEGIN
    IF TG_TABLE_NAME = 'journal' THEN
        checked := NEW.id;
    ELSE
        checked := NEW.journal_id;
    END IF;
    SELECT coalesce(sum(books.lines), 0), coalesce(bool_or(books.total <> 0), false) INTO lines, uneven
    FROM (
        SELECT count(*) AS lines, sum(amount) AS total FROM entry
        WHERE journal_id = checked GROUP BY legal_entity_id, currency
    ) AS books;
    IF lines < 2 THEN
        RAISE EXCEPTION 'journal % has fewer than two lines', checked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_journal_two_lines';
    END IF;
    IF uneven THEN
        RAISE EXCEPTION 'journal % does not balance per legal entity and currency', checked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_journal_balanced';
    END IF;
    RETURN NULL;
END $$;
"""
REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: correct it by a new row', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
TAKE_BACK_GRANTS = """
DO $$
DECLARE
    taken record;
BEGIN
    FOR taken IN
        SELECT DISTINCT grantee, table_name FROM information_schema.role_table_grants
        WHERE table_schema = 'public' AND table_name IN ('journal', 'entry', 'payment', 'ledger_account')
          AND grantee <> current_user AND privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE')
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM %I', taken.table_name, taken.grantee);
    END LOOP;
END $$;
"""


def upgrade() -> None:
    create_catalogue()
    create_visits()
    create_packages()
    create_invoices_and_payments()
    create_settlements()
    create_ledger()
    guard_ledger()


def create_catalogue() -> None:
    op.create_table(
        "location",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("legal_entity_id", sa.Uuid, nullable=False),
        sa.Column("legal_entity_name", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_location"),
    )
    op.create_index("ix_location_legal_entity_id", "location", ["legal_entity_id"])
    op.create_table(
        "treatment",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_treatment"),
    )
    op.create_index("ix_treatment_code", "treatment", ["code"])
    op.create_table(
        "price",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("treatment", sa.Text, nullable=False),
        sa.Column("location_id", sa.Uuid, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("effective_on", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_price"),
        sa.UniqueConstraint("location_id", "treatment", "effective_on", name="uq_price_location_treatment_day"),
        sa.CheckConstraint("amount >= 0", name="ck_price_amount_not_negative"),
    )


def create_visits() -> None:
    op.create_table(
        "account",
        sa.Column("patient_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("patient_id", name="pk_account"),
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("patient_id", sa.Uuid, nullable=False),
        sa.Column("location_id", sa.Uuid, nullable=False),
        sa.Column("legal_entity_id", sa.Uuid, nullable=False),
        sa.Column("treatment", sa.Text, nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
        sa.Column("performed_on", sa.Date),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_visit"),
        sa.CheckConstraint("(completed_at IS NULL) = (performed_on IS NULL)", name="ck_visit_completed_on_a_day"),
        sa.CheckConstraint("settled_at IS NULL OR performed_on IS NOT NULL", name="ck_visit_settled_once_performed"),
    )
    op.create_index("ix_visit_patient_id", "visit", ["patient_id"])
    op.create_index(
        "ix_visit_unsettled",
        "visit",
        ["location_id", "treatment"],
        postgresql_where=sa.text("performed_on IS NOT NULL AND settled_at IS NULL"),
    )


def create_packages() -> None:
    op.create_table(
        "package",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("patient_id", sa.Uuid, nullable=False),
        sa.Column("location_id", sa.Uuid, nullable=False),
        sa.Column("legal_entity_id", sa.Uuid, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("treatment", sa.Text, nullable=False),
        sa.Column("sessions", sa.BigInteger, nullable=False),
        sa.Column("price", sa.BigInteger, nullable=False),
        sa.Column("list_price", sa.BigInteger),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("terms_version", sa.Text, nullable=False),
        sa.Column("sold_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sold_on", sa.Date, nullable=False),
        sa.Column("expires_on", sa.Date),
        sa.Column("remaining", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_package"),
        sa.CheckConstraint("sessions IN (3, 4, 6)", name="ck_package_sessions_offered"),
        sa.CheckConstraint("price > 0", name="ck_package_price_above_zero"),
        sa.CheckConstraint("remaining BETWEEN 0 AND sessions", name="ck_package_remaining_within_sessions"),
    )
    op.create_index("ix_package_patient_id", "package", ["patient_id"])
    op.create_index("ix_package_location_id", "package", ["location_id", "sold_on", "id"])
    op.create_table(
        "entitlement",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("package_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("appointment_id", sa.Uuid),
        sa.PrimaryKeyConstraint("id", name="pk_entitlement"),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name="fk_entitlement_package_id"),
        sa.CheckConstraint("state IN ('available', 'reserved', 'redeemed')", name="ck_entitlement_state_known"),
        sa.CheckConstraint("amount >= 0", name="ck_entitlement_amount_not_negative"),
        sa.CheckConstraint(
            "(state = 'available') = (appointment_id IS NULL)", name="ck_entitlement_held_by_an_appointment"
        ),
        sa.UniqueConstraint("package_id", "position", name="uq_entitlement_package_position"),
        sa.UniqueConstraint(
            "appointment_id", name="uq_entitlement_appointment_id", deferrable=True, initially="DEFERRED"
        ),
    )


def create_invoices_and_payments() -> None:
    op.create_table(
        "invoice",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("appointment_id", sa.Uuid, nullable=False),
        sa.Column("patient_id", sa.Uuid, nullable=False),
        sa.Column("location_id", sa.Uuid, nullable=False),
        sa.Column("legal_entity_id", sa.Uuid, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("treatment", sa.Text, nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("paid", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("performed_on", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invoice"),
        sa.CheckConstraint("total > 0", name="ck_invoice_total_above_zero"),
        sa.CheckConstraint("paid BETWEEN 0 AND total", name="ck_invoice_paid_within_total"),
        sa.CheckConstraint("(state = 'paid') = (paid = total)", name="ck_invoice_paid_in_full"),
        sa.CheckConstraint("state IN ('open', 'paid')", name="ck_invoice_state_known"),
        sa.UniqueConstraint("appointment_id", name="uq_invoice_appointment_id"),
    )
    op.create_index("ix_invoice_patient_id", "invoice", ["patient_id"])
    op.create_index("ix_invoice_location_id", "invoice", ["location_id", "performed_on", "id"])
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("patient_id", sa.Uuid, nullable=False),
        sa.Column("location_id", sa.Uuid, nullable=False),
        sa.Column("legal_entity_id", sa.Uuid, nullable=False),
        sa.Column("method", sa.String(40), nullable=False),
        sa.Column("reference", sa.Text),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("invoice_id", sa.Uuid),
        sa.Column("package_id", sa.Uuid),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_on", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payment"),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name="fk_payment_invoice_id"),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name="fk_payment_package_id"),
        sa.CheckConstraint("method IN ('cash', 'card_terminal')", name="ck_payment_method_known"),
        sa.CheckConstraint("amount > 0", name="ck_payment_amount_above_zero"),
        sa.CheckConstraint(
            "(reference IS NOT NULL) = (method = 'card_terminal')", name="ck_payment_card_has_reference"
        ),
        sa.CheckConstraint("num_nonnulls(invoice_id, package_id) = 1", name="ck_payment_for_one_thing"),
    )
    op.create_index(
        "uq_payment_location_reference",
        "payment",
        ["location_id", "reference"],
        unique=True,
        postgresql_where=sa.text("reference IS NOT NULL"),
    )
    for column in ("invoice_id", "package_id", "patient_id"):
        op.create_index(f"ix_payment_{column}", "payment", [column])


def create_settlements() -> None:
    op.create_table(
        "settlement",
        sa.Column("appointment_id", sa.Uuid, nullable=False),
        sa.Column("patient_id", sa.Uuid, nullable=False),
        sa.Column("location_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("entitlement_id", sa.Uuid),
        sa.Column("invoice_id", sa.Uuid),
        sa.Column("reason", sa.String(40)),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("appointment_id", name="pk_settlement"),
        sa.ForeignKeyConstraint(["appointment_id"], ["visit.id"], name="fk_settlement_appointment_id"),
        sa.ForeignKeyConstraint(["entitlement_id"], ["entitlement.id"], name="fk_settlement_entitlement_id"),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name="fk_settlement_invoice_id"),
        sa.CheckConstraint(
            "(kind = 'redeemed') = (entitlement_id IS NOT NULL)", name="ck_settlement_redeemed_from_a_unit"
        ),
        sa.CheckConstraint(
            "(kind = 'invoiced') = (invoice_id IS NOT NULL)", name="ck_settlement_invoiced_on_an_invoice"
        ),
        sa.CheckConstraint("(kind = 'waived') = (reason IS NOT NULL)", name="ck_settlement_waived_with_a_reason"),
        sa.CheckConstraint("kind IN ('redeemed', 'invoiced', 'waived')", name="ck_settlement_kind_known"),
        sa.UniqueConstraint("entitlement_id", name="uq_settlement_entitlement_id"),
        sa.UniqueConstraint("invoice_id", name="uq_settlement_invoice_id"),
    )
    op.create_index("ix_settlement_patient_id", "settlement", ["patient_id"])


def create_ledger() -> None:
    accounts = op.create_table(
        "ledger_account",
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_ledger_account"),
    )
    op.bulk_insert(accounts, [{"code": code, "name": name} for code, name in ACCOUNTS.items()])
    op.create_table(
        "journal",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("source_id", sa.Uuid, nullable=False),
        sa.Column("posting_rule", sa.String(40), nullable=False),
        sa.Column("rule_version", sa.BigInteger, nullable=False),
        sa.Column("occurred_on", sa.Date, nullable=False),
        sa.Column("posted_on", sa.Date, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
        sa.UniqueConstraint("source_id", "posting_rule", "rule_version", name="uq_journal_key"),
    )
    op.create_index("ix_journal_occurred_on", "journal", ["occurred_on", "id"])
    op.create_table(
        "entry",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("journal_id", sa.Uuid, nullable=False),
        sa.Column("legal_entity_id", sa.Uuid, nullable=False),
        sa.Column("location_id", sa.Uuid, nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("counterparty_id", sa.Uuid),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_entry"),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], name="fk_entry_journal_id"),
        sa.ForeignKeyConstraint(["account"], ["ledger_account.code"], name="fk_entry_account"),
        sa.CheckConstraint("amount <> 0", name="ck_entry_amount_not_zero"),
        sa.CheckConstraint(
            "(counterparty_id IS NOT NULL) = (account IN ('1510', '2510'))",
            name="ck_entry_counterparty_between_entities",
        ),
        sa.CheckConstraint("counterparty_id <> legal_entity_id", name="ck_entry_counterparty_is_another"),
    )
    op.create_index("ix_entry_journal_id", "entry", ["journal_id"])
    op.create_index(
        "ix_entry_legal_entity_id",
        "entry",
        ["legal_entity_id", "account"],
        postgresql_include=["amount", "currency"],
    )
    op.create_index("ix_entry_location_id", "entry", ["location_id", "id"])


def guard_ledger() -> None:
    """Balanced at every commit (FN-02), and never changed, neither by the service nor by a slip of its owner."""
    op.execute(CHECK_BALANCE)
    op.execute(REFUSE_CHANGE)
    for table in ("journal", "entry"):
        op.execute(
            f"CREATE CONSTRAINT TRIGGER {table}_balances AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION journal_must_balance()"
        )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(TAKE_BACK_GRANTS)


def downgrade() -> None:
    for table in ("entry", "journal", "ledger_account", "settlement", "payment", "invoice", "entitlement", "package"):
        op.drop_table(table)
    for table in ("visit", "account", "price", "treatment", "location"):
        op.drop_table(table)
    op.execute("DROP FUNCTION journal_must_balance; DROP FUNCTION refuse_change")
