"""The sample video in the repository is what its recipe and its truth say."""

import json
import shutil
from pathlib import Path

import av
import numpy as np
import pytest

from include.local.sample import make_sample
from include.local.sample.make_sample import SLIDES, SPEECH
from include.local.sample.slides import Slide, draw

VIDEO = Path(make_sample.__file__).parent / "sample.mp4"
TRUTH = json.loads(VIDEO.with_suffix(".truth.json").read_text())


def test_size_and_streams() -> None:
    assert VIDEO.stat().st_size < 2_000_000
    with av.open(str(VIDEO)) as video:
        picture, sound = video.streams.video[0], video.streams.audio[0]
        assert (picture.codec.name, picture.width, picture.height) == ("h264", 1280, 720)
        assert sound.codec.name == "aac"
        assert (video.duration or 0) / av.time_base == pytest.approx(TRUTH["duration"], abs=0.05)


def test_the_truth_is_the_recipes() -> None:
    assert [u["text"] for u in TRUTH["utterances"]] == [text for _, text in SPEECH]
    assert [(s["start"], s["end"]) for s in TRUTH["on_screen"]] == [(s.start, s.end) for s in SLIDES]
    assert [s["text"].split("\n") for s in TRUTH["on_screen"]] == [list(s.lines) for s in SLIDES]
    assert TRUTH["on_screen"][-1]["end"] == TRUTH["duration"]


def pictures(start: float, end: float) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last picture of `[start, end)`."""
    with av.open(str(VIDEO)) as video:
        shown = [f for f in video.decode(video=0) if f.time is not None and start - 1e-3 <= f.time < end - 1e-3]
        return shown[0].to_ndarray(format="rgb24"), shown[-1].to_ndarray(format="rgb24")


@pytest.mark.parametrize("slide", [pytest.param(s, id=s.style) for s in SLIDES if s.style != "photo"])
def test_each_slide_stands_from_its_first_to_its_last_picture(slide: Slide) -> None:
    drawn = np.asarray(draw(slide)).astype(int)
    for shown in pictures(slide.start, slide.end):
        assert np.abs(shown.astype(int) - drawn).mean() < 4


def test_the_captions_background_moves() -> None:
    slide = next(s for s in SLIDES if s.style == "photo")
    first, last = (p.astype(int) for p in pictures(slide.start, slide.end))
    assert np.abs(first[:500] - last[:500]).mean() > 2
    letters = np.asarray(draw(slide))[:, :, 3] == 255
    assert np.abs(first[letters] - last[letters]).mean() < 12


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed")
def test_the_recipe_makes_it_again(tmp_path: Path) -> None:
    make_sample.main(tmp_path / "sample.mp4")
    made = json.loads((tmp_path / "sample.truth.json").read_text())
    assert made == TRUTH
    assert (tmp_path / "sample.mp4").stat().st_size == pytest.approx(VIDEO.stat().st_size, rel=0.1)
