"""Speakers who are away when they are to speak: asked in time whether to move it or give it back."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.blocks.talks import KEEP, MOVE, STEP_BACK, talk_page, titled
from bot.journal import notices as journal
from bot.journal import talks
from bot.journal.notices import Notice
from bot.journal.series import Series
from bot.journal.talks import FOUND, SPEAKS, Talk
from bot.learning.cards import withheld
from bot.learning.course import talk_of
from bot.learning.finding import COMING, Finding, is_speaker
from bot.learning.speaking import ON_LEAVE
from bot.notices import Fate, Made, Notices
from bot.pressing import to_person
from bot.replies import in_markdown
from bot.rituals.due import NotSaid
from bot.rooms import Room
from knowledge.adapters.database import Database
from prompts.calm import Half, Off
from prompts.series import NAMES
from prompts.words import words

SPEAKER_AWAY, SPEAKER_AWAY_TOLD = "speaker away", "speaker away told"
"""Kinds of notices: a speaker is asked what shall become of it; the owner is told that they have not said."""
LOOK_AHEAD = timedelta(days=120)
PATIENCE = timedelta(days=2)
SETTLED = "It is settled."
OTHERWISE = "It is settled otherwise by now."


def away_about(talk: Talk, person: str) -> str:
    """What these notices are about: a talk as it is timed now, and who speaks."""
    return f"{talk.id} {talk.starts_at:.0f} {person}"


@dataclass(frozen=True, slots=True)
class SpeakersAway:
    """A duty of the heartbeat, for every kind of series; any number of processes may do it at once.

    Somebody is asked once for each time that a talk is moved to; who speaks all the same says so, and nobody
    hears of it.
    """

    finding: Finding
    database: Database

    def join(self, room: Room) -> None:
        room.duties.append(self.look)

    def tell(self, notices: Notices) -> None:
        notices.makers[SPEAKER_AWAY] = self._make_ask
        notices.makers[SPEAKER_AWAY_TOLD] = self._make_told
        notices.rather_now[SPEAKER_AWAY] = lambda notice, _now: notice.not_after

    def look(self, now: datetime) -> None:
        """Ask whoever is away by what is known now."""
        at = now.timestamp()
        with self.database.reading() as connection:
            coming = talks.between(connection, at, at + LOOK_AHEAD.total_seconds(), *COMING)
            speaking = [
                (talk, one.person)
                for talk in coming
                if talk.floor == FOUND
                for one in talks.speakers_of(connection, talk.id, SPEAKS)
                if not journal.about(connection, away_about(talk, one.person), SPEAKER_AWAY)
            ]
        for talk, person in speaking:
            if self._why_away(talk, person):
                self._ask(talk, person, at)

    def _ask(self, talk: Talk, person: str, at: float) -> None:
        found = self.finding.talk(talk.id)
        keeper = "" if found is None else self.finding.keeper(found[1])
        told_at = at + min(PATIENCE.total_seconds(), (talk.starts_at - at) / 2)
        about = away_about(talk, person)
        with self.database.writing() as connection:
            if talks.by_id(connection, talk.id) != talk or not is_speaker(connection, talk, person):
                return
            journal.plan(connection, Notice(SPEAKER_AWAY, about, person, at, talk.starts_at))
            if keeper not in ("", person):
                journal.plan(connection, Notice(SPEAKER_AWAY_TOLD, about, keeper, told_at, talk.starts_at))

    def _why_away(self, talk: Talk, person: str) -> str:
        """Why somebody is away when a talk begins, in words for them; empty where they are not."""
        availability = self.finding.availability
        starts = datetime.fromtimestamp(talk.starts_at, UTC).astimezone(availability.profile(person).zone)
        match availability.standing(person, starts.date()):
            case Off(reason, _, why) if why in ON_LEAVE:
                return reason
            case Half(reason) as half if half.away_at(starts.time()):
                return reason
            case _:
                return ""

    def _make_ask(self, notice: Notice, now: datetime) -> Fate:
        found = self._still(notice, notice.recipient, now)
        if isinstance(found, NotSaid):
            return found
        talk, one, why = found
        if kept := withheld(self.finding.people, one, notice.recipient, now.timestamp()):
            return kept
        text = words(
            "speaker_away",
            title=titled(talk.title) or words("talk_own_topic"),
            name=one.name,
            when=self.finding.when_for(talk, notice.recipient),
        )
        return Made(to_person(notice.recipient, [talk_page(text, [why], (MOVE, STEP_BACK, KEEP), talk.id)]))

    def _make_told(self, notice: Notice, now: datetime) -> Fate:
        person = notice.about.split(" ")[2]
        found = self._still(notice, person, now)
        if isinstance(found, NotSaid):
            return found
        talk, one, _ = found
        text = words(
            "speaker_away_told",
            person=self.finding.people.name_of(person),
            name=one.name,
            when=self.finding.when_for(talk, notice.recipient),
            command=NAMES[one.kind].command,
        )
        return Made(to_person(notice.recipient, in_markdown(text)))

    def _still(self, notice: Notice, person: str, now: datetime) -> tuple[Talk, Series, str] | NotSaid:
        """The talk, its series and why the speaker is away, where all that holds still."""
        found = self.finding.talk(talk_of(notice.about))
        if found is None or found[0].state not in COMING or found[0].starts_at <= now.timestamp():
            return NotSaid(OTHERWISE)
        talk, one = found
        with self.database.reading() as connection:
            speaks = is_speaker(connection, talk, person)
        if not speaks or away_about(talk, person) != notice.about:
            return NotSaid(OTHERWISE)
        why = self._why_away(talk, person)
        return (talk, one, why) if why else NotSaid("You are not away then any more.")
