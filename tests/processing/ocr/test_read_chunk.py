"""The kept pictures of a chunk → its screen text, with a real engine on real extracts."""

import pytest
from media import held, slide, with_panel, write

from include.processing.extract import extract_chunk
from include.processing.ocr import ocr_engine
from include.processing.ocr.chunk import read_chunk
from include.processing.probe import probe
from include.processing.sources import FileSource
from include.processing.types import Chunk

HD = (640, 480)


class Spy:
    """A real engine that remembers how large the pictures were."""

    def __init__(self):
        self.engine = ocr_engine("auto")
        self.info = self.engine.info
        self.shapes = []

    def read(self, picture):
        self.shapes.append(picture.shape)
        return self.engine.read(picture)


def page(*lines):
    return slide(*lines, size=HD)


def screens(folder, states, start=0.0, end=None, fps=1, engine=None, **arguments):
    """[(start, end, text)] of the chunk, and what read_chunk returned."""
    path = write(folder / "a.mp4", held(states, 10), rate=10, **arguments)
    source = FileSource(path)
    found = probe(source)
    chunk = Chunk("v", 2, start, end or found.media.readable_end)
    extracted = extract_chunk(source, found.media, chunk, folder, fps=fps, index=found.index)
    read = read_chunk(extracted.index, extracted.frames, engine or ocr_engine("auto"))
    return [(s.start, s.end, s.text) for s in read.screens], read


def close(expected):
    return [(pytest.approx(start, abs=0.11), pytest.approx(end, abs=0.11), text) for start, end, text in expected]


def test_slides_at_their_times(tmp_path):
    states = [(2.4, page("First slide")), (3.7, page("Second slide", "with two lines")), (2.0, page("The last one"))]
    found, read = screens(tmp_path, states)
    assert found == close(
        [(0.0, 2.4, "First slide"), (2.4, 6.1, "Second slide\nwith two lines"), (6.1, 8.1, "The last one")]
    )
    assert (read.chunk.index, read.ticks, read.frames_read) == (2, 9, 3)
    assert read.engine == ocr_engine("auto").info
    assert read.problems == ()


def test_times_count_from_the_chunks_start(tmp_path):
    states = [(2.4, page("First slide")), (3.7, page("Second slide")), (2.0, page("The last one"))]
    found, _ = screens(tmp_path, states, start=2.0, end=7.5)
    assert found == close([(0.0, 0.4, "First slide"), (0.4, 4.1, "Second slide"), (4.1, 5.5, "The last one")])


TYPED = [
    (2, page("Shopping list")),
    (2, page("Shopping list", "apples")),
    (2, page("Shopping list", "apples", "bread")),
    (2, page("Shopping list", "apples", "brown bread")),
]


def test_typed_lines_are_read_alone_and_the_rest_stays(tmp_path):
    spy = Spy()
    found, _ = screens(tmp_path, TYPED, engine=spy)
    assert found == close(
        [
            (0, 2, "Shopping list"),
            (2, 4, "Shopping list\napples"),
            (4, 6, "Shopping list\napples\nbread"),
            (6, 8, "Shopping list\napples\nbrown bread"),
        ]
    )
    assert spy.shapes[0] == (480, 640)
    assert all(height < 120 for height, _ in spy.shapes[1:])


def test_a_change_at_the_top_keeps_what_stands_below(tmp_path):
    """Its rows are kept from the first one on: that is no whole picture."""
    below = ["Second line", "Third line", "Fourth line", "Fifth line", "Sixth line"]
    states = [(3, page("Heading one", *below)), (3, page("Another heading", *below))]
    found, _ = screens(tmp_path, states)
    assert found == close([(0, 3, "\n".join(["Heading one", *below])), (3, 6, "\n".join(["Another heading", *below]))])


def test_a_large_change_at_the_top_keeps_what_stands_below(tmp_path):
    """Two lines of a heading: more than half of the rows that are kept."""
    states = [
        (3, page("Heading one", "of two lines", "Below", "Bottom")),
        (3, page("Another one", "in two rows", "Below", "Bottom")),
    ]
    found, _ = screens(tmp_path, states)
    assert [text for *_, text in found] == [
        "Heading one\nof two lines\nBelow\nBottom",
        "Another one\nin two rows\nBelow\nBottom",
    ]


def test_a_line_that_vanishes_is_gone(tmp_path):
    found, _ = screens(
        tmp_path, [(2, page("One", "Two", "Three")), (2, page("One", "", "Three")), (2, page("One", "", ""))]
    )
    assert [text for *_, text in found] == ["One\nTwo\nThree", "One\nThree", "One"]


def test_a_picture_without_text_in_between(tmp_path):
    found, _ = screens(tmp_path, [(2, page("Before")), (2, page("")), (2, page("Afterwards"))])
    assert found == close([(0, 2, "Before"), (4, 6, "Afterwards")])


@pytest.mark.parametrize(
    ("points", "last"),
    [
        pytest.param(36, "9", id="large"),
        pytest.param(20, "89", id="as-small-as-a-cursor: its last digit may come too late to be seen"),
    ],
)
def test_a_clock_in_the_corner_does_not_cut_the_slides(points, last, tmp_path):
    def shown(text, second):
        return with_panel(page(text, "with a line below"), f"00:00:{second:02d}", 440, 420, points)

    states = [(1, shown("First slide" if t < 5 else "Second slide", t)) for t in range(10)]
    found, _ = screens(tmp_path, states)
    (counter,) = [text for *_, text in found if " … " in text]
    assert counter in [f"00:00:00 … 00:00:0{digit}" for digit in last]
    assert found == close(
        [(0, 5, "First slide\nwith a line below"), (0, 10, counter), (5, 10, "Second slide\nwith a line below")]
    )


def test_a_slide_that_returns_is_read_once(tmp_path):
    dark = slide("Second slide", "light on dark", size=HD, ink=255, paper=20)
    found, read = screens(tmp_path, [(2, page("First slide")), (2, dark), (2, page("First slide")), (2, dark)])
    assert found == close(
        [
            (0, 2, "First slide"),
            (2, 4, "Second slide\nlight on dark"),
            (4, 6, "First slide"),
            (6, 8, "Second slide\nlight on dark"),
        ]
    )
    assert (read.frames_read, read.readings) == (2, 2)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_boxes_are_of_the_upright_picture(turn, tmp_path):
    states = [(1, page("Upright text", "and more")), (2, page("Upright text", "and much more"))]
    found, read = screens(tmp_path, states, rotation=turn)
    assert [text for *_, text in found] == ["Upright text\nand more", "Upright text\nand much more"]
    for screen in read.screens:
        first, second = screen.boxes
        assert 30 < first.left < 50
        assert 35 < first.top < 60
        assert 85 < second.top < 110


def test_ten_bit_pictures(tmp_path):
    options = {"preset": "ultrafast", "x265-params": "log-level=none"}
    states = [(2, slide("White on black", ink=255, paper=0))]
    found, _ = screens(tmp_path, states, codec="libx265", pix_fmt="yuv420p10le", options=options)
    assert found == close([(0, 2, "White on black")])


def test_five_pictures_a_second(tmp_path):
    states = [(0.4, page("Flash one")), (0.4, page("Flash two")), (1.2, page("And stay"))]
    found, _ = screens(tmp_path, states, fps=5)
    assert found == close([(0.0, 0.4, "Flash one"), (0.4, 0.8, "Flash two"), (0.8, 2.0, "And stay")])
