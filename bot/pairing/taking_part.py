"""Who takes part: joining, leaving, snoozing, coming back, and, in confidence, whom not to be paired with."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection

from bot.blocks.pages import Page
from bot.blocks.pairing import Shown, join_row, list_pages, said_page
from bot.journal import pairing
from bot.journal.pairing import DROPPED, IN, LEFT, PAUSED, Member, Pairing
from bot.journal.work import Done, Item
from bot.kinds import PAIR_STEP
from bot.messages import Kind, Message
from bot.pairing.mending import part, step_out
from bot.pairing.sight import Sight, role_in
from bot.pressing import subject_of
from bot.replies import in_markdown, reply, say
from bot.rooms import Room
from prompts.absence_words import LeaveError, read_leave
from prompts.calm import Part, in_words
from prompts.pairing import PairingKind, Role
from prompts.words import words

JOINS, LEAVES = "join", "leave"
_MENTION = re.compile(r"<@(?P<id>[UW][A-Z0-9]{7,20})(?:\|[^>]*)?>")
_A_DAY = timedelta(days=1)

Change = Callable[[Member], Member]


@dataclass(frozen=True, slots=True)
class TakingPart:
    """Works off the commands and buttons of those who take part; each is about oneself alone."""

    sight: Sight

    def join(self, room: Room) -> None:
        room.commands |= {
            JOINS: self.joining,
            LEAVES: self.leaving,
            "snooze": self.snooze,
            "back": self.back,
            "exclude": lambda item: self.keep_apart(item, kept=True),
            "include": lambda item: self.keep_apart(item, kept=False),
        }
        room.handlers[PAIR_STEP] = self.press

    def joining(self, item: Item) -> Done:
        """`/pair join mentoring as a mentor`; the one of this channel, where there is one."""
        if not self.sight.people.is_full_member(item.person):
            return Done(say=say(item, "members_only"))
        meant = self.sight.meant(item.person, item.channel, item.text)
        match meant:
            case []:
                return Done(say=say(item, "pair_none_of_that"))
            case [one] if one.kind is PairingKind.MENTORING and not _says_a_role(item.text):
                said = said_page(words("pair_which_role"), join_row(one.id, one.kind))
                return Done(say=reply(item, [said]))
            case [one]:
                return Done(say=reply(item, [self._join(one, item.person, role_in(item.text))]))
            case _:
                return self._which(item, meant)

    def leaving(self, item: Item) -> Done:
        """`/pair leave coffee`; `leave all` is all of them."""
        parts = self.sight.parts(item.person)
        mine = [one for one in self._all_of(item) if parts[one.id].state == IN]
        if not mine:
            return Done(say=say(item, "pair_not_in"))
        if len(mine) > 1 and "all" not in item.text.lower().split():
            return self._which(item, mine)
        self._leave([one.id for one in mine], item.person)
        return Done(say=say(item, "pair_left"))

    def snooze(self, item: Item) -> Done:
        """`/pair snooze until 1 December`: from now on, everywhere."""
        now, person = self.sight.now(), item.person
        profile = self.sight.availability.profile(person)
        today = now.astimezone(profile.zone).date()
        try:
            leave = read_leave(_rest(item.text), today, lambda day: day.weekday() in profile.work_days)
        except LeaveError as error:
            return Done(say=reply(item, in_markdown(words("pair_snooze_help", reason=str(error)))))
        until = leave.until if leave.part is Part.DAY else leave.first + _A_DAY

        def change(one: Member) -> Member:
            return replace(one, snoozed_until=until, heard_at=now.timestamp()) if one.state == IN else one

        with self.sight.database.writing() as connection:
            if not self._change(connection, person, change):
                return Done(say=say(item, "pair_not_in"))
            step_out(connection, person, now.timestamp(), until=until)
        return Done(say=say(item, "pair_snoozed", until=in_words(until)))

    def back(self, item: Item) -> Done:
        """`/pair back`: after a snooze, and after having been let go."""
        now = self.sight.now().timestamp()

        def change(one: Member) -> Member:
            again = one.state in (IN, DROPPED)
            return replace(one, state=IN, snoozed_until=None, heard_at=now) if again else one

        with self.sight.database.writing() as connection:
            changed = self._change(connection, item.person, change)
        return Done(say=say(item, "pair_back" if changed else "pair_not_in"))

    def keep_apart(self, item: Item, *, kept: bool) -> Done:
        """`/pair exclude @somebody` and `include`: nobody is ever shown it, and the words are not kept."""
        named = [found["id"] for found in _MENTION.finditer(item.text)]
        if len(named) != 1 or named[0] == item.person:
            return Done(say=say(item, "pair_exclude_help"))
        now = self.sight.now().timestamp()
        with self.sight.database.writing() as connection:
            pairing.keep_apart(connection, item.person, named[0], now, kept=kept)
            if kept:
                part(connection, item.person, named[0], now)
        return Done(say=say(item, "pair_kept_apart" if kept else "pair_apart_no_more"))

    def press(self, item: Item) -> Done:
        """*Join* and *Leave*, in a list, in the channel, or in the word to who was let go."""
        step = str(item.payload.get("step") or "")
        one = next((each for each in self.sight.visible(item.person) if each.id == subject_of(item)), None)
        if one is None:
            return Done(say=reply(item, in_markdown(words("pair_gone"))))
        if step == LEAVES:
            self._leave([one.id], item.person)
            return Done(say=reply(item, in_markdown(words("pair_left"))))
        page = self._join(one, item.person, role_in(str(item.payload.get("role") or "")))
        if item.ts and item.channel.startswith("D") and not item.payload.get("ephemeral"):
            shown = Message(item.channel, page.text, kind=Kind.UPDATE, blocks=page.blocks, target=item.ts)
            return Done(say=(shown,))
        return Done(say=reply(item, [page]))

    # within

    def _join(self, one: Pairing, person: str, role: Role) -> Page:
        now = self.sight.now().timestamp()
        with self.sight.database.writing() as connection:
            pairing.put_member(connection, Member(one.id, person, role, IN, None, now), now)
        coming = self.sight.coming(one) if one.state != PAUSED else ""
        when = words("pair_next_round", when=coming) if coming else words("pair_no_next_round")
        return said_page(words("pair_joined", title=self.sight.title(one), next=when))

    def _leave(self, pairing_ids: Sequence[str], person: str) -> None:
        now = self.sight.now().timestamp()

        def change(one: Member) -> Member:
            return replace(one, state=LEFT) if one.pairing_id in pairing_ids else one

        with self.sight.database.writing() as connection:
            self._change(connection, person, change)
            for pairing_id in pairing_ids:
                step_out(connection, person, now, pairing_id)

    def _change(self, connection: Connection, person: str, change: Change) -> bool:
        """Whether anything of somebody's part is other than it was."""
        now = self.sight.now().timestamp()
        changed = [
            (before, after)
            for before in pairing.memberships(connection, person)
            if (after := change(before)) != before
        ]
        for _, after in changed:
            pairing.put_member(connection, after, now)
        return bool(changed)

    def _all_of(self, item: Item) -> Sequence[Pairing]:
        parts = self.sight.parts(item.person)
        meant = self.sight.meant(item.person, "", item.text)
        return [one for one in meant if one.id in parts]

    def _which(self, item: Item, among: Sequence[Pairing]) -> Done:
        parts = self.sight.parts(item.person)
        shown = [
            Shown(
                one.id,
                one.kind,
                self.sight.title(one),
                self.sight.coming(one),
                taking_part=one.id in parts and parts[one.id].state == IN,
            )
            for one in among
        ]
        return Done(say=reply(item, list_pages(shown)))


def _says_a_role(text: str) -> bool:
    return role_in(text) is not Role.EITHER or "either" in text.lower().split()


def _rest(text: str) -> str:
    return text.strip().partition(" ")[2]
