"""Series are set up and changed in a form, by those who may, and in channels that they and Lore are in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from slack_bolt import App
from slack_sdk import WebClient
from sqlalchemy import Connection

from bot.blocks.series_list import ARCHIVE, EDIT, NEW, PAUSE, series_page
from bot.blocks.series_setup import metadata, said_view, series_view
from bot.inbox import Inbox
from bot.journal import series, talks
from bot.journal.records import Audit
from bot.journal.series import Series
from bot.journal.talks import Talk
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.learning import course
from bot.learning.finding import Finding
from bot.listeners import series_setup as doors
from bot.messages import Place
from bot.pressing import quietly, subject_of, to_person
from bot.replies import in_markdown, reply
from bot.ritual_settings import ADMINS, RitualSettings
from bot.rituals.views import show_later
from bot.rooms import Room
from knowledge.adapters.database import Database
from knowledge.audience import UNKNOWN_READERS
from knowledge.ports import Clock
from prompts.calendar import as_shown, zone_named
from prompts.recurrence import Rule
from prompts.series import NAMES, SeriesSettings
from prompts.series_tables import SeriesError, name_of, next_dates, read_settings, table_of
from prompts.words import words

SHOWN_DATES = 3
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What cannot be saved, and at which setting that is said."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class SettingUp:
    """Works off what comes of the forms, for every kind of series."""

    client: WebClient
    finding: Finding
    settings: RitualSettings
    writer: JournalWriter
    clock: Clock

    def attend(self, room: Room) -> None:
        """Bring the form, once for all kinds."""
        room.doors.append(lambda app, inbox: doors.register(app, inbox, self.clock))

    def join(self, room: Room, kind: str) -> None:
        """Bring the commands that open it."""

        def register(app: App, inbox: Inbox) -> None:
            doors.register_command(app, inbox, kind)

        room.doors.append(register)

    def begin(self, item: Item) -> Done:
        """Show the form, empty or as a series is."""
        kind, person = str(item.payload.get("series_kind") or ""), item.person
        if reason := self._may_not(person):
            return self._refused(item, reason, "set up a series", kind)
        if item.payload.get("act") == NEW:
            zone = self.finding.availability.profile(person).zone.key
            channel = item.channel if item.channel[:1] in ("C", "G") else ""
            table = {"name": "", "channel": channel, "days": "every Thursday", "zone": zone}
            return self._show(item, kind, table | {"minutes": "45", "lead": "14"}, "", 0)
        found = self._meant(item, kind)
        if found is None:
            named = NAMES[kind]
            text = words("series_unknown", series=named.series, command=named.command)
            return self._refused(item, text, "change a series", subject_of(item))
        table = table_of(found.name, found.channel, found.settings, found.co_owners)
        return self._show(item, kind, table, found.id, found.revision)

    def save(self, item: Item) -> Done:
        """What was put into the form becomes a series, or is shown again with what is wrong."""
        kind, series_id = str(item.payload.get("series_kind") or ""), subject_of(item)
        table: Mapping[str, Any] = item.payload.get("table") or {}
        before = self._series(series_id) if series_id else None
        if reason := self._may_not(item.person):
            return self._refused(item, reason, "set up a series", series_id)
        if series_id and (before is None or not self.finding.may_manage(before, item.person)):
            named = NAMES[kind]
            text = words("series_unknown", series=named.series, command=named.command)
            return self._refused(item, text, "change a series", series_id)
        if not series_id and (made := self._series(_made_by(item))) is not None:
            return self._saved(item, made, new=True)  # worked off before, up to this reply
        checked = self._checked(item, kind, table, before)
        revision = int(item.payload.get("revision") or 0)
        if isinstance(checked, Wrong):
            return self._show(item, kind, table, series_id, revision, checked)
        if before is not None and _is_saved(before, checked, revision):
            return self._saved(item, before, new=False)
        now = self.clock().timestamp()
        if not self.writer.write(lambda connection: _store(connection, checked, revision, now)):
            text = words("series_changed_meanwhile", name=checked.name, command=NAMES[kind].command)
            return self._say(item, text)
        return self._saved(item, checked, new=before is None)

    # within

    def _saved(self, item: Item, one: Series, *, new: bool) -> Done:
        text = self._told(one, new=new)
        show_later(self.client, item.payload, said_view(_title(one.kind), text))
        audit = Audit(item.person, "set up a series" if new else "change a series", one.id)
        page = series_page(text, one.kind, one.id, (EDIT, PAUSE, ARCHIVE))
        return Done(say=to_person(item.person, [page]), record=(audit,))

    def _checked(
        self, item: Item, kind: str, table: Mapping[str, Any], before: Series | None
    ) -> Series | Wrong:
        """The series that a table means. Asks Slack about its channel."""
        zone = self.finding.availability.profile(item.person).zone
        try:
            name, settings = name_of(table), read_settings(table, self.clock().astimezone(zone).date())
        except SeriesError as error:
            return Wrong(error.key, str(error))
        channel = str(table.get("channel") or "")
        if reason := self._channel_refusal(channel, item.person):
            return Wrong("channel", words(reason))
        with self.finding.database.reading() as connection:
            others = series.of_channel(connection, kind, channel)
        own = "" if before is None else before.id
        if any(one.name.casefold() == name.casefold() and one.id != own for one in others):
            return Wrong("name", words("series_name_taken"))
        co_owners = tuple(one for one in table.get("co_owners") or () if one != item.person)
        if before is None:
            return Series(kind, name, channel, settings, item.person, co_owners, id=_made_by(item))
        co_owners = tuple(one for one in table.get("co_owners") or () if one != before.owner)
        return replace(
            before,
            name=name,
            channel=channel,
            settings=settings,
            co_owners=co_owners,
            revision=before.revision + 1,
        )

    def _channel_refusal(self, channel: str, person: str) -> str:
        """The name of the words why a series cannot be announced in a channel; empty where it can."""
        people = self.finding.people
        known = people.channel(channel) if channel else None
        if known is None or known.get("is_archived") or known.get("is_member") is not True:
            return "series_channel_unseen"
        if not people.shares(channel, person):
            return "series_channel_unseen"
        return "series_channel_unknown" if people.readers(Place(channel)) == UNKNOWN_READERS else ""

    def _told(self, one: Series, new: bool) -> str:
        days = Rule.read(one.settings.rule).words
        values = {"name": one.name, "days": days, "next": self._next(one)}
        if new:
            return words("series_set_up", **values)
        return words("series_changed", command=NAMES[one.kind].command, **values)

    def _next(self, one: Series) -> str:
        return coming_dates(one, self.clock(), self.finding.database)

    def _may_not(self, person: str) -> str:
        """Why somebody may set nothing up; empty where they may."""
        if not self.finding.people.is_full_member(person):
            return words("series_members_only")
        if self.settings.set_up_by == ADMINS and not self.finding.people.is_admin(person):
            return words("series_admins_only")
        return ""

    def _meant(self, item: Item, kind: str) -> Series | None:
        """The series that a button or a name is about, if this person may change it."""
        if subject_of(item):
            found = self._series(subject_of(item))
            return found if found is not None and self.finding.may_manage(found, item.person) else None
        named = self.finding.named(
            self.finding.managed(kind, item.person, item.channel), str(item.payload.get("name") or "")
        )
        return named[0] if len(named) == 1 else None

    def _series(self, series_id: str) -> Series | None:
        with self.finding.database.reading() as connection:
            return series.by_id(connection, series_id)

    def _show(
        self,
        item: Item,
        kind: str,
        table: Mapping[str, Any],
        series_id: str,
        revision: int,
        wrong: Wrong | None = None,
    ) -> Done:
        origin = {"channel": item.channel, "response_url": item.payload.get("response_url")}
        kept = metadata(kind, series_id, revision, str(table.get("since") or ""), origin)
        trouble = (wrong.key, wrong.reason) if wrong else ("", "")
        if show_later(self.client, item.payload, series_view(_title(kind), table, kept, *trouble)):
            return Done()
        act = EDIT if series_id else NEW
        page = series_page(words("series_open_again"), kind, series_id, (act,))
        return Done(say=reply(item, [page]) if item.payload.get("response_url") else quietly(item, [page]))

    def _refused(self, item: Item, text: str, act: str, subject: str) -> Done:
        said = self._say(item, text)
        return replace(said, record=(Audit(item.person, act, subject[:200], allowed=False),))

    def _say(self, item: Item, text: str) -> Done:
        """In the modal where there is one, else to the person alone."""
        kind = str(item.payload.get("series_kind") or "")
        if show_later(self.client, item.payload, said_view(_title(kind), text)):
            return Done()
        return Done(say=quietly(item, in_markdown(text)))


def coming_dates(one: Series, now: datetime, database: Database) -> str:
    """The next dates, in words, without those that are cancelled."""
    settings = one.settings
    with database.reading() as connection:
        cancelled = talks.slots(connection, one.id, (now - _A_DAY).date(), talks.CANCELLED)
    dates = next_dates(settings, now, SHOWN_DATES + len(cancelled))
    found = [each for each in dates if each.date().isoformat() not in cancelled][:SHOWN_DATES]
    shown = ", ".join(
        f"{each:%a} {each.day} {each:%b}" + ("" if settings.rotating else f" {each:%H:%M}") for each in found
    )
    text = shown or "no date"
    return words("series_next_fair", next=text) if settings.rotating and shown else text


def _store(connection: Connection, one: Series, revision: int, now: float) -> bool:
    """Keep it, where nobody has changed it since the form was opened; dates that have neither a topic nor a
    speaker follow."""
    known = series.by_id(connection, one.id)
    if known is not None and known.revision != revision:
        return False
    series.put(connection, one, now)
    if known is not None and known.settings != one.settings:
        for talk in talks.of_series(connection, one.id, talks.PLANNED):
            if course.is_bare(talk):
                _follow(connection, talk, known.settings, one.settings, now)
    return True


def _made_by(item: Item) -> str:
    """The id of the series that comes of a form: worked off twice, it is there once."""
    return f"series-{item.id}-{item.received_at:.0f}"


def _is_saved(known: Series, wanted: Series, revision: int) -> bool:
    """Whether what a form wants, opened at this revision, is stored already: it is worked off once more."""
    return known.revision == revision + 1 and replace(wanted, revision=known.revision) == known


def _follow(
    connection: Connection, talk: Talk, before: SeriesSettings, after: SeriesSettings, now: float
) -> None:
    """A date is planned anew where others are meant now; a time that people have chosen stays."""
    if _rhythm(before) != _rhythm(after) and _is_as_planned(talk, before):
        course.drop(connection, talk, now)
    else:
        changed = replace(talk, minutes=after.minutes, place=after.place)
        talks.put(connection, changed, talk.changed_at)  # so that it still counts as it was planned


def _rhythm(settings: SeriesSettings) -> tuple[object, ...]:
    """All that a date and its time follow from."""
    s = settings
    return (s.rule, s.since, s.at, s.zone, s.rotating, s.lead_days)


def _is_as_planned(talk: Talk, settings: SeriesSettings) -> bool:
    """Whether nobody has moved it: it was never touched, or is when the settings say."""
    zone = zone_named(settings.zone, ZoneInfo("UTC")).zone
    usual = as_shown(date.fromisoformat(talk.slot), settings.at, zone).timestamp()
    return talk.changed_at == talk.planned_at or (not settings.rotating and talk.starts_at == usual)


def _title(kind: str) -> str:
    return NAMES[kind].series.capitalize()
