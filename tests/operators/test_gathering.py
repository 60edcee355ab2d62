"""Chunks expected = chunks stored, or publish says what differs."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from include.processing.errors import PermanentError
from include.processing.record import to_json
from include.processing.types import Chunk, ChunkScreens, Coverage, EngineInfo, SpeechUsage, Transcript
from include.storage import open_store
from operators.gathering import Sent, gather
from operators.records import chunk_dict

PLANNED = tuple(Chunk("v", index, 60.0 * index, 60.0 * (index + 1), 3) for index in range(3))
ENGINE = EngineInfo("e", None, None)


def transcript(chunk: Chunk) -> Transcript:
    return Transcript(chunk, ENGINE, "en", (), (Coverage(0.0, chunk.duration, "silent"),))


def screens(chunk: Chunk) -> ChunkScreens:
    return ChunkScreens(chunk=chunk, engine=ENGINE, screens=(), lines=(), ticks=60, frames_read=0)


def gathered(folder: Path, chunks: Any, heard: Any, read: Any, jobs: Any = ()) -> Any:
    """`heard` and `read`: index told -> the chunk that the object is of."""
    store = open_store((folder / "store").as_uri())
    transcripts, pictures = [], []
    for index, chunk in heard:
        made = {"index": index, "key": f"videos/v/t/{index}-{chunk.index}.json", "usage": f"videos/v/u/{index}.json"}
        store.put(made["key"], to_json(transcript(chunk)))
        store.put(made["usage"], to_json(SpeechUsage()))
        transcripts.append(made)
    for index, chunk in read:
        pictures.append({"index": index, "key": f"videos/v/s/{index}-{chunk.index}.json"})
        store.put(pictures[-1]["key"], to_json(screens(chunk)))
    sent = [chunk_dict(chunk, "videos/v/plan.json", None) for chunk in chunks]
    return gather(store, PLANNED, Sent.of_tasks(sent, transcripts, pictures), list(jobs))


ALL = list(enumerate(PLANNED))


def test_all_of_them_in_any_order(tmp_path: Path) -> None:
    made = gathered(tmp_path, PLANNED[::-1], ALL[::-1], [*ALL, ALL[1]])  # one came twice
    assert made.counts == {"planned": 3, "transcripts": 3, "screens": 3}
    assert made.missing == ()


def test_what_never_came_is_missing_with_a_reason(tmp_path: Path) -> None:
    made = gathered(tmp_path, PLANNED, ALL[1:], ALL[:1])
    assert made.counts == {"planned": 3, "transcripts": 2, "screens": 1}
    assert [(one.stage, one.chunk.index) for one in made.missing] == [("transcribe", 0), ("ocr", 1), ("ocr", 2)]
    assert {one.reason for one in made.missing} == {"no attempt came to an end; see the task's log"}


@pytest.mark.parametrize(
    ("chunks", "heard", "read"),
    [
        pytest.param(PLANNED[:2], ALL[:2], ALL[:2], id="fewer-handed-on-than-planned"),
        pytest.param((*PLANNED, replace(PLANNED[0], index=3)), ALL, ALL, id="more-handed-on"),
        pytest.param((*PLANNED[:2], replace(PLANNED[2], end=170.0)), ALL, ALL, id="other-times"),
        pytest.param(PLANNED, [*ALL[:2], (2, PLANNED[1])], ALL, id="another-chunks-transcript"),
        pytest.param(PLANNED, ALL, [*ALL, (3, replace(PLANNED[2], index=3))], id="a-screen-too-many"),
        pytest.param(PLANNED, ALL, [(0, replace(PLANNED[0], video_id="w")), *ALL[1:]], id="another-video"),
    ],
)
def test_what_differs_is_refused(chunks: Any, heard: Any, read: Any, tmp_path: Path) -> None:
    with pytest.raises(PermanentError) as refusal:
        gathered(tmp_path, chunks, heard, read)
    assert refusal.value.code == "CHUNKS_DIFFER"
    assert "3 chunks were planned" in str(refusal.value)
