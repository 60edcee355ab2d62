"""Known English text found in its sound by pocketsphinx, whose model is in the wheel."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest

from include.processing.audio import RATE, Samples
from include.processing.transcription.forced_alignment import sphinx_align, spoken_as
from include.processing.transcription.spoken import tokens
from servers.asr_server import Said


@pytest.fixture(scope="module")
def text(said: Sequence[Said]) -> str:
    return said[0].text


@pytest.fixture(scope="module")
def sound(samples: Samples, said: Sequence[Said]) -> Samples:
    """The first sentence."""
    return samples[: round((said[0].end + 0.3) * RATE)]


def test_sentences_begin_where_they_are_said(samples: Samples, said: Sequence[Said]) -> None:
    text = " ".join(s.text for s in said)
    found = sphinx_align(samples, text)
    assert found is not None
    assert tuple(w.text for w in found) == tokens(text)
    assert all(w.start < w.end for w in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    begins = np.cumsum([0, *(len(tokens(s.text)) for s in said)])[:-1]
    assert [found[i].start for i in begins] == pytest.approx([s.start for s in said], abs=0.15)


def test_the_answer_does_not_hang_on_what_was_aligned_before(sound: Samples, text: str) -> None:
    first = sphinx_align(sound, text)
    assert first is not None
    sphinx_align(sound[RATE:], text.partition(" ")[2])
    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(lambda _: sphinx_align(sound, text), range(3))) == [first] * 3


@pytest.mark.parametrize(
    ("change", "count"),
    [
        pytest.param(lambda text: text.upper(), 0, id="capitals"),
        pytest.param(lambda text: f"— {text} —", 2, id="marks-are-not-said"),
        pytest.param(lambda text: text.replace(" ", " - ", 1), 1, id="a-mark-between"),
    ],
)
def test_marks_and_capitals_move_no_word(change: Callable[[str], str], count: int, sound: Samples, text: str) -> None:
    plain, changed = sphinx_align(sound, text), sphinx_align(sound, change(text))
    assert plain is not None
    assert changed is not None
    assert len(changed) == len(plain) + count
    spoken = [(w.start, w.end) for w in changed if any(c.isalpha() for c in w.text)]
    assert spoken == [(w.start, w.end) for w in plain]


def test_a_word_that_the_dictionary_lacks_is_spelt_by_ear(sound: Samples, text: str) -> None:
    """Its letters say nearly the same; the words around it stay."""
    longest = max(tokens(text), key=len)
    right, wrong = sphinx_align(sound, text), sphinx_align(sound, text.replace(longest, f"{longest}zz"))
    assert right is not None
    assert wrong is not None
    assert [w.start for w in wrong] == pytest.approx([w.start for w in right], abs=0.12)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param("Don’t!", "don't", id="apostrophe"),
        pytest.param("picture-books,", "picture books", id="hyphen"),
        pytest.param("Mr.", "mister", id="title"),
        pytest.param("25%", "twenty five percent", id="per-cent"),
        pytest.param("7", "seven", id="digit"),
        pytest.param("305", "three hundred five", id="hundreds"),
        pytest.param("1984", "nineteen eighty four", id="year"),
        pytest.param("1900", "nineteen hundred", id="year-of-a-century"),
        pytest.param("2005", "two thousand five", id="year-of-now"),
        pytest.param("12,000", "twelve thousand", id="thousands"),
        pytest.param("007", "zero zero seven", id="leading-zeros"),
        pytest.param("—", "", id="a-mark"),
    ],
)
def test_how_a_word_is_said(word: str, expected: str) -> None:
    assert " ".join(spoken_as(word)) == expected


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        pytest.param(2.0, "", id="no-text"),
        pytest.param(2.0, "— …", id="marks-only"),
        pytest.param(2.0, "Sobald der Test abgeschlossen ist, erhalten Sie eine Nummer.", id="german"),
        pytest.param(2.0, "客観的実在", id="japanese"),
        pytest.param(0.05, "yes", id="hardly-any-sound"),
        pytest.param(0.0, "yes", id="no-sound"),
        pytest.param(1.0, "far more words than anybody can say in a single second of sound " * 2, id="too-much-text"),
    ],
)
def test_what_cannot_be_aligned_is_left_to_others(seconds: float, text: str, samples: Samples) -> None:
    assert sphinx_align(samples[: round(seconds * RATE)], text) is None
