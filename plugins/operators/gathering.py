"""What the chunks of a run left behind, joined by chunk index, and what is missing with its reason."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from include.processing.types import Chunk, ChunkScreens, SpeechUsage, Transcript
from operators.records import MadeDict, TranscribedDict

if TYPE_CHECKING:
    from include.db.rows import JobRow
    from include.db.spending import Spending
    from include.processing.merging import Missing
    from include.processing.transcription.language_vote import LanguageVote
    from include.storage import ObjectStore

NEVER_FINISHED = "no attempt came to an end; see the task's log"


@dataclass(frozen=True, slots=True)
class Gathered:
    """A transcript may lack stretches: its coverage says so. `missing` is what is not there at all."""

    transcripts: tuple[Transcript, ...]
    usages: tuple[SpeechUsage, ...]
    screens: tuple[ChunkScreens, ...]
    missing: "tuple[Missing, ...]"


def gather(
    store: "ObjectStore",
    chunks: Sequence[Chunk],
    transcripts: Sequence[TranscribedDict],
    screens: Sequence[MadeDict],
    jobs: "Sequence[JobRow]",
) -> Gathered:
    from include.processing.record import from_json

    heard = _lacking(jobs) | {made["index"]: made for made in transcripts}
    read = {made["index"]: made for made in screens}
    missing = [*_missing("transcribe", chunks, heard, jobs), *_missing("ocr", chunks, read, jobs)]
    return Gathered(
        transcripts=tuple(from_json(Transcript, store.get(made["key"])) for made in heard.values()),
        usages=tuple(from_json(SpeechUsage, store.get(made["usage"])) for made in heard.values()),
        screens=tuple(from_json(ChunkScreens, store.get(made["key"])) for made in read.values()),
        missing=tuple(missing),
    )


def _lacking(jobs: "Sequence[JobRow]") -> dict[int, Any]:
    """Transcripts of chunks whose last attempt failed, with what was heard."""
    return {
        job.chunk_index: job.details["lacking"]
        for job in jobs
        if job.chunk_index is not None and "lacking" in job.details
    }


def _missing(
    stage: str, chunks: Sequence[Chunk], made: dict[int, Any], jobs: "Sequence[JobRow]"
) -> "Iterator[Missing]":
    from include.processing.merging import Missing

    for chunk in chunks:
        if chunk.index not in made:
            yield Missing(chunk, stage, _reason(stage, chunk.index, jobs))


def _reason(stage: str, index: int, jobs: "Sequence[JobRow]") -> str:
    """The stage's last word about this chunk, or that of extract, without which it never began."""
    said = {job.stage: job.error_message for job in jobs if job.chunk_index == index and job.error_message}
    return said.get(stage) or said.get("extract") or NEVER_FINISHED


def usage_of_run(usages: Sequence[SpeechUsage], vote: "LanguageVote | None", bought: "Spending") -> SpeechUsage:
    """`usages` are of the attempts that made the transcripts; `bought` is what all attempts of the run paid for, also
    those that failed or were killed. The rest was paid for by earlier runs."""
    sampled = sum(s.end - s.start for s in vote.samples) if vote else 0.0
    heard = sum(u.seconds_sent + u.seconds_reused for u in usages) + sampled
    return SpeechUsage(
        seconds_sent=bought.seconds,
        seconds_reused=round(max(0.0, heard - bought.seconds), 3),
        seconds_silent=sum(u.seconds_silent for u in usages),
        requests=bought.requests,
        dollars=bought.dollars,
    )


def stage_seconds(jobs: "Sequence[JobRow]") -> dict[str, float]:
    """Seconds of work by stage, over all chunks and finished attempts."""
    seconds: dict[str, float] = defaultdict(float)
    for job in jobs:
        if job.completed_at and job.status != "abandoned":
            seconds[job.stage] += (job.completed_at - job.started_at).total_seconds()
    return dict(seconds)


def listed(pulled: Any) -> list[Any]:
    """Airflow gives the results of mapped tasks as a list, but that of one single task bare, and none as None."""
    if pulled is None:
        return []
    return [pulled] if isinstance(pulled, dict) else [one for one in pulled if one is not None]
