"""Hits for a person: where, when, and the words around, with the found ones marked on a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from include.db.search import Hit, SearchPage

SAID = {"speech": "said", "screen": "shown", "subtitle": "subtitle"}
FOUND = "bold yellow"


class Screen(Console):
    def on_broken_pipe(self) -> None:
        """Whoever read has seen enough (`… | head`): that is no failure, as rich takes it for."""
        raise BrokenPipeError


def show_page(console: Console, page: SearchPage) -> None:
    for word, similar in page.similar.items():
        _line(console, Text(f"{plain(word)}: also {', '.join(map(plain, similar))}", "dim"))
    for hit in page.hits:
        _line(console, _where(hit))
        _line(console, Text("    ").append_text(marked(hit.snippet, hit.highlights)))
    if not page.hits:
        console.print("Nothing found.")
    if page.more_than:
        _line(console, Text("So many match that only some of them were ranked: add a word, or --video, --from, --to."))
    if page.after:
        _line(console, Text(f"more: the same command with --after {page.after}", "dim"))


def marked(snippet: str, highlights: Sequence[tuple[int, int]]) -> Text:
    """On one line; lines of a slide are parted by bars."""
    text, at = Text(), 0
    for start, end in sorted(highlights):
        text.append(plain(snippet[at:start])).append(plain(snippet[start:end]), FOUND)
        at = end
    return text.append(plain(snippet[at:]))


def plain(text: str) -> str:
    """Foreign text must not drive the terminal."""
    return "".join(c if c.isprintable() else " " for c in text.replace("\n", " | "))


def clock(seconds: float) -> str:
    """1:02:30, as a player shows it and as --from takes it."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _where(hit: Hit) -> Text:
    text = Text(f"{clock(hit.time):>8}", "bold").append(f"  {SAID.get(hit.source, hit.source):8}", "not bold")
    text.append(f"  {plain(hit.filename)}", "not bold")
    if hit.confidence is not None:
        text.append(f"  {hit.confidence:.0%} sure", "not bold dim")
    return text.append(f"  {hit.video_id}", "not bold dim")


def _line(console: Console, text: Text) -> None:
    console.print(text, highlight=False, soft_wrap=True)
