"""Webhooks of sources over HTTP: a good one asks for a sync and is answered at once, all others alike."""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from sqlalchemy import Connection
from starlette.responses import PlainTextResponse, Response

from bot.gate import Refused
from bot.hook_gate import MOST_BYTES, Handshake, NotProved, Proved, handshake, judge
from bot.http_body import Refusals, body_of
from bot.http_server import HttpServer, Limits
from bot.journal import hooks, replays
from bot.journal.replays import Seen
from bot.journal.writer import JournalWriter, NotCommitted
from bot.readiness import PATH as READINESS_PATH
from bot.readiness import Readiness
from bot.source_settings import SourceSettings, Webhook
from bot.sources_now import Now
from knowledge.errors import LoreError
from knowledge.ports import Clock

PATH = "/hooks/"
MOST_AT_ONCE = 8
LOOK_AGAIN_S = 5.0
KEEP_S = 24 * 3600.0
SENDS_A_TOKEN = "notion"  # noqa: S105 - the kind of source whose webhooks begin with a handshake
_NOBODY = Webhook("", "")

log = logging.getLogger(__name__)


class Hooks:
    """Answers what is posted to `/hooks/SOURCE`, once it was `join`ed to a journal and sources.

    Without a valid proof the answer is 404 without a word, whether there is such a source or not. Nothing
    of a body is logged, and nothing of it is kept but a digest and the token of a handshake.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._writer: JournalWriter | None = None
        self._sources: Now | None = None
        self._pool = ThreadPoolExecutor(MOST_AT_ONCE, "webhooks")
        self._at_once = 0
        self._known: dict[str, SourceSettings] = {}
        self._looked_at = float("-inf")
        self._refusals = Refusals()

    def join(self, writer: JournalWriter, sources: Now) -> None:
        """Take webhooks from now on."""
        self._writer, self._sources = writer, sources

    def stop(self) -> None:
        """Take nothing more."""
        self._writer = None
        self._pool.shutdown(wait=False)

    async def answer(self, scope: Any, receive: Any) -> Response:
        """The response to a request whose path begins with PATH."""
        if scope["method"] != "POST":
            return self._refuse("another method")
        if self._writer is None or self._at_once >= MOST_AT_ONCE:
            return Response(status_code=503)
        self._at_once += 1
        try:
            body = await body_of(receive, MOST_BYTES)
            if isinstance(body, Refused):
                return Response(status_code=body.status)
            name = scope["path"].removeprefix(PATH)
            judging = partial(self._judge, name, scope["headers"], body)
            return await asyncio.get_running_loop().run_in_executor(self._pool, judging)
        finally:
            self._at_once -= 1

    def _judge(self, name: str, headers: list[tuple[bytes, bytes]], body: bytes) -> Response:
        one = self._source(name)
        webhook = (one.webhook if one is not None else None) or _NOBODY
        outcome: Proved | NotProved | Handshake = judge(headers, body, webhook.secret, self._clock())
        if isinstance(outcome, NotProved) and one is not None and _awaits_token(one, webhook):
            outcome = handshake(body) or outcome
        match outcome:
            case NotProved(why):
                return self._refuse(why)
            case Handshake(token):
                return self._commit(
                    lambda connection, now: hooks.keep_token(connection, name, token, now), 200
                )
            case Proved(ping=True):
                return Response(status_code=202)
            case Proved(key):
                return self._commit(lambda connection, now: _want_once(connection, name, key, now), 202)

    def _commit(self, change: Callable[[Connection, float], None], status: int) -> Response:
        writer, now = self._writer, self._clock().timestamp()
        if writer is None:
            return Response(status_code=503)
        try:
            writer.write(lambda connection: change(connection, now))
        except NotCommitted:
            return Response(status_code=503)
        return Response(status_code=status)

    def _source(self, name: str) -> SourceSettings | None:
        """Settings are read once in some seconds: whoever asks often costs nothing."""
        if self._sources is not None and time.monotonic() - self._looked_at > LOOK_AGAIN_S:
            self._looked_at = time.monotonic()
            try:
                self._known = {one.name: one for one in self._sources()}
            except LoreError as error:
                log.error("webhooks go by the settings of before: %s", error)
        return self._known.get(name)

    def _refuse(self, why: str) -> Response:
        self._refusals.note(Refused(404, f"a webhook: {why}"))
        return Response(status_code=404)


class HookServer:
    """For Socket Mode, where nothing else is served: webhooks, whether the process lives, and whether it is
    ready."""

    def __init__(
        self, listener: Any, hooks: Hooks, readiness: Readiness, limits: Limits | None = None
    ) -> None:
        self._hooks = hooks
        self._readiness = readiness
        self._server = HttpServer(self, listener, limits)

    @property
    def port(self) -> int:
        return self._server.port

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._hooks.stop()
        self._readiness.stop()
        self._server.stop()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"].startswith(PATH):
            response = await self._hooks.answer(scope, receive)
        elif scope["path"] == "/healthz" and scope["method"] in ("GET", "HEAD"):
            response = PlainTextResponse("alive\n")
        elif scope["path"] == READINESS_PATH and scope["method"] in ("GET", "HEAD"):
            response = await self._readiness.answer()
        else:
            response = Response(status_code=404)
        await response(scope, receive, send)


def _awaits_token(one: SourceSettings, webhook: Webhook) -> bool:
    """Whether its webhook is being set up: its secret is what the first request will bring."""
    return one.source.kind == SENDS_A_TOKEN and bool(webhook.variable) and not webhook.secret


def _want_once(connection: Connection, source: str, key: str, now: float) -> None:
    """Ask for a sync, unless the very same was sent before."""
    replays.sweep(connection, now - KEEP_S)
    if key:
        signature = f"hook:{source[:80]}:{key}"[:200]
        if replays.take(connection, signature, (), now) is not Seen.NEW:
            return
        replays.settle(connection, (signature,), now)
    hooks.want(connection, source, now)
