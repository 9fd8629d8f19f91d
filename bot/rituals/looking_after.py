"""Who looks after a ritual and where it reports: people who leave Slack, and places that are closed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.journal import claims, deliveries, duties, occurrences, outgoing, records
from bot.journal import rituals as journal
from bot.journal.occurrences import PLANNED
from bot.journal.personal import tell_once
from bot.journal.records import Audit
from bot.journal.rituals import ACTIVE, PAUSED, Ritual
from bot.messages import Message
from bot.pressing import to_person
from bot.replies import in_markdown
from bot.rituals.room import Rituals
from bot.rituals.roster import Roster, roster_of
from prompts.words import words

LOOK_EVERY_S = 600.0
LOOKED_BACK = timedelta(days=1)
CLOSED_TO_US = frozenset({"is_archived", "not_in_channel", "channel_not_found", "no_permission"})
RESTRICTED = "restricted_action"


@dataclass(frozen=True, slots=True)
class LookingAfter:
    """A duty of the heartbeat; what it finds is told once."""

    rituals: Rituals

    def join(self, rituals: Rituals) -> None:
        rituals.duties.append(self.look)

    def look(self, now: datetime) -> None:
        with self.rituals.database.reading() as connection:
            if outgoing.rests(connection, now.timestamp()):
                return
        self._pause_what_cannot_report(now)
        with self.rituals.database.writing() as connection:
            if not duties.begin(connection, "owners of rituals", LOOK_EVERY_S, now.timestamp()):
                return
            known = journal.all_rituals(connection, ACTIVE, PAUSED)
        for ritual in known:
            self._keep_an_owner(ritual, now)
            if ritual.state == ACTIVE:
                self._tell_of_the_team(ritual, now)

    def _pause_what_cannot_report(self, now: datetime) -> None:
        """Slack has refused a message to where a ritual reports, and will refuse the next one."""
        with self.rituals.database.reading() as connection:
            refused = claims.refusals(connection, (now - LOOKED_BACK).timestamp())
            closed = {
                channel: (error, at)
                for channel, (error, at) in refused.items()
                if error in CLOSED_TO_US or error.startswith(RESTRICTED)
            }
            active = journal.all_rituals(connection, ACTIVE) if closed else ()
        for ritual in active:
            channel = (
                self.rituals.people.channel_id(ritual.settings.report) if ritual.settings.report else None
            )
            error, at = closed.get(channel or "", ("", 0.0))
            if channel is not None and error and at > ritual.changed_at:
                self._pause(ritual, channel, error, now)

    def _pause(self, ritual: Ritual, channel: str, error: str, now: datetime) -> None:
        place = self.rituals.people.name_of_place(channel)
        said = in_markdown(words("ritual_paused_itself", name=ritual.name, place=place, error=error))
        with self.rituals.database.writing() as connection:
            still = journal.ritual(connection, ritual.id)
            if still is None or still.state != ACTIVE or still.revision != ritual.revision:
                return
            journal.put(connection, replace(still, state=PAUSED, paused_until=None), now.timestamp())
            _note(connection, "pause a ritual", f"{ritual.name}: {error}", now)
            outgoing.put(connection, to_person(still.owner, said), None, now.timestamp())

    def _keep_an_owner(self, ritual: Ritual, now: datetime) -> None:
        """Who has left Slack gives way to the next co-owner; without one the workspace's admins are asked."""
        people = self.rituals.people
        owner = people.person(ritual.owner)
        if owner is None or not owner.deleted:
            return
        heirs = [one for one in ritual.co_owners if people.is_full_member(one)]
        name = "ritual_owner_new" if heirs else "ritual_orphan"
        told = heirs[:1] or sorted(people.admins())
        said = in_markdown(words(name, name=ritual.name, before=owner.name))
        messages = [message for one in told for message in to_person(one, said)]
        with self.rituals.database.writing() as connection:
            still = journal.ritual(connection, ritual.id)
            if still is None or (still.owner, still.co_owners) != (ritual.owner, ritual.co_owners):
                return
            if heirs:
                rest = tuple(one for one in still.co_owners if one != heirs[0])
                journal.put(connection, replace(still, owner=heirs[0], co_owners=rest), now.timestamp())
                _note(connection, "inherit a ritual", f"{ritual.name}: {heirs[0]}", now)
            elif not told or not tell_once(connection, f"orphan {ritual.id} {ritual.owner}", now.timestamp()):
                return
            outgoing.put(connection, messages, None, now.timestamp())

    def _tell_of_the_team(self, ritual: Ritual, now: datetime) -> None:
        """The owner hears once of members who have left Slack, and of a team that cannot be seen."""
        people = self.rituals.people
        roster = roster_of(people, ritual.settings.team)
        gone = {*roster.gone, *self._left(ritual, roster)}
        names = {one: people.name_of(one) for one in gone}
        with self.rituals.database.writing() as connection:
            at, told = (
                now.timestamp(),
                [one for one in sorted(gone) if _is_news(connection, ritual, one, now)],
            )
            seen = people.person(ritual.owner) is not None  # else it is Slack that is away
            unknown = [one for one in roster.unknown if seen and _is_news(connection, ritual, one, now)]
            said: list[Message] = []
            if told:
                who = ", ".join(names[one] for one in told)
                said += _to_owner(ritual, words("ritual_gone", people=who, name=ritual.name))
            if unknown:
                team = ", ".join(unknown)
                said += _to_owner(ritual, words("ritual_unknown", team=team, name=ritual.name))
            outgoing.put(connection, said, None, at)

    def _left(self, ritual: Ritual, roster: Roster) -> Sequence[str]:
        """Those whom the newest occurrence was for, and who are deactivated."""
        with self.rituals.database.reading() as connection:
            begun = [one for one in occurrences.of_ritual(connection, ritual.id) if one.state != PLANNED]
            asked = deliveries.of_occurrence(connection, begun[0].id) if begun else ()
        missing = {one.person for one in asked} - {*roster.people, ""}
        found = self.rituals.people.many(missing)
        return [one for one, person in found.items() if person.deleted]


def _is_news(connection: Connection, ritual: Ritual, what: str, now: datetime) -> bool:
    return tell_once(connection, f"ritual {ritual.id} {what}"[:200], now.timestamp())


def _to_owner(ritual: Ritual, text: str) -> Sequence[Message]:
    return to_person(ritual.owner, in_markdown(text))


def _note(connection: Connection, action: str, subject: str, now: datetime) -> None:
    """What Lore did by itself is audited, too, in nobody's name."""
    records.write(connection, Audit("", action, subject), None, now.timestamp())
