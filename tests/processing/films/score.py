"""What was read of a made film, held against what stands on it."""

import re
import resource
import statistics
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from films.base import Shown
from include.processing.extract import extract_chunk
from include.processing.merging import merge
from include.processing.ocr.chunk import read_chunk
from include.processing.ocr.engine import OcrEngine
from include.processing.probe import probe
from include.processing.sources import FileSource
from include.processing.types import Chunk, ChunkScreens, ScreenLine, ScreenText, VideoText

Entry = ScreenText | ScreenLine
FOUND = 85  # partial ratio above which a line counts as found
TOUCH = 0.05  # seconds of overlap that make a state and an entry meet
SAME = 0.3  # CER below which an entry is the state's own, and its times are held against the state's


@dataclass(frozen=True)
class Reading:
    text: VideoText
    chunks: tuple[ChunkScreens, ...]
    extract_cpu: float
    ocr_cpu: float

    @property
    def calls(self) -> int:
        return sum(c.frames_read for c in self.chunks)

    @property
    def junk(self) -> int:
        return sum(c.junk for c in self.chunks)

    @property
    def ticks(self) -> int:
        return sum(c.ticks for c in self.chunks)


def cpu() -> float:
    """Seconds of this process, its threads and its finished children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def read_video(path: Path, folder: Path, engine: OcrEngine, fps: float = 1.0, chunk_seconds: float = 600) -> Reading:
    """As the pipeline does: probe, extract, read, merge; in chunks of about that length."""
    source = FileSource(path)
    found = probe(source)
    count = max(1, round(found.media.duration / chunk_seconds))
    cuts = [round(n * found.media.duration / count, 3) for n in range(count)] + [found.media.duration]
    read, extracting, reading = [], 0.0, 0.0
    for n in range(count):
        chunk = Chunk("v", n, cuts[n], cuts[n + 1], count)
        began = cpu()
        extracted = extract_chunk(source, found.media, chunk, folder, fps=fps, index=found.index)
        between = cpu()
        read.append(read_chunk(extracted.index, extracted.frames, engine))
        extracting, reading = extracting + between - began, reading + cpu() - between
    text = merge(path.name, found.media, found.problems, [], read)
    return Reading(text, tuple(read), extracting, reading)


# ---------------------------------------------------------------- judging


def plain(text: str) -> str:
    """As score.py has it: no case, no punctuation, single spaces."""
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    text = re.sub(r"[^\w\s']", " ", text).replace("_", " ")
    return re.sub(r"\s+", " ", text).strip()


def likeness(line: str, text: str) -> float:
    """Of the line to the part of the text that is most like it, 0 to 100. A text shorter than the line is no whole."""
    line, text = plain(line), plain(text)
    return fuzz.partial_ratio(line, text) if len(text) >= len(line) else fuzz.ratio(line, text)


def line_cer(line: str, text: str) -> float:
    line, text = plain(line), plain(text)
    if len(text) >= len(line) and (at := fuzz.partial_ratio_alignment(line, text)):
        text = text[at.dest_start : at.dest_end]
    return min(1.0, Levenshtein.distance(line, text) / max(1, len(line)))


@dataclass(frozen=True)
class Verdict:
    """On one state. `holders` are the entries that stand a while during it and hold all its lines."""

    state: Shown
    lines_lost: tuple[str, ...]
    lost: bool
    holders: tuple[Entry, ...]
    cer: float
    start_error: float | None
    end_error: float | None


def judged(states: Sequence[Shown], entries: Sequence[Entry]) -> list[Verdict]:
    """`entries` may be tracks too: they have times and a text."""
    return [_judged(state, entries) for state in states]


def _judged(state: Shown, entries: Sequence[Entry]) -> Verdict:
    meeting = [e for e in entries if _overlap(state, e) > TOUCH]
    whole = [e for e in meeting if all(likeness(line, e.text) > FOUND for line in state.lines)]
    missed = [line for line in state.lines if not any(likeness(line, e.text) > FOUND for e in meeting)]
    cers = [min((line_cer(line, e.text) for e in meeting), default=1.0) for line in state.lines]
    enough = min(0.4, (state.end - state.start) / 2)
    best = max(meeting, key=lambda e: fuzz.ratio(plain(e.text), plain(state.text)), default=None)
    own = best is not None and Levenshtein.distance(plain(best.text), plain(state.text)) < SAME * len(plain(state.text))
    return Verdict(
        state,
        tuple(missed),
        not whole,
        tuple(e for e in whole if _overlap(state, e) > enough),
        statistics.mean(cers),
        best.start - state.start if best and own else None,
        best.end - state.end if best and own else None,
    )


def _overlap(state: Shown, entry: Entry) -> float:
    return min(state.end, entry.end) - max(state.start, entry.start)


def percentile(values: Sequence[float], share: float) -> float | None:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3) if ordered else None
