"""What tests and the page do as people: say, edit, click, submit; and look at what people would see.

People, channels and groups are named by name or id. Every method may be called from any thread; those that
wait for the app (`slash`, `click`, `submit_view`) return what Slack would show, at the latest after the three
seconds that Slack waits.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from bot.workspace import ids, interactions, membership, messages, own_commands
from bot.workspace.agent import AgentDriver
from bot.workspace.description import Channel, Json, Person
from bot.workspace.events import EventSource
from bot.workspace.hands import HandsDriver
from bot.workspace.interactions import Interactions, Shown
from bot.workspace.people_driver import PeopleDriver
from bot.workspace.site import Site
from bot.workspace.stream_driver import StreamDriver
from bot.workspace.team import NotThere, View

Seen = TypeVar("Seen")


class Driver(AgentDriver, HandsDriver, PeopleDriver, StreamDriver):
    """People's hands and eyes in a workspace."""

    site: Site
    interactions: Interactions
    events: EventSource

    @property
    def connected(self) -> int:
        """How many connections the app has."""
        raise NotImplementedError

    def person(self, name: str) -> Person:
        return self.site.team.person(name)

    def channel(self, name: str) -> Channel:
        """By name or id; a DM by `self.dm`."""
        return self.site.team.channel(name)

    def dm(self, *people: str) -> str:
        """The id of the DM between the app and these people."""
        team = self.site.team
        with team.lock:
            return team.dm(team.app.user_id, *(self.person(name).id for name in people)).id

    def say(self, user: str, channel: str, text: str, thread_ts: str | None = None, **more: Any) -> str:
        """Post as a person (or another app's bot); the message's ts. `more` is merged into the message."""
        team = self.site.team
        with team.lock:
            person, place = self.person(user), self.channel(channel)
            if person.id not in place.people:
                raise NotThere(f"{person.name} is not in {place.name}")
            body = messages.by_person(team, person.id, text) | more
            return str(messages.post(team, place, body, thread_ts)["ts"])

    def edit(self, user: str, channel: str, ts: str, text: str) -> None:
        """Change a message's text, as its author does."""
        team = self.site.team
        with team.lock:
            person, place = self.person(user), self.channel(channel)
            body = messages.by_person(team, person.id, text)
            fields = {"text": body["text"], "blocks": body.get("blocks")}
            messages.change(team, place, ts, fields, by=person.id)

    def delete(self, channel: str, ts: str) -> None:
        """Delete a message, as its author or an admin does."""
        with self.site.team.lock:
            messages.delete(self.site.team, self.channel(channel), ts)

    def react(self, user: str, channel: str, ts: str, name: str) -> None:
        team = self.site.team
        with team.lock:
            place = self.channel(channel)
            message = messages.find(team, place.id, ts)
            messages.react(team, place, message, name, self.person(user).id)

    def unreact(self, user: str, channel: str, ts: str, name: str) -> None:
        """Take a reaction back."""
        team = self.site.team
        with team.lock:
            place = self.channel(channel)
            message = messages.find(team, place.id, ts)
            messages.unreact(team, place, message, name, self.person(user).id)

    def slash(self, user: str, channel: str, command: str, text: str = "") -> Shown:
        return self.slash_soon(user, channel, command, text).result()

    def slash_soon(self, user: str, channel: str, command: str, text: str = "") -> "Future[Shown]":
        """`slash` that does not wait."""
        team = self.site.team
        with team.lock:
            person, place = self.person(user), self.channel(channel)
            if not own_commands.is_own(command):
                return self.interactions.slash(person.id, place, command, text)
            problem = own_commands.run(team, person.id, place, command, text)
            done: Future[Shown] = Future()
            done.set_result(Shown(problem is None, problem))
            return done

    def click(
        self,
        user: str,
        channel: str,
        ts: str,
        action_id: str,
        value: Any = None,
        block_id: str | None = None,
    ) -> Shown:
        """Use a button, or choose `value` in a menu, of a message or of an ephemeral that this person sees.

        For buttons, `value` picks one among several with the same action_id. Raises NotThere.
        """
        return self.click_soon(user, channel, ts, action_id, value, block_id).result()

    def click_soon(
        self,
        user: str,
        channel: str,
        ts: str,
        action_id: str,
        value: Any = None,
        block_id: str | None = None,
    ) -> "Future[Shown]":
        """`click` that does not wait."""
        team = self.site.team
        with team.lock:
            person, place = self.person(user), self.channel(channel)
            if not team.sees(person.id, place):
                raise NotThere(f"{person.name} does not see {place.name}")
            message = self._clickable(person.id, place, ts)
            wanted = value if isinstance(value, str) else None
            element, block = interactions.locate(message.get("blocks", []), action_id, wanted, block_id)
            only = element.get("visible_to_user_ids")
            if only and person.id not in only:
                raise NotThere(f"{person.name} does not see {action_id!r}")
            return self.interactions.click(person.id, place, message, element, block, value)

    def _clickable(self, user: str, place: Channel, ts: str) -> Json:
        for each in self.site.team.ephemerals:
            if (each.channel, each.user, each.message["ts"]) == (place.id, user, ts):
                return each.message
        return messages.find(self.site.team, place.id, ts)

    def click_in_view(
        self,
        user: str,
        view_id: str,
        action_id: str,
        value: Any = None,
        block_id: str | None = None,
        typed: Json | None = None,
    ) -> Shown:
        """Use an element of an open modal or of the App Home; `typed` maps block_id to what stands in its
        other inputs."""
        return self.click_in_view_soon(user, view_id, action_id, value, block_id, typed).result()

    def click_in_view_soon(
        self,
        user: str,
        view_id: str,
        action_id: str,
        value: Any = None,
        block_id: str | None = None,
        typed: Json | None = None,
    ) -> "Future[Shown]":
        """`click_in_view` that does not wait."""
        with self.site.team.lock:
            person = self.person(user)
            view = self._view(person.id, view_id)
            wanted = value if isinstance(value, str) else None
            element, block = interactions.locate(view.body["blocks"], action_id, wanted, block_id)
            return self.interactions.click_in_view(person.id, view, element, block, value, typed or {})

    def _view(self, user: str, view_id: str) -> View:
        for view in [*self.site.team.views.values(), *self.site.team.homes.values()]:
            if view.body["id"] == view_id and view.user == user and view.opened:
                return view
        raise NotThere(f"no open view {view_id}")

    def submit_view(self, user: str, view_id: str, values: Json | None = None, forged: bool = False) -> Shown:
        """Submit a modal; `values` maps action_id or block_id to what was put in, by a `forged` client also
        what is not offered."""
        return self.submit_view_soon(user, view_id, values, forged).result()

    def submit_view_soon(
        self, user: str, view_id: str, values: Json | None = None, forged: bool = False
    ) -> "Future[Shown]":
        """`submit_view` that does not wait."""
        with self.site.team.lock:
            view = self._view(self.person(user).id, view_id)
            return self.interactions.submit(view, values or {}, forged)

    def close_view(self, user: str, view_id: str, everything: bool = False) -> None:
        with self.site.team.lock:
            self.interactions.close(self._view(self.person(user).id, view_id), everything)

    def invite(self, user: str, channel: str, by: str | None = None) -> None:
        """Add a person, or the app (by its bot's name), to a channel."""
        inviter = self.person(by).id if by else None
        with self.site.team.lock:
            membership.join(self.site.team, self.channel(channel), self.person(user).id, inviter)

    def kick(self, user: str, channel: str) -> None:
        with self.site.team.lock:
            membership.leave(self.site.team, self.channel(channel), self.person(user).id)

    def add_channel(self, channel: Channel) -> Channel:
        with self.site.team.lock:
            return self.site.team.add_channel(channel)

    def rename_channel(self, channel: str, name: str) -> None:
        with self.site.team.lock:
            membership.rename(self.site.team, self.channel(channel), name)

    def delete_channel(self, channel: str) -> None:
        with self.site.team.lock:
            membership.delete(self.site.team, self.channel(channel))

    def make_private(self, channel: str, private: bool = True) -> None:
        """Make a public channel private, or with `private` False the other way round."""
        with self.site.team.lock:
            membership.make_private(self.site.team, self.channel(channel), private)

    def archive(self, channel: str, archived: bool = True) -> None:
        with self.site.team.lock:
            membership.archive(self.site.team, self.channel(channel), archived)

    def restrict_posting(self, channel: str, posting: str) -> None:
        """Who may post: "everyone", in "threads" only, or "admins" alone, as a channel's settings have it."""
        with self.site.team.lock:
            self.channel(channel).posting = posting

    def share_channel(self, channel: str, shared: bool = True) -> None:
        """Share a channel with another organisation, or end that."""
        with self.site.team.lock:
            membership.share(self.site.team, self.channel(channel), shared, ids.stable("T", "elsewhere"))

    def set_group(self, group: str, members: list[str]) -> None:
        """Give a user group other members."""
        with self.site.team.lock:
            people = [self.person(each).id for each in members]
            membership.set_group(self.site.team, self.site.team.group(group), people)

    def messages(self, channel: str, thread_ts: str | None = None) -> list[Json]:
        """The channel's main view, or a thread with its root; oldest first."""
        team = self.site.team
        with team.lock:
            place = self.channel(channel)
            found = (
                messages.thread(team, place.id, thread_ts)
                if thread_ts
                else messages.top_level(team, place.id)
            )
            return [dict(each) for each in found]

    def said_by_app(self, channel: str, thread_ts: str | None = None) -> list[Json]:
        """What the app has said there."""
        bot_id = self.site.team.app.bot_id
        return [each for each in self.messages(channel, thread_ts) if each.get("bot_id") == bot_id]

    def ephemerals(self, user: str, channel: str) -> list[Json]:
        """What only this person sees in a channel; oldest first."""
        team = self.site.team
        with team.lock:
            person, place = self.person(user), self.channel(channel)
            wanted = (place.id, person.id)
            return [dict(each.message) for each in team.ephemerals if (each.channel, each.user) == wanted]

    def views_open(self, user: str) -> list[Json]:
        """This person's modals, the one on top last."""
        team = self.site.team
        with team.lock:
            stack = team.stacks.get(self.person(user).id, [])
            return [dict(team.views[each].body) for each in stack]

    def status(self, channel: str, thread_ts: str) -> str:
        """The assistant status shown in a thread; "" when there is none."""
        team = self.site.team
        with team.lock:
            shown = team.statuses.get((self.channel(channel).id, thread_ts))
            return str(shown["status"]) if shown and team.clock() - shown["at"] < 120 else ""

    def wait_for(self, look: Callable[[], Seen], timeout: float = 60.0) -> Seen:
        """Look again whenever something happens, until what is seen is true. Raises TimeoutError."""
        ends = time.monotonic() + timeout
        with self.site.team.changed:
            while True:
                seen = look()
                if seen:
                    return seen
                left = ends - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"not seen within {timeout} s: {getattr(look, '__name__', look)}")
                self.site.team.changed.wait(min(left, 0.25))

    def tell_app(self, event: Json, channel: str | None = None, team_id: str | None = None) -> Json:
        """Send the app any event, well-formed or not, of this team or another; gives back the payload."""
        with self.site.team.lock:
            return self.events.send(event, self.channel(channel) if channel else None, team_id)
