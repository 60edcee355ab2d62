"""What requests and answers about uploads look like."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from include.api.fields import ClientId, Short, Storable
from include.api.videos import Options
from include.api.webhook_shapes import NewWebhook
from include.storage.parts import MOST_PARTS

MOST_URLS = 100
LARGEST = 2**53  # bytes that JSON's readers count exactly

UploadId = Annotated[UUID, Path(examples=["0b7c9f1e-5a0e-4d0c-9a55-0f6f2d1f7b3e"])]
PartNumber = Annotated[int, Field(ge=1, le=MOST_PARTS)]
Filename = Annotated[str, Field(min_length=1, max_length=255), Storable]


class NewUpload(BaseModel):
    """A file that is to be sent."""

    model_config = ConfigDict(extra="forbid")

    filename: Filename = Field(description="as people know it, without a folder", examples=["talk.mp4"])
    size: int = Field(ge=1, le=LARGEST, description="bytes", examples=[734003200])
    content_type: Short | None = Field(None, description="as the browser says", examples=["video/mp4"])
    id: ClientId | None = Field(None, description="chosen by the client: the same again is the same upload")


class Form(BaseModel):
    """multipart/form-data for the store itself: these fields, then `file`."""

    url: str
    fields: dict[str, str]


class UploadAnswer(BaseModel):
    """What has arrived, and where the rest is to be sent."""

    id: str = Field(examples=["0b7c9f1e-5a0e-4d0c-9a55-0f6f2d1f7b3e"])
    filename: str = Field(examples=["talk.mp4"])
    size: int = Field(examples=[734003200])
    state: Literal["open", "completed", "submitted"]
    part_size: int = Field(description="bytes of each part but the last", examples=[16777216])
    parts: int = Field(description="how many; they are counted from 1", examples=[44])
    received: list[int] = Field(description="numbers of the parts that are here whole", examples=[[1, 2]])
    urls: dict[str, str] = Field(
        description="PUT a part's bytes to these, by number; the first of those that are missing",
        examples=[{"3": "/reelscribe/api/v1/uploads/0b7c9f1e-5a0e-4d0c-9a55-0f6f2d1f7b3e/parts/3"}],
    )
    direct: bool = Field(description="the addresses are the store's own: they take no token of ours")
    post: Form | None = Field(None, description="for a file of one part, instead of the address of its part")
    source: str | None = Field(None, description="once it is complete: what a submission names as its source")
    expires_at: datetime


class Uploads(BaseModel):
    uploads: list[UploadAnswer]


class WantedParts(BaseModel):
    model_config = ConfigDict(extra="forbid")

    parts: list[PartNumber] = Field(min_length=1, max_length=MOST_URLS, examples=[[3, 4, 5]])


class Urls(BaseModel):
    """Addresses of the store's own end after `seconds`; those of ours don't."""

    urls: dict[str, str]
    seconds: int | None = Field(None, examples=[3600])


class Completion(BaseModel):
    """What is to be done with the file once it is complete."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{}, {"options": {"language": "en"}}, {"submit": False}]}
    )

    submit: bool = Field(True, description="start a run; false: the file waits to be submitted as a source")
    dag: Literal["process_video", "process_video_slides"] = "process_video"
    options: Options = {}
    webhook: NewWebhook | None = Field(None, description="hears of this run alone")


class ReceivedPart(BaseModel):
    part: int = Field(examples=[3])
    size: int = Field(examples=[16777216])
