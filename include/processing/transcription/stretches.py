"""Which stretches of a chunk are sent to a recogniser: speech grouped at its pauses.

Recognisers need context and each request costs a round trip, so short utterances go together; they invent text
in silence, so long silence is not sent; and a word cut in two is lost, so a stretch ends in a pause.
"""

from collections.abc import Sequence
from itertools import pairwise

from include.processing.speech_activity import Levels, best_cut, voiced
from include.processing.types import Span

LONGEST = 29.0  # seconds of one request
SHORTEST = 8.0  # a split that leaves less on one side needs a much better pause
LONG_PAUSE = 5.0  # silence that is never sent
PAD = 0.3  # seconds of quiet kept on each side
TINY = 0.25  # a lone sound shorter than this, far from any speech, is a click


def stretches(level: Levels) -> tuple[tuple[Span, ...], ...]:
    """Requests in order, each as its voiced spans (seconds); none is longer than LONGEST with its padding."""
    spans = voiced(level, bridge=0.1)
    groups: list[list[Span]] = []
    for span in spans:
        if groups and span.start - groups[-1][-1].end < LONG_PAUSE:
            groups[-1].append(span)
        else:
            groups.append([span])
    spoken = [g for g in groups if sum(s.end - s.start for s in g) >= TINY]
    return tuple(tuple(part) for group in spoken for part in _split(group, level))


def padded(groups: Sequence[Sequence[Span]], duration: float) -> list[Span]:
    """What is cut out for each group: its speech and some quiet, never a neighbour's speech."""
    bounds = []
    for i, group in enumerate(groups):
        before = groups[i - 1][-1].end if i else 0.0
        after = groups[i + 1][0].start if i + 1 < len(groups) else duration
        start = max(group[0].start - PAD, (before + group[0].start) / 2 if i else 0.0)
        end = min(group[-1].end + PAD, (group[-1].end + after) / 2 if i + 1 < len(groups) else duration)
        bounds.append(Span(round(max(0.0, start), 3), round(min(end, duration), 3)))
    return bounds


def _split(group: list[Span], level: Levels) -> list[list[Span]]:
    start, end = group[0].start, group[-1].end
    if end - start + 2 * PAD <= LONGEST:
        return [group]
    if len(group) == 1:
        middle = (start + end) / 2
        cut = best_cut(level, middle, min((end - start) / 2 - 1, LONGEST / 3))
        return _split([Span(start, cut)], level) + _split([Span(cut, end)], level)
    best = max(range(1, len(group)), key=lambda i: _worth(group, i))
    return _split(group[:best], level) + _split(group[best:], level)


def _worth(group: list[Span], i: int) -> float:
    """Of splitting before span i: the longer the pause the better, but no crumbs."""
    pause = min(group[i].start - group[i - 1].end, 1.5)
    crumb = min(group[i - 1].end - group[0].start, group[-1].end - group[i].start)
    return pause - max(0.0, SHORTEST - crumb) / SHORTEST * 1.5


def silences(bounds: Sequence[Span], duration: float) -> list[Span]:
    """The gaps between the stretches."""
    edges = [Span(0.0, 0.0), *bounds, Span(duration, duration)]
    return [Span(a.end, b.start) for a, b in pairwise(edges) if b.start - a.end > 5e-4]
