"""What the sound says of a text: how much voice there is, and whether it is like speech. Seconds of the request."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from include.processing.types import Span

FASTEST = 30.0  # letters in a second of voice: half as many again as the fastest reader in our recordings
PACE = 15.0  # letters a second, as people speak
HEARD = 0.3  # of the time that a text takes: that much like speech, at the least, if it was said

Ear = Callable[[Span], float]  # how many seconds of a part of the sound are like speech: `speech_gate.ear`


@dataclass(frozen=True, slots=True)
class Sound:
    """`islands` are where it is voiced, by its energy: music is, too. An `ear` tells them apart, where there is one.

    `laid`: the text came without times and was laid over the islands, so that a word's place says little.
    """

    islands: Sequence[Span]
    seconds: float
    ear: Ear | None = None
    laid: bool = False

    def voice(self, start: float, end: float) -> float:
        """Voiced seconds."""
        return sum(max(0.0, min(end, s.end) - max(start, s.start)) for s in self.islands)

    def heard(self, letters: float, start: float, end: float, share: float = HEARD) -> bool | None:
        """Is there speech for that share of the time that so much text takes? None without an ear."""
        if self.ear is None:
            return None
        span = Span(max(0.0, start), min(self.seconds, end))
        return span.end > span.start and self.ear(span) >= share * letters / PACE
