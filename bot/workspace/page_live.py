"""Live updates for the page: one WebSocket per person, `/page/live?as=U…`, with what that person may see."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.workspace.description import Json, Person
from bot.workspace.driver import Driver
from bot.workspace.page_api import channel_view, person_view
from bot.workspace.team import Change

# Changes that one person alone sees, and what the page calls them.
OWN = {"view": "view", "view_closed": "view_closed", "view_errors": "view_errors", "home": "home"}
PRIVATE = {"ephemeral": "ephemeral", "ephemeral_deleted": "ephemeral_deleted"}
SHARED = {
    "message": "message",
    "message_changed": "changed",
    "status": "status",
    "prompts": "prompts",
    "stream_changed": "changed",
    "session": "session",
}
# Changes that only the app hears of.
UNSEEN = ("app_home_opened", "app_context_changed", "agent_session_stopped", "file_shared")


@dataclass(frozen=True, eq=False)
class Viewer:
    """One open page."""

    person: Person
    frames: "asyncio.Queue[str]"


class PageLive:
    """Listens to the team and tells every open page."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._team = driver.site.team
        self._viewers: set[Viewer] = set()
        self._team.subscribers.append(self._changed)
        driver.interactions.courier.watchers.append(self._app_connected)

    def routes(self) -> list[WebSocketRoute]:
        return [WebSocketRoute("/page/live", self._connected)]

    async def _connected(self, socket: WebSocket) -> None:
        self._loop = asyncio.get_running_loop()
        person = self._team.people.get(socket.query_params.get("as", ""))
        if person is None or person.is_bot:
            await socket.close(4404)
            return
        await socket.accept()
        viewer = Viewer(person, asyncio.Queue())
        self._viewers.add(viewer)
        viewer.frames.put_nowait(json.dumps({"type": "hello", "as": person.id}))
        writing = asyncio.create_task(self._write(socket, viewer))
        try:
            while True:
                await socket.receive_text()
        except WebSocketDisconnect:
            pass
        finally:
            self._viewers.discard(viewer)
            writing.cancel()

    async def _write(self, socket: WebSocket, viewer: Viewer) -> None:
        try:
            while True:
                await socket.send_text(await viewer.frames.get())
        except (WebSocketDisconnect, RuntimeError):
            return  # the page is gone; the reader has noticed or will

    def _changed(self, change: Change) -> None:
        for viewer in list(self._viewers):
            for frame in self._frames(change, viewer.person):
                self._loop.call_soon_threadsafe(viewer.frames.put_nowait, json.dumps(frame))

    def _app_connected(self, sockets: int) -> None:
        """The page says so when nobody is there to answer; called inside the loop."""
        for viewer in self._viewers:
            viewer.frames.put_nowait(json.dumps({"type": "app", "connected": sockets}))

    def _frames(self, change: Change, me: Person) -> Iterator[Json]:
        data = change.data
        if change.kind in OWN:
            if data["user"] == me.id:
                yield {"type": OWN[change.kind]} | data
            return
        place = self._team.channels.get(change.channel or "")
        if place is None:
            if change.kind in ("user_changed", "user_joined"):
                about = person_view(self._team, self._team.people[data["user"]])
                yield {"type": "person", "person": about}
            return
        if (
            change.kind == "member_left_channel"
            and data["user"] == me.id
            and not self._team.sees(me.id, place)
        ):
            yield {"type": "channel_gone", "channel": place.id}
        if not self._team.sees(me.id, place):
            return
        if change.kind in PRIVATE:
            if data["user"] == me.id:
                yield {"type": PRIVATE[change.kind], "channel": place.id} | data
        elif change.kind == "message_deleted":
            yield from self._deleted(place.id, data["message"])
        elif change.kind in SHARED:
            yield {"type": SHARED[change.kind], "channel": place.id} | data
            if change.kind == "message":
                yield from self._root(place.id, data["message"])
        elif change.kind.startswith("reaction_") or change.kind == "files_changed":
            yield {"type": "changed", "channel": place.id, "message": data["message"]}
        elif change.kind not in UNSEEN:
            yield {"type": "channel", "channel": channel_view(self._driver, place, me)}

    def _deleted(self, channel: str, message: Json) -> Iterator[Json]:
        yield {
            "type": "deleted",
            "channel": channel,
            "ts": message["ts"],
            "thread_ts": message.get("thread_ts"),
        }
        yield from self._root(channel, message)
        left = self._team.messages[channel].get(message["ts"])
        if left is not None:
            yield {"type": "changed", "channel": channel, "message": left}

    def _root(self, channel: str, reply: Json) -> Iterator[Json]:
        """A thread's root too, whose counts have changed with a reply."""
        root = self._team.messages[channel].get(reply.get("thread_ts", ""))
        if root is not None and root["ts"] != reply["ts"]:
            yield {"type": "changed", "channel": channel, "message": root}
