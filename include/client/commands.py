"""What the commands do. Each gives whether all went well."""

import argparse
import json
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskProgressColumn, TextColumn, TransferSpeedColumn
from rich.text import Text

from include.client.client import Reelscribe
from include.client.types import Video
from include.processing.errors import PermanentError
from include.search.show import SAID, Screen, clock, marked, plain

SLIDES = "process_video_slides"
WHOLE = "completed"


def submit(front: Reelscribe, chosen: argparse.Namespace) -> bool:
    options = dict(map(_option, chosen.option))
    more: dict[str, Any] = {"options": options, "dag": SLIDES if chosen.slides else None}
    more["webhook"] = {"url": chosen.webhook} if chosen.webhook else None
    videos = [_submitted(front, text, more) for text in chosen.sources]
    return follow(front, [video.id for video in videos]) if chosen.watch else True


def watch(front: Reelscribe, chosen: argparse.Namespace) -> bool:
    return follow(front, chosen.videos)


def search(front: Reelscribe, chosen: argparse.Namespace) -> bool:
    console = Screen(highlight=False)
    words = " ".join(chosen.words)
    filters = {"source": chosen.source, "video_id": chosen.video, "limit": min(chosen.limit, 100)}
    found = list(islice(front.search(words, **filters), chosen.limit))
    for hit in found:
        head = Text(plain(hit.filename), "bold").append(f"  {clock(hit.time)}  {SAID[hit.source]}", "not bold")
        console.print(head.append(f"  {hit.video_id}", "not bold dim"), soft_wrap=True)
        console.print(Text("    ").append_text(marked(hit.snippet, hit.highlights)), soft_wrap=True)
    if not found:
        console.print("Nothing found.")
    return bool(found)


def get(front: Reelscribe, chosen: argparse.Namespace) -> bool:
    folder = Path(chosen.out)
    names = chosen.names or list(front.video(chosen.video).files)
    if not names:
        raise PermanentError("NO_RESULT", "that video has no result yet", "wait for it: reelscribe watch")
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        data = front.file(chosen.video, name)
        path = folder / Path(name).name
        path.write_bytes(data)
        Console().print(str(path), highlight=False)
    return True


def follow(front: Reelscribe, ids: Iterable[str]) -> bool:
    """One bar for each, one after the other: they are worked on together."""
    found = []
    name, note = TextColumn("{task.description}", markup=False), TextColumn("{task.fields[note]}")
    columns = (name, BarColumn(), TaskProgressColumn(), note)
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for video_id in ids:
            bar = progress.add_task(video_id, total=100.0, note="")
            for video in front.watch(video_id):
                left = video.status if video.eta_seconds is None else f"about {clock(video.eta_seconds)} left"
                progress.update(bar, description=video.filename, completed=video.percent, note=left)
            found.append(video)
    for video in found:
        print(f"{video.id} {video.status} {video.filename}" + (f": {video.error}" if video.error else ""))
    return all(video.status == WHOLE for video in found)


def _submitted(front: Reelscribe, text: str, more: dict[str, Any]) -> Video:
    path = Path(text)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    if "://" in text or not path.is_file():
        video = front.submit(text, **more)
    else:
        with Progress(*columns, console=Console(stderr=True)) as progress:
            bar = progress.add_task(path.name, total=None)
            video = front.submit(
                path, told=lambda there, whole: progress.update(bar, completed=there, total=whole), **more
            )
    print(f"{video.id} {video.status} {video.filename}")
    return video


def _option(text: str) -> tuple[str, Any]:
    """`chunk_minutes=5` is a number, `language=en` a text, `denoise=true` a switch, `model=null` nothing."""
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise PermanentError("BAD_OPTIONS", f"{text!r} is not NAME=VALUE", "write --option language=en")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
