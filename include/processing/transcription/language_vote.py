"""Which language is spoken, voted by three samples from across the video: its first half minute may be a jingle.

The samples are bought like all speech, and stay: the stages that come later cut their requests around them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from include.processing.audio import RATE, Samples
from include.processing.ports import ByteSource
from include.processing.probe import Probe
from include.processing.sound_tracks import read_sound
from include.processing.speech_activity import levels
from include.processing.speech_gate import somebody_speaks
from include.processing.transcription.buying import Buyer
from include.processing.transcription.engine import longest
from include.processing.transcription.listening import HeardSample
from include.processing.transcription.stretches import Stretch, stretches
from include.processing.types import Chunk, SoundChoice, Span, SpokenLanguage

SAMPLES = 3
WINDOW = 60.0  # seconds that are looked at for each sample
TRIES = 4  # windows, one after the other, until somebody speaks
SHORTEST_VIDEO = 180.0  # seconds; in less there is nothing to sample: every stretch is asked for its language
EDGE = 0.5  # seconds; speech that reaches so near to the window's edge may go on beyond it
LEAST = 3.0  # seconds of speech in a sample


@dataclass(frozen=True, slots=True)
class LanguageVote:
    """`language` is None where the samples differ (each stretch is then asked for its own), or none told.

    `confidence` is the share of sampled seconds in the language that most are in. `identity` is the engine's.
    """

    identity: str
    language: str | None
    confidence: float | None
    samples: tuple[HeardSample, ...]

    @property
    def spoken(self) -> SpokenLanguage | None:
        return SpokenLanguage(self.language, self.confidence) if self.language else None

    def of_chunk(self, chunk: Chunk) -> tuple[HeardSample, ...]:
        return tuple(s for s in self.samples if s.chunk == chunk.index)


def vote_language(
    source: ByteSource,
    probe: Probe,
    chunks: Sequence[Chunk],
    sound: SoundChoice,
    buyer: Buyer,
) -> LanguageVote:
    """Raises what `Buyer.hear` raises. No samples where the engine names no languages or the video is short."""
    samples: list[HeardSample] = []
    if buyer.engine.detects_language and chunks[-1].end >= SHORTEST_VIDEO and probe.media.audio_codec:
        for spot in range(SAMPLES):
            middle = chunks[-1].end * (2 * spot + 1) / (2 * SAMPLES)
            sample = _heard_near(middle, source, probe, chunks, sound, buyer)
            samples.extend([sample] if sample else [])
    return voted(buyer.engine.identity, samples)


def voted(identity: str, samples: Sequence[HeardSample]) -> LanguageVote:
    """Unanimous, or no language: a recogniser that is told the wrong one translates or invents."""
    heard = [(s.language, s.end - s.start) for s in samples]
    language = spoken_language(heard)
    if language is None:
        return LanguageVote(identity, None, None, tuple(samples))
    known = sum(seconds for named, seconds in heard if named)
    share = sum(seconds for named, seconds in heard if named == language) / known
    return LanguageVote(identity, language if share == 1.0 else None, round(share, 3), tuple(samples))


def spoken_language(heard: Sequence[tuple[str | None, float]]) -> str | None:
    """The language that most of the seconds are in; None where no engine named any."""
    seconds: Counter[str] = Counter()
    for language, length in heard:
        if language:
            seconds[language] += length  # type: ignore[assignment]  # a Counter of floats
    return max(sorted(seconds), key=lambda name: seconds[name], default=None)


def _heard_near(
    middle: float,
    source: ByteSource,
    probe: Probe,
    chunks: Sequence[Chunk],
    sound: SoundChoice,
    buyer: Buyer,
) -> HeardSample | None:
    for chunk, window in _windows(middle, chunks):
        samples = read_sound(source, probe, chunk.start + window.start, chunk.start + window.end, sound)
        stretch = _whole_stretch(samples, window, chunk, longest(buyer.engine.limits))
        if stretch is None:
            continue
        cut = samples[round((stretch.start - window.start) * RATE) : round((stretch.end - window.start) * RATE)]
        answer = buyer.hear(cut, None)
        return HeardSample(chunk.index, stretch.start, stretch.end, answer.key, answer.heard.language)
    return None


def _windows(middle: float, chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, Span]]:
    """In chunk time, each inside its chunk, on and on from `middle`."""
    for step in range(TRIES):
        at = min(middle + step * WINDOW, chunks[-1].end - 1e-3)
        chunk = next(c for c in chunks if c.start <= at < c.end)
        start = round(max(0.0, min(at - chunk.start - WINDOW / 2, chunk.duration - WINDOW)), 3)
        yield chunk, Span(start, min(chunk.duration, start + WINDOW))


def _whole_stretch(samples: Samples, window: Span, chunk: Chunk, most: float) -> Stretch | None:
    """The one with most voice of those that surely begin and end inside the window, in chunk time."""
    first, last = (EDGE if window.start > 0 else 0.0), window.end - window.start
    last -= EDGE if window.end < chunk.duration else 0.0
    found = stretches(levels(samples), most, start=chunk.start + window.start)
    inside = [s for s in found if s.start >= first and s.end <= last and not s.lead]
    spoken = [s for s in inside if _voice(s) >= LEAST]
    spoken.sort(key=_voice, reverse=True)
    for stretch in spoken:
        if somebody_speaks(samples[round(stretch.start * RATE) : round(stretch.end * RATE)]):
            start, end = round(window.start + stretch.start, 3), round(window.start + stretch.end, 3)
            return Stretch(start, end, stretch.voiced, stretch.lead)
    return None


def _voice(stretch: Stretch) -> float:
    return sum(v.end - v.start for v in stretch.voiced)
