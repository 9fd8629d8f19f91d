"""The page's files and shortcuts: attach, look at, use. See `page_api` for the rules of its calls."""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.workspace.description import Json, Person
from bot.workspace.driver import Driver
from bot.workspace.interactions import Shown

MOST_BYTES = 25_000_000
"""Of one attached file: it comes as base64 inside JSON."""


class PageFiles:
    """`post`, `me` and `place` are PageApi's: how a call is wrapped, who acts, and where."""

    def __init__(
        self,
        driver: Driver,
        post: Callable[[Callable[[Json], Awaitable[Json]]], Any],
        me: Callable[[Any], Person],
        place: Callable[[Any, Person], Any],
        refuse: Callable[[str], Exception],
    ) -> None:
        self._driver = driver
        self._post = post
        self._me = me
        self._place = place
        self._refuse = refuse

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/page/attach", self._post(self._attach), methods=["POST"]),
            Route("/page/shortcut", self._post(self._shortcut), methods=["POST"]),
            Route("/page/file", self._file),
        ]

    async def _attach(self, body: Json) -> Json:
        """Say something with `files`, a list of `{name, data}`, data in base64."""
        me = self._me(body)
        place = self._place(body, me)
        given = body.get("files")
        if not isinstance(given, list) or not given:
            raise self._refuse("no_files")
        files = [(str(each.get("name") or "file"), self._bytes(each)) for each in given]
        text = str(body.get("text") or "")
        return {"ts": self._driver.attach(me.id, place.id, text, files, body.get("thread_ts"))}

    def _bytes(self, given: Json) -> bytes:
        try:
            data = base64.b64decode(str(given.get("data") or ""), validate=True)
        except binascii.Error:
            raise self._refuse("invalid_base64") from None
        if len(data) > MOST_BYTES:
            raise self._refuse("file_too_large")
        return data

    async def _shortcut(self, body: Json) -> Json:
        me = self._me(body)
        place = self._place(body, me)
        callback_id = str(body.get("callback_id") or "")
        future = self._driver.shortcut_soon(me.id, place.id, str(body.get("ts")), callback_id)
        shown: Shown = await asyncio.wrap_future(future)
        return {"done": shown.ok, "problem": shown.error}

    async def _file(self, request: Request) -> Response:
        """A file's bytes for whoever sees a conversation that it is in; always as a download."""
        person = self._driver.site.team.people.get(request.query_params.get("as", ""))
        file = self._driver.site.team.files.get(request.query_params.get("id", ""))
        team = self._driver.site.team
        seen = person is not None and file is not None and file.mode != "tombstone"
        if not seen or not any(team.sees(person.id, team.channels[each]) for each in file.channels):  # type: ignore[union-attr]
            return PlainTextResponse("not found", 404)
        headers = {
            "content-disposition": "attachment",
            "x-content-type-options": "nosniff",
            "content-security-policy": "default-src 'none'; sandbox",
        }
        return Response(file.data, media_type="application/octet-stream", headers=headers)  # type: ignore[union-attr]
