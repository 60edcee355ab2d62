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

STAGE = "ocr"


class ReadChunkOperator(StageOperator):
    stage = STAGE
    template_fields = ("chunk", "extracted")

    def __init__(self, *, chunk: ChunkDict, extracted: ExtractedDict, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.chunk, self.extracted = chunk, extracted

    def execute(self, context: Context) -> MadeDict:
        return read(self, context, self.chunk, self.extracted)


def read(at: StageOperator, context: Context, sent: ChunkDict, extracted: ExtractedDict) -> MadeDict:
    """`at` is the task that does it: this stage's own, or plan where the video is short."""
    from include.processing.ocr import resolve_ocr
    from include.processing.record import to_json
    from include.storage import keys

    options, store, chunk = at.options(context), at.open_store(), chunk_of(sent)
    with at.job(context, chunk.video_id, chunk, STAGE) as job:
        engine = resolve_ocr(options.ocr, options.screen_language)  # by what is installed with this worker
        recipe = keys.recipe(
            stage=STAGE,
            version=VERSION,
            extract=extracted["recipe"],
            engine=engine,
            language=options.screen_language,
        )
        key = keys.chunk_object(chunk.video_id, STAGE, recipe, chunk, "screens.json")
        job.details["engine"] = engine
        if store.head(key):
            job.details["found"] = True
        else:
            store.put(key, to_json(_read(store, extracted, engine, options.screen_language)))
    return {"index": chunk.index, "key": key}


def _read(store: "ObjectStore", extracted: ExtractedDict, engine: str, language: str | None) -> "ChunkScreens":
    from include.processing.ocr import ocr_engine
    from include.processing.ocr.chunk import read_chunk
    from include.processing.record import from_json
    from include.processing.types import FrameIndex
    from include.settings import settings

    with TemporaryDirectory() as work:
        frames = Path(work, "frames.tar")
        try:
            index = from_json(FrameIndex, store.get(extracted["frame_index"]))
            store.download(extracted["frames"], frames)
        except PermanentError as error:
            if error.code != "OBJECT_MISSING":
                raise
            remedy = "clear this chunk's extract task too: it makes the pictures again"
            raise PermanentError(error.code, error.cause, remedy) from error
        return read_chunk(index, frames, ocr_engine(engine, language, settings().ocr_weights))
