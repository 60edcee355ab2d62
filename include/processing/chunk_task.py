"""One chunk through all its stages in this process, for the command: extract, then hearing and reading side by side."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
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
from include.processing.transcription.buying import Buyer
from include.processing.transcription.chunk import ChunkHeard, transcribe_chunk
from include.processing.transcription.keywords import terms
from include.processing.transcription.listening import Alignment, Listening
from include.processing.types import Chunk, ChunkScreens, MediaInfo, SoundChoice, SpeechUsage, Transcript
from include.processing.workfolder import FolderBudget, FolderLedger, WorkFolder
from include.retry import decide

T = TypeVar("T")
SCRATCH = ".0chunk"  # begins the names of folders for sound and pictures under way
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose for this run; engines by their resolved names. `sound`: best, all, or a track's number.

    `slides_first`: the screen is read first, and its names and terms help the recogniser.
    """

    asr: str
    model: str | None
    weights: Path | None
    ocr: str
    screen_language: str | None
    ocr_weights: Path | None
    language: str | None
    fps: float
    hwaccel: str | None = None
    sound: str = "best"
    denoise: bool = False
    alignment: Alignment = "pauses"
    slides_first: bool = False


@dataclass(frozen=True, slots=True)
class ChunkTask:
    """`listening` is for this chunk; `budget` is the file that the run's spending is counted in, and its dollars."""

    where: str
    media: MediaInfo
    index: bytes
    sound: SoundChoice
    chunk: Chunk
    choices: Choices
    listening: Listening
    work: Path
    budget: tuple[Path, float] | None = None


@dataclass(frozen=True, slots=True)
class ChunkDone:
    """`error` says why some of the chunk's sound is `failed` in the transcript's coverage."""

    transcript: Transcript
    usage: SpeechUsage
    screens: ChunkScreens
    attempts: int
    seconds: dict[str, float]
    error: ProcessingError | None = None


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
    """What an earlier run finished is taken from the work folder. Raises `ProcessingError`s, those of speech apart."""
    folder = WorkFolder(task.work)
    stem = f"{task.chunk.index:04d}"
    attempts = Attempts()
    transcript = folder.load(f"{stem}.transcript.json", Transcript)
    screens = folder.load(f"{stem}.screens.json", ChunkScreens)
    error = None
    usage = _reused(task, transcript) if transcript else SpeechUsage()
    if transcript is None or screens is None:
        with TemporaryDirectory(dir=task.work, prefix=f"{SCRATCH}{stem}-") as scratch:
            extracted = attempts.run("extract", lambda: _extract(task, Path(scratch), progress))
            heard, screens = _heard_and_read(task, extracted, screens, attempts, progress)
            transcript, usage, error = heard.transcript, heard.usage, heard.error
        folder.save(f"{stem}.screens.json", screens)
        if error is None:  # what lacks something is made again by the next run, from the answers in the ledger
            folder.save(f"{stem}.transcript.json", transcript)
    for stage in ("extract", "transcribe", "ocr"):
        progress(stage, task.chunk.index, 1.0, 1.0)
    return ChunkDone(transcript, usage, screens, attempts.tries, attempts.seconds, error)


def _reused(task: ChunkTask, transcript: Transcript) -> SpeechUsage:
    """But for the samples of the language vote, which the plan counts."""
    spoken = sum(c.end - c.start for c in transcript.coverage if c.state == "transcribed")
    sampled = sum(s.end - s.start for s in task.listening.heard)
    return SpeechUsage(seconds_reused=round(spoken - sampled, 3), seconds_silent=round(task.chunk.duration - spoken, 3))


def _heard_and_read(
    task: ChunkTask, extracted: Extracted, screens: ChunkScreens | None, attempts: Attempts, progress: Progress
) -> tuple[ChunkHeard, ChunkScreens]:
    """Side by side, unless the screen is to help the recogniser."""

    def read() -> ChunkScreens:
        return screens or attempts.run("ocr", lambda: _read(task, extracted, progress))

    if task.choices.slides_first:
        screens = read()
        listening = replace(task.listening, keywords=terms(screens))
        return _hear(task, extracted, listening, attempts, progress), screens
    with ThreadPoolExecutor(1) as beside:
        hearing = beside.submit(_hear, task, extracted, task.listening, attempts, progress)
        screens = read()
        return hearing.result(), screens


def _extract(task: ChunkTask, scratch: Path, progress: Progress) -> Extracted:
    return extract_chunk(
        open_source(task.where),
        task.media,
        task.chunk,
        scratch,
        fps=task.choices.fps,
        index=task.index,
        progress=progress,
        sound=task.sound,
        hwaccel=task.choices.hwaccel,
    )


def _hear(
    task: ChunkTask, extracted: Extracted, listening: Listening, attempts: Attempts, progress: Progress
) -> ChunkHeard:
    """With what failed marked, when no more attempts are granted."""
    buyer = buyer_for(task.choices, task.work.parent, task.budget)
    heard: list[ChunkHeard] = []

    def attempt() -> ChunkHeard:
        heard.append(transcribe_chunk(task.chunk, extracted.audio, buyer, listening, progress))
        if (error := heard[-1].error) is not None:
            raise error
        return heard[-1]

    try:
        return attempts.run("transcribe", attempt)
    except ProcessingError:
        if not heard:
            raise
        return heard[-1]


def buyer_for(choices: Choices, folder: Path, budget: tuple[Path, float] | None) -> Buyer:
    """All runs with this `folder` share what they bought."""
    engine = transcriber(choices.asr, choices.model, choices.weights)
    held = FolderBudget(*budget) if budget else None
    return Buyer(engine, FolderLedger(folder / "ledger"), budget=held, denoise=choices.denoise)


def _read(task: ChunkTask, extracted: Extracted, progress: Progress) -> ChunkScreens:
    engine = ocr_engine(task.choices.ocr, task.choices.screen_language, task.choices.ocr_weights)
    return read_chunk(extracted.index, extracted.frames, engine, progress)
