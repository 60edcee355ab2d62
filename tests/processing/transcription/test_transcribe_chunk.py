"""A chunk's sound through an engine: each stretch bought once, nothing lost, nothing invented."""

import threading
from itertools import pairwise

import numpy as np
import pytest
from far_side import Fake, Memory, talk, text_only

from include.processing.audio import RATE, write_flac
from include.processing.errors import PermanentError, RateLimited, TransientError
from include.processing.transcription.buying import Buyer
from include.processing.transcription.chunk import transcribe_chunk
from include.processing.transcription.engine import Heard, Limits
from include.processing.transcription.listening import HeardSample, Listening
from include.processing.types import Chunk, Coverage, Segment, Word
from include.processing.workfolder import FolderLedger

CHUNK = Chunk("v", 1, 600.0, 640.0, 3)
TALK = [(2, 5), (14, 17), (26, 29)]  # three stretches: (1.7, 5.3), (13.7, 17.3), (25.7, 29.3)
EN = Listening("en")


@pytest.fixture(scope="session")
def voice(samples):
    """Three seconds of the sample, begun and ended inside its first sentence."""
    return samples[round(1.25 * RATE) : round(4.25 * RATE)]


@pytest.fixture
def audio(tmp_path, voice):
    write_flac(tmp_path / "audio.flac", talk(voice, TALK, 40))
    return tmp_path / "audio.flac"


def heard(audio, engine, listening=EN, ledger=None, chunk=CHUNK, **rest):
    """Transcript, usage, error."""
    done = transcribe_chunk(chunk, audio, Buyer(engine, Memory() if ledger is None else ledger), listening, **rest)
    return done.transcript, done.usage, done.error


def said(transcript):
    return [(s.start, s.end, s.text) for s in transcript.segments]


def near(a, b, *rest):
    return (pytest.approx(a, abs=0.2), pytest.approx(b, abs=0.2), *rest)


def fills(coverage, duration):
    assert coverage[0].start == 0.0
    assert coverage[-1].end == duration
    assert all(a.end == b.start for a, b in pairwise(coverage))
    assert round(sum(c.end - c.start for c in coverage), 3) == duration


def test_text_without_times_lies_where_the_voice_is(audio):
    transcript, usage, error = heard(audio, Fake())
    assert error is None
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
    answer = Heard((Segment(0.5, 99.0, " so long ", 0.85, "A", words), Segment(2.0, 3.0, "  ")), "en", timed=True)
    transcript, *_ = heard(audio, Fake(answer, text_only(""), text_only("")))
    (segment,) = transcript.segments
    assert (segment.start, segment.end) == near(2.2, 5.1)
    assert (segment.text, segment.confidence, segment.speaker) == ("so long", 0.85, "A")
    assert [(w.start, w.end, w.text, w.confidence) for w in segment.words] == [
        near(2.2, 2.7, "so", 0.9),
        near(2.7, 5.1, "long", 0.8),
    ]


def test_the_second_time_nothing_is_sent(audio):
    ledger, again = Memory(), Fake()
    first, *_ = heard(audio, Fake(), ledger=ledger)
    second, usage, _ = heard(audio, again, ledger=ledger)
    assert second == first
    assert again.calls == []
    assert (usage.requests, usage.seconds_sent, usage.dollars) == (0, 0.0, 0.0)
    assert usage.seconds_reused == pytest.approx(10.8, abs=0.3)


@pytest.mark.parametrize("in_flight", [1, 3])
def test_an_error_keeps_what_was_bought(audio, in_flight):
    ledger = Memory()
    failing = Fake(
        text_only("One."),
        TransientError("ASR_UNAVAILABLE", "503", "try again"),
        text_only("Three."),
        in_flight=in_flight,
    )
    lacking, _, error = heard(audio, failing, ledger=ledger)
    assert str(error) == "ASR_UNAVAILABLE: 503; try again"
    assert [c.reason for c in lacking.coverage if c.state == "failed"] == ["ASR_UNAVAILABLE: 503"]
    fills(lacking.coverage, 40.0)
    bought = len(ledger)
    assert bought == 2
    again = Fake(text_only("Two."))
    transcript, usage, error = heard(audio, again, ledger=ledger)
    assert error is None
    assert len(again.calls) == 1
    assert sorted(text for *_, text in said(transcript)) == ["One.", "Three.", "Two."]
    assert usage.requests == 1


@pytest.mark.parametrize(
    ("error", "most_calls"),
    [
        pytest.param(PermanentError("ASR_UNAUTHORISED", "401", "check the key"), 1, id="a-wrong-key-is-wrong-for-all"),
        pytest.param(PermanentError("BUDGET_SPENT", "$1", "raise it"), 1, id="the-budget-is-everybodys"),
        pytest.param(RateLimited("ASR_RATE_LIMITED", "429", "wait"), 1, id="a-limit-too"),
        pytest.param(TransientError("ASR_UNAVAILABLE", "503", "again"), 4, id="a-failing-server-is-tried-a-few-times"),
        pytest.param(PermanentError("ASR_REFUSED", "400", "no"), 12, id="what-concerns-one-stretch-stops-no-other"),
    ],
)
def test_after_what_concerns_all_nothing_more_is_sent(error, most_calls, tmp_path, voice):
    write_flac(tmp_path / "audio.flac", talk(voice, [(i * 10 + 1, i * 10 + 3) for i in range(12)], 120))
    engine = Fake(*[error] * 12, in_flight=2)
    whole = Chunk("v", 0, 0.0, 120.0)
    transcript, _, raised = heard(tmp_path / "audio.flac", engine, chunk=whole)
    assert raised is error
    assert 1 <= len(engine.calls) <= most_calls
    assert not any(c.state == "transcribed" for c in transcript.coverage)
    fills(transcript.coverage, 120.0)


def test_the_error_that_asks_for_most_patience_decides(audio):
    engine = Fake(
        TransientError("ASR_UNAVAILABLE", "503", "again", retry_after=2.0),
        TransientError("ASR_UNAVAILABLE", "503", "again", retry_after=60.0),
        PermanentError("ASR_REFUSED", "400", "no"),
    )
    assert heard(audio, engine)[2].retry_after == 60.0


def test_after_the_first_stretches_go_out_side_by_side(audio):
    barrier = threading.Barrier(2, timeout=30)

    class Waiting(Fake):
        def transcribe(self, audio, language=None, keywords=()):
            with self.lock:
                self.calls.append(1)
                alone = len(self.calls) == 1
            if not alone:
                barrier.wait()
            return text_only("Yes.")

    transcript, *_ = heard(audio, Waiting(in_flight=3))
    assert [text for *_, text in said(transcript)] == ["Yes.", "Yes.", "Yes."]


def test_the_same_sound_at_the_same_time_is_no_race(tmp_path, voice):
    """A jingle three times in a chunk: equal bytes, equal keys, one file in the ledger's folder, one request."""
    write_flac(tmp_path / "audio.flac", talk(voice, [(5, 8), (20, 23), (35, 38), (50, 53)], 60, same=True))
    for attempt in range(5):
        engine = Fake(*[text_only("Ding.")] * 4, in_flight=4)
        ledger = FolderLedger(tmp_path / f"ledger-{attempt}")
        transcript, *_ = heard(tmp_path / "audio.flac", engine, ledger=ledger, chunk=Chunk("v", 0, 0.0, 60.0))
        assert [text for *_, text in said(transcript)] == ["Ding."] * 4


def test_no_sound_at_all():
    transcript, usage, _ = heard(None, Fake())
    assert transcript.segments == ()
    assert transcript.coverage == (Coverage(0.0, 40.0, "silent", "no sound"),)
    assert (usage.seconds_silent, usage.requests) == (40.0, 0)


def test_silence_is_not_sent(tmp_path):
    write_flac(tmp_path / "audio.flac", np.zeros(40 * RATE, np.int16))
    engine = Fake()
    transcript, usage, _ = heard(tmp_path / "audio.flac", engine, Listening())
    assert engine.calls == []
    assert [(c.start, c.end, c.state) for c in transcript.coverage] == [(0.0, 40.0, "silent")]
    assert usage.seconds_silent == 40.0
    assert transcript.language is None


@pytest.mark.parametrize(
    "length",
    [
        pytest.param(30 * RATE, id="ends-early"),
        pytest.param(40 * RATE - 8, id="half-a-millisecond-short"),
        pytest.param(40 * RATE - 10, id="rounds-to-a-millisecond-short"),
        pytest.param(40 * RATE + 3, id="a-little-longer"),
        pytest.param(159, id="a-snippet"),
    ],
)
def test_coverage_fills_the_chunk_whatever_the_sounds_length(length, tmp_path, voice):
    """Somebody speaks up to the last sample."""
    write_flac(tmp_path / "audio.flac", talk(voice, [(2, 5), (25, 41)], 41)[:length])
    transcript, *_ = heard(tmp_path / "audio.flac", Fake())
    fills(transcript.coverage, 40.0)


def test_the_language_is_what_most_stretches_heard(audio):
    engine = Fake(text_only("Eins.", "de"), text_only("Two.", "en"), text_only("Drei.", "de"))
    assert heard(audio, engine, Listening())[0].language == "de"
    engine = Fake(*[text_only("Hm.", None)] * 3)
    assert heard(audio, engine, Listening("fr"))[0].language == "fr"


def test_progress_counts_the_seconds_heard(audio):
    told = []
    heard(audio, Fake(), progress=lambda *p: told.append(p))
    assert [(stage, chunk) for stage, chunk, *_ in told] == [("transcribe", 1)] * 3
    assert [done for *_, done, _ in told] == [pytest.approx(x, abs=0.3) for x in (3.6, 7.2, 10.8)]
    assert told[-1][2] == pytest.approx(told[-1][3])


@pytest.mark.parametrize(
    ("limits", "longest"),
    [
        pytest.param(Limits(1 << 30, 8.0), 8.0, id="seconds"),
        pytest.param(Limits(16_384 + 10 * 32_000, 1e9), 10.0, id="bytes"),
        pytest.param(Limits(1 << 30, 1e9), 29.0, id="what-is-heard-best"),
    ],
)
def test_no_request_is_longer_than_the_engine_takes(limits, longest, tmp_path, samples):
    """Half a minute of speech with short pauses."""
    write_flac(tmp_path / "audio.flac", np.tile(samples, 2)[: 40 * RATE])
    engine = Fake(limits=limits)
    transcript, *_ = heard(tmp_path / "audio.flac", engine)
    assert max(seconds for seconds, *_ in engine.calls) <= longest
    fills(transcript.coverage, 40.0)


def test_the_plans_samples_are_not_bought_again(audio):
    ledger, engine = Memory(), Fake(text_only("One."), text_only("Three."))
    key = Buyer(Fake(), ledger).hear(np.ones(RATE, np.int16), None).key
    listening = Listening("en", heard=(HeardSample(1, 13.5, 17.5, key, "en"),))
    transcript, usage, _ = heard(audio, engine, listening, ledger)
    assert [text for *_, text in said(transcript)] == ["One.", "Answer 0.", "Three."]
    assert len(engine.calls) == 2
    assert usage.seconds_reused == 0.0  # the plan has counted it
    fills(transcript.coverage, 40.0)


def test_keywords_go_out_and_what_slips_in_is_taken_out(audio):
    engine = Fake(
        text_only("We met Ada Lovelace."),  # without the keywords: "ada love lace", so it was said
        text_only("We met ada love lace."),
        text_only("The sun shines."),
        text_only("It rains. Babbage"),
        text_only("It rains."),
    )
    transcript, usage, _ = heard(audio, engine, Listening("en", keywords=("Ada Lovelace", "Babbage")))
    assert [text for *_, text in said(transcript)] == ["We met Ada Lovelace.", "The sun shines.", "It rains."]
    assert [keywords for *_, keywords in engine.calls] == [
        ("Ada Lovelace", "Babbage"), (), ("Ada Lovelace", "Babbage"), ("Ada Lovelace", "Babbage"), (),
    ]  # fmt: skip
    assert [(p.code, "Babbage" in p.message) for p in transcript.problems] == [("ASR_ECHO", True)]
    assert usage.requests == 5


def test_an_engine_that_takes_no_keywords_gets_none(audio):
    engine = Fake()
    engine.takes_keywords = False
    heard(audio, engine, Listening("en", keywords=("Babbage",)))
    assert [keywords for *_, keywords in engine.calls] == [(), (), ()]
