"""SRT and VTT: only the formats' own rules live here."""

import html
from collections.abc import Sequence

from include.processing.subtitle_cues import Line, drafts
from include.processing.subtitle_times import Subtitle, placed
from include.processing.subtitle_units import runs
from include.processing.types import Segment


def srt(segments: Sequence[Segment]) -> str:
    """A speaker is named where the voice changes, if there are several."""
    blocks, voice = [], None
    for number, cue in enumerate(_cues(segments), 1):
        lines = []
        for line in cue.lines:
            lines.append(_plain(line, voice))
            voice = line.voice
        text = "\n".join(line for line in lines if line)
        blocks.append(f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{text}\n\n")
    return "".join(blocks)


def vtt(segments: Sequence[Segment]) -> str:
    """WebVTT is markup: `<`, `>` and `&` are escaped, speakers are voice spans."""
    blocks = [f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{_marked(cue)}\n\n" for cue in _cues(segments)]
    return "".join(["WEBVTT\n\n", *blocks])


def _cues(segments: Sequence[Segment]) -> list[Subtitle]:
    found = runs(segments)
    begins = [run.units[0].start for run in found]
    return placed([draft for run in found for draft in drafts(run, begins)])


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
