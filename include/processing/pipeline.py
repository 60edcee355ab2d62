"""A whole video without Airflow, store or database: plan, its chunks in parallel processes, merge."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from include.processing import outputs
from include.processing.chunk_pool import in_processes
from include.processing.chunk_task import SCRATCH, Attempts, Choices, ChunkDone, ChunkTask, buyer_for
from include.processing.errors import ProcessingError
from include.processing.merging import merge, receipt
from include.processing.planning import outline
from include.processing.ports import Progress
from include.processing.probe import Probe, probe
from include.processing.sources import open_source
from include.processing.transcription.estimate import Estimate, estimate
from include.processing.transcription.language_vote import LanguageVote, vote_language
from include.processing.transcription.listening import Listening
from include.processing.types import Chunk, Receipt, SoundChoice, SpeechUsage, SpokenLanguage, VideoText
from include.processing.workfolder import write_whole

WORK = ".reelscribe"  # inside --out
BUDGET = "budget.json"  # what this run has spent; counted anew by each


@dataclass(frozen=True, slots=True)
class Plan:
    """`vote` is on the language, None where it was given; `usage` is what its samples cost."""

    filename: str
    probe: Probe
    sound: SoundChoice
    chunks: tuple[Chunk, ...]
    estimate: Estimate
    vote: LanguageVote | None = None
    usage: SpeechUsage = SpeechUsage()  # noqa: RUF009 - frozen


def plan(where: str, chunk_minutes: float, choices: Choices, out: Path, budget: float | None = None) -> Plan:
    """Raises `ProcessingError`s, transient ones after the retries that include/retry.py grants."""
    (out / WORK / BUDGET).unlink(missing_ok=True)
    buyer = buyer_for(choices, out / WORK, _budget(out, budget))

    def attempt() -> Plan:
        source = open_source(where)
        found = probe(source)
        rough = outline(
            source,
            found,
            fingerprint(where),
            chunk_minutes,
            choices.sound,
            choices.language,
            estimated=bool(buyer.dollars_per_minute),
        )
        vote = None
        if choices.language is None:
            vote = vote_language(source, found, rough.chunks, rough.sound, buyer)
        cost = estimate(rough.speech_share, found.media, buyer.dollars_per_minute)
        return Plan(source.name, found, rough.sound, rough.chunks, cost, vote, buyer.spent)

    return Attempts().run("plan", attempt)


def _how_to_listen(choices: Choices, vote: LanguageVote | None, chunk: Chunk) -> Listening:
    language = choices.language or (vote.language if vote else None)
    heard = vote.of_chunk(chunk) if vote else ()
    return Listening(language, choices.alignment, heard=heard)


def _budget(out: Path, dollars: float | None) -> tuple[Path, float] | None:
    return None if dollars is None else (out / WORK / BUDGET, dollars)


def fingerprint(where: str) -> str:
    """Changes whenever the video behind a path or URL does."""
    source = open_source(where)
    version = getattr(source, "version", None)
    if version is None:
        path = Path(where)
        version, where = f"{source.size}-{path.stat().st_mtime_ns}", str(path.resolve())
    return hashlib.sha256(f"{where}|{version}".encode(errors="surrogateescape")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Processed:
    """`error`: why some speech is missing from `text`, which is partial then."""

    text: VideoText
    receipt: Receipt
    error: ProcessingError | None


def process(
    where: str,
    planned: Plan,
    out: Path,
    choices: Choices,
    jobs: int,
    progress: Progress,
    budget: float | None = None,
) -> Processed:
    """Writes the files of `outputs` into `out`. Raises `ProcessingError`s; that of speech only where none of it was
    heard."""
    work = out / WORK / _recipe(planned, choices)
    work.mkdir(parents=True, exist_ok=True)
    tasks = [
        ChunkTask(
            where,
            planned.probe.media,
            planned.probe.index,
            planned.sound,
            chunk,
            choices,
            _how_to_listen(choices, planned.vote, chunk),
            work,
            _budget(out, budget),
        )
        for chunk in planned.chunks
    ]
    attempts = Attempts()
    _tidy(work)
    try:
        done = list(in_processes(tasks, jobs, progress))
    finally:
        _tidy(work)
    error = next((d.error for d in done if d.error), None)
    if error and not any(c.state == "transcribed" for d in done for c in d.transcript.coverage):
        raise error
    voted = planned.vote.spoken if planned.vote else None
    text = merge(
        planned.filename,
        planned.probe.media,
        planned.probe.problems,
        [d.transcript for d in done],
        [d.screens for d in done],
        language=SpokenLanguage(choices.language) if choices.language else voted,
    )
    cost = _receipt(planned, done, attempts)
    _write(out, text, cost)
    return Processed(text, cost, error)


def _tidy(work: Path) -> None:
    """Away with the scratch folders of workers that were killed."""
    for left in work.glob(f"{SCRATCH}*"):
        shutil.rmtree(left, ignore_errors=True)


def _recipe(planned: Plan, choices: Choices) -> str:
    """Everything that determines the chunks' texts: other choices find other work."""
    facts: dict[str, Any] = {**asdict(choices), "video": planned.chunks[0].video_id}
    facts["cuts"] = [c.end for c in planned.chunks]
    facts["heard in"] = planned.vote.language if planned.vote else None
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _receipt(planned: Plan, done: Sequence[ChunkDone], attempts: Attempts) -> Receipt:
    seconds = dict(attempts.seconds)
    for each in done:
        for stage, spent in each.seconds.items():
            seconds[stage] = seconds.get(stage, 0.0) + spent
    tries = attempts.tries + sum(d.attempts for d in done)
    return receipt([planned.usage, *(d.usage for d in done)], [d.screens for d in done], tries, seconds)


def _write(out: Path, text: VideoText, cost: Receipt) -> None:
    for name, data in outputs.files(text, cost).items():
        write_whole(out / name, data)
