"""Real talks as a perfect recogniser hears them raise no problem; broken by hand they raise what was broken."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest

from include.processing.quality import report
from include.processing.types import Coverage, EngineInfo, MediaInfo, ScreenText, Segment

FILES = ("short_shared", "mid_shared", "subs_shared", "long_shared")
ENGINES = {"speech": EngineInfo("openai", "whisper-1"), "screen": EngineInfo("tesseract+rapidocr", "5")}


@pytest.fixture(scope="module")
def truths(media_dir):
    return {name: json.loads((media_dir / "composed" / f"{name}.truth.json").read_text()) for name in FILES}


def parts(truth):
    """Media, speech, screen and coverage."""
    end = truth["duration"]
    media = MediaInfo("mp4", end, end, 0.0, 1, 1280, 720, 0, 30.0, "h264", "aac", picture_end=end, sound_end=end)
    spoken = [Segment(u["start"], u["end"], u["text"], 0.86) for u in truth["utterances"]]
    shown = [ScreenText(s["start"], s["end"], s["text"], 0.95, ()) for s in truth["on_screen"]]
    edges = [0.0, *(t for s in spoken for t in (s.start, s.end)), end]
    states = ["silent", *["transcribed", "silent"] * len(spoken)]
    coverage = [Coverage(a, b, s) for (a, b), s in zip(pairwise(edges), states, strict=True) if b > a]
    return media, spoken, shown, coverage


def codes(media, spoken, shown, coverage):
    return {p.code for p in report(media, spoken, shown, coverage, (), ENGINES).problems}


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_wrong_with_the_truth(truths, name):
    assert codes(*parts(truths[name])) == set()


def _said(change):
    """Twelve utterances from the middle of mid_shared, changed; and the rest."""
    return lambda m, said, shown, c: (m, [*said[:10], *change(said[10:22]), *said[22:]], shown, c)


def _seen(change):
    return lambda m, said, shown, c: (m, said, [change(s) if i in (5, 6) else s for i, s in enumerate(shown)], c)


BROKEN = [
    pytest.param(_said(lambda part: []), "SPEECH_GAP", id="words-lost"),
    pytest.param(
        _said(lambda part: [replace(s, text="Thank you very much for your attention.") for s in part]),
        "SPEECH_REPEATED",
        id="looped",
    ),
    pytest.param(_said(lambda part: [replace(s, confidence=0.2) for s in part]), "SPEECH_UNSURE", id="unsure"),
    pytest.param(
        _said(lambda part: [replace(s, text=f"{s.text} " * 4) for s in part[:1]] + part[1:]),
        "SPEECH_TOO_FAST",
        id="dense",
    ),
    pytest.param(_said(lambda part: [part[1], part[0], *part[2:]]), "TIMES_WRONG", id="swapped"),
    pytest.param(_said(lambda part: [replace(part[0], text="…"), *part[1:]]), "EMPTY_TEXT", id="empty"),
    pytest.param(
        lambda m, said, shown, c: (m, [*said, replace(said[-1], start=m.duration, end=m.duration + 5)], shown, c),
        "TEXT_PAST_END",
        id="past-the-end",
    ),
    pytest.param(
        lambda m, said, shown, c: (m, said, shown, [replace(c[0], state="failed", reason="ASR_FAILED: x"), *c[1:]]),
        "SPEECH_MISSING",
        id="a-stretch-failed",
    ),
    pytest.param(
        _seen(lambda s: replace(s, text="|| ~ /\\ _ - ,; '' = |> <| ^^ ,. a :: ~~ )( i")),
        "SCREEN_SYMBOLS",
        id="texture",
    ),
    pytest.param(_seen(lambda s: replace(s, confidence=0.5)), "SCREEN_UNSURE", id="unreadable"),
    pytest.param(
        lambda m, said, shown, c: (replace(m, sound_end=600.0), said, shown, c), "STREAMS_DIFFER", id="sound-cut-off"
    ),
]


@pytest.mark.parametrize(("breaking", "code"), BROKEN)
def test_what_was_broken_is_found_and_nothing_else(truths, breaking, code):
    assert codes(*breaking(*parts(truths["mid_shared"]))) == {code}


def test_nobody_in_the_recordings_speaks_too_fast_in_any_language(media_dir):
    """Told by people: English, German, French, Italian, Portuguese, Spanish, Swedish, Chinese, Japanese, Korean."""
    known = [f for f in json.loads((media_dir / "manifest.json").read_text()) if f["kind"].startswith("speech")]
    texts = [(f["duration"], f["truth"]["text"]) for f in known if f["truth"] and f["truth"].get("quality") == "gold"]
    assert len(texts) > 40
    for duration, text in texts:
        media = MediaInfo("wav", duration, duration, 0.0, 1, audio_codec="pcm_s16le")
        covered = [Coverage(0.0, duration, "transcribed")]
        assert codes(media, [Segment(0.0, duration, text, None)], [], covered) == set(), text
