"""Whatever is said whenever: subtitles are well formed, in order, readable, and have every word once."""

import unicodedata
from collections import Counter
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from subtitle_player import read_srt, read_vtt, said, timed

from include.processing.subtitles import srt, vtt
from include.processing.text_units import width
from include.processing.types import Word

LINE = 42

WORDS = st.text(st.sampled_from("abcdeEiknost,.?'-é"), min_size=1, max_size=14)
ANY = st.text(st.characters(codec="utf-8") | st.sampled_from("\n\r-> <&日本語、。かなภาษา\u0301\u200d👍"), max_size=120)
SECONDS = st.floats(-5, 100_000) | st.floats(0, 20) | st.integers(0, 5).map(float)


@st.composite
def any_segments(draw):
    words = st.builds(Word, SECONDS, SECONDS, ANY)
    made = st.builds(said, SECONDS, SECONDS, ANY, st.none() | st.sampled_from("AB") | ANY, st.lists(words, max_size=6))
    return draw(st.lists(made, max_size=8))


def letters(text):
    """All that can be seen of it."""
    kept = (c for c in text if not c.isspace() and unicodedata.category(c) != "Cc")
    return "".join(
        c for c in "".join(kept).replace("\ufeff", "").replace("-->", "→") if unicodedata.category(c) != "Cf"
    )


def well_formed(cues):
    assert all(len(cue.lines) <= 2 for cue in cues)
    assert all(width(line) <= LINE for cue in cues for line in cue.lines)
    assert all(before.end <= after.start for before, after in pairwise(cues))
    assert all(cue.end - cue.start <= 7000 for cue in cues)


@settings(deadline=None, max_examples=150)
@given(any_segments())
def test_any_text_at_any_time(segments):
    shown, plain = read_vtt(vtt(segments)), read_srt(srt(segments))
    well_formed(shown)
    well_formed(plain)
    assert [(c.start, c.end) for c in shown] == [(c.start, c.end) for c in plain]
    seen = Counter(letters("".join("".join(c.words) for c in shown)))
    assert seen == Counter(letters(" ".join(s.text + "\n" for s in segments)))


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.tuples(
            st.lists(WORDS, min_size=1, max_size=40), st.floats(5, 30), st.sampled_from([0.0, 0.1, 0.4, 0.7, 3.0])
        ),
        min_size=1,
        max_size=6,
    )
)
def test_ordinary_speech(talk):
    """Every word once and in order, shown when it is said, and slow enough where the speaker leaves time."""
    segments, at = [], 1.0
    for words, pace, pause in talk:
        segments.append(timed(at, " ".join(words), pace))
        at = segments[-1].end + pause
    cues = read_vtt(vtt(segments))
    well_formed(cues)
    spoken = [(token, word) for s in segments for token, word in zip(s.text.split(), s.words, strict=True)]
    assert " ".join(" ".join(c.lines) for c in cues).split() == [token for token, _ in spoken]
    place = 0
    for cue in cues:
        count = len(" ".join(cue.lines).split())
        first, last = spoken[place][1], spoken[place + count - 1][1]
        assert -101 <= cue.start - first.start * 1000 <= 1001
        assert cue.end <= last.end * 1000 + 1901
        place += count
