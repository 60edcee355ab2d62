"""Every stored value as JSON and back."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from include.processing.record import from_json, to_json
from include.processing.transcription.engine import Heard
from include.processing.types import (
    Box,
    ChangedArea,
    Chunk,
    ChunkScreens,
    Coverage,
    Cue,
    EngineInfo,
    Frame,
    FrameIndex,
    MediaInfo,
    Problem,
    QualityReport,
    Receipt,
    ScreenLine,
    ScreenText,
    Segment,
    SpeechUsage,
    StoredPicture,
    Subtitle,
    SubtitlePicture,
    SubtitleTrack,
    TextBox,
    Transcript,
    VideoInfo,
    VideoText,
    Word,
    WordBox,
)

GOLDEN = Path(__file__).parents[1] / "resources" / "result.golden.json"
SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"

CHUNK = Chunk("0c7f", 1, 599.37, 1200.0, 7)
WORDS = (Word(1.0, 1.25, "Grüße", 0.5), Word(1.25, 2.0, "🎬"))
SEGMENT = Segment(1.0, 2.0, "Grüße 🎬", 0.5, "A", WORDS)
PROBLEM = Problem("DECODE_ERRORS", "3 packets", 1.0, 2.5)
BOX = TextBox(
    "Slide 1", 0.9, 10, 20, 100, 24, (WordBox("Slide", 0.8, 10, 20, 60, 24), WordBox("1", 1.0, 80, 20, 9, 24))
)
SCREEN = ScreenText(0.0, 4.5, "Slide 1", 0.9, (BOX,))
COVERAGE = (Coverage(0.0, 5.0, "transcribed"), Coverage(5.0, 6.0, "failed", "quota"))
ENGINE = EngineInfo("sphinx", None, "expect wrong words")
SUBTITLED = (SubtitleTrack(0, "mov_text", "en", "English", default=True),)
RESULT = VideoText(
    VideoInfo("vidéo.mp4", 6.0, 1000, 640, 360, 90, 29.97, -0.021, "mov,mp4", "h264", None, SUBTITLED),
    "de",
    0.9,
    (SEGMENT,),
    (SCREEN,),
    (Cue(0.0, 4.5, "Slide 1", 0.9, "screen"), Cue(1.0, 2.0, "Grüße 🎬", None, "speech")),
    COVERAGE,
    QualityReport("partial", 0.75, (PROBLEM,)),
    {"speech": ENGINE, "screen": EngineInfo("tesseract", "5.3 eng")},
    (ScreenLine(0.0, 4.5, "Slide 1", 0.9, Box(10, 20, 100, 24)),),
    (Subtitle(1.0, 2.0, "Greetings", 0),),
)
CHANGED = (ChangedArea(Box(1, 2, 3, 4), 0.2),)
MOVED = Frame(1.0, 0.96, 0.2, "2.jpg", CHANGED, 7, (Box(5, 6, 7, 8),), "2.png", "2.thumb.jpg")
STORED = (StoredPicture("1.jpg", 512, 1000, "0123456789abcdef"),)

SCREENS = ChunkScreens(CHUNK, ENGINE, (SCREEN,), RESULT.lines, RESULT.subtitles, 12, 2, 5, 1, (PROBLEM,))

VALUES = [
    pytest.param(CHUNK, id="chunk"),
    pytest.param(MediaInfo("mpegts", 12.0, 6.0, 1.4, 10**13, 640, 360, 270, 25.0, "h264", "aac"), id="media"),
    pytest.param(MediaInfo("wav", 12.0, 12.0, 0.0, 44), id="media-of-sound"),
    pytest.param(Transcript(CHUNK, ENGINE, None, (SEGMENT,), COVERAGE, (PROBLEM,)), id="transcript"),
    pytest.param(Heard((SEGMENT,), "de", True), id="heard"),
    pytest.param(SpeechUsage(1.5, 2.5, 3.5, 4, 0.0123), id="usage"),
    pytest.param(
        FrameIndex(
            CHUNK,
            640,
            360,
            12,
            11.96,
            (Frame(0.0, -0.04, 0.0, "1.jpg"), MOVED),
            (PROBLEM,),
            STORED,
            RESULT.subtitles,
            (SubtitlePicture(2.0, 3.0, "subtitle-1.png", 1),),
        ),
        id="frames",
    ),
    pytest.param(
        ChunkScreens(CHUNK, ENGINE, (SCREEN,), RESULT.lines, RESULT.subtitles, 12, 2, 5, 1, (PROBLEM,)), id="screens"
    ),
    pytest.param(RESULT, id="result"),
    pytest.param(Receipt(1.0, 2.0, 3.0, 4, 0.5, 6, 7, 8, {"ocr": 1.5}, 9, 10), id="receipt"),
]


@pytest.mark.parametrize("value", VALUES)
def test_round_trips(value):
    data = to_json(value)
    assert from_json(type(value), data) == value
    assert from_json(type(value), to_json(value, indent=1)) == value
    assert to_json(from_json(type(value), data)) == data


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="half"),
        pytest.param(b"[]", id="list"),
        pytest.param(b'{"video_id": "v", "index": 0, "start": 0.0}', id="field-missing"),
        pytest.param(b'{"video_id": "v", "index": "x", "start": 0.0, "end": 1.0}', id="wrong-type"),
    ],
)
def test_what_is_no_chunk_is_refused(data):
    with pytest.raises(ValidationError):
        from_json(Chunk, data)


def test_the_result_as_others_read_it():
    """A change here is a change of the format: raise SCHEMA_VERSION and say so in the change log."""
    assert json.loads(to_json(RESULT)) == json.loads(GOLDEN.read_text())
    assert from_json(VideoText, GOLDEN.read_bytes()) == RESULT


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        pytest.param(RESULT, "result.schema.json", id="result"),
        pytest.param(Receipt(1.0, 2.0, 3.0, 4, 0.5, 6, 7, 8, {"ocr": 1.5}, 9, 10), "receipt.schema.json", id="receipt"),
    ],
)
def test_the_schemas_fit(value, schema):
    validator = Draft202012Validator(json.loads((SCHEMAS / schema).read_text()))
    document = json.loads(to_json(value))
    validator.validate(document)
    for field in validator.schema["required"]:
        broken = {k: v for k, v in document.items() if k != field}
        assert not validator.is_valid(broken)
