"""The table of docs/benchmarks.md, written between two markers from what was measured."""

from collections.abc import Callable, Mapping, Sequence

from bench.bench_page import measured, replaced, table
from bench.bench_runs import Measured

PART = "bench-media"


def updated(text: str, found: Sequence[Measured], ratios: Mapping[str, float], where: str) -> str:
    """`text` with the table anew; `where` says on what machine and by which command."""
    made = [measured(where), "", *_costs(found), "", *_stages(found), "", _extraction(ratios)]
    return replaced(text, PART, "\n".join(made))


def _costs(found: Sequence[Measured]) -> list[str]:
    rows: list[tuple[str, Callable[[Measured], str]]] = [
        ("CPU-seconds, ours", lambda m: f"**{m.cpu['ours']:.1f}**"),
        ("… the old way, `OMP_THREAD_LIMIT=1`", lambda m: _number(m.cpu.get("old_omp1"))),
        ("… the old way as it comes", lambda m: _number(m.cpu.get("old_default"))),
        ("times cheaper than with `OMP_THREAD_LIMIT=1`", lambda m: _number(m.ratio("old_omp1"))),
        ("… than as it comes", lambda m: _number(m.ratio("old_default"))),
        ("wall seconds, ours", lambda m: f"{m.wall['ours']:.1f}"),
        ("… the old way, `OMP_THREAD_LIMIT=1`", lambda m: _number(m.wall.get("old_omp1"))),
        ("pictures read, ours / old", lambda m: f"{m.counts['frames_read']} / {m.frames_old}"),
        ("… calls: engine, single lines, text finder", _calls),
        ("… whole pictures' worth of pixels, ours", lambda m: f"{m.pictures_worth:.1f}"),
        ("states of the screen, our records", lambda m: f"{len(m.film.states)}, {m.counts['records']}"),
        ("CER, ours / old", lambda m: f"{m.cer_ours:.4f} / {m.cer_old:.4f}"),
        ("peak memory, ours, MB", lambda m: f"{m.peak_rss_mb:.0f}"),
    ]
    head = ["", *(_length(m) for m in found)]
    return table(head, [[name, *(cell(m) for m in found)] for name, cell in rows])


def _stages(found: Sequence[Measured]) -> list[str]:
    head = ["our CPU-seconds by stage", *(_length(m) for m in found)]
    return table(head, [[name, *(f"{m.stages[name]:.2f}" for m in found)] for name in found[0].stages])


def _extraction(ratios: Mapping[str, float]) -> str:
    return (
        "Extraction alone (pictures found, compared and stored; no sound) against PyAV decoding every frame, on one "
        f"thread: {ratios['nonref']:.2f} × on a file with frames that no other refers to, {ratios['allref']:.2f} × on "
        "one without."
    )


def _calls(found: Measured) -> str:
    return ", ".join(str(found.counts[name]) for name in ("engine_calls", "line_calls", "finder_calls"))


def _length(found: Measured) -> str:
    seconds = found.film.seconds
    return f"{seconds / 60:g} min" if seconds > 120 else f"{seconds} s"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
