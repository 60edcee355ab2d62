"""Is a video the same in whatever chunks it is worked on? `python tests/bench/merge.py`. Needs ../shared.

Runs the command over long_shared (or NAME) with chunks of 2, 5, 10 and 60 minutes, the last of which all others are
held against; with --speech the sound alone. The far side is the oracle, which knows only this video: it finds a sound
by its likeness, and other videos have the same clips. One line for each model and length, key=value; with --loud each
difference. `requests` and `seconds_sent` are of the speech engine.
"""

import argparse
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench.merge_compare import compared, words_of
from bench.merge_speech import heard
from include.processing.record import from_json
from include.processing.types import Receipt, VideoText

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
LENGTHS = (60, 10, 5, 2)
MODELS = ("whisper-1", "gpt-transcribe")  # with times and without


@contextmanager
def oracle(name: str) -> Iterator[str]:
    """The address of one that knows the video."""
    with TemporaryDirectory() as known, socket.socket() as free:
        for suffix in (".mp4", ".truth.json"):
            Path(known, name + suffix).symlink_to(SHARED / "media" / "composed" / (name + suffix))
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        command = [sys.executable, str(SHARED / "tools" / "oracle_asr.py"), "--truth", known, "--port", str(port)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait(f"http://127.0.0.1:{port}", process)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            httpx.get(f"{address}/control/stats")
            return
        except httpx.TransportError:
            time.sleep(0.5)
    raise SystemExit("the oracle ended")


def processed(
    name: str, model: str, minutes: float, address: str, folder: Path, jobs: int
) -> tuple[VideoText, Receipt]:
    """A second call with the same folder takes what is there."""
    out = folder / f"{name}-{model}-{minutes:g}"
    video = SHARED / "media" / "composed" / f"{name}.mp4"
    command = [sys.executable, "-m", "include.processing", str(video), "--out", str(out), "--language", "en"]
    command += ["--asr", "openai", "--model", model, "--chunk-minutes", f"{minutes:g}", "--jobs", str(jobs)]
    environment = {**os.environ, "OPENAI_API_KEY": "none", "OPENAI_BASE_URL": address, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, check=True, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    cost = from_json(Receipt, (out / "receipt.json").read_bytes())
    return from_json(VideoText, (out / "result.json").read_bytes()), cost


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", default="long_shared")
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--lengths", nargs="+", type=float, default=LENGTHS, help="minutes; the first is the measure")
    parser.add_argument("--out", type=Path, help="folder that keeps the results for another run")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--speech", action="store_true", help="the sound alone")
    parser.add_argument("--loud", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory() as scratch, oracle(options.name) as address:
        folder = options.out or Path(scratch)
        for model in options.models:
            whole = None
            for minutes in options.lengths:
                text, cost = (
                    heard(SHARED / "media" / "composed" / f"{options.name}.mp4", model, minutes, address, folder)
                    if options.speech
                    else processed(options.name, model, minutes, address, folder, options.jobs)
                )
                whole = whole or text
                found = compared(whole, text)
                print(
                    f"video={options.name} model={model} minutes={minutes:g} words={len(words_of(text))}"
                    f" words_differing={found.words} most_seconds_apart={found.time} words_over_50_ms={found.late}"
                    f" words_over_500_ms={found.far} screens={len(text.screen)} screens_differing={found.screens}"
                    f" requests={cost.requests} seconds_sent={cost.seconds_sent:.0f}",
                    flush=True,
                )
                if options.loud:
                    print(*(f"    {note}" for note in found.details), sep="\n")


if __name__ == "__main__":
    main()
