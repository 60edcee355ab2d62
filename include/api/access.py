"""Who asks, and whether they may: Airflow's auth manager decides, by its tokens or the cookie of its pages.

Reading needs the right to read the DAG process_video, submitting to trigger it, deleting to be an administrator.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlsplit

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
from airflow.api_fastapi.auth.managers.models.resource_details import (
    ConnectionDetails,
    DagAccessEntity,
    DagDetails,
)
from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import Depends, Request

from include.api.limits import UserLimit
from include.api.problems import Problem
from include.runs import MAIN_DAG
from include.settings import DB_CONNECTION

SAFE = {"GET", "HEAD", "OPTIONS"}
ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """`token` is the caller's own; empty where Airflow let them in without one."""

    name: str
    token: str = field(repr=False)
    by_cookie: bool
    may_submit: bool
    may_delete: bool


def caller(request: Request, user: GetUserDep) -> Caller:
    """Raises 401 without a valid token, 403 for who may not even read, or whose change comes from a foreign page."""
    manager = get_auth_manager()
    dag = DagDetails(id=MAIN_DAG)
    if not manager.is_authorized_dag(method="GET", details=dag, user=user):
        raise _forbidden("read videos")
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    by_cookie = scheme.lower() != "bearer"
    token = request.cookies.get(COOKIE_NAME_JWT_TOKEN, "") if by_cookie else bearer.strip()
    if by_cookie and request.method not in SAFE and not _from_here(request):
        cause = "a change that a cookie allows must come from a page of this server"
        raise Problem(403, "CROSS_SITE", cause, "send a token instead: Authorization: Bearer …")
    submits = manager.is_authorized_dag(method="POST", access_entity=DagAccessEntity.RUN, details=dag, user=user)
    name = str(user.get_name())
    limit: UserLimit = request.app.state.limit
    limit.check(name)
    return Caller(name, token, by_cookie, submits, submits and _administers(manager, user))


def submitter(found: "Reader") -> Caller:
    if not found.may_submit:
        raise _forbidden("submit or change videos")
    return found


def admin(found: "Reader") -> Caller:
    if not found.may_delete:
        raise _forbidden("delete videos")
    return found


Reader = Annotated[Caller, Depends(caller)]
Submitter = Annotated[Caller, Depends(submitter)]
Admin = Annotated[Caller, Depends(admin)]


def _administers(manager: Any, user: Any) -> bool:
    """No auth manager is asked for administrators as such. Whoever may remove our connection could break it all
    anyway; where users have a role, as with Airflow's simple auth manager, it must be that of administrators too."""
    removes = manager.is_authorized_connection(
        method="DELETE", details=ConnectionDetails(conn_id=DB_CONNECTION), user=user
    )
    role = getattr(user, "role", None)
    return bool(removes) and (role is None or str(role).lower() == ADMIN)


def _from_here(request: Request) -> bool:
    """Browsers say so themselves; old ones at least say from which origin."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")


def _forbidden(what: str) -> Problem:
    return Problem(403, "FORBIDDEN", f"you may not {what}", "ask whoever gives out roles in Airflow")
