"""SRT and VTT: only the fields' own rules live here."""

import html
from collections.abc import Iterable, Sequence

from include.processing.types import Cue

LINE = 42  # letters of a subtitle line, as broadcasters use


def srt(cues: Iterable[Cue]) -> str:
    return "".join(
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(_end(cue), ',')}\n{_plain(cue.text)}\n\n"
        for number, cue in enumerate(_spoken(cues), 1)
    )


def vtt(cues: Iterable[Cue]) -> str:
    """WebVTT is markup: `<`, `>` and `&` are escaped."""
    body = "".join(
        f"{_clock(cue.start, '.')} --> {_clock(_end(cue), '.')}\n{html.escape(_plain(cue.text), quote=False)}\n\n"
        for cue in _spoken(cues)
    )
    return f"WEBVTT\n\n{body}"


def _spoken(cues: Iterable[Cue]) -> Iterable[Cue]:
    """A cue without words would be two empty lines, and end at the first."""
    return (cue for cue in cues if cue.text.strip())


def _end(cue: Cue) -> float:
    """A cue of no length would be refused or never shown."""
    return max(cue.end, cue.start + 0.001)


def _clock(seconds: float, point: str) -> str:
    total = round(seconds * 1000)
    return f"{total // 3_600_000:02d}:{total // 60_000 % 60:02d}:{total // 1000 % 60:02d}{point}{total % 1000:03d}"


def _plain(text: str) -> str:
    """Lines of at most LINE letters; a blank line would end the cue, an arrow would start one."""
    lines = [line for raw in text.splitlines() for line in _wrapped(raw.replace("-->", "→").split())]
    return "\n".join(lines)


def _wrapped(words: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= LINE:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
