"""What a page shows of a result, made without a server."""

import json
from typing import Any

import pytest

from include.api.page_text import page_text
from include.api.page_timeline import covered, path

EMPTY: dict[str, Any] = {
    "video": {"duration": 1500.0, "width": 640, "height": 360, "video_codec": "h264", "audio_codec": None},
    "language": None,
    "speech": [],
    "screen": [],
    "timeline": [],
    "coverage": [],
    "quality": {"status": "completed", "mean_confidence": None, "problems": []},
    "engines": {},
}


def made(**changes: Any) -> Any:
    return page_text(json.dumps(EMPTY | changes).encode())


def said(start: float, text: str, *words: tuple[float, str], **more: Any) -> dict[str, Any]:
    timed = [{"start": at, "end": at, "text": word} for at, word in words]
    return {"start": start, "end": start + 5, "text": text, "words": timed, **more}


def shown(start: float, end: float, text: str) -> dict[str, Any]:
    return {"start": start, "end": end, "text": text, "confidence": 1.0, "boxes": []}


def test_nothing_said_nothing_shown() -> None:
    text = made()
    assert (text.sections, text.shown, text.section_at(700.0)) == ((), (), 0)
    assert [(lane.source, lane.path) for lane in text.lanes] == [("speech", ""), ("screen", ""), ("both", "")]


def test_sections_of_ten_minutes_leave_out_silence() -> None:
    text = made(speech=[said(0.0, "a"), said(599.0, "b"), said(1200.0, "c"), said(1201.0, "d")])
    assert [(s.number, s.start, s.end, [c.text for c in s.spoken]) for s in text.sections] == [
        (0, 0.0, 600.0, ["a", "b"]),
        (2, 1200.0, 1800.0, ["c", "d"]),
    ]
    assert [text.section_at(second) for second in (0.0, 700.0, 1199.9, 1200.0, 9000.0)] == [0, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("text", "words", "marks"),
    [
        pytest.param("Good morning.", [(10.0, "Good"), (10.25, "morning.")], "0:0 5:250", id="plain"),
        pytest.param("no no no", [(10.0, "no"), (10.5, "no"), (11.0, "no")], "0:0 3:500 6:1000", id="repeated"),
        pytest.param("42 of them", [(10.0, "forty-two"), (10.5, "of"), (10.7, "them")], "3:500 6:700", id="respelled"),
        pytest.param("Grüße, 日本", [(10.0, "Grüße,"), (10.4, "日本")], "0:0 7:400", id="not-ascii"),
        pytest.param("no times", [], "", id="no-words"),
        pytest.param("early", [(9.9, "early")], "0:0", id="before-its-stretch"),
    ],
)
def test_marks_say_where_words_begin_and_when(text: str, words: list[tuple[float, str]], marks: str) -> None:
    (section,) = made(speech=[said(10.0, text, *words)]).sections
    assert section.spoken[0].marks == marks


def test_speakers_are_named_where_they_change_and_doubts_are_marked() -> None:
    speech = [
        said(n, "x", speaker=who, confidence=c) for n, (who, c) in enumerate([("A", 0.9), ("A", 0.4), ("B", None)])
    ]
    (section,) = made(speech=speech).sections
    assert [(c.speaker, c.unsure) for c in section.spoken] == [("A", False), (None, True), ("B", False)]


@pytest.mark.parametrize(
    ("states", "cards"),
    [
        pytest.param([(0, 5, "a"), (5, 9, "a\nb"), (9, 20, "a\nb\nc")], [(0, 20, "a\nb\nc")], id="being-built"),
        pytest.param([(0, 5, "a\nb"), (5, 9, "a")], [(0, 5, "a\nb"), (5, 9, "a")], id="something-left"),
        pytest.param([(0, 5, "a"), (30, 40, "a\nb")], [(0, 5, "a"), (30, 40, "a\nb")], id="much-later"),
        pytest.param(
            [(0, 5, "12:00 … 12:04"), (0, 9, "slide"), (9, 10, " ")], [(0, 9, "slide")], id="clocks-and-blanks"
        ),
    ],
)
def test_cards_of_the_screen(states: list[tuple[float, float, str]], cards: list[tuple[float, float, str]]) -> None:
    text = made(screen=[shown(*state) for state in states])
    assert [(card.start, card.end, card.text) for card in text.shown] == cards


def test_lanes_and_coverage() -> None:
    cues = [
        {"start": start, "end": end, "text": "x", "confidence": None, "source": source}
        for start, end, source in [(0, 150, "speech"), (140, 300, "speech"), (900, 900.2, "both"), (0, 9, "subtitle")]
    ]
    heard = [
        {"start": 0, "end": 1000, "state": "transcribed"},
        {"start": 1000, "end": 1500, "state": "failed", "reason": "ASR_REFUSED"},
    ]
    text = made(timeline=cues, coverage=heard)
    assert [(lane.source, lane.path, round(lane.seconds, 1)) for lane in text.lanes] == [
        ("speech", "M0.0 0h200.0v10H0.0z", 300.0),
        ("screen", "", 0),
        ("both", "M600.0 0h0.5v10H600.0z", 0.2),
        ("subtitle", "M0.0 0h6.0v10H0.0z", 9.0),
    ]
    assert [(strip.state, strip.seconds, strip.reasons) for strip in text.strips] == [
        ("transcribed", 1000.0, ()),
        ("failed", 500.0, ("ASR_REFUSED",)),
    ]


def test_a_lane_stays_small_however_long_the_video_is() -> None:
    spans = [(number * 2.0, number * 2.0 + 1.0) for number in range(21_600)]
    assert len(path(spans, 43_200.0)) < 30_000
    assert covered(spans) == 21_600.0
