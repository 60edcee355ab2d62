"""python -m include.processing VIDEO --out DIR: one video to timed text, without Airflow, store or database."""

import argparse
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from include.processing import ports
from include.processing.chunk_task import Choices
from include.processing.container import hardware
from include.processing.errors import PermanentError, ProcessingError
from include.processing.ocr import NAMES as OCR_NAMES
from include.processing.ocr import check_ocr, resolve_ocr
from include.processing.outputs import NAMES, RESULT
from include.processing.pipeline import Processed, plan, process
from include.processing.transcription import engine_names, resolve_engine, transcriber
from include.processing.transcription.listening import Alignment
from include.processing.types import Receipt, VideoText

BAD_INPUT, GAVE_UP, INTERRUPTED = 2, 3, 130


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    console = Console(stderr=True)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    try:
        done = _run(options, console)
    except ProcessingError as exc:
        print(exc, file=sys.stderr)
        return BAD_INPUT if isinstance(exc, PermanentError) else GAVE_UP
    except KeyboardInterrupt:
        print("INTERRUPTED: stopped by you; the same command goes on where it stopped", file=sys.stderr, flush=True)
        return INTERRUPTED
    _summary(done.text, done.receipt, options.out)
    if done.error:
        print(f"{done.error}; the same command goes on from here", file=sys.stderr)
    return GAVE_UP if done.error else 0


def _run(options: argparse.Namespace, console: Console) -> Processed:
    weights = options.weights
    language = None if options.language in (None, "auto") else options.language
    screen_language = options.screen_language or language
    choices = Choices(
        asr=resolve_engine(options.asr, weights),
        model=options.model,
        weights=weights,
        ocr=resolve_ocr(options.ocr, screen_language),
        screen_language=screen_language,
        ocr_weights=options.ocr_weights,
        language=language,
        fps=options.fps,
        hwaccel=options.hwaccel,
        sound=options.sound,
        denoise=options.denoise,
        alignment=options.alignment,
        slides_first=options.slides_first,
    )
    if choices.hwaccel:
        hardware(choices.hwaccel)  # an unknown name must show before any work is done
    check_ocr(choices.ocr, screen_language, options.ocr_weights)
    engine = transcriber(choices.asr, choices.model, choices.weights)
    _prepare(options.out)
    if engine.note:
        console.print(f"[yellow]{engine.name}: {engine.note}[/yellow]", highlight=False)
    planned = plan(options.video, options.chunk_minutes, choices, options.out, options.budget)
    if cost := planned.estimate.dollars:
        minutes = planned.estimate.speech_seconds / 60
        console.print(f"about {minutes:.0f} min of speech, about ${cost:.2f} where nothing is reused", highlight=False)
    with _drawn(console, [c.duration for c in planned.chunks]) as progress:
        return process(options.video, planned, options.out, choices, options.jobs, progress, options.budget)


def _prepare(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise PermanentError("OUT_UNWRITABLE", f"{out}: {exc.strerror}", "give another --out") from exc
    if not os.access(out, os.W_OK):
        raise PermanentError("OUT_UNWRITABLE", f"{out}: no permission to write", "give another --out")


@contextmanager
def _drawn(console: Console, lengths: list[float]) -> Iterator[ports.Progress]:
    """A bar for each stage, in seconds of video, over all chunks."""
    columns = (
        TextColumn("{task.description:<11}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=not console.is_terminal) as bars:
        stages: dict[str, TaskID] = {s: bars.add_task(s, total=sum(lengths)) for s in ("extract", "transcribe", "ocr")}
        shares = {stage: [0.0] * len(lengths) for stage in stages}

        def report(stage: str, chunk: int, done: float, total: float) -> None:
            share = min(1.0, done / total) if total else 1.0
            shares[stage][chunk] = max(shares[stage][chunk], share * lengths[chunk])
            bars.update(stages[stage], completed=sum(shares[stage]))

        yield report


def _summary(text: VideoText, cost: Receipt, out: Path) -> None:
    words = sum(len(s.text.split()) for s in text.speech)
    print(f"{text.video.filename}: {text.quality.status}, {words} words said, {len(text.screen)} screens")
    for problem in text.quality.problems:
        print(f"  {problem.code}: {problem.message}")
    print(f"  sent {cost.seconds_sent:.0f} s of sound (${cost.dollars:.4f}), reused {cost.seconds_reused:.0f} s")
    print(f"  {out / RESULT}")
    print(f"  beside it {', '.join(name for name in NAMES if name != RESULT)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m include.processing", description=__doc__)
    add = parser.add_argument
    add("video", help="path or http(s) URL of a video")
    add("--out", type=Path, required=True, help="folder for the results; a second run with the same one resumes")
    add("--asr", default="auto", choices=["auto", *engine_names()], help="speech engine (default: the best at hand)")
    add("--model", help="model of the speech engine, e.g. whisper-1")
    add("--weights", type=Path, default=_folder("REELSCRIBE_WHISPER_MODEL"), help="folder of faster-whisper weights")
    add("--ocr", default="auto", help=f"engine for screen text: {', '.join(OCR_NAMES)}, or another first+second")
    add("--ocr-weights", type=Path, default=_folder("REELSCRIBE_OCR_WEIGHTS"), help="folder for paddleocr or easyocr")
    add("--language", help="language spoken, e.g. en, de (default: the engine finds out)")
    add("--screen-language", help="language(s) on the screen, e.g. de, en+de (default: --language, else English)")
    add("--chunk-minutes", type=_between(0.5, 60), default=10.0, help="length of a chunk (default 10)")
    add("--fps", type=_between(0.2, 5), default=1.0, help="pictures looked at per second (default 1)")
    add("--hwaccel", metavar="DEVICE", help="decode pictures on a device, e.g. cuda; in software where it is missing")
    add("--sound", default="best", metavar="TRACK", help="best, all (mixed into one), or the number of a sound track")
    add("--denoise", action="store_true", help="reduce steady noise before listening")
    add(
        "--alignment",
        choices=get_args(Alignment),
        default="pauses",
        help="times for text without times: laid over the pauses, or each word looked for in the sound (English)",
    )
    add("--slides-first", action="store_true", help="read the screen first: its names and terms help the recogniser")
    add("--budget", type=_between(1e-6, 1e6), metavar="DOLLARS", help="most that this run may spend on speech")
    add("--jobs", type=int, choices=range(1, 65), metavar="N", default=os.cpu_count() or 1, help="processes")
    return parser


def _folder(variable: str) -> Path | None:
    named = os.environ.get(variable)
    return Path(named) if named else None


class _between:  # noqa: N801 - argparse shows the name
    def __init__(self, least: float, most: float) -> None:
        self._least, self._most = least, most

    def __call__(self, text: str) -> float:
        value = float(text)
        if not self._least <= value <= self._most:
            raise argparse.ArgumentTypeError(f"must lie between {self._least} and {self._most}")
        return value
