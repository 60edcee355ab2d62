"""Speech beside what stands on the screen: what was shown while something was said, and what was both.

A word that is said while it stands on the screen is found there, though one of the two was misread or misheard. From
each such word the match is followed in both directions: a term is the longest phrase that was said as it stands.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush

from include.processing.alignment_content import Content
from include.processing.alignment_phrases import Phrase, Words, parts, phrases
from include.processing.alignment_words import Said, Shown, said_words, shown_words, spelling
from include.processing.ocr.counters import COUNTS
from include.processing.text_units import unspaced
from include.processing.types import ScreenText, Segment, Term

# Times of words and of screens are up to a second off each, and people name what comes or has just gone. Each second
# more finds a tenth more of what is there by chance (tests/bench/merge_terms.py).
SOON = 2.0  # seconds before it stands in which a speaker names what comes
STILL = 2.0  # seconds after it went in which one still speaks of it


def shown_while(spoken: Sequence[Segment], shown: Sequence[ScreenText]) -> list[tuple[int, ...]]:
    """For each segment the places in `shown` of what stood while it was said. `shown` is in order of its starts."""
    found: list[tuple[int, ...]] = [()] * len(spoken)
    standing: list[int] = []
    following = 0
    for place in sorted(range(len(spoken)), key=lambda i: spoken[i].start):
        segment = spoken[place]
        while following < len(shown) and shown[following].start < max(segment.end, segment.start + 1e-3):
            standing.append(following)
            following += 1
        standing = [i for i in standing if shown[i].end > segment.start]
        found[place] = tuple(i for i in standing if shown[i].start < max(segment.end, segment.start + 1e-3))
    return found


@dataclass(frozen=True, slots=True)
class _Found:
    """A phrase on the screen at `place`, whose words are `words`."""

    phrase: Phrase
    place: int
    screen: ScreenText
    words: Sequence[Shown]


def terms(spoken: Sequence[Segment], shown: Sequence[ScreenText], language: str | None = None) -> tuple[Term, ...]:
    """In order of time; no word of the speech is in two. `language` is what is spoken, where it is known.

    Both in video time, `shown` in order of its starts.
    """
    said = said_words(spoken)
    content = Content.of(language, said)
    words = Words.of(said, content)
    found: list[_Found] = []
    for place, near in enumerate(_near(said, shown)):
        if near and COUNTS not in shown[place].text:
            seen = shown_words(shown[place])
            found += [_Found(phrase, place, shown[place], seen) for phrase in phrases(words, seen, near)]
    made = (_term(each, said) for each in _chosen(found, said, content))
    return tuple(sorted(made, key=lambda t: (t.start, t.end, t.segment, t.text)))


def _near(said: Sequence[Said], shown: Sequence[ScreenText]) -> Iterator[range]:
    """The words that may have been said while each screen stood, or nearly."""
    latest, ends = 0.0, []
    for word in said:
        latest = max(latest, word.end)
        ends.append(latest)
    earliest, starts = float("inf"), []
    for word in reversed(said):
        earliest = min(earliest, word.start)
        starts.append(earliest)
    starts.reverse()
    first, last = 0, 0
    for screen in shown:
        while first < len(said) and ends[first] < screen.start - SOON:
            first += 1
        last = max(last, first)
        while last < len(said) and starts[last] <= screen.end + STILL:
            last += 1
        end = last
        while end > first and starts[end - 1] > screen.end + STILL:
            end -= 1
        yield range(first, end)


def _chosen(found: Sequence[_Found], said: Sequence[Said], content: Content) -> list[_Found]:
    """The longest first, of equal ones that which stands there; of the others what is left of them."""
    waiting = [(_rank(each, said), number, each) for number, each in enumerate(found)]
    heapify(waiting)
    taken: set[int] = set()
    chosen: list[_Found] = []
    while waiting:
        _, number, each = heappop(waiting)
        if taken.isdisjoint(each.phrase.said):
            taken.update(each.phrase.said)
            chosen.append(each)
            continue
        for run in parts(each.phrase, taken):
            if kept := content.trimmed(run, said, each.words):
                rest = replace(each, phrase=Phrase(tuple(kept)))
                heappush(waiting, (_rank(rest, said), number, rest))
    return chosen


def _rank(found: _Found, said: Sequence[Said]) -> tuple[float, ...]:
    """Least first."""
    letters = sum(len(said[j].key) for j in found.phrase.said)
    away = max(0.0, found.screen.start - _end(found, said), _start(found, said) - found.screen.end)
    return (-letters, -found.phrase.sure, away, found.phrase.said[0], found.place, found.phrase.shown[0])


def _start(found: _Found, said: Sequence[Said]) -> float:
    return said[found.phrase.said[0]].start


def _end(found: _Found, said: Sequence[Said]) -> float:
    return max(_start(found, said), said[found.phrase.said[-1]].end)


def _term(found: _Found, said: Sequence[Said]) -> Term:
    words = [said[j] for j in found.phrase.said]
    shown = [found.words[i] for i in found.phrase.shown]
    return Term(
        start=_start(found, said),
        end=_end(found, said),
        text=spelling(found.screen, shown),
        said=_as_said(words),
        confidence=_confidence(words, shown, found),
        segment=words[0].segment,
        screen=found.place,
    )


def _as_said(words: Sequence[Said]) -> str:
    text = ""
    for word in words:
        text += word.text if not text or (word.letter and unspaced(text[-1])) else f" {word.text}"
    return text


def _confidence(words: Sequence[Said], shown: Sequence[Shown], found: _Found) -> float | None:
    """Of the least sure of both sides, times how alike they are."""
    boxes = found.screen.boxes
    lines = {w.line for w in shown}
    seen = [boxes[n].confidence for n in lines] if len(boxes) > max(lines) else [found.screen.confidence]
    heard = [w.confidence for w in words if w.confidence is not None]
    return round(min([*seen, *heard]) * found.phrase.sure, 3)
