"""Text where no text can be: past the end, backwards, empty; and a file whose streams don't go together."""

from collections.abc import Iterator, Sequence

from include.processing.types import MediaInfo, Problem, ScreenText, Segment

OVERLAP = 0.5  # seconds that two segments of one speaker may share: more than recognisers' times are off
PAST = 0.1  # seconds by which text may outlast the file: the padding of a sound codec, a last picture
# Seconds. The shared videos differ by 4.0 at the most: the last picture of a file of variable rate stands for longer
# than its packet says. A stream that broke off lacks more.
APART = 10.0
STEADY = 10.0  # pictures a second; a file with fewer records only what changes, and its last picture may stand for long


def out_of_order(spoken: Sequence[Segment]) -> Iterator[Problem]:
    """Segments that end before they begin, or begin before or well inside the one before them of the same speaker."""
    message = "the times of what is said overlap or run backwards here; report it, with the engine's name"
    last: dict[str | None, Segment] = {}
    for s in spoken:
        before = last.get(s.speaker, s)
        backwards = s.end < s.start or s.start < before.start
        if backwards or (before is not s and min(before.end, s.end) - s.start > OVERLAP):
            edges = (s.start, s.end, before.start, before.end)
            yield Problem("TIMES_WRONG", message, min(edges), max(edges))
        last[s.speaker] = s


def past_the_end(media: MediaInfo, spoken: Sequence[Segment], shown: Sequence[ScreenText]) -> Iterator[Problem]:
    ends = {"said": [s.end for s in spoken], "shown": [s.end for s in shown]}
    for where, times in ends.items():
        late = [t for t in times if t > media.duration + PAST]
        if late:
            message = (
                f"text is {where} until {max(late):.1f} s, and the video ends at {media.duration:.1f} s: "
                "its times are wrong; report it, with the engine's name"
            )
            yield Problem("TEXT_PAST_END", message, media.duration, max(late))


def empty(spoken: Sequence[Segment], shown: Sequence[ScreenText]) -> Iterator[Problem]:
    """Entries without a letter or digit."""
    message = "an entry has no letter in it; nothing is lost: report it, with the engine's name"
    entries: list[Segment | ScreenText] = [*spoken, *shown]
    for entry in entries:
        if not any(c.isalnum() for c in entry.text):
            yield Problem("EMPTY_TEXT", message, entry.start, entry.end)


def streams_apart(media: MediaInfo) -> Iterator[Problem]:
    """Not of a file that breaks off: TRUNCATED has said so."""
    sound, picture = media.sound_end, media.picture_end
    if sound is None or picture is None or media.readable_end < media.duration or abs(sound - picture) <= APART:
        return
    if picture < sound and (media.frame_rate or 0.0) < STEADY:
        return
    first, last = ("sound", "picture") if sound < picture else ("picture", "sound")
    message = (
        f"the {first} ends at {min(sound, picture):.1f} s, the {last} at {max(sound, picture):.1f} s; "
        "compare with the original: the rest may be lost"
    )
    yield Problem("STREAMS_DIFFER", message, round(min(sound, picture), 3), round(max(sound, picture), 3))
