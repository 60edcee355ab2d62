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
    from include.processing.transcription.chunk import ChunkHeard
    from include.processing.transcription.engine import Transcriber
    from include.processing.transcription.listening import Listening
    from include.storage import ObjectStore


class TranscribeChunkOperator(StageOperator):
    """With `screens`, names and terms that stood on the screen help the recogniser."""

    stage = "transcribe"
    template_fields = ("chunk", "extracted", "screens")

    def __init__(
        self, *, chunk: ChunkDict, extracted: ExtractedDict, screens: MadeDict | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.chunk, self.extracted, self.screens = chunk, extracted, screens

    def execute(self, context: Context) -> TranscribedDict:
        from include.storage import keys

        store, chunk = self.open_store(), chunk_of(self.chunk)
        with self.job(context, chunk.video_id, chunk) as job:
            engine = engine_of(self.options(context))
            listening = self._listening(context, store, engine)
            recipe = keys.recipe(
                stage=self.stage,
                version=VERSION,
                extract=self.extracted["recipe"],
                engine=engine.identity,
                language=listening.language,
                denoise=self.options(context).denoise,
                alignment=listening.alignment,
                keywords=listening.keywords,
            )
            key = partial(keys.chunk_object, chunk.video_id, self.stage, recipe, chunk)
            job.details["engine"] = engine.name
            if store.head(key("transcript.json")):  # written last: what it cost is there too
                job.details["found"] = True
            else:
                heard = self._transcribe(context, store, engine, listening)
                self._keep(context, store, heard, key, job)
        return {"index": chunk.index, "key": key("transcript.json"), "usage": key("usage.json")}

    def _listening(self, context: Context, store: "ObjectStore", engine: "Transcriber") -> "Listening":
        """The vote counts only if it was this engine that heard the samples."""
        from include.processing.record import from_json
        from include.processing.transcription.keywords import terms
        from include.processing.transcription.language_vote import LanguageVote
        from include.processing.types import ChunkScreens

        listening = listening_of(self.options(context))
        if self.chunk["vote"]:
            vote = from_json(LanguageVote, store.get(self.chunk["vote"]))
            if vote.identity == engine.identity:
                heard = vote.of_chunk(chunk_of(self.chunk))
                listening = replace(listening, language=vote.language, heard=heard)
        if self.screens and engine.takes_keywords:
            shown = from_json(ChunkScreens, store.get(self.screens["key"]))
            listening = replace(listening, keywords=terms(shown))
        return listening

    def _transcribe(
        self, context: Context, store: "ObjectStore", engine: "Transcriber", listening: "Listening"
    ) -> "ChunkHeard":
        from include.processing.transcription.chunk import transcribe_chunk

        chunk = chunk_of(self.chunk)
        buyer = buyer_of(self, context, store, engine, chunk.video_id, chunk.index)
        with TemporaryDirectory() as work:
            audio = None
            if self.extracted["audio"]:
                audio = Path(work, "audio.flac")
                store.download(self.extracted["audio"], audio)
            return transcribe_chunk(chunk, audio, buyer, listening)

    @staticmethod
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
