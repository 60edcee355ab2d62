"""Two requests that share some speech: what both heard, once.

Where speech has no pause, a request ends inside it, and the next begins a little earlier. A word at such an edge may
come back as half of itself, or as another; the other request heard it whole. So the words of the shared sound are
matched, in order, and the text goes over from one request to the other in the middle of what matches.
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from include.processing.transcription.spoken import joined
from include.processing.types import Segment, Span, Word

# Two words that do not match, and one that the other request lacks, cost 1.
NEAR = 2.0  # seconds beyond the shared sound in which its words may be: texts without times are laid out by guess
SOFT = 0.5  # seconds inside the shared sound from where on a word that only one heard counts fully
DRIFT, MOST_DRIFT = 0.5, 1.0  # what a second between the two times of a word costs; so many seconds at the most
HALF, OTHER = 0.1, 0.4  # what a word at an edge costs that came back as half of itself, or as another or as none
ONCE, MOST_ONCE = 0.25, 1.5  # what a letter, a word is worth that matches and comes once: it is not there by chance

Text = tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """A word, which segment it is of, and whether a cut may have hurt it.

    `plain` is what is compared: its letters and digits, nothing of a word that came back as signs only.
    """

    word: Word
    plain: str
    segment: int
    edge: bool

    @property
    def middle(self) -> float:
        return (self.word.start + self.word.end) / 2


def repaired(before: Sequence[Segment], after: Sequence[Segment], overlap: Span) -> tuple[Text, Text]:
    """Both without what the other tells better, in order in time; all in chunk time."""
    first, second = _said(before, last=True), _said(after, last=False)
    skipped = sum(s.word.end <= overlap.start - NEAR for s in first)
    near = [s for s in second if s.word.start < overlap.end + NEAR]
    kept, left_out = _splice(first[skipped:], near, overlap)
    left, right = _in_order(first[: skipped + kept], second[left_out:])
    return _segments(before, left), _segments(after, right)


def _said(segments: Sequence[Segment], last: bool) -> list[_Said]:
    words = [(w, i) for i, s in enumerate(segments) for w in s.words or (Word(s.start, s.end, s.text, s.confidence),)]
    edge = len(words) - 1 if last else 0
    return [_Said(word, _plain(word.text), i, k == edge) for k, (word, i) in enumerate(words)]


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _splice(first: Sequence[_Said], second: Sequence[_Said], overlap: Span) -> tuple[int, int]:
    """How many words to keep of `first` and to leave out of `second`: around the middle one of what matches best."""
    pairs = _aligned(first, second, overlap)
    if not pairs:  # they share no word
        return len(first), 0
    differences = [_difference(first[i], second[j]) for i, j in pairs]
    best = [pair for pair, difference in zip(pairs, differences, strict=True) if difference == min(differences)]
    i, j = best[(len(best) - 1) // 2]
    a, b = first[i], second[j]
    return (i, j) if (not a.edge, len(a.plain)) < (not b.edge, len(b.plain)) else (i + 1, j + 1)


def _aligned(first: Sequence[_Said], second: Sequence[_Said], overlap: Span) -> list[tuple[int, int]]:
    """The pairs of the cheapest way to lay the end of `first` over the beginning of `second`."""
    once = _once(first) & _once(second)
    pair = [[_pair(a, b, once) for b in second] for a in first]
    costs = [[0.0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i, a in enumerate(first):  # before the pairs begin
        costs[i + 1][0] = costs[i][0] + _missed(a.middle - overlap.start)
    for j, b in enumerate(second):
        costs[0][j + 1] = costs[0][j] + _alone(b)
        for i, a in enumerate(first):
            costs[i + 1][j + 1] = min(
                costs[i][j] + pair[i][j], costs[i][j + 1] + _alone(a), costs[i + 1][j] + _alone(b)
            )
    rest = [sum(_missed(overlap.end - b.middle) for b in second[j:]) for j in range(len(second) + 1)]
    i, j = len(first), min(range(len(second) + 1), key=lambda j: costs[-1][j] + rest[j])
    pairs = []
    while i and j:
        if costs[i][j] == costs[i - 1][j - 1] + pair[i - 1][j - 1]:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif costs[i][j] == costs[i - 1][j] + _alone(first[i - 1]):
            i -= 1
        else:
            j -= 1
    return pairs[::-1]


def _once(said: Sequence[_Said]) -> set[str]:
    return {word for word, count in Counter(s.plain for s in said).items() if word and count == 1}


def _missed(inside: float) -> float:
    """Of a word so many seconds inside the shared sound that the other request has not."""
    return min(1.0, max(0.0, inside / SOFT))


def _alone(said: _Said) -> float:
    return OTHER if said.edge else 1.0


def _pair(a: _Said, b: _Said, once: set[str]) -> float:
    """Where a word is said again and again the times decide; one that is there once tells by itself."""
    drift = DRIFT * min(abs(a.word.start - b.word.start), abs(a.word.end - b.word.end), MOST_DRIFT)
    same = a.plain == b.plain and a.plain in once
    return _difference(a, b) + drift - (min(MOST_ONCE, ONCE * len(a.plain)) if same else 0.0)


def _difference(a: _Said, b: _Said) -> float:
    """Of two words that may be the same: 0, up to 1."""
    if a.plain and a.plain == b.plain:
        return 0.0
    if not (a.edge or b.edge) or not (a.plain or b.plain):
        return 1.0
    half = (a.edge and b.plain.startswith(a.plain)) or (b.edge and a.plain.endswith(b.plain))
    return HALF if half and min(len(a.plain), len(b.plain)) > 1 else OTHER


def _in_order(left: list[_Said], right: list[_Said]) -> tuple[list[_Said], list[_Said]]:
    """Where the times of two guesses overlap, they meet in the middle."""
    if not left or not right or left[-1].word.end <= right[0].word.start:
        return left, right
    meet = round((left[-1].word.end + right[0].word.start) / 2, 3)

    def moved(said: _Said, least: float, most: float) -> _Said:
        start, end = (min(max(t, least), most) for t in (said.word.start, said.word.end))
        return replace(said, word=replace(said.word, start=start, end=end))

    return [moved(s, 0.0, meet) for s in left], [moved(s, meet, float("inf")) for s in right]


def _segments(segments: Sequence[Segment], kept: Sequence[_Said]) -> Text:
    """Those of which words are left; as they were where all are."""
    told = []
    for i, segment in enumerate(segments):
        words = tuple(s.word for s in kept if s.segment == i)
        if not words:
            continue
        if words == segment.words or not segment.words:
            told.append(segment)
        else:
            text = joined(w.text for w in words)
            start = segment.start if words[0] == segment.words[0] else words[0].start
            end = segment.end if words[-1] == segment.words[-1] else words[-1].end
            told.append(replace(segment, start=start, end=end, text=text, words=words))
    return tuple(told)
