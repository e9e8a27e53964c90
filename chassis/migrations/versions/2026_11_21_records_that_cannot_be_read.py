"""Parked: records that are no facts, and messages that somebody dropped. Outbox: facts that no bus takes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "chassis_0003"
down_revision = "chassis_0002"
branch_labels = None
depends_on = None

WAITS = "replayed_at IS NULL AND dropped_at IS NULL"


def upgrade() -> None:
    op.add_column("parked", sa.Column("record", JSONB))
    op.add_column("parked", sa.Column("dropped_at", sa.DateTime(timezone=True)))
    op.add_column("parked", sa.Column("drop_reason", sa.Text))
    op.drop_index("ix_parked_waiting", "parked")
    op.create_index("ix_parked_waiting", "parked", ["consumer", "key"], postgresql_where=sa.text(WAITS))
    op.create_index(
        "ix_outbox_blocked",
        "outbox",
        ["aggregate_id", "id"],
        postgresql_where=sa.text("blocked_reason IS NOT NULL AND published_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_blocked", "outbox")
    op.drop_index("ix_parked_waiting", "parked")
    op.create_index("ix_parked_waiting", "parked", ["consumer", "key"], postgresql_where=sa.text("replayed_at IS NULL"))
    for column in ("drop_reason", "dropped_at", "record"):
        op.drop_column("parked", column)
