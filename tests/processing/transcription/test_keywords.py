"""Names and terms of the screen, and nothing else of it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.processing.transcription.common_words import is_common
from include.processing.transcription.keywords import LONGEST, terms
from include.processing.types import Chunk, ChunkScreens, EngineInfo, ScreenText, TextBox, WordBox


def screen(*lines, start=0.0, end=10.0, confidence=0.95, heights=()):
    boxes = []
    for place, text in enumerate(lines):
        height = heights[place] if heights else 28
        boxes.append(TextBox(text, confidence, 40, 60 * place, 600, height))
    return ScreenText(start, end, "\n".join(lines), confidence, tuple(boxes))


def seen(*screens):
    return ChunkScreens(Chunk("v", 0, 0.0, 600.0), EngineInfo("test"), tuple(screens))


ENGLISH = "This is what we all know about the things that are here and there."


def of(*lines, **more):
    """Terms of a screen of an English talk."""
    return terms(seen(screen(ENGLISH, *lines, **more)))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("HTTPie uses a simple file.", ["HTTPie"], id="capitals-inside"),
        pytest.param("we build it with macOS and eBPF", ["eBPF", "macOS"], id="small-letter-first"),
        pytest.param("all of this is done in Kubernetes today", ["Kubernetes"], id="a-name-inside-a-line"),
        pytest.param("as said by Ada Lovelace in her notes", ["Ada Lovelace"], id="two-names"),
        pytest.param("Ada Lovelace wrote it", ["Ada Lovelace"], id="two-names-at-the-beginning"),
        pytest.param("Use Debian or Install Podman", ["Debian", "Podman"], id="a-verb-is-no-name"),
        pytest.param("you can install the CUDA Toolkit here", ["CUDA Toolkit"], id="a-name-of-two-words"),
        pytest.param("it comes from Sapporo, Osaka and Nagoya", ["Nagoya", "Osaka", "Sapporo"], id="a-list"),
        pytest.param("we need NVDEC support and GPT-4", ["GPT-4", "NVDEC"], id="acronyms"),
        pytest.param("Kubernetes And Its Many Friends", ["Kubernetes"], id="a-heading-in-capitals"),
        pytest.param("INTRODUCTION TO KUBERNETES", ["Kubernetes"], id="a-shouted-heading"),
        pytest.param("now we put an anemometer on the roof", ["anemometer"], id="a-rare-word"),
        pytest.param("the Anemometer's cups (Anemometer)", ["Anemometer"], id="once-each"),
        pytest.param("it runs on Tesseract.js in the browser", ["Tesseract.js"], id="a-name-with-a-dot"),
    ],
)
def test_terms(line, expected):
    found = [t for t in of(line) if t != "browser"]
    assert sorted(found, key=str.casefold) == sorted(expected, key=str.casefold)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("This is how we work with other people.", id="ordinary-words"),
        pytest.param("The Quick Way To Better Results", id="a-heading-of-ordinary-words"),
        pytest.param("You don't, they're, it's, John's", id="contractions-and-common-names"),
        pytest.param("Page 12 of 48, 3.5 % or $1,200", id="numbers"),
        pytest.param("2026-11-22 12:30:45 v3.1.0", id="dates-and-versions"),
        pytest.param("https://example.org/Zyxomma?q=Frobnicate www.Zyxomma.org", id="addresses"),
        pytest.param("mail to ada.lovelace@example.org", id="e-mail"),
        pytest.param("print(f'{exc.request_url!r}') --path-as-is -Syu $HOME/.config", id="code"),
        pytest.param("Chapter XIV and Part III", id="roman-numerals"),
        pytest.param("lllegaI tHe wOrD |~¬ rn0d3l xX", id="misread"),
        pytest.param("qwrtpsdfg bbbbbb", id="no-word"),
        pytest.param("x" * 60 + "Ax", id="too-long"),
        pytest.param("", id="empty"),
    ],
)
def test_no_terms(line):
    assert of(line) == ()


def test_what_was_hardly_read_is_left_out():
    assert of("it runs on Kubernetes", confidence=0.79) == ()
    words = (WordBox("on", 0.9, 0, 0, 9, 9), WordBox("Podman", 0.9, 0, 0, 9, 9), WordBox("Dokcer", 0.5, 0, 0, 9, 9))
    line = TextBox("on Podman Dokcer", 0.77, 0, 0, 90, 9, words)
    assert terms(seen(ScreenText(0, 5, line.text, 0.8, (line,)), screen(ENGLISH))) == ("Podman",)


def test_the_most_useful_come_first():
    found = terms(
        seen(
            screen(ENGLISH, "now an anemometer and a barometer", end=5.0),
            screen("with Podman on it", start=5.0, end=6.0),
            screen("with Kubernetes on it", start=6.0, end=90.0),
            screen("with HTTPie", start=90.0, end=95.0),
        )
    )
    assert found == ("Kubernetes", "HTTPie", "Podman", "anemometer", "barometer")


def test_a_title_counts_more():
    lines = ["Snapcraft", "Podman", "a line of text", "another line"]
    assert terms(seen(screen(*lines, heights=[48, 28, 28, 28]))) == ("Snapcraft", "Podman")
    assert terms(seen(screen(*lines, heights=[28, 48, 28, 28]))) == ("Podman", "Snapcraft")


def test_one_spelling_of_each():
    screens = [screen("on Podman", end=9.0), screen("on PODMAN", start=9.0, end=10.0), screen(ENGLISH, "podman")]
    assert terms(seen(*screens)) == ("Podman",)


def test_no_more_than_asked_for():
    line = "with Podman, Osaka, Nagoya, Sapporo and Fukuoka"
    assert len(terms(seen(screen(line)), most=3)) == 3
    assert terms(seen(screen(line)), most=0) == ()
    assert terms(seen()) == ()


def test_other_languages_go_by_shape():
    spanish = screen("hoy hablamos del reactor que Enrico Fermi hizo en Chicago con HTTPie y la CPU de siempre")
    assert terms(seen(spanish)) == ("Enrico Fermi", "HTTPie", "CPU")
    german = screen(
        "der Wagen und das Haus an der Straße bei dem Garten",
        "die Maschine von Konrad Zuse lief in der Wohnung mit HTTPie",
    )
    assert set(terms(seen(german))) == {"Konrad Zuse", "HTTPie"}
    assert terms(seen(screen("これはアネモメータとPyTorchです", "コト"))) == ("アネモメータ",)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("house", True),
        ("Houses", True),
        ("running", True),
        ("sending", True),
        ("unfriendly", True),
        ("don’t", True),
        ("we're", True),
        ("Lovelace", False),
        ("anemometer", False),
        ("ffmpeg", False),
        ("", False),
    ],
)
def test_common_words(word, expected):
    assert is_common(word) is expected


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=60), max_size=6), st.integers(0, 5))
def test_any_text(lines, most):
    found = terms(seen(screen(*lines)), most)
    assert len(found) <= most
    assert len({t.casefold() for t in found}) == len(found)
    assert all(2 <= len(t) <= LONGEST for t in found)
    assert all(t.casefold() in " ".join(" ".join(lines).split()).casefold() for t in found)


def test_slides_of_a_talk(media_dir):
    """The names on the screen come before any ordinary word."""
    truth = json.loads((media_dir / "composed" / "long_shared.truth.json").read_text())
    shown = [o for o in truth["on_screen"] if o["start"] < 600]
    found = terms(seen(*(screen(*o["text"].splitlines(), start=o["start"], end=min(600.0, o["end"])) for o in shown)))
    assert 30 < len(found) <= 50
    assert {"HTTPie", "FFmpeg", "TorchCodec", "PyTorch", "Groq Whisper API"} <= set(found[:10])
    assert not {"Page", "First", "There", "options", "request", "default"} & set(found)
