"""Requests with a token, and what refusals mean."""

import time
from threading import Lock
from typing import Any

import httpx

from include.processing.errors import PermanentError, RateLimited, TransientError
from include.runs import URL_PREFIX

TIMEOUT = httpx.Timeout(60.0, connect=10.0)
API = f"{URL_PREFIX}/api/v1"
TRIES = 5
LONGEST_PAUSE = 60.0  # seconds
Json = dict[str, Any]


class Http:
    """For several threads. What may pass is tried again, five times; then it raises TransientError."""

    def __init__(self, url: str, *, token: str, user: str, password: str) -> None:
        self.url = url.rstrip("/")
        self._account = {"username": user, "password": password} if user else None
        self._token, self._lock = token, Lock()
        self._client = httpx.Client(timeout=TIMEOUT, follow_redirects=True)

    def close(self) -> None:
        self._client.close()

    def json(self, method: str, path: str, **options: Any) -> Json:
        found: Json = self.ask(method, f"{API}{path}", **options).json()
        return found

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """An answer that is a success. `path` may be a whole URL of ours."""
        for attempt in range(1, TRIES + 1):
            try:
                return self._checked(self._sent(method, path, **options))
            except TransientError as error:
                if attempt == TRIES:
                    raise
                time.sleep(min(error.retry_after or 0.5 * 2**attempt, LONGEST_PAUSE))
        raise AssertionError("the last try returns or raises")

    def put_part(self, url: str, data: bytes) -> None:
        """To us, or straight to the store, which is shown no token of ours."""
        if url.startswith("/") or url.startswith(f"{self.url}/"):
            self.ask("PUT", url, content=data, headers={"Content-Type": "application/octet-stream"})
            return
        for attempt in range(1, TRIES + 1):
            answer = self._request("PUT", url, content=data)
            if answer.is_success:
                return
            if answer.status_code < 500 or attempt == TRIES:
                raise TransientError("UPLOAD_REFUSED", f"the store answered {answer.status_code}", "start it again")
            time.sleep(0.5 * 2**attempt)

    def _sent(self, method: str, path: str, **options: Any) -> httpx.Response:
        url = path if "://" in path else f"{self.url}{path}"
        headers = dict(options.pop("headers", {}))
        token = self._token or self._renewed("")
        answer = self._request(method, url, headers=headers | {"Authorization": f"Bearer {token}"}, **options)
        if answer.status_code == httpx.codes.UNAUTHORIZED and self._account:
            token = self._renewed(token)
            answer = self._request(method, url, headers=headers | {"Authorization": f"Bearer {token}"}, **options)
        return answer

    def _renewed(self, old: str) -> str:
        with self._lock:
            if self._token == old:
                if self._account is None:
                    raise PermanentError("LOGIN_NEEDED", "there is neither a token nor an account", "give one")
                answer = self._request("POST", f"{self.url}/auth/token", json=self._account)
                if not answer.is_success:
                    cause = f"{self.url} doesn't know {self._account['username']!r}, or its password"
                    raise PermanentError("LOGIN_NEEDED", cause, "see README.md on accounts")
                self._token = str(answer.json()["access_token"])
            return self._token

    def _request(self, method: str, url: str, **options: Any) -> httpx.Response:
        try:
            return self._client.request(method, url, **options)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise PermanentError("BAD_URL", f"{url[:200]!r} is no address", "give http://host:port") from error
        except httpx.TransportError as error:
            cause = f"no answer from {self.url} ({type(error).__name__})"
            raise TransientError(
                "UNREACHABLE", cause, "check the address, and that Airflow's API server runs"
            ) from error

    @staticmethod
    def _checked(answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        code, cause, remedy = _problem(answer)
        pause = answer.headers.get("retry-after", "")
        seconds = float(pause) if pause.isdecimal() else None
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise RateLimited(code, cause, remedy, retry_after=seconds)
        if answer.is_server_error and answer.status_code != httpx.codes.BAD_GATEWAY:
            raise TransientError(code, cause, remedy, retry_after=seconds)
        raise PermanentError(code, cause, remedy)


def _problem(answer: httpx.Response) -> tuple[str, str, str]:
    try:
        found = answer.json()
        return found["code"], found["detail"], found["remedy"]
    except (ValueError, KeyError, TypeError):
        where = f"{answer.request.method} {answer.url.path}"
        return "REFUSED", f"{where} answered {answer.status_code}", "is that Airflow with Reelscribe's plugin?"
