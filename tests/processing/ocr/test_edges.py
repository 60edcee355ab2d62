"""Which parts of a picture a net is given: those with edges, whole tiles of them; all of a busy picture."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from media import slide
from scenes import HEIGHT, WIDTH, box_of, scene

from include.processing.boxes import overlap
from include.processing.ocr.edges import CELL, edged, parts, without
from include.processing.types import Box

SAID = ("Wherever you went", 200, 288)


def small(picture):
    return np.ascontiguousarray(picture[: HEIGHT // 32 * 32, :WIDTH])


def covered(box, boxes):
    return any(overlap(box, b) == box.area for b in boxes)


def test_a_subtitle_over_a_smooth_film_is_the_only_part():
    found = parts(edged(small(scene(3, SAID))))
    assert len(found) == 1
    assert covered(box_of(*SAID), found)
    assert found[0].area < WIDTH * HEIGHT / 5


@pytest.mark.parametrize(
    "picture", [pytest.param(scene(3), id="smooth"), pytest.param(np.full((352, 640), 90, np.uint8), id="empty")]
)
def test_where_there_are_no_edges_nothing_is_looked_at(picture):
    assert parts(edged(small(picture))) == []


@pytest.mark.parametrize("contrast", [25, 50, 200])
def test_faint_and_small_text_is_looked_at(contrast):
    picture = small(slide("The quarterly revenue grew", points=12, ink=120 + contrast, paper=120))
    (found,) = parts(edged(picture))
    text = np.argwhere(picture != 120)
    (top, left), (bottom, right) = text.min(axis=0), text.max(axis=0) + 1
    assert covered(Box(int(left), int(top), int(right - left), int(bottom - top)), [found])


def test_a_busy_picture_is_looked_at_as_a_whole():
    noise = np.random.default_rng(1).integers(0, 255, (352, 640)).astype(np.uint8)
    assert parts(edged(noise)) == [Box(0, 0, 640, 352)]


def test_a_line_that_is_known_is_left_out():
    cells = edged(small(scene(3, SAID)))
    assert parts(without(cells, [box_of(*SAID)])) == []


@pytest.mark.parametrize(
    ("known", "why"),
    [
        pytest.param(box_of("Wherever", *SAID[1:]), "more of it is seen", id="longer"),
        pytest.param(box_of(SAID[0], 200, 120), "another one is known", id="elsewhere"),
    ],
)
def test_it_is_looked_at_again_if(known, why):
    cells = edged(small(scene(3, SAID)))
    assert covered(box_of(*SAID), parts(without(cells, [known]))), why


def test_a_line_above_a_known_one_is_looked_at():
    above = ("I never saw you", 212, 250)
    found = parts(without(edged(small(scene(3, SAID, above))), [box_of(*SAID)]))
    assert covered(box_of(*above), found)


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 19)), max_size=30), st.integers(1, 5), st.integers(1, 9))
def test_parts_hold_every_marked_cell_once_and_are_whole_tiles(marked, rows, columns):
    cells = np.zeros((2 * rows, 2 * columns), np.uint8)
    for row, column in marked:
        cells[row % (2 * rows), column % (2 * columns)] = 1
    found = parts(cells)
    seen = np.zeros((2 * rows * CELL, 2 * columns * CELL), int)
    for box in found:
        assert box.width % 32 == box.height % 32 == 0
        assert min(box.left, box.top) >= 0
        seen[box.top : box.bottom, box.left : box.right] += 1
        assert box.bottom <= seen.shape[0]
        assert box.right <= seen.shape[1]
    assert seen.max(initial=0) <= 1
    assert np.kron(cells, np.ones((CELL, CELL), int))[seen == 0].sum() == 0
