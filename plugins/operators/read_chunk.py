"""One chunk's pictures → the text that stood on the screen."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from airflow.sdk import Context

from include.processing.errors import PermanentError
from operators.base import StageOperator
from operators.records import VERSION, ChunkDict, ExtractedDict, MadeDict, chunk_of

if TYPE_CHECKING:
    from include.processing.types import ChunkScreens
    from include.storage import ObjectStore


class ReadChunkOperator(StageOperator):
    stage = "ocr"
    template_fields = ("chunk", "extracted")

    def __init__(self, *, chunk: ChunkDict, extracted: ExtractedDict, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.chunk, self.extracted = chunk, extracted

    def execute(self, context: Context) -> MadeDict:
        from include.processing.ocr import resolve_ocr
        from include.processing.record import to_json
        from include.storage import keys

        options, store, chunk = self.options(context), self.open_store(), chunk_of(self.chunk)
        with self.job(context, chunk.video_id, chunk) as job:
            engine = resolve_ocr(options.ocr, options.screen_language)  # by what is installed with this worker
            recipe = keys.recipe(
                stage=self.stage,
                version=VERSION,
                extract=self.extracted["recipe"],
                engine=engine,
                language=options.screen_language,
            )
            key = keys.chunk_object(chunk.video_id, self.stage, recipe, chunk, "screens.json")
            job.details["engine"] = engine
            if store.head(key):
                job.details["found"] = True
            else:
                store.put(key, to_json(self._read(store, engine, options.screen_language)))
        return {"index": chunk.index, "key": key}

    def _read(self, store: "ObjectStore", engine: str, language: str | None) -> "ChunkScreens":
        from include.processing.ocr import ocr_engine
        from include.processing.ocr.chunk import read_chunk
        from include.processing.record import from_json
        from include.processing.types import FrameIndex
        from include.settings import settings

        with TemporaryDirectory() as work:
            frames = Path(work, "frames.tar")
            try:
                index = from_json(FrameIndex, store.get(self.extracted["frame_index"]))
                store.download(self.extracted["frames"], frames)
            except PermanentError as error:
                if error.code != "OBJECT_MISSING":
                    raise
                remedy = "clear this chunk's extract task too: it makes the pictures again"
                raise PermanentError(error.code, error.cause, remedy) from error
            return read_chunk(index, frames, ocr_engine(engine, language, settings().ocr_weights))
