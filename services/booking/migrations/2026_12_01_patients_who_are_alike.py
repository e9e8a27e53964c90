"""Whoever registers a patient is told of those who are alike: found by birth date, phone number and e-mail address."""

from alembic import op
from sqlalchemy import text

revision = "booking_0002"
down_revision = "booking_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_patient_birth_date", "patient", ["birth_date"])
    op.create_index("ix_patient_phone", "patient", ["phone"])
    op.create_index("ix_patient_lower_email", "patient", [text("lower(email)")])
