"""When the pictures of a video were removed from the store."""

from alembic import op

revision = "0003"
down_revision = "0002"

COLUMN = """
ALTER TABLE videos ADD COLUMN frames_removed_at timestamptz;
COMMENT ON COLUMN videos.frames_removed_at IS
    'when tidy_store last took its pictures out of the store; a run since then may have made them again';
"""


def upgrade() -> None:
    op.execute(COLUMN)


def downgrade() -> None:
    op.execute("ALTER TABLE videos DROP COLUMN frames_removed_at")
