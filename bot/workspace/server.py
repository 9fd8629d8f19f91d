"""The thread in which the workspace lives: one event loop with an HTTP server and a Socket Mode server.

Both listen on loopback only.
"""

import asyncio
import socket as sockets
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.workspace.guard import Guard
from bot.workspace.http_mode import HttpMode
from bot.workspace.socket_mode import SocketMode

LOOPBACK = "127.0.0.1"
Result = TypeVar("Result")


class _Protocol(HttpToolsProtocol):
    """uvicorn's protocol, which also hands the connection to the application, for faults to break."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        inner: Any = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})["transport"] = transport
            await inner(scope, receive, send)

        self.app = with_transport


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets=sockets)
        self._ready.set()


class Server:
    """Start and stop the thread, and run functions inside its loop; `meanwhile` runs there until the end."""

    def __init__(
        self,
        routes: Callable[[asyncio.Event], list[BaseRoute]],
        socket_mode: SocketMode,
        http_mode: HttpMode,
        port: int,
        meanwhile: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        self._routes = routes
        self._socket_mode = socket_mode
        self._http_mode = http_mode
        self._meanwhile = meanwhile
        self._ready = threading.Event()
        self._failed: BaseException | None = None
        self._listener = sockets.create_server((LOOPBACK, port))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, name="workspace", daemon=True)

    def start(self) -> None:
        """Return when both servers listen. Raises what kept them from it."""
        self._thread.start()
        self._ready.wait()
        if self._failed is not None:
            self._thread.join()
            raise self._failed

    def stop(self) -> None:
        """End every connection and wait for the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop_soon)
            self._thread.join()

    def _stop_soon(self) -> None:
        self._stopping.set()
        self._uvicorn.should_exit = True

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except OSError as problem:
            self._failed = problem
        finally:
            self._ready.set()
            self._listener.close()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        await self._socket_mode.start(host=LOOPBACK, port=0)
        self._socket_mode.courier.start(self._socket_mode, self._http_mode)
        config = uvicorn.Config(
            Guard(Starlette(routes=self._routes(self._stopping)), self.port),
            http=_Protocol,
            ws="websockets-sansio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        self._uvicorn = _Server(config, self._ready)
        meanwhile = asyncio.create_task(self._meanwhile())
        try:
            await self._uvicorn.serve(sockets=[self._listener])
        finally:
            meanwhile.cancel()
            self._socket_mode.courier.stop()
            await self._http_mode.stop()
            await self._socket_mode.stop()

    def wait_for(self, act: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine on the loop and wait for its result."""
        return asyncio.run_coroutine_threadsafe(act, self._loop).result()

    def inside(self, act: Callable[[], Result]) -> Result:
        """Run something on the loop and wait for its result."""

        async def run() -> Result:
            return act()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()
