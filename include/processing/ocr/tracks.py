"""Lines followed through the readings: the same line, though it is read again, moves, or is missed once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from include.processing.ocr.likeness import digits, same_but_slips
from include.processing.ocr.lines import in_row, same_place
from include.processing.ocr.readings import Reading
from include.processing.types import ScreenLine, TextBox

OVER_FILM = 60.0  # percent alike: two readings of one line in one place over a moving picture
SURELY = 85.0  # … where both readings are sure: what is less alike is another line in its place
ELSEWHERE = 80.0  # … in another place, as under a shaking camera; or in its place, where one reading is doubtful
TELLING = 4  # letters without which a line is not known again elsewhere
DOUBTFUL = 0.8  # confidence, below which a digit that differs may be a slip
MISSED = 1  # readings over a film in which a line may be overlooked


@dataclass(frozen=True, slots=True)
class Track:
    """`readings` are its different readings in order of time, and `counts` at how many ticks each was seen to stand;
    `film`: it stood mostly over something that moves."""

    start: float
    end: float
    film: bool
    readings: tuple[TextBox, ...]
    counts: tuple[int, ...]

    @property
    def line(self) -> TextBox:
        """The reading that most confidence speaks for; one that has more of the line than it speaks for both."""
        votes: dict[str, float] = {}
        for reading, count in zip(self.readings, self.counts, strict=True):
            votes[reading.text] = votes.get(reading.text, 0.0) + reading.confidence * count
        sure = {r.text for r, n in zip(self.readings, self.counts, strict=True) if n > 1 or r.confidence >= DOUBTFUL}
        for text in votes.keys() & sure:
            votes[text] += sum(votes[part] for part in votes if part != text and part in text)
        best = max(votes, key=lambda text: votes[text])
        return max((r for r in self.readings if r.text == best), key=lambda r: r.confidence)


@dataclass(slots=True)
class _Open:
    start: float
    film: bool  # at the last reading
    tick: float  # of the last reading; before there is one, the start
    readings: list[TextBox]
    counts: list[int] = field(default_factory=lambda: [1])
    over_film: float = 0.0  # seconds
    missed: int = 0
    gone: float | None = None  # when it went, if it should not come back

    def seen(self, line: TextBox, film: bool, tick: float) -> None:
        if line is self.readings[-1]:
            self.counts[-1] += 1
        else:
            self.readings.append(line)
            self.counts.append(1)
        self._until(tick)
        self.film = film
        self.missed, self.gone = 0, None

    def closed(self, end: float) -> Track:
        end = max(self.start, end)
        self._until(end)
        film = self.film if end == self.start else 2 * self.over_film >= end - self.start
        return Track(self.start, end, film, tuple(self.readings), tuple(self.counts))

    def _until(self, time: float) -> None:
        """What it was seen over holds until the next reading, and from the start for the first one."""
        self.over_film += max(0.0, time - self.tick) * self.film
        self.tick = time


def follow(readings: Iterable[Reading], end: float) -> tuple[Track, ...]:
    """All lines, by start; those still there at the end stand until `end`."""
    standing: list[_Open] = []
    done: list[Track] = []
    for reading in readings:
        standing = _step(standing, reading, done)
    done += [track.closed(end if track.gone is None else track.gone) for track in standing]
    return tuple(sorted(done, key=lambda t: (t.start, t.end)))


def _step(standing: list[_Open], reading: Reading, done: list[Track]) -> list[_Open]:
    lines = [*((line, False) for line in reading.still), *((line, True) for line in reading.film)]
    found = _pairs(standing, lines)
    going_on: list[_Open] = []
    for track in standing:
        line = found.pop(id(track), None)
        if line is not None:
            track.seen(*line, reading.tick)
            going_on.append(track)
            continue
        track.gone = reading.switched(track.readings[-1].box, came=False) if track.gone is None else track.gone
        if track.film and reading.moving and track.missed < MISSED:
            track.missed += 1
            going_on.append(track)
        else:
            done.append(track.closed(track.gone))
    taken = {id(track.readings[-1]) for track in going_on}
    new = [(line, film) for line, film in lines if id(line) not in taken]
    return going_on + [_begun(reading, line, film) for line, film in new]


def _begun(reading: Reading, line: TextBox, film: bool) -> _Open:
    start = reading.switched(line.box, came=True)
    return _Open(start, film, start, [line])


def _pairs(standing: Sequence[_Open], lines: Sequence[tuple[TextBox, bool]]) -> dict[int, tuple[TextBox, bool]]:
    """Which line each track goes on with, by the track's id: the likest pairs first."""
    carried = {id(line): (line, film) for line, film in lines}
    pairs = {id(t): carried[id(t.readings[-1])] for t in standing if id(t.readings[-1]) in carried}
    used = {id(line) for line, _ in pairs.values()}
    free = [t for t in standing if id(t) not in pairs]
    likes = [
        (likeness, i, j)
        for i, track in enumerate(free)
        for j, (line, film) in enumerate(lines)
        if id(line) not in used and (likeness := _likeness(track.readings[-1], line, film or track.film))
    ]
    for _, i, j in sorted(likes, key=lambda each: -each[0]):
        if id(free[i]) not in pairs and id(lines[j][0]) not in used:
            pairs[id(free[i])] = lines[j]
            used.add(id(lines[j][0]))
    return pairs


def _likeness(before: TextBox, now: TextBox, film: bool) -> float:
    """0 for another line; more the likelier it is the same."""
    here = same_place(before, now)
    if here and (before.text == now.text or same_but_slips(before.text, now.text)):
        return 300.0
    sure = min(before.confidence, now.confidence) >= DOUBTFUL
    if (sure or not film) and digits(before.text) != digits(now.text):
        return 0.0
    ratio = fuzz.ratio(before.text, now.text)
    if not film:  # a pointer on it makes a line doubtful
        return ratio if here and not sure and ratio >= ELSEWHERE else 0.0
    if here and ratio >= (SURELY if sure else OVER_FILM):
        return 100.0 + ratio
    if len(now.text) < TELLING:
        return 0.0
    if in_row(before.box, now.box) and (now.text in before.text or before.text in now.text):
        return ELSEWHERE  # it runs out of the picture, or into it
    return ratio if ratio >= ELSEWHERE else 0.0


def screen_line(track: Track) -> ScreenLine:
    line = track.line
    return ScreenLine(track.start, track.end, line.text, line.confidence, track.readings[0].box)
