"""One chunk through all its stages in this process, for the command: extract, then hearing and reading side by side."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from include.processing.errors import ProcessingError
from include.processing.extract import Extracted, extract_chunk
from include.processing.ocr import ocr_engine
from include.processing.ocr.chunk import read_chunk
from include.processing.ports import Progress
from include.processing.sources import open_source
from include.processing.transcription import transcriber
from include.processing.transcription.chunk import transcribe_chunk
from include.processing.types import Chunk, ChunkScreens, MediaInfo, SpeechUsage, Transcript
from include.processing.workfolder import FolderLedger, WorkFolder
from include.retry import decide

T = TypeVar("T")
SCRATCH = ".0chunk"  # begins the names of folders for sound and pictures under way
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose for this run; engines by their resolved names."""

    asr: str
    model: str | None
    weights: Path | None
    ocr: str
    language: str | None
    fps: float


@dataclass(frozen=True, slots=True)
class ChunkTask:
    where: str
    media: MediaInfo
    index: bytes
    chunk: Chunk
    choices: Choices
    work: Path


@dataclass(frozen=True, slots=True)
class ChunkDone:
    transcript: Transcript
    usage: SpeechUsage
    screens: ChunkScreens
    attempts: int
    seconds: dict[str, float]


class Attempts:
    """Runs stages by the retry table; counts tries and seconds."""

    def __init__(self) -> None:
        self.tries = 0
        self.seconds: dict[str, float] = {}

    def run(self, stage: str, work: Callable[[], T]) -> T:
        attempt = 0
        began = time.monotonic()
        while True:
            attempt += 1
            self.tries += 1
            try:
                result = work()
            except ProcessingError as exc:
                pause = decide(exc, attempt)
                if pause is None:
                    raise
                log.warning("%s; trying again in %.0f s", exc, pause)
                time.sleep(pause)
            else:
                self.seconds[stage] = self.seconds.get(stage, 0.0) + time.monotonic() - began
                return result


def run_chunk(task: ChunkTask, progress: Progress) -> ChunkDone:
    """What an earlier run finished is taken from the work folder. Raises `ProcessingError`s."""
    folder = WorkFolder(task.work)
    stem = f"{task.chunk.index:04d}"
    attempts = Attempts()
    transcript = folder.load(f"{stem}.transcript.json", Transcript)
    screens = folder.load(f"{stem}.screens.json", ChunkScreens)
    usage = SpeechUsage()
    if transcript is not None:
        spoken = sum(c.end - c.start for c in transcript.coverage if c.state == "transcribed")
        usage = SpeechUsage(seconds_reused=round(spoken, 3), seconds_silent=round(task.chunk.duration - spoken, 3))
    if transcript is None or screens is None:
        with TemporaryDirectory(dir=task.work, prefix=f"{SCRATCH}{stem}-") as scratch:
            extracted = attempts.run("extract", lambda: _extract(task, Path(scratch), progress))
            with ThreadPoolExecutor(1) as beside:
                hearing = beside.submit(attempts.run, "transcribe", lambda: _hear(task, extracted, progress))
                screens = attempts.run("ocr", lambda: _read(task, extracted, progress))
                folder.save(f"{stem}.screens.json", screens)
                transcript, usage = hearing.result()
        folder.save(f"{stem}.transcript.json", transcript)
    for stage in ("extract", "transcribe", "ocr"):
        progress(stage, task.chunk.index, 1.0, 1.0)
    return ChunkDone(transcript, usage, screens, attempts.tries, attempts.seconds)


def _extract(task: ChunkTask, scratch: Path, progress: Progress) -> Extracted:
    source = open_source(task.where)
    return extract_chunk(
        source, task.media, task.chunk, scratch, fps=task.choices.fps, index=task.index, progress=progress
    )


def _hear(task: ChunkTask, extracted: Extracted, progress: Progress) -> tuple[Transcript, SpeechUsage]:
    choices = task.choices
    engine = transcriber(choices.asr, choices.model, choices.weights)
    ledger = FolderLedger(task.work.parent / "ledger")
    return transcribe_chunk(task.chunk, extracted.audio, engine, choices.language, ledger, progress)


def _read(task: ChunkTask, extracted: Extracted, progress: Progress) -> ChunkScreens:
    engine = ocr_engine(task.choices.ocr, task.choices.language)
    return read_chunk(extracted.index, extracted.frames, engine, progress)
