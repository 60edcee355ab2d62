"""Results for tests of what is written of them."""

from include.processing import outputs
from include.processing.types import (
    Coverage,
    Cue,
    Problem,
    QualityReport,
    Receipt,
    ScreenText,
    Segment,
    Term,
    TextBox,
    VideoInfo,
    VideoText,
    Word,
)

HEIGHT = 720
COST = Receipt(1.0, 0.0, 0.0, 1, 0.01, 1, 1, 1)


def said(start, text, speaker=None, pace=0.3):
    """A word each `pace` seconds."""
    texts = text.split()
    words = tuple(
        Word(round(start + i * pace, 3), round(start + (i + 0.9) * pace, 3), w, 0.9) for i, w in enumerate(texts)
    )
    return Segment(start, round(start + len(texts) * pace, 3), text, 0.9, speaker, words)


def shown(start, end, *lines, title=None, top=60):
    """A title is set larger than the lines."""
    texts = [*([title] if title else []), *lines]
    sizes = [48 if title and not i else 26 for i in range(len(texts))]
    boxes = tuple(
        TextBox(t, 0.9, 60, top + 60 * i, 12 * len(t), size)
        for i, (t, size) in enumerate(zip(texts, sizes, strict=True))
    )
    return ScreenText(start, end, "\n".join(texts), 0.9, boxes)


def video(
    speech=(), screen=(), *, filename="talk.mp4", duration=100.0, picture="h264", sound="aac", language="en",
    coverage=(), problems=(), terms=(), timeline=(), status="completed",
):  # fmt: skip
    info = VideoInfo(
        filename, duration, 1, 1280 if picture else 0, HEIGHT if picture else 0, 0, 25.0, 0.0, "mp4", picture, sound
    )
    cues = tuple(timeline) or tuple(Cue(s.start, s.end, s.text, 0.9, "speech") for s in speech)
    return VideoText(
        video=info,
        language=language,
        language_confidence=None,
        speech=tuple(speech),
        screen=tuple(screen),
        timeline=cues,
        coverage=tuple(coverage),
        quality=QualityReport(status, 0.9, tuple(problems)),
        engines={},
        terms=tuple(terms),
    )


def written(*arguments, link=None, **options):
    """The files, as text."""
    made = outputs.files(video(*arguments, **options), COST, link)
    return {name: data.decode() for name, data in made.items()}


def failed(start, end, reason):
    return Coverage(start, end, "failed", reason)


def problem(code, message, start=0.0, end=0.0):
    return Problem(code, message, start, end)


def term(start, end, text, spoken=None):
    return Term(start, end, text, spoken or text, 0.9, 0, 0)
