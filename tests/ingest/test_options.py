"""A file's own options, by the schemas that the DAG itself gives."""

from typing import Any

import pytest
from process_video import PARAMS

from include.ingest.options import LARGEST_SIDECAR, options_of
from include.processing.errors import PermanentError

SCHEMAS = {name: param.schema for name, param in PARAMS.items()}


@pytest.mark.parametrize(
    ("metadata", "sidecar", "expected"),
    [
        pytest.param({}, None, {}, id="none"),
        pytest.param({"reelscribe-language": "de"}, None, {"language": "de"}, id="metadata"),
        pytest.param({"camera": "A7", "language": "de"}, None, {}, id="metadata-of-others"),
        pytest.param({"reelscribe-chunk-minutes": "2.5"}, None, {"chunk_minutes": 2.5}, id="number"),
        pytest.param({"reelscribe-chunk_minutes": "5"}, None, {"chunk_minutes": 5}, id="whole-number"),
        pytest.param({"reelscribe-denoise": "True"}, None, {"denoise": True}, id="switch"),
        pytest.param({"reelscribe-budget-dollars": ""}, None, {"budget_dollars": None}, id="no-budget"),
        pytest.param({"reelscribe-sound": "2"}, None, {"sound": "2"}, id="text-that-looks-like-a-number"),
        pytest.param({}, b'{"language": "fr", "denoise": true}', {"language": "fr", "denoise": True}, id="sidecar"),
        pytest.param({}, b'\xef\xbb\xbf{"language": "fr"}', {"language": "fr"}, id="sidecar-with-a-mark"),
        pytest.param({}, b"{}", {}, id="empty-sidecar"),
        pytest.param(
            {"reelscribe-language": "de", "reelscribe-ocr": "tesseract"},
            b'{"language": "fr"}',
            {"language": "fr", "ocr": "tesseract"},
            id="the-sidecar-wins",
        ),
    ],
)
def test_options(metadata: dict[str, str], sidecar: bytes | None, expected: dict[str, Any]) -> None:
    assert options_of(metadata, sidecar, SCHEMAS) == expected


@pytest.mark.parametrize(
    ("metadata", "sidecar", "cause"),
    [
        pytest.param({"reelscribe-langauge": "de"}, None, "there is no option 'langauge'", id="unknown"),
        pytest.param({"reelscribe-language": "english please"}, None, "language: ", id="bad-value"),
        pytest.param({"reelscribe-chunk-minutes": "ten"}, None, "chunk_minutes: ", id="not-a-number"),
        pytest.param({"reelscribe-chunk-minutes": "nan"}, None, "chunk_minutes: ", id="nan"),
        pytest.param({"reelscribe-denoise": "maybe"}, None, "denoise: ", id="not-a-switch"),
        pytest.param({"reelscribe-source": "s3://b/k"}, None, "there is no option 'source'", id="another-source"),
        pytest.param({}, b'{"source": "file:///etc/passwd"}', "there is no option 'source'", id="another-source-too"),
        pytest.param({}, b'{"chunk_minutes": 0}', "chunk_minutes: ", id="too-small"),
        pytest.param({}, b'{"chunk_minutes": NaN}', "the sidecar is no JSON: NaN is no number", id="json-nan"),
        pytest.param({}, b'{"denoise": "true"}', "denoise: ", id="text-for-a-switch"),
        pytest.param({}, b"[]", "the sidecar is no JSON object", id="a-list"),
        pytest.param({}, b"", "the sidecar is no JSON: ", id="empty"),
        pytest.param({}, b"\xff\xfe\x00", "the sidecar is no JSON: ", id="not-utf-8"),
        pytest.param({}, b'{"budget_dollars": 1e999}', "budget_dollars: inf is no number", id="infinite"),
        pytest.param({}, b'{"model": "a\\u0000"}', "model: has characters", id="nul"),
        pytest.param({}, b'{"model": "\\ud800"}', "model: has characters", id="half-of-a-pair"),
        pytest.param({}, b"[" * 50_000, "the sidecar is no JSON: ", id="deep"),
        pytest.param({}, b" " * (LARGEST_SIDECAR + 1), "the sidecar has more than 65536 bytes", id="large"),
    ],
)
def test_refused(metadata: dict[str, str], sidecar: bytes | None, cause: str) -> None:
    with pytest.raises(PermanentError) as refusal:
        options_of(metadata, sidecar, SCHEMAS)
    assert refusal.value.code == "BAD_OPTIONS"
    assert refusal.value.cause.startswith(cause)
    assert refusal.value.remedy.endswith("put the file under incoming/ again")


def test_an_unknown_option_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(PermanentError) as refusal:
        options_of({}, b'{"engine": "sphinx"}', SCHEMAS)
    assert refusal.value.remedy.startswith("options are alignment, asr, ")
