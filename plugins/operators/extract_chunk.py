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


class ExtractChunkOperator(StageOperator):
    stage = "extract"
    template_fields = ("chunk",)

    def __init__(self, *, chunk: ChunkDict, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.chunk = chunk

    def execute(self, context: Context) -> ExtractedDict:
        from include.storage import keys

        options, store, chunk = self.options(context), self.open_store(), chunk_of(self.chunk)
        fps = options.frames_per_second
        recipe = keys.recipe(stage=self.stage, version=VERSION, plan=self.chunk["plan"], frames_per_second=fps)
        key = partial(keys.chunk_object, chunk.video_id, self.stage, recipe, chunk)
        with self.job(context, chunk.video_id, chunk) as job:
            if store.head(key(keys.FRAME_INDEX)) and store.head(key(keys.FRAMES)):  # the index is written last
                job.details["found"] = True
            else:
                for name in (keys.FRAME_INDEX, keys.FRAMES):  # an index must fit the pictures that were stored with it
                    store.delete(key(name))
                self._extract(store, options, key)
            has_sound = store.head(key(keys.SOUND)) is not None
        return {
            "index": chunk.index,
            "recipe": recipe,
            "audio": key(keys.SOUND) if has_sound else None,
            "frames": key(keys.FRAMES),
            "frame_index": key(keys.FRAME_INDEX),
        }

    def _extract(self, store: "ObjectStore", options: Options, key: "partial[str]") -> None:
        from include.processing.extract import extract_chunk
        from include.processing.record import from_json, to_json
        from include.settings import settings
        from include.storage import keys

        plan, chunk = from_json(Plan, store.get(self.chunk["plan"])), chunk_of(self.chunk)
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
