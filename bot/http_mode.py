"""Slack's requests over HTTP: through the gate, past the replays, to the very Bolt app of Socket Mode."""

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from slack_bolt import App, BoltRequest
from sqlalchemy import Connection
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.delivery import Delivery
from bot.gate import (
    WINDOW_S,
    CertificateCheck,
    Challenge,
    Letter,
    Refused,
    Request,
    SigningSecrets,
    Throttled,
    look,
    open_letter,
)
from bot.hook_mode import PATH as HOOKS_PATH
from bot.hook_mode import Hooks
from bot.http_body import Refusals, body_of
from bot.http_server import HttpServer, Limits
from bot.inbox import Checkpoint, pass_by
from bot.journal import replays
from bot.journal.replays import Seen
from bot.journal.writer import NotCommitted
from bot.manifest import EVENTS_PATH
from bot.readiness import PATH as READINESS_PATH
from bot.readiness import Readiness
from knowledge.ports import Clock

ACK_THREADS = 16
MOST_WAITING = 256
KEEP_REPLAYS_S = 3 * WINDOW_S
SWEEP_EVERY_S = 300.0

log = logging.getLogger(__name__)


class HttpMode:
    """Answers from `open` on: with health only, until `join` and `start` have brought the app.

    `hooks` answers what sources' webhooks send, `readiness` whoever looks whether questions are worked on.
    `listener` is taken over and closed.
    """

    def __init__(
        self,
        listener: socket.socket,
        secrets: SigningSecrets,
        clock: Clock,
        checkpoint: Checkpoint = pass_by,
        limits: Limits | None = None,
        threads: int = ACK_THREADS,
        most_waiting: int = MOST_WAITING,
        hooks: Hooks | None = None,
        readiness: Readiness | None = None,
    ) -> None:
        self._server = HttpServer(self, listener, limits)
        self._secrets = secrets
        self._clock = clock
        self._hooks = hooks
        self._readiness = readiness or Readiness(clock)
        self._checkpoint = checkpoint
        self._pool = ThreadPoolExecutor(threads, "acknowledging")
        self._most_waiting = most_waiting
        self._waiting = 0
        self._app: App | None = None
        self._delivery: Delivery | None = None
        self._taking = False
        self._heard_at: float | None = None
        self._sweep_at = 0.0
        self._refusals = Refusals()
        self._settling = threading.Lock()
        self._done: list[str] = []
        self._noting = False

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def connected(self) -> bool:
        """Whether requests are taken; nobody can tell from here whether Slack sends any."""
        return self._taking and self._server.serving

    @property
    def told(self) -> str:
        """What Slack has sent lately."""
        if self._heard_at is None:
            return "nothing was sent yet"
        return f"sent something {time.monotonic() - self._heard_at:.0f} s ago"

    def open(self) -> None:
        """Listen: the process can be seen to live, and is not ready."""
        self._server.start()

    def join(self, app: App, delivery: Delivery) -> "HttpMode":
        """Take the app whose listeners commit before they return, and the delivery that they commit to."""
        self._app, self._delivery = app, delivery
        return self

    def start(self) -> None:
        """Take requests in; listens now where `open` was not called."""
        if not self._server.serving:
            self._server.start()
        self._taking = True

    def stop(self) -> None:
        """Refuse what comes, so that Slack sends it again; end what is being worked on."""
        self._taking = False
        self._readiness.stop()
        if self._hooks is not None:
            self._hooks.stop()
        self._server.stop()
        self._pool.shutdown(wait=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path, method = scope["path"], scope["method"]
        if path == EVENTS_PATH and method == "POST":
            response = await self._receive(scope["headers"], receive)
        elif path == "/healthz" and method in ("GET", "HEAD"):
            response = PlainTextResponse("alive\n")
        elif path == READINESS_PATH and method in ("GET", "HEAD"):
            response = await self._readiness.answer()
        elif path.startswith(HOOKS_PATH) and self._hooks is not None:
            response = await self._hooks.answer(scope, receive)
        else:
            known = path in (EVENTS_PATH, "/healthz", READINESS_PATH)
            response = self._refuse(Refused(405 if known else 404, "another path or method"))
        await response(scope, receive, send)
        if path == EVENTS_PATH and response.status_code == 200:
            self._checkpoint("acked")

    async def _receive(self, headers: list[tuple[bytes, bytes]], receive: Any) -> Response:
        letter = look(headers, self._clock())
        if isinstance(letter, Refused):
            return self._refuse(letter)
        if not self._taking:
            return self._refuse(Refused(503, "starting or stopping"))
        body = await body_of(receive, letter.most_bytes)
        if isinstance(body, Refused):
            return self._refuse(body)
        match open_letter(letter, body, self._secrets.at(self._clock())):
            case Refused() as refused:
                return self._refuse(refused)
            case Challenge(text):
                return JSONResponse({"challenge": text})
            case CertificateCheck():
                return Response()
            case Throttled():
                log.critical("ALERT Slack holds events back: there were too many within the hour")
                return Response()
            case Request() as request:
                return await self._take(request, letter)

    async def _take(self, request: Request, letter: Letter) -> Response:
        if self._waiting >= self._most_waiting:
            return self._refuse(Refused(503, "too much at once"))
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, self._work, request, letter)
        finally:
            self._waiting -= 1

    def _work(self, request: Request, letter: Letter) -> Response:
        """Dispatch to Bolt what is new; its listeners have committed when they return."""
        assert self._app is not None, "requests are taken after `join`"
        assert self._delivery is not None, "requests are taken after `join`"
        assert letter.signature is not None, "only what is signed gets here"
        signature = f"signature:{letter.timestamp.decode()}:{letter.signature.decode()}"
        writer, now = self._delivery.writer, self._clock().timestamp()
        try:
            seen = writer.write(lambda connection: replays.take(connection, signature, request.keys, now))
        except NotCommitted:
            return Response(status_code=503)
        if seen is Seen.DONE:
            return Response()
        if seen is Seen.TAKEN:
            return Response(status_code=503)
        self._heard_at = time.monotonic()
        told = self._app.dispatch(
            BoltRequest(mode="socket_mode", body=dict(request.body), headers=_retry_headers(request))
        )
        with suppress(NotCommitted):  # it stays taken: the same request has no effect again, a new one has
            if told.status == 200:
                self._settle(signature, *request.keys)
                self._sweep(now)
            else:
                writer.write(lambda connection: replays.release(connection, signature))
        return Response(told.body, told.status, told.first_headers_without_set_cookie())

    def _settle(self, *keys: str) -> None:
        """Nobody waits for it: what was done since the last commit goes into the next one together."""
        assert self._delivery is not None, "requests are taken after `join`"
        with self._settling:
            self._done += keys
            if self._noting:
                return  # the change that is waiting takes these along
            self._noting = True
        self._delivery.writer.write_soon(self._note_done).add_done_callback(self._noted)

    def _note_done(self, connection: Connection) -> None:
        with self._settling:
            done, self._done, self._noting = self._done, [], False
        replays.settle(connection, done, self._clock().timestamp())

    def _noted(self, future: "Future[None]") -> None:
        if future.exception() is not None:
            with self._settling:
                self._noting = False  # what could not be committed stays taken, and has no effect either

    def _sweep(self, now: float) -> None:
        assert self._delivery is not None, "requests are taken after `join`"
        if now >= self._sweep_at:
            self._sweep_at = now + SWEEP_EVERY_S
            self._delivery.writer.write_soon(
                lambda connection: replays.sweep(connection, now - KEEP_REPLAYS_S)
            )

    def _refuse(self, refused: Refused) -> Response:
        self._refusals.note(refused)
        return Response(status_code=refused.status)


def _retry_headers(request: Request) -> dict[str, str | Sequence[str]] | None:
    """As Bolt's Socket Mode adapter gives them."""
    if request.retry is None:
        return None
    number, reason = request.retry
    return {"x-slack-retry-num": number, "x-slack-retry-reason": reason}
