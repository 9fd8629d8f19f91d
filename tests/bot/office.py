"""A team at work: rituals over a journal of their own, a workspace, an outbox, and one clock for them all."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from bot.calm_settings import CalmSettings
from bot.delivery import slack_client
from bot.journal import deliveries, occurrences, rituals
from bot.journal.deliveries import Delivery
from bot.journal.migrate import migrate
from bot.journal.occurrences import Occurrence
from bot.journal.rituals import Ritual
from bot.journal.writer import JournalWriter
from bot.late_check import late_check
from bot.messages import Message
from bot.outbox import Outbox
from bot.pacing import Pace
from bot.people import People
from bot.replies import undeliverable
from bot.rituals.availability import Availability
from bot.rituals.due import Due, NotSaid
from bot.rituals.on_time import keep_time
from bot.rituals.room import Rituals
from bot.sending import Sender
from bot.workspace import Workspace
from bot.workspace.description import Description
from knowledge.adapters.database import Database, open_database
from prompts.ritual import Prompt, Standup
from tests.fakes import FakeClock

ZONES = {
    "kai": "Pacific/Kiritimati",
    "toshi": "Asia/Tokyo",
    "bea": "Europe/Berlin",
    "lou": "America/Los_Angeles",
    "pat": "Pacific/Pago_Pago",
}
TEAM = {
    "people": [
        {"name": "ana", "is_admin": True, "tz": "UTC"},
        {"name": "ben", "tz": "UTC"},
        {"name": "chloe", "tz": "UTC"},
        {"name": "gus", "is_restricted": True, "tz": "UTC"},
        {"name": "robot", "is_bot": True},
        {"name": "stranger", "is_stranger": True},
        *({"name": name, "tz": zone} for name, zone in ZONES.items()),
    ],
    "channels": [
        {"name": "team", "members": ["ana", "ben", "chloe", "gus", "robot", "stranger", "lore"]},
        {"name": "world", "members": [*ZONES, "lore"]},
        {"name": "reports", "private": True, "members": ["ana", "lore"]},
    ],
    "groups": [{"handle": "everybody", "members": ["ana", "ben", "gus", "robot", "stranger"]}],
}
MONDAY = date(2026, 3, 2)
TTL_S = 4 * 3600.0
"""What changes is told to `people` here, so that they need not ask Slack at every beat."""


def on(day: date, clock: str) -> datetime:
    """A date and a wall time in UTC."""
    return datetime.combine(day, time.fromisoformat(clock), UTC)


@dataclass
class Office:
    """One or more processes' worth of rituals (`processes`) that share the journal, and what they say."""

    slack: Workspace
    clock: FakeClock
    database: Database
    writer: JournalWriter
    folder: Path
    people: People = field(init=False)
    processes: list[Rituals] = field(default_factory=list)
    outbox: Outbox = field(init=False)
    quiet: bool = True
    days_off: dict[date, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        client = slack_client(self.slack.bot_token, self.slack.api_url)
        self.people = People(client, self.clock, ttl_s=TTL_S)
        self.outbox = Outbox(
            self.writer,
            Sender(client),
            late_check(self.people, lambda _: None),
            undeliverable,
            self.clock,
            Pace(per_second=1000.0, burst=1000),
            settle_s=0.0,
        )
        self.process()

    def process(self) -> Rituals:
        """One more process; it remembers nothing."""
        made = Rituals(self.people, self.database, self.clock)
        hours = (time(21), time(7)) if self.quiet else (time(), time())
        calm = CalmSettings(quiet=hours, pings_a_day=100, days_off=self.days_off)
        keep_time(made, Availability(self.people, self.database, self.clock, calm))
        made.makers |= {"prompt": _prompt, "reminder": _reminder, "close": _close}
        self.processes.append(made)
        return made

    def set_up(self, **settings: Any) -> Ritual:
        """A stand-up of #team at 09:00 on weekdays, owned by Ana, unless `settings` say otherwise."""
        settings.setdefault("report", self.slack.channel("#reports").id)
        owner, co_owners = settings.pop("owner", "ana"), settings.pop("co_owners", ())
        ritual = Ritual(
            standup(**settings), self.id(owner), tuple(map(self.id, co_owners)), created_at=self.now
        )
        self.store(ritual)
        return ritual

    def store(self, ritual: Ritual) -> None:
        with self.database.writing() as connection:
            rituals.put(connection, ritual, self.now)

    def change(self, ritual: Ritual, **settings: Any) -> Ritual:
        """Its owner has changed settings."""
        known = self.ritual(ritual)
        changed = replace(known, settings=replace(known.settings, **settings), revision=known.revision + 1)
        self.store(changed)
        return changed

    def ritual(self, ritual: Ritual) -> Ritual:
        with self.database.reading() as connection:
            found = rituals.ritual(connection, ritual.id)
        assert found is not None
        return found

    @property
    def now(self) -> float:
        return self.clock.seconds()

    def id(self, name: str) -> str:
        return self.slack.person(name).id

    def at(self, moment: datetime) -> None:
        """Make it this time, and let each process have a beat."""
        self.clock.move(moment)
        self.beat()

    def beat(self) -> None:
        for process in self.processes:
            process.tick(self.clock())
        self.post()

    def post(self) -> None:
        """Have everything that is due said."""
        while self.outbox.step():
            pass

    def pass_time(self, until: datetime, every: timedelta = timedelta(minutes=15)) -> None:
        """Beats from now until then."""
        while self.clock() + every < until:
            self.at(self.clock() + every)
        self.at(until)

    def until(self, look: Callable[[], bool]) -> None:
        """Say what is due until something is seen that other threads have to do."""
        end = monotonic() + 30
        while not look():
            assert monotonic() < end, "it was not seen"
            sleep(0.02)
            self.post()

    def said(self, name: str) -> list[str]:
        """What Lore has said to a person in a direct message."""
        return [message["text"] for message in self.slack.said_by_app(self.slack.dm(name))]

    def prompted(self, *names: str) -> dict[str, int]:
        """How many prompts each was sent."""
        return {name: sum(text.startswith("prompt ") for text in self.said(name)) for name in names}

    def occurrence(self, ritual: Ritual, slot: date = MONDAY) -> Occurrence | None:
        with self.database.reading() as connection:
            return occurrences.of_slot(connection, ritual.id, slot)

    def state(self, ritual: Ritual, slot: date = MONDAY) -> str:
        found = self.occurrence(ritual, slot)
        return "none" if found is None else found.state

    def deliveries(self, ritual: Ritual, slot: date = MONDAY) -> Sequence[Delivery]:
        found = self.occurrence(ritual, slot)
        assert found is not None, "there is no such occurrence"
        with self.database.reading() as connection:
            return deliveries.of_occurrence(connection, found.id)

    def delivery(self, ritual: Ritual, name: str, kind: str = "prompt", slot: date = MONDAY) -> Delivery:
        """The delivery of a kind to somebody (or, without a name, to the ritual's place)."""
        person = self.id(name) if name else ""
        return next(one for one in self.deliveries(ritual, slot) if (one.person, one.kind) == (person, kind))


def standup(**settings: Any) -> Standup:
    given = {
        "name": "Daily",
        "team": ("#team",),
        "prompts": (Prompt("plan", "What is next?"),),
        "rule": "weekdays",
        "at": time(9),
        **settings,
    }
    return Standup(**given)


@contextmanager
def office(
    folder: Path, address: str = "", team: dict[str, Any] | None = None, quiet: bool = True
) -> Iterator[Office]:
    """Open on Monday at eight, over a new database or the one at an address."""
    clock = FakeClock(on(MONDAY, "08:00"))
    database = open_database(address or folder / "lore.db")
    migrate(database)
    writer = JournalWriter(database)
    writer.start()
    with Workspace(Description.from_dict(team or TEAM), clock=clock.seconds) as slack:
        yield Office(slack, clock, database, writer, folder, quiet=quiet)
    writer.close()
    database.close()


def _prompt(due: Due) -> Sequence[Message]:
    late = int(due.late_by.total_seconds() // 60)
    text = f"prompt {due.ritual.name} {due.occurrence.slot}" + (f" late by {late} min" if late else "")
    return [Message(due.delivery.person, text)]


def _reminder(due: Due) -> Sequence[Message]:
    return [Message(due.delivery.person, f"reminder {due.ritual.name} {due.occurrence.slot}")]


def _close(due: Due) -> Sequence[Message] | NotSaid:
    if not due.occurrence.settings.report:
        return NotSaid("There is nowhere to report.")
    return [Message(due.occurrence.settings.report, f"summary {due.ritual.name} {due.occurrence.slot}")]
