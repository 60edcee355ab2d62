"""What came in through the API: who submitted which run, and uploads that are under way."""

from alembic import op

revision = "0005"
down_revision = "0004"

TABLES = """
CREATE TABLE submissions (
    run_id text PRIMARY KEY,
    client_id text,
    submitted_by text NOT NULL,
    video_id uuid NOT NULL,
    priority text NOT NULL,
    request jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT submissions_of_a_client UNIQUE (submitted_by, client_id)
);
COMMENT ON COLUMN submissions.run_id IS 'as in videos.run_id';
COMMENT ON COLUMN submissions.client_id IS 'what the client chose: the same again is the same submission';
COMMENT ON COLUMN submissions.video_id IS
    'of the row in videos that stood for it when it came; of a URL, plan finds out which video that is';
CREATE INDEX submissions_by_video ON submissions (video_id);

CREATE TABLE uploads (
    id uuid PRIMARY KEY,
    client_id text,
    uploaded_by text NOT NULL,
    filename varchar(255) NOT NULL,
    content_type text,
    size_bytes bigint NOT NULL CHECK (size_bytes > 0),
    part_bytes bigint NOT NULL CHECK (part_bytes > 0),
    key text NOT NULL UNIQUE,
    token text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'open'
        CONSTRAINT uploads_state CHECK (state IN ('open', 'completed', 'submitted', 'aborted')),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CONSTRAINT uploads_of_a_client UNIQUE (uploaded_by, client_id)
);
COMMENT ON TABLE uploads IS 'a row goes some time after it expired; the object of a submitted one stays';
COMMENT ON COLUMN uploads.filename IS 'as the user knows it; the key has it as far as a key can';
COMMENT ON COLUMN uploads.token IS 'what the store calls it: of S3 the id of the multipart upload';
CREATE INDEX uploads_by_expiry ON uploads (expires_at);
CREATE INDEX uploads_unfinished ON uploads (uploaded_by) WHERE state = 'open';

CREATE INDEX videos_in_order ON videos (created_at DESC, id DESC);
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("DROP INDEX videos_in_order; DROP TABLE uploads, submissions")
