"""Dates that went by before they could be planned, while Lore was away: recorded, and told to their owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.journal import notices as journal
from bot.journal import series, talks
from bot.journal.notices import Notice
from bot.journal.series import ACTIVE, KINDS, Series
from bot.journal.talks import MISSED, Talk
from bot.learning.finding import Finding
from bot.notices import Fate, Made, Notices
from bot.pressing import to_person
from bot.replies import in_markdown
from bot.rituals.due import NotSaid
from bot.rooms import Room
from knowledge.adapters.database import Database
from prompts.calendar import as_shown, zone_named
from prompts.recurrence import Rule, RuleError
from prompts.series import NAMES
from prompts.words import words

DATES_MISSED = "dates missed"
"""A kind of notice: an owner is told which dates went by."""
MOST_NAMED = 8
_A_DAY = timedelta(days=1)
_A_WEEK_S = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class MissedDates:
    """A duty of the heartbeat, before dates are planned; any number of processes may do it at once.

    Dates are planned in their order, so what lies between the newest that is known and now went by. What was
    to be before the series was set up, changed or resumed did not.
    """

    finding: Finding
    database: Database

    def join(self, room: Room) -> None:
        room.duties.append(self.record)

    def tell(self, notices: Notices) -> None:
        notices.makers[DATES_MISSED] = self._make

    def record(self, now: datetime) -> None:
        with self.database.reading() as connection:
            active = [one for kind in KINDS for one in series.all_series(connection, kind, ACTIVE)]
            newest = {one.id: talks.newest_slot(connection, one.id) for one in active}
        for one in active:
            if gone := _gone_by(one, newest[one.id], now):
                self._record(one, newest[one.id], gone, now.timestamp())

    def _record(self, one: Series, newest: str, gone: Sequence[Talk], at: float) -> None:
        keeper = self.finding.keeper(one)
        with self.database.writing() as connection:
            still = series.by_id(connection, one.id) == one
            if not still or talks.newest_slot(connection, one.id) != newest:
                return
            for talk in gone:
                talks.put(connection, talk, at)
            about = f"{one.id} {gone[0].slot} {gone[-1].slot}"
            journal.plan(connection, Notice(DATES_MISSED, about, keeper, at, at + _A_WEEK_S))

    def _make(self, notice: Notice, _now: datetime) -> Fate:
        series_id, first, last = notice.about.split(" ")
        with self.database.reading() as connection:
            one = series.by_id(connection, series_id)
            missed = [] if one is None else talks.of_series(connection, one.id, MISSED)
        if one is None:
            return NotSaid("There is no such series any more.")
        gone = [talk for talk in missed if first <= talk.slot <= last]
        dates = [self.finding.when_for(talk, notice.recipient) for talk in gone[:MOST_NAMED]]
        more = [f"and {len(gone) - MOST_NAMED} more"] if len(gone) > MOST_NAMED else []
        named = NAMES[one.kind]
        text = words(
            "dates_missed", talk=named.talk, name=one.name, dates="; ".join([*dates, *more]), list=named.list
        )
        return Made(to_person(notice.recipient, in_markdown(text)))


def _gone_by(one: Series, newest: str, now: datetime) -> list[Talk]:
    """The dates that were to be after the newest that is known (ISO, or empty), and are past."""
    settings = one.settings
    zone = zone_named(settings.zone, ZoneInfo("UTC")).zone
    since = max(settings.since, datetime.fromtimestamp(one.changed_at, UTC).astimezone(zone).date())
    after = max(since - _A_DAY, date.fromisoformat(newest)) if newest else since - _A_DAY
    today = now.astimezone(zone).date()
    if after >= today:
        return []
    try:
        dates = [*Rule.read(settings.rule).starting(settings.since).dates(after, today)]
    except RuleError:
        return []
    starts = {day: as_shown(day, settings.at, zone) for day in dates}
    return [
        Talk(
            series_id=one.id,
            slot=day.isoformat(),
            starts_at=at.timestamp(),
            minutes=settings.minutes,
            zone=zone.key,
            place=settings.place,
            state=MISSED,
        )
        for day, at in starts.items()
        if one.changed_at < at.timestamp() <= now.timestamp()
    ]
