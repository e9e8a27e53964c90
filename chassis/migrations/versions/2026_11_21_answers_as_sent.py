"""Stored answers as they were sent, byte for byte; beside `body`, which replicas of the release before still read."""

import sqlalchemy as sa
from alembic import op

revision = "chassis_0002"
down_revision = "chassis_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("answer", sa.Column("content", sa.Text))


def downgrade() -> None:
    op.drop_column("answer", "content")
