"""What the queries give back. Ids are text; times are UTC; seconds are of video time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import psycopg

Connection = psycopg.Connection[Any]
VideoStatus = Literal["queued", "running", "completed", "partial", "failed", "cancelled"]
JobStatus = Literal["running", "completed", "failed", "abandoned"]


@dataclass(frozen=True, slots=True)
class VideoRow:
    id: str
    filename: str
    duration_seconds: int | None
    status: VideoStatus
    created_at: datetime
    processed_at: datetime | None
    source: str
    size_bytes: int | None
    sha256: str | None
    result_key: str | None
    error_message: str | None
    needs_review: bool
    run_id: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class JobRow:
    """`chunk_*` are None for a stage of the whole video; `details` is what the stage chose to say."""

    id: str
    video_id: str
    stage: str
    status: JobStatus
    started_at: datetime
    completed_at: datetime | None
    error_message: str | None
    run_id: str
    chunk_index: int | None
    chunk_start: float | None
    chunk_end: float | None
    attempt: int
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ResultRow:
    id: str
    video_id: str
    frame_number: int
    timestamp_seconds: float
    audio_text: str | None
    ocr_text: str | None
    confidence_score: float | None
