"""Videos: list, look at, submit, steer."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from include.api import steering
from include.api.access import Admin, Caller, Reader, Submitter
from include.api.answers import NOT_MODIFIED, Responses, api_path, tagged
from include.api.cursors import decoded, encoded
from include.api.fields import ClientId, Short, Storable, Text
from include.api.problems import responses
from include.api.services import Services, ServicesDep
from include.api.submitting import Submission, submit
from include.api.threads import STEERING
from include.api.video_shapes import SubmittedVideo, Video, VideoDetail, VideoPage, detail_of, video_of
from include.api.webhook_shapes import NewWebhook
from include.db import library
from include.db.rows import VideoStatus

router = APIRouter()

LARGEST_PAGE = 200
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOVED: Responses = {308: {"description": "It is known under another id by now: see Location"}}

THERE: Responses = {200: {"model": SubmittedVideo, "description": "It was submitted before"}}


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _written_out(text: object) -> object:
    """pydantic would take a number for seconds since 1970."""
    if isinstance(text, str) and not _DAY.match(text):
        raise ValueError("write 2026-11-23 or 2026-11-23T14:30:00Z")
    return text


VideoId = Annotated[UUID, Path(examples=["0b7c2f0e-6d0a-5c3e-9f55-1d6d1a0c7b11"])]
Moment = Annotated[datetime, BeforeValidator(_written_out), AfterValidator(_in_utc)]
Number = Annotated[int, Field(ge=-(2**53), le=2**53)] | Annotated[float, Field(allow_inf_nan=False)]
Option = bool | Number | Annotated[str, Field(max_length=500), Storable] | None
Options = Annotated[
    dict[Annotated[str, Field(max_length=50)], Option],
    Field(
        max_length=50,
        description="the DAG's parameters: language, asr, model, ocr, screen_language, chunk_minutes, "
        "frames_per_second, sound, denoise, alignment, budget_dollars, priority",
    ),
]


class Wish(BaseModel):
    """What is submitted. `id`: of your choice; the same again is the same submission."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"source": "s3://talks/2026/talk.mp4", "id": "talk-42", "options": {"language": "en"}},
                {"source": "https://media.example.org/talk.mp4", "options": {"priority": "urgent", "asr": "openai"}},
            ]
        },
    )

    source: Text = Field(
        min_length=1,
        description="a key of the store, s3://bucket/key of an allowed bucket, or https:// on an allowed host",
    )
    id: ClientId | None = None
    dag: Literal["process_video", "process_video_slides"] = "process_video"
    options: Options = {}
    webhook: NewWebhook | None = Field(None, description="hears of this run alone")


@router.get("/videos", responses=responses())
def list_videos(
    services: ServicesDep,
    who: Reader,
    status: Annotated[list[VideoStatus] | None, Query(max_length=6)] = None,
    q: Annotated[Short | None, Query(description="a part of the file name")] = None,
    needs_review: bool | None = None,
    created_from: Moment | None = None,
    created_to: Annotated[Moment | None, Query(description="exclusive")] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50,
    after: Annotated[Short | None, Query(description="`after` of the page before")] = None,
) -> VideoPage:
    """The newest first."""
    place = decoded(after) if after else None
    wanted = library.Wanted(status or None, q or None, needs_review, created_from, created_to, place, limit + 1)
    with services.reading() as connection:
        found = library.videos(connection, wanted)
    page = found[:limit]
    more = len(found) > limit
    return VideoPage(
        videos=[video_of(one) for one in page], after=encoded(page[-1].created_at, page[-1].id) if more else None
    )


@router.post("/videos", status_code=202, responses=THERE | responses(400, 409, 413, 502))
async def submit_video(services: ServicesDep, who: Submitter, wish: Wish, answer: Response) -> SubmittedVideo:
    """Starts one run. What is queued or running with the same options already is not started again."""
    wanted = Submission(wish.source.strip(), wish.dag, wish.options, wish.id, wish.webhook)
    done = await STEERING.run(submit, services, who, wanted)
    if not done.new:
        answer.status_code = 200
    video = await STEERING.run(current_video, services, done.video_id)
    return SubmittedVideo(**video.model_dump(), webhook=done.webhook)


@router.get("/videos/{video_id}", response_model=VideoDetail, responses=MOVED | NOT_MODIFIED | responses(404))
def look_at_video(services: ServicesDep, who: Reader, request: Request, video_id: VideoId) -> Response:
    with services.reading() as connection:
        found = library.video(connection, str(video_id))
        if found is None:
            other = library.known_as(connection, str(video_id))
            if other is None:
                raise steering.missing(str(video_id))
            return RedirectResponse(api_path(request, f"/videos/{other}"), 308)
        chunks = library.chunks(connection, found.run_id) if found.run_id else []
    data = detail_of(request, found, chunks).model_dump_json().encode()
    return tagged(request, data, "application/json")


@router.post("/videos/{video_id}/cancel", responses=responses(404, 409, 502))
async def cancel(services: ServicesDep, who: Submitter, video_id: VideoId) -> Video:
    """Stops its run; what is done is kept."""
    return await STEERING.run(_steered, services, who, video_id, steering.cancel)


@router.post("/videos/{video_id}/retry", status_code=202, responses=responses(404, 409, 502))
async def retry(services: ServicesDep, who: Submitter, video_id: VideoId) -> Video:
    """Only what failed runs again, in the same run."""
    return await STEERING.run(_steered, services, who, video_id, steering.retry)


@router.post("/videos/{video_id}/rerun", status_code=202, responses=responses(404, 409, 502))
async def rerun(services: ServicesDep, who: Submitter, video_id: VideoId) -> Video:
    """A new run of the same source with the same options."""
    return await STEERING.run(_steered, services, who, video_id, steering.rerun)


@router.delete("/videos/{video_id}", status_code=204, responses=responses(404, 409, 502))
async def delete(services: ServicesDep, who: Admin, video_id: VideoId) -> None:
    """With its result, its original, its runs and all that is said of it."""
    await STEERING.run(_deleted, services, who, video_id)


def _steered(services: Services, who: Caller, video_id: UUID, act: Callable[[Services, Caller, str], object]) -> Video:
    current = _current(services, video_id)
    act(services, who, current)
    return current_video(services, current)


def _deleted(services: Services, who: Caller, video_id: UUID) -> None:
    steering.delete(services, who, _current(services, video_id))


def _current(services: Services, video_id: UUID) -> str:
    """The id by which it is known now."""
    with services.reading() as connection:
        found = library.current(connection, str(video_id))
    return found.id if found else str(video_id)


def current_video(services: Services, video_id: str) -> Video:
    """Also by the id that stood for it. Raises Problem 404."""
    with services.reading() as connection:
        found = library.current(connection, video_id)
    if found is None:
        raise steering.missing(video_id)
    return video_of(found)
