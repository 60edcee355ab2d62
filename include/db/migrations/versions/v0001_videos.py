"""Videos, the jobs that processed them, and what was said and shown when."""

from alembic import op

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE videos (
    id uuid PRIMARY KEY,
    filename varchar(255) NOT NULL,
    duration_seconds integer,
    status text NOT NULL DEFAULT 'queued'
        CONSTRAINT videos_status CHECK (status IN
            ('queued', 'running', 'completed', 'partial', 'failed', 'cancelled')),
    created_at timestamptz NOT NULL DEFAULT now(),
    processed_at timestamptz,
    source text NOT NULL,
    size_bytes bigint,
    sha256 text,
    result_key text,
    error_message text,
    needs_review boolean NOT NULL DEFAULT false,
    run_id text,
    updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN videos.run_id IS 'the DAG run that processes it, or last did';
COMMENT ON COLUMN videos.result_key IS 'where in the object store result.json of the last publish is';
CREATE INDEX videos_by_status ON videos (status, created_at);
CREATE INDEX videos_by_time ON videos (created_at);
CREATE INDEX videos_by_run ON videos (run_id);

CREATE TABLE processing_jobs (
    id uuid PRIMARY KEY,
    video_id uuid NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    stage text NOT NULL,
    status text NOT NULL DEFAULT 'running'
        CONSTRAINT processing_jobs_status CHECK (status IN ('running', 'completed', 'failed', 'abandoned')),
    started_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    error_message text,
    run_id text NOT NULL,
    chunk_index integer,
    chunk_start double precision,
    chunk_end double precision,
    attempt integer NOT NULL,
    details jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE processing_jobs IS 'one row per run, stage, chunk and attempt; chunk_* are null for whole videos';
CREATE INDEX processing_jobs_by_run ON processing_jobs (run_id, started_at);
CREATE INDEX processing_jobs_by_video ON processing_jobs (video_id, started_at);
CREATE INDEX processing_jobs_unfinished ON processing_jobs (started_at) WHERE status = 'running';

CREATE TABLE video_results (
    id uuid PRIMARY KEY,
    video_id uuid NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    frame_number integer NOT NULL,
    timestamp_seconds double precision NOT NULL,
    audio_text text,
    ocr_text text,
    confidence_score double precision
);
COMMENT ON TABLE video_results IS 'one row per moment at which what is said or what is shown changes';
CREATE INDEX video_results_by_time ON video_results (video_id, timestamp_seconds);
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("DROP TABLE video_results, processing_jobs, videos")
