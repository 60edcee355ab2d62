"""Every day: pictures of videos go when nobody has worked on them for as long as the setting says, and so do uploads
that were never finished."""

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG

from include.queues import MERGE
from operators.retry_policy import DEFAULT_ARGS
from operators.tidy_store import TidyStoreOperator
from operators.tidy_uploads import TidyUploadsOperator

DOC = """\
### Old pictures go

The pictures that screen text was read from (`videos/…/extract/…/frames.tar` with its index) are kept for
`REELSCRIBE_KEEP_FRAMES_DAYS` after a video was last worked on. Results, originals and sound stay. A video that is
queued or running is left alone; a run that needs pictures again extracts them again.

### So do unfinished uploads

What arrived of an upload that was not completed within `REELSCRIBE_UPLOAD_DAYS`, or completed and never submitted, is
removed. A file of which a video was made stays.
"""

with DAG(
    "tidy_store",
    description="Removes pictures that were kept long enough, and unfinished uploads",
    doc_md=DOC,
    tags=["reelscribe", "store"],
    schedule="@daily",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
) as tidy_store:
    TidyStoreOperator(
        task_id="tidy",
        minutes=45,
        queue=MERGE.name,
        pool=MERGE.pool,
        execution_timeout=timedelta(minutes=60),
    )
    TidyUploadsOperator(
        task_id="tidy_uploads",
        minutes=45,
        queue=MERGE.name,
        pool=MERGE.pool,
        execution_timeout=timedelta(minutes=60),
    )
