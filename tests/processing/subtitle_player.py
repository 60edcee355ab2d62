"""Speech for subtitles, and strict readers of WebVTT and SRT: AssertionError where a player might stumble."""

import html
import re
from dataclasses import dataclass

from include.processing.types import Segment, Word

CLOCK = r"(\d{2,}):([0-5]\d):([0-5]\d)%s(\d{3})"
TIMES = {point: re.compile(f"^{CLOCK % point} --> {CLOCK % point}$") for point in (",", r"\.")}
TAG = re.compile(r"<(/v|v [^<>\n]+)>")


@dataclass(frozen=True)
class Shown:
    """Milliseconds; `voices` as marked up, in order; `dialogue`: each line is a voice's own, after a dash."""

    start: int
    end: int
    lines: list[str]
    voices: list[str]
    dialogue: bool = False

    @property
    def words(self):
        return [line.removeprefix("- ") for line in self.lines] if self.dialogue else self.lines


def said(start, end, text, speaker=None, words=()):
    return Segment(start, end, text, None, speaker, tuple(words))


def timed(start, text, pace, speaker=None, pauses=()):
    """Words at `pace` letters a second, with (word, seconds) pauses before some."""
    words, at = [], start
    for place, token in enumerate(text.split()):
        at += dict(pauses).get(place, 0.0)
        words.append(Word(round(at, 3), round(at + len(token) / pace, 3), token))
        at += (len(token) + 1) / pace
    return Segment(words[0].start, words[-1].end, text, None, speaker, tuple(words))


def read_vtt(text):
    head, *blocks = _blocks(text)
    assert head == ["WEBVTT"]
    return [_vtt_cue(block) for block in blocks]


def read_srt(text):
    blocks = _blocks(text)
    assert [block[0] for block in blocks] == [str(i) for i in range(1, len(blocks) + 1)]
    return [Shown(*_times(block[1], ","), _lines(block[2:]), []) for block in blocks]


def _blocks(text):
    assert "\r" not in text
    assert "\0" not in text
    assert text.encode("utf-8").decode("utf-8") == text
    assert text == "" or text.endswith("\n\n")
    blocks = [block.split("\n") for block in text.split("\n\n")[:-1]]
    assert all(line.strip() for block in blocks for line in block)
    assert text.count("-->") == sum("-->" in line for block in blocks for line in block[:2])
    return blocks


def _vtt_cue(block):
    payload = "\n".join(block[1:])
    bare = TAG.sub("", payload)
    assert not set("<>") & set(bare)
    assert not re.search(r"&(?!amp;|lt;|gt;)", bare)
    voices = [html.unescape(tag[2:]) for tag in TAG.findall(payload) if tag != "/v"]
    return Shown(*_times(block[0], r"\."), _lines(html.unescape(bare).split("\n")), voices, "</v>" in payload)


def _lines(lines):
    assert lines
    assert all(line.isprintable() or not set(line) & set("\n\x0b\x0c\x85\u2028\u2029") for line in lines)
    return lines


def _times(line, point):
    match = TIMES[point].match(line)
    assert match, line
    hours, minutes, seconds, thousandths = zip(*(map(int, match.groups()[i : i + 4]) for i in (0, 4)), strict=True)
    start, end = (
        ((h * 60 + m) * 60 + s) * 1000 + t for h, m, s, t in zip(hours, minutes, seconds, thousandths, strict=True)
    )
    assert start < end
    return start, end
