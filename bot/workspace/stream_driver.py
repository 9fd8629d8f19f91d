"""What people do with an app that streams: watch it grow, stop it."""

from bot.workspace import sessions, streams
from bot.workspace.description import Channel, Json, Person
from bot.workspace.site import Site


class StreamDriver:
    """The part of the driver that is about streams and agent sessions."""

    site: Site

    def person(self, name: str) -> Person:
        return self.site.team.person(name)

    def channel(self, name: str) -> Channel:
        """By name or id."""
        return self.site.team.channel(name)

    def stop_agent(self, user: str, channel: str, thread_ts: str) -> None:
        """Click the stop button of a thread in which the app is at work. Raises NotThere."""
        with self.site.team.lock:
            sessions.stop(self.site.team, self.person(user).id, self.channel(channel).id, thread_ts)

    def session(self, channel: str, thread_ts: str) -> Json:
        """A thread's agent session (`status`, `title`), empty when there is none."""
        with self.site.team.lock:
            return dict(self.site.team.sessions.get((self.channel(channel).id, thread_ts), {}))

    def sessions(self, channel: str) -> Json:
        """All sessions of a channel by thread, as the page knows them: whether they can be stopped, too."""
        team = self.site.team
        with team.lock:
            return {
                thread_ts: session | {"stoppable": sessions.stoppable(team, session)}
                for (place, thread_ts), session in team.sessions.items()
                if place == self.channel(channel).id
            }

    def streaming(self, channel: str) -> list[Json]:
        """The messages of a channel that are open streams."""
        with self.site.team.lock:
            stored = self.site.team.messages[self.channel(channel).id].values()
            return [dict(each) for each in stored if each.get("streaming_state") == "in_progress"]

    def expire_streams(self, after: float = 0.0) -> None:
        """End the streams that began `after` seconds ago or earlier, as Slack does after some minutes."""
        with self.site.team.lock:
            streams.expire(self.site.team, after)
