"""What a finished run gave: the first words said and shown, and where everything is."""

from rich.console import Console
from rich.markup import escape

from include.db.rows import VideoRow
from include.local.home import USER, Home
from include.processing.record import from_json
from include.processing.types import ScreenText, Segment, VideoText
from include.storage import ObjectStore

LINES_SHOWN = 12


def show_text(console: Console, text: VideoText) -> None:
    for title, lines in (("Said", text.speech), ("Shown", text.screen)):
        engine = text.engines.get("speech" if title == "Said" else "screen")
        note = f" ({engine.note})" if engine and engine.note else ""
        console.print(f"\n[bold]{title}[/]{escape(note)}", highlight=False)
        for line in lines[:LINES_SHOWN]:
            console.print(f"  {clock(line.start)}  {escape(_words(line))}", highlight=False, soft_wrap=True)
        if not lines:
            console.print("  nothing")
        elif len(lines) > LINES_SHOWN:
            console.print(f"  … and {len(lines) - LINES_SHOWN} more")
    for problem in text.quality.problems:
        console.print(f"[yellow]{problem.code}[/]: {escape(problem.message)}", highlight=False, soft_wrap=True)


def show_places(console: Console, home: Home, store: ObjectStore, video: VideoRow, run: str, front: str) -> None:
    """Of the run's page and our own; no secret among them: a password is named by its file."""
    places = []
    if video.result_key:
        folder = video.result_key.rpartition("/")[0]
        files = sorted(store.list(f"{folder}/"), key=lambda info: info.key != video.result_key)
        places = [(info.key.rpartition("/")[2], store.describe(info.key)) for info in files]
    places += [
        ("database", f'psql "$(cat {home.database_file})"   tables videos, processing_jobs, video_results, passages'),
        ("search", ".venv/bin/python -m include.search WORDS   (--help: phrases, dates, one video)"),
        ("play and read", f"{front}/videos/{video.id}"),
        ("more videos", f"{front}/   or .venv/bin/reelscribe submit FILE --watch"),
        ("Airflow", run),
        ("  log in as", f"{USER}, password in {home.password_file}"),
        ("stop with", "make down   (the data stay)"),
    ]
    console.print()
    for name, place in places:
        console.print(f"  {name:15} {escape(place)}", highlight=False, soft_wrap=True)


def load(store: ObjectStore, video: VideoRow) -> VideoText | None:
    return from_json(VideoText, store.get(video.result_key)) if video.result_key else None


def clock(seconds: float) -> str:
    """00:00:07.25, as a player shows it."""
    whole, hundredths = divmod(round(seconds * 100), 100)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{hundredths:02d}"


def _words(line: Segment | ScreenText) -> str:
    return " | ".join(part.strip() for part in line.text.splitlines() if part.strip())
