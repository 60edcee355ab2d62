"""A plain talk that nothing is wrong with, for the tests of quality to break."""

from include.processing.quality import report
from include.processing.types import Coverage, MediaInfo, ScreenText, Segment, TextBox

DURATION = 120.0
MEDIA = MediaInfo("mp4", DURATION, DURATION, 0.0, 1000, 640, 360, 0, 25.0, "h264", "aac")
HEARD = (Coverage(0.0, DURATION, "transcribed"),)
SUBJECTS = ("birds", "rivers", "engines", "letters", "gardens", "planets", "bridges", "markets", "forests", "numbers")
VERBS = ("follow", "carry", "change", "open", "cover", "hold")


def said(start, end, text, confidence=0.9, speaker=None):
    return Segment(start, end, text, confidence, speaker)


def shown(start, end, *lines, confidence=0.95):
    boxes = tuple(TextBox(t, confidence, 40, 40 + 40 * i, 12 * len(t), 24) for i, t in enumerate(lines))
    return ScreenText(start, end, "\n".join(lines), confidence, boxes)


def talk():
    """Thirty sentences, each of 3.5 seconds with a pause after it."""
    return [
        said(
            4.0 * i, 4.0 * i + 3.5, f"Sentence {i}: {SUBJECTS[i % 10]} {VERBS[i % 6]} the {SUBJECTS[(i * 7 + 3) % 10]}."
        )
        for i in range(30)
    ]


def slides():
    return [
        shown(30.0 * i, 30.0 * (i + 1), f"Part {i} ............ {i + 3}", "• def area(r): return 3.14 * r ** 2")
        for i in range(4)
    ]


def found(spoken=None, screen=None, *, media=MEDIA, coverage=HEARD, problems=(), engines=None, languages=()):
    """The problems of a report, without their messages."""
    made = report(
        media,
        talk() if spoken is None else spoken,
        slides() if screen is None else screen,
        coverage,
        problems,
        engines or {},
        languages,
    )
    return [(p.code, p.start, p.end) for p in made.problems]
