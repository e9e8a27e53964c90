"""When the numbing cream came off, where that was recorded before the needling (CL-09)."""

import sqlalchemy as sa
from alembic import op

revision = "booking_0003"
down_revision = "booking_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("appointment", sa.Column("numbing_off_at", sa.DateTime(timezone=True)))
