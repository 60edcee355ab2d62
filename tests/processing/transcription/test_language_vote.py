"""The language is voted by samples from across the video, and what they cost is not paid again."""

import numpy as np
import pytest
from far_side import Fake, Memory, text_only

from include.processing.audio import RATE, write_flac
from include.processing.chunking import plan_chunks
from include.processing.extract import extract_chunk
from include.processing.probe import probe
from include.processing.sources import open_source
from include.processing.transcription.buying import Buyer
from include.processing.transcription.chunk import transcribe_chunk
from include.processing.transcription.language_vote import spoken_language, vote_language, voted
from include.processing.transcription.listening import HeardSample, Listening
from include.processing.types import SoundChoice, SpokenLanguage

SOUND = SoundChoice()


def sample(language, seconds=10.0, chunk=0):
    return HeardSample(chunk, 5.0, 5.0 + seconds, "key", language)


@pytest.mark.parametrize(
    ("samples", "language", "confidence"),
    [
        pytest.param([sample("de")] * 3, "de", 1.0, id="all-the-same"),
        pytest.param([sample("de"), sample("de"), sample("en", 5.0)], None, 0.8, id="they-differ"),
        pytest.param([sample("de"), sample(None, 20.0)], "de", 1.0, id="one-did-not-tell"),
        pytest.param([sample(None)], None, None, id="none-told"),
        pytest.param([], None, None, id="nobody-speaks"),
    ],
)
def test_only_a_unanimous_vote_binds_the_recogniser(samples, language, confidence):
    vote = voted("fake 1", samples)
    assert (vote.language, vote.confidence, vote.identity) == (language, confidence, "fake 1")
    assert vote.spoken == (SpokenLanguage(language, confidence) if language else None)


@pytest.mark.parametrize(
    ("heard", "language"),
    [
        pytest.param([("de", 5.0), ("en", 3.0), ("en", 1.9)], "de", id="seconds-count-not-pieces"),
        pytest.param([("en", 5.0), ("de", 5.0)], "de", id="a-tie-is-always-broken-alike"),
        pytest.param([(None, 50.0), ("en", 1.0)], "en", id="unknown-does-not-count"),
        pytest.param([], None, id="nothing"),
    ],
)
def test_the_spoken_language(heard, language):
    assert spoken_language(heard) == language


@pytest.fixture(scope="module")
def talk_of_four_minutes(samples, tmp_path_factory):
    """The sample again and again, each time a little louder: no two samples are the same sound."""
    path = tmp_path_factory.mktemp("talk") / "talk.flac"
    louder = [(samples * (0.5 + i / 20)).astype(np.int16) for i in range(9)]
    write_flac(path, np.concatenate(louder)[: 240 * RATE])
    return path


@pytest.fixture(scope="module")
def planned(talk_of_four_minutes):
    source = open_source(str(talk_of_four_minutes))
    found = probe(source)
    return source, found, plan_chunks(source, found, "v", 1.0)


def test_three_samples_from_across_the_video(planned):
    source, found, chunks = planned
    engine = Fake(text_only("Eins.", "de"), text_only("Zwei.", "de"), text_only("Drei.", "de"))
    vote = vote_language(source, found, chunks, SOUND, Buyer(engine, Memory()))
    assert (vote.language, vote.confidence) == ("de", 1.0)
    assert [language for _, language, _ in engine.calls] == [None, None, None]
    assert [s.chunk for s in vote.samples] == [0, 1, 3]  # the second cut lies behind the middle
    assert all(3.0 < s.end - s.start <= 29.0 for s in vote.samples)
    assert all(0 <= s.start < s.end <= chunks[s.chunk].duration for s in vote.samples)


def test_what_was_sampled_is_never_sent_again(planned, tmp_path):
    """Each second of speech goes out once: by the vote or by its chunk."""
    source, found, chunks = planned
    ledger, engine = Memory(), Fake()
    vote = vote_language(source, found, chunks, SOUND, Buyer(engine, ledger))
    before = len(engine.calls)
    sampled = sum(s.end - s.start for s in vote.samples)
    sent = 0.0
    for chunk in chunks:
        audio = extract_chunk(source, found.media, chunk, tmp_path, index=found.index).audio
        listening = Listening(vote.language, heard=vote.of_chunk(chunk))
        done = transcribe_chunk(chunk, audio, Buyer(engine, ledger), listening)
        spoken = sum(c.end - c.start for c in done.transcript.coverage if c.state == "transcribed")
        chunk_sampled = sum(s.end - s.start for s in listening.heard)
        assert done.usage.seconds_sent == pytest.approx(spoken - chunk_sampled, abs=0.01)
        sent += done.usage.seconds_sent
    assert before == 3
    assert sum(seconds for seconds, *_ in engine.calls) == pytest.approx(sent + sampled, abs=0.2)
    assert len({p.seconds for p in ledger.purchases}) > 1


def test_a_second_vote_costs_nothing(planned):
    source, found, chunks = planned
    ledger = Memory()
    first = vote_language(source, found, chunks, SOUND, Buyer(Fake(), ledger))
    again = Fake()
    second = vote_language(source, found, chunks, SOUND, Buyer(again, ledger))
    assert (second, again.calls) == (first, [])


def test_an_engine_that_tells_no_language_is_not_asked(planned):
    source, found, chunks = planned
    engine = Fake()
    engine.detects_language = False
    vote = vote_language(source, found, chunks, SOUND, Buyer(engine, Memory()))
    assert (vote.samples, vote.language, engine.calls) == ((), None, [])


def test_a_short_video_is_not_sampled(samples, tmp_path):
    write_flac(tmp_path / "short.flac", samples)
    source = open_source(str(tmp_path / "short.flac"))
    found = probe(source)
    engine = Fake()
    chunks = plan_chunks(source, found, "v", 10.0)
    assert vote_language(source, found, chunks, SOUND, Buyer(engine, Memory())).samples == ()
    assert engine.calls == []
