"""Talks are planned ahead, their topics picked when voting ends, and ended: no date goes by in silence."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.journal import notices, proposals, series, talks
from bot.journal.notices import Notice
from bot.journal.series import ACTIVE, KINDS, Series
from bot.journal.talks import ANNOUNCED, HELD, PLANNED, WANTED, Talk
from bot.learning import course
from bot.learning.finding import COMING, Finding
from bot.rooms import Room
from knowledge.adapters.database import Database
from prompts.calendar import as_shown, zone_named
from prompts.fair_hours import burden, fair_start
from prompts.learning import by_day, floor_opens, voting_ends
from prompts.recurrence import Rule, RuleError, monday_to_friday
from prompts.words import words
from prompts.workdays import next_workday

TOPIC_CALL, TOPIC_WANTED, TALK_MISSED = "topic call", "topic wanted", "talk missed"
"""Kinds of notices: a channel is asked for topics and votes; an owner is told that there is no topic, or
that a date went by."""
_A_DAY = timedelta(days=1)
_A_WEEK = timedelta(days=7)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Planning:
    """A duty of the heartbeat, for every kind of series; any number of processes may do it at once."""

    finding: Finding
    database: Database

    def join(self, room: Room) -> None:
        room.duties.append(self.plan)

    def plan(self, now: datetime) -> None:
        """Bring every talk as far as it can come by now."""
        with self.database.reading() as connection:
            active = [one for kind in KINDS for one in series.all_series(connection, kind, ACTIVE)]
        for one in active:
            self._plan_dates(one, now)
            self._go_on(one, now)
        self._end(now)

    # dates

    def _plan_dates(self, one: Series, now: datetime) -> None:
        """Have a talk for each date within the lead."""
        missing = self._missing(one, now)
        if missing and not self.finding.roster(one).whole:
            log.info("dates of series %s wait until all who belong to it are known", one.id)
            soon = (now + _A_DAY).astimezone(_zone(one.settings.zone)).date()
            missing = [day for day in missing if day <= soon]
        if not missing:
            return
        made = (self._talk_on(one, day, now) for day in missing)
        planned: Iterator[Talk] = (talk for talk in made if talk is not None)
        if one.settings.rotating:
            planned = islice(planned, 1)  # at the next beat it counts for the next one
        self._put(one, [*planned], now)

    def _put(self, one: Series, planned: Sequence[Talk], now: datetime) -> None:
        if not planned:
            return
        with self.database.writing() as connection:
            if series.by_id(connection, one.id) != one:
                return
            known = talks.slots(connection, one.id, (now - _A_WEEK).date())
            for talk in planned:
                if talk.slot not in known:
                    talks.put(connection, talk, now.timestamp())
                    until = floor_opens(_starts(talk), one.settings.lead_days).timestamp()
                    at = by_day(now, _zone(talk.zone)).timestamp()
                    notices.plan(connection, Notice(TOPIC_CALL, talk.id, one.channel, at, until))

    def _missing(self, one: Series, now: datetime) -> Sequence[date]:
        """The dates within the lead that have no talk."""
        settings = one.settings
        today = now.astimezone(_zone(settings.zone)).date()
        try:
            rule = Rule.read(settings.rule).starting(settings.since)
        except RuleError as error:
            log.warning("series %s has days that cannot be read: %s", one.id, error)
            return []
        since = max(today, settings.since) - _A_DAY
        dates = list(rule.dates(since, today + timedelta(days=settings.lead_days)))
        with self.database.reading() as connection:
            known = talks.slots(connection, one.id, (now - _A_WEEK).date())
        return [day for day in dates if day.isoformat() not in known]

    def _talk_on(self, one: Series, slot: date, now: datetime) -> Talk | None:
        """The talk of a date; on the next working day where everybody has a holiday, None when it is past."""
        settings = one.settings
        zone = _zone(settings.zone)
        if as_shown(slot, settings.at, zone) <= now:
            return None
        day = self._working(one, slot)
        starts = as_shown(day, settings.at, zone)
        if settings.rotating:
            starts = fair_start(day, settings.at, zone, settings.minutes, self._borne(one))
        return Talk(
            series_id=one.id,
            slot=slot.isoformat(),
            starts_at=starts.timestamp(),
            minutes=settings.minutes,
            zone=zone.key,
            place=settings.place,
        )

    def _borne(self, one: Series) -> Mapping[ZoneInfo, float]:
        """What the zones of those who come have borne at the talks of a series, also those to come."""
        people = self.finding.roster(one).people
        zones = sorted({self.finding.availability.profile(who).zone for who in people}, key=str)
        with self.database.reading() as connection:
            before = talks.of_series(connection, one.id, *COMING, HELD)
        return {
            zone: float(sum(burden(_starts(talk), talk.minutes, zone) for talk in before)) for zone in zones
        }

    def _working(self, one: Series, slot: date) -> date:
        places = self.finding.availability.places(self.finding.roster(one).people)

        def works(day: date) -> bool:
            return monday_to_friday(day) and self.finding.availability.day_off(day, places) is None

        if self.finding.availability.day_off(slot, places) is None:
            return slot
        return next_workday(slot, works) or slot

    # topics

    def _go_on(self, one: Series, now: datetime) -> None:
        """Pick topics of which the voting is over; open the floor where it is too late for more."""
        with self.database.reading() as connection:
            planned = talks.of_series(connection, one.id, PLANNED)
            due = [talk for talk in planned if self._is_due(connection, one, talk, now)]
        if not due:
            return
        keeper = self.finding.keeper(one)
        with self.database.writing() as connection:
            if (still := series.by_id(connection, one.id)) is None or still.state != ACTIVE:
                return
            for talk in due:
                known = talks.by_id(connection, talk.id)
                if known is not None and self._is_due(connection, one, known, now):
                    self._step(connection, one, known, keeper, now)

    def _is_due(self, connection: Connection, one: Series, talk: Talk, now: datetime) -> bool:
        if talk.state != PLANNED or talk.starts_at <= now.timestamp():
            return False
        starts, lead = _starts(talk), one.settings.lead_days
        if course.settled(talk) or now >= floor_opens(starts, lead):
            return True
        if talk.title or now < voting_ends(starts, lead):
            return False
        told = bool(notices.about(connection, talk.id, TOPIC_WANTED))
        return not told or bool(proposals.of_series(connection, one.id, proposals.OPEN))

    def _step(self, connection: Connection, one: Series, talk: Talk, keeper: str, now: datetime) -> None:
        at = now.timestamp()
        late = now >= floor_opens(_starts(talk), one.settings.lead_days)
        if not talk.title:
            ranked = proposals.ranked(connection, one.id, proposals.OPEN)
            if ranked:
                talk = course.choose(connection, talk, ranked[0][0], at)
                notices.cancel(connection, talk.id, "The topic is known.", at, TOPIC_CALL, TOPIC_WANTED)
            elif not late:
                notices.plan(connection, Notice(TOPIC_WANTED, talk.id, keeper, at, talk.starts_at))
        if late and talk.floor == WANTED:
            course.open_floor(connection, talk, one, keeper, at)
        elif late and not talk.title:
            course.keep(connection, replace(talk, title=words("talk_own_topic")), at)
        elif course.settled(talk):
            course.keep(connection, talk, at)

    # what is over

    def _end(self, now: datetime) -> None:
        """Talks whose end is past were held; what was never announced was not."""
        at = now.timestamp()
        with self.database.reading() as connection:
            begun = talks.between(connection, 0.0, at, ANNOUNCED, PLANNED)
            over = [one for one in begun if one.state == PLANNED or one.ends_at <= at]
            known = {one.series_id: series.by_id(connection, one.series_id) for one in over}
        keepers = {key: "" if one is None else self.finding.keeper(one) for key, one in known.items()}
        for talk in over:
            with self.database.writing() as connection:
                if talks.by_id(connection, talk.id) != talk:
                    continue
                if talk.state == ANNOUNCED:
                    course.end(connection, talk, at)
                    continue
                course.cancel(connection, talk, at)
                of = known[talk.series_id]
                if of is not None and of.state == ACTIVE:
                    missed = Notice(
                        TALK_MISSED, talk.id, keepers[talk.series_id], at, at + _A_WEEK.total_seconds()
                    )
                    notices.plan(connection, missed)


def _zone(name: str) -> ZoneInfo:
    return zone_named(name, ZoneInfo("UTC")).zone


def _starts(talk: Talk) -> datetime:
    return datetime.fromtimestamp(talk.starts_at, UTC)
