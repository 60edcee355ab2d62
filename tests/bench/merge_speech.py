"""A video's sound alone, in chunks, through the stages' own functions: for the merge bench's --speech."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from include.processing.extract import extract_chunk
from include.processing.merging import merge, receipt
from include.processing.planning import Outline, outline
from include.processing.probe import Probe, probe
from include.processing.sources import open_source
from include.processing.transcription import transcriber
from include.processing.transcription.buying import Buyer
from include.processing.transcription.chunk import ChunkHeard, transcribe_chunk
from include.processing.transcription.listening import Listening
from include.processing.types import Chunk, ChunkScreens, EngineInfo, Receipt, VideoText
from include.processing.workfolder import FolderLedger

FEW = 0.02  # pictures a second: none are looked at, but a chunk's are in the same pass as its sound


def heard(video: Path, model: str, minutes: float, address: str, folder: Path) -> tuple[VideoText, Receipt]:
    """The sound of a length is extracted once and kept in `folder`; nothing that was said is."""
    os.environ |= {"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": address}
    found = probe(open_source(str(video)))
    plan = outline(open_source(str(video)), found, "bench", minutes, "best", "en")
    seen = [ChunkScreens(chunk, EngineInfo("none"), ()) for chunk in plan.chunks]
    with TemporaryDirectory() as ledger:
        sound = _sound(video, found, plan, folder / f"{video.stem}-sound-{minutes:g}")
        done = [_chunk(chunk, audio, model, Path(ledger)) for chunk, audio in sound]
    text = merge(video.name, found.media, found.problems, [d.transcript for d in done], seen)
    return text, receipt([d.usage for d in done], seen, len(done), {})


def _sound(video: Path, found: Probe, plan: Outline, kept: Path) -> Iterator[tuple[Chunk, Path]]:
    for chunk in plan.chunks:
        work = kept / f"{chunk.start:.2f}-{chunk.end:.2f}"
        if not (work / "audio.flac").exists():
            work.mkdir(parents=True, exist_ok=True)
            source = open_source(str(video))
            extract_chunk(source, found.media, chunk, work, fps=FEW, index=found.index, sound=plan.sound)
        yield chunk, work / "audio.flac"


def _chunk(chunk: Chunk, audio: Path, model: str, ledger: Path) -> ChunkHeard:
    done = transcribe_chunk(chunk, audio, Buyer(transcriber("openai", model), FolderLedger(ledger)), Listening("en"))
    if done.error:
        raise done.error
    return done
