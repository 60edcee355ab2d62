"""Which sound is heard: the best track, all, or the one asked for; both channels or one."""

import numpy as np
import pytest
from av.stream import Disposition
from media import cfr, numbered, write
from tracks import Track, hiss, music, sample_sound, silence, stereo, write_tracks

from include.processing.audio import RATE
from include.processing.errors import PermanentError, TransientError
from include.processing.probe import probe
from include.processing.record import from_json, to_json
from include.processing.sources import FileSource
from include.processing.track_choice import choose_sound
from include.processing.types import SoundChoice

VOICE = sample_sound()  # 30 s
SECONDS = len(VOICE) / RATE


def opened(path):
    source = FileSource(path)
    return source, probe(source)


SPEECH = Track(VOICE)
MUSIC = Track(music(SECONDS))
SILENCE = Track(silence(SECONDS))
FIRST = {"marks": Disposition.default}


def in_language(language, sound=VOICE):
    return Track(sound, facts={"language": language})


@pytest.mark.parametrize(
    ("tracks", "wanted", "language", "expected"),
    [
        pytest.param([SPEECH], "best", None, (0,), id="one"),
        pytest.param([SILENCE], "best", None, (0,), id="one-silent"),
        pytest.param([SILENCE, SPEECH], "best", None, (1,), id="silent-and-speech"),
        pytest.param([Track(MUSIC.sound, **FIRST), SPEECH], "best", None, (1,), id="music-is-default"),
        pytest.param([SPEECH, Track(VOICE, **FIRST)], "best", None, (1,), id="as-much-speech-in-the-default"),
        pytest.param([SPEECH, SPEECH], "best", None, (0,), id="as-much-speech"),
        pytest.param([in_language("eng"), in_language("ger")], "best", "de", (1,), id="language"),
        pytest.param([in_language("eng"), in_language("ger")], "best", "de-AT", (1,), id="language-of-a-country"),
        pytest.param([in_language("eng"), in_language("ger")], "best", "fr", (0,), id="language-not-there"),
        pytest.param(
            [in_language("eng"), in_language("ger", SILENCE.sound)], "best", "de", (0,), id="nothing-in-that-language"
        ),
        pytest.param(
            [Track(VOICE, marks=Disposition.default | Disposition.comment), SPEECH], "best", None, (1,), id="commentary"
        ),
        pytest.param(
            [Track(VOICE, facts={"title": "Director's Commentary"}), SPEECH], "best", None, (1,), id="by-its-title"
        ),
        pytest.param(
            [SILENCE, Track(VOICE, marks=Disposition.comment)], "best", None, (1,), id="speech-in-the-commentary-only"
        ),
        pytest.param([SILENCE, Track(SILENCE.sound, **FIRST)], "best", None, (1,), id="all-silent"),
        pytest.param([SPEECH, SILENCE], "2", None, (1,), id="by-number"),
        pytest.param([SPEECH, SILENCE], "all", None, (0, 1), id="all"),
    ],
)
def test_choice(tracks, wanted, language, expected, tmp_path):
    source, found = opened(write_tracks(tmp_path / "a.mkv", tracks))
    assert choose_sound(source, found, wanted, language) == SoundChoice(expected)


@pytest.mark.parametrize("wanted", ["3", "0", "-1", "01", "second", ""])
def test_a_track_that_is_not_there(wanted, tmp_path):
    tracks = [in_language("eng", silence(1)), Track(silence(1), facts={"title": "Live\x1b[31m"})]
    source, found = opened(write_tracks(tmp_path / "a.mkv", tracks))
    with pytest.raises(PermanentError) as raised:
        choose_sound(source, found, wanted, None)
    assert str(raised.value) == (
        f"SOUND_TRACK: a.mkv: there is no sound track {wanted}".strip()
        + "; choose best, all or a number; there are 1 (en, flac, default), 2 (Live [31m, flac)"
    )


def test_no_sound_at_all(tmp_path):
    source, found = opened(write(tmp_path / "a.mp4", cfr([numbered(1)] * 10, 10)))
    assert choose_sound(source, found, "best", None) == SoundChoice()
    assert choose_sound(source, found, "all", "en") == SoundChoice()
    with pytest.raises(PermanentError, match=r"SOUND_TRACK: a\.mp4: there is no sound track 1; it has no sound"):
        choose_sound(source, found, "1", None)


def test_nothing_is_read_where_there_is_no_choice(tmp_path):
    source, found = opened(write_tracks(tmp_path / "a.mkv", [SPEECH]))

    def refuse(offset, length):
        raise TransientError("SOURCE_UNREADABLE", "read again", "nothing")

    source.read_at = refuse
    assert choose_sound(source, found, "best", None) == SoundChoice((0,))


def test_a_choice_can_be_stored():
    choice = SoundChoice((0, 2), (None, 1))
    assert from_json(SoundChoice, to_json(choice)) == choice


# ---------------------------------------------------------------- which channel

LATE_GUEST = np.concatenate([silence(21), VOICE[5 * RATE :]])[: len(VOICE)]  # speaks from 21 s on


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        pytest.param(VOICE, VOICE, (), id="the-same"),
        pytest.param(VOICE, VOICE // 4, (), id="more-on-the-left"),
        pytest.param(VOICE, -VOICE, (0,), id="antiphase"),
        pytest.param(VOICE // 2, -VOICE, (1,), id="antiphase-louder-on-the-right"),
        pytest.param(VOICE // 2 + hiss(SECONDS), hiss(SECONDS, seed=4) - VOICE // 2, (0,), id="antiphase-in-noise"),
        pytest.param(VOICE, silence(SECONDS), (), id="silent-right-does-no-harm"),
        pytest.param(hiss(SECONDS, -25), VOICE, (1,), id="noise-on-the-left"),
        pytest.param(VOICE, music(SECONDS), (0,), id="music-on-the-right"),
        pytest.param(VOICE, hiss(SECONDS, -25) + LATE_GUEST // 2, (), id="a-guest-who-speaks-later-in-noise"),
        pytest.param(silence(SECONDS), silence(SECONDS), (), id="silence"),
        pytest.param(hiss(SECONDS), hiss(SECONDS, seed=4), (), id="noise"),
        pytest.param(hiss(SECONDS), -hiss(SECONDS), (), id="noise-in-antiphase"),
    ],
)
def test_channels(left, right, expected, tmp_path):
    source, found = opened(write_tracks(tmp_path / "a.mkv", [Track(stereo(left, right))]))
    assert choose_sound(source, found, "best", None) == SoundChoice((0,), expected)


def test_each_of_several_tracks_has_its_channel(tmp_path):
    tracks = [Track(VOICE), Track(stereo(VOICE // 2, -VOICE))]
    source, found = opened(write_tracks(tmp_path / "a.mkv", tracks))
    assert choose_sound(source, found, "all", None) == SoundChoice((0, 1), (None, 1))
    assert choose_sound(source, found, "2", None) == SoundChoice((1,), (1,))
