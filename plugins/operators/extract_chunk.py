"""One chunk's bytes → its sound, and the pictures that show something new."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from airflow.sdk import Context

from operators.base import Named, StageOperator
from operators.records import VERSION, ChunkDict, ExtractedDict, Options, Plan, chunk_of

if TYPE_CHECKING:
    from include.storage import ObjectStore

STAGE = "extract"


class ExtractChunkOperator(StageOperator):
    stage = STAGE
    template_fields = ("chunk",)

    def __init__(self, *, chunk: ChunkDict, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.chunk = chunk

    def execute(self, context: Context) -> ExtractedDict:
        return extract(self, context, self.chunk)


def extract(at: StageOperator, context: Context, sent: ChunkDict) -> ExtractedDict:
    """`at` is the task that does it: this stage's own, or plan where the video is short."""
    from include.storage import keys

    options, store, chunk = at.options(context), at.open_store(), chunk_of(sent)
    recipe = keys.recipe(stage=STAGE, version=VERSION, plan=sent["plan"], frames_per_second=options.frames_per_second)
    key = partial(keys.chunk_object, chunk.video_id, STAGE, recipe, chunk)
    with at.job(context, chunk.video_id, chunk, STAGE) as job:
        if store.head(key(keys.FRAME_INDEX)) and store.head(key(keys.FRAMES)):  # the index is written last
            job.details["found"] = True
        else:
            for name in (keys.FRAME_INDEX, keys.FRAMES):  # an index must fit the pictures that were stored with it
                store.delete(key(name))
            _extract(store, options, sent, key)
        has_sound = store.head(key(keys.SOUND)) is not None
    return {
        "index": chunk.index,
        "recipe": recipe,
        "audio": key(keys.SOUND) if has_sound else None,
        "frames": key(keys.FRAMES),
        "frame_index": key(keys.FRAME_INDEX),
    }


def _extract(store: "ObjectStore", options: Options, sent: ChunkDict, key: "partial[str]") -> None:
    from include.processing.extract import extract_chunk
    from include.processing.record import from_json, to_json
    from include.settings import settings
    from include.storage import keys

    plan, chunk = from_json(Plan, store.get(sent["plan"])), chunk_of(sent)
    source = Named(store.open(keys.original(chunk.video_id)), plan.filename)
    with TemporaryDirectory() as work:
        made = extract_chunk(
            source,
            plan.media,
            chunk,
            Path(work),
            fps=options.frames_per_second,
            index=store.get(plan.probe_index),
            sound=plan.sound,
            hwaccel=settings().hwaccel or None,
        )
        if made.audio:
            store.put_file(key(keys.SOUND), made.audio)
        store.put_file(key(keys.FRAMES), made.frames)
        store.put(key(keys.FRAME_INDEX), to_json(made.index))
