"""How well and how cheaply screen text is read: `make bench-screen`. Names of made films or of ../shared's videos
(short, mid, subs, long) may be given; all of them otherwise, those of ../shared where it is there.

A state is lost if no entry that meets it in time holds all its lines. `holders` counts the entries that hold a state
(mean and most): 1 is ideal. Ends with one line for all made films and one last for everything, key=value.
"""

import argparse
import dataclasses
import hashlib
import importlib.util
import json
import resource
import statistics
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "tests" / "processing"
SHARED = ROOT.parent / "shared"
sys.path.insert(0, str(HERE))

from films import FILMS, HD, SMALL, encode  # noqa: E402  (its folder is on the path now)
from films import score as film_score  # noqa: E402

from include.processing.ocr import ocr_engine  # noqa: E402
from include.processing.ocr.engine import OcrEngine  # noqa: E402
from include.processing.record import to_json  # noqa: E402

COMPOSED = ("short", "mid", "subs", "long")


class Engine:
    """Counts what is asked of the real one: pictures and their pixels."""

    def __init__(self, real: OcrEngine) -> None:
        self.real, self.info = real, real.info
        self.calls, self.pixels = 0, 0

    def read(self, picture: Any) -> Any:
        self.calls += 1
        self.pixels += picture.size
        return self.real.read(picture)


def made(name: str, small: bool, folder: Path) -> tuple[Any, Path]:
    """The film and its file, which is made once for all runs until its source changes."""
    film = FILMS[name](SMALL if small else HD, small)
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{film.view.height}.mp4"
    if not path.exists():
        encode(film, path.with_suffix(".part.mp4")).rename(path)
    return film, path


def store() -> Path:
    source = b"".join(p.read_bytes() for p in sorted([*HERE.glob("films/*.py"), HERE / "media.py"]))
    return Path(tempfile.gettempdir()) / f"reelscribe-films-{hashlib.sha256(source).hexdigest()[:12]}"


def of_film(name: str, options: argparse.Namespace) -> dict[str, Any]:
    film, path = made(name, options.small, store())
    engine = Engine(ocr_engine(options.engine))
    with tempfile.TemporaryDirectory() as work:
        reading = film_score.read_video(path, Path(work), engine, options.fps)
    if options.write:
        (options.write / f"{path.stem}.json").write_bytes(to_json(reading.text, indent=1))
    verdicts = film_score.judged(film.shown, reading.text.screen)
    tracks = film_score.judged(film.shown, reading.text.lines)
    return {"reading": reading, "verdicts": verdicts, "tracks": tracks, "engine": engine}


def told(name: str, found: dict[str, Any], loud: bool) -> dict[str, float]:
    """One line of figures, then what was lost; gives the figures that add up."""
    verdicts, reading, engine = found["verdicts"], found["reading"], found["engine"]
    entries = len(reading.text.screen)
    holders = [len(v.holders) for v in verdicts]
    sums = {
        "states": len(verdicts),
        "states_lost": sum(v.lost for v in verdicts),
        "lines": sum(len(v.state.lines) for v in verdicts),
        "lines_lost": sum(len(v.lines_lost) for v in verdicts),
        "lines_lost_in_tracks": sum(len(v.lines_lost) for v in found["tracks"]),
        "entries": entries,
        "ticks": reading.ticks,
        "frames_read": reading.calls,
        "engine_calls": engine.calls,
        "engine_megapixels": engine.pixels / 1e6,
        "junk": reading.junk,
        "extract_cpu_s": reading.extract_cpu,
        "ocr_cpu_s": reading.ocr_cpu,
    }
    starts = [abs(v.start_error) for v in verdicts if v.start_error is not None]
    ends = [abs(v.end_error) for v in verdicts if v.end_error is not None]
    print(
        f"{name:14s} lost {sums['states_lost']}/{sums['states']} states {sums['lines_lost']}/{sums['lines']} lines"
        f" | entries {entries} holders {statistics.mean(holders or [0]):.1f} most {max(holders, default=0)}"
        f" | cer {statistics.mean([v.cer for v in verdicts] or [0]):.3f}"
        f" | start {film_score.percentile(starts, 0.5)} p95 {film_score.percentile(starts, 0.95)}"
        f" end {film_score.percentile(ends, 0.5)} p95 {film_score.percentile(ends, 0.95)} (n {len(starts)})"
        f" | read {reading.calls} of {reading.ticks} ticks, {engine.calls} calls {sums['engine_megapixels']:.1f} MP"
        f" | junk {reading.junk} | cpu {reading.extract_cpu:.1f} + {reading.ocr_cpu:.1f} s"
        f" | tracks {len(reading.text.lines)} lost {sums['lines_lost_in_tracks']}",
        flush=True,
    )
    for verdict in verdicts if loud else ():
        if verdict.lost:
            state, missed = verdict.state, " / ".join(verdict.lines_lost) or "in no one entry"
            print(f"    lost [{state.start:.2f}, {state.end:.2f}) {state.kind}: {state.lines[0]} … missed: {missed}")
    return sums


def of_video(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """By ../shared's score.py."""
    spec = importlib.util.spec_from_file_location("score", SHARED / "tools" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    path = SHARED / "media" / "composed" / f"{name}_shared.mp4"
    truth = json.loads(path.with_suffix(".truth.json").read_text())
    engine = Engine(ocr_engine(options.engine))
    with tempfile.TemporaryDirectory() as work:
        reading = film_score.read_video(path, Path(work), engine, options.fps)
    if options.write:
        (options.write / f"{path.stem}.json").write_bytes(to_json(reading.text, indent=1))
    figures: dict[str, Any] = score.screen(truth, [dataclasses.asdict(entry) for entry in reading.text.screen])
    print(
        f"{name:14s} {json.dumps(figures)} | read {reading.calls} of {reading.ticks} ticks, {engine.calls} calls"
        f" {engine.pixels / 1e6:.0f} MP | junk {reading.junk}"
        f" | cpu {reading.extract_cpu:.1f} + {reading.ocr_cpu:.1f} s",
        flush=True,
    )
    return {
        f"{name}_missed": len(figures["screens_missed"]),
        f"{name}_worst_recall": min(figures["line_recall"].values()),
        f"{name}_worst_cer": max(figures["cer_by_style"].values()),
        f"{name}_start_p95": figures["start_error_s"]["p95"],
        f"{name}_records_per_screen": figures["records_per_screen"],
    }


def pairs(figures: dict[str, Any]) -> str:
    return " ".join(f"{k}={round(v, 3) if isinstance(v, float) else v}" for k, v in figures.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = [*FILMS, *COMPOSED]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}")
    parser.add_argument("--small", action="store_true", help="640x360 and shorter, as in the tests")
    parser.add_argument("--fps", type=float, default=1.0)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--quiet", action="store_true", help="not what was lost")
    parser.add_argument("--write", type=Path, help="a folder for the results")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in known]:
        parser.error(f"no film is called {unknown[0]}; there are {', '.join(known)}")
    if options.write:
        options.write.mkdir(parents=True, exist_ok=True)
    names = options.names or known
    total: dict[str, float] = defaultdict(int)
    for name in names:
        if name in FILMS:
            for key, value in told(name, of_film(name, options), not options.quiet).items():
                total[key] += value
    figures: dict[str, Any] = dict(total)
    if total:
        print(pairs(figures), flush=True)
    for name in names:
        if name in COMPOSED and SHARED.is_dir():
            figures |= of_video(name, options)
        elif name in COMPOSED:
            print(f"{name:14s} SKIPPED: no {SHARED.name}/ beside the repository", flush=True)
    figures["peak_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(pairs(figures))


if __name__ == "__main__":
    main()
