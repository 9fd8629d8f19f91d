"""A season of talks over an office: a series, its duties, and what comes of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, Row, select

from bot.calm_settings import CalmSettings
from bot.journal import notices, proposals, series, talks
from bot.journal.proposals import Proposal
from bot.journal.series import Series
from bot.journal.talks import SPEAKS, Speaker, Talk
from bot.kinds import LEARN
from bot.learning import course
from bot.learning.closed_places import ClosedPlaces
from bot.learning.finding import Finding
from bot.learning.groups_gone import GroupsGone
from bot.learning.missed_dates import MissedDates
from bot.learning.planning import Planning
from bot.learning.speakers_away import SpeakersAway
from bot.learning.speaking import Speaking
from bot.learning.swapping import Swapping
from bot.learning.telling import Telling
from bot.notices import Notices
from bot.rituals.availability import Availability
from bot.rooms import Room
from prompts.series import LEARNING, SeriesSettings
from tests.bot.office import Office

MONDAY = date(2026, 3, 2)


@dataclass
class Season:
    """One process of Lore's talks. Days have no night here: whoever is asked is asked at once."""

    office: Office
    calm: CalmSettings = field(default_factory=lambda: CalmSettings(quiet=(time(), time()), pings_a_day=100))

    def __post_init__(self) -> None:
        availability = Availability(self.office.people, self.office.database, self.office.clock, self.calm)
        database = self.office.database
        self.finding = Finding(self.office.people, availability, database)
        self.room = Room("/learn", LEARN, self.office.people, database, self.office.clock)
        self.notices = Notices(database, availability)
        ClosedPlaces(self.finding, database).join(self.room)
        GroupsGone(self.finding, database).join(self.room)
        missed = MissedDates(self.finding, database)
        missed.join(self.room)
        missed.tell(self.notices)
        Planning(self.finding, database).join(self.room)
        Speaking(self.finding, database).join(self.room)
        away = SpeakersAway(self.finding, database)
        away.join(self.room)
        away.tell(self.notices)
        swapping = Swapping(self.finding, self.office.writer, self.office.clock)
        swapping.attend(self.room, self.notices)
        Telling(self.finding, database).join(self.notices)

    def set_up(self, channel: str = "#team", **settings: Any) -> Series:
        """A lunch-and-learn each Thursday at 12:30 UTC, owned by Ana, unless `settings` say otherwise."""
        settings = {"rule": "every week on Thursday", "since": MONDAY, "lead_days": 12, **settings}
        place = self.office.slack.channel(channel).id
        made = Series(LEARNING, "Lunch", place, SeriesSettings(**settings), self.office.id("ana"))
        self.put(made)
        return made

    def put(self, one: Series) -> None:
        with self.office.database.writing() as connection:
            series.put(connection, one, self.office.now)

    def propose(self, one: Series, title: str, *voters: str, proposer: str = "ben") -> Proposal:
        made = Proposal(one.id, title, f"Why {title}", self.office.id(proposer))
        with self.office.database.writing() as connection:
            proposals.put(connection, made, self.office.now)
            for voter in voters:
                proposals.vote(connection, made.id, self.office.id(voter), True, self.office.now)
        return made

    def at(self, moment: datetime, *others: "Season") -> None:
        """It is this time, for this process and for others."""
        self.office.clock.move(moment)
        for one in (self, *others):
            one.room.tick(moment)
            one.notices.say_due(moment)
        self.office.post()

    def talks(self, one: Series) -> Sequence[Talk]:
        with self.office.database.reading() as connection:
            return talks.of_series(connection, one.id)

    def on(self, one: Series, slot: date) -> Talk:
        return next(talk for talk in self.talks(one) if talk.slot == slot.isoformat())

    def topic(self, proposal: Proposal) -> str:
        """The state of a proposal."""
        with self.office.database.reading() as connection:
            found = proposals.by_id(connection, proposal.id)
        return "" if found is None else found.state

    def speakers(self, talk: Talk) -> dict[str, str]:
        """By name, what became of those who were asked."""
        with self.office.database.reading() as connection:
            found = talks.speakers_of(connection, talk.id)
        return {self.name(one.person): one.state for one in found}

    def reply(self, talk: Talk, person: str, yes: bool) -> None:
        """Somebody who was asked says yes or no."""
        who = self.office.id(person)
        with self.office.database.writing() as connection:
            known = talks.by_id(connection, talk.id)
            assert known is not None
            asked = next(one for one in talks.speakers_of(connection, talk.id) if one.person == who)
            if yes:
                course.speaks(connection, known, who, self.office.now)
            else:
                talks.put_speaker(
                    connection, replace(asked, state=talks.DECLINED, answered_at=self.office.now)
                )

    def step_back(self, talk: Talk, person: str) -> None:
        who = self.office.id(person)
        with self.office.database.writing() as connection:
            known = talks.by_id(connection, talk.id)
            one = next(s for s in talks.speakers_of(connection, talk.id, SPEAKS) if s.person == who)
            assert known is not None
            course.steps_back(connection, known, one, self.office.now)

    def spoke(self, one: Series, slot: date, *people: str) -> None:
        """A talk that was held."""
        at = datetime.combine(slot, time(12, 30)).timestamp()
        held = Talk(one.id, slot.isoformat(), at, 45, "UTC", title="Before", state=talks.HELD)
        with self.office.database.writing() as connection:
            talks.put(connection, held, at)
            for person in people:
                talks.put_speaker(connection, Speaker(held.id, self.office.id(person), SPEAKS, False, at, at))

    def name(self, person: str) -> str:
        """Of a user id; others as they are."""
        names = {one.id: one.name for one in self.office.slack.team.people.values()}
        return names.get(person, person)

    def told(self, kind: str) -> list[str]:
        """Who was told of something of a kind, by name, in order."""
        with self.office.database.reading() as connection:
            found = [one for one in all_notices(connection) if one.kind == kind and one.state == notices.SAID]
        return [self.name(one.recipient) for one in found]


def all_notices(connection: Connection) -> Sequence[Row[Any]]:
    return connection.execute(select(notices.notices).order_by(notices.notices.c.settled_at)).all()
