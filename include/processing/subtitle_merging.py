"""The subtitles of a video's chunks as one list, and which of them go into the timeline."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from include.processing import timeline
from include.processing.types import ChunkScreens, Subtitle, SubtitleTrack

SEAM = 0.05  # seconds between two of the same words that are one


def subtitles_of(chunks: Iterable[ChunkScreens]) -> tuple[Subtitle, ...]:
    """Of all tracks, in video time; what comes again while it stands, at a cut or as another picture of the same
    words, is one. `chunks` are in order."""
    found: list[Subtitle] = []
    latest: dict[tuple[int, str], int] = {}
    for subtitle in (s for chunk in chunks for s in timeline.subtitles(chunk)):
        twin = latest.get((subtitle.track, subtitle.text))
        if twin is not None and subtitle.start <= found[twin].end + SEAM:
            found[twin] = replace(found[twin], end=max(found[twin].end, subtitle.end))
        else:
            latest[subtitle.track, subtitle.text] = len(found)
            found.append(subtitle)
    return tuple(sorted(found, key=lambda s: (s.start, s.end, s.track)))


def usual(subtitles: Sequence[Subtitle], tracks: Sequence[SubtitleTrack], language: str | None) -> list[Subtitle]:
    """Those of one track, so that the timeline says nothing twice: one in the `language` that is spoken (ISO 639-1),
    else the default one, else one of text, else the first; one for foreign parts only where there is no other."""
    written = {s.track for s in subtitles}
    track = max(
        (t for t in tracks if t.index in written),
        key=lambda t: (
            language is not None and t.language == language,
            not t.forced,
            t.default,
            not t.pictures,
            -t.index,
        ),
        default=None,
    )
    return [s for s in subtitles if track is not None and s.track == track.index]
