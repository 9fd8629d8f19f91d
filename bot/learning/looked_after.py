"""A talk that was held, with its series and speakers, and who may write of it."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.journal import proposals, recaps, series, talks
from bot.journal.proposals import Proposal
from bot.journal.recaps import Recap
from bot.journal.series import Series
from bot.journal.talks import HELD, SPEAKS, Talk
from bot.messages import Place
from bot.people import People
from prompts.calendar import zone_named


@dataclass(frozen=True, slots=True)
class Past:
    """`speakers` are user ids; `recap` is None while there is none."""

    talk: Talk
    series: Series
    speakers: tuple[str, ...]
    proposal: Proposal | None
    recap: Recap | None

    @property
    def title(self) -> str:
        """The title of the talk; of one that has none, the name of its series."""
        return self.talk.title or self.series.name

    @property
    def day(self) -> str:
        """The day of the talk in its own zone, in words."""
        day = day_of(self.talk)
        return f"{day.day} {day:%B %Y}"

    @property
    def paper(self) -> str:
        """The address of what was read, as it was given; empty for a talk."""
        return "" if self.proposal is None else str(self.proposal.paper.get("link") or "")

    @property
    def keepers(self) -> tuple[str, ...]:
        """Who is asked for notes: the speakers, or whoever looks after the series where it was open."""
        return self.speakers or tuple(sorted(self.series.owners))

    def may_write(self, people: People, person: str) -> bool:
        """The speakers, those who look after the series, and Lore's admins."""
        if not people.is_full_member(person):
            return False
        return person in {*self.speakers, *self.series.owners} or people.is_admin(person)

    def is_read_by(self, people: People, person: str, channel: str) -> bool:
        """Whether somebody reads the channel of the talk, or that of its recap, now."""
        readers = people.readers(Place(channel))
        return readers.everyone or person in readers.people


def day_of(talk: Talk) -> date:
    """The day of a talk in its own zone, wherever it was moved to."""
    return datetime.fromtimestamp(talk.starts_at, zone_named(talk.zone, ZoneInfo("UTC")).zone).date()


def past(connection: Connection, talk_id: str) -> Past | None:
    """A talk that was held; None for any other."""
    talk = talks.by_id(connection, talk_id)
    return None if talk is None else of_talk(connection, talk)


def of_talk(connection: Connection, talk: Talk) -> Past | None:
    """The same of a talk that is known."""
    of = series.by_id(connection, talk.series_id)
    if of is None or talk.state != HELD:
        return None
    return Past(
        talk,
        of,
        tuple(one.person for one in talks.speakers_of(connection, talk.id, SPEAKS)),
        proposals.by_id(connection, talk.proposal_id),
        recaps.of_talk(connection, talk.id),
    )
