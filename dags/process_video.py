"""One run is one video: source → chunks → (sound and pictures → transcript, screen text) of each → result.

This file says where, when and how often; what the stages do is in plugins/operators and include/processing.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, AsyncCallback, DeadlineAlert, Param, TriggerRule, task_group

from include.monitoring.deadlines import DagWithDeadline, QueuedAtByPriority, deadline_missed
from include.priority import NORMAL, PRIORITIES
from include.queues import EXTRACT, MERGE, OCR, TRANSCRIBE, Queue
from operators.extract_chunk import ExtractChunkOperator
from operators.plan_video import PlanVideoOperator
from operators.publish_video import VIDEOS, PublishVideoOperator
from operators.read_chunk import ReadChunkOperator
from operators.records import ChunkDict
from operators.retry_policy import DEFAULT_ARGS
from operators.transcribe_chunk import TranscribeChunkOperator

OCR_ENGINES = "tesseract|pytesseract|rapidocr|paddleocr|easyocr"  # those of include.processing.ocr
CHUNK_LABEL = "{{ task.chunk.label }}"

DOC = """\
### One video → timed text

`plan` copies the source into the store and cuts the video into chunks; each chunk is extracted, then heard and read on
queues of their own; `publish` puts them together: `result.json`, a transcript to read, subtitles, and rows. Its last
word is an event of the asset `reelscribe_videos`, on which your own DAG can be scheduled. A short video (up to two
minutes, unless the setting says otherwise) is done by `plan` alone: its chunks show as skipped.

A run that failed is safe to clear or to start again: what was made is found, nothing is paid twice. A video with chunks
missing is published as *partial*, and its run fails. Reasons stand in `processing_jobs.error_message` and
`videos.error_message` as `CODE: cause; what to do`.
"""

SLIDES = """
Here each chunk's screen is read before its sound is heard: names and terms that stood on it are given to the recogniser
as keywords. Where one of them turns up in the text, the same sound is heard without them too (so speech can cost up to
twice as much), and a term that nobody said is taken out again. Short videos get their chunks' tasks here too.
"""

PARAMS = {
    "source": Param(
        type="string",
        title="Source",
        description="A key of the store, s3://bucket/key, or https://host/path where the host is allowed.",
        examples=["incoming/talk.mp4", "s3://my-bucket/talks/talk.mp4", "https://media.example.org/talk.mp4"],
        minLength=1,
        maxLength=2000,
    ),
    "language": Param(
        "auto",
        type=["null", "string"],
        title="Language",
        description="As BCP 47 writes it: en, de, pt-BR. auto or empty: heard from the speech.",
        pattern=r"^\s*$|^auto$|^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$",
        examples=["auto", "en", "de", "fr", "es", "pt-BR", "ja", "zh"],
    ),
    "asr": Param(
        "auto",
        type="string",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
        examples=["auto", "openai", "faster-whisper", "sphinx"],
        title="Speech engine",
        description="auto: OpenAI where there is a key, else faster-whisper where its weights are, else sphinx. "
        "Or the name of an engine that somebody installed.",
    ),
    "model": Param(
        None,
        type=["null", "string"],
        maxLength=200,
        title="Speech model",
        description="A model of that engine, such as whisper-1. Empty: the engine's default.",
    ),
    "ocr": Param(
        "auto",
        type="string",
        pattern=rf"^(auto|({OCR_ENGINES})(\+({OCR_ENGINES}))?)$",
        examples=["auto", *OCR_ENGINES.split("|"), "tesseract+rapidocr"],
        title="Screen text engine",
        description="auto: Tesseract where its language data are, with rapidocr's opinion where it is unsure. "
        "first+second: what the first is unsure of is read again by the second.",
    ),
    "screen_language": Param(
        None,
        type=["null", "string"],
        title="Language on the screen",
        description="One or several, as en+de. Empty: the spoken language if it is given above, else English.",
        pattern=r"^\s*$|^[A-Za-z]{2,8}([-_+][A-Za-z0-9_]{2,8})*$",
        examples=["en", "de", "en+de", "fr", "ja"],
    ),
    "chunk_minutes": Param(
        10,
        type="number",
        minimum=1,
        maximum=60,
        title="Minutes per chunk",
        description="Chunks are worked on at the same time. The cuts fall into pauses near these marks.",
    ),
    "frames_per_second": Param(
        1,
        type="number",
        minimum=0.2,
        maximum=5,
        title="Frames per second",
        description="How often the picture is looked at. Only pictures that show something new are read.",
    ),
    "sound": Param(
        "best",
        type="string",
        pattern=r"^(best|all|[1-9][0-9]?)$",
        examples=["best", "all", "1", "2"],
        title="Sound track",
        description="best: the track with most speech (in the language asked for, where it says so). "
        "all: mixed into one. Or a track's number.",
    ),
    "denoise": Param(
        False,
        type="boolean",
        title="Reduce noise",
        description="Before listening: for recordings with a steady noise. Costs time; good sound can lose words.",
    ),
    "alignment": Param(
        "pauses",
        type="string",
        enum=["pauses", "forced"],
        title="Times of words",
        description="For engines that give text without times. pauses: laid over the pauses of the speech. "
        "forced: each word is looked for in the sound (English only, slower).",
    ),
    "budget_dollars": Param(
        None,
        type=["null", "number"],
        exclusiveMinimum=0,
        title="Budget in dollars",
        description="The most that this run may spend on speech. When it is spent the rest is marked as missing. "
        "Empty: no limit.",
    ),
    "priority": Param(
        NORMAL,
        type="string",
        enum=list(PRIORITIES),
        title="Priority",
        description="urgent: takes the next free slot of each stage. bulk: takes what the others leave, and one slot "
        "in ten where they leave nothing.",
    ),
}


def on(queue: Queue, minutes: float) -> dict[str, Any]:
    """A task that takes longer than `minutes` is stopped and tried again."""
    return {"queue": queue.name, "pool": queue.pool, "execution_timeout": timedelta(minutes=minutes)}


def video_dag(dag_id: str, description: str, *, slides_first: bool) -> DAG:
    """`slides_first`: a chunk's screen is read before its sound is heard: its names and terms help the recogniser."""
    in_time = QueuedAtByPriority()
    with DagWithDeadline(
        dag_id,
        description=description,
        doc_md=DOC + (SLIDES if slides_first else ""),
        tags=["reelscribe", "video"],
        schedule=None,
        catchup=False,
        params=PARAMS,
        max_active_runs=1000,  # what waits, waits as tasks: there priorities count (docs/fleet.md)
        max_active_tasks=256,
        default_args=DEFAULT_ARGS,
        deadline=DeadlineAlert(
            name="whole video",
            reference=in_time,
            interval=timedelta(0),  # the reference knows how long
            callback=AsyncCallback(deadline_missed, kwargs={"minutes": in_time.minutes}),
        ),
    ) as dag:
        plan = PlanVideoOperator(task_id="plan", in_place=not slides_first, **on(EXTRACT, 120))

        @task_group
        def process_chunk(chunk: ChunkDict) -> dict[str, Any]:
            """Sound and pictures of one chunk, read once; then what is said and what is shown."""
            named = {"map_index_template": CHUNK_LABEL, "chunk": chunk}
            extract = ExtractChunkOperator(task_id="extract", **named, **on(EXTRACT, 60))
            ocr = ReadChunkOperator(task_id="ocr", extracted=extract.output, **named, **on(OCR, 120))
            transcribe = TranscribeChunkOperator(
                task_id="transcribe",
                extracted=extract.output,
                screens=ocr.output if slides_first else None,
                **named,
                **on(TRANSCRIBE, 120),
            )
            return {"transcripts": transcribe.output, "screens": ocr.output}

        PublishVideoOperator(
            task_id="publish",
            chunks=plan.output,
            outlets=[VIDEOS],
            **process_chunk.expand(chunk=plan.output),
            trigger_rule=TriggerRule.ALL_DONE,
            **on(MERGE, 30),
        )
    return dag


process_video = video_dag("process_video", "Every word said or shown in one video, with its time", slides_first=False)
process_video_slides = video_dag(
    "process_video_slides", "The same, and the slides tell the recogniser names and terms", slides_first=True
)
