"""Answers of an engine, and ears that hear speech in them."""

from include.processing.transcription.spoken import tokens
from include.processing.types import Segment, Span, Word


def segment(text, start, end, speaker=None):
    """Words share the time by their letters."""
    words, at = [], start
    length = (end - start) / max(1, sum(len(t) for t in tokens(text)))
    for token in tokens(text):
        words.append(Word(at, at + length * len(token), token, 0.8))
        at += length * len(token)
    return Segment(start, end, text, 0.9, speaker, tuple(words))


def answer(*texts):
    """One segment after the other, each as long as it takes to say at 15 letters a second."""
    segments, at = [], 0.0
    for text in texts:
        end = at + max(0.3, len(text) / 15)
        segments.append(segment(text, at, end))
        at = end + 0.2
    return tuple(segments)


def voiced(segments):
    return tuple(Span(s.start, s.end) for s in segments)


def texts(segments):
    return [s.text for s in segments]


def codes(problems):
    return [p.code for p in problems]


def hears(*spans):
    """An ear for sound that is speech in these spans only."""

    def ear(part):
        return sum(max(0.0, min(part.end, b) - max(part.start, a)) for a, b in spans)

    return ear


deaf = hears()
