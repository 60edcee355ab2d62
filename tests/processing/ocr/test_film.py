"""Text over what moves: found, read once, and not again while it stands. Finder and reader are told what to answer."""

import pytest
from scenes import HEIGHT, WHOLE, WIDTH, box_of, scene

from include.processing.boxes import shifted
from include.processing.ocr.film import FilmReader, line_reader
from include.processing.types import Box, EngineInfo, TextBox, WordBox


class Told:
    """A finder, a reader of lines and an engine for pages that answer what they are told, and remember the calls."""

    info = EngineInfo("told")

    def __init__(self):
        self.boxes, self.text, self.page = (), ("", 0.0), ()
        self.sides, self.crops, self.pages = [], [], []

    def find(self, picture, side, known):
        self.sides.append(side)
        return self.boxes

    def read_line(self, crop):
        self.crops.append(crop.shape)
        return self.text

    def read(self, picture):
        self.pages.append(picture.shape)
        return self.page


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def reader(told):
    return FilmReader(told, told.find, told.read_line)


SAID = ("Wherever you went", 200, 300)
LATER = ("I never saw you", 212, 300)


def look(reader, told, i, *texts, text="", confidence=0.98, moving=(WHOLE,)):
    """The finder finds what is there; the reader would say `text`."""
    told.boxes, told.text = tuple(box_of(*t) for t in texts), (text, confidence)
    return reader.look(scene(i, *texts), 0, moving, HEIGHT)


def test_a_line_is_found_and_read(reader, told):
    box = box_of(*SAID)
    (line,) = look(reader, told, 0, SAID, text=SAID[0])
    assert line == TextBox(SAID[0], 0.98, box.left, box.top, box.width, box.height)
    ((height, width),) = told.crops
    assert box.height < height < 1.5 * box.height
    assert box.width < width < box.width + box.height


def test_while_it_stands_it_is_not_read_again(reader, told):
    """All that is behind it changes at each tick."""
    first = look(reader, told, 0, SAID, text=SAID[0])
    for i in range(1, 6):
        assert look(reader, told, i, SAID, text="not asked") == first
    assert reader.readings == 1


def test_it_stands_though_the_finder_overlooks_it(reader, told):
    first = look(reader, told, 0, SAID, text=SAID[0])
    told.boxes = ()
    assert reader.look(scene(1, SAID), 0, (WHOLE,), HEIGHT) == first


def test_another_line_in_its_place_is_read(reader, told):
    look(reader, told, 0, SAID, text=SAID[0])
    (line,) = look(reader, told, 1, LATER, text=LATER[0])
    assert line.text == LATER[0]
    assert reader.readings == 2


def test_what_is_gone_is_gone(reader, told):
    look(reader, told, 0, SAID, text=SAID[0])
    assert look(reader, told, 1) == ()
    assert reader.readings == 1


@pytest.mark.parametrize(
    ("after", "why"),
    [
        pytest.param("12:00:08", "its last digit counts on", id="a-digit"),
        pytest.param("12:00:06 h", "more of it is seen", id="longer"),
    ],
)
def test_a_line_of_which_little_changed_is_read_again(reader, told, after, why):
    look(reader, told, 0, ("12:00:06", 200, 300), text="12:00:06")
    found = look(reader, told, 1, (after, 200, 300), text=after)
    assert [line.text for line in found] == [after], why


def test_what_was_read_poorly_is_tried_again(reader, told):
    look(reader, told, 0, SAID, text="Whercvcr", confidence=0.6)
    (line,) = look(reader, told, 1, SAID, text=SAID[0])
    assert line.text == SAID[0]


@pytest.mark.parametrize(
    ("second", "readings"),
    [pytest.param(SAID[0], 2, id="confirmed"), pytest.param("Whereuer you went", 4, id="never-twice-alike")],
)
def test_what_was_read_with_doubt_is_read_again_until_two_readings_agree(reader, told, second, readings):
    look(reader, told, 0, SAID, text=SAID[0], confidence=0.9)
    for i in range(1, 4):
        text = second if i % 2 else SAID[0]
        (line,) = look(reader, told, i, SAID, text=text, confidence=0.9)
    assert reader.readings == readings
    assert line.text == (SAID[0] if second == SAID[0] else second)


def test_a_line_that_fades_in_is_read_again(reader, told):
    """Half-way it is read as well as it can be then."""
    told.boxes = (box_of(*SAID),)
    for strength, text in ((0.4, "Whercvcr"), (1.0, SAID[0])):
        shown = scene(0) * (1 - strength) + scene(0, SAID) * strength
        told.text = (text, 0.98)
        (line,) = reader.look(shown.astype("uint8"), 0, (WHOLE,), HEIGHT)
        assert line.text == text


def test_of_two_lines_only_the_new_one_is_read(reader, told):
    above = ("The evening news", 30, 40)
    look(reader, told, 0, above, text=above[0])
    found = look(reader, told, 1, above, SAID, text=SAID[0])
    assert sorted(line.text for line in found) == sorted([above[0], SAID[0]])
    assert reader.readings == 2


def test_what_touches_the_rim_is_not_read(reader, told):
    """It is cut off: it comes whole a little later, or has been read."""
    told.boxes, told.text = (Box(200, 0, 200, 20), Box(100, 342, 200, 18)), ("cut", 0.95)
    assert reader.look(scene(0), 0, (WHOLE,), HEIGHT) == ()
    assert reader.readings == 0


def test_where_nothing_can_be_read_nothing_stands(reader, told):
    assert look(reader, told, 0, SAID, text="") == ()


def test_only_what_moves_is_looked_at(told):
    """And a little around it, at the resolution that the whole picture would have."""
    asked = []
    picture = scene(0, SAID)
    reader = FilmReader(told, lambda part, side, known: asked.append((part.shape, side)) or (), told.read_line)
    reader.look(picture, 0, (Box(400, 80, 160, 120), Box(0, 0, 80, 60)), HEIGHT)
    assert asked == [((152, 192), 152), ((76, 96), 76)]
    assert reader.look(picture, 0, (), HEIGHT) == ()
    assert len(asked) == 2


def test_a_line_in_one_of_two_moving_areas_is_there_once(told):
    """Two heads in a call; one has a name below it."""
    areas, name = (Box(40, 60, 240, 240), Box(360, 60, 240, 240)), ("Ann Smith", 60, 260)
    box = box_of(*name)
    first = [Box(box.left - 24, box.top - 44, box.width, box.height)]  # as it lies in the part that is looked at

    def find(part, side, known):
        return tuple(first) if part[box.top - 44 : box.bottom - 44, box.left - 24 : box.right - 24].max() > 200 else ()

    reader = FilmReader(told, find, told.read_line)
    told.text = (name[0], 0.98)
    for i in range(5):
        found = reader.look(scene(i, name), 0, areas, HEIGHT)
        assert [(line.text, line.box) for line in found] == [("Ann Smith", box)]
    assert reader.readings == 1


def test_boxes_are_of_the_whole_picture_though_rows_of_it_are_stored(reader, told):
    """Rows 200 to 359; what moves is the right half of the lower third."""
    box, moving = box_of("Goal", 450, 300), Box(320, 240, 320, 120)
    told.boxes = (Box(box.left - 304, box.top - 224, box.width, box.height),)  # as it lies in the part looked at
    told.text = ("Goal", 0.98)
    for i in range(2):
        (line,) = reader.look(scene(i, ("Goal", 450, 300))[200:], 200, (moving,), HEIGHT)
        assert line.box == box
    assert reader.readings == 1


def test_where_the_rows_of_a_line_are_not_stored_any_more_it_is_gone(reader, told):
    look(reader, told, 0, ("The evening news", 30, 40), text="The evening news")
    told.boxes = ()
    assert reader.look(scene(1)[200:], 200, (Box(0, 240, 640, 120),), HEIGHT) == ()


def test_a_page_is_read_as_one(reader, told):
    """A page under a shaking camera: five lines or more, near each other."""
    lines = [
        (f"This is line {word}", 100, 60 + 34 * i) for i, word in enumerate(["one", "two", "three", "four", "five"])
    ]
    word = WordBox("This", 0.9, 20, 22, 40, 20)
    told.page = (TextBox("This", 0.9, 20, 22, 40, 20, (word,)),)
    (line,) = look(reader, told, 0, *lines, text="a line")
    ((height, width),) = told.pages
    block = box_of(*lines[0])
    assert (line.left, line.top) == (20 + block.left - block.height, 22 + block.top - block.height)
    assert (line.words[0].left, line.words[0].top) == (line.left, line.top)
    assert 4 * 34 < height < 8 * 34
    assert width < WIDTH
    assert told.crops == []
    assert reader.readings == 1


def test_two_blocks_of_a_page_are_read_one_by_one(reader, told):
    lines = [("Left column", 40, 60 + 34 * i) for i in range(5)] + [("Right one", 440, 60 + 34 * i) for i in range(5)]
    look(reader, told, 0, *lines, text="a line")
    assert len(told.pages) == 2
    assert all(width < 300 for _, width in told.pages)


def test_lines_that_lie_apart_are_no_page(reader, told):
    """A clock, headlines, a ticker: each is read by itself, however many there are."""
    lines = [("Somewhere", 40 + 260 * (i % 2), 50 + 50 * i) for i in range(6)]
    look(reader, told, 0, *lines, text="a line")
    assert (told.pages, reader.readings) == ([], 6)


class Engine(Told):
    def __init__(self, *lines):
        super().__init__()
        self.page = lines


def test_an_engine_without_a_reader_of_lines_reads_them_itself():
    read = line_reader(Engine(TextBox("Wherever", 0.9, 0, 0, 80, 20), TextBox("you went", 0.7, 90, 0, 80, 20)))
    assert read(scene(0)[100:130]) == ("Wherever you went", 0.8)
    assert line_reader(Engine())(scene(0)[100:130]) == ("", 0.0)


@pytest.mark.parametrize(
    ("width", "height", "asked"),
    [
        pytest.param(80, 60, 0, id="a-ball"),
        pytest.param(60, 40, 1, id="a-small-one-may-be-a-number"),
        pytest.param(160, 60, 1, id="a-title"),
        pytest.param(400, 130, 0, id="a-window"),
    ],
)
def test_what_is_too_high_for_a_line_is_not_read(reader, told, width, height, asked):
    told.boxes, told.text = (Box(100, 100, width, height),), ("0", 0.97)
    reader.look(scene(0), 0, (WHOLE,), HEIGHT)
    assert reader.readings == asked


def test_lines_that_stand_need_not_be_found_again(told):
    """The finder is told of them, in pixels of the part that it gets."""
    known = []

    def find(part, side, there):
        known.append(there)
        return (shifted(box_of(*SAID), -84, -184),) if not there else ()

    reader = FilmReader(told, find, told.read_line)
    told.text = (SAID[0], 0.98)
    for i in range(2):
        (line,) = reader.look(scene(i, SAID), 0, (Box(100, 200, 500, 150),), HEIGHT)
        assert line.box == box_of(*SAID)
    assert known == [[], [shifted(line.box, -84, -184)]]
