"""Which of a file's subtitles are searched: nothing twice."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from include.processing.subtitle_merging import usual
from include.processing.types import ScreenText, Subtitle, SubtitleTrack, VideoText

Words = tuple[str, ...]


def searched_subtitles(text: VideoText) -> Iterator[tuple[str | None, list[Subtitle]]]:
    """With their language, where the file says it: of several tracks of a language the one that says most of it, and
    none of what is burnt into the picture as well."""
    tracks = {t.index: t for t in text.video.subtitle_tracks}
    unknown = {s.track for s in text.subtitles} - tracks.keys()
    named = [*tracks.values(), *(SubtitleTrack(index, "") for index in sorted(unknown))]
    taken: set[tuple[float, Words]] = set()
    for language, group in groupby(sorted(named, key=lambda t: t.language or ""), key=lambda t: t.language):
        for chosen in _of_language(text.subtitles, list(group), language):
            fresh = [s for s in chosen if (s.start, _words(s.text)) not in taken]
            taken |= {(s.start, _words(s.text)) for s in fresh}
            if kept := _not_burnt_in(fresh, text.screen):
                yield language, kept


def _of_language(
    subtitles: Sequence[Subtitle], tracks: Sequence[SubtitleTrack], language: str | None
) -> Iterator[list[Subtitle]]:
    """Tracks that don't say their language may be of several."""
    if language is not None:
        yield usual(subtitles, tracks, language)
    else:
        for track in tracks:
            yield [s for s in subtitles if s.track == track.index]


def _not_burnt_in(subtitles: Sequence[Subtitle], screens: Sequence[ScreenText]) -> list[Subtitle]:
    order = sorted(screens, key=lambda s: s.start)
    spelt = [_words(s.text) for s in order]
    first, found = 0, []
    longest = max((s.end - s.start for s in order), default=0.0)
    for subtitle in sorted(subtitles, key=lambda s: (s.start, s.end)):
        while first < len(order) and order[first].start < subtitle.start - longest:
            first += 1
        words = _words(subtitle.text)
        if not any(_among(words, spelt[i]) for i in _standing(order, first, subtitle)):
            found.append(subtitle)
    return found


def _standing(screens: Sequence[ScreenText], first: int, subtitle: Subtitle) -> Iterator[int]:
    for i in range(first, len(screens)):
        if screens[i].start >= subtitle.end:
            return
        if screens[i].end > subtitle.start:
            yield i


def _words(text: str) -> Words:
    return tuple(re.findall(r"\w+", text.casefold()))


def _among(words: Words, others: Words) -> bool:
    return bool(words) and any(others[i : i + len(words)] == words for i in range(len(others)))
