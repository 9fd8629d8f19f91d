"""What becomes of people: they come, change, say how they are, and leave."""

from typing import Any

from bot.workspace.description import Person
from bot.workspace.site import Site


class PeopleDriver:
    """Part of `Driver`."""

    site: Site

    def add_person(self, name: str, **about: Any) -> Person:
        """Someone new, in no channel yet; `about` as in a description."""
        team = self.site.team
        with team.lock:
            person = team.add_person(Person(name, **about))
            team.announce("user_joined", user=person.id)
            return person

    def change_person(self, name: str, **fields: Any) -> None:
        """Change fields of a person: tz, is_restricted, deleted…"""
        team = self.site.team
        with team.lock:
            person = team.person(name)
            for field, value in fields.items():
                setattr(person, field, value)
            team.announce("user_changed", user=person.id)

    def set_status(self, name: str, text: str, emoji: str = "", until: float = 0) -> None:
        """Set a person's status; `until` (Unix seconds) is when it expires, 0: it stays. Empty clears it.

        https://docs.slack.dev/reference/methods/users.profile.set; the app hears a `user_change`.
        """
        self.change_person(name, status_text=text, status_emoji=emoji, status_expiration=int(until))

    def expire_statuses(self) -> list[str]:
        """Clear the statuses that have expired by the workspace's clock; the names of whose they were.

        *Assumed*: an app hears a `user_change` then, too.
        """
        team = self.site.team
        with team.lock:
            over = [one for one in team.people.values() if 0 < one.status_expiration <= team.clock()]
            for person in over:
                person.status_text, person.status_emoji, person.status_expiration = "", "", 0
                team.announce("user_changed", user=person.id)
            return [person.name for person in over]

    def deactivate(self, name: str) -> None:
        """End a person's account: the app hears a `user_change` with `deleted`.

        They are in no channel and group any more, which nobody is told (*assumed*, after
        github.com/kayac/notico/issues/6). What is posted to them is taken all the same
        (github.com/slackapi/python-slack-sdk/issues/1156); only `conversations.open` refuses.
        """
        team = self.site.team
        with team.lock:
            person = team.person(name)
            for place in team.channels.values():
                if place.kind == "channel" and person.id in place.people:
                    place.members = [one for one in place.people if one != person.id]
            for group in team.groups.values():
                group.members = [one for one in group.members if one != person.id]
            team.stacks.pop(person.id, None)
            self.change_person(name, deleted=True)
