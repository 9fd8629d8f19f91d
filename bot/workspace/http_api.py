"""The Web API and response_urls over HTTP, with the faults that are laid.

Arguments come as a form, as JSON or in the query (https://docs.slack.dev/apis/web-api#basics); the token in
the Authorization header or as an argument.
"""

import asyncio
import base64
import contextlib
import json
import socket as sockets
import struct
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.workspace import (
    methods_app,
    methods_chat,
    methods_conversations,
    methods_files,
    methods_people,
    methods_streams,
    methods_views,
    response_urls,
    rotating,
    scheduled,
    sessions,
    web_api,
)
from bot.workspace.description import Json
from bot.workspace.faults import CutReply, Drop, Fault, Reply, Wait
from bot.workspace.ledger import ApiCall
from bot.workspace.site import Refused, Site
from bot.workspace.web_api import Answer, Method

METHODS: Mapping[str, Method] = (
    methods_app.METHODS
    | methods_chat.METHODS
    | methods_streams.METHODS
    | sessions.METHODS
    | methods_conversations.METHODS
    | methods_files.METHODS
    | scheduled.METHODS
    | methods_people.METHODS
    | methods_views.METHODS
    | rotating.METHODS
)


class NoReply(Response):
    """The connection was ended by a fault; nothing may be written any more."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Write nothing. The server finds the connection closed."""


class HttpApi:
    """Routes for `/api/METHOD` and `/response/…`."""

    def __init__(self, site: Site, stopping: asyncio.Event) -> None:
        self._site = site
        self._stopping = stopping

    def routes(self) -> list[Route]:
        return [
            Route("/api/{method}", self._call, methods=["GET", "POST"]),
            Route("/response/{key:path}", self._respond, methods=["POST"]),
        ]

    async def _call(self, request: Request) -> Response:
        method = request.path_params["method"]
        try:
            args, token = await _arguments(request)
        except Refused as refused:
            return _json(Answer(200, {"ok": False, "error": refused.error}, {}))
        return await self._with_faults(
            request, method, args, lambda: web_api.answer(self._site, METHODS, method, args, token)
        )

    async def _respond(self, request: Request) -> Response:
        key = request.path_params["key"]
        try:
            body = json.loads(await request.body())
        except ValueError:
            return PlainTextResponse("invalid_payload", 400)
        if not isinstance(body, dict):
            return PlainTextResponse("invalid_payload", 400)
        return await self._with_faults(
            request, "response_url", body, lambda: response_urls.answer(self._site, key, body)
        )

    async def _with_faults(self, request: Request, method: str, args: Json, act: Any) -> Response:
        fault = self._site.faults.take(method, args)
        if fault is None:
            return _json(self._note(method, args, act(), None))
        if isinstance(fault.act, Wait):
            return await self._late(method, args, act, fault, fault.act.seconds)
        if fault.after or isinstance(fault.act, CutReply):
            answer = self._note(method, args, act(), fault)
        else:
            answer = self._note(method, args, Answer(0, {}, {}), fault)
        match fault.act:
            case Reply(status, body, headers):
                return Response(body, status, headers)
            case Drop(reset):
                _end(request, reset)
                return NoReply()
            case CutReply():
                _cut(request, answer)
                return NoReply()

    async def _late(self, method: str, args: Json, act: Any, fault: Fault, seconds: float | None) -> Response:
        """Answer late, or never when `seconds` is None; the call takes effect before (`after`) or then."""
        answer = self._note(method, args, act(), fault) if fault.after else None
        if seconds is None and answer is None:
            self._note(method, args, Answer(0, {}, {}), fault)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        if seconds is None:
            return PlainTextResponse("stopped", 503)
        return _json(answer or self._note(method, args, act(), fault))

    def _note(self, method: str, args: Json, answer: Answer, fault: Fault | None) -> Answer:
        known = {key: value for key, value in args.items() if key != "token"}
        now = self._site.team.clock()
        self._site.ledger.note_call(
            ApiCall(
                method,
                known,
                now,
                answer.status,
                answer.body,
                answer.stored,
                fault.name if fault else None,
                dict(answer.headers),
            )
        )
        with self._site.team.lock:
            self._site.team.changed.notify_all()
        return answer


async def _arguments(request: Request) -> tuple[Json, str | None]:
    """Arguments and token. Raises Refused as https://docs.slack.dev/apis/web-api says of broken bodies."""
    args: Json = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "POST":
        if kind == "application/json":
            try:
                body = json.loads(await request.body() or b"{}")
            except ValueError:
                raise Refused("invalid_json") from None
            if not isinstance(body, dict):
                raise Refused("json_not_object")
            args |= body
        elif kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
            async with request.form() as form:
                args |= {name: value for name, value in form.items() if isinstance(value, str)}
        elif kind:
            raise Refused("invalid_post_type")
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        named, _, secret = base64.b64decode(bearer).decode("utf-8", "replace").partition(":")
        return args | {"client_id": named, "client_secret": secret}, None
    token = bearer.strip() if scheme.lower() == "bearer" else args.get("token")
    return args, str(token) if token else None


def _json(answer: Answer) -> Response:
    body = json.dumps(answer.body).encode()
    return Response(body, answer.status, answer.headers | {"content-type": "application/json; charset=utf-8"})


def _end(request: Request, reset: bool) -> None:
    transport: asyncio.Transport = request.scope["extensions"]["transport"]
    if reset:
        raw = transport.get_extra_info("socket")
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()


def _cut(request: Request, answer: Answer) -> None:
    transport: asyncio.Transport = request.scope["extensions"]["transport"]
    body = json.dumps(answer.body).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    transport.write(head.encode() + body[: len(body) // 2])
    transport.close()
