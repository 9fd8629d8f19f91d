"""Talks are moved, changed and cancelled, by whoever looks after them or speaks, by command or in a form."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from slack_bolt import App
from sqlalchemy import Connection

from bot.blocks.pages import Page
from bot.blocks.plain import one_line
from bot.blocks.talk_changes import cancel_view, change_view, move_view
from bot.blocks.talks import CANCEL, CHANGE, MOVE, talk_page, titled
from bot.inbox import Inbox
from bot.journal import talks
from bot.journal.records import Audit
from bot.journal.series import Series
from bot.journal.talks import ANNOUNCED, Talk
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.kinds import CHANGE_TALK
from bot.learning import course
from bot.learning.finding import COMING, KIND_OF, Finding, after_verb, is_speaker
from bot.listeners import talk_changes as doors
from bot.messages import Message
from bot.pressing import marked, quietly, subject_of
from bot.replies import in_markdown, reply
from bot.rooms import Room
from ingest.redaction import redact
from knowledge.ports import Clock
from prompts.calendar import as_shown
from prompts.series import NAMES
from prompts.series_tables import SeriesError, read_talk
from prompts.words import words

Said = tuple[tuple[Message, ...], tuple[Audit, ...]]
Answering = Callable[[Item, Sequence[Page]], tuple[Message, ...]]
"""How the one who asked for a change is answered."""
FURTHEST = timedelta(days=366)
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_TIME = re.compile(r"\b(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)\b")
_DONE = {"move": "moved", "cancel": "cancelled", "change": "changed"}
_SAID = re.compile(r"\bto\b|,", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Changing:
    """The same for every kind of series; each room has the commands about its own."""

    finding: Finding
    writer: JournalWriter
    clock: Clock

    def join(self, room: Room) -> None:
        room.commands |= {MOVE: self.move, CHANGE: self.change, CANCEL: self.cancel}

    def attend(self, room: Room) -> None:
        """Bring the forms and what they do, once for all kinds."""
        room.handlers[CHANGE_TALK] = self.form
        room.doors.append(self._register)

    # commands

    def move(self, item: Item) -> Done:
        """`/learn move [DATE to] DATE TIME`."""
        named = NAMES[KIND_OF[item.kind]]
        how = words("talk_move_how", command=named.command)
        try:
            days = [date.fromisoformat(one) for one in _DATE.findall(after_verb(item))]
        except ValueError:
            return Done(say=reply(item, in_markdown(how)))
        found = _TIME.search(_DATE.sub(" ", after_verb(item)))
        at = None if found is None else time(int(found["hour"]), int(found["minute"]))
        rest = _SAID.sub(" ", _TIME.sub(" ", _DATE.sub(" ", after_verb(item)))).strip()
        if len(days) > 2 or rest or not (days or at):
            return Done(say=reply(item, in_markdown(how)))
        slot = days[0].isoformat() if len(days) == 2 else ""
        mine = self._meant(item, slot)
        if isinstance(mine, Done):
            return mine
        talk, one = mine
        zone = self.finding.zone(talk)
        before = datetime.fromtimestamp(talk.starts_at, zone)
        starts = as_shown(days[-1] if days else before.date(), at or before.time(), zone)
        return Done(*self._move(item, talk, one, starts, reply))

    def cancel(self, item: Item) -> Done:
        """`/learn cancel [DATE]`: asks before it does."""
        slot = next(iter(_DATE.findall(after_verb(item))), "")
        mine = self._meant(item, slot)
        if isinstance(mine, Done):
            return mine
        talk, one = mine
        when = self.finding.when_for(talk, item.person)
        text = words("talk_cancel_sure", about=about(talk, one), when=when)
        return Done(say=reply(item, [talk_page(text, (), (CANCEL, MOVE, CHANGE), talk.id)]))

    def change(self, item: Item) -> Done:
        """`/learn change [DATE]`: shows what it is now, with the form for another title, place or length."""
        slot = next(iter(_DATE.findall(after_verb(item))), "")
        mine = self._meant(item, slot)
        if isinstance(mine, Done):
            return mine
        talk, one = mine
        when = self.finding.when_for(talk, item.person)
        text = words("talk_as_it_is", about=about(talk, one), when=when, minutes=talk.minutes)
        notes = [words("talk_where", place=talk.place)] if talk.place else ()
        return Done(say=reply(item, [talk_page(text, notes, (CHANGE, MOVE, CANCEL), talk.id)]))

    # forms

    def view(self, act: str, talk_id: str, person: str, metadata: str) -> dict[str, Any] | None:
        """The form for a change; None where there is nothing that this person may change."""
        found = self.finding.talk(talk_id)
        if found is None or not self._may(*found, person) or not self._is_coming(found[0]):
            return None
        talk, one = found
        text = f"{about(talk, one)}, {self.finding.when(talk)}".replace("*", "")
        if act == CANCEL:
            return cancel_view(metadata, text)
        if act == CHANGE:
            kept = marked(metadata, shown=_described(talk))
            return change_view(kept, text, talk.title, talk.place, talk.minutes)
        starts = datetime.fromtimestamp(talk.starts_at, self.finding.zone(talk))
        return move_view(metadata, text, starts)

    def trouble(self, talk_id: str, day: str, at: str) -> str:
        """What is wrong with a time that was put into the form; empty where nothing is."""
        found = self.finding.talk(talk_id)
        starts = None if found is None else self._starts(found[0], day, at)
        return "Choose a day and a time." if starts is None else self._too(starts)

    def form(self, item: Item) -> Done:
        """What was put into a form is done."""
        found = self.finding.talk(subject_of(item))
        if found is None:
            return Done(say=quietly(item, in_markdown(words("talk_gone", talk="date"))))
        talk, one = found
        if not self._may(talk, one, item.person):
            refused = Audit(item.person, "change a talk", talk.id, allowed=False)
            return Done(say=quietly(item, in_markdown(words("talk_not_yours"))), record=(refused,))
        if item.payload.get("act") == CANCEL:
            return Done(*self._cancel(item, talk, one, quietly))
        if item.payload.get("act") == CHANGE:
            return Done(*self._describe(item, talk, one))
        starts = self._starts(talk, str(item.payload.get("day")), str(item.payload.get("at")))
        if starts is None:
            return Done(say=quietly(item, in_markdown(words("talk_gone", talk=NAMES[one.kind].talk))))
        return Done(*self._move(item, talk, one, starts, quietly))

    # what is done

    def _move(self, item: Item, talk: Talk, one: Series, starts: datetime, answer: Answering) -> Said:
        if wrong := self._too(starts):
            return answer(item, in_markdown(wrong)), ()
        now = self.clock().timestamp()

        def change(connection: Connection) -> Talk | None:
            known = talks.by_id(connection, talk.id)
            if known is None or not self._is_coming(known):
                return None
            if known.starts_at == starts.timestamp():
                return known
            return course.move(connection, known, starts.timestamp(), now, item.person)

        return self._told(item, "move", self.writer.write(change), one, answer)

    def _cancel(self, item: Item, talk: Talk, one: Series, answer: Answering) -> Said:
        now = self.clock().timestamp()

        def change(connection: Connection) -> Talk | None:
            known = talks.by_id(connection, talk.id)
            if known is None or not self._is_coming(known):
                return None
            course.cancel(connection, known, now, item.person)
            return known

        return self._told(item, "cancel", self.writer.write(change), one, answer)

    def _describe(self, item: Item, talk: Talk, one: Series) -> Said:
        """Of what the form had, only what was changed in it: the rest is as others have made it meanwhile."""
        table, shown = item.payload.get("table") or {}, item.payload.get("shown") or {}
        now = self.clock().timestamp()

        def change(connection: Connection) -> Talk | None:
            known = talks.by_id(connection, talk.id)
            if known is None or not self._is_coming(known):
                return None
            typed = {key: one for key, one in table.items() if one != shown.get(key)}
            title, place, minutes = read_talk(_described(known) | typed)
            title = redact(one_line(title)).text or known.title
            by = item.person
            return course.describe(connection, known, now, by, title=title, place=place, minutes=minutes)

        try:
            return self._told(item, "change", self.writer.write(change), one, quietly)
        except SeriesError as error:
            return quietly(item, in_markdown(str(error))), ()

    def _told(self, item: Item, act: str, changed: Talk | None, one: Series, answer: Answering) -> Said:
        if changed is None:
            return answer(item, in_markdown(words("talk_gone", talk=NAMES[one.kind].talk))), ()
        quiet = "" if changed.state == ANNOUNCED else "_quietly"
        name = f"talk_{_DONE[act]}{quiet}"
        when = self.finding.when_for(changed, item.person)
        text = words(name, about=about(changed, one), when=when)
        return answer(item, in_markdown(text)), (Audit(item.person, f"{act} a talk", changed.id),)

    # within

    def _meant(self, item: Item, slot: str) -> tuple[Talk, Series] | Done:
        """The talk that a command is about: the next that its giver may change."""
        named = NAMES[KIND_OF[item.kind]]
        seen = self.finding.of_kind(KIND_OF[item.kind], item.person, item.channel)
        coming = [(talk, _of(seen, talk)) for talk in self.finding.coming(seen, self.clock(), slot)]
        mine = [(talk, one) for talk, one in coming if self._may(talk, one, item.person)]
        if not mine:
            refused = Audit(item.person, "change a talk", slot, allowed=False)
            text = words("talk_none", talk=named.talk, command=named.command)
            return Done(say=reply(item, in_markdown(text)), record=(refused,))
        names = dict.fromkeys(one.name for _, one in mine)
        if len({one.id for _, one in mine}) > 1:
            return Done(say=reply(item, in_markdown(words("talk_which", names=", ".join(names)))))
        return mine[0]

    def _may(self, talk: Talk, one: Series, person: str) -> bool:
        if self.finding.may_manage(one, person):
            return True
        with self.finding.database.reading() as connection:
            speaks = is_speaker(connection, talk, person)
        return speaks and self.finding.people.is_full_member(person)

    def _is_coming(self, talk: Talk) -> bool:
        return talk.state in COMING and talk.starts_at > self.clock().timestamp()

    def _starts(self, talk: Talk, day: str, at: str) -> datetime | None:
        try:
            return as_shown(date.fromisoformat(day), time.fromisoformat(at), self.finding.zone(talk))
        except ValueError:
            return None

    def _too(self, starts: datetime) -> str:
        if starts <= self.clock():
            return words("talk_move_past")
        return words("talk_move_too_far") if starts - self.clock() > FURTHEST else ""

    def _register(self, app: App, inbox: Inbox) -> None:
        doors.register(app, inbox, self.view, self.trouble)


def about(talk: Talk, one: Series) -> str:
    """A talk within a sentence."""
    return f"“{titled(talk.title)}” of *{one.name}*" if talk.title else f"The next one of *{one.name}*"


def _described(talk: Talk) -> dict[str, str]:
    """What the form for a change begins with."""
    return {"title": talk.title, "place": talk.place, "minutes": str(talk.minutes)}


def _of(among: Sequence[Series], talk: Talk) -> Series:
    return next(one for one in among if one.id == talk.series_id)
