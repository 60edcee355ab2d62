"""Every file that a result becomes. The same result always gives the same bytes."""

import hashlib
from collections.abc import Mapping
from urllib.parse import quote

from include.processing.outputs_heard import unsaid
from include.processing.outputs_screen import appearances
from include.processing.reading_transcript import markdown
from include.processing.reading_transcript_markup import Link
from include.processing.record import to_json
from include.processing.subtitle_units import runs
from include.processing.subtitles import cues_of, srt_of, vtt_of
from include.processing.subtitles_both import both_srt, both_vtt
from include.processing.subtitles_screen import AGAIN, captions
from include.processing.types import Receipt, VideoText

RESULT, RECEIPT = "result.json", "receipt.json"
TEXTS = ("transcript.md", "transcript.srt", "transcript.vtt", "screen.srt", "screen.vtt", "both.srt", "both.vtt")
NAMES = (RESULT, RECEIPT, *TEXTS)


def files(text: VideoText, cost: Receipt, link: Link | None = None) -> dict[str, bytes]:
    """By name, in the order in which they are to be written: result.json is last, where it is the rest is.

    `link` gives the URL that jumps to a second of the video; a media fragment of its file name if it is not given.
    """
    spoken = runs(text.speech)
    new = appearances(text.screen, text.video.height, AGAIN)
    said, shown, beside = cues_of(spoken), captions(new), captions(unsaid(new, spoken))
    made = {
        "transcript.md": markdown(text, spoken, link or fragment(text.video.filename)),
        "transcript.srt": srt_of(said),
        "transcript.vtt": vtt_of(said),
        "screen.srt": srt_of(shown),
        "screen.vtt": vtt_of(shown),
        "both.srt": both_srt(said, beside),
        "both.vtt": both_vtt(said, beside),
    }
    found = {name: content.encode() for name, content in made.items()}
    return {**found, RECEIPT: to_json(cost, indent=1), RESULT: to_json(text, indent=1)}


def digest(made: Mapping[str, bytes]) -> str:
    """Of all files but the receipt: another result, or another way to write it, gets another place."""
    hashed = hashlib.sha256()
    for name, data in sorted(made.items()):
        if name != RECEIPT:
            hashed.update(f"{name} {len(data)}\n".encode())
            hashed.update(data)
    return hashed.hexdigest()[:16]


def fragment(filename: str) -> Link:
    """`talk.mp4#t=754`: players and browsers begin there. Whole seconds, rounded down: nothing said is cut off."""
    name = quote(filename, safe="", errors="replace")
    return lambda seconds: f"{name}#t={int(max(0.0, seconds))}"
