"""What people do with messages beside talking: attach files, delete them, use the app's message shortcuts."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from bot.workspace import files, messages
from bot.workspace.interactions import Interactions, Shown
from bot.workspace.site import Site
from bot.workspace.team import File, NotThere

Attached = tuple[str, bytes] | File
"""A name with its bytes, or a file that `new_file` made."""


class HandsDriver:
    """Part of `Driver`."""

    site: Site
    interactions: Interactions

    def new_file(self, user: str, name: str, data: bytes, mimetype: str = "", **about: Any) -> File:
        """A file that is not shared yet; `about` may set `mode` and a `size` that is a lie."""
        with self.site.team.lock:
            return files.add(self.site, self.site.team.person(user).id, name, data, mimetype, **about)

    def attach(
        self,
        user: str,
        channel: str,
        text: str,
        attached: Sequence[Attached],
        thread_ts: str | None = None,
    ) -> str:
        """Post a message with files, as a person; the message's ts. Raises NotThere."""
        team = self.site.team
        with team.lock:
            person, place = team.person(user), team.channel(channel)
            if person.id not in place.people:
                raise NotThere(f"{person.name} is not in {place.name}")
            made = [
                one if isinstance(one, File) else files.add(self.site, person.id, one[0], one[1])
                for one in attached
            ]
            body = messages.by_person(team, person.id, text)
            return str(files.share(self.site, place, body, made, thread_ts)["ts"])

    def delete_file(self, file_id: str) -> None:
        """Delete a file, as its owner does."""
        with self.site.team.lock:
            file = self.site.team.files.get(file_id)
            if file is None:
                raise NotThere(f"no file {file_id}")
            files.delete(self.site.team, file)

    def shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> Shown:
        """Use one of the app's shortcuts on a message."""
        return self.shortcut_soon(user, channel, ts, callback_id).result()

    def shortcut_soon(self, user: str, channel: str, ts: str, callback_id: str) -> "Future[Shown]":
        """`shortcut` that does not wait. Raises NotThere."""
        team = self.site.team
        with team.lock:
            person, place = team.person(user), team.channel(channel)
            if not team.sees(person.id, place):
                raise NotThere(f"{person.name} does not see {place.name}")
            message = messages.find(team, place.id, ts)
            return self.interactions.shortcut(person.id, place, message, callback_id)
