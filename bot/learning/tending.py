"""Series that are there: listed with their next dates, paused, resumed and archived."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.blocks.series_list import (
    ARCHIVE,
    EDIT,
    NEW,
    PAUSE,
    RESUME,
    Coming,
    Listed,
    list_pages,
    series_page,
)
from bot.blocks.talks import titled
from bot.journal import series, talks
from bot.journal.records import Audit
from bot.journal.series import ACTIVE, ARCHIVED, PAUSED, Series
from bot.journal.talks import ANNOUNCED, CANCELLED, SPEAKS, Talk
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.kinds import SERIES_STEP
from bot.learning import course
from bot.learning.finding import COMING, KIND_OF, Finding, after_verb
from bot.learning.setting_up import SettingUp, coming_dates
from bot.pressing import quietly, subject_of
from bot.replies import in_markdown, reply
from bot.rooms import Room
from knowledge.ports import Clock
from prompts.recurrence import Rule, RuleError
from prompts.series import NAMES
from prompts.words import words

MOST_DATES = 3
_STATE_OF = {PAUSE: PAUSED, RESUME: ACTIVE, ARCHIVE: ARCHIVED}


@dataclass(frozen=True, slots=True)
class Tending:
    """Works off SERIES_STEP, and the commands about a series by its name."""

    finding: Finding
    setting_up: SettingUp
    writer: JournalWriter
    clock: Clock

    def attend(self, room: Room) -> None:
        """Bring what is pressed, once for all kinds."""
        room.handlers[SERIES_STEP] = self.step

    def join(self, room: Room) -> None:
        room.commands["list"] = self.show_list
        room.commands |= dict.fromkeys(_STATE_OF, self.command)

    def step(self, item: Item) -> Done:
        """A button of a series, or its form."""
        act = str(item.payload.get("act") or "")
        if act in (NEW, EDIT):
            return self.setting_up.begin(item)
        if act == "save":
            return self.setting_up.save(item)
        with self.finding.database.reading() as connection:
            one = series.by_id(connection, subject_of(item))
        if act not in _STATE_OF or one is None or not self.finding.may_manage(one, item.person):
            refused = Audit(item.person, f"{act} a series", subject_of(item), allowed=False)
            kind = str(item.payload.get("series_kind") or "")
            named = NAMES.get(kind, NAMES["learning"])
            text = words("series_unknown", series=named.series, command=named.command)
            return Done(say=quietly(item, in_markdown(text)), record=(refused,))
        text, audit = self._change(item, one, act)
        page = series_page(text, one.kind, one.id, _acts_after(act))
        return Done(say=quietly(item, [page]), record=(audit,))

    def command(self, item: Item) -> Done:
        """`/learn pause NAME`, and the others that are about a name alone."""
        act, kind = item.text.split()[0].lower(), KIND_OF[item.kind]
        named = NAMES[kind]
        found = self._named(item, kind, act)
        if len(found) != 1:
            refused = Audit(item.person, f"{act} a series", after_verb(item)[:200], allowed=False)
            text = words("series_unknown", series=named.series, command=named.command)
            if found:
                text = words("talk_which", names=", ".join(dict.fromkeys(one.name for one in found)))
            return Done(say=reply(item, in_markdown(text)), record=(refused,))
        text, audit = self._change(item, found[0], act)
        page = series_page(text, kind, found[0].id, _acts_after(act))
        return Done(say=reply(item, [page]), record=(audit,))

    def show_list(self, item: Item) -> Done:
        """`/learn list`: what one sees, with its next dates; buttons for those who look after it."""
        kind = KIND_OF[item.kind]
        seen = self.finding.of_kind(kind, item.person)
        if not seen:
            named = NAMES[kind]
            text = words("series_none", series=named.series, command=named.command)
            return Done(say=reply(item, [series_page(text, kind, "", (NEW,))]))
        return Done(say=reply(item, list_pages([self._listed(one, item.person) for one in seen], kind)))

    # within

    def _change(self, item: Item, one: Series, act: str) -> tuple[str, Audit]:
        """Have a series be active, paused or archived, and what to say of it."""
        now, state = self.clock().timestamp(), _STATE_OF[act]
        announced = self.writer.write(lambda connection: _put(connection, one.id, state, now))
        audit = Audit(item.person, f"{act} a series", one.id)
        named = NAMES[one.kind]
        if announced is None:
            said = "going on" if state == ACTIVE else state
            return words("series_is_so", name=one.name, state=said), audit
        match state:
            case series.PAUSED:
                more = words("series_paused_announced", command=named.command) if announced else ""
                return words("series_paused", name=one.name, announced=more, command=named.command), audit
            case series.ARCHIVED:
                return words("series_archived", name=one.name, command=named.command), audit
            case _:
                dates = coming_dates(one, self.clock(), self.finding.database)
                return words("series_resumed", name=one.name, next=dates), audit

    def _named(self, item: Item, kind: str, act: str) -> Sequence[Series]:
        """Those that a command may mean; what is archived can only be resumed, by its name."""
        name = after_verb(item)
        among = self.finding.managed(kind, item.person, item.channel)
        if name:
            among = [
                one
                for one in self.finding.of_kind(kind, item.person)
                if self.finding.may_manage(one, item.person)
            ]
        found = self.finding.named(among, name)
        if found or act != RESUME or not name:
            return found
        with self.finding.database.reading() as connection:
            archived = series.all_series(connection, kind, ARCHIVED)
        mine = [one for one in archived if self.finding.may_manage(one, item.person)]
        return self.finding.named(mine, name)

    def _listed(self, one: Series, person: str) -> Listed:
        place = self.finding.people.name_of_place(one.channel)
        managed = self.finding.may_manage(one, person)
        coming = self.finding.coming([one], self.clock())[:MOST_DATES]
        state = "" if one.state == ACTIVE else f" ({one.state})"
        acts = () if not managed else (EDIT, PAUSE, ARCHIVE) if one.state == ACTIVE else (RESUME, ARCHIVE)
        return Listed(
            one.id,
            one.kind,
            f"*{one.name}*{state}, in {place}",
            _rhythm(one),
            tuple(Coming(talk.id, self._in_words(talk, one, person), managed) for talk in coming),
            acts,
        )

    def _in_words(self, talk: Talk, one: Series, person: str) -> str:
        """`Thursday 3 December, 12:30 (Lisbon time): “Caches”, Ben Okafor speaks`."""
        with self.finding.database.reading() as connection:
            speaking = talks.speakers_of(connection, talk.id, SPEAKS)
        names = [self.finding.people.name_of(each.person) for each in speaking]
        named = NAMES[one.kind]
        title = f"“{titled(talk.title)}”" if talk.title else "no topic yet"
        match talk.floor:
            case talks.FOUND:
                who = f"{named.speaker}{'s' if len(names) > 1 else ''}: {', '.join(names)}"
            case talks.OPEN_FLOOR:
                who = "open floor"
            case _:
                who = f"{named.speaker} wanted"
        told = "" if talk.state == ANNOUNCED else "; not announced yet"
        return f"{self.finding.when_for(talk, person)}: {title}, {who}{told}"


def _acts_after(act: str) -> Sequence[str]:
    return (EDIT, PAUSE, ARCHIVE) if act == RESUME else (RESUME,)


def _rhythm(one: Series) -> str:
    settings = one.settings
    try:
        days = Rule.read(settings.rule).words
    except RuleError:
        days = f"{settings.rule}."
    if settings.rotating:
        return f"{days} At fair hours, for {settings.minutes} minutes."
    return (
        f"{days} At {settings.at:%H:%M} ({settings.zone.replace('_', ' ')}), for {settings.minutes} minutes."
    )


def _put(connection: Connection, series_id: str, state: str, now: float) -> bool | None:
    """Whether something is announced, once a series is in a state; None where it is in it already."""
    one = series.by_id(connection, series_id)
    if one is None or one.state == state:
        return None
    series.put(connection, replace(one, state=state, revision=one.revision + 1), now)
    coming = [talk for talk in talks.of_series(connection, one.id, *COMING) if talk.starts_at > now]
    if state == ARCHIVED:
        for talk in coming:
            end = course.drop if course.is_bare(talk) else course.cancel
            end(connection, talk, now)
    elif one.state == ARCHIVED:
        for talk in talks.of_series(connection, one.id, CANCELLED):
            if talk.starts_at > now and talk.changed_at == one.changed_at:  # by archiving, not by a person
                course.reopen(connection, talk, now)
    return any(talk.state == ANNOUNCED for talk in coming)
