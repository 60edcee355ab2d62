"""What is searched: the text of a result in pieces that a person can take in at a glance, each with its times.

Speech is cut where sentences end, at pauses and where another voice begins, never where an engine's segment ends; a
page of the screen is whole, however it was built up; subtitles are cut like speech.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from include.processing.passages_draft import Draft
from include.processing.types import Term, VideoText

PassageSource = Literal["speech", "screen", "subtitle"]


@dataclass(frozen=True, slots=True)
class Passage:
    """One to three sentences that were said, one page of the screen, or subtitles; in video time.

    `both` are the words of it that were said and shown at once, in either spelling. `marks` are character offsets in
    `text`, ascending, with the second from which on what stands there was said, or stood; the first is at 0. A hit at
    a character jumps to the mark at or before it. `language` is ISO 639-1.
    """

    number: int
    source: PassageSource
    start: float
    end: float
    text: str
    both: str
    confidence: float | None
    language: str | None
    marks: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class _Found:
    source: PassageSource
    draft: Draft
    both: str
    language: str | None


def passages(text: VideoText) -> tuple[Passage, ...]:
    """In order of their starts; every word that was said and every line that was shown is in one of them."""
    # who only searches needs no OCR, which is loaded with the first of them
    from include.processing.passages_screen import pages
    from include.processing.passages_speech import speech_passages, subtitle_passages
    from include.processing.passages_subtitles import searched_subtitles

    spoken, shown = speech_passages(text.speech), pages(text.screen)
    said = _by_place(spoken, ((t.segment, t.start, t) for t in text.terms))
    seen = _by_place(shown, ((t.screen, t.start, t) for t in text.terms))
    found = [_Found("speech", d, _both(said[i], d.text), text.language) for i, d in enumerate(spoken)]
    found += [_Found("screen", d, _both(seen[i], d.text), text.language) for i, d in enumerate(shown)]
    for language, subtitles in searched_subtitles(text):
        found += [_Found("subtitle", d, "", language or text.language) for d in subtitle_passages(subtitles)]
    found.sort(key=lambda f: (f.draft.start, f.draft.end, f.source))
    return tuple(_passage(number, f, text.video.duration) for number, f in enumerate(found))


def _passage(number: int, found: _Found, duration: float) -> Passage:
    draft = found.draft
    start, end = min(draft.start, duration), min(draft.end, duration)
    marks = tuple((offset, min(max(time, start), end)) for offset, time in draft.marks)
    return Passage(number, found.source, start, end, draft.text, found.both, draft.confidence, found.language, marks)


def _by_place(drafts: Sequence[Draft], terms: Iterable[tuple[int, float, Term]]) -> dict[int, list[Term]]:
    """The terms of each draft: of those made of a term's segment or screen, the one in which it begins."""
    made_of: dict[int, list[int]] = defaultdict(list)
    for i, draft in enumerate(drafts):
        for place in draft.of:
            made_of[place].append(i)
    found: dict[int, list[Term]] = defaultdict(list)
    for place, start, term in terms:
        if candidates := made_of.get(place):
            begun = [i for i in candidates if drafts[i].start <= start]
            found[(begun or candidates[:1])[-1]].append(term)
    return found


def _both(terms: Sequence[Term], text: str) -> str:
    """As the screen has it, which is how people search; and as it was said, where `text` has that."""
    folded = text.casefold()
    once: dict[str, str] = {}
    for term in terms:
        for spelling in (term.text, term.said):
            if spelling is term.text or spelling.casefold() in folded:
                once.setdefault(spelling.casefold(), spelling)
    return " ".join(once.values())
