"""SRT and VTT: only the formats' own rules live here."""

import html
from collections.abc import Iterable, Iterator, Sequence

from include.processing.subtitle_cues import Line, drafts
from include.processing.subtitle_times import Subtitle, placed
from include.processing.subtitle_units import Run, runs
from include.processing.types import Segment


def srt(segments: Sequence[Segment]) -> str:
    return srt_of(cues_of(runs(segments)))


def vtt(segments: Sequence[Segment]) -> str:
    return vtt_of(cues_of(runs(segments)))


def cues_of(spoken: Sequence[Run]) -> list[Subtitle]:
    """`spoken` is in order of time."""
    begins = [run.units[0].start for run in spoken]
    return placed([draft for run in spoken for draft in drafts(run, begins)])


def srt_of(cues: Sequence[Subtitle]) -> str:
    return srt_blocks((cue.start, cue.end, text) for cue, text in zip(cues, plain(cues), strict=True))


def plain(cues: Iterable[Subtitle]) -> Iterator[str]:
    """The text of each. A speaker is named where the voice changes, if there are several."""
    voice = None
    for cue in cues:
        lines = []
        for line in cue.lines:
            lines.append(_plain(line, voice))
            voice = line.voice
        yield "\n".join(line for line in lines if line)


def srt_blocks(cues: Iterable[tuple[int, int, str]]) -> str:
    """Each is start and end in milliseconds, and the text."""
    return "".join(
        f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{text}\n\n"
        for number, (start, end, text) in enumerate(cues, 1)
    )


def vtt_of(cues: Iterable[Subtitle]) -> str:
    """WebVTT is markup: `<`, `>` and `&` are escaped, speakers are voice spans."""
    return "".join(["WEBVTT\n\n", *map(vtt_block, cues)])


def vtt_block(cue: Subtitle, settings: str = "") -> str:
    """`settings` of WebVTT begin with a space."""
    return f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}{settings}\n{_marked(cue)}\n\n"


def _plain(line: Line, before: str | None) -> str:
    name = f"{line.voice}: " if line.labelled and line.voice != before else ""
    return f"{'- ' if line.dashed else ''}{name}{line.text}".rstrip(" ")


def _marked(cue: Subtitle) -> str:
    lines = [line for line in cue.lines if line.text]
    if lines[0].dashed:
        return "\n".join(f"{_voice(line)}- {_escaped(line.text)}{'</v>' if line.voice else ''}" for line in lines)
    return _voice(lines[0]) + "\n".join(_escaped(line.text) for line in lines)


def _voice(line: Line) -> str:
    return f"<v {_escaped(line.voice)}>" if line.voice else ""


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def _clock(milliseconds: int, point: str) -> str:
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}{point}{rest % 1000:03d}"
