"""Which sound of a video is heard: one of its tracks or all of them, and of a track both channels or one.

Looked into only where there is a choice: a mono track alone costs nothing, a stereo track one short piece of sound.
"""

from collections.abc import Sequence

import numpy as np

from include.processing.audio import RATE, Samples
from include.processing.channels import mixing
from include.processing.errors import PermanentError
from include.processing.ports import ByteSource
from include.processing.probe import Probe
from include.processing.sound_tracks import read_sounds
from include.processing.speech_activity import levels, voiced
from include.processing.speech_gate import somebody_speaks
from include.processing.track_list import track_language
from include.processing.types import MediaInfo, SoundChoice, SoundTrack, Span

BEST, ALL = "best", "all"

SPOTS = (1 / 6, 1 / 2, 5 / 6)  # of the video, where tracks are compared
WINDOW = 20.0  # seconds of each
BLOCK = 5.0  # seconds in which somebody speaks or nobody does
ENOUGH = 0.05  # of the windows: a track with less speech is none to be preferred
AS_MUCH = 0.9  # of the most: tracks with so much speech count as equals

CHANNEL_SPOTS = (1 / 2, 1 / 6, 5 / 6, 1 / 3, 2 / 3)  # where the channels of a stereo track are compared
CHANNEL_WINDOW = 10.0


def choose_sound(source: ByteSource, probe: Probe, wanted: str = BEST, language: str | None = None) -> SoundChoice:
    """`wanted` is `best`, `all` or a track's number from 1. Raises PermanentError SOUND_TRACK for one not there."""
    tracks = probe.media.sound_tracks
    if wanted not in (BEST, ALL):
        tracks = (_numbered(wanted, source.name, probe.media),)
    elif wanted == BEST and len(tracks) > 1:
        tracks = (_best(source, probe, tracks, language),)
    channels = tuple(_channel(source, probe, track) for track in tracks)
    return SoundChoice(tuple(t.index for t in tracks), channels if set(channels) != {None} else ())


def _numbered(wanted: str, name: str, media: MediaInfo) -> SoundTrack:
    for track in media.sound_tracks:
        if wanted == str(track.index + 1):
            return track
    there = ", ".join(_described(track) for track in media.sound_tracks)
    raise PermanentError(
        "SOUND_TRACK",
        f"{name}: there is no sound track {wanted}",
        f"choose {BEST}, {ALL} or a number; there are {there}" if there else "it has no sound",
    )


def _described(track: SoundTrack) -> str:
    facts = (track.language, track.title, track.codec, "default" if track.default else None)
    return f"{track.index + 1} ({', '.join(fact for fact in facts if fact)})"


def _best(source: ByteSource, probe: Probe, tracks: tuple[SoundTrack, ...], language: str | None) -> SoundTrack:
    """The one with most speech in the first group that has speech: what was asked for, the plain ones, the others."""
    spoken = _spoken(source, probe, tracks)
    asked = track_language(language)
    plain = [t for t in tracks if not t.aside]
    for group in ([t for t in plain if asked and t.language == asked], plain, tracks):
        most = max((spoken[t.index] for t in group), default=0.0)
        if most >= ENOUGH:
            equals = [t for t in group if spoken[t.index] >= AS_MUCH * most]
            return next((t for t in equals if t.default), equals[0])
    return next((t for t in tracks if t.default), tracks[0])


def _spoken(source: ByteSource, probe: Probe, tracks: tuple[SoundTrack, ...]) -> dict[int, float]:
    """The share of speech in each track, by a few windows."""
    windows = _windows(probe.media.readable_end, SPOTS, WINDOW)
    spoken = dict.fromkeys((t.index for t in tracks), 0.0)
    for window in windows:
        sounds = read_sounds(source, probe, window.start, window.end, [SoundChoice((t.index,)) for t in tracks])
        for track, samples in zip(tracks, sounds, strict=True):
            spoken[track.index] += _speech(samples)
    whole = sum(w.end - w.start for w in windows)
    return {index: seconds / whole for index, seconds in spoken.items()}


def _windows(end: float, spots: Sequence[float], length: float) -> list[Span]:
    """In the order of `spots`; of a short video one is the whole."""
    starts = dict.fromkeys(round(max(0.0, min(spot * end - length / 2, end - length)), 3) for spot in spots)
    return [Span(start, min(end, start + length)) for start in starts]


def _speech(samples: Samples) -> float:
    """Seconds; music is loud and soft as speech is, so each block is asked whether somebody speaks in it."""
    spans, seconds = voiced(levels(samples)), 0.0
    for at in np.arange(0.0, len(samples) / RATE, BLOCK):
        voice = sum(max(0.0, min(s.end, at + BLOCK) - max(s.start, at)) for s in spans)
        if voice and somebody_speaks(samples[round(at * RATE) : round((at + BLOCK) * RATE)]):
            seconds += voice
    return seconds


def _channel(source: ByteSource, probe: Probe, track: SoundTrack) -> int | None:
    """The one channel of a stereo track that is heard, where mixing would harm; None: they are mixed.

    As a rule one window tells. Noise on one side must be there in all of them: somebody may speak on that side later.
    """
    alone: int | None = None
    sounds = [SoundChoice((track.index,), (channel,)) for channel in (0, 1)]
    for window in _windows(probe.media.readable_end, CHANNEL_SPOTS, CHANNEL_WINDOW) if track.channels == 2 else ():
        verdict, side = mixing(*read_sounds(source, probe, window.start, window.end, sounds))
        if verdict == "cancels":
            return side
        if verdict == "harmless" or (verdict == "buries" and alone not in (None, side)):
            return None
        alone = side if verdict == "buries" else alone
    return alone
