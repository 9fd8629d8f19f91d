"""A stand-up in the direct message, prompt by prompt in a thread, where no form can be or none is wanted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from bot.blocks.pages import Page
from bot.blocks.standup_talks import over_pages, question_pages, review_pages
from bot.hearing import Myself, in_words
from bot.journal import begun_entries, outgoing, rituals
from bot.journal.begun_entries import GIVEN, LEFT, OPEN, THREAD, Begun
from bot.journal.entries import Entry
from bot.journal.rituals import ARCHIVED
from bot.journal.work import Done, Item
from bot.messages import Message
from bot.people import People
from bot.pressing import quietly, subject_of
from bot.replies import in_markdown
from bot.rituals.entry_cards import card
from bot.rituals.giving import give
from bot.rituals.opening import Opened, is_late
from bot.rituals.submitting import redacted, without_secrets
from knowledge.adapters.database import Database
from knowledge.ports import Clock
from prompts.conversing import COMMANDS, Ends, Goes, Sends, Talk, begin, go_on, in_replies
from prompts.replying import judged
from prompts.words import words

Notes = Callable[[Entry], Sequence[str]]
"""What is to be said of an entry that was given, such as of runs that are not known."""


@dataclass(frozen=True, slots=True)
class Talking:
    """Each reply is kept as it comes, so that a conversation outlives restarts; it ends with an entry."""

    people: People
    database: Database
    clock: Clock
    me: Myself
    notes: Notes

    def begin(self, item: Item, opened: Opened) -> Done:
        """Ask the first prompt: in the thread of the message that was pressed, or in a new message."""
        talk = begin(opened.begun.settings, opened.form.replies, opened.form.consent)
        pressed = item.ts if item.channel.startswith("D") and not item.payload.get("ephemeral") else ""
        root_key = "" if pressed else f"talk {opened.begun.id}"
        thread_ts = (item.thread_ts or pressed) if pressed else ""
        begun = replace(_with(opened.begun, talk), ts=thread_ts, root_key=root_key)
        intro = words("entry_talk_begins", name=begun.settings.name)
        pages = question_pages(talk, begun.slot, "\n".join((*opened.form.notes, intro)))
        messages = self._said(begun, pages)
        if root_key:
            messages = (replace(messages[0], key=root_key), *messages[1:])
        return Done(say=messages, record=(begun,))

    def hear(self, item: Item) -> Done | None:
        """A reply in the thread of such a conversation; None for any other message."""
        if not item.channel.startswith("D") or not item.thread_ts or item.thread_ts == item.ts:
            return None
        with self.database.reading() as connection:
            begun = self._held_in(connection, item)
        if begun is None:
            return None
        text = in_words(in_replies(item.text), self.me, self.people.name_of)
        if begun.state != OPEN:
            over = text.strip(" .!`*_").lower() in COMMANDS
            return Done(say=self._said(begun, over_pages(begun))) if over else None
        match go_on(_talk(begun), text):
            case Goes(talk, remark):
                return self._goes_on(begun, talk, remark)
            case Ends():
                told = in_markdown(words("entry_talk_ended"))
                return Done(say=self._said(begun, told), record=(replace(begun, state=LEFT),))
            case Sends(talk):
                return self._send(_with(begun, talk))

    def send(self, item: Item) -> Done:
        """The button at the end of a conversation."""
        with self.database.reading() as connection:
            begun = begun_entries.begun(connection, subject_of(item), item.person)
        if begun is None or begun.how != THREAD:
            return Done(say=quietly(item, in_markdown(words("entry_form_too_old"))))
        if begun.state != OPEN:
            return Done(say=self._said(begun, over_pages(begun)))
        match go_on(_talk(begun), "send"):
            case Sends(talk):
                return self._send(_with(begun, talk))
            case Goes(talk, remark):
                return self._goes_on(begun, talk, remark)
            case Ends():
                return Done()

    def _send(self, begun: Begun) -> Done:
        now = self.clock()
        replies = judged(begun.settings, begun.replies).replies
        wanted = Entry(begun.ritual_id, begun.slot, begun.person, replies=replies, consent=begun.consent)
        clean, hidden = without_secrets(wanted)
        with self.database.writing() as connection:
            ritual = rituals.ritual(connection, begun.ritual_id)
            if ritual is None or ritual.state == ARCHIVED:
                told = in_markdown(words("entry_talk_gone"))
                return Done(say=self._said(begun, told), record=(replace(begun, state=LEFT),))
            given = give(connection, replace(clean, late=_late(connection, begun, now)), now.timestamp())
        notes = [*self.notes(given), *([words("entry_secret_hidden")] if hidden else [])]
        with self.database.reading() as connection:
            shown = card(connection, given, notes)
        told = in_markdown(words("entry_talk_sent"))
        return Done(say=(*self._said(begun, told), *shown), record=(replace(begun, state=GIVEN),))

    def _goes_on(self, begun: Begun, talk: Talk, remark: str) -> Done:
        """What is asked next; nothing that looks like a secret is kept meanwhile either."""
        clean = redacted(talk.replies)
        if clean != dict(talk.replies):
            remark = "\n".join(filter(None, (words("entry_secret_hidden"), remark)))
        talk = replace(talk, replies=clean)
        if talk.prompt is not None:
            asked = question_pages(talk, begun.slot, remark)
        else:
            asked = review_pages(talk, begun.id, remark)
        return Done(say=self._said(begun, asked), record=(_with(begun, talk),))

    def _said(self, begun: Begun, pages: Sequence[Page]) -> tuple[Message, ...]:
        """In the conversation's thread, in the direct message."""
        channel, ts = begun.channel, begun.ts
        if begun.root_key:
            with self.database.reading() as connection:
                where = outgoing.said_where(connection, begun.root_key)
            channel, ts = where or (begun.person, "")
        return tuple(
            Message(channel=channel, text=one.text, blocks=one.blocks, thread_ts=ts, person=begun.person)
            for one in pages
        )

    def _held_in(self, connection: Connection, item: Item) -> Begun | None:
        """The newest conversation of this person in this thread."""
        for begun in begun_entries.threads_of(connection, item.person):
            where = outgoing.said_where(connection, begun.root_key) if begun.root_key else None
            if (where or (begun.channel, begun.ts)) == (item.channel, item.thread_ts):
                return begun
        return None


def _talk(begun: Begun) -> Talk:
    return Talk(begun.settings, begun.replies, begun.consent, begun.step)


def _with(begun: Begun, talk: Talk) -> Begun:
    return replace(begun, how=THREAD, replies=dict(talk.replies), consent=talk.consent, step=talk.step)


def _late(connection: Connection, begun: Begun, now: datetime) -> bool:
    return is_late(connection, begun.ritual_id, begun.slot, begun.person, now, begun.settings)
