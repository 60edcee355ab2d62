"""How well and how cheaply speech is heard: `make bench-speech`. Needs ../shared (media with truth, the oracle).

The far side is the oracle: OpenAI's API over HTTP that knows what is said, returns a word that a request's edge cuts as
"###", and with --phantom invents text in silence. Ends with one line for each model, key=value.
"""

import argparse
import importlib.util
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import jiwer

from include.processing import timeline
from include.processing.audio import RATE, Samples, read_flac
from include.processing.extract import extract_chunk
from include.processing.planning import outline
from include.processing.preprocess import denoised, louder
from include.processing.probe import Probe, probe
from include.processing.sources import open_source
from include.processing.speech_activity import levels
from include.processing.speech_gate import somebody_speaks
from include.processing.transcription import transcriber
from include.processing.transcription.buying import Buyer
from include.processing.transcription.chunk import transcribe_chunk
from include.processing.transcription.language_vote import vote_language
from include.processing.transcription.listening import Alignment, Listening
from include.processing.transcription.stretches import Stretch, stretches
from include.processing.types import Chunk, Segment
from include.processing.workfolder import FolderLedger

RUNS: Sequence[tuple[str, Alignment]] = (
    ("gpt-transcribe", "pauses"),
    ("gpt-transcribe", "forced"),
    ("whisper-1", "pauses"),
)
SHARED = Path(__file__).resolve().parents[3] / "shared"


@contextmanager
def oracle(truth: Path, *flags: str) -> Iterator[str]:
    """Its address. `truth` holds this video alone: the same reading is in several, and it could mistake them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    script = SHARED / "tools" / "oracle_asr.py"
    command = [sys.executable, str(script), "--truth", str(truth), "--port", str(port), *flags]
    process = subprocess.Popen(command)
    try:
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline and process.poll() is None:
            try:
                httpx.get(f"{address}/v1/models")
            except httpx.TransportError:
                time.sleep(0.5)
            else:
                break
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def heard(
    video: Path, found: Probe, chunks: Sequence[Chunk], sound: Path, model: str, alignment: Alignment, ledger: Path
) -> tuple[list[Segment], list[str], str | None]:
    """Segments in video time, codes of what was dropped, the language."""
    buyer = Buyer(transcriber("openai", model), FolderLedger(ledger))
    rough = outline(open_source(str(video)), found, "bench", 10.0, "best", None)
    vote = vote_language(open_source(str(video)), found, chunks, rough.sound, buyer)
    segments: list[Segment] = []
    codes: list[str] = []
    for chunk in chunks:
        listening = Listening(vote.language, alignment=alignment, heard=vote.of_chunk(chunk))
        done = transcribe_chunk(chunk, sound / f"{chunk.index}.flac", buyer, listening)
        if done.error:
            raise done.error
        segments += timeline.speech(done.transcript)
        codes += [p.code for p in done.transcript.problems]
    return segments, codes, vote.language


def report(name: str, model: str, segments: Sequence[Segment], address: str, extra: dict[str, Any]) -> None:
    score = _module("score", SHARED / "tools" / "score.py")
    truth = json.loads((SHARED / "media" / "composed" / f"{name}.truth.json").read_text())
    speech = score.speech(truth, [{"start": s.start, "end": s.end, "text": s.text} for s in segments])
    said = score.norm(" ".join(u["text"] for u in truth["utterances"]))
    text = " ".join(s.text for s in segments)
    words = jiwer.process_words(said, score.norm(text.replace("###", "hashhashhash")))
    stats = httpx.get(f"{address}/control/stats").json()
    lengths = [call["seconds"] for call in stats["log"]]
    spoken = sum(u["end"] - u["start"] for u in truth["utterances"])
    facts = {
        "video": name,
        "model": model,
        "lost": words.deletions,
        "doubled": words.insertions,
        "changed": words.substitutions,
        "mangled": text.count("###"),
        "matched": f"{speech['start_error_s']['n']}/{len(truth['utterances'])}",
        "start_median_s": speech["start_error_s"]["median"],
        "start_p95_s": speech["start_error_s"]["p95"],
        "end_p95_s": speech["end_error_s"]["p95"],
        "where_nobody_speaks": speech["segments_where_nobody_speaks"],
        "requests": len(lengths),
        "median_request_s": round(statistics.median(lengths), 1) if lengths else 0,
        "billed_per_speech": round(stats["seconds_billed"] / spoken, 3),
        "repeated": stats["requests_repeated"],
    }
    print(" ".join(f"{key}={value}" for key, value in (facts | extra).items()), flush=True)


def costs(sound: Path, chunks: Sequence[Chunk]) -> None:
    """CPU seconds for ten minutes of sound."""
    samples = [read_flac(sound / f"{c.index}.flac") for c in chunks]
    minutes = sum(len(s) for s in samples) / RATE / 600
    began = time.process_time()
    found = [(s, stretch) for s in samples for stretch in stretches(levels(s))]
    print(f"cpu_s_per_10_min stretches={(time.process_time() - began) / minutes:.2f}", end="")
    pieces = [_cut(s, stretch) for s, stretch in found]
    for name, work in (("gate", somebody_speaks), ("louder", louder), ("denoised", denoised)):
        began = time.process_time()
        for piece in pieces:
            work(piece)
        print(f" {name}={(time.process_time() - began) / minutes:.2f}", end="")
    print(flush=True)


def _cut(samples: Samples, stretch: Stretch) -> Samples:
    return samples[round(stretch.start * RATE) : round(stretch.end * RATE)]


def _module(name: str, path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--video", default="long_shared")
    options = parser.parse_args()
    if not SHARED.is_dir():
        sys.exit(f"SKIPPED: no media at {SHARED.name}/ beside the repository")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}", flush=True)
    video = SHARED / "media" / "composed" / f"{options.video}.mp4"
    source = open_source(str(video))
    found = probe(source)
    rough = outline(source, found, "bench", 10.0, "best", None)
    with TemporaryDirectory() as folder:
        sound = Path(folder)
        for chunk in rough.chunks:
            made = extract_chunk(source, found.media, chunk, sound, fps=0.2, index=found.index, sound=rough.sound)
            assert made.audio is not None
            made.audio.rename(sound / f"{chunk.index}.flac")
        costs(sound, rough.chunks)
        truth = sound / "truth"
        truth.mkdir()
        for file in (video, video.with_suffix(".truth.json")):
            (truth / file.name).symlink_to(file)
        for flags in ((), ("--phantom",)):
            with oracle(truth, *flags) as address:
                os.environ |= {"OPENAI_API_KEY": "bench", "OPENAI_BASE_URL": f"{address}/v1"}
                for model, alignment in RUNS:
                    httpx.post(f"{address}/control/reset", json={})
                    ledger = sound / f"ledger-{model}-{alignment}{''.join(flags)}"
                    began = time.process_time()
                    segments, codes, language = heard(video, found, rough.chunks, sound, model, alignment, ledger)
                    extra = {
                        "language": language,
                        "dropped": ",".join(sorted(set(codes))) or "none",
                        "alignment": alignment,
                        "phantom": bool(flags),
                        "cpu_s": round(time.process_time() - began, 1),
                    }
                    report(options.video, model, segments, address, extra)


if __name__ == "__main__":
    main()
