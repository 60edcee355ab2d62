"""A video is the same in whatever chunks it is worked on: its words, its times, its screen, every second of it once."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import include.local.sample
from bench import merge as bench
from bench.merge_compare import compared, words_of
from include.processing.audio import RATE, FlacWriter
from include.processing.extract import extract_chunk
from include.processing.merging import merge
from include.processing.ocr import ocr_engine
from include.processing.ocr.chunk import read_chunk
from include.processing.planning import outline
from include.processing.ports import no_progress
from include.processing.probe import probe
from include.processing.record import to_json
from include.processing.sound_tracks import read_sound
from include.processing.sources import FileSource
from include.processing.transcription.buying import Buyer
from include.processing.transcription.chunk import transcribe_chunk
from include.processing.transcription.engine import Heard, Limits, samples_of
from include.processing.transcription.listening import Listening
from include.processing.types import ChunkScreens, EngineInfo, Segment, Word
from include.processing.workfolder import FolderLedger

SAMPLE = Path(include.local.sample.__file__).parent / "sample.mp4"
SAID = (  # of the sample: start, end, text
    (1.231, 4.656, "Good morning and welcome to the history of the weather station."),
    (6.177, 9.772, "In the nineteenth century, the telegraph changed everything."),
    (10.777, 14.867, "Every morning the weather was reported to the newspapers in the capital."),
    (16.556, 20.916, "Today the work is done by a small computer program every ten minutes."),
    (22.378, 26.808, "No forecast is perfect, but every year they become a little better."),
)
COMPOSED = (
    "long_shared.mp4", "mid_shared.mp4", "short_shared.mp4", "short_shared_audio_late_1500ms.mkv",
    "short_shared_noaudio.mp4", "short_shared_offset.ts", "short_shared_rotated.mp4", "short_shared_truncated.mp4",
    "short_shared_vfr.mkv", "short_shared_vp8.webm", "subs_shared.mp4",
)  # fmt: skip


class Knowing:
    """Finds where in the sample its sound is from, and answers with the words that are said there."""

    name, model, note, dollars_per_minute, in_flight = "knowing", None, None, 0.0, 1
    limits, detects_language, takes_keywords = Limits(1 << 30, 1e9), False, False

    def __init__(self, whole, timed):
        self.whole, self.timed, self.identity = whole.astype(np.float32), timed, f"knowing {timed}"

    def transcribe(self, audio, language=None, keywords=()):
        samples = samples_of(audio)
        start = self._place(samples)
        end = start + len(samples) / RATE
        inside = [w for w in words() if start <= (w.start + w.end) / 2 < end]
        said = tuple(Word(w.start - start, w.end - start, w.text) for w in inside)
        text = " ".join(w.text for w in inside)
        if not self.timed:
            return Heard((Segment(0.0, end - start, text),), "en", timed=False)
        return Heard((Segment(said[0].start, said[-1].end, text, 0.9, words=said),), "en", timed=True)

    def _place(self, samples):
        size = len(self.whole) + len(samples)
        product = np.fft.rfft(self.whole, size) * np.conj(np.fft.rfft(samples.astype(np.float32), size))
        return int(np.fft.irfft(product, size)[: len(self.whole)].argmax()) / RATE


def words():
    """Each sentence's time, shared by the letters."""
    for start, end, text in SAID:
        tokens = text.split()
        marks = np.cumsum([0, *(len(t) for t in tokens)]) / sum(map(len, tokens))
        yield from (
            Word(start + (end - start) * a, start + (end - start) * b, t)
            for a, b, t in zip(marks, marks[1:], tokens, strict=False)
        )


@pytest.fixture(scope="module")
def source():
    return FileSource(SAMPLE)


@pytest.fixture(scope="module")
def extracted(source, tmp_path_factory):
    """For a chunk's length in seconds: the chunks, their sound and what is read of them. Made once for each."""
    found, made = probe(source), {}

    def chunks(seconds):
        if seconds not in made:
            made[seconds] = [*_read(source, found, seconds, tmp_path_factory)]
        return found, made[seconds]

    return chunks


def _read(source, found, seconds, folders):
    for chunk in outline(source, found, "v", seconds / 60, "best", "en").chunks:
        done = extract_chunk(source, found.media, chunk, folders.mktemp("chunk"), index=found.index)
        yield chunk, done.audio, read_chunk(done.index, done.frames, ocr_engine("tesseract"))


@pytest.fixture
def result(extracted, source, tmp_path):
    def of(seconds, timed):
        found, chunks = extracted(seconds)
        engine = Knowing(read_sound(source, found, 0.0, found.media.duration), timed)
        ledger = FolderLedger(tmp_path / f"{seconds}")
        heard = [
            transcribe_chunk(c, audio, Buyer(engine, ledger), Listening("en")).transcript for c, audio, _ in chunks
        ]
        return merge("sample.mp4", found.media, found.problems, heard, [screens for *_, screens in chunks])

    return of


@pytest.mark.parametrize("seconds", [pytest.param(10, id="10-s-chunks"), pytest.param(15, id="15-s-chunks")])
@pytest.mark.parametrize(
    ("timed", "apart"), [pytest.param(True, 0.05, id="engine-with-times"), pytest.param(False, 1.0, id="without")]
)
def test_a_chunks_length_changes_nothing(result, seconds, timed, apart):
    """Text without times is laid over the pauses of its request, and requests differ with the chunks."""
    whole, parts = result(3600, timed), result(seconds, timed)
    found = compared(whole, parts)
    assert [w.text for w in words_of(parts)] == [w.text for w in words()]
    assert (found.words, found.screens) == (0, 0), found.details
    assert found.time <= apart, found.details
    assert [(t.text, t.screen) for t in parts.terms] == [(t.text, t.screen) for t in whole.terms]
    assert sum_of(parts.coverage) == parts.video.duration


def test_chunks_in_any_order_give_the_same_bytes(extracted):
    found, chunks = extracted(10)
    screens = [s for *_, s in chunks]
    assert len(screens) > 2
    there, back = (merge("a.mp4", found.media, (), [], order) for order in (screens, screens[::-1]))
    assert to_json(there) == to_json(back)


def sum_of(coverage):
    """Of spans without a gap or an overlap."""
    assert coverage[0].start == 0.0
    assert all(a.end == b.start and a.start < a.end for a, b in pairwise(coverage))
    return round(sum(c.end - c.start for c in coverage), 3)


class Silent(Knowing):
    """Coverage does not ask what is said."""

    def __init__(self):
        self.identity = "silent"

    def transcribe(self, audio, language=None, keywords=()):
        return Heard((), "en", timed=True)


@pytest.mark.slow
@pytest.mark.parametrize("minutes", [0.5, 10])
@pytest.mark.parametrize("name", COMPOSED)
def test_coverage_sums_to_the_duration(media_dir, tmp_path, name, minutes):
    """To the millisecond, on every file of ../shared."""
    path = media_dir / "composed" / name
    if not path.is_file():
        pytest.skip(f"no file at {path}")
    source = FileSource(path)
    found = probe(source)
    plan = outline(source, found, "v", minutes, "best", "en")
    buyer, heard, seen = Buyer(Silent(), FolderLedger(tmp_path / "ledger")), [], []
    for chunk in plan.chunks:
        audio = None
        if found.media.audio_codec:
            audio = tmp_path / "audio.flac"
            with FlacWriter(audio) as file:
                file.write(read_sound(source, found, chunk.start, chunk.end, plan.sound))
        heard.append(transcribe_chunk(chunk, audio, buyer, Listening("en"), no_progress).transcript)
        seen.append(ChunkScreens(chunk, EngineInfo("none"), ()))
    result = merge(name, found.media, found.problems, heard, seen)
    assert sum_of(result.coverage) == round(found.media.duration, 3) == result.video.duration


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_lecture_is_the_same_in_shorter_chunks(media_dir, tmp_path):
    """With the times of an engine; `make bench-merge` does the same with the longest video, more lengths, and without
    times, and tells each difference."""
    name = "mid_shared"
    if not (media_dir / "composed" / f"{name}.mp4").is_file():
        pytest.skip(f"no {name}.mp4 in ../shared")
    with bench.oracle(name) as address:
        whole, parts = (bench.processed(name, "whisper-1", m, address, tmp_path, 2)[0] for m in (60, 5))
    found = compared(whole, parts)
    assert found.words == 0, found.details
    assert found.time <= 0.5, found.details
    assert found.late <= 0.01 * len(words_of(whole)), found.details
    assert found.screens <= 2, found.details  # a clock and a page number side by side are dated as one
