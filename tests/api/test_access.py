"""Who gets in: Airflow's tokens and cookie, its roles, and changes that come from other sites."""

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from include.api.access import Admin, Reader, Submitter, admin, caller, submitter
from include.api.app import API

OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def door(front):
    """Three routes that need what their names say."""
    router = APIRouter()

    @router.get("/t/read")
    @router.post("/t/read")
    def read(who: Reader) -> str:
        return who.name

    @router.post("/t/submit")
    def submit(who: Submitter) -> str:
        return who.name

    @router.delete("/t/delete")
    def delete(who: Admin) -> str:
        return who.name

    _app(front.client).include_router(router, prefix=API)
    return front


def _app(client: TestClient) -> FastAPI:
    return client.app.routes[0].app


@pytest.mark.parametrize(
    ("role", "read", "submit", "delete"),
    [
        (None, 401, 401, 401),
        ("viewer", 200, 403, 403),
        ("user", 200, 200, 403),
        ("op", 200, 200, 403),
        ("admin", 200, 200, 200),
    ],
)
def test_roles(door, role, read, submit, delete):
    headers = door.headers(role)
    found = [
        door.client.get(f"{API}/t/read", headers=headers),
        door.client.post(f"{API}/t/submit", headers=headers),
        door.client.delete(f"{API}/t/delete", headers=headers),
    ]
    assert [answer.status_code for answer in found] == [read, submit, delete]
    for answer in found:
        if answer.status_code != 200:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] in ("LOGIN_NEEDED", "FORBIDDEN")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param(OUR_PAGE, 200, id="our-page"),
        pytest.param({"Origin": "http://testserver"}, 200, id="our-origin"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, 403, id="another-site"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, 403, id="a-sibling"),
        pytest.param({"Sec-Fetch-Site": "none"}, 403, id="typed"),
        pytest.param({"Origin": "http://evil.example"}, 403, id="another-origin"),
        pytest.param({"Origin": "null"}, 403, id="a-sandbox"),
        pytest.param({}, 403, id="nobody-says"),
    ],
)
def test_a_cookie_changes_nothing_from_elsewhere(door, headers, status):
    cookies = {"_token": door.token("admin")}
    client = door.client
    client.cookies.update(cookies)
    answer = client.post(f"{API}/t/submit", headers=headers)
    assert answer.status_code == status
    assert client.get(f"{API}/t/read", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_a_token_wins_over_the_cookie(door):
    door.client.cookies.set("_token", door.token("admin"))
    assert door.client.get(f"{API}/t/read", headers=door.headers("viewer")).json() == "a-viewer"


def test_a_forged_token(door):
    token = door.token("admin")
    headers = {"Authorization": f"Bearer {token[:-4]}AAAA"}
    assert door.client.get(f"{API}/t/read", headers=headers).status_code in (401, 403)


def test_too_many_requests(door):
    limit = _app(door.client).state.limit
    limit._rate = "3/minute"
    found = [door.client.get(f"{API}/t/read", headers=door.headers("user")) for _ in range(4)]
    assert [answer.status_code for answer in found] == [200, 200, 200, 429]
    assert 1 <= int(found[3].headers["retry-after"]) <= 60
    assert door.client.get(f"{API}/t/read", headers=door.headers("viewer")).status_code == 200


def test_every_route_asks_who_it_is(front):
    """But the description of the API, which tells nothing, and what pages need before somebody has logged in."""
    free = {f"{API}/openapi.json", f"{API}/docs", f"{API}/docs/oauth2-redirect"}
    asked = {caller, submitter, admin}
    open_routes = [
        route.path
        for route in _app(front.client).routes
        if isinstance(route, APIRoute) and not asked & _calls(route.dependant) and route.path not in free
    ]
    assert [path for path in open_routes if path.startswith(API)] == []


def _calls(dependant) -> set:
    return {dependant.call} | {call for inner in dependant.dependencies for call in _calls(inner)}
