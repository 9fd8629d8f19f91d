"""An app in Slack's agent view: what people look at, the prompts it suggests, and its two tabs.

https://docs.slack.dev/ai/migrating-to-agent-messaging and
https://docs.slack.dev/reference/events/app_context_changed. An entity is `{type, value, team_id}`; the most
relevant comes first. *Assumed*: a message comes before the channel that it is in; the app hears of what a
person looks at from the moment they have opened it; looking at the app's own conversation changes nothing;
`app_home_opened` carries `context`, and a direct message `app_context`, as the app would have heard of it by
the event.
"""

from bot.workspace.description import Channel, Json, Person
from bot.workspace.site import Site
from bot.workspace.team import NotThere, Team

CHANNEL = "slack#/types/channel_id"
MESSAGE = "slack#/types/message_context"


def entities(team: Team, place: Channel, ts: str) -> list[Json]:
    """What is told of somebody who has this place open, or (`ts`) this message of it."""
    found: list[Json] = [{"type": CHANNEL, "value": place.id, "team_id": team.id}]
    if ts:
        value = {"channel_id": place.id, "message_ts": ts}
        found.insert(0, {"type": MESSAGE, "value": value, "team_id": team.id})
    return found


def context(team: Team, user: str) -> Json:
    """What this person looks at: `{entities}`, or `{}` when nothing is known."""
    seen = team.looking.get(user)
    return {"entities": seen} if seen else {}


def own_dm(team: Team, user: str) -> Channel | None:
    """The conversation of a person with the app, if it was ever opened."""
    wanted = sorted((team.app.user_id, user))
    for place in team.channels.values():
        if place.kind == "im" and sorted(place.people) == wanted:
            return place
    return None


class AgentDriver:
    """People's hands and eyes where the app is an agent; part of `Driver`."""

    site: Site

    def _person(self, name: str) -> Person:
        return self.site.team.person(name)

    def look_at(self, user: str, channel: str | None, ts: str = "") -> None:
        """Have a channel open, or with `ts` a message or thread of it; None: nothing that is told of.

        Raises NotThere when the person does not see the channel.
        """
        team = self.site.team
        with team.lock:
            person = self._person(user)
            place = None if channel is None else team.channel(channel)
            if place is not None and not team.sees(person.id, place):
                raise NotThere(f"{person.name} does not see {place.name}")
            if place is not None and place.kind == "im" and team.app.user_id in place.people:
                return
            seen = [] if place is None else entities(team, place, ts)
            if team.looking.get(person.id, []) == seen:
                return
            team.looking[person.id] = seen
            home = own_dm(team, person.id)
            if home is not None and team.app.agent_view:
                told = context(team, person.id)
                team.announce("app_context_changed", home.id, user=person.id, context=told)

    def open_home(self, user: str, tab: str = "home") -> None:
        """Look at the app: its Home, or with `tab="messages"` its DM.

        https://docs.slack.dev/reference/events/app_home_opened
        """
        team = self.site.team
        with team.lock:
            person = self._person(user)
            place = team.dm(team.app.user_id, person.id)
            data: Json = {"user": person.id, "tab": tab}
            if tab == "home" and person.id in team.homes:
                data["view"] = team.homes[person.id].body
            if team.app.agent_view:
                data["context"] = context(team, person.id)
            team.announce("app_home_opened", place.id, **data)

    def home(self, user: str) -> Json | None:
        """The App Home that was published for this person."""
        with self.site.team.lock:
            view = self.site.team.homes.get(self._person(user).id)
            return dict(view.body) if view else None

    def prompts(self, user: str, thread_ts: str = "") -> list[Json]:
        """What the app suggests to say in its DM with this person (or in a thread of it)."""
        team = self.site.team
        with team.lock:
            place = own_dm(team, self._person(user).id)
            shown = team.prompts.get((place.id, thread_ts)) if place else None
            return list(shown["prompts"]) if shown else []
