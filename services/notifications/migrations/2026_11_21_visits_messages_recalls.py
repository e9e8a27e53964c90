"""Visits as heard of, the messages they want, and recalls with the packages that decide them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "notifications_0001"
down_revision = None
branch_labels = ("notifications",)
depends_on = ("chassis_0001",)

INSTANT = sa.DateTime(timezone=True)
STATUSES = (
    "booked",
    "confirmed",
    "checked_in",
    "numbing",
    "in_procedure",
    "completed",
    "cancelled_by_patient",
    "cancelled_by_clinic",
    "late_cancel",
    "no_show",
    "aborted_medical",
)
TEMPLATES = (
    "booking_confirmation",
    "booking_moved",
    "booking_cancelled",
    "reminder_72h",
    "reminder_24h",
    "aftercare_h2",
    "aftercare_h24",
    "aftercare_d3",
    "aftercare_d7",
    "aftercare_d28",
    "recall_series",
    "recall_maintenance",
)
STATES = ("scheduled", "sending", "sent", "failed", "suppressed")


def upgrade() -> None:
    _places_and_visits()
    _packages()
    _recalls()
    _messages()


def _choice(name: str, *values: str) -> sa.Enum:
    """A closed list, kept by a check."""
    return sa.Enum(*values, name=name, native_enum=False, length=40, create_constraint=True)


def _places_and_visits() -> None:
    op.create_table(
        "place",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("phone", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_place"),
    )
    op.create_table(
        "patient", sa.Column("id", sa.Uuid, nullable=False), sa.PrimaryKeyConstraint("id", name="pk_patient")
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("patient_id", sa.Uuid, nullable=False),
        sa.Column("location_id", sa.Uuid, nullable=False),
        sa.Column("treatment", sa.Text, nullable=False),
        sa.Column("modality", _choice("ck_visit_modality", "pen", "rf", "roller", "none"), nullable=False),
        sa.Column("status", _choice("ck_visit_status", *STATUSES), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("told_at", INSTANT, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("local_start", sa.DateTime(timezone=False), nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("imported", sa.Boolean, nullable=False),
        sa.Column("completed_at", INSTANT),
        sa.Column("performed_on", sa.Date),
        sa.PrimaryKeyConstraint("id", name="pk_visit"),
        sa.CheckConstraint("(completed_at IS NULL) = (performed_on IS NULL)", name="ck_visit_completed"),
    )
    op.create_index("ix_visit_patient_id", "visit", ["patient_id"])


def _packages() -> None:
    op.create_table(
        "package",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("patient_id", sa.Uuid, nullable=False),
        sa.Column("treatment", sa.Text, nullable=False),
        sa.Column("sessions", sa.BigInteger, nullable=False),
        sa.Column("sold_at", INSTANT, nullable=False),
        sa.Column("expires_on", sa.Date),
        sa.PrimaryKeyConstraint("id", name="pk_package"),
        sa.CheckConstraint("sessions >= 1", name="ck_package_sessions"),
    )
    op.create_index("ix_package_patient_id", "package", ["patient_id"])
    op.create_table(
        "redemption",
        sa.Column("entitlement_id", sa.Uuid, nullable=False),
        sa.Column("package_id", sa.Uuid, nullable=False),
        sa.Column("patient_id", sa.Uuid, nullable=False),
        sa.Column("appointment_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("entitlement_id", name="pk_redemption"),
    )
    op.create_index("ix_redemption_patient_id", "redemption", ["patient_id"])


def _recalls() -> None:
    op.create_table(
        "recall",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("appointment_id", sa.Uuid, nullable=False),
        sa.Column("patient_id", sa.Uuid, nullable=False),
        sa.Column("location_id", sa.Uuid, nullable=False),
        sa.Column("reason", _choice("ck_recall_reason", "series", "maintenance"), nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("state", _choice("ck_recall_state", "open", "due", "closed"), nullable=False),
        sa.Column("booked_appointment_id", sa.Uuid),
        sa.PrimaryKeyConstraint("id", name="pk_recall"),
        sa.UniqueConstraint("appointment_id", name="uq_recall_appointment_id"),
        sa.ForeignKeyConstraint(["appointment_id"], ["visit.id"], name="fk_recall_appointment_id"),
        sa.CheckConstraint("version >= 1", name="ck_recall_version"),
        sa.CheckConstraint("(state = 'closed') = (booked_appointment_id IS NOT NULL)", name="ck_recall_closed"),
    )
    op.create_index("ix_recall_patient_id", "recall", ["patient_id"])
    op.create_index("ix_recall_list", "recall", ["location_id", "due_on", "id"])
    op.create_index("ix_recall_waiting", "recall", ["due_at"], postgresql_where=sa.text("state = 'open'"))


def _messages() -> None:
    said = "state NOT IN ('sending', 'sent') OR (claimed_at IS NOT NULL AND body IS NOT NULL)"
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("appointment_id", sa.Uuid, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("patient_id", sa.Uuid, nullable=False),
        sa.Column("location_id", sa.Uuid, nullable=False),
        sa.Column("recall_id", sa.Uuid),
        sa.Column("template", _choice("ck_message_template", *TEMPLATES), nullable=False),
        sa.Column("channel", _choice("ck_message_channel", "email", "console"), nullable=False),
        sa.Column("state", _choice("ck_message_state", *STATES), nullable=False),
        sa.Column("send_at", INSTANT, nullable=False),
        sa.Column("useful_until", INSTANT, nullable=False),
        sa.Column("claimed_at", INSTANT),
        sa.Column("sent_at", INSTANT),
        sa.Column("reason", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("body", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint(
            "appointment_id",
            "sequence",
            "template",
            "channel",
            name="uq_message_appointment_id_sequence_template_channel",
        ),
        sa.ForeignKeyConstraint(["appointment_id"], ["visit.id"], name="fk_message_appointment_id"),
        sa.ForeignKeyConstraint(["recall_id"], ["recall.id"], name="fk_message_recall_id"),
        sa.CheckConstraint("sequence >= 0", name="ck_message_sequence"),
        sa.CheckConstraint("version >= 0", name="ck_message_version"),
        sa.CheckConstraint(said, name="ck_message_said"),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="ck_message_sent_at"),
        sa.CheckConstraint("(state IN ('failed', 'suppressed')) = (reason IS NOT NULL)", name="ck_message_reason"),
    )
    _message_indexes()


def _message_indexes() -> None:
    waiting: dict[str, Any] = {"postgresql_where": sa.text("state = 'scheduled'")}
    op.create_index("ix_message_due", "message", ["send_at", "id"], **waiting)
    sending = sa.text("state = 'sending'")
    op.create_index("ix_message_sending", "message", ["claimed_at"], postgresql_where=sending)
    op.create_index("ix_message_patient_id_send_at", "message", ["patient_id", "send_at"])
    op.create_index("ix_message_location_id_send_at", "message", ["location_id", "send_at"])
    op.create_index("ix_message_recall_id", "message", ["recall_id"])


def downgrade() -> None:
    for table in ("message", "recall", "redemption", "package", "visit", "patient", "place"):
        op.drop_table(table)
