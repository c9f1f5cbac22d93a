"""One person on several channels: what was said, for another channel to say it."""

import sqlalchemy as sa
from alembic import op

from storage.types import JsonOrNull

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("outgoing", sa.Column("said", JsonOrNull, nullable=True))
