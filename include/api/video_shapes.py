"""Videos as the API gives them out."""

from datetime import datetime
from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, Field

from include.api import progress
from include.api.answers import api_path
from include.api.webhook_shapes import MadeWebhook
from include.db.library import ChunkState, ChunkWork, Listed
from include.db.rows import VideoStatus
from include.processing.errors import parts_of
from include.processing.outputs import NAMES
from include.runs import run_parts

Seconds = Annotated[float, Field(examples=[712.0])]


class Fault(BaseModel):
    """Why a video failed, or what a partial result lacks; codes are in docs/errors.md."""

    code: str = Field(examples=["NO_STREAMS"])
    cause: str = Field(examples=["talk.mp4: neither picture nor sound"])
    remedy: str | None = Field(examples=["give a video file"])


class Run(BaseModel):
    """The DAG run in Airflow."""

    dag_id: str = Field(examples=["process_video"])
    run_id: str = Field(examples=["api-talk-42-1f6c9a03"])


class Progress(BaseModel):
    percent: int = Field(ge=0, le=100, examples=[40])
    eta_seconds: float | None = Field(description="null while nobody can know", examples=[95.5])


class Video(BaseModel):
    """`progress` is null once it is over; `updated_at` changes with every change of the status."""

    id: str = Field(examples=["0b7c2f0e-6d0a-5c3e-9f55-1d6d1a0c7b11"])
    filename: str = Field(examples=["talk.mp4"])
    source: str = Field(examples=["s3://talks/2026/talk.mp4"])
    status: VideoStatus
    needs_review: bool
    duration: Seconds | None
    size: int | None = Field(description="bytes", examples=[104857600])
    priority: str = Field(examples=["normal"])
    created_at: datetime
    updated_at: datetime
    processed_at: datetime | None
    error: Fault | None
    run: Run | None
    progress: Progress | None


class SubmittedVideo(Video):
    """`webhook` is what was made for this run; its secret is shown this once."""

    webhook: MadeWebhook | None


class Stage(BaseModel):
    """`total` is null until plan has said how many chunks there are."""

    stage: str = Field(examples=["transcribe"])
    done: int
    running: int
    failed: int
    total: int | None


class DetailedProgress(Progress):
    stages: list[Stage]


class Chunk(BaseModel):
    """`start` and `end` in seconds of the video."""

    index: int
    start: Seconds | None
    end: Seconds | None
    extract: ChunkState
    transcribe: ChunkState
    ocr: ChunkState


class VideoDetail(Video):
    """`files` are the result's, by name; `media` is the video itself, once it is in the store."""

    progress: DetailedProgress | None
    chunks: list[Chunk]
    files: dict[str, str] = Field(examples=[{"result.json": "/reelscribe/api/v1/videos/0b7c…/files/result.json"}])
    media: str | None = Field(examples=["/reelscribe/api/v1/videos/0b7c…/media"])


class VideoPage(BaseModel):
    """`after` goes into the next request; null on the last page."""

    videos: list[Video]
    after: str | None


def video_of(found: Listed) -> Video:
    return Video(**_facts(found), progress=_progress(found))


def detail_of(request: Request, found: Listed, chunks: list[ChunkWork]) -> VideoDetail:
    at = api_path(request, f"/videos/{found.id}")
    told = _progress(found)
    stages = [Stage(**{name: getattr(each, name) for name in Stage.model_fields}) for each in progress.stages(found)]
    return VideoDetail(
        **_facts(found),
        progress=told and DetailedProgress(**told.model_dump(), stages=stages),
        chunks=[Chunk(**{name: getattr(each, name) for name in Chunk.model_fields}) for each in chunks],
        files={name: f"{at}/files/{name}" for name in NAMES} if found.result_key else {},
        media=None if found.duration_seconds is None else f"{at}/media",
    )


def fault_of(line: str | None) -> Fault | None:
    """`CODE: cause; what to do` in its parts."""
    if line is None:
        return None
    code, cause, remedy = parts_of(line)
    return Fault(code=code, cause=cause, remedy=remedy)


def _facts(found: Listed) -> dict[str, object]:
    dag_id, run_id = run_parts(found.run_id) if found.run_id else ("", "")
    return {
        "id": found.id,
        "filename": found.filename,
        "source": found.source,
        "status": found.status,
        "needs_review": found.needs_review,
        "duration": found.duration_seconds,
        "size": found.size_bytes,
        "priority": found.priority,
        "created_at": found.created_at,
        "updated_at": found.updated_at,
        "processed_at": found.processed_at,
        "error": fault_of(found.error_message),
        "run": Run(dag_id=dag_id, run_id=run_id) if run_id else None,
    }


def _progress(found: Listed) -> Progress | None:
    if found.status not in ("queued", "running"):
        return None
    return Progress(percent=progress.percent(found), eta_seconds=progress.eta_seconds(found))
