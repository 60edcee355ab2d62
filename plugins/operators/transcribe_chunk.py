"""One chunk's sound → what was said, each stretch of it paid for once."""

import hashlib
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from airflow.sdk import Context

from include.retry import decide
from operators.base import Job, StageOperator, attempt
from operators.hearing import buyer_of, engine_of, listening_of
from operators.records import VERSION, ChunkDict, ExtractedDict, MadeDict, TranscribedDict, chunk_of

if TYPE_CHECKING:
    from include.processing.transcription.buying import Buyer
    from include.processing.transcription.chunk import ChunkHeard
    from include.processing.transcription.engine import Transcriber
    from include.processing.transcription.listening import Listening
    from include.storage import ObjectStore

STAGE = "transcribe"


class TranscribeChunkOperator(StageOperator):
    """With `screens`, names and terms that stood on the screen help the recogniser."""

    stage = STAGE
    template_fields = ("chunk", "extracted", "screens")

    def __init__(
        self, *, chunk: ChunkDict, extracted: ExtractedDict, screens: MadeDict | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.chunk, self.extracted, self.screens = chunk, extracted, screens

    def execute(self, context: Context) -> TranscribedDict:
        return transcribe(self, context, self.chunk, self.extracted, self.screens)


def transcribe(
    at: StageOperator, context: Context, sent: ChunkDict, extracted: ExtractedDict, screens: MadeDict | None = None
) -> TranscribedDict:
    """`at` is the task that does it: this stage's own, or plan where the video is short."""
    from include.storage import keys

    options, store, chunk = at.options(context), at.open_store(), chunk_of(sent)
    with at.job(context, chunk.video_id, chunk, STAGE) as job:
        engine = engine_of(options)
        listening = _shown(store, screens, engine, _voted(store, sent, engine, listening_of(options)))
        recipe = keys.recipe(
            stage=STAGE,
            version=VERSION,
            extract=extracted["recipe"],
            engine=engine.identity,
            language=listening.language,
            denoise=options.denoise,
            alignment=listening.alignment,
            keywords=listening.keywords,
        )
        key = partial(keys.chunk_object, chunk.video_id, STAGE, recipe, chunk)
        job.details["engine"] = engine.name
        if store.head(key("transcript.json")):  # written last: what it cost is there too
            job.details["found"] = True
        else:
            buyer = buyer_of(at, context, store, engine, chunk.video_id, chunk.index)
            _keep(context, store, _heard(store, sent, extracted, buyer, listening), key, job)
    return {"index": chunk.index, "key": key("transcript.json"), "usage": key("usage.json")}


def _voted(store: "ObjectStore", sent: ChunkDict, engine: "Transcriber", listening: "Listening") -> "Listening":
    """The vote counts only if it was this engine that heard the samples."""
    from include.processing.record import from_json
    from include.processing.transcription.language_vote import LanguageVote

    if sent["vote"]:
        vote = from_json(LanguageVote, store.get(sent["vote"]))
        if vote.identity == engine.identity:
            return replace(listening, language=vote.language, heard=vote.of_chunk(chunk_of(sent)))
    return listening


def _shown(
    store: "ObjectStore", screens: MadeDict | None, engine: "Transcriber", listening: "Listening"
) -> "Listening":
    from include.processing.record import from_json
    from include.processing.transcription.keywords import terms
    from include.processing.types import ChunkScreens

    if screens and engine.takes_keywords:
        return replace(listening, keywords=terms(from_json(ChunkScreens, store.get(screens["key"]))))
    return listening


def _heard(
    store: "ObjectStore", sent: ChunkDict, extracted: ExtractedDict, buyer: "Buyer", listening: "Listening"
) -> "ChunkHeard":
    from include.processing.transcription.chunk import transcribe_chunk

    with TemporaryDirectory() as work:
        audio = None
        if extracted["audio"]:
            audio = Path(work, "audio.flac")
            store.download(extracted["audio"], audio)
        return transcribe_chunk(chunk_of(sent), audio, buyer, listening)


def _keep(context: Context, store: "ObjectStore", heard: "ChunkHeard", key: "partial[str]", job: Job) -> None:
    """What lacks something is kept under a name of its own when no more attempts are granted: publish finds it by
    the job's row, and a later run looks for the whole and hears the gaps again. Raises what the chunk lacks."""
    from include.processing.record import to_json

    usage, transcript = to_json(heard.usage), to_json(heard.transcript)
    if heard.error is None:
        store.put(key("usage.json"), usage)
        store.put(key("transcript.json"), transcript)
        return
    if decide(heard.error, attempt(context)) is None:
        digest = hashlib.sha256(transcript + usage).hexdigest()[:16]
        store.put(key(f"lacking-{digest}-usage.json"), usage)
        store.put(key(f"lacking-{digest}.json"), transcript)
        job.details["lacking"] = {
            "key": key(f"lacking-{digest}.json"),
            "usage": key(f"lacking-{digest}-usage.json"),
        }
    raise heard.error
