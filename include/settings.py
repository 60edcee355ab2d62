"""What differs between deployments; each field is read from `REELSCRIBE_<NAME>`. Secrets are Airflow connections."""

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

DB_CONNECTION = "reelscribe_db"
S3_CONNECTION = "reelscribe_s3"
API_CONNECTION = "reelscribe_api"  # http: host, port, schema, login, password


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="REELSCRIBE_", extra="ignore")

    store: str = Field("", description="where objects live: file:///absolute/folder or s3://bucket/prefix")
    source_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="hosts that https:// sources may come from, comma-separated; empty: none"
    )
    source_buckets: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="other buckets that s3:// sources may come from, comma-separated; * for any"
    )
    max_source_gib: float = Field(200.0, gt=0, description="largest source that is staged")
    redis_url: str = Field("", description="redis://… that all workers share: the pace of requests is counted there")
    speech_requests: str = Field("500/minute", description="most requests to a speech API; empty: no limit")
    speech_seconds: str = Field("", description="most seconds of sound sent, such as 36000/minute; empty: no limit")
    prices: dict[str, Annotated[float, Field(ge=0)]] = Field(
        default_factory=dict, description='dollars per minute of sound by model, as JSON: {"gpt-transcribe": 0.0045}'
    )
    review_below: float = Field(
        0.6, ge=0, le=1, description="a video whose mean confidence is lower is marked as needing review"
    )
    short_seconds: float = Field(
        120.0, ge=0, description="a video of at most so many seconds is done by its plan task alone; 0: none is"
    )
    deadline_urgent_minutes: float = Field(
        60.0, gt=0, description="minutes from the start of the wait after which an urgent run has missed its deadline"
    )
    deadline_minutes: float = Field(180.0, gt=0, description="the same for a run of normal priority")
    deadline_bulk_minutes: float = Field(1440.0, gt=0, description="the same for a run of priority bulk")
    whisper_model: Path | None = Field(None, description="directory of faster-whisper weights")
    hwaccel: str = Field("", description="device that decodes pictures, e.g. cuda; empty: none")
    ocr_weights: Path | None = Field(None, description="directory of weights for the engines paddleocr and easyocr")
    api_rate: str = Field("1200/minute", description="most requests of one user to the API; empty: no limit")
    webhook_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="in-house hosts that webhooks may go to, comma-separated: by http:// and at private addresses too",
    )
    keep_webhooks_days: float = Field(
        30.0, ge=1, description="days that events for webhooks are kept after they were delivered or given up"
    )
    public_s3_endpoint: str = Field(
        "",
        description="the S3 server as browsers reach it, https://host: they upload and play straight from it; empty:"
        " through us",
    )
    max_upload_gib: float = Field(50.0, gt=0, description="largest upload; what is larger comes by bucket or URL")
    upload_part_mib: int = Field(
        16, ge=5, le=1024, description="size of an upload's parts, larger for very large files"
    )
    upload_days: float = Field(7.0, gt=0, le=365, description="days after which an unfinished upload is removed")
    uploads_open: int = Field(20, ge=1, description="unfinished uploads that one user may have")
    uploads_open_gib: float = Field(200.0, gt=0, description="… and what they may come to")
    keep_frames_days: float | None = Field(
        30.0, ge=0, description="days that pictures are kept after a video was last worked on; empty: for ever"
    )

    @field_validator("keep_frames_days", "ocr_weights", "whisper_model", mode="before")
    @classmethod
    def _none(cls, value: object) -> object:
        return None if isinstance(value, str) and value.strip().lower() in ("", "null") else value

    @field_validator("source_hosts", "source_buckets", "webhook_hosts", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        return tuple(v.strip() for v in value.split(",") if v.strip()) if isinstance(value, str) else value


@cache
def settings() -> Settings:
    return Settings()
