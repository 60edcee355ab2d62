"""Is a line of the screen what is being said? Subtitles burnt into the picture are no news beside the speech."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rapidfuzz.fuzz import partial_ratio

from include.processing.outputs_screen import Appearance, key
from include.processing.subtitle_units import Run

CAPTION = 9.0  # seconds that burnt-in subtitles stand at most; what stands longer is the picture's own
AROUND = 3.0  # seconds before and after, in which they are said
ALIKE = 80.0  # percent of the letters: both the recogniser and the reader make mistakes
SHORT = 3  # letters or digits: too few to tell


def unsaid(found: Iterable[Appearance], spoken: Sequence[Run]) -> list[Appearance]:
    """Without the lines that are being said while they stand, for a short time."""
    units = sorted(((unit.start, key(unit.text)) for run in spoken for unit in run.units), key=lambda timed: timed[0])
    starts = [start for start, _ in units]
    kept = []
    for new in found:
        lines = new.lines
        if new.end - new.start <= CAPTION and starts:
            first, last = bisect_left(starts, new.start - AROUND), bisect_left(starts, new.end + AROUND)
            heard = "".join(name for _, name in units[first:last])
            lines = tuple(line for line in lines if not _said(key(line), heard))
        if lines:
            kept.append(replace(new, lines=lines))
    return kept


def _said(line: str, heard: str) -> bool:
    if len(line) < SHORT:
        return line in heard
    return len(heard) >= len(line) * ALIKE / 100 and partial_ratio(line, heard) >= ALIKE
