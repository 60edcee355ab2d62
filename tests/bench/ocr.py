"""How well and how cheaply screen text is read: `python tests/bench/ocr.py [sizes|calibration|engines|parts]`, or all.

On pictures made here (`ocr_pages.py`). The tables of docs/ocr.md and of the modules in include/processing/ocr are its
output. Ends with one line, key=value. Two minutes on one core; run it with PYTHONPATH=. and OMP_THREAD_LIMIT=1.
"""

import argparse
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from unittest import mock

import cv2
import numpy as np
from ocr_pages import FONTS, Page, beside_picture, font, over_film, page, texture, wrong

from include.processing.ocr import BEST, ocr_engine
from include.processing.ocr.rapidocr import find_text, read_line
from include.processing.ocr.second_opinion import SecondOpinion
from include.processing.pictures import Gray
from include.processing.types import Box, TextBox

TONES = {"black on white": (0, 255), "light on dark": (235, 25), "50 levels": (150, 200), "60 on dark": (110, 50)}
BINS = (0, 0.5, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.96, 0.97, 0.98, 0.99, 1.01)


def cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def sizes() -> dict[str, float]:
    """Tesseract's wrong characters and CPU-seconds by size of the font, enlarged always, and as the engine does it."""
    engine = ocr_engine("tesseract")
    print("font    " + "".join(f"{f'×{scale}':>15}" for scale in (1, 1.5, 2)) + "     as shipped")
    total = [0, 0]
    for pixels in (10, 12, 14, 16, 20, 28):
        sums: dict[float, list[float]] = defaultdict(lambda: [0, 0, 0, 0])
        pages = [page(pixels * 10 + f, FONTS[f], pixels, *tone) for f in range(4) for tone in TONES.values()]
        for scale in (1, 1.5, 2, 0):
            for each in pages:
                larger = cv2.resize(each.picture, None, fx=scale or 1, fy=scale or 1, interpolation=cv2.INTER_CUBIC)
                with mock.patch("include.processing.ocr.small_text.ENLARGED", ()) if scale else mock.MagicMock():
                    start = time.process_time()
                    found = [line.text for line in engine.read(larger)]
                errors, letters = wrong(found, each.lines)
                for i, value in enumerate((errors, letters, time.process_time() - start, 1)):
                    sums[scale][i] += value
        total = [total[0] + int(sums[0][0]), total[1] + int(sums[0][1])]
        print(f"{pixels:3} px  " + "".join(f"{e / n:9.1%} {t / c:.3f}" for e, n, t, c in sums.values()), flush=True)
    return {"cer_sizes": total[0] / total[1]}


def spoiled() -> Iterator[tuple[str, Page]]:
    """Pages as bad sources give them."""
    dice = np.random.default_rng(1)
    for i, pixels in enumerate((10, 14, 20, 28) * 3):
        clean = page(i, FONTS[i % 4], pixels, *list(TONES.values())[i % 4], rows=6)
        yield "plain", clean
        yield "blurred", Page(cv2.GaussianBlur(clean.picture, (0, 0), 1.3), clean.lines)
        noise = clean.picture + dice.normal(0, 25, clean.picture.shape)
        yield "noisy", Page(np.clip(noise, 0, 255).astype(np.uint8), clean.lines)
        film = (clean.picture.astype(float) + texture(i, (clean.picture.shape[1], clean.picture.shape[0]))) / 2
        yield "over film", Page(film.astype(np.uint8), clean.lines)
    for i in range(8):
        yield "subtitle", over_film(i, FONTS[i % 4], (24, 32, 40)[i % 3])


def calibration() -> dict[str, float]:
    """How many lines that an engine reads with a confidence are right in every letter."""
    for name in ("tesseract", "rapidocr"):
        right: dict[float, list[int]] = defaultdict(list)
        for _, each in spoiled():
            for line in ocr_engine(name).read(each.picture):
                known = "".join(line.text.split()) in {"".join(text.split()) for text in each.lines}
                right[max(b for b in BINS if b <= line.confidence)].append(known)
        print(f"{name}: confidence from, lines, right")
        for low in sorted(right):
            print(f"   {low:5} {len(right[low]):5} {np.mean(right[low]):6.0%}", flush=True)
    return {}


def engines() -> dict[str, float]:
    """Wrong characters and CPU-seconds per picture of each engine on each kind of picture."""
    result = {}
    pages = [*spoiled(), *(("slide with a photograph", beside_picture(i, FONTS[i % 4], 14 + 2 * i)) for i in range(4))]
    asked = [0]

    def counted(self: SecondOpinion, picture: Gray, places: Sequence[Box]) -> Iterator[TextBox]:
        asked[0] += len(places)
        return opinions(self, picture, places)

    opinions = SecondOpinion._opinions
    with mock.patch.object(SecondOpinion, "_opinions", counted):
        for name in ("tesseract", "rapidocr", BEST):
            sums: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0, 0, 0])
            for kind, each in pages:
                asked[0], start = 0, time.process_time()
                found = [line.text for line in ocr_engine(name).read(each.picture)]
                values = (*wrong(found, each.lines), time.process_time() - start, 1, asked[0])
                sums[kind] = [old + new for old, new in zip(sums[kind], values, strict=True)]
            for kind, (errors, letters, seconds, count, second) in sums.items():
                print(
                    f"{name:19} {kind:24} {errors / letters:6.1%} {seconds / count:6.3f} s {second / count:5.1f} asked"
                )
            errors, letters = sum(s[0] for s in sums.values()), sum(s[1] for s in sums.values())
            result[f"cer_{name.replace('+', '_')}"] = errors / letters
            print(flush=True)
    return result


def parts() -> dict[str, float]:
    """What the two nets cost on 720p."""
    picture = beside_picture(0, "", 18).picture
    line = over_film(1, "", 40, (1280, 720)).picture
    find_text(picture), read_line(line)
    finding = cpu(lambda: [find_text(picture) for _ in range(10)]) / 10
    reading = cpu(lambda: [read_line(line) for _ in range(10)]) / 10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"find_text {finding:.3f} CPU-s, read_line {reading:.3f} CPU-s ({line.shape[1]} pixels wide), peak {peak} MB")
    return {"find_text_s": finding, "read_line_s": reading, "parts_peak_mb": float(peak)}


def main() -> None:
    known = {"parts": parts, "sizes": sizes, "calibration": calibration, "engines": engines}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", choices=[*known, []], help="all of them if none is named")
    chosen = parser.parse_args().what or list(known)
    print("fonts found:", ", ".join(sorted({" ".join(font(name, 20).getname()) for name in FONTS})))
    values: dict[str, float] = {}
    for name in chosen:
        print(f"\n== {name}", flush=True)
        values |= known[name]()
    print(" ".join(f"{key}={value:.4g}" for key, value in values.items()))


if __name__ == "__main__":
    main()
