"""What the chunks of a run left behind, joined by chunk index, and what is missing with its reason."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from include.processing.errors import PermanentError
from include.processing.types import Chunk, ChunkScreens, SpeechUsage, Transcript
from operators.records import ChunkDict, DoneDict, MadeDict, TranscribedDict, chunk_of

if TYPE_CHECKING:
    from include.db.rows import JobRow
    from include.db.spending import Spending
    from include.processing.merging import Missing
    from include.processing.transcription.language_vote import LanguageVote
    from include.storage import ObjectStore

NEVER_FINISHED = "no attempt came to an end; see the task's log"


@dataclass(frozen=True, slots=True)
class Sent:
    """What the tasks before publish handed on."""

    chunks: tuple[ChunkDict, ...]
    transcripts: tuple[TranscribedDict, ...]
    screens: tuple[MadeDict, ...]

    @classmethod
    def of_tasks(cls, chunks: Any, transcripts: Any, screens: Any) -> "Sent":
        return cls(tuple(listed(chunks)), tuple(listed(transcripts)), tuple(listed(screens)))

    @classmethod
    def of_plan(cls, pulled: Any) -> "Sent":
        done: list[DoneDict] = listed(pulled)
        return cls(
            tuple(one["chunk"] for one in done),
            tuple(one["transcript"] for one in done if one["transcript"]),
            tuple(one["screen"] for one in done if one["screen"]),
        )


@dataclass(frozen=True, slots=True)
class Gathered:
    """A transcript may lack stretches: its coverage says so. `missing` is what is not there at all."""

    transcripts: tuple[Transcript, ...]
    usages: tuple[SpeechUsage, ...]
    screens: tuple[ChunkScreens, ...]
    missing: "tuple[Missing, ...]"
    counts: dict[str, int]


def gather(store: "ObjectStore", planned: Sequence[Chunk], sent: Sent, jobs: "Sequence[JobRow]") -> Gathered:
    """Raises PermanentError CHUNKS_DIFFER where what the tasks handed on or stored isn't of the chunks that were
    `planned`: a result of other chunks would look complete."""
    from include.processing.record import from_json

    _same("planned", planned, "handed on", [chunk_of(chunk) for chunk in sent.chunks])
    heard = _lacking(jobs) | _by_index(sent.transcripts)
    read = _by_index(sent.screens)
    missing = (*_missing("transcribe", planned, heard, jobs), *_missing("ocr", planned, read, jobs))
    transcripts = tuple(from_json(Transcript, store.get(made["key"])) for made in heard.values())
    screens = tuple(from_json(ChunkScreens, store.get(made["key"])) for made in read.values())
    for stage, chunks in (("transcribe", [t.chunk for t in transcripts]), ("ocr", [s.chunk for s in screens])):
        lost = [one.chunk for one in missing if one.stage == stage]
        _same("planned", planned, f"stored by {stage} or known to have failed", [*chunks, *lost])
    return Gathered(
        transcripts=transcripts,
        usages=tuple(from_json(SpeechUsage, store.get(made["usage"])) for made in heard.values()),
        screens=screens,
        missing=missing,
        counts={"planned": len(planned), "transcripts": len(transcripts), "screens": len(screens)},
    )


def _by_index(made: Sequence[MadeDict]) -> dict[int, Any]:
    """A chunk that came twice counts once: it is the same object."""
    return {one["index"]: one for one in made}


def _same(expected: str, chunks: Sequence[Chunk], found: str, others: Sequence[Chunk]) -> None:
    if sorted(chunks, key=_place) != sorted(others, key=_place):
        cause = f"{len(chunks)} chunks were {expected}, and {len(others)} {found}, which are not the same"
        raise PermanentError("CHUNKS_DIFFER", cause, "clear the run from plan on: what is done is kept")


def _place(chunk: Chunk) -> tuple[int, float, float]:
    return chunk.index, chunk.start, chunk.end


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
