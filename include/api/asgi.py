"""What the plugin mounts. Every task's process imports plugins: the application itself is made at its first request."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class FrontDoor:
    """An ASGI application that isn't there yet."""

    def __init__(self) -> None:
        self._app: Any = None
        self._making: asyncio.Lock | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:
            await self._made()
        await self._app(scope, receive, send)

    async def _made(self) -> None:
        """In a thread: it takes a second, and Airflow's own pages go on meanwhile."""
        self._making = self._making or asyncio.Lock()
        async with self._making:
            if self._app is None:
                self._app = await asyncio.to_thread(_make)


def _make() -> Any:
    from include.api.app import create_app
    from include.api.services import services_of_airflow

    return create_app(services_of_airflow())
