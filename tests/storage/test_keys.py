import subprocess
import sys

import pytest

from include.processing.errors import PermanentError
from include.processing.types import Chunk
from include.storage import keys

VIDEO = "3d6f2f3e-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param(keys.uploaded("a.mp4"), "uploads/a.mp4", id="uploaded"),
        pytest.param(keys.original(VIDEO), f"videos/{VIDEO}/original/source", id="original"),
        pytest.param(keys.original_record(VIDEO), f"videos/{VIDEO}/original/source.json", id="original-record"),
        pytest.param(keys.plan(VIDEO, "abc"), f"videos/{VIDEO}/plan/abc/plan.json", id="plan"),
        pytest.param(keys.plan(VIDEO, "abc", "index"), f"videos/{VIDEO}/plan/abc/index", id="plan-index"),
        pytest.param(
            keys.chunk_object(VIDEO, "ocr", "abc", Chunk(VIDEO, 1, 600.1, 1200.0015), "screen.json"),
            f"videos/{VIDEO}/ocr/abc/600100-1200002/screen.json",
            id="chunk",
        ),
        pytest.param(keys.result(VIDEO, "d1", "result.json"), f"videos/{VIDEO}/result/d1/result.json", id="result"),
        pytest.param(keys.receipt(VIDEO, "j1"), f"videos/{VIDEO}/receipts/j1.json", id="receipt"),
        pytest.param(keys.ledger("abcdef"), "ledger/ab/abcdef", id="ledger"),
    ],
)
def test_keys(key: str, expected: str) -> None:
    assert key == expected
    assert keys.validate(key) == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param({"a": 1, "b": 2}, {"b": 2, "a": 1}, True, id="order"),
        pytest.param({"minutes": 10}, {"minutes": 10.0}, True, id="whole-float"),
        pytest.param({"minutes": 10}, {"minutes": 10.5}, False, id="other-number"),
        pytest.param({"a": "1"}, {"a": 1}, False, id="text-is-no-number"),
        pytest.param({"a": True}, {"a": 1}, False, id="true-is-no-number"),
        pytest.param({"a": None}, {}, False, id="none-is-said"),
        pytest.param({"a": [1, 2]}, {"a": (1, 2.0)}, True, id="tuple-is-list"),
        pytest.param({"a": {"x": 1.0}}, {"a": {"x": 1}}, True, id="nested"),
        pytest.param({"a": "b", "c": "d"}, {"a": 'b","c":"d'}, False, id="no-forging"),
    ],
)
def test_recipes(one: dict[str, object], other: dict[str, object], same: bool) -> None:
    assert (keys.recipe(**one) == keys.recipe(**other)) is same


def test_a_recipe_is_the_same_in_every_process() -> None:
    script = "from include.storage import keys; print(keys.recipe(engine='tesseract', langs=['eng', 'é'], fps=1.0))"
    runs = {
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout.strip()
        for seed in ("1", "2")
    }  # fmt: skip
    assert runs == {"c6cefacd0c177f42"}


def test_what_is_not_json_is_no_parameter() -> None:
    with pytest.raises(TypeError):
        keys.recipe(engine=object())
    with pytest.raises(ValueError, match="JSON"):
        keys.recipe(fps=float("nan"))


def test_video_ids() -> None:
    assert keys.video_id("bucket", "incoming/a.mp4", "etag") == "93b7f14d-54c0-56ab-bf4c-fc16f04510f4"
    others = {
        ("bucket", "incoming/a.mp4", "etag2"),
        ("bucket2", "incoming/a.mp4", "etag"),
        ("bucketi", "ncoming/a.mp4", "etag"),
    }
    assert len({keys.video_id(*other) for other in others} | {"93b7f14d-54c0-56ab-bf4c-fc16f04510f4"}) == 4


@pytest.mark.parametrize(
    ("key", "cause"),
    [
        pytest.param("", "is empty", id="empty"),
        pytest.param("/a", "is absolute", id="absolute"),
        pytest.param("a/../b", "has an empty part", id="parent"),
        pytest.param("a\nb\0", "NUL", id="nul"),
        pytest.param("é" * 128, "255 bytes", id="part"),
        pytest.param("/".join(["x" * 250] * 5), "1024 bytes", id="key"),
        pytest.param("\udcff", "Unicode", id="undecodable-file-name"),
    ],
)
def test_what_is_wrong_with_a_key_is_said_on_one_line(key: str, cause: str) -> None:
    assert not keys.valid(key)
    with pytest.raises(PermanentError, match=f"BAD_KEY: .*{cause}") as caught:
        keys.validate(key)
    assert "\n" not in str(caught.value)
