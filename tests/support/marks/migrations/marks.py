"""Marks and what was heard of them."""

import sqlalchemy as sa
from alembic import op

revision = "marks_0001"
down_revision = None
branch_labels = ("marks",)
depends_on = ("chassis_0001",)


def upgrade() -> None:
    op.create_table(
        "mark",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "heard",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("mark_id", sa.Uuid, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
