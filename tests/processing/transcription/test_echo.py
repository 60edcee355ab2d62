"""A term that nobody said must not enter the transcript; one that was said must stay."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.processing.transcription.echo import mentions, without_echo
from include.processing.types import Segment, Word

TERMS = (
    "Anemometer",
    "Ada Lovelace",
    "NVDEC",
    "Kubernetes",
    "HTTPie",
    "nginx",
    "Chocolatey",
    "PyTorch",
    "アネモメータ",
)


def plain(text):
    return (Segment(0.0, 10.0, text),) if text else ()


def timed(text, start=0.0):
    words = tuple(Word(start + i, start + i + 0.8, w) for i, w in enumerate(text.split()))
    return Segment(words[0].start, words[-1].end, text, words=words)


SAID = [
    pytest.param("the Anemometer spins", "the anemometer spins", id="the-same-word"),
    pytest.param("the anemometers spin", "the anemometers spin", id="its-plural"),
    pytest.param("the Anemometer's cups", "the anemometer's cups", id="its-possessive"),
    pytest.param("the Anemometer spins", "the anemo meter spins", id="split"),
    pytest.param("the Anemometer, it spins", "the anna mo meter it spins", id="split-in-three"),
    pytest.param("we use NVDEC here", "we use envy deck here", id="spelled-by-ear"),
    pytest.param("we run Kubernetes now", "we run cooper nettys now", id="same-sounds"),
    pytest.param("a Chocolatey package", "a chocolaty package", id="one-letter"),
    pytest.param("PyTorch is used", "pie torch is used", id="pie-torch"),
    pytest.param("install HTTPie now", "install h t t pie now", id="spelled-out"),
    pytest.param("use nginx and nginx", "use engine x and engine x", id="twice"),
    pytest.param("Ada Lovelace spoke", "aida love less spoke", id="two-words"),
    pytest.param("Ada Lovelace spoke", "Ada love less spoke", id="the-second-of-two-words"),
    pytest.param("by Lovelace herself", "by love lace herself", id="a-part-alone"),
    pytest.param("これはアネモメータです", "これはあねもめいたです", id="japanese"),
    pytest.param("nothing of the kind", "nothing of the sort", id="no-term-at-all"),
]


@pytest.mark.parametrize(("heard", "without"), SAID)
def test_what_was_said_stays(heard, without):
    given_segments = plain(heard)
    assert without_echo(given_segments, plain(without), TERMS) == (given_segments, ())


@pytest.mark.parametrize(
    ("heard", "without", "expected", "slipped"),
    [
        pytest.param("the Anemometer wind", "the wind", "the wind", "Anemometer", id="inside"),
        pytest.param("Anemometer the wind", "the wind", "the wind", "Anemometer", id="first"),
        pytest.param("the wind Anemometer", "the wind", "the wind", "Anemometer", id="last"),
        pytest.param("the wind. Anemometer.", "the wind.", "the wind.", "Anemometer", id="a-sentence-of-its-own"),
        pytest.param("the wind, Anemometer.", "the wind.", "the wind.", "Anemometer", id="its-full-stop-moves"),
        pytest.param("the Ada Lovelace wind", "the wind", "the wind", "Ada Lovelace", id="two-words"),
        pytest.param("the Lovelace wind", "the wind", "the wind", "Ada Lovelace", id="one-of-two-words"),
        pytest.param("Ada Lovelace spoke", "Ada spoke", "Ada spoke", "Ada Lovelace", id="the-other-was-said"),
        pytest.param("the NVDEC NVDEC wind", "the wind", "the wind", "NVDEC", id="twice"),
        pytest.param("the NVDEC NVDEC wind", "the NVDEC wind", "the NVDEC wind", "NVDEC", id="said-once-heard-twice"),
        pytest.param("the NVDEC NVDEC", "the envy deck", "the NVDEC", "NVDEC", id="misheard-once-heard-twice"),
        pytest.param("NVDEC Anemometer is", "envy deck is", "NVDEC is", "Anemometer", id="beside-a-correction"),
        pytest.param("tank Anemometer you", "thank you", "tank you", "Anemometer", id="beside-another-difference"),
        pytest.param(
            "so Anemometer", "so good to see you", "so good to see you", "Anemometer", id="in-place-of-others"
        ),
        pytest.param("so Anemometer.", "so good", "so good.", "Anemometer", id="in-place-of-one"),
        pytest.param("これはアネモメータメモです", "これはメモです", "これはメモです", "アネモメータ", id="japanese"),
    ],
)
def test_what_nobody_said_is_taken_out(heard, without, expected, slipped):
    assert without_echo(plain(heard), plain(without), TERMS) == (plain(expected), (slipped,))


def test_where_nothing_was_said_nothing_is_left():
    assert without_echo(plain("Anemometer. PyTorch!"), (), TERMS) == ((), ("Anemometer", "PyTorch"))
    assert without_echo((), plain("the wind"), TERMS) == ((), ())


def test_words_and_bounds_follow():
    heard = [timed("the Anemometer wind"), timed("was strong NVDEC", start=5.0), timed("PyTorch", start=9.0)]
    kept, slipped = without_echo(heard, plain("the wind was strong"), TERMS)
    assert [(s.start, s.end, s.text) for s in kept] == [(0.0, 2.8, "the wind"), (5.0, 6.8, "was strong")]
    assert [(w.start, w.text) for s in kept for w in s.words] == [(0, "the"), (2, "wind"), (5, "was"), (6, "strong")]
    assert slipped == ("Anemometer", "NVDEC", "PyTorch")


def test_words_of_the_plain_hearing_come_with_their_times():
    heard = [timed("oh Anemometer yes")]
    other = [
        Segment(
            0,
            3,
            "oh my dear yes",
            words=tuple(Word(*w) for w in [(0, 0.8, "oh"), (1, 1.3, "my"), (1.3, 1.7, "dear"), (2, 2.8, "yes")]),
        )
    ]
    ((kept,), _) = without_echo(heard, other, TERMS)
    assert [(w.start, w.end, w.text) for w in kept.words] == [
        (0, 0.8, "oh"),
        (1, 1.3, "my"),
        (1.3, 1.7, "dear"),
        (2, 2.8, "yes"),
    ]


def test_words_without_times_share_those_of_the_echo():
    ((kept,), _) = without_echo([timed("oh Anemometer yes")], plain("oh my dear yes"), TERMS)
    assert [(w.start, w.end, w.text) for w in kept.words][1:3] == [(1.0, 1.267, "my"), (1.267, 1.8, "dear")]


def test_the_rest_of_a_segment_stays_as_it_is():
    before = Segment(0.0, 2.0, "Hello there.", 0.9, "Ann")
    heard = (before, Segment(3.0, 5.0, "The Anemometer wind", 0.5, "Bob"))
    kept, _ = without_echo(heard, plain("Hello there. The wind"), TERMS)
    assert kept == (before, Segment(3.0, 5.0, "The wind", 0.5, "Bob"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("we use ANEMOMETERS.", True, id="plural-in-capitals"),
        pytest.param("Miss Lovelace", True, id="a-word-of-a-term"),
        pytest.param("the anemo meter", True, id="split"),
        pytest.param("the wind", False, id="none"),
        pytest.param("", False, id="nothing-said"),
    ],
)
def test_mentions(text, expected):
    assert mentions(plain(text), TERMS) is expected


def test_no_terms_no_echo():
    assert not mentions(plain("the wind"), ())
    assert without_echo(plain("the wind"), plain("wind"), ()) == (plain("the wind"), ())


TALK = "the wind was very strong when we came home. That is all, I think, about it"
ORDINARY = st.lists(st.sampled_from(TALK.split()), max_size=25)
SLIP = st.sampled_from(["Anemometer", "Ada Lovelace", "NVDEC.", "Kubernetes,", "PyTorch"])
MISHEARD = st.sampled_from(
    [
        ("Anemometer", "anemo meter"),
        ("NVDEC", "envy deck"),
        ("Kubernetes", "kubernetties"),
        ("PyTorch", "pie torch"),
        ("nginx", "nginx"),
    ]
)


def put(words, at, *new):
    return [*words[:at], *new, *words[at:]]


def letters(segments):
    return [w.strip(".,") for s in segments for w in s.text.split()]


@settings(deadline=None)
@given(ORDINARY, SLIP, st.integers(0, 25), st.booleans())
def test_an_echo_at_any_place_is_taken_out(words, slip, at, with_times):
    at = min(at, len(words))
    text = " ".join(put(words, at, slip))
    kept, slipped = without_echo([timed(text)] if with_times else plain(text), plain(" ".join(words)), TERMS)
    assert letters(kept) == letters(plain(" ".join(words)))
    assert slipped == (slip.strip(".,"),)
    assert all(" ".join(w.text for w in s.words) == s.text for s in kept if with_times)


@settings(deadline=None)
@given(ORDINARY, MISHEARD, st.integers(0, 25), SLIP, st.integers(0, 25))
def test_a_spoken_term_is_never_taken_out(words, misheard, at, slip, elsewhere):
    term, without = misheard
    at = min(at, len(words))
    heard, other = put(words, at, term), put(words, at, *without.split())
    assert without_echo(plain(" ".join(heard)), plain(" ".join(other)), TERMS) == (plain(" ".join(heard)), ())
    with_slip = put(heard, min(elsewhere, len(heard)), slip)
    kept, slipped = without_echo(plain(" ".join(with_slip)), plain(" ".join(other)), TERMS)
    assert letters(kept) == letters(plain(" ".join(heard)))
    assert slipped == (slip.strip(".,"),)
