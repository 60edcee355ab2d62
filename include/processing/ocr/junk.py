"""Lines that are no text: texture that an engine took for letters."""

from collections.abc import Sequence

from include.processing.ocr.tracks import Track
from include.processing.types import TextBox

UNREADABLE = 0.2  # confidence, below which no line is text
FILM = 0.5  # … over a film, which has more texture than text
FEW = 4  # letters and digits, below which a line must be surer:
SURE = 0.6  # … a page number is, a speck is not
FLEETING = 0.75  # … of what was read over a film at one tick only
LETTERS = 0.5  # share of letters and digits in a text that need not be surer


def without_junk(tracks: Sequence[Track]) -> tuple[tuple[Track, ...], int]:
    """Those that are text, and how many are not."""
    kept = tuple(track for track in tracks if is_text(track.line, _needed(track)))
    return kept, len(tracks) - len(kept)


def _needed(track: Track) -> float:
    if not track.film:
        return UNREADABLE
    return FLEETING if sum(track.counts) == 1 else FILM


def is_text(line: TextBox, needed: float = UNREADABLE) -> bool:
    """`needed` is the confidence that a line of usual length must have."""
    letters = sum(c.isalnum() for c in line.text)
    if letters < FEW or letters < LETTERS * len(line.text.replace(" ", "")):
        needed = max(needed, SURE)
    return letters > 0 and line.confidence >= needed
