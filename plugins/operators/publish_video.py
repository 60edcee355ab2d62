"""Everything the chunks gave → one result: objects, rows, and the video's last status."""

import hashlib
from typing import TYPE_CHECKING, Any

from airflow.sdk import Context

from include.processing.errors import PermanentError
from operators.base import Job, StageOperator, run_of
from operators.gathering import Gathered, gather, listed, stage_seconds, usage_of_run
from operators.records import ChunkDict, Options, Plan, chunk_of, clock

if TYPE_CHECKING:
    from include.processing.transcription.language_vote import LanguageVote
    from include.processing.types import Coverage, Receipt, VideoText
    from include.storage import ObjectStore


class PublishVideoOperator(StageOperator):
    """Runs when all else is done, well or badly: publishes what there is, and fails the run if something is missing.

    Returns what a follow-up needs: `{"video_id", "status", "result"}`, the last being a key.
    """

    stage = "publish"
    template_fields = ("chunks", "transcripts", "screens")

    def __init__(self, *, chunks: object, transcripts: object, screens: object, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.chunks, self.transcripts, self.screens = chunks, transcripts, screens

    def execute(self, context: Context) -> dict[str, str]:
        chunks: list[ChunkDict] = listed(self.chunks)
        if not chunks:
            raise self._not_planned(run_of(context))
        video_id = chunks[0]["video_id"]
        with self.job(context, video_id) as job:
            text, result = self._publish(job, video_id, chunks, self.options(context))
        return {"video_id": video_id, "status": text.quality.status, "result": result}

    def _publish(self, job: Job, video_id: str, chunks: list[ChunkDict], options: Options) -> "tuple[VideoText, str]":
        from include.db import queries, spending
        from include.processing.merging import merge, receipt
        from include.processing.record import from_json
        from include.processing.types import SpokenLanguage

        store = self.open_store()
        with self.database() as connection:
            jobs = queries.jobs(connection, job.run_id)
            bought = spending.total_spent(connection, job.run_id)
        made = gather(store, [chunk_of(c) for c in chunks], listed(self.transcripts), listed(self.screens), jobs)
        if not made.transcripts and not made.screens:
            cause = f"every chunk failed: {made.missing[0].reason}"
            raise PermanentError("NOTHING_DONE", cause, "mend the cause and clear the failed tasks")
        plan = from_json(Plan, store.get(chunks[0]["plan"]))
        vote = _vote(store, chunks[0]["vote"])
        language = SpokenLanguage(options.language) if options.language else vote and vote.spoken
        text = merge(plan.filename, plan.media, plan.problems, made.transcripts, made.screens, made.missing, language)
        usage = usage_of_run(made.usages, vote, bought)
        cost = receipt([usage], made.screens, len(jobs), stage_seconds(jobs))
        result = _write(store, video_id, text, cost)
        self._point_at(result, job, video_id, text)
        _check_complete(made, text)
        return text, result

    def _point_at(self, result: str, job: Job, video_id: str, text: "VideoText") -> None:
        """The rows, the status and the end of dead attempts, in one transaction."""
        from include.db import queries
        from include.processing.timeline import moments

        with self.database() as connection:
            queries.close_dead_jobs(connection, job.run_id, except_job=job.id)
            queries.publish(
                connection,
                video_id,
                status=text.quality.status,
                result_key=result,
                needs_review=bool(text.quality.problems),
                moments=moments(text),
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


def _write(store: "ObjectStore", video_id: str, text: "VideoText", cost: "Receipt") -> str:
    """The key of result.json, which is written last: where it is, the rest is."""
    from include.processing.record import to_json
    from include.processing.subtitles import srt, vtt
    from include.storage import keys

    result = to_json(text, indent=1)
    digest = hashlib.sha256(result).hexdigest()[:16]
    files = {
        "transcript.srt": srt(text.speech).encode(),
        "transcript.vtt": vtt(text.speech).encode(),
        "receipt.json": to_json(cost, indent=1),
        "result.json": result,
    }
    for name, data in files.items():
        store.put(keys.result(video_id, digest, name), data)
    return keys.result(video_id, digest, "result.json")


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
