"""Speakers change places, give theirs away, or speak together: what one asks another, for a while."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.blocks import talks as blocks
from bot.blocks.talks import talk_page, titled
from bot.journal import notices as journal
from bot.journal import talks
from bot.journal.notices import Notice
from bot.journal.series import Series
from bot.journal.talks import SPEAKS, Talk
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.learning.cards import may_come, withheld
from bot.learning.course import talk_of
from bot.learning.finding import COMING, KIND_OF, Finding, after_verb, is_speaker, mentioned, slot_in
from bot.learning.speaker_presses import ENDED, SPEAKER_NEWS, SWAP_ASK, WITH_ASK, asked_about, is_settled
from bot.learning.speaking import may_still_reply
from bot.notices import Fate, Made, Notices
from bot.pressing import to_person
from bot.replies import in_markdown, reply
from bot.rituals.due import NotSaid
from bot.rooms import Room
from knowledge.ports import Clock
from prompts.series import NAMES
from prompts.words import words

OTHERWISE = "It is settled otherwise by now."
UNANSWERED = "It was not answered in time."
_A_YEAR_S = timedelta(days=366).total_seconds()
_A_WEEK_S = timedelta(days=7).total_seconds()


@dataclass(frozen=True, slots=True)
class Swapping:
    """The same for every kind of series; each room has the commands about its own."""

    finding: Finding
    writer: JournalWriter
    clock: Clock

    def join(self, room: Room) -> None:
        room.commands |= {"swap": self.swap, "with": self.together}

    def attend(self, room: Room, notices: Notices) -> None:
        """Bring what is said of it and its end, once for all kinds."""
        room.duties.append(self.end_unanswered)
        notices.makers[SWAP_ASK] = self._make_ask
        notices.makers[WITH_ASK] = self._make_ask
        notices.makers[SPEAKER_NEWS] = self._make_news

    def swap(self, item: Item) -> Done:
        """`/learn swap @somebody [DATE]`: change places with another speaker, or give one's own away."""
        return self._ask(item, SWAP_ASK, "swap")

    def together(self, item: Item) -> Done:
        """`/learn with @somebody [DATE]`: speak together."""
        return self._ask(item, WITH_ASK, "with")

    def _ask(self, item: Item, kind: str, verb: str) -> Done:
        named = NAMES[KIND_OF[item.kind]]
        slot = slot_in(after_verb(item))[0]
        own = self.finding.spoken_by(KIND_OF[item.kind], item.person, self.clock(), slot)
        if not own:
            text = words("talk_none_of_yours", talk=named.talk, command=named.command)
            return Done(say=reply(item, in_markdown(text)))
        who = mentioned(self.finding.people, item.text)
        if who in ("", item.person):
            return Done(say=reply(item, in_markdown(words("talk_who", command=named.command, verb=verb))))
        [talk, *_] = own
        person = self.finding.people.name_of(who)
        found = self.finding.talk(talk.id)
        if found is None or not may_come(self.finding.people, found[1], who):
            place = self.finding.people.name_of_place(found[1].channel) if found else named.talk
            return Done(say=reply(item, in_markdown(words("speaker_outside", person=person, channel=place))))
        now = self.clock().timestamp()
        asked = Notice(kind, asked_about(talk, item.person), who, now, talk.starts_at)
        put = self.writer.write(lambda connection: _plan_once(connection, asked))
        text = words("talk_asked_to_swap" if put else "talk_asked_before", person=person)
        return Done(say=reply(item, in_markdown(text)))

    # what is not answered

    def end_unanswered(self, now: datetime) -> None:
        """End what was asked and cannot be delivered or is not answered, and tell who has asked; a duty."""
        at = now.timestamp()
        with self.finding.database.reading() as connection:
            coming = talks.between(connection, at, at + _A_YEAR_S, *COMING)
            asked = [
                (talk, one.person, ask)
                for talk in coming
                for one in talks.speakers_of(connection, talk.id, SPEAKS)
                for ask in journal.about(connection, asked_about(talk, one.person), SWAP_ASK, WITH_ASK)
                if _is_open(connection, talk, one.person, ask)
            ]
        for talk, asker, ask in asked:
            if may_still_reply(self.finding, ask, talk, now):
                continue
            with self.finding.database.writing() as connection:
                if _is_open(connection, talk, asker, ask):
                    journal.cancel(connection, ask.about, UNANSWERED, at, ask.kind, to=ask.recipient)
                    about = f"{talk.id} {ask.recipient} {ENDED[ask.kind]}"
                    journal.plan(connection, Notice(SPEAKER_NEWS, about, asker, at, at + _A_WEEK_S))

    # what is said

    def _make_ask(self, notice: Notice, now: datetime) -> Fate:
        found = self.finding.talk(talk_of(notice.about))
        asker = notice.about.partition(" ")[2]
        if found is None or found[0].state not in COMING or found[0].starts_at <= now.timestamp():
            return NotSaid(OTHERWISE)
        talk, one = found
        if why := withheld(self.finding.people, one, notice.recipient, now.timestamp()):
            return why
        with self.finding.database.reading() as connection:
            if not is_speaker(connection, talk, asker) or is_speaker(connection, talk, notice.recipient):
                return NotSaid(OTHERWISE)
        values = {
            "asker": self.finding.people.name_of(asker),
            "name": one.name,
            "when": self.finding.when_for(talk, notice.recipient),
            "title": titled(talk.title) if talk.title else words("talk_own_topic"),
        }
        notes: Sequence[str] = ()
        text, acts = words("with_ask", **values), (blocks.WITH_YES, blocks.WITH_NO)
        if notice.kind == SWAP_ASK:
            text, acts = words("swap_ask", **values), (blocks.SWAP_YES, blocks.SWAP_NO)
            notes = self._other_date("swap_ask_exchange", one, talk, notice.recipient, now)
        page = talk_page(text, notes, acts, f"{talk.id}:{asker}")
        return Made(to_person(notice.recipient, [page]))

    def _make_news(self, notice: Notice, now: datetime) -> Fate:
        talk_id, person, act = notice.about.split(" ", 2)
        found = self.finding.talk(talk_id)
        if found is None or found[0].state not in COMING:
            return NotSaid(OTHERWISE)
        talk, one = found
        if why := withheld(self.finding.people, one, notice.recipient, now.timestamp()):
            return why
        name = {blocks.SWAP_YES: "swap_yes_told", blocks.WITH_YES: "with_yes_told"}.get(act, "ask_no_told")
        if act in ENDED.values():
            name = "ask_unanswered"
        text = words(
            name,
            person=self.finding.people.name_of(person),
            name=one.name,
            when=self.finding.when_for(talk, notice.recipient),
        )
        notes: Sequence[str] = ()
        if act == blocks.SWAP_YES:
            notes = self._other_date("swap_exchange_told", one, talk, notice.recipient, now)
        return Made(to_person(notice.recipient, [talk_page(text, notes)]))

    def _other_date(self, said: str, one: Series, talk: Talk, person: str, now: datetime) -> Sequence[str]:
        """Of the next other date that somebody speaks at, if there is one."""
        coming = self.finding.coming([one], now)
        with self.finding.database.reading() as connection:
            theirs = [other for other in coming if is_speaker(connection, other, person)]
        others = [other for other in theirs if other.id != talk.id]
        return [words(said, when=self.finding.when_for(others[0], person))] if others else []


def _is_open(connection: Connection, talk: Talk, asker: str, ask: Notice) -> bool:
    """Whether who has asked still waits for an answer."""
    if not is_speaker(connection, talk, asker) or is_speaker(connection, talk, ask.recipient):
        return False
    return not is_settled(connection, talk, asker, ask)


def _plan_once(connection: Connection, asked: Notice) -> bool:
    """Whether somebody is asked now; False when they were before."""
    before = journal.about(connection, asked.about, asked.kind)
    if any(one.recipient == asked.recipient for one in before):
        return False
    return journal.plan(connection, asked)
