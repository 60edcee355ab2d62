"""What programs are told: who wants to hear of which events, what happened, and what became of telling them.

Triggers write an event in the transaction of what it reports, so that no code path can forget one; where no endpoint
wants it, all that happens is one look into a small table. Statuses and stages are those of migration 0001.
"""

from alembic import op

revision = "0006"
down_revision = "0005"

TABLES = """
CREATE TABLE webhook_endpoints (
    id uuid PRIMARY KEY,
    url text NOT NULL,
    events text[] NOT NULL,
    lane text NOT NULL,
    sealed_secret text NOT NULL,
    run_id text,
    heir_run_id text,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz,
    disabled_why text,
    CONSTRAINT webhook_endpoints_of_a_run UNIQUE (run_id, url)
);
COMMENT ON COLUMN webhook_endpoints.run_id IS 'hears of this run alone; null: of every run';
COMMENT ON COLUMN webhook_endpoints.heir_run_id IS
    'and of this one, which took over the video while the first was under way';
COMMENT ON COLUMN webhook_endpoints.lane IS 'endpoints with the same share few connections (include/webhooks)';
COMMENT ON COLUMN webhook_endpoints.sealed_secret IS 'encrypted with the key of Airflow''s connections';
CREATE INDEX webhook_endpoints_in_order ON webhook_endpoints (created_at, id);
CREATE INDEX webhook_endpoints_by_heir ON webhook_endpoints (heir_run_id) WHERE heir_run_id IS NOT NULL;

CREATE TABLE webhook_events (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    type text NOT NULL,
    video_id uuid NOT NULL,
    run_id text,
    step integer,
    facts jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT webhook_events_once UNIQUE (run_id, type, step)
);
COMMENT ON TABLE webhook_events IS 'the outbox: only what at least one endpoint wanted to hear when it happened';
COMMENT ON COLUMN webhook_events.step IS 'of what happens once in a run at most: 0, or the tenth that was reached';
COMMENT ON COLUMN webhook_events.video_id IS 'no reference: that a video was deleted takes nothing back';
CREATE INDEX webhook_events_by_time ON webhook_events (created_at);
CREATE INDEX webhook_events_by_video ON webhook_events (video_id);

CREATE TABLE webhook_deliveries (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    event_id uuid NOT NULL REFERENCES webhook_events (id) ON DELETE CASCADE,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    lane text NOT NULL,
    state text NOT NULL DEFAULT 'waiting'
        CONSTRAINT webhook_deliveries_state CHECK (state IN ('waiting', 'delivered', 'dead', 'gone')),
    attempts integer NOT NULL DEFAULT 0,
    first_at timestamptz,
    next_at timestamptz NOT NULL DEFAULT now(),
    claimed_until timestamptz,
    last_status integer,
    last_error text,
    delivered_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT webhook_deliveries_once UNIQUE (event_id, endpoint_id)
);
COMMENT ON COLUMN webhook_deliveries.state IS 'dead: given up; gone: the receiver answered 410';
COMMENT ON COLUMN webhook_deliveries.attempts IS 'since it was made or sent again; first_at is when the first began';
COMMENT ON COLUMN webhook_deliveries.claimed_until IS 'a dispatcher is at it; after that, another may take it';
CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (lane, next_at) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_in_order ON webhook_deliveries (endpoint_id, created_at, id);
"""

FUNCTIONS = """
CREATE FUNCTION webhook_hears(e webhook_endpoints, kind text, run text) RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN kind = ANY(e.events) AND e.disabled_at IS NULL
    AND (e.run_id IS NULL OR e.run_id = run OR e.heir_run_id = run);

CREATE FUNCTION webhook_wanted(kind text, run text) RETURNS boolean LANGUAGE sql STABLE
RETURN EXISTS (SELECT FROM webhook_endpoints e WHERE webhook_hears(e, kind, run));

CREATE FUNCTION webhook_emit(kind text, video uuid, run text, at_step integer, said jsonb) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    made uuid;
BEGIN
    IF NOT webhook_wanted(kind, run) THEN
        RETURN;
    END IF;
    INSERT INTO webhook_events (type, video_id, run_id, step, facts) VALUES (kind, video, run, at_step, said)
    ON CONFLICT (run_id, type, step) DO NOTHING RETURNING id INTO made;
    IF made IS NOT NULL THEN
        INSERT INTO webhook_deliveries (event_id, endpoint_id, lane)
        SELECT made, e.id, e.lane FROM webhook_endpoints e WHERE webhook_hears(e, kind, run)
        FOR KEY SHARE;  -- one that is being removed is left out, and doesn't fail what is reported
    END IF;
END $$;
COMMENT ON FUNCTION webhook_emit IS 'into the outbox, for all who want to hear it; nothing where nobody does';

CREATE FUNCTION webhook_of_video() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    said jsonb := jsonb_build_object('filename', NEW.filename, 'status', NEW.status);
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.run_id <> NEW.run_id AND OLD.status IN ('queued', 'running') THEN
        UPDATE webhook_endpoints SET heir_run_id = NEW.run_id WHERE OLD.run_id IN (run_id, heir_run_id);
    END IF;
    IF NEW.status = 'queued' THEN
        PERFORM webhook_emit('video.accepted', NEW.id, NEW.run_id, 0, said);
    ELSIF NEW.status IN ('completed', 'partial') THEN
        said := said || jsonb_build_object(
            'error', NEW.error_message, 'result', NEW.result_key, 'needs_review', NEW.needs_review);
        PERFORM webhook_emit('video.' || NEW.status, NEW.id, NEW.run_id, NULL, said);
    ELSIF NEW.status IN ('failed', 'cancelled') THEN
        said := said || jsonb_build_object('error', NEW.error_message);
        PERFORM webhook_emit('video.' || NEW.status, NEW.id, NEW.run_id, NULL, said);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION webhook_of_deadline() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    video videos;
BEGIN
    SELECT * INTO video FROM videos WHERE id = NEW.video_id;
    PERFORM webhook_emit('video.deadline_missed', NEW.video_id, NEW.run_id, 0, jsonb_build_object(
        'filename', video.filename, 'status', video.status, 'error', NEW.error_message));
    RETURN NULL;
END $$;

CREATE FUNCTION webhook_of_progress() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    video videos;
    done double precision;
BEGIN
    IF NOT webhook_wanted('video.progress', NEW.run_id) THEN
        RETURN NULL;
    END IF;
    SELECT * INTO video FROM videos
    WHERE id = NEW.video_id AND run_id = NEW.run_id AND status IN ('queued', 'running');
    SELECT sum(seconds) / nullif(3 * video.duration_seconds, 0) INTO done FROM (
        SELECT DISTINCT stage, chunk_index, chunk_end - chunk_start AS seconds FROM processing_jobs
        WHERE run_id = NEW.run_id AND status = 'completed' AND chunk_index IS NOT NULL
    ) AS stages;
    IF done >= 0.1 THEN
        PERFORM webhook_emit('video.progress', NEW.video_id, NEW.run_id, least(9, floor(done * 10)::integer),
            jsonb_build_object('filename', video.filename, 'status', video.status, 'progress', jsonb_build_object(
                'percent', least(99, floor(done * 100)), 'stage', NEW.stage, 'chunk', NEW.chunk_index)));
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION webhook_of_progress IS
    'extract, transcribe and ocr each go once over the whole video; told when another tenth of that is done';
"""

TRIGGERS = """
CREATE TRIGGER webhook_inserted AFTER INSERT ON videos FOR EACH ROW EXECUTE FUNCTION webhook_of_video();
CREATE TRIGGER webhook_changed AFTER UPDATE OF status, run_id, result_key, error_message ON videos FOR EACH ROW
    WHEN (OLD.status <> NEW.status OR OLD.run_id IS DISTINCT FROM NEW.run_id
        OR OLD.result_key IS DISTINCT FROM NEW.result_key
        OR NEW.status = 'failed' AND OLD.error_message IS DISTINCT FROM NEW.error_message)
    EXECUTE FUNCTION webhook_of_video();
CREATE TRIGGER webhook_deadline AFTER INSERT ON processing_jobs FOR EACH ROW WHEN (NEW.stage = 'deadline')
    EXECUTE FUNCTION webhook_of_deadline();
CREATE TRIGGER webhook_progress AFTER UPDATE OF status ON processing_jobs FOR EACH ROW
    WHEN (NEW.status = 'completed' AND OLD.status <> 'completed' AND NEW.chunk_index IS NOT NULL)
    EXECUTE FUNCTION webhook_of_progress();
"""


def upgrade() -> None:
    for statements in (TABLES, FUNCTIONS, TRIGGERS):
        op.get_bind().exec_driver_sql(statements)


def downgrade() -> None:
    op.execute("DROP TRIGGER webhook_progress ON processing_jobs; DROP TRIGGER webhook_deadline ON processing_jobs")
    op.execute("DROP TRIGGER webhook_changed ON videos; DROP TRIGGER webhook_inserted ON videos")
    op.execute("DROP FUNCTION webhook_of_progress, webhook_of_deadline, webhook_of_video, webhook_emit")
    op.execute("DROP FUNCTION webhook_wanted, webhook_hears")
    op.execute("DROP TABLE webhook_deliveries, webhook_events, webhook_endpoints")
