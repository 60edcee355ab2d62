"""Films as people have them, their text known to the picture → the screen text: all of it, once, at its time, cheaply.

Each film is read once for all tests, small and short; `slow` runs the same in full, at 1280x720.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from films import FILMS, HD, SMALL, Film, Shown, encode
from films.score import Reading, Verdict, judged, read_video

from include.processing.ocr import ocr_engine
from include.processing.types import ScreenText

ALL = 99


@dataclass(frozen=True)
class Asked:
    """`entries` per state; `holders`: how many entries may hold a state of that kind (one, where nothing is said).

    `reads` per tick, or `reads_per_state`, of those that `frames_read` counts. `cer` is the mean over lines (and
    `small_cer` at 640x360). `start` and `end`: seconds of error that 95 % of the states in `SETTLED` may have.
    """

    entries: float = 1.2
    holders: dict[str, int] = field(default_factory=dict)
    reads: float = 1.0
    reads_per_state: float = ALL
    cer: float = 0.05
    small_cer: float = 0.05
    start: float = 0.2
    end: float = 0.2


ASKED = {
    "subtitles": Asked(entries=1.0, small_cer=0.08),  # the engine itself makes 0.043 of letters 16 to 20 pixels high
    "talking_head": Asked(entries=1.0, reads_per_state=2),
    "shaky_text": Asked(entries=1.5, start=0.6, end=0.6),  # pages that shake change as much as when they are turned
    "credits_slow": Asked(holders={"credit": ALL}),
    "credits_quick": Asked(holders={"credit": ALL}),
    "editor": Asked(small_cer=0.08, entries=ALL, holders={"tab": ALL, "row": ALL}),
    "fades": Asked(entries=1.4, start=0.6, end=0.6),  # a line counts from the middle of its fade on
    "cursor": Asked(entries=1.0, reads=0.8),  # a pointer that rests is looked at, in a band of a line
    "returns": Asked(entries=1.0, reads_per_state=1),
    "roll": Asked(entries=1.0, reads_per_state=1),
    "ticker": Asked(entries=1.5, holders={"ticker": 2}),
    "textless": Asked(entries=0),
}
SUBTITLES = {"white", "small", "two lines", "bar", "yellow", "small yellow"}
SETTLED = {"slide", "caption", "headline", "page", "building"} | SUBTITLES  # kinds that come and go at once

films = pytest.mark.parametrize(
    ("name", "small"),
    [pytest.param(name, True, id=name) for name in FILMS]
    + [pytest.param(name, False, id=f"{name}-720p", marks=pytest.mark.slow) for name in FILMS],
)


@cache
def seen(name: str, small: bool) -> tuple[Film, Reading, list[Verdict]]:
    film = FILMS[name](SMALL if small else HD, small)
    with TemporaryDirectory() as work:
        path = encode(film, Path(work, f"{name}.mp4"))
        reading = read_video(path, Path(work), ocr_engine("auto"))
    return film, reading, judged(film.shown, reading.text.screen)


def told(verdict: Verdict) -> str:
    state = verdict.state
    return f"[{state.start:.2f}, {state.end:.2f}) {state.kind}: {state.text!r}"


@films
def test_no_text_is_lost(name, small):
    """Of each state there is an entry that stands while it does and has all its lines."""
    _, _, verdicts = seen(name, small)
    assert [told(v) for v in verdicts if v.lost] == []
    assert [line for v in verdicts for line in v.lines_lost] == []


@films
def test_every_state_comes_once(name, small):
    film, reading, verdicts = seen(name, small)
    asked = ASKED[name]
    often = [f"{len(v.holders)} × {told(v)}" for v in verdicts if len(v.holders) > asked.holders.get(v.state.kind, 1)]
    assert often == []
    entries = [f"[{e.start:.2f}, {e.end:.2f}) {e.text!r}" for e in reading.text.screen]
    assert len(entries) <= asked.entries * len(film.shown), "\n".join(entries)
    assert len(entries) <= max(reading.ticks, len(film.shown)), "\n".join(entries)


@films
def test_letters(name, small):
    _, _, verdicts = seen(name, small)
    lines = [v.cer for v in verdicts for _ in v.state.lines]
    limit = ASKED[name].small_cer if small else ASKED[name].cer
    assert sum(lines) <= limit * len(lines), [f"{v.cer:.2f} {told(v)}" for v in verdicts if v.cer > 0]


@films
def test_pictures_that_are_read(name, small):
    film, reading, _ = seen(name, small)
    asked = ASKED[name]
    calls = reading.calls
    assert calls <= asked.reads * reading.ticks
    assert calls <= asked.reads_per_state * max(1, len(film.shown))


@films
def test_times(name, small):
    """Between ticks: from the pictures that were decoded anyway. What moves by is asked for no exact time."""
    _, _, verdicts = seen(name, small)
    asked = ASKED[name]
    states = [v for v in verdicts if v.state.kind in SETTLED]
    assert [told(v) for v in states if v.start_error is None or v.end_error is None] == []
    starts = [f"{v.start_error:+.2f} {told(v)}" for v in states if abs(v.start_error) > asked.start]
    ends = [f"{v.end_error:+.2f} {told(v)}" for v in states if abs(v.end_error) > asked.end]
    assert len(starts) <= 0.05 * len(states), starts
    assert len(ends) <= 0.05 * len(states), ends


@films
def test_every_line_is_followed(name, small):
    """As a track, which search looks in."""
    film, reading, _ = seen(name, small)
    assert [line for v in judged(film.shown, reading.text.lines) for line in v.lines_lost] == []


def test_texture_is_no_text():
    """Pictures of leaves and stones without a letter: no line survives, neither as an entry nor as a track."""
    _, reading, _ = seen("textless", small=True)
    assert reading.text.screen == ()
    assert reading.text.lines == ()


# ---------------------------------------------------------------- the judge


def entry(start: float, end: float, text: str) -> ScreenText:
    return ScreenText(start, end, text, 1.0, ())


@pytest.mark.parametrize("name", FILMS)
def test_the_truth_passes(name):
    film = FILMS[name](SMALL, True)
    for verdict in judged(film.shown, [entry(s.start, s.end, s.text) for s in film.shown]):
        assert (verdict.lost, verdict.lines_lost, verdict.cer) == (False, (), 0)
        assert (verdict.start_error, verdict.end_error) == (0, 0)
        assert 0 <= verdict.state.start < verdict.state.end <= film.seconds + 0.04


PAGE = Shown(1.0, 4.0, ("The ferry leaves at nine", "from the northern pier"))


@pytest.mark.parametrize(
    ("entries", "lost", "lines_lost", "holders"),
    [
        pytest.param([entry(1.2, 4, PAGE.text)], False, 0, 1, id="whole"),
        pytest.param([entry(0, 9, f"News\n{PAGE.text}\n9:00")], False, 0, 1, id="among others"),
        pytest.param([entry(1, 2.5, PAGE.text), entry(2.5, 4, PAGE.text)], False, 0, 2, id="twice"),
        pytest.param([entry(1, 4, line) for line in PAGE.lines], True, 0, 0, id="torn apart"),
        pytest.param([entry(1, 4, PAGE.lines[0])], True, 1, 0, id="one line"),
        pytest.param([entry(1, 4, "pier\nnine")], True, 2, 0, id="words"),
        pytest.param([entry(4, 6, PAGE.text)], True, 2, 0, id="too late"),
        pytest.param([], True, 2, 0, id="nothing"),
    ],
)
def test_the_judge(entries, lost, lines_lost, holders):
    (verdict,) = judged([PAGE], entries)
    assert (verdict.lost, len(verdict.lines_lost), len(verdict.holders)) == (lost, lines_lost, holders)
