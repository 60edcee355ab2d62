"""What engines were asked and what it cost, and what a run may spend."""

from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = """
CREATE TABLE speech_answers (
    key text PRIMARY KEY,
    state text NOT NULL DEFAULT 'asked'
        CONSTRAINT speech_answers_state CHECK (state IN ('asked', 'answered')),
    owner text,
    lease_until timestamptz,
    engine text,
    model text,
    purchases integer NOT NULL DEFAULT 0,
    seconds double precision NOT NULL DEFAULT 0,
    dollars numeric(18, 9) NOT NULL DEFAULT 0,
    run_id text NOT NULL,
    video_id uuid NOT NULL,
    chunk_index integer,
    asked_at timestamptz NOT NULL DEFAULT now(),
    answered_at timestamptz,
    CONSTRAINT speech_answers_lease CHECK ((owner IS NULL) = (lease_until IS NULL)),
    CONSTRAINT speech_answers_answer CHECK
        (state = 'asked' OR (owner IS NULL AND purchases > 0 AND answered_at IS NOT NULL))
);
COMMENT ON TABLE speech_answers IS
    'one row per request to a speech engine; the answer itself is in the object store under ledger/';
COMMENT ON COLUMN speech_answers.key IS 'sha256 of the sound, the engine, the model and the parameters';
COMMENT ON COLUMN speech_answers.owner IS 'of the claim: who is asking now, until lease_until; null: nobody';
COMMENT ON COLUMN speech_answers.purchases IS
    'more than 1: bought again, because its answer was lost or could not be read; seconds and dollars are the sums';
COMMENT ON COLUMN speech_answers.run_id IS 'who bought it; until it is bought, who asked first';
COMMENT ON COLUMN speech_answers.video_id IS 'no reference: what was spent stays spent when the video is deleted';
CREATE INDEX speech_answers_by_run ON speech_answers (run_id);
CREATE INDEX speech_answers_by_video ON speech_answers (video_id);

CREATE TABLE budgets (
    run_id text PRIMARY KEY,
    limit_dollars numeric(18, 9) NOT NULL,
    reserved_dollars numeric(18, 9) NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT budgets_held CHECK (reserved_dollars BETWEEN 0 AND limit_dollars)
);
COMMENT ON COLUMN budgets.reserved_dollars IS 'spent, or about to be';
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("DROP TABLE budgets, speech_answers")
