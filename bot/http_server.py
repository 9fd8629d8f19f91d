"""A thread that serves an ASGI application, and where slow or silent clients keep neither time nor room."""

import asyncio
import functools
import logging
import resource
import socket
import threading
from dataclasses import dataclass
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_WITHIN_S = 5.0
KEEP_ALIVE_S = 75
MOST_HEAD_BYTES = 16 * 1024
MOST_CONNECTIONS = 1000
BACKLOG = 256
BEGIN_WITHIN_S = 10.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may take: seconds for a whole head, connections altogether.

    Idle connections of proxies are kept for `keep_alive_s` after an answer: longer than most proxies keep
    theirs, so that it is the proxy that closes.
    """

    head_within_s: float = HEAD_WITHIN_S
    keep_alive_s: int = KEEP_ALIVE_S
    most_connections: int = MOST_CONNECTIONS


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


class _Room:
    """Who is connected, those longest without a request first; the first gives way when it is full."""

    def __init__(self, limits: Limits) -> None:
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.limits = limits
        self._most = max(16, min(limits.most_connections, files // 2))
        self._present: dict[_Protocol, None] = {}

    def enter(self, guest: "_Protocol") -> None:
        self._present[guest] = None
        if len(self._present) <= self._most:
            return
        for other in self._present:
            if not other.is_worked_for:
                self.leave(other)
                other.transport.abort()
                return

    def again(self, guest: "_Protocol") -> None:
        """It has sent a request: the others go before it."""
        if guest in self._present:
            self._present[guest] = self._present.pop(guest)

    def leave(self, guest: "_Protocol") -> None:
        self._present.pop(guest, None)


class _Protocol(H11Protocol):
    """uvicorn's own waits for ever for a head that never comes, or comes a byte at a time."""

    def __init__(self, room: _Room, **given: Any) -> None:
        super().__init__(**given)
        self._room = room
        self._head_timer: asyncio.TimerHandle | None = None

    @property
    def _is_in_request(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def is_worked_for(self) -> bool:
        """Its request is complete and not answered yet."""
        return self._is_in_request and not self.cycle.more_body

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait_for_head()
        self._room.enter(self)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_in_request:
            self._stop_waiting()
            self._room.again(self)
        elif not self.transport.is_closing():
            self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._room.leave(self)
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self._room.limits.head_within_s, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        if not self._is_in_request:
            self.transport.abort()

    def handle_events(self) -> None:
        try:
            super().handle_events()
        except h11.LocalProtocolError:
            self.transport.abort()  # bytes that come after their connection was told to close


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets=sockets)
        self._ready.set()


class HttpServer:
    """Serves `app` on a listening socket, from `start` until `stop`."""

    def __init__(self, app: Any, listener: socket.socket, limits: Limits | None = None) -> None:
        self._listener = listener
        self.port: int = listener.getsockname()[1]
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        config = uvicorn.Config(
            app,
            http=functools.partial(_Protocol, _Room(limits or Limits())),  # type: ignore[arg-type]
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_keep_alive=(limits or Limits()).keep_alive_s,
            timeout_graceful_shutdown=3,
            h11_max_incomplete_event_size=MOST_HEAD_BYTES,
        )
        self._server = _Server(config, self._ready)
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)

    @property
    def serving(self) -> bool:
        return self._ready.is_set() and self._thread.is_alive()

    def start(self) -> None:
        """Return when requests are taken."""
        self._thread.start()
        self._ready.wait(BEGIN_WITHIN_S)

    def stop(self) -> None:
        """Take no more connections, let requests that are worked on end for three seconds."""
        self._stopping = True
        self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join()
        self._listener.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._server.serve(sockets=[self._listener]))
        except OSError as error:
            log.critical("ALERT the HTTP server ended: %s", error)
        else:
            if not self._stopping:
                log.critical("ALERT the HTTP server ended without being told to")
