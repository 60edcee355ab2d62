"""More text than can be said in the voice that is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from include.processing.transcription.evidence import FASTEST, Sound
from include.processing.transcription.said import Cut, Unit, letters, spans

SLACK = 0.5  # seconds of voice that a detector by energy may miss
LOCALLY = 1.5  # times as fast may be a part of an answer: recognisers' times are not exact


@dataclass(frozen=True, slots=True)
class _Run:
    """A segment: its place among the units, its amount of text, its time."""

    first: int
    last: int
    letters: float
    start: float
    end: float


def too_fast(found: Sequence[Unit], sound: Sound) -> list[Cut]:
    """Segments that leave too little time for themselves and their neighbours; each speaker for himself."""
    runs = [_run(found, a, b) for a, b in spans(found)]
    cuts = []
    for _, same in groupby(sorted(runs, key=lambda r: str(found[r.first].speaker)), lambda r: found[r.first].speaker):
        left = list(same)
        while (worst := _worst(left, sound)) is not None:
            left.remove(worst)
            cuts.append(Cut(worst.first, worst.last, "ASR_TOO_FAST", "nobody can say so much in so little voice"))
    return cuts


def _run(found: Sequence[Unit], first: int, last: int) -> _Run:
    run = found[first:last]
    return _Run(first, last, letters(run), min(u.start for u in run), max(u.end for u in run))


def _worst(runs: Sequence[_Run], sound: Sound) -> _Run | None:
    """In the shortest stretch of segments that can't be said, the densest one; of equals the last."""
    begins = [min(r.start, b.end) for b, r in pairwise(runs)]
    ends = [max(b.end, r.start) for b, r in pairwise(runs)]
    before = [sound.voice(0.0, t) for t in [0.0, *begins]]
    after = [sound.voice(0.0, t) for t in [*ends, sound.seconds]]
    for size in [len(runs)] if sound.laid else range(1, len(runs) + 1):
        fastest = FASTEST if size == len(runs) else FASTEST * LOCALLY
        for i in range(len(runs) - size + 1):
            group, voice = runs[i : i + size], after[i + size - 1] - before[i]
            amount = sum(r.letters for r in group)
            if amount > fastest * (voice + SLACK) and not _heard(group, amount, sound):
                return max(reversed(group), key=lambda r: round(r.letters / (sound.voice(r.start, r.end) + SLACK), 3))
    return None


def _heard(group: Sequence[_Run], amount: float, sound: Sound) -> bool:
    """Speech, too weak for a detector by energy, and long enough."""
    start, end = group[0].start, max(r.end for r in group)
    return amount <= FASTEST * (end - start + SLACK) and bool(sound.heard(amount, start, end))
