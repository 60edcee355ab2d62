"""Everything the chunks gave → one result: objects, rows, and the video's last status."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, Context

from include.monitoring.deadlines import DEADLINE
from include.processing.errors import PermanentError
from include.settings import settings
from operators.base import Job, StageOperator, run_of
from operators.gathering import Gathered, Sent, gather, stage_seconds, usage_of_run
from operators.in_place import DONE
from operators.records import Options, Plan, clock

if TYPE_CHECKING:
    from include.processing.transcription.language_vote import LanguageVote
    from include.processing.types import Coverage, Receipt, VideoText
    from include.storage import ObjectStore

THREADS = 8  # that write the files of a result

VIDEOS = Asset("reelscribe_videos", "x-reelscribe://videos")
"""Its events say which video was published (docs/outputs.md). Airflow records them of a task that succeeded only."""


class PublishVideoOperator(StageOperator):
    """Runs when all else is done, well or badly: publishes what there is, and fails the run if something is missing.

    Returns what a follow-up needs, `{"video_id", "status", "result", "filename"}`, with the key of result.json. The
    event of `VIDEOS` has the same.
    """

    stage = "publish"
    template_fields = ("chunks", "transcripts", "screens")

    def __init__(self, *, chunks: object, transcripts: object, screens: object, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.chunks, self.transcripts, self.screens = chunks, transcripts, screens

    def execute(self, context: Context) -> dict[str, str]:
        sent = self._sent(context)
        if not sent.chunks:
            raise self._not_planned(run_of(context))
        video_id = sent.chunks[0]["video_id"]
        with self.job(context, video_id) as job:
            text, result = self._publish(job, video_id, sent, self.options(context))
        published = {
            "video_id": video_id,
            "status": text.quality.status,
            "result": result,
            "filename": text.video.filename,
        }
        context["outlet_events"][VIDEOS].extra = dict(published)
        return published

    def _sent(self, context: Context) -> Sent:
        """From the chunks' tasks, or from plan where it did their work too."""
        sent = Sent.of_tasks(self.chunks, self.transcripts, self.screens)
        return sent if sent.chunks else Sent.of_plan(context["ti"].xcom_pull(task_ids="plan", key=DONE))

    def _publish(self, job: Job, video_id: str, sent: Sent, options: Options) -> "tuple[VideoText, str]":
        from include.db import queries, spending
        from include.processing.merging import merge, receipt
        from include.processing.record import from_json
        from include.processing.types import SpokenLanguage

        store = self.open_store()
        with self.database() as connection:
            jobs = [row for row in queries.jobs(connection, job.run_id) if row.stage != DEADLINE]
            bought = spending.total_spent(connection, job.run_id)
        plan = from_json(Plan, store.get(sent.chunks[0]["plan"]))
        made = gather(store, plan.chunks, sent, jobs)
        job.details["chunks"] = made.counts
        if not made.transcripts and not made.screens:
            cause = f"every chunk failed: {made.missing[0].reason}"
            raise PermanentError("NOTHING_DONE", cause, "mend the cause and clear the failed tasks")
        vote = _vote(store, sent.chunks[0]["vote"])
        spoken = vote.spoken if vote else None
        language = SpokenLanguage(options.language) if options.language else spoken
        text = merge(plan.filename, plan.media, plan.problems, made.transcripts, made.screens, made.missing, language)
        usage = usage_of_run(made.usages, vote, bought)
        cost = receipt([usage], made.screens, len(jobs), stage_seconds(jobs))
        result = _write(store, job, video_id, text, cost)
        self._point_at(result, job, video_id, text)
        _check_complete(made, text)
        return text, result

    def _point_at(self, result: str, job: Job, video_id: str, text: "VideoText") -> None:
        """The rows, the status and the end of dead attempts, in one transaction."""
        from include.db import publishing, queries
        from include.processing.passages import passages
        from include.processing.quality import needs_review
        from include.processing.timeline import moments

        found, shown = passages(text), moments(text)  # before the transaction, which holds locks
        with self.database() as connection:
            queries.close_dead_jobs(connection, job.run_id, except_job=job.id)
            publishing.publish(
                connection,
                video_id,
                status=text.quality.status,
                result_key=result,
                needs_review=needs_review(text.quality, settings().review_below),
                moments=shown,
                passages=found,
                error=_lack(text),
            )

    def _not_planned(self, run_id: str) -> PermanentError:
        """A plan that failed has said why; one that was killed each time has not, and its video still runs."""
        from include.db import queries

        refusal = PermanentError("NOT_PLANNED", "the plan task failed", "see processing_jobs and the log of plan")
        with self.database() as connection:
            queries.close_dead_jobs(connection, run_id)
            for video_id in {job.video_id for job in queries.jobs(connection, run_id)}:
                video = queries.video(connection, video_id)
                if video and video.status in ("queued", "running"):
                    queries.set_video_status(connection, video_id, "failed", str(refusal), run_id=run_id)
        return refusal


def _vote(store: "ObjectStore", key: str | None) -> "LanguageVote | None":
    from include.processing.record import from_json
    from include.processing.transcription.language_vote import LanguageVote

    return from_json(LanguageVote, store.get(key)) if key else None


def _write(store: "ObjectStore", job: Job, video_id: str, text: "VideoText", cost: "Receipt") -> str:
    """The key of result.json, which is written last: where it is, the rest is. A result that is there already keeps
    the receipt of the run that made it; what this one cost is found by its job."""
    from include.processing import outputs
    from include.storage import keys

    files = outputs.files(text, cost)
    digest = outputs.digest(files)
    receipt, result = keys.receipt(video_id, job.id), keys.result(video_id, digest, outputs.RESULT)
    beside = {keys.result(video_id, digest, name): data for name, data in files.items() if name != outputs.RESULT}
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(store.put, [receipt, *beside], [files[outputs.RECEIPT], *beside.values()]))
    store.put(result, files[outputs.RESULT])
    job.details["receipt"] = receipt
    return result


def _lack(text: "VideoText") -> str | None:
    """One line on what a partial result lacks."""
    from include.processing.quality import MISSING

    if text.quality.status != "partial":
        return None
    found = [f"{problem.code}: {problem.message}" for problem in text.quality.problems if problem.code in MISSING]
    unheard = [
        f"PARTIAL: the speech from {clock(c.start)} to {clock(c.end)} is missing ({c.reason})" for c in _unheard(text)
    ]
    return next(iter([*found, *unheard]), None)


def _unheard(text: "VideoText") -> "list[Coverage]":
    """A file that was cut off is all that there is; what a stage failed on can still be had."""
    from include.processing.merging import TRUNCATED

    return [c for c in text.coverage if c.state == "failed" and c.reason != TRUNCATED]


def _check_complete(made: Gathered, text: "VideoText") -> None:
    unread = [(m.chunk, m.reason) for m in made.missing if m.stage == "ocr"]
    lost = [f"speech from {clock(c.start)} to {clock(c.end)} ({c.reason})" for c in _unheard(text)]
    lost += [f"the screen from {clock(chunk.start)} to {clock(chunk.end)} ({reason})" for chunk, reason in unread]
    if lost:
        more = f", and {len(lost) - 1} more" if len(lost) > 1 else ""
        remedy = "mend the cause and clear the failed tasks: what is done is kept"
        raise PermanentError("PARTIAL", f"missing: {lost[0]}{more}", remedy)
