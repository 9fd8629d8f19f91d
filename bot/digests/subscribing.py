"""`/digest`: turned on and off, listed and changed, for oneself, a channel or as a report of gaps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from slack_bolt import App

from bot.blocks.digests import ZONE, turned_off_page
from bot.digests import switching
from bot.digests.building import Building
from bot.digests.by_mail import ByMail
from bot.digests.form import Form, zone_called
from bot.digests.managing import NOT_SEEN, asked, may_manage, may_read, refusal
from bot.inbox import Inbox
from bot.journal import digests
from bot.journal.digests import GAPS, Digest, DigestSettings, recipient_of
from bot.journal.records import Audit
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.kinds import DIGEST_STEP
from bot.letters import Mail
from bot.listeners import digests as doors
from bot.listeners.digests import Wish
from bot.messages import Message
from bot.pressing import quietly, subject_of
from bot.replies import in_markdown, reply
from bot.rooms import Room
from knowledge.adapters.database import Database
from knowledge.ports import Clock
from prompts.digest_times import read_rhythm, slots
from prompts.recurrence import RuleError
from prompts.words import words

TURNED_ON, TURNED_OFF = "turn digest on", "turn digest off"
_LOOKED_AHEAD = timedelta(days=800)


@dataclass
class Subscribing:
    """Works off the commands, presses and forms; the doors only read, validate and commit."""

    building: Building
    mail: Mail
    writer: JournalWriter
    database: Database
    clock: Clock

    def __post_init__(self) -> None:
        self._people = self.building.people
        self._form = Form(self.building, self.mail)
        self._by_mail = ByMail(self.building, self.mail, self.writer, self.database, self.clock)

    def join(self, room: Room) -> None:
        room.commands |= {"on": self.on, "off": self.off, "list": self.list, "settings": self.open_again}
        room.commands[GAPS] = lambda item: self.gaps(room, item)
        self._by_mail.join(room)
        room.handlers[DIGEST_STEP] = self.step
        room.doors.append(self._register)

    # commands

    def on(self, item: Item) -> Done:
        """`/digest on [days and time] [#channel]`."""
        meant = asked(self._people, item.person, item.channel, _after_verb(item))
        if refused := self._refusal(meant.digest, item.person):
            return self._refused(item, refused, TURNED_ON)
        digest = self._known_or_new(meant.digest or item.person, item.person)
        try:
            rhythm = read_rhythm(meant.rest, self._today(digest), digest.settings.rhythm)
        except RuleError as error:
            return Done(say=self._said(item, str(error)))
        return self._turn_on(item, digest, replace(digest.settings, rhythm=rhythm))

    def off(self, item: Item) -> Done:
        """`/digest off [#channel]`."""
        meant = asked(self._people, item.person, item.channel, _after_verb(item))
        return self._turn_off(item, meant.digest)

    def gaps(self, room: Room, item: Item) -> Done:
        """`/digest gaps on`, the same as `/digest on gaps`, and so with the other commands."""
        verb, _, rest = _after_verb(item).strip().partition(" ")
        work = room.commands.get(verb.lower())
        if work is None or verb.lower() not in ("on", "off", "preview", "settings"):
            return Done(say=self._said(item, words("digest_gaps_help")))
        return work(replace(item, text=f"{verb} {GAPS} {rest}"))

    def list(self, item: Item) -> Done:
        """One's own, and those of channels that one can read."""
        with self.database.reading() as connection:
            found = digests.all_on(connection)
        shown = [one for one in found if one.person in ("", item.person)]
        mine = [one for one in shown if may_read(self._people, one.recipient, item.person)]
        lines = "\n".join(f"- {self._line(one)}" for one in mine)
        return Done(say=self._said(item, lines or words("digest_none")))

    def open_again(self, item: Item) -> Done:
        """The form did not open: it may not, or Slack was too slow."""
        meant = asked(self._people, item.person, item.channel, _after_verb(item))
        return Done(say=self._said(item, self._refusal(meant.digest, item.person) or words("press_again")))

    # presses and the form

    def step(self, item: Item) -> Done:
        """What a button or the form asks for."""
        meant, step = subject_of(item), item.payload.get("step")
        if step == doors.OFF:
            return self._turn_off(item, meant)
        if step in (doors.LETTERS, doors.NO_LETTERS):
            return self._by_mail.press(item, wanted=step == doors.LETTERS)
        if refused := self._refusal(meant, item.person):
            return self._refused(item, refused, TURNED_ON)
        digest = self._known_or_new(meant, item.person)
        match step:
            case doors.ON:
                return self._turn_on(item, digest, digest.settings)
            case doors.KEEP if isinstance(item.payload.get("chosen"), Mapping):
                return self._keep(item, digest, item.payload["chosen"])
            case _:
                return Done(say=self._said(item, words("press_again")))

    def view(self, wish: Wish, metadata: Callable[[str], str]) -> dict[str, Any] | None:
        """The form that somebody wants to see; None where they may not."""
        meant = wish.digest or asked(self._people, wish.person, wish.channel, wish.text).digest
        if meant is None or self._refusal(meant, wish.person):
            return None
        digest = self._known_or_new(meant, wish.person)
        return self._form.view(digest, self._title(digest), metadata(meant))

    # within

    def _keep(self, item: Item, digest: Digest, given: Mapping[str, Any]) -> Done:
        try:
            settings = self._form.settings(digest, given, self._today(digest))
        except RuleError as error:
            return Done(say=self._said(item, str(error)))
        return self._turn_on(item, digest, settings, zone_called(str(given.get(ZONE) or "")))

    def _turn_on(
        self, item: Item, digest: Digest, settings: DigestSettings, zone: ZoneInfo | None = None
    ) -> Done:
        now, there = self.clock(), zone or self.building.zone(digest)
        kept = self.writer.write(
            lambda connection: switching.turn_on(connection, digest.id, item.person, there, settings, now)
        )
        command = f"/digest {digest.topic}".strip()
        sentences = [words("digest_on", what=self._line(kept), next=self._next(kept, now), command=command)]
        sentences += [words("digest_no_mail")] if settings.mail and not self.mail.works else []
        audit = Audit(item.person, TURNED_ON, digest.id)
        return Done(say=self._said(item, " ".join(sentences)), record=(audit,))

    def _turn_off(self, item: Item, digest_id: str | None) -> Done:
        known = None if digest_id is None else self._digest(digest_id)
        if known is None or not known.is_on or not may_read(self._people, known.recipient, item.person):
            return Done(say=self._said(item, words("digest_none_there")))
        if not may_manage(self._people, known, item.person):
            return self._refused(item, self._not_theirs(known), TURNED_OFF)
        now = self.clock()
        self.writer.write(lambda connection: switching.turn_off(connection, known, now))
        page = turned_off_page(words("digest_off", what=self._title(known)), known.id)
        said = quietly(item, [page]) if item.kind == DIGEST_STEP else reply(item, [page])
        return Done(say=said, record=(Audit(item.person, TURNED_OFF, known.id),))

    def _digest(self, digest_id: str) -> Digest | None:
        with self.database.reading() as connection:
            return digests.digest_of(connection, digest_id)

    def _known_or_new(self, digest_id: str, person: str) -> Digest:
        """The digest there, or what somebody would get who turned it on now."""
        zone = self.building.availability.profile(person).zone.key
        return self._digest(digest_id) or Digest(digest_id, person, zone, state=digests.OFF)

    def _refusal(self, digest_id: str | None, person: str) -> str:
        """Why somebody may not turn on or change a digest; empty where they may."""
        if digest_id is None:
            return NOT_SEEN
        if refused := refusal(self._people, recipient_of(digest_id), person):
            return refused
        wanted, known = self._known_or_new(digest_id, person), self._digest(digest_id)
        reader = self.building.reader(wanted) if wanted.topic else None
        if wanted.topic and (reader is None or not self.building.offered(wanted, reader)):
            return words("digest_gaps_leads_only")
        if known is not None and known.is_on and not may_manage(self._people, known, person):
            return self._not_theirs(known)
        return ""

    def _not_theirs(self, digest: Digest) -> str:
        return words("digest_not_yours", owner=self._people.name_of(digest.owner))

    def _refused(self, item: Item, text: str, action: str) -> Done:
        audit = Audit(item.person, action, (subject_of(item) or item.text)[:200], allowed=False)
        return Done(say=self._said(item, text), record=(audit,))

    def _said(self, item: Item, text: str) -> tuple[Message, ...]:
        said = in_markdown(text)
        return quietly(item, said) if item.kind == DIGEST_STEP else reply(item, said)

    def _title(self, digest: Digest) -> str:
        if digest.person:
            return "Your gap report" if digest.topic else "Your digest"
        return f"The digest of {self._people.name_of_place(digest.recipient)}"

    def _line(self, digest: Digest) -> str:
        when = digest.settings.rhythm.words
        if digest.person:
            return f"{self._title(digest)}: {when}, by your clock."
        owner = self._people.name_of(digest.owner)
        return f"{self._title(digest)}: {when}, {digest.zone} time. {owner} looks after it."

    def _next(self, digest: Digest, now: datetime) -> str:
        zone = self.building.zone(digest)
        first = next(slots(digest.settings.rhythm, zone, now, now + _LOOKED_AHEAD), None)
        if first is None:
            return "on no date to come"
        local = first.at.astimezone(zone)
        return f"{local:%A}, {local.day} {local:%B} at {local:%H:%M}"

    def _today(self, digest: Digest) -> date:
        return self.clock().astimezone(self.building.zone(digest)).date()

    def _register(self, app: App, inbox: Inbox) -> None:
        def problems(given: Mapping[str, Any]) -> Mapping[str, str]:
            return self._form.problems(given, self.clock().date())

        doors.register(app, inbox, self.view, problems)


def _after_verb(item: Item) -> str:
    return item.text.strip().partition(" ")[2]
