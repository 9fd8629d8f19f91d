"""Setting pairing up in a channel, listing it, and what its owner does with it."""

from dataclasses import dataclass, replace
from datetime import date, time, timedelta

from bot.blocks.pairing import EDIT, END, PAUSE, RESUME, Filled, Shown, join_row, list_pages, said_page
from bot.journal import outgoing, pairing, pairing_rounds, records
from bot.journal.pairing import ACTIVE, DROPPED, ENDED, IN, PAUSED, Member, Pairing
from bot.journal.records import Audit
from bot.journal.work import Done, Item
from bot.kinds import PAIR_SETUP
from bot.messages import Message, Place
from bot.pairing.mending import call_off_all
from bot.pairing.sight import Sight, kind_in
from bot.pressing import subject_of
from bot.replies import in_markdown, reply, say
from bot.ritual_settings import ADMINS, RitualSettings
from bot.rooms import Room
from knowledge.audience import UNKNOWN_READERS
from prompts.calm import DAY_NAMES, in_words
from prompts.pairing import PairingKind
from prompts.patterns import RuleError
from prompts.recurrence import Rule
from prompts.words import words

_SET_UP, _CHANGED = "set up pairing", "change pairing"
_DONE = {PAUSE: PAUSED, RESUME: ACTIVE, END: ENDED}
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SettingUp:
    """Works off the form, and the list with its buttons. What is set up or changed is audited, also when it
    was refused."""

    sight: Sight
    settings: RitualSettings

    def join(self, room: Room) -> None:
        room.commands["list"] = self.show_list
        room.commands["new"] = lambda item: Done(say=say(item, "pair_new_again"))
        room.handlers[PAIR_SETUP] = self.handle

    def show_list(self, item: Item) -> Done:
        """`/pair list`: all that one may take part in."""
        parts = self.sight.parts(item.person)
        shown = [self._shown(one, parts.get(one.id), item.person) for one in self.sight.visible(item.person)]
        return Done(say=reply(item, list_pages(shown)))

    def handle(self, item: Item) -> Done:
        """The form that was sent, or a button of the list."""
        act = str(item.payload.get("act") or "")
        if act in _DONE:
            return self._manage(item, act)
        return self._change(item) if subject_of(item) else self._set_up(item)

    # within

    def _set_up(self, item: Item) -> Done:
        people, person = self.sight.people, item.person
        if not people.is_full_member(person):
            return self._refused(item, "members_only")
        if self.settings.set_up_by == ADMINS and not people.is_admin(person):
            return self._refused(item, "pair_admins_only")
        channel = str(item.payload.get("place") or "")
        if not self._may_be_at(channel, person):
            return self._refused(item, "pair_place_refused", channel)
        zone = self.sight.availability.profile(person).zone
        now = self.sight.now()
        tomorrow = now.astimezone(zone).date() + _A_DAY
        rhythm = _rhythm(item, tomorrow)
        if rhythm is None:
            return self._said(item, words("pair_no_such_day"))
        rule, at = rhythm
        kind = kind_in(str(item.payload.get("what") or "")) or PairingKind.COFFEE
        made = Pairing(kind, channel, rule, at, zone.key, person, tomorrow)
        title, stamp = self.sight.title(made), now.timestamp()
        coming, who = self.sight.coming(made), people.name_of(person)
        announced = said_page(
            words("pair_announced", who=who, title=title, rule=rule, when=coming), join_row(made.id, kind)
        )
        to_all = Message(channel, announced.text, blocks=announced.blocks, key=f"pairing:{made.id}")
        with self.sight.database.writing() as connection:
            if pairing.of_channel(connection, channel, kind) is not None:
                return self._said(item, words("pair_there_is_one", title=title))
            pairing.put(connection, made, stamp)
            pairing.put_member(connection, Member(made.id, person, heard_at=stamp), stamp)
            records.write(connection, Audit(person, _SET_UP, f"{title} ({made.id})"), None, stamp)
            outgoing.put(connection, [to_all], None, stamp)
        said = said_page(words("pair_set_up", title=title, rule=rule, when=coming))
        return Done(say=reply(item, [said]))

    def _change(self, item: Item) -> Done:
        found = self._managed(item)
        if isinstance(found, Done):
            return found
        rhythm = _rhythm(item, found.counted_from)
        if rhythm is None:
            return self._said(item, words("pair_no_such_day"))
        rule, at = rhythm
        now = self.sight.now()
        stamp = now.timestamp()
        with self.sight.database.writing() as connection:
            known = pairing.by_id(connection, found.id) or found
            counted_from = known.counted_from
            if rule != known.rule:
                counted_from = max(now.astimezone(known.clock).date() + _A_DAY, counted_from)
            changed = replace(known, rule=rule, at=at, counted_from=counted_from)
            pairing.put(connection, changed, stamp)
            records.write(connection, Audit(item.person, _CHANGED, self._named(changed)), None, stamp)
        said = words(
            "pair_changed", title=self.sight.title(changed), rule=rule, when=self.sight.coming(changed)
        )
        return self._said(item, said)

    def _manage(self, item: Item, act: str) -> Done:
        found = self._managed(item)
        if isinstance(found, Done):
            return found
        now = self.sight.now().timestamp()
        with self.sight.database.writing() as connection:
            known = pairing.by_id(connection, found.id) or found
            changed = replace(known, state=_DONE[act])
            pairing.put(connection, changed, now)
            if act != RESUME:
                for round_ in pairing_rounds.newest(connection, known.id):
                    call_off_all(connection, round_, now)
            records.write(connection, Audit(item.person, f"{act} pairing", self._named(changed)), None, now)
        title = self.sight.title(changed)
        match act:
            case "pause":
                return self._said(item, words("pair_paused", title=title))
            case "resume":
                return self._said(item, words("pair_resumed", title=title, when=self.sight.coming(changed)))
            case _:
                return self._said(item, words("pair_ended", title=title))

    def _managed(self, item: Item) -> Pairing | Done:
        with self.sight.database.reading() as connection:
            found = pairing.by_id(connection, subject_of(item))
        if found is None or found.state == ENDED:
            return self._said(item, words("pair_gone"))
        if not self.sight.may_manage(found, item.person):
            return self._refused(item, "pair_not_yours", found.id, _CHANGED)
        return found

    def _may_be_at(self, channel: str, person: str) -> bool:
        people = self.sight.people
        place = people.channel(channel)
        return (
            place is not None
            and not place.get("is_archived")
            and place.get("is_member") is True
            and people.shares(channel, person)
            and people.readers(Place(channel)) != UNKNOWN_READERS
        )

    def _shown(self, one: Pairing, mine: Member | None, person: str) -> Shown:
        with self.sight.database.reading() as connection:
            members = pairing.members_of(connection, one.id)
        count = sum(each.state == IN for each in members)
        who = "1 person takes part" if count == 1 else f"{count} people take part"
        coming = self.sight.coming(one)
        when = "paused" if one.state == PAUSED else f"next round: {coming}" if coming else "no next round"
        state = RESUME if one.state == PAUSED else PAUSE
        acts = (EDIT, state, END) if self.sight.may_manage(one, person) else ()
        taking_part = mine is not None and mine.state == IN
        return Shown(
            one.id,
            one.kind,
            f"{self.sight.title(one)}: {one.rule}",
            f"{who} · {when}",
            "" if mine is None else self._standing(one, mine),
            taking_part,
            acts,
        )

    def _standing(self, one: Pairing, mine: Member) -> str:
        """How somebody stands to it, in words for themselves."""
        today = self.sight.now().astimezone(one.clock).date()
        if mine.state == DROPPED:
            return "not paired, as you did not reply"
        if mine.state != IN:
            return ""
        until = mine.snoozed_until
        return "you take part" if until is None or until <= today else f"left out until {in_words(until)}"

    def _named(self, one: Pairing) -> str:
        return f"{self.sight.title(one)} ({one.id})"

    def _said(self, item: Item, text: str) -> Done:
        return Done(say=reply(item, in_markdown(text)))

    def _refused(self, item: Item, name: str, subject: str = "", action: str = _SET_UP) -> Done:
        refused = Audit(item.person, action, subject, allowed=False)
        return Done(say=reply(item, in_markdown(words(name))), record=(refused,))


def _rhythm(item: Item, since: date) -> tuple[str, time] | None:
    """The rule and the time that the form says; None where it says none that can be."""
    weeks, day = str(item.payload.get("weeks") or ""), str(item.payload.get("day") or "")
    if not weeks.isdecimal() or not day.isdecimal() or int(day) > 6:
        return None
    try:
        at = time.fromisoformat(str(item.payload.get("at") or ""))
        often = "every week" if weeks == "1" else f"every {int(weeks)} weeks"
        rule = Rule.read(f"{often} on {DAY_NAMES[int(day)]}")
        rule.starting(since)
    except (RuleError, ValueError):
        return None
    return rule.text, at.replace(tzinfo=None)


def as_filled(one: Pairing) -> Filled:
    """A pairing as its form begins."""
    rule = one.rule.lower()
    day = next((number for number, name in enumerate(DAY_NAMES) if name.lower() in rule), 0)
    weeks = next((int(word) for word in rule.split() if word.isdecimal()), 1)
    return Filled(one.kind, one.channel, weeks, day, f"{one.at:%H:%M}")
