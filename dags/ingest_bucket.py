"""What is put under incoming/ of the store starts one run of process_video, once per version of a file."""

from datetime import timedelta

from airflow.sdk import DAG

from include.queues import MERGE
from include.settings import settings
from operators.ingest import IngestOperator
from operators.retry_policy import DEFAULT_ARGS

DOC = """\
### Drop a file, get a run

`wait` looks for videos under `incoming/` of the store, without holding a worker; `trigger` starts one run of
`process_video` for each, as many as there are. The run's id follows from bucket, key and ETag: the same bytes under the
same name are never processed twice.

- What was taken is moved to `accepted/…`; that is what the run reads.
- Options of one file: `talk.mp4.json` beside `talk.mp4` (put there first), or metadata such as
  `x-amz-meta-reelscribe-language: de`. They are the parameters of `process_video`.
- Wrong options, an empty file, one that is too large: moved to `rejected/…`, with `reason.json` beside it.
- Other files, and names like `talk.mp4.part`, are left alone.
"""

IN_BUCKET = settings().store.startswith("s3://")
SETTLE = 0 if IN_BUCKET else 30  # seconds; in a bucket an object is there when it is complete
MINUTES = 30.0
FIRST = 2**30

with DAG(
    "ingest_bucket",
    description="One run for each video that is put under incoming/",
    doc_md=DOC,
    tags=["reelscribe", "store"],
    # a run waits for a day if need be; when it ends, the next one begins within a minute, and none besides it
    schedule="* * * * *",
    catchup=False,
    max_active_runs=1,
    # a folder is filled by hand and by `make demo`, which starts its runs itself
    is_paused_upon_creation=None if IN_BUCKET else True,
    # before every video that waits to be published: it is one short task, and starts them all
    default_args=DEFAULT_ARGS
    | {"queue": MERGE.name, "pool": MERGE.pool, "priority_weight": FIRST, "weight_rule": "absolute"},
) as ingest_bucket:
    waiting = {
        "store": settings().store,
        "settle": SETTLE,
        "poke_interval": 10,
        "timeout": 24 * 3600,
        "soft_fail": True,
    }
    if IN_BUCKET:
        from operators.ingest_sensor import IncomingSensor  # imports Amazon's provider

        wait = IncomingSensor(task_id="wait", **waiting)
    else:
        from operators.ingest_folder import FolderSensor

        wait = FolderSensor(task_id="wait", **waiting)
    trigger = IngestOperator(
        task_id="trigger",
        workers=8,
        most=20_000,
        minutes=MINUTES,
        settle=SETTLE,
        execution_timeout=timedelta(minutes=MINUTES + 15),
    )
    wait >> trigger
