"""Source → original in the store, a probe, and the chunks that the other stages work on."""

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from airflow.sdk import Context
from airflow.sdk.configuration import conf

from include.processing.errors import PermanentError, ProcessingError
from include.retry import decide
from include.settings import settings
from operators.base import Job, Named, StageOperator, attempt, run_of
from operators.hearing import buyer_of, engine_of
from operators.in_place import work_in_place
from operators.records import VERSION, ChunkDict, Options, Plan, chunk_dict

if TYPE_CHECKING:
    from include.processing.transcription.buying import Buyer
    from include.processing.transcription.language_vote import LanguageVote
    from include.storage import ObjectStore
    from include.storage.staging import Found, Original


class PlanVideoOperator(StageOperator):
    """Returns `[ChunkDict, …]`, in order.

    With `in_place` a video of at most `short_seconds` is worked on here and now: then there are no chunks to hand on,
    and publish finds what was made under the XCom key `DONE`.
    """

    stage = "plan"

    def __init__(self, *, in_place: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.in_place = in_place

    def execute(self, context: Context) -> list[ChunkDict]:
        chunks = self._planned(context)
        if self.in_place and chunks[-1]["end"] <= settings().short_seconds:
            work_in_place(self, context, chunks)
            return []
        return chunks

    def _planned(self, context: Context) -> list[ChunkDict]:
        from include.processing.ocr import check_ocr
        from include.storage.staging import Policy, found, stage

        options, store = self.options(context), self.open_store()
        with ExitStack() as stack:
            try:
                there = stack.enter_context(found(options.source, store, Policy.of(settings()), self._open_bucket))
            except ProcessingError as error:
                self._note_refusal(context, options, error)
                raise
            self._admit(context, there)
            with self.job(context, there.video_id) as job:
                check_ocr(options.ocr, options.screen_language, settings().ocr_weights)
                original = stage(there, store)
                plan, key = self._plan(store, original, options, job)
                job.details["edges"] = [0.0, *(chunk.end for chunk in plan.chunks)]
                self._describe(context, original, plan)
                vote = self._vote(context, store, plan, key, job)
        return [chunk_dict(chunk, key, vote) for chunk in plan.chunks]

    def _open_bucket(self, bucket: str) -> "ObjectStore":
        return self.open_store(f"s3://{bucket}")

    def _note_refusal(self, context: Context, options: Options, error: ProcessingError) -> None:
        """Nobody knows which video this is: the last word about the source goes to the row that stands for it, which
        is made under the source's name where nobody has made one."""
        from include.db import events, queries
        from include.storage import keys
        from include.storage.staging import filename_of, without_secrets

        if decide(error, attempt(context)) is not None:
            return
        source = without_secrets(options.source)
        with self.database() as connection:
            video_id = events.stand_in(connection, run_of(context)) or keys.video_id("", source, "")
            queries.upsert_video(
                connection, video_id, filename=filename_of(source), source=source, run_id=run_of(context)
            )
        self.job(context, video_id).failed(error)

    def _admit(self, context: Context, there: "Found") -> None:
        from include.db import events, queries

        run_id = run_of(context)
        with self.database() as connection:
            queries.upsert_video(
                connection,
                there.video_id,
                filename=there.filename,
                source=there.source,
                run_id=run_id,
                size_bytes=there.size,
            )
            queries.set_video_status(connection, there.video_id, "running", run_id=run_id)
            events.adopt(connection, run_id, there.video_id)

    def _plan(self, store: "ObjectStore", original: "Original", options: Options, job: Job) -> tuple[Plan, str]:
        from include.processing.record import from_json, to_json
        from include.storage import keys

        recipe = keys.recipe(
            stage=self.stage,
            version=VERSION,
            chunk_minutes=options.chunk_minutes,
            sound=options.sound,
            language=options.language,  # the best of several tracks may be in it
        )
        key = keys.plan(original.video_id, recipe)
        if store.head(key):
            job.details["found"] = True
            return from_json(Plan, store.get(key)), key
        plan, index = _probe(store, original, options, keys.plan(original.video_id, recipe, "probe.index"))
        store.put(plan.probe_index, index)
        store.put(key, to_json(plan, indent=2))
        return plan, key

    def _vote(self, context: Context, store: "ObjectStore", plan: Plan, plan_key: str, job: Job) -> str | None:
        """The key of the vote on the language; None where it was given. The row gets what the speech will cost."""
        from include.processing.record import to_json
        from include.processing.transcription.estimate import estimate
        from include.storage import keys

        options, video_id = self.options(context), plan.chunks[0].video_id
        engine = engine_of(options)
        buyer = buyer_of(self, context, store, engine, video_id)
        cost = estimate(plan.speech_share, plan.media, buyer.dollars_per_minute)
        job.details["estimate"] = {"speech_seconds": cost.speech_seconds, "dollars": cost.dollars}
        if options.language is not None:
            return None
        recipe = keys.recipe(
            stage="vote", version=VERSION, plan=plan_key, engine=engine.identity, denoise=options.denoise
        )
        key = keys.plan(video_id, recipe, "language.json")
        if not store.head(key):
            store.put(key, to_json(self._voted(store, plan, buyer), indent=2))
        return key

    @staticmethod
    def _voted(store: "ObjectStore", plan: Plan, buyer: "Buyer") -> "LanguageVote":
        from include.processing.probe import Probe
        from include.processing.transcription.language_vote import vote_language
        from include.storage import keys

        source = Named(store.open(keys.original(plan.chunks[0].video_id)), plan.filename)
        probe = Probe(plan.media, plan.problems, store.get(plan.probe_index))
        return vote_language(source, probe, plan.chunks, plan.sound, buyer)

    def _describe(self, context: Context, original: "Original", plan: Plan) -> None:
        from include.db import queries

        with self.database() as connection:
            queries.upsert_video(
                connection,
                original.video_id,
                filename=original.filename,
                source=original.source,
                run_id=run_of(context),
                size_bytes=original.size,
                sha256=original.sha256,
                duration=plan.media.duration,
            )


def _probe(store: "ObjectStore", original: "Original", options: Options, index_key: str) -> tuple[Plan, bytes]:
    from include.processing.planning import outline
    from include.processing.probe import probe
    from include.storage import keys

    source = Named(store.open(keys.original(original.video_id)), original.filename)
    probed = probe(source)
    rough = outline(source, probed, original.video_id, options.chunk_minutes, options.sound, options.language)
    most = conf.getint("core", "max_map_length", fallback=1024)
    if len(rough.chunks) > most:
        cause = f"{original.filename}: {len(rough.chunks)} chunks, and Airflow maps at most {most}"
        raise PermanentError("TOO_MANY_CHUNKS", cause, "choose longer chunks or raise [core] max_map_length")
    facts = (probed.media, probed.problems, rough.chunks, index_key, rough.sound, rough.speech_share)
    return Plan(original.filename, *facts), probed.index
