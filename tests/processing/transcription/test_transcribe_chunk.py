"""A chunk's sound through an engine: each stretch bought once, nothing lost, nothing invented."""

import threading
from itertools import pairwise

import numpy as np
import pytest
from media import bursts

from include.processing.audio import RATE, read_flac, write_flac
from include.processing.errors import PermanentError, TransientError
from include.processing.transcription.chunk import transcribe_chunk
from include.processing.transcription.engine import Heard, Limits
from include.processing.types import Chunk, Coverage, Segment, Word
from include.processing.workfolder import FolderLedger

CHUNK = Chunk("v", 1, 600.0, 640.0, 3)
TALK = [(2, 5), (14, 17), (26, 29)]  # three stretches: (1.7, 5.3), (13.7, 17.3), (25.7, 29.3)


class Memory(dict):
    """A ledger."""

    def put(self, key, answer):
        self.setdefault(key, answer)


class Fake:
    """The far side: hears what it is told to, in order of the calls."""

    name, model, note = "fake", "fake-1", None
    limits = Limits(1 << 30, 1e9)
    dollars_per_minute = 0.6
    in_flight = 1
    identity = "fake 1"

    def __init__(self, *answers, identity="fake 1", in_flight=1):
        self.answers, self.calls, self.identity, self.in_flight = list(answers), [], identity, in_flight
        self.lock = threading.Lock()

    def transcribe(self, audio, language=None):
        with self.lock:
            number = len(self.calls)
            self.calls.append((round(len(read_flac(audio)) / RATE, 2), language))
        answer = self.answers[number] if number < len(self.answers) else text_only(f"Answer {number}.")
        if isinstance(answer, Exception):
            raise answer
        return answer


def text_only(text, language="en"):
    return Heard((Segment(0.0, 3.6, text),) if text else (), language, timed=False)


@pytest.fixture
def audio(tmp_path):
    write_flac(tmp_path / "audio.flac", bursts(TALK, 40))
    return tmp_path / "audio.flac"


def said(transcript):
    return [(s.start, s.end, s.text) for s in transcript.segments]


def near(a, b, *rest):
    return (pytest.approx(a, abs=0.12), pytest.approx(b, abs=0.12), *rest)


def fills(coverage, duration):
    assert coverage[0].start == 0.0
    assert coverage[-1].end == duration
    assert all(a.end == b.start for a, b in pairwise(coverage))
    assert round(sum(c.end - c.start for c in coverage), 3) == duration


def test_text_without_times_lies_where_the_voice_is(audio):
    transcript, usage = transcribe_chunk(CHUNK, audio, Fake(), "en", Memory())
    assert said(transcript) == [near(2, 5, "Answer 0."), near(14, 17, "Answer 1."), near(26, 29, "Answer 2.")]
    assert (transcript.chunk, transcript.language) == (CHUNK, "en")
    assert (transcript.engine.name, transcript.engine.model, transcript.engine.note) == ("fake", "fake-1", None)
    fills(transcript.coverage, 40.0)
    assert [c.state for c in transcript.coverage] == [
        "silent", "transcribed", "silent", "transcribed", "silent", "transcribed", "silent",
    ]  # fmt: skip
    assert usage.requests == 3
    assert usage.seconds_sent == pytest.approx(10.8, abs=0.3)
    assert usage.seconds_sent + usage.seconds_silent == pytest.approx(40.0)
    assert usage.dollars == pytest.approx(usage.seconds_sent / 60 * 0.6, abs=1e-6)


def test_times_of_the_engine_count_from_the_stretch(audio):
    words = (Word(0.5, 1.0, "so", 0.9), Word(1.0, 99.0, "long", 0.8))
    heard = Heard((Segment(0.5, 99.0, " so long ", 0.85, "A", words), Segment(2.0, 3.0, "  ")), "en", timed=True)
    transcript, _ = transcribe_chunk(CHUNK, audio, Fake(heard, text_only(""), text_only("")), None, Memory())
    (segment,) = transcript.segments
    assert (segment.start, segment.end) == near(2.2, 5.3)
    assert (segment.text, segment.confidence, segment.speaker) == ("so long", 0.85, "A")
    assert [(w.start, w.end, w.text, w.confidence) for w in segment.words] == [
        near(2.2, 2.7, "so", 0.9),
        near(2.7, 5.3, "long", 0.8),
    ]


def test_the_second_time_nothing_is_sent(audio):
    ledger, again = Memory(), Fake()
    first, _ = transcribe_chunk(CHUNK, audio, Fake(), "en", ledger)
    second, usage = transcribe_chunk(CHUNK, audio, again, "en", ledger)
    assert second == first
    assert again.calls == []
    assert (usage.requests, usage.seconds_sent, usage.dollars) == (0, 0.0, 0.0)
    assert usage.seconds_reused == pytest.approx(10.8, abs=0.3)


@pytest.mark.parametrize(
    ("engine", "language"),
    [
        pytest.param(Fake(identity="fake 2"), "en", id="another-model"),
        pytest.param(Fake(), "de", id="another-language"),
        pytest.param(Fake(), None, id="no-language"),
    ],
)
def test_what_determines_an_answer_is_in_the_ledgers_key(audio, engine, language):
    ledger = Memory()
    transcribe_chunk(CHUNK, audio, Fake(), "en", ledger)
    engine.calls.clear()
    transcribe_chunk(CHUNK, audio, engine, language, ledger)
    assert len(engine.calls) == 3


@pytest.mark.parametrize("in_flight", [1, 3])
def test_an_error_keeps_what_was_bought(audio, in_flight):
    ledger = Memory()
    failing = Fake(
        text_only("One."),
        TransientError("ASR_UNAVAILABLE", "503", "try again"),
        text_only("Three."),
        in_flight=in_flight,
    )
    with pytest.raises(TransientError, match="ASR_UNAVAILABLE: 503; try again"):
        transcribe_chunk(CHUNK, audio, failing, "en", ledger)
    bought = len(ledger)
    assert bought == 2
    again = Fake(text_only("Two."))
    transcript, usage = transcribe_chunk(CHUNK, audio, again, "en", ledger)
    assert len(again.calls) == 1
    assert sorted(text for *_, text in said(transcript)) == ["One.", "Three.", "Two."]
    assert usage.requests == 1


def test_after_an_error_that_stays_nothing_more_is_sent(tmp_path):
    """A wrong key is wrong for the other stretches too."""
    write_flac(tmp_path / "audio.flac", bursts([(i * 10 + 1, i * 10 + 3) for i in range(12)], 120))
    engine = Fake(*[PermanentError("ASR_KEY", "401", "check OPENAI_API_KEY")] * 12, in_flight=2)
    with pytest.raises(PermanentError, match="ASR_KEY"):
        transcribe_chunk(Chunk("v", 0, 0.0, 120.0), tmp_path / "audio.flac", engine, None, Memory())
    assert len(engine.calls) <= 4


def test_stretches_go_out_side_by_side(audio):
    barrier = threading.Barrier(3, timeout=30)

    class Waiting(Fake):
        def transcribe(self, audio, language=None):
            barrier.wait()
            return text_only("Yes.")

    transcript, _ = transcribe_chunk(CHUNK, audio, Waiting(in_flight=3), None, Memory())
    assert [text for *_, text in said(transcript)] == ["Yes.", "Yes.", "Yes."]


def test_the_same_sound_at_the_same_time_is_no_race(tmp_path):
    """A jingle three times in a chunk: equal bytes, equal keys, one file in the ledger's folder."""
    sound = bursts([], 60)
    jingle = bursts([(1, 3)], 4)
    for at in (5, 20, 35, 50):
        sound[at * RATE : at * RATE + len(jingle)] = jingle
    write_flac(tmp_path / "audio.flac", sound)
    for attempt in range(5):
        engine = Fake(*[text_only("Ding.")] * 4, in_flight=4)
        ledger = FolderLedger(tmp_path / f"ledger-{attempt}")
        transcript, _ = transcribe_chunk(Chunk("v", 0, 0.0, 60.0), tmp_path / "audio.flac", engine, None, ledger)
        assert [text for *_, text in said(transcript)] == ["Ding."] * 4


def test_no_sound_at_all():
    transcript, usage = transcribe_chunk(CHUNK, None, Fake(), "en", Memory())
    assert transcript.segments == ()
    assert transcript.coverage == (Coverage(0.0, 40.0, "silent", "no sound"),)
    assert (usage.seconds_silent, usage.requests) == (40.0, 0)


def test_silence_is_not_sent(tmp_path):
    write_flac(tmp_path / "audio.flac", np.zeros(40 * RATE, np.int16))
    engine = Fake()
    transcript, usage = transcribe_chunk(CHUNK, tmp_path / "audio.flac", engine, None, Memory())
    assert engine.calls == []
    assert [(c.start, c.end, c.state) for c in transcript.coverage] == [(0.0, 40.0, "silent")]
    assert usage.seconds_silent == 40.0
    assert transcript.language is None


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(30 * RATE, id="ends-early"),
        pytest.param(40 * RATE - 8, id="half-a-millisecond-short"),
        pytest.param(40 * RATE - 10, id="rounds-to-a-millisecond-short"),
        pytest.param(40 * RATE + 3, id="a-little-longer"),
        pytest.param(159, id="a-snippet"),
    ],
)
def test_coverage_fills_the_chunk_whatever_the_sounds_length(samples, tmp_path):
    """Somebody speaks up to the last sample."""
    write_flac(tmp_path / "audio.flac", bursts([(2, 5), (25, 41)], 41)[:samples])
    transcript, _ = transcribe_chunk(CHUNK, tmp_path / "audio.flac", Fake(), None, Memory())
    fills(transcript.coverage, 40.0)


def test_the_language_is_what_most_stretches_heard(audio):
    engine = Fake(text_only("Eins.", "de"), text_only("Two.", "en"), text_only("Drei.", "de"))
    assert transcribe_chunk(CHUNK, audio, engine, None, Memory())[0].language == "de"
    engine = Fake(*[text_only("Hm.", None)] * 3)
    assert transcribe_chunk(CHUNK, audio, engine, "fr", Memory())[0].language == "fr"


def test_progress_counts_the_seconds_heard(audio):
    told = []
    transcribe_chunk(CHUNK, audio, Fake(), None, Memory(), lambda *p: told.append(p))
    assert [(stage, chunk) for stage, chunk, *_ in told] == [("transcribe", 1)] * 3
    assert [done for *_, done, _ in told] == [pytest.approx(x, abs=0.3) for x in (3.6, 7.2, 10.8)]
    assert told[-1][2] == pytest.approx(told[-1][3])
