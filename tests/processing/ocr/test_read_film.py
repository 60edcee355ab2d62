"""Text over films, read by a real engine from real extracts. Pictures are 640x360, ten a second."""

import pytest
from media import held, slide, write
from scenes import WHOLE, scene

from include.processing.boxes import overlap
from include.processing.extract import extract_chunk
from include.processing.ocr import ocr_engine, ppocr
from include.processing.ocr.chunk import read_chunk
from include.processing.probe import probe
from include.processing.sources import FileSource
from include.processing.types import Box, Chunk

HEAD = Box(400, 60, 160, 160)
FILM = {"options": {"preset": "ultrafast", "crf": "22", "g": "250"}, "rate": 10}


@pytest.fixture(autouse=True)
def finder():
    if ppocr.models() is None:
        pytest.skip("rapidocr, whose wheel has the finder's model, is not installed")


def read(folder, pictures):
    path = write(folder / "a.mp4", pictures, **FILM)
    source = FileSource(path)
    found = probe(source)
    chunk = Chunk("v", 0, 0.0, found.media.readable_end)
    extracted = extract_chunk(source, found.media, chunk, folder, index=found.index)
    return read_chunk(extracted.index, extracted.frames, ocr_engine("auto"))


def close(expected):
    return [(pytest.approx(start, abs=0.21), pytest.approx(end, abs=0.21), text) for start, end, text in expected]


def entries(found):
    return [(s.start, s.end, s.text) for s in found.screens]


SAID = [
    (1.2, 3.6, ["Wherever you went last night"]),
    (4.1, 6.4, ["I never saw you", "come home again"]),
]


def test_subtitles_over_a_film(tmp_path):
    """Each is one entry at its time, read once though all behind it moves."""
    pictures = []
    for i in range(80):
        lines = [text for start, end, text in SAID if start <= i / 10 < end]
        placed = [(n, 190, 280 + 36 * row) for row, n in enumerate(lines[0])] if lines else []
        pictures.append((i / 10, scene(i, *placed)))
    found = read(tmp_path, pictures)
    assert entries(found) == close([(a, b, "\n".join(text)) for a, b, text in SAID])
    assert found.readings <= 8  # the first picture, each line once, and what was doubtful once more


def test_a_slide_beside_a_talking_head(tmp_path):
    """The slides are one entry each, read once each; the head is no text, though it may be looked at for some."""
    slides = held([(4, slide("First slide", "of two")), (4, slide("Second slide", "and last"))], 10)
    pictures = []
    for i, (at, picture) in enumerate(slides):
        shown = picture.copy()
        shown[60:220, 400:560] = scene(i)[60:220, 400:560]
        pictures.append((at, shown))
    found = read(tmp_path, pictures)
    assert entries(found) == close([(0, 4, "First slide\nof two"), (4, 8, "Second slide\nand last")])
    assert not any(overlap(n.box, HEAD) for n in found.lines)
    assert found.readings <= 2 + found.ticks


def test_a_film_without_text_is_read_once(tmp_path):
    found = read(tmp_path, [(i / 10, scene(i)) for i in range(50)])
    assert (found.screens, found.lines) == ((), ())
    assert found.readings <= 1


def test_a_film_that_ends_in_a_slide(tmp_path):
    film = [(i / 10, scene(i)) for i in range(30)]
    end = [(3 + at, p) for at, p in held([(5, slide("The end", "of the film"))], 10)]
    assert entries(read(tmp_path, film + end)) == close([(3, 8, "The end\nof the film")])


def test_a_slide_over_which_a_film_begins(tmp_path):
    shown = held([(3, slide("First slide", "of two lines"))], 10)
    film = [(3 + i / 10, scene(i, ("Once upon a time", 190, 300))) for i in range(40)]
    found = read(tmp_path, shown + film)
    assert entries(found) == close([(0, 3, "First slide\nof two lines"), (3, 7, "Once upon a time")])
    assert all(overlap(n.box, WHOLE) == n.box.area for n in found.lines)
