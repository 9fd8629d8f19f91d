"""What the web page calls: it acts as one of the people, and sees what that person may see.

All paths are below `/page/`. `as` names the person by id; bodies and answers are JSON; every answer has `ok`,
and with `ok: false` an `error`. See docs/workspace.md for the whole list. There is no password: the page is
for one person on one machine, listens on loopback, and refuses other sites' requests (`guard.py`).
"""

import asyncio
import json
import mimetypes
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.workspace import membership, messages, objects, own_commands, scheduled
from bot.workspace.description import Channel, Json, Person
from bot.workspace.driver import Driver
from bot.workspace.interactions import Shown
from bot.workspace.page_files import PageFiles
from bot.workspace.team import NotThere, Team

FILES = Path(__file__).parent / "page"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)


class No(Exception):
    """What was asked for is not allowed or not there; `str(problem)` is the error's name."""


def person_view(team: Team, person: Person) -> Json:
    """How the page knows a person."""
    names = (
        "id",
        "name",
        "real_name",
        "title",
        "tz",
        "is_admin",
        "is_owner",
        "is_bot",
        "is_guest",
        "is_stranger",
        "deleted",
    )
    return {name: getattr(person, name) for name in names} | objects.status(team, person)


class PageApi:
    """Routes of the page. The driver does what people do."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._site = driver.site

    def routes(self) -> list[BaseRoute]:
        acts: dict[str, Callable[[Json], Awaitable[Json]]] = {
            "say": self._say,
            "edit": self._edit,
            "delete": self._delete,
            "react": self._react,
            "slash": self._slash,
            "click": self._click,
            "submit": self._submit,
            "close": self._close,
            "home": self._home,
            "look": self._look,
            "join": self._join,
            "leave": self._leave,
            "dm": self._dm,
            "stop": self._stop,
        }
        return [
            *(Route(f"/page/{name}", self._post(act), methods=["POST"]) for name, act in acts.items()),
            *PageFiles(self._driver, self._post, self._me, self._place, No).routes(),
            Route("/page/state", self._state),
            Route("/page/messages", self._messages),
            Route("/archives/{channel}/{message}", self._index),
            Route("/files/{path:path}", self._file),
            Route("/", self._index),
        ]

    def _post(self, act: Callable[[Json], Awaitable[Json]]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                body = json.loads(await request.body())
                if not isinstance(body, dict):
                    raise No("json_not_object")
                return JSONResponse({"ok": True} | await act(body))
            except (No, NotThere) as problem:
                return JSONResponse({"ok": False, "error": str(problem)}, 400)
            except ValueError:
                return JSONResponse({"ok": False, "error": "invalid_json"}, 400)

        return endpoint

    def _me(self, body: Any) -> Person:
        person = self._site.team.people.get(str(body.get("as") or ""))
        if person is None or person.is_bot:
            raise No("unknown_person")
        return person

    def _place(self, body: Any, me: Person) -> Channel:
        place = self._site.team.channels.get(str(body.get("channel") or ""))
        if place is None or not self._site.team.sees(me.id, place):
            raise No("channel_not_found")
        return place

    def _own(self, body: Json, me: Person, place: Channel) -> str:
        message = messages.find(self._site.team, place.id, str(body.get("ts")))
        if message.get("user") != me.id:
            raise No("not_your_message")
        return str(message["ts"])

    async def _say(self, body: Json) -> Json:
        me = self._me(body)
        place = self._place(body, me)
        text = str(body.get("text") or "")
        if not text.strip():
            raise No("no_text")
        return {"ts": self._driver.say(me.id, place.id, text, body.get("thread_ts"))}

    async def _edit(self, body: Json) -> Json:
        me = self._me(body)
        place = self._place(body, me)
        self._driver.edit(me.id, place.id, self._own(body, me, place), str(body.get("text") or ""))
        return {}

    async def _delete(self, body: Json) -> Json:
        me = self._me(body)
        place = self._place(body, me)
        self._driver.delete(place.id, self._own(body, me, place))
        return {}

    async def _react(self, body: Json) -> Json:
        """A reaction given is taken back by giving it again."""
        me = self._me(body)
        place = self._place(body, me)
        team, name = self._site.team, str(body.get("name") or "")
        with team.lock:
            message = messages.find(team, place.id, str(body.get("ts")))
            if not messages.react(team, place, message, name, me.id):
                messages.unreact(team, place, message, name, me.id)
        return {}

    async def _shown(self, shown: "Any") -> Json:
        seen: Shown = await asyncio.wrap_future(shown)
        return {"done": seen.ok, "problem": seen.error, "errors": seen.errors, "view": seen.view}

    async def _slash(self, body: Json) -> Json:
        me = self._me(body)
        place = self._place(body, me)
        command, text = str(body.get("command")), str(body.get("text") or "")
        return await self._shown(self._driver.slash_soon(me.id, place.id, command, text))

    async def _click(self, body: Json) -> Json:
        me = self._me(body)
        what = (str(body.get("action_id")), body.get("value"), body.get("block_id"))
        if body.get("view_id"):
            typed = body.get("values") or {}
            return await self._shown(
                self._driver.click_in_view_soon(me.id, str(body["view_id"]), *what, typed=typed)
            )
        place = self._place(body, me)
        return await self._shown(self._driver.click_soon(me.id, place.id, str(body.get("ts")), *what))

    async def _submit(self, body: Json) -> Json:
        me = self._me(body)
        values = body.get("values") or {}
        return await self._shown(self._driver.submit_view_soon(me.id, str(body.get("view_id")), values))

    async def _close(self, body: Json) -> Json:
        me = self._me(body)
        self._driver.close_view(me.id, str(body.get("view_id")), bool(body.get("everything")))
        return {}

    async def _home(self, body: Json) -> Json:
        me = self._me(body)
        self._driver.open_home(me.id, str(body.get("tab") or "home"))
        return {"view": self._driver.home(me.id)}

    async def _look(self, body: Json) -> Json:
        """A channel, or with `ts` a message or thread of it, is on the screen now."""
        me = self._me(body)
        place = self._place(body, me)
        self._driver.look_at(me.id, place.id, str(body.get("ts") or ""))
        return {}

    async def _join(self, body: Json) -> Json:
        me = self._me(body)
        place = self._place(body, me)
        with self._site.team.lock:
            membership.join(self._site.team, place, me.id)
        return {}

    async def _leave(self, body: Json) -> Json:
        me = self._me(body)
        place = self._place(body, me)
        with self._site.team.lock:
            membership.leave(self._site.team, place, me.id)
        return {}

    async def _dm(self, body: Json) -> Json:
        """Open the DM with `with`, a list of ids."""
        me = self._me(body)
        team = self._site.team
        with team.lock:
            others = [team.person(str(each)).id for each in body.get("with") or []]
            return {"channel": channel_view(self._driver, team.dm(me.id, *others), me)}

    async def _stop(self, body: Json) -> Json:
        """Click the stop button of an agent at work in a thread."""
        me = self._me(body)
        place = self._place(body, me)
        self._driver.stop_agent(me.id, place.id, str(body.get("thread_ts") or ""))
        return {}

    async def _state(self, request: Request) -> Response:
        """Everything but messages; without `as` only who there is."""
        team = self._site.team
        with team.lock:
            app = team.app
            body: Json = {
                "ok": True,
                "team": {"id": team.id, "name": team.name, "domain": team.domain},
                "app": {"id": app.id, "bot_id": app.bot_id, "user_id": app.user_id, "name": app.name},
                "people": [person_view(team, each) for each in team.people.values()],
                "groups": [objects.group(team, each, with_users=True) for each in team.groups.values()],
                "commands": [
                    {"command": each.command, "description": each.description, "usage_hint": each.usage_hint}
                    for each in app.commands
                ]
                + list(own_commands.OWN),
                "shortcuts": [{"callback_id": each.callback_id, "name": each.name} for each in app.shortcuts],
                "connected": self._driver.connected,
            }
            try:
                me = self._me(request.query_params)
            except No:
                return JSONResponse(body)
            seen = [each for each in team.channels.values() if team.sees(me.id, each)]
            body |= {
                "me": me.id,
                "channels": [channel_view(self._driver, each, me) for each in seen],
                "home": self._driver.home(me.id),
                "views": self._driver.views_open(me.id),
            }
        return JSONResponse(body)

    async def _messages(self, request: Request) -> Response:
        """A channel or a thread as this person sees it, ephemerals among the rest; oldest first."""
        try:
            me = self._me(request.query_params)
            place = self._place(request.query_params, me)
        except No as problem:
            return JSONResponse({"ok": False, "error": str(problem)}, 400)
        thread_ts = request.query_params.get("thread_ts")
        found = self._driver.messages(place.id, thread_ts)
        private = [
            each
            for each in self._driver.ephemerals(me.id, place.id)
            if each.get("thread_ts") == (thread_ts or None)
        ]
        statuses = {
            root: self._driver.status(place.id, root)
            for channel, root in list(self._site.team.statuses)
            if channel == place.id
        }
        both = sorted(found + private, key=lambda each: str(each["ts"]))
        prompts = self._site.team.prompts.get((place.id, thread_ts or ""))
        also = {"statuses": statuses, "sessions": self._driver.sessions(place.id), "prompts": prompts}
        return JSONResponse({"ok": True, "messages": both} | also)

    async def _index(self, _: Request) -> Response:
        return _served(FILES / "index.html")

    async def _file(self, request: Request) -> Response:
        path = (FILES / request.path_params["path"]).resolve()
        return _served(path) if path.is_relative_to(FILES.resolve()) else Response("not found", 404)


def channel_view(driver: Driver, place: Channel, me: Person) -> Json:
    """How the page knows a channel: Slack's object, as this person stands to it, with its members.

    `latest` is the newest message of someone else in its main view, for the mark of what is unread;
    `scheduled` what the app will say there, for admins of the workspace, who look after the app: Slack shows
    it to the app alone.
    """
    body = objects.channel(driver.site.team, place)
    body |= {"is_member": me.id in place.people, "members": list(place.people)}
    body["scheduled"] = scheduled.waiting_in(driver.site.team, place) if me.is_admin else []
    others = [each for each in messages.top_level(driver.site.team, place.id) if each.get("user") != me.id]
    body["latest"] = others[-1]["ts"] if others else ""
    if place.kind == "im":
        body["user"] = next((each for each in place.people if each != me.id), me.id)
    return body


def _served(path: Path) -> Response:
    if not path.is_file():
        return Response("The page is not part of this installation.", 404)
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    headers = {
        "content-security-policy": POLICY,
        "cache-control": "no-cache",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
    }
    return Response(path.read_bytes(), media_type=kind, headers=headers)
