"""A team that gets digests: a section of pages and one for leads, and processes that send them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from bot.calm_settings import CalmSettings
from bot.digests import switching
from bot.digests.building import Building
from bot.digests.sections import Entry, Part, Reader, Section, Window
from bot.digests.sending import KIND, Sending
from bot.journal import digests, notices
from bot.journal.digests import Digest, DigestSettings, digest_id
from bot.kinds import DIGEST
from bot.letters import Mail
from bot.mail_settings import MailSettings
from bot.notices import Notices
from bot.rituals.availability import Availability
from bot.rooms import Room
from knowledge.audience import Audience
from knowledge.ports import Store
from prompts.digest_times import Rhythm
from tests.bot.office import Office

DAY = timedelta(days=1)
DAILY = Rhythm("every day", time(9))


class Nothing:
    """A record without documents."""

    def published(self) -> int:
        return 0

    def audience_keys(self, _version: int) -> frozenset[str]:
        return frozenset()

    def current_audience(self, _document: str) -> None:
        return None


@dataclass
class Pages:
    """A section of pages, each written at some time for an audience; `before` is called when it is asked."""

    pages: list[tuple[datetime, str, Audience]] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def build(self, reader: Reader, window: Window) -> Part | None:
        self.before()
        self.windows.append(window)
        found = [
            Entry("was written", title=title, audience_keys=(audience.key,))
            for at, title, audience in self.pages
            if window.holds(at) and reader.may_read(audience)
        ]
        return Part(found) if found else None


@dataclass
class Process:
    """One process that sends digests."""

    lore: Office
    pages: Pages
    server: MailSettings | None = None
    leads: set[str] = field(default_factory=set)
    mail: Mail = field(init=False)
    notices: Notices = field(init=False)
    sending: Sending = field(init=False)
    room: Room = field(init=False)

    def __post_init__(self) -> None:
        lore = self.lore
        availability = Availability(lore.people, lore.database, lore.clock, CalmSettings(pings_a_day=100))
        self.notices = Notices(lore.database, availability)
        self.mail = Mail(lore.database, lore.people, self.server)
        sections = (
            Section("pages", "Pages", self.pages.build),
            Section("gaps", "Gaps", _gaps, offered=lambda reader: reader.person in self.leads),
        )
        building = Building(
            lore.people, availability, cast(Store, Nothing()), frozenset({"https://wiki.example"}), sections
        )
        self.sending = Sending(self.notices, self.mail, building)
        self.room = Room("/digest", DIGEST, lore.people, lore.database, lore.clock)
        self.sending.join(self.room)

    def beat(self) -> None:
        now = self.lore.clock()
        self.room.tick(now)
        self.notices.say_due(now)
        self.mail.send_due(now)


def _gaps(_reader: Reader, _window: Window) -> Part:
    return Part([Entry("3 people asked", title="Herons at dusk")])


def turn_on(
    lore: Office, to: str, rhythm: Rhythm = DAILY, zone: str = "UTC", topic: str = "", **settings: Any
) -> Digest:
    recipient = lore.slack.channel(to).id if to.startswith("#") else lore.id(to)
    owner = lore.id("ana") if to.startswith("#") else recipient
    chosen = DigestSettings(rhythm, **settings)
    with lore.database.writing() as connection:
        made = digest_id(recipient, topic)
        return switching.turn_on(connection, made, owner, ZoneInfo(zone), chosen, lore.clock())


def turn_off(lore: Office, digest: Digest) -> None:
    with lore.database.writing() as connection:
        known = digests.digest_of(connection, digest.id)
        assert known is not None
        switching.turn_off(connection, known, lore.clock())


def at(lore: Office, moment: datetime, *processes: Process) -> None:
    lore.clock.move(moment)
    for _ in range(2):
        for one in processes:
            one.beat()
        lore.post()


def fates(lore: Office, digest: Digest) -> list[tuple[str, str]]:
    with lore.database.reading() as connection:
        found = notices.of_recipient(connection, digest.recipient)
    mine = [one for one in found if one.kind == KIND and one.about.startswith(f"{digest.id} ")]
    ended = [one for one in mine if one.planned_at <= lore.now]
    return [(one.state, one.reason) for one in sorted(ended, key=lambda one: one.planned_at)]


def said_in(lore: Office, channel: str) -> list[str]:
    return [one["text"] for one in lore.slack.said_by_app(lore.slack.channel(channel).id)]


def joins(lore: Office, name: str, channel: str, *, leaves: bool = False) -> None:
    (lore.slack.kick if leaves else lore.slack.invite)(name, channel)
    lore.people.heard({"type": "member_joined_channel", "channel": lore.slack.channel(channel).id})
