"""Places, practitioners, treatments, patients, appointments with their claims, signed records, external ids."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint

revision = "booking_0001"
down_revision = None
branch_labels = ("booking",)
depends_on = ("chassis_0001",)

MODALITIES = "('pen', 'rf', 'roller', 'none')"
RESOURCES = "('patient', 'practitioner', 'room', 'device', 'numbing_bay')"
STATUSES = (
    "('booked', 'confirmed', 'checked_in', 'numbing', 'in_procedure', 'completed', 'cancelled_by_patient',"
    " 'cancelled_by_clinic', 'late_cancel', 'no_show', 'aborted_medical')"
)
SIGNED = ("treatment_record", "treated_area", "used_product")


def upgrade() -> None:
    _places()
    _practitioners()
    _patients()
    _appointments()
    _claims()
    _records()
    _seal(SIGNED)
    _external_ids()


def _create(table: str, *parts: sa.Column[Any] | sa.Constraint) -> None:
    """A table whose keys have the names that our one rule gives them."""
    columns = [part for part in parts if isinstance(part, sa.Column)]
    keys = [column.name for column in columns if column.primary_key]
    named: list[sa.Constraint] = [sa.PrimaryKeyConstraint(*keys, name=f"pk_{table}")]
    for column in columns:
        for key in column.foreign_keys:
            key.name = f"fk_{table}_{column.name}"
        if column.unique:
            column.unique = None
            named.append(sa.UniqueConstraint(column.name, name=f"uq_{table}_{column.name}"))
    op.create_table(table, *parts, *named)


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.Uuid, primary_key=True)


def _needed(name: str, kind: object = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)  # type: ignore[arg-type]  # a column type, class or instance


def _ref(name: str, table: str, *, needed: bool = True, key: str = "id") -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid, sa.ForeignKey(f"{table}.{key}"), nullable=not needed)


def _own_resource() -> sa.Column[Any]:
    return sa.Column("id", sa.Uuid, sa.ForeignKey("resource.id"), primary_key=True)


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=f"ck_{table}_{name}")


def _instant(name: str, *, needed: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not needed)


def _places() -> None:
    _create(
        "resource",
        _id(),
        _needed("kind", sa.String(40)),
        _check("resource", "kind", f"kind IN {RESOURCES}"),
    )
    _create(
        "location",
        _id(),
        _needed("version", sa.BigInteger),
        sa.Column("code", sa.Text, nullable=False, unique=True),
        *(_needed(name) for name in ("name", "city", "zone")),
        _needed("legal_entity_id", sa.Uuid),
        _needed("legal_entity_name"),
        sa.Column("phone", sa.Text),
        sa.Column("email", sa.Text),
        _needed("opening", JSONB),
        _needed("exceptions", JSONB),
        _needed("active", sa.Boolean),
        _check("location", "version", "version >= 1"),
    )
    _create(
        "room",
        _own_resource(),
        _ref("location_id", "location"),
        _needed("name"),
        _needed("kind", sa.String(40)),
        _needed("active", sa.Boolean),
        _check("room", "kind", "kind IN ('treatment', 'numbing_bay')"),
    )
    op.create_index("ix_room_location_id", "room", ["location_id"])
    _create(
        "device",
        _own_resource(),
        _ref("location_id", "location"),
        _needed("name"),
        sa.Column("serial", sa.Text, nullable=False, unique=True),
        _needed("modality", sa.String(40)),
        _needed("serviced_until", sa.Date),
        sa.Column("depth_max_hundredths_mm", sa.BigInteger),
        _needed("active", sa.Boolean),
        _check("device", "modality", f"modality IN {MODALITIES}"),
        _check("device", "depth", "depth_max_hundredths_mm BETWEEN 10 AND 1000"),
    )
    op.create_index("ix_device_location_id", "device", ["location_id"])
    _create(
        "treatment",
        _id(),
        _needed("version", sa.BigInteger),
        sa.Column("code", sa.Text, nullable=False, unique=True),
        _needed("name"),
        _needed("modality", sa.String(40)),
        _needed("colour"),
        _needed("plan", JSONB),
        _needed("active", sa.Boolean),
        _check("treatment", "modality", f"modality IN {MODALITIES}"),
        _check("treatment", "procedure", "(plan->>'procedure')::int BETWEEN 15 AND 90"),
        _check("treatment", "version", "version >= 1"),
    )


def _practitioners() -> None:
    _create(
        "practitioner",
        _own_resource(),
        _needed("version", sa.BigInteger),
        *(_needed(name) for name in ("name", "initials", "credential")),
        _needed("active", sa.Boolean),
        _check("practitioner", "version", "version >= 1"),
    )
    _create(
        "workplace",
        sa.Column("practitioner_id", sa.Uuid, sa.ForeignKey("practitioner.id"), primary_key=True),
        sa.Column("location_id", sa.Uuid, sa.ForeignKey("location.id"), primary_key=True),
    )
    op.create_index("ix_workplace_location_id", "workplace", ["location_id"])
    _create(
        "credential",
        sa.Column("practitioner_id", sa.Uuid, sa.ForeignKey("practitioner.id"), primary_key=True),
        sa.Column("location_id", sa.Uuid, sa.ForeignKey("location.id"), primary_key=True),
        sa.Column("modality", sa.String(40), primary_key=True),
        _needed("valid_until", sa.Date),
        _check("credential", "modality", f"modality IN {MODALITIES}"),
    )
    _create(
        "shift",
        _id(),
        _ref("practitioner_id", "practitioner"),
        _ref("location_id", "location"),
        sa.Column("weekday", sa.BigInteger),
        sa.Column("day", sa.Date),
        _needed("starts", sa.Time),
        _needed("ends", sa.Time),
        sa.Column("from_on", sa.Date),
        sa.Column("until_on", sa.Date),
        _check("shift", "when", "num_nonnulls(weekday, day) = 1 AND weekday BETWEEN 0 AND 6"),
        _check("shift", "order", "starts < ends AND from_on <= until_on"),
    )
    op.create_index("ix_shift_practitioner_id_location_id", "shift", ["practitioner_id", "location_id"])
    _create(
        "absence",
        _id(),
        _ref("practitioner_id", "practitioner"),
        _needed("day", sa.Date),
        sa.Column("starts", sa.Time),
        sa.Column("ends", sa.Time),
        _check("absence", "order", "num_nonnulls(starts, ends) <> 1 AND starts < ends"),
    )
    op.create_index("ix_absence_practitioner_id_day", "absence", ["practitioner_id", "day"])


def _patients() -> None:
    _create(
        "patient",
        _own_resource(),
        _needed("version", sa.BigInteger),
        _needed("given_name"),
        _needed("family_name"),
        sa.Column("birth_date", sa.Date),
        sa.Column("email", sa.Text),
        sa.Column("phone", sa.Text),
        _needed("zone"),
        _needed("language"),
        _needed("accepts_email", sa.Boolean),
        _ref("home_location_id", "location"),
        _needed("search_text"),
        _needed("sort_key"),
        _instant("registered_at"),
        _check("patient", "phone", r"phone ~ '^\+[1-9][0-9]{3,14}$'"),
        _check("patient", "version", "version >= 1"),
    )
    op.create_index(
        "ix_patient_search_text",
        "patient",
        ["search_text"],
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.create_index("ix_patient_sort_key", "patient", ["sort_key", "id"])


def _appointments() -> None:
    _create(
        "appointment",
        _id(),
        _needed("version", sa.BigInteger),
        _needed("sequence", sa.BigInteger),
        _needed("status", sa.String(40)),
        _needed("origin", sa.String(40)),
        _ref("patient_id", "patient"),
        _ref("location_id", "location"),
        _needed("legal_entity_id", sa.Uuid),
        _ref("treatment_id", "treatment"),
        _needed("treatment"),
        _needed("modality", sa.String(40)),
        _ref("practitioner_id", "practitioner"),
        _ref("room_id", "room"),
        _ref("device_id", "device", needed=False),
        _ref("bay_id", "room", needed=False),
        _needed("plan", JSONB),
        _needed("local_start", sa.DateTime(timezone=False)),
        _needed("zone"),
        _needed("tzdata"),
        _instant("starts_at"),
        _instant("ends_at"),
        *(sa.Column(name, sa.Text) for name in ("note", "interval_override", "interval_override_by", "cancel_reason")),
        _instant("booked_at"),
        *(
            _instant(name, needed=False)
            for name in ("confirmed_at", "arrived_at", "numbing_at", "started_at", "ended_at")
        ),
        _check("appointment", "status", f"status IN {STATUSES}"),
        _check("appointment", "origin", "origin IN ('desk', 'import')"),
        _check("appointment", "modality", f"modality IN {MODALITIES}"),
        _check("appointment", "order", "starts_at < ends_at"),
        _check("appointment", "version", "version >= 1 AND sequence >= 0"),
        _check("appointment", "override", "num_nonnulls(interval_override, interval_override_by) <> 1"),
    )
    op.create_index("ix_appointment_location_id_starts_at", "appointment", ["location_id", "starts_at"])
    op.create_index("ix_appointment_patient_id_starts_at", "appointment", ["patient_id", "starts_at"])


def _claims() -> None:
    _create(
        "claim",
        sa.Column("appointment_id", sa.Uuid, sa.ForeignKey("appointment.id"), primary_key=True),
        sa.Column("kind", sa.String(40), primary_key=True),
        _ref("resource_id", "resource"),
        _instant("starts_at"),
        _instant("ends_at"),
        _check("claim", "kind", f"kind IN {RESOURCES}"),
        _check("claim", "order", "starts_at < ends_at"),
        ExcludeConstraint(
            (sa.column("resource_id"), "="),
            (sa.func.tstzrange(sa.column("starts_at"), sa.column("ends_at")), "&&"),
            name="ex_claim_resource_id_during",
            using="gist",
        ),
    )
    op.create_index(
        "ix_claim_resource_id_starts_at", "claim", ["resource_id", "starts_at"], postgresql_include=["ends_at"]
    )
    op.create_index("ix_claim_ends_at", "claim", ["ends_at"])


def _records() -> None:
    _create(
        "treatment_record",
        sa.Column("appointment_id", sa.Uuid, sa.ForeignKey("appointment.id"), primary_key=True),
        _ref("device_id", "device", needed=False),
        _instant("started_at"),
        _instant("completed_at"),
        _instant("numbing_on_at", needed=False),
        _instant("numbing_off_at", needed=False),
        _needed("reaction_grade", sa.BigInteger),
        _needed("aftercare_given", sa.Boolean),
        sa.Column("notes", sa.Text),
        _needed("signed_by"),
        _instant("signed_at"),
        _check("treatment_record", "reaction", "reaction_grade BETWEEN 0 AND 4"),
        _check("treatment_record", "order", "started_at <= completed_at AND numbing_on_at <= numbing_off_at"),
    )
    _create(
        "treated_area",
        sa.Column("appointment_id", sa.Uuid, sa.ForeignKey("treatment_record.appointment_id"), primary_key=True),
        sa.Column("position", sa.BigInteger, primary_key=True),
        _needed("area"),
        _needed("depth_hundredths_mm", sa.BigInteger),
        _needed("passes", sa.BigInteger),
        sa.Column("override_reason", sa.Text),
        _check("treated_area", "depth", "depth_hundredths_mm BETWEEN 10 AND 1000"),
        _check("treated_area", "passes", "passes >= 1"),
    )
    _create(
        "used_product",
        sa.Column("appointment_id", sa.Uuid, sa.ForeignKey("treatment_record.appointment_id"), primary_key=True),
        sa.Column("position", sa.BigInteger, primary_key=True),
        _needed("item_id", sa.Uuid),
        sa.Column("lot_id", sa.Uuid),
        _needed("quantity", sa.BigInteger),
        _check("used_product", "quantity", "quantity > 0"),
    )


def _seal(tables: tuple[str, ...]) -> None:
    """A signed record is never changed: corrections are addenda (BK-33)."""
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'a signed record is not changed' USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    for table in tables:
        op.execute(
            f"CREATE TRIGGER {table}_is_signed BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _external_ids() -> None:
    _create(
        "external_id",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("external_id", sa.Text, primary_key=True),
        _needed("target_id", sa.Uuid),
        _check("external_id", "kind", "kind IN ('patient', 'appointment')"),
    )
    op.create_index("ix_external_id_target_id", "external_id", ["target_id"])
