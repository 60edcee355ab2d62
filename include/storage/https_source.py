"""Sources on the web. Every connection, redirects included, must lead to an allowed host at a public address.

Which addresses are public is said in include/outbound.py.
"""

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx
from httpx_secure import SSRFProtectionError

from include.outbound import AddressCheck, authority, is_public, on_list, protected, retry_after
from include.processing.errors import PermanentError, ProcessingError, RateLimited, TransientError
from include.storage import keys
from include.storage.staging import (
    BLOCK,
    Found,
    Policy,
    check_size,
    filename_of,
    limited,
    not_allowed,
    without_secrets,
)

TIMEOUT = httpx.Timeout(60.0, connect=20.0)
MOST_REDIRECTS = 5
UPLOAD = "download it yourself and upload it"


@contextmanager
def https_source(url: str, policy: Policy, check: AddressCheck = is_public) -> Iterator[Found]:
    """The bytes flow while the context is open. `check` may admit private addresses of one's own network."""
    with asyncio.Runner() as runner:
        client = _client(check)
        try:
            response = runner.run(_get(client, url, policy))
            version = _version(response)
            if version is None:  # nothing tells this video from another one under the same URL but its bytes
                version = _digest(limited(_blocks(runner, response, url), without_secrets(url), policy.max_bytes))
                response = runner.run(_get(client, url, policy))
            yield _found(runner, response, url, version, policy)
        finally:
            runner.run(client.aclose())


def _client(check: AddressCheck) -> httpx.AsyncClient:
    # own CA files (SSL_CERT_FILE) are honoured by create_ssl_context; trust_env would add proxies
    client = httpx.AsyncClient(
        verify=httpx.create_ssl_context(),
        trust_env=False,
        timeout=TIMEOUT,
        headers={"Accept-Encoding": "identity", "User-Agent": "reelscribe"},
    )
    return protected(client, check)


def _found(runner: asyncio.Runner, response: httpx.Response, url: str, version: str, policy: Policy) -> Found:
    source, asked = without_secrets(url), httpx.URL(url)
    length = response.headers.get("content-length", "")
    size = int(length) if length.isdecimal() else None
    if size is not None:
        check_size(source, size, policy.max_bytes)
    return Found(
        video_id=keys.video_id(asked.host, asked.path.lstrip("/"), version),
        filename=filename_of(asked.path),
        source=source,
        etag=version,
        size=size,
        blocks=limited(_blocks(runner, response, url), source, policy.max_bytes),
        content_type=response.headers.get("content-type"),
        last_modified=response.headers.get("last-modified"),
    )


def _version(response: httpx.Response) -> str | None:
    headers = response.headers
    if etag := headers.get("etag"):
        return str(etag)
    if "last-modified" in headers and "content-length" in headers:
        return f"{headers['last-modified']} {headers['content-length']}"
    return None


def _digest(blocks: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return f"sha256:{digest.hexdigest()}"


async def _get(client: httpx.AsyncClient, url: str, policy: Policy) -> httpx.Response:
    """An answer whose body is still to come."""
    target = url
    for _ in range(MOST_REDIRECTS + 1):
        request = client.build_request("GET", allowed(target, policy))
        with _translated(url):
            response = await client.send(request, stream=True)
        if response.next_request is None:
            _check_answer(response, url)
            return response
        await response.aclose()
        target = str(response.next_request.url)
    raise PermanentError("SOURCE_UNREADABLE", f"{without_secrets(url)}: too many redirects", UPLOAD)


def allowed(target: str, policy: Policy) -> httpx.URL:
    """Raises PermanentError SOURCE_NOT_ALLOWED. That its address is a public one is seen when it is connected to."""
    try:
        url = httpx.URL(target)
    except httpx.InvalidURL as error:
        raise not_allowed(target, f"not a URL ({error})", "give https://host/path") from None
    if url.scheme != "https":
        raise not_allowed(target, "it leads away from https://", UPLOAD)
    if url.userinfo:
        raise not_allowed(target, "a URL with a password in it would be kept in logs", UPLOAD)
    if not on_list(url, policy.hosts):
        cause = f"host {authority(url)} is not on the list"
        raise not_allowed(target, cause, "add it to REELSCRIBE_SOURCE_HOSTS or upload")
    return url


def _check_answer(response: httpx.Response, url: str) -> None:
    status, source = response.status_code, without_secrets(url)
    if status == 200 and not response.headers.get("content-type", "").startswith("text/html"):
        return
    cause = f"{source} answered {status}" if status != 200 else f"{source} is a web page"
    if status in (429, 503):
        raise RateLimited("SOURCE_BUSY", cause, "it is tried again", retry_after=retry_after(response))
    if status == 408 or status >= 500:
        raise TransientError("SOURCE_UNREADABLE", cause, "it is tried again")
    raise PermanentError("SOURCE_UNREADABLE", cause, "check the address in a browser; it must need no login")


def _blocks(runner: asyncio.Runner, response: httpx.Response, url: str) -> Iterator[bytes]:
    chunks = response.aiter_raw(BLOCK)
    while True:
        with _translated(url):
            block = runner.run(_next(chunks))
        if block is None:
            return
        yield block


async def _next(chunks: AsyncIterator[bytes]) -> bytes | None:
    return await anext(chunks, None)


@contextmanager
def _translated(url: str) -> Iterator[None]:
    try:
        yield
    except (SSRFProtectionError, httpx.TransportError) as error:
        raise _named(error, url) from error


def _named(error: httpx.RequestError, url: str) -> ProcessingError:
    source = without_secrets(url)
    if isinstance(error, SSRFProtectionError):
        return not_allowed(url, f"{error.ip_addr} is not a public address", UPLOAD)
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = f"{source}: {cause.verify_message}"
            return PermanentError("SOURCE_UNREADABLE", why, "the server needs a valid certificate")
        cause = cause.__cause__ or cause.__context__
    return TransientError("SOURCE_UNREADABLE", f"{source}: {type(error).__name__} {error}", "it is tried again")
