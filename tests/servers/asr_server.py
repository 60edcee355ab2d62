"""A speech API like OpenAI's on 127.0.0.1, for tests: it answers what a test taught it, and fails on command.

    with AsrServer() as server:
        server.hears(audio, [Said(1.0, 2.5, "hello there")])       # by the bytes uploaded; unknown sound: nothing said,
    server.unknown = [Said(0.0, 1.0, "something")]                 # or what you like
        server.fail(Fault(status=429, headers={"retry-after": "7"}))   # the next call only, unless times= says more

Formats are refused where the real API refuses them. `server.calls` holds what was asked for.
"""

import asyncio
import hashlib
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

FORMATS = {
    "whisper-1": {"json", "verbose_json"},
    "gpt-4o-transcribe-diarize": {"json", "diarized_json"},
    "their/whisper": {"json", "verbose_json"},  # as servers that are not OpenAI's have them
}
TEXT_ONLY = {"json"}


@dataclass(frozen=True, slots=True)
class Said:
    """Seconds from the start of the upload."""

    start: float
    end: float
    text: str
    speaker: str = "A"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is answered in place of a transcription; `delay` is in seconds.

    A content-length above the body's cuts the connection in the middle of the answer.
    """

    status: int = 500
    body: str | dict[str, Any] = "internal error"
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "application/json"
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """One request: all values of each form field, and the upload."""

    fields: dict[str, list[str]]
    filename: str | None
    sha256: str
    authorization: str


def error(message: str, code: str | None = None, kind: str = "invalid_request_error") -> dict[str, Any]:
    """A body as OpenAI's errors have it."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


class AsrServer:
    def __init__(self, latency: float = 0.0) -> None:
        """`latency`: seconds that an answer takes."""
        self._latency = latency
        self.forget()
        routes = [Route("/v1/audio/transcriptions", self._transcribe, methods=["POST"])]
        config = uvicorn.Config(Starlette(routes=routes), host="127.0.0.1", port=0, log_level="error")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the test server did not start"
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)

    @property
    def url(self) -> str:
        """For OPENAI_BASE_URL."""
        host, port = self._server.servers[0].sockets[0].getsockname()[:2]
        return f"http://{host}:{port}/v1"

    def forget(self) -> None:
        self.calls: list[Call] = []
        self._known: dict[str, tuple[Said, ...]] = {}
        self.unknown: Sequence[Said] = ()
        self._faults: list[Fault] = []

    def hears(self, audio: Path, said: Sequence[Said]) -> None:
        self._known[hashlib.sha256(audio.read_bytes()).hexdigest()] = tuple(said)

    def fail(self, fault: Fault, times: int = 1) -> None:
        self._faults += [fault] * times

    async def _transcribe(self, request: Request) -> Response:
        form = await request.form()
        upload = form["file"]
        assert isinstance(upload, UploadFile)
        digest = hashlib.sha256(await upload.read()).hexdigest()
        self.calls.append(Call(_fields(form), upload.filename, digest, request.headers.get("authorization", "")))
        if self._faults:
            return await _failed(self._faults.pop(0))
        model, shape = str(form["model"]), str(form.get("response_format", "json"))
        if shape not in FORMATS.get(model, TEXT_ONLY):
            return JSONResponse(error(f"response_format '{shape}' is not compatible with model '{model}'"), 400)
        grains = form.getlist("timestamp_granularities[]")
        await asyncio.sleep(self._latency)
        return JSONResponse(self._answer(model, shape, self._known.get(digest, self.unknown), "word" in grains))

    def _answer(self, model: str, shape: str, said: Sequence[Said], words: bool) -> dict[str, Any]:
        answer: dict[str, Any] = {"text": " ".join(s.text for s in said)}
        if model == "gpt-transcribe":
            answer["languages"] = [{"code": "en"}] if said else []
        if shape == "verbose_json":
            answer |= {"task": "transcribe", "language": "english", "duration": 1.0, "segments": _segments(said)}
            answer |= {"words": [w for s in said for w in _words(s)]} if words else {}
        if shape == "diarized_json":
            rows = [{"type": "transcript.text.segment", "id": f"seg_{n}"} | _row(s) for n, s in enumerate(said)]
            answer |= {"task": "transcribe", "duration": 1.0, "segments": rows}
        return answer


async def _failed(fault: Fault) -> Response:
    await run_in_threadpool(time.sleep, fault.delay)
    body = json.dumps(fault.body) if isinstance(fault.body, dict) else fault.body
    return Response(body, fault.status, fault.headers, fault.media_type)


def _fields(form: FormData) -> dict[str, list[str]]:
    return {name: [str(v) for v in form.getlist(name)] for name in form if name != "file"}


def _row(said: Said) -> dict[str, Any]:
    return {"start": said.start, "end": said.end, "text": " " + said.text, "speaker": said.speaker}


def _segments(said: Sequence[Said]) -> list[dict[str, Any]]:
    numbers = {"seek": 0, "tokens": [], "temperature": 0.0, "compression_ratio": 1.2}
    sure = {"avg_logprob": -0.105, "no_speech_prob": 0.02}
    return [
        {"id": n, "start": s.start, "end": s.end, "text": " " + s.text} | numbers | sure for n, s in enumerate(said)
    ]


def _words(said: Said) -> list[dict[str, Any]]:
    words = said.text.split()
    step = (said.end - said.start) / max(1, len(words))
    return [
        {"word": w.strip(".,"), "start": said.start + n * step, "end": said.start + (n + 1) * step}
        for n, w in enumerate(words)
    ]
