"""What is done with a stand-up that is there: listed, paused, resumed, archived, handed over and tried."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from bot.blocks.pages import Page
from bot.blocks.standup_list import ARCHIVE, PAUSE, RESUME, TRY, list_pages, managed_page, open_page
from bot.journal import records, rituals
from bot.journal.records import Audit
from bot.journal.rituals import ACTIVE, ARCHIVED, IN_FILE, PAUSED, Ritual
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.kinds import MANAGE_STANDUP
from bot.messages import Message
from bot.pressing import quietly, subject_of, to_person
from bot.replies import in_markdown, reply
from bot.rituals.listing import Standups
from bot.rituals.managing import may_manage
from bot.rituals.room import Rituals
from bot.rituals.trying import Trial
from prompts.absence_words import LeaveError, read_leave
from prompts.planning import MONDAY_TO_FRIDAY
from prompts.slots import said
from prompts.words import words

HAND_OVER = "hand over"
MOST_NAMES = 10

_UNTIL = re.compile(r"(?:^|\s)(until|till|til)\s+(?P<when>.+)$", re.IGNORECASE)
_HAND = re.compile(r"(?:over\b\s*)?(?P<name>.*?)\s*\bto\s+(?P<person>\S+)\s*", re.IGNORECASE)
_MENTION = re.compile(r"<@(?P<id>[UW][A-Z0-9]{7,20})(?:\|[^>]*)?>")
_MAIL = re.compile(r"(?:<mailto:)?(?P<mail>[^\s<>|@]+@[^\s<>|@]+)(?:\|[^>]*>)?")

Change = Callable[[Ritual], Ritual | None]
"""What becomes of a ritual; None where it is so already."""


@dataclass(frozen=True, slots=True)
class Tending:
    """Works off commands and buttons about stand-ups that are there. Each act is its owner's or an admin's,
    and audited, also when it was refused."""

    standups: Standups
    trial: Trial
    writer: JournalWriter

    def join(self, rooms: Rituals) -> None:
        rooms.handlers[MANAGE_STANDUP] = self.press
        rooms.commands |= {
            "list": self.show_list,
            PAUSE: self.command,
            RESUME: self.command,
            ARCHIVE: self.command,
            TRY: self.command,
            "hand": self.hand_over,
            "handover": self.hand_over,
        }

    def show_list(self, item: Item) -> Done:
        """`/standup list`: what one looks after and what asks one; `list all` is all of it, for admins."""
        people, person = self.standups.people, item.person
        if not people.is_full_member(person):
            return Done(say=reply(item, in_markdown(words("members_only"))))
        if _after_verb(item.text).lower() == "all" and people.is_admin(person):
            every = self.standups.all(ACTIVE, PAUSED, ARCHIVED)
            lines = [self.standups.line(one, person) for one in every]
            return Done(say=reply(item, list_pages(lines, ())))
        owned, asking = self.standups.owned_by(person), self.standups.asking(person)
        return Done(say=reply(item, list_pages(owned, asking)))

    def command(self, item: Item) -> Done:
        """`/standup pause NAME until DATE`, and the others that are about a name alone."""
        verb, rest = item.text.split()[0].lower(), _after_verb(item.text)
        when = _UNTIL.search(rest) if verb == PAUSE else None
        name = rest[: when.start()] if when else rest
        found = self._named(item.person, name, verb)
        if isinstance(found, str):
            return self._refused(item, verb, name, found)
        until: date | None = None
        if when is not None:
            today = self._today(item.person)
            try:
                until = _day(when["when"], today)
            except LeaveError as error:
                return Done(say=reply(item, in_markdown(str(error))))
        return self._act(item, verb, found, until)

    def press(self, item: Item) -> Done:
        """A button, or the form that says until when it is paused."""
        act = str(item.payload.get("act") or "")
        found = self.standups.ritual(subject_of(item))
        if found is None or not may_manage(self.standups.people, found, item.person):
            name = "" if found is None else found.name
            return self._refused(item, act, name, words("standup_unknown", name="?"))
        until = str(item.payload.get("until") or "")
        return self._act(item, act, found, date.fromisoformat(until) if until else None)

    def hand_over(self, item: Item) -> Done:
        """`/standup hand over NAME to @person`."""
        asked = _HAND.fullmatch(_after_verb(item.text).strip())
        if asked is None:
            return Done(say=reply(item, in_markdown(words("standup_hand_over_how"))))
        found = self._named(item.person, asked["name"], HAND_OVER)
        if isinstance(found, str):
            return self._refused(item, HAND_OVER, asked["name"], found)
        if found.origin == IN_FILE:
            return Done(say=reply(item, in_markdown(words("standup_in_file", name=found.name))))
        heir = self._person(asked["person"])
        if heir is None:
            return Done(say=reply(item, in_markdown(words("standup_hand_over_nobody"))))

        def change(ritual: Ritual) -> Ritual | None:
            if ritual.owner == heir:
                return None
            others = tuple(one for one in ritual.co_owners if one != heir)
            return replace(ritual, owner=heir, co_owners=others, revision=ritual.revision + 1)

        changed = self._change(found, item.person, HAND_OVER, change)
        people = self.standups.people
        text = words("standup_handed_over", name=changed.name, person=people.name_of(heir))
        told = words("standup_handed_to_you", name=changed.name, person=people.name_of(item.person))
        to_heir = to_person(heir, [managed_page(told, changed)]) if heir != item.person else ()
        return Done(say=(*reply(item, in_markdown(text)), *to_heir))

    # the acts

    def _act(self, item: Item, act: str, ritual: Ritual, until: date | None) -> Done:
        if ritual.origin == IN_FILE and act == ARCHIVE:
            return Done(say=self._answer(item, in_markdown(words("standup_in_file", name=ritual.name))))
        match act:
            case "test":
                self._audit(item.person, TRY, ritual)
                sent = words("standup_test_sent", name=ritual.name)
                return Done(
                    say=(*self.trial.messages(ritual, item.person), *self._answer(item, in_markdown(sent)))
                )
            case "pause":
                return self._told(item, act, ritual, lambda one: _paused(one, until))
            case "resume":
                return self._resume(item, ritual)
            case "again":
                page = open_page(words("standup_open_again"), PAUSE, ritual.id)
                return Done(say=self._answer(item, [page]))
            case "archive":
                return self._told(item, act, ritual, _archived)
            case _:
                return Done()

    def _resume(self, item: Item, ritual: Ritual) -> Done:
        if ritual.origin == IN_FILE and ritual.state == ARCHIVED:
            return Done(say=self._answer(item, in_markdown(words("standup_in_file", name=ritual.name))))
        if ritual.state == ARCHIVED and self.standups.is_named(ritual.name, ACTIVE, PAUSED):
            text = words("standup_name_taken", name=ritual.name)
            return Done(say=self._answer(item, in_markdown(text)))
        first = self.standups.first_date(ritual)
        return self._told(item, RESUME, ritual, lambda one: _resumed(one, first))

    def _told(self, item: Item, act: str, ritual: Ritual, change: Change) -> Done:
        changed = self._change(ritual, item.person, act, change)
        line = self.standups.line(changed, item.person)
        text = words("standup_is_now", name=changed.name, state=line.state)
        if changed.state == PAUSED and changed.paused_until is not None:
            text = words("standup_paused_until", name=changed.name, day=said(changed.paused_until))
        elif changed.state != ACTIVE:
            text = words(f"standup_{changed.state}", name=changed.name)
        return Done(say=self._answer(item, [managed_page(text, changed)]))

    def _change(self, ritual: Ritual, person: str, action: str, change: Change) -> Ritual:
        """Change what is stored now, in one transaction with its audit; what it has become."""
        now = self.standups.clock().timestamp()

        def store(connection: Connection) -> Ritual:
            known = rituals.ritual(connection, ritual.id) or ritual
            changed = change(known)
            if changed is not None:
                rituals.put(connection, changed, now)
            subject = f"{known.name} ({known.id})"
            records.write(connection, Audit(person, f"{action} stand-up", subject), None, now)
            return known if changed is None else changed

        return self.writer.write(store)

    # within

    def _named(self, person: str, name: str, verb: str) -> Ritual | str:
        """The stand-up that is meant, or what to say where it is not clear."""
        states = (ACTIVE, PAUSED, ARCHIVED) if verb in (RESUME, TRY) else (ACTIVE, PAUSED)
        found = self.standups.named(name, person, *states)
        alive = [one for one in found if one.state != ARCHIVED]
        found = alive or found
        if len(found) == 1:
            return found[0]
        known = found or [one for one in self.standups.all(*states) if person in one.owners]
        if name.strip() and not found:
            return words("standup_unknown", name=name.strip()[:80])
        names = ", ".join(one.name for one in known[:MOST_NAMES])
        return words("standup_which", names=names) if names else words("standup_none_of_yours")

    def _person(self, text: str) -> str | None:
        people = self.standups.people
        mention, mail = _MENTION.fullmatch(text), _MAIL.fullmatch(text)
        principal = mention["id"] if mention else mail["mail"] if mail else text.lstrip("@")
        found = people.members(principal) if mention or mail or not text.startswith("@") else None
        return next(iter(found)) if found and len(found) == 1 else None

    def _today(self, person: str) -> date:
        zone = self.standups.availability.profile(person).zone
        return self.standups.clock().astimezone(zone).date()

    def _audit(self, person: str, act: str, ritual: Ritual) -> None:
        now = self.standups.clock().timestamp()
        audit = Audit(person, f"{act} stand-up", f"{ritual.name} ({ritual.id})")
        self.writer.write(lambda connection: records.write(connection, audit, None, now))

    def _refused(self, item: Item, act: str, name: str, text: str) -> Done:
        audit = Audit(item.person, f"{act[:40]} stand-up", name.strip()[:200], allowed=False)
        return Done(say=self._answer(item, in_markdown(text)), record=(audit,))

    def _answer(self, item: Item, said: list[Page]) -> tuple[Message, ...]:
        return quietly(item, said) if item.kind == MANAGE_STANDUP else reply(item, said)


def _paused(ritual: Ritual, until: date | None) -> Ritual | None:
    if ritual.state == PAUSED and ritual.paused_until == until:
        return None
    return replace(ritual, state=PAUSED, paused_until=until)


def _resumed(ritual: Ritual, first: date) -> Ritual | None:
    return None if ritual.state == ACTIVE else replace(ritual, state=ACTIVE, paused_until=first)


def _archived(ritual: Ritual) -> Ritual | None:
    return None if ritual.state == ARCHIVED else replace(ritual, state=ARCHIVED, paused_until=None)


def _day(text: str, today: date) -> date:
    """The day that a text names. Raises LeaveError."""
    leave = read_leave(f"until {text}", today, MONDAY_TO_FRIDAY.works)
    if leave.reason:
        raise LeaveError(f"I do not understand {leave.reason[:40]}: write it like until 1 December.")
    return leave.until


def _after_verb(text: str) -> str:
    return text.strip().partition(" ")[2].strip()
