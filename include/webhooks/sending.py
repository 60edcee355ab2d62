"""One request to one endpoint."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import httpx

from include.outbound import protected, retry_after
from include.processing.errors import PermanentError, one_line
from include.webhooks.addresses import Target, resolve, target

MOST_READ, READ_SECONDS = 64 * 1024, 1.0
MOST_ADDRESSES = 3
GONE = 410


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` None: there was none; `error` None: the event is delivered; `retry_after` in seconds, if asked for."""

    status: int | None
    error: str | None
    retry_after: float | None = None


class Sender:
    """`hosts` are those in the house; `patience` is what one event has, in seconds."""

    def __init__(self, hosts: Sequence[str], patience: float) -> None:
        self._hosts, self._patience = hosts, patience
        self._tls = httpx.create_ssl_context()  # with own CA files (SSL_CERT_FILE); trust_env would add proxies

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Raises nothing of the network's."""
        try:
            async with asyncio.timeout(self._patience) as limit:
                return await self._sent(target(url, self._hosts), headers, body, limit)
        except TimeoutError:
            return Answer(None, f"no answer within {self._patience:g} s")
        except PermanentError as refusal:
            return Answer(None, str(refusal))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:  # ValueError: TLS can't use the name
            return Answer(None, _line(error))

    async def _sent(self, there: Target, headers: Mapping[str, str], body: bytes, limit: asyncio.Timeout) -> Answer:
        """Where one address can't be reached, the next one is asked."""
        *others, last = (await asyncio.to_thread(resolve, there))[:MOST_ADDRESSES]
        for address in others:
            with suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await self._asked(self._request(there, address, headers, body), there, limit)
        return await self._asked(self._request(there, last, headers, body), there, limit)

    def _request(self, there: Target, address: str, headers: Mapping[str, str], body: bytes) -> httpx.Request:
        """The address was looked at and is the one that is connected to; the name is for TLS and the receiver."""
        patience = httpx.Timeout(self._patience, connect=self._patience / MOST_ADDRESSES)
        return httpx.Request(
            "POST",
            there.url.copy_with(host=address),
            headers={**headers, "Host": there.url.netloc.decode(), "Accept-Encoding": "identity"},
            content=body,
            extensions={"sni_hostname": there.host, "timeout": patience.as_dict()},
        )

    async def _asked(self, request: httpx.Request, there: Target, limit: asyncio.Timeout) -> Answer:
        """By a client of its own: it has no connection and no cookie of another endpoint."""
        async with protected(httpx.AsyncClient(verify=self._tls, trust_env=False), there.check) as client:
            response = await client.send(request, stream=True)
            limit.reschedule(None)  # the answer is there, whatever becomes of its body
            try:
                await _read_away(response)
            finally:
                await response.aclose()
        return _answer(response)


async def _read_away(response: httpx.Response) -> None:
    """What the receiver says is nothing to us; that it can say a little of it spares its log an error."""
    read = 0
    with suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(READ_SECONDS):
            async for block in response.aiter_raw():
                read += len(block)
                if read >= MOST_READ:
                    return


def _answer(response: httpx.Response) -> Answer:
    status = response.status_code
    if response.is_success:
        return Answer(status, None)
    if response.is_redirect:
        return Answer(status, f"it answered {status}: redirects are not followed, give the final address")
    return Answer(status, f"it answered {status}", retry_after(response))


def _line(error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return one_line(f"its certificate is not valid: {cause.verify_message}")
        cause = cause.__cause__ or cause.__context__
    return one_line(f"no answer: {type(error).__name__} {error}")[:300]
