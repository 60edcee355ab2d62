"""The pages: a library, a video with its player, search. All are whole without a script; scripts keep them moving."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BeforeValidator
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from include.api import page_library, page_search, page_video
from include.api.access import Reader
from include.api.answers import tagged
from include.api.fields import Short, Text
from include.api.page_rendering import STATIC, PageRoute, fragment, page, root
from include.api.problems import Problem
from include.api.services import ServicesDep
from include.api.videos import VideoId
from include.db.rows import VideoStatus
from include.db.run_videos import video_of_run
from include.runs import run_name

router = APIRouter(route_class=PageRoute, default_response_class=Response)
_files, _names = StaticFiles(directory=STATIC), {file.name for file in STATIC.iterdir()}

LONG_AGO = "public, max-age=31536000, immutable"  # an address with a version never changes its content
# A form sends what is empty as "": that is nothing chosen.
_nothing = BeforeValidator(lambda value: None if value == "" else value)
Chosen = Annotated[Short | None, _nothing]


@router.get("/")
def library(
    request: Request,
    services: ServicesDep,
    who: Reader,
    q: Chosen = None,
    status: Annotated[VideoStatus | None, _nothing] = None,
    needs_review: Annotated[Literal["true"] | None, _nothing] = None,
    after: Chosen = None,
    trail: Annotated[Text, Query(description="the pages before, by their `after`")] = "",
) -> Response:
    asked = page_library.Asked(q, status, needs_review == "true", after, trail)
    return page(request, "library.html", caller=who, **page_library.context(services, who, asked, root(request)))


@router.get("/videos/{video_id}")
def video(
    request: Request,
    services: ServicesDep,
    who: Reader,
    video_id: VideoId,
    t: Annotated[float | None, Query(ge=0, le=1e7, allow_inf_nan=False), _nothing] = None,
) -> Response:
    found = page_video.context(request, services, who, str(video_id), t)
    if isinstance(found, str):
        return RedirectResponse(f"{root(request)}videos/{found}", 303)
    return page(request, "video.html", caller=who, **found)


@router.get("/videos/{video_id}/transcript/{number}")
def transcript_part(
    request: Request,
    services: ServicesDep,
    who: Reader,
    video_id: VideoId,
    number: Annotated[int, Path(ge=0, le=10**6)],
) -> Response:
    """Ten minutes of speech, for the page that has the others."""
    text = page_video.text_of_video(services, str(video_id))
    section = next((each for each in text.sections if each.number == number), None)
    if section is None:
        raise Problem(404, "NO_SUCH_PAGE", "nothing is said there", "open the video")
    return tagged(request, fragment("transcript_part.html", section=section).encode(), "text/html; charset=utf-8")


@router.get("/videos/{video_id}/shown.json")
def shown(request: Request, services: ServicesDep, who: Reader, video_id: VideoId) -> Response:
    """All that stood on the screen, for the lane of cards."""
    text = page_video.text_of_video(services, str(video_id))
    return tagged(request, page_video.shown_json(text), "application/json")


@router.get("/search")
def search(
    request: Request,
    services: ServicesDep,
    who: Reader,
    q: Text = "",
    where: Literal["", "speech", "screen", "both", "subtitle"] = "",
    begin: Annotated[Short, Query(alias="from")] = "",
    to: Short = "",
    video_id: Annotated[UUID | None, _nothing] = None,
    after: Chosen = None,
) -> Response:
    asked = page_search.Asked(q.strip(), where, begin, to, str(video_id) if video_id else None, after)
    found = page_search.context(services, asked, root(request))
    return page(request, "search.html", caller=who, **found)


@router.get("/runs/{dag_id}/{run_id:path}")
def run(request: Request, services: ServicesDep, who: Reader, dag_id: Short, run_id: Short) -> Response:
    """Of a DAG run in Airflow: its video."""
    with services.reading() as connection:
        found = video_of_run(connection, run_name(dag_id, run_id))
    if found is None:
        cause = "no video is known of this run"
        raise Problem(404, "VIDEO_MISSING", cause, "look again once it has begun, or see the list of videos")
    return RedirectResponse(f"{root(request)}videos/{found}", 303)


async def _static(request: Request) -> Response:
    """Ours, and nobody's secret: no login. What asks for this version may keep it."""
    name = request.path_params["name"]
    if name not in _names:
        raise HTTPException(404)
    answer = await _files.get_response(name, request.scope)
    answer.headers["Cache-Control"] = LONG_AGO if request.query_params.get("v") else "public, max-age=300"
    return answer


router.add_route("/static/{name}", _static, include_in_schema=False)
