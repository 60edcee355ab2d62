"""Live captions below a slide would cut it into seconds: places whose text is replaced again and again while the rest
stands have entries of their own."""

from collections.abc import Sequence
from itertools import pairwise

from rapidfuzz import fuzz

from include.processing.ocr.lines import in_row
from include.processing.ocr.tracks import Track

RUN = 3  # texts after another in one place
LIFE = 10.0  # seconds that one stands at most
AT_ONCE = 0.3  # seconds between the end of one and the start of the next
REST = 2  # other lines that stand meanwhile
ANOTHER = 60.0  # percent alike, below which a text is another one; a line that is typed grows out of the one before


def captions(tracks: Sequence[Track]) -> list[Track]:
    """Those of lines that stand still."""
    chains: list[list[Track]] = []
    for track in tracks:
        if track.end - track.start > LIFE:
            continue
        chain = next((c for c in chains if _follows(c[-1], track)), None)
        if chain is None:
            chains.append([track])
        else:
            chain.append(track)
    chains = [c for c in chains if len(c) >= RUN]
    fleeting = {id(t) for c in chains for t in c}
    rest = [t for t in tracks if id(t) not in fleeting]
    return [t for c in chains if _alone(c, rest) for t in c]


def _follows(before: Track, now: Track) -> bool:
    if abs(now.start - before.end) > AT_ONCE or not in_row(before.line.box, now.line.box):
        return False
    a, b = before.line, now.line
    beside = min(a.box.right, b.box.right) <= max(a.left, b.left)
    return not beside and fuzz.ratio(a.text, b.text) < ANOTHER and not b.text.startswith(a.text[: len(a.text) // 2])


def _alone(chain: Sequence[Track], rest: Sequence[Track]) -> bool:
    """Does the rest stand while these are replaced?"""
    for before, now in pairwise(chain):
        if sum(t.start < before.end - AT_ONCE and t.end > now.start + AT_ONCE for t in rest) < REST:
            return False
    return True
