"""A crew that is paired in rounds, over a journal of its own, and what it is told."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path

from bot.calm_settings import CalmSettings
from bot.delivery import slack_client
from bot.journal import pairing, pairing_rounds, work
from bot.journal.pairing import Member, Pairing
from bot.journal.pairing_rounds import Together
from bot.journal.work import Item
from bot.kinds import MAKE_ROUND
from bot.notices import Notices
from bot.pairing.checking_in import CheckingIn
from bot.pairing.hours import Hours
from bot.pairing.introducing import Introducing
from bot.pairing.matching import Rounds
from bot.pairing.works import Works
from bot.rituals.availability import Availability
from bot.rooms import Room
from knowledge.adapters.store import SqlStore, create_tables
from prompts.pairing import PairingKind, Role
from tests.bot.office import MONDAY, Office, office

DAY = timedelta(days=1)
CREW = [f"p{number:02}" for number in range(24)]
ZONES = {"toshi": "Asia/Tokyo", "lou": "America/Los_Angeles"}
TEAM = {
    "people": [
        *({"name": name, "tz": "UTC"} for name in CREW),
        *({"name": name, "tz": zone} for name, zone in ZONES.items()),
        {"name": "gus", "is_restricted": True, "tz": "UTC"},
    ],
    "channels": [{"name": "crew"}, {"name": "secret", "private": True, "members": ["p00", "p01", "lore"]}],
}


@contextmanager
def crew(folder: Path) -> Iterator[Office]:
    """Open on Monday at eight, with nothing published yet."""
    with office(folder, team=TEAM) as opened:
        create_tables(opened.database)
        yield opened


class Process:
    """One process's worth of pairing."""

    def __init__(self, lore: Office) -> None:
        calm = CalmSettings(quiet=(time(21), time(7)), pings_a_day=100)
        availability = Availability(lore.people, lore.database, lore.clock, calm)
        client = slack_client(lore.slack.bot_token, lore.slack.api_url)
        hours, self.lore = Hours(availability), lore
        self.notices = Notices(lore.database, availability)
        self.room = Room("/pair", "pair", lore.people, lore.database, lore.clock)
        Rounds(lore.people, lore.database, hours, lore.clock).join(self.room)
        CheckingIn(lore.people, lore.database, lore.clock).join(self.room, self.notices)
        works = Works(lore.people, lore.database, SqlStore(lore.database))
        Introducing(client, lore.database, works, hours).join(self.notices)

    def work_off(self) -> None:
        """What Lore has given itself to do."""
        for one in iter(self._next, None):
            done = self.room.handlers[one.kind](one)
            self.lore.writer.write(partial(work.finish, item=one, done=done, now=self.lore.now))

    def _next(self) -> Item | None:
        return self.lore.writer.write(partial(work.claim, kinds=[MAKE_ROUND], now=self.lore.now))

    def beat(self) -> None:
        self.room.tick(self.lore.clock())
        self.work_off()
        self.notices.say_due(self.lore.clock())
        self.lore.post()


def at(lore: Office, moment: datetime, *processes: Process) -> None:
    lore.clock.move(moment)
    for one in processes:
        one.beat()


def set_up(
    lore: Office, people: Sequence[str], kind: PairingKind = PairingKind.COFFEE, **more: object
) -> Pairing:
    """Weekly on Mondays at 10:00 UTC, from this one on."""
    channel = lore.slack.channel(str(more.pop("channel", "#crew"))).id
    made = Pairing(kind, channel, "every Monday", time(10), "UTC", lore.id(people[0]), MONDAY)
    roles = more.get("roles") or {}
    assert isinstance(roles, dict)
    with lore.database.writing() as connection:
        pairing.put(connection, made, lore.now)
        for name in people:
            role = roles.get(name, Role.EITHER)
            pairing.put_member(connection, Member(made.id, lore.id(name), role, heard_at=lore.now), lore.now)
    return made


def pairs(lore: Office, one: Pairing, *states: str) -> Sequence[Together]:
    with lore.database.reading() as connection:
        last = pairing_rounds.newest(connection, one.id)
        return pairing_rounds.pairs_of(connection, last[0].id, *states) if last else []


def named(lore: Office, found: Sequence[Together]) -> list[list[str]]:
    names = {person.id: person.name for person in lore.slack.team.people.values()}
    return sorted(sorted(names[one] for one in pair.people) for pair in found)


def said(lore: Office, *people: str) -> list[str]:
    return [one["text"] for one in lore.slack.said_by_app(lore.slack.dm(*people))]
