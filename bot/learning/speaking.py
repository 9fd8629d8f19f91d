"""Speakers are found: one person is asked at a time, in turn, and nobody is waited for without end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bot.journal import notices, series, talks, volunteers
from bot.journal.notices import CANCELLED, MISSED, SAID, SKIPPED, Notice
from bot.journal.series import ACTIVE, KINDS, PAUSED, Series
from bot.journal.speaker_turns import Turn, turns
from bot.journal.talks import ANNOUNCED, ASKED, DECLINED, FOUND, SPEAKS, WANTED, Speaker, Talk
from bot.learning import course
from bot.learning.cards import may_come
from bot.learning.course import SPEAKER_ASK
from bot.learning.finding import COMING, Finding
from bot.rooms import Room
from knowledge.adapters.database import Database
from prompts.calm import Half, Off, Why, quiet_until
from prompts.learning import NEAR, REFUSALS, Candidate, in_turn, reply_by, search_ends

SPEAKERS_WANTED = "speakers wanted"
"""A kind of notice: the owner is told that several could not speak."""
ON_LEAVE = (Why.ABSENCE, Why.CALENDAR, Why.STATUS)
"""Why somebody is away who does not just have a day off."""


@dataclass(frozen=True, slots=True)
class Speaking:
    """A duty of the heartbeat, for every kind of series; any number of processes may do it at once."""

    finding: Finding
    database: Database

    def join(self, room: Room) -> None:
        room.duties.append(self.seek)

    def seek(self, now: datetime) -> None:
        """Go on asking for every talk that has a topic and no speaker."""
        with self.database.reading() as connection:
            known = [one for kind in KINDS for one in series.all_series(connection, kind, ACTIVE, PAUSED)]
            coming = [
                (one, talk)
                for one in known
                for talk in talks.of_series(connection, one.id, *COMING)
                if talk.starts_at > now.timestamp() and (one.state == ACTIVE or talk.state == ANNOUNCED)
            ]
        self._let_go_of_who_left([talk for _, talk in coming if talk.floor == FOUND], now)
        for one, talk in coming:
            if talk.floor == WANTED and talk.title:
                self._seek_for(one, talk, now)

    def _let_go_of_who_left(self, found: Sequence[Talk], now: datetime) -> None:
        """A speaker who has left Slack does not speak."""
        with self.database.reading() as connection:
            speakers = [
                (talk, one) for talk in found for one in talks.speakers_of(connection, talk.id, SPEAKS)
            ]
        for talk, one in speakers:
            person = self.finding.people.person(one.person)
            if person is None or not person.deleted:
                continue
            with self.database.writing() as connection:
                known = talks.by_id(connection, talk.id)
                if known is not None and one in talks.speakers_of(connection, talk.id, SPEAKS):
                    course.steps_back(connection, known, one, now.timestamp())

    def _seek_for(self, one: Series, talk: Talk, now: datetime) -> None:
        ends = search_ends(_at(talk.starts_at), one.settings.lead_days, talk.state == ANNOUNCED)
        with self.database.reading() as connection:
            asked = talks.speakers_of(connection, talk.id)
        waiting = [person for person in asked if person.state == ASKED]
        if now < ends and any(self._is_waited_for(person, talk, now) for person in waiting):
            return
        roster = self.finding.roster(one)
        candidates = self._candidates(one, talk, asked, roster.people)
        chosen = next((who for who in candidates if self._may_ask(who.person, talk, now)), None)
        keeper = self.finding.keeper(one)
        if now < ends and chosen is None and (candidates or roster.unknown):
            # they are away, and back before it is too late, or Slack does not tell who there is
            self._pass_over(talk, waiting, now)
            return
        with self.database.writing() as connection:
            if talks.by_id(connection, talk.id) != talk:
                return
            if list(talks.speakers_of(connection, talk.id)) != list(asked):
                return
            for person in waiting:
                course.pass_over(connection, person, now.timestamp())
            if now < ends and chosen is not None:
                offered = chosen.offered is not None
                until = ends.timestamp()
                course.ask(connection, talk, chosen.person, offered, until, now.timestamp())
                if sum(person.state == DECLINED for person in asked) >= REFUSALS:
                    told = Notice(SPEAKERS_WANTED, talk.id, keeper, now.timestamp(), until)
                    notices.plan(connection, told)
            else:
                course.open_floor(connection, talk, one, keeper, now.timestamp())

    def _pass_over(self, talk: Talk, waiting: Sequence[Speaker], now: datetime) -> None:
        if not waiting:
            return
        with self.database.writing() as connection:
            for person in talks.speakers_of(connection, talk.id, ASKED):
                if person in waiting:
                    course.pass_over(connection, person, now.timestamp())

    def _is_waited_for(self, one: Speaker, talk: Talk, now: datetime) -> bool:
        """Whether somebody who was asked still has time to reply, counted from when they were told."""
        with self.database.reading() as connection:
            found = notices.about(connection, course.asking(one), SPEAKER_ASK)
        told = found[0] if found else Notice(SPEAKER_ASK, "", one.person, one.asked_at, talk.starts_at)
        return may_still_reply(self.finding, told, talk, now)

    def _candidates(
        self, one: Series, talk: Talk, asked: Sequence[Speaker], people: Sequence[str]
    ) -> list[Candidate]:
        """Who was not asked yet, in turn: those who offered to speak about it, those who would rather speak
        on another date than the last, then all others."""
        with self.database.reading() as connection:
            known = turns(connection, one.id)
            offers = volunteers.of_proposal(connection, talk.proposal_id)
        others = sorted(person for person, turn in known.items() if turn.another and person in people)
        eager = [person for person in offers if may_come(self.finding.people, one, person)]
        eager += [person for person in others if person not in eager]
        before = {person.person for person in asked}
        found = []
        for person in [*eager, *(person for person in people if person not in eager)]:
            if person in before:
                continue
            turn = known.get(person, Turn())
            offered = eager.index(person) if person in eager else None
            found.append(Candidate(person, offered, turn.last_spoke, turn.last_asked))
        return in_turn(found)

    def _may_ask(self, person: str, talk: Talk, now: datetime) -> bool:
        """Whether somebody is there to be asked now, and on the day of the talk."""
        availability = self.finding.availability
        profile = availability.profile(person)
        day, today = _at(talk.starts_at).astimezone(profile.zone).date(), now.astimezone(profile.zone)
        standing = availability.days_of(person, today.date())
        if isinstance(standing(day, None), Off):
            return False
        match standing(today.date(), None):
            case Off(_, _, why) if why in ON_LEAVE:
                return False
            case Off() | Half() as away if _at(talk.starts_at) - now < NEAR:
                return isinstance(away, Half) and not away.away_at(today.time())
            case _:
                return _at(talk.starts_at) - now >= NEAR or quiet_until(profile, now) is None


def may_still_reply(finding: Finding, asked: Notice, talk: Talk, now: datetime) -> bool:
    """Whether somebody who is asked something about a talk still has time to reply, counted from when they
    were told; not where they cannot be told."""
    if asked.state in (SKIPPED, MISSED, CANCELLED):
        return False
    said_at = asked.settled_at if asked.state == SAID else None
    since = _at(asked.planned_at if said_at is None else said_at)
    profile = finding.availability.profile(asked.recipient)
    days = finding.availability.days_of(asked.recipient, now.date() - timedelta(days=14))

    def works(day: date) -> bool:
        return day.weekday() in profile.work_days and not isinstance(days(day, None), Off)

    return now < reply_by(since, _at(talk.starts_at), profile.zone, works)


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
