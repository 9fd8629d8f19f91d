"""Recaps: drafted of what the speaker gave, edited, posted in the channel, changed and withdrawn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from bot.blocks.modals import LONGEST_INPUT
from bot.blocks.pages import Page
from bot.blocks.recaps import (
    NOTES,
    RECORDING,
    SLIDES,
    TEXT,
    Listed,
    Shown,
    draft_pages,
    list_pages,
    recap_pages,
    settled_pages,
)
from bot.journal import outgoing, recaps, records, series, talks
from bot.journal.recaps import DRAFT, NOTHING, POSTED, WITHDRAWN, Recap
from bot.journal.records import Audit
from bot.journal.talks import HELD
from bot.journal.work import Done, Item
from bot.kinds import RECAP_STEP
from bot.learning import overtaken
from bot.learning.drafting import Drafts
from bot.learning.looked_after import Past, of_talk
from bot.learning.recap_forms import RecapForms
from bot.messages import Check, Kind, Message, Place
from bot.people import People
from bot.pressing import alone, quietly, subject_of, to_person
from bot.replies import in_markdown, reply
from bot.rooms import Room
from bot.saving import audience_of
from ingest.redaction import redact
from knowledge.adapters.database import Database
from knowledge.allowance import Allowance
from knowledge.ports import Clock
from prompts.series import LEARNING
from prompts.words import words

MOST_LOOKED_AT = 60


@dataclass(frozen=True, slots=True)
class Recapping:
    """Works off what is pressed and sent about recaps, of lunch-and-learns and reading groups alike.

    What is changed is stored at once, with what is said of it in the channel: one transaction, so that a
    step that is worked off again finds it done.
    """

    people: People
    database: Database
    clock: Clock
    drafts: Drafts
    allow: Callable[[Item], Allowance]

    @property
    def forms(self) -> RecapForms:
        return RecapForms(self.people, self.database)

    def join(self, room: Room) -> None:
        room.handlers[RECAP_STEP] = self.step

    def listing(self, kind: str) -> Callable[[Item], Done]:
        """`/learn recap`, or for a reading group `/reading recap`: what one may write recaps of."""
        return lambda item: Done(say=reply(item, list_pages(self._listed(kind, item.person))))

    def step(self, item: Item) -> Done:
        """One step of somebody who may take it."""
        step, one = str(item.payload.get("step") or ""), self.forms.past(subject_of(item))
        if refused := self.forms.refusal(one, item.person):
            audit = Audit(item.person, f"{step} recap"[:80], subject_of(item)[:40], allowed=False)
            return Done(say=quietly(item, in_markdown(words(refused))), record=(audit,))
        assert one is not None
        match step:
            case "materials":
                return self._draft(item, one)
            case "nothing" | "leave":
                return self._leave(item, one)
            case "post" | "edit":
                return self._post(item, one, step)
            case "withdraw":
                return self._withdraw(item, one)
            case _:
                return Done(say=quietly(item, in_markdown(words("recap_gone"))))

    def _draft(self, item: Item, one: Past) -> Done:
        """Keep what was given and draft a recap of it; a recap that is posted gets the new addresses at once,
        its words stay as they are until they are edited."""
        if late := self._overtaken(item, one, overtaken.MATERIALS, item.payload):
            return late
        notes = redact(str(item.payload.get(NOTES) or "").strip()).text
        known = one.recap or Recap(one.talk.id, DRAFT)
        given = replace(
            known,
            channel=known.channel or one.series.channel,
            notes=notes,
            recording=redact(str(item.payload.get(RECORDING) or "").strip()).text,
            slides=redact(str(item.payload.get(SLIDES) or "").strip()).text,
            person=item.person,
        )
        if given.state == POSTED:
            if not self.forms.knows_notes(one, known, item.person):
                given = _kept(known, given)
            after = replace(given, revision=given.revision + 1)
            if not self._store(one, after, self._posting(one, after), "add to", item.person):
                return self._moved(item, one)
            return Done(say=quietly(item, in_markdown(words("recap_changed"))))
        given = replace(given, state=DRAFT, text="", speakers=self.drafts.speakers(one))
        # kept before anything can go wrong with the draft
        changes = notes or _shows_anything(given) or (one.recap is not None and one.recap.state == DRAFT)
        if changes and not self._store(one, given, (), "add to", item.person):
            return self._moved(item, one)
        draft = self.drafts.of(one, notes, given.channel, item.person, self.allow(item))
        after = replace(given, text=draft.text)
        if not _shows_anything(after):
            return Done(say=quietly(item, in_markdown(words("recap_nothing_noted"))))
        if draft.text and not self._store(one, after, (), "draft", item.person):
            return self._moved(item, one)
        intro = words("recap_drafted_by_model" if draft.by_model else "recap_drafted")
        if not draft.text:
            intro = words("recap_links_alone")
        if not draft.thread_read:
            intro = f"{intro} {words('recap_no_thread')}"
        said = to_person(
            item.person, draft_pages(_shown(one, after), intro, one.talk.id), Check(alone(item.person))
        )
        return Done(say=said)

    def _post(self, item: Item, one: Past, step: str) -> Done:
        """Post what was drafted or typed, or change what stands there."""
        if one.recap is None:
            return Done(say=quietly(item, in_markdown(words("recap_gone"))))
        if not self.forms.sees(one, one.recap, item.person):
            return Done(say=quietly(item, in_markdown(words("recap_not_yours"))))
        if late := self._overtaken(item, one, step, {TEXT: item.text}):
            return late
        if step == "post" and one.recap.state == DRAFT and not _shows_anything(one.recap):
            return Done(say=quietly(item, in_markdown(words("recap_nothing_noted"))))
        if step == "post" and one.recap.state != DRAFT:
            name = "recap_posted" if one.recap.state == POSTED else "recap_gone"
            return Done(say=self._settled(item, settled_pages(words(name))))
        audience = audience_of(self.people, Place(one.recap.channel))
        if audience is None:
            return Done(say=quietly(item, in_markdown(words("recap_not_here"))))
        typed = redact(item.text.strip()).text[:LONGEST_INPUT]
        was_posted = one.recap.state == POSTED
        revision = one.recap.revision + 1
        after = replace(
            one.recap,
            state=POSTED,
            text=typed if step == "edit" and typed else one.recap.text,
            person=item.person,
            speakers=self.drafts.speakers(one),
            audience=audience.key,
            revision=revision,
        )
        if not was_posted:
            now = self.clock().timestamp()
            after = replace(after, key=f"recap:{one.talk.id}:{revision}", ts="", url="", posted_at=now)
        if not self._store(one, after, self._posting(one, after), step, item.person):
            return self._moved(item, one)
        told = words("recap_changed" if was_posted else "recap_posted")
        return Done(say=self._settled(item, settled_pages(told, _shown(one, after))))

    def _posting(self, one: Past, after: Recap) -> tuple[Message, ...]:
        """The recap in its channel: new, or in place of what stands there."""
        [page] = recap_pages(_shown(one, after))
        said = Message(
            after.channel,
            page.text,
            blocks=page.blocks,
            person=after.person,
            check=Check(Place(after.channel)),
            key=after.key,
        )
        if after.key == f"recap:{one.talk.id}:{after.revision}":
            return (said,)
        change = f"recap:{one.talk.id}:{after.revision}:change"
        return (replace(said, kind=Kind.UPDATE, target=after.ts or after.key, key=change),)

    def _leave(self, item: Item, one: Past) -> Done:
        known = one.recap or Recap(one.talk.id, NOTHING, person=item.person)
        left, is_open = replace(known, state=NOTHING), known.state in (DRAFT, NOTHING)
        if is_open and not self._store(one, left, (), "leave", item.person):
            return self._moved(item, one)
        return Done(say=self._settled(item, settled_pages(words("recap_left", command=_command(one)))))

    def _withdraw(self, item: Item, one: Past) -> Done:
        """Take it from the channel and from what is answered, from this moment on."""
        if one.recap is None or one.recap.state != POSTED:
            return Done(say=quietly(item, in_markdown(words("recap_gone"))))
        after = replace(one.recap, state=WITHDRAWN, person=item.person, revision=one.recap.revision + 1)
        gone = Message(
            after.channel,
            "",
            kind=Kind.DELETE,
            target=after.ts or after.key,
            key=f"recap:{one.talk.id}:{after.revision}:withdrawn",
        )
        if not self._store(one, after, (gone,), "withdraw", item.person):
            return self._moved(item, one)
        return Done(say=quietly(item, in_markdown(words("recap_withdrawn"))))

    def _overtaken(self, item: Item, one: Past, step: str, typed: Mapping[str, Any]) -> Done | None:
        """What is said where somebody else has written meanwhile: both are shown, and nothing is stored."""
        opened_with = str(item.payload.get("edition") or "")
        pages = self.forms.overtaken_pages(one, step, item.person, opened_with, typed)
        return Done(say=quietly(item, pages)) if pages else None

    def _store(self, one: Past, after: Recap, said: tuple[Message, ...], step: str, person: str) -> bool:
        """Store a step with what the channel sees of it; False when somebody has changed it meanwhile."""
        before = 0 if one.recap is None else one.recap.revision
        now = self.clock().timestamp()
        with self.database.writing() as connection:
            known = recaps.of_talk(connection, one.talk.id)
            if (0 if known is None else known.revision) != before:
                return False
            recaps.put(connection, after, now)
            outgoing.put(connection, said, None, now)
            if after.ts or after.state == WITHDRAWN:
                recaps.index_next(connection, now)
            audit = Audit(person, f"{step} recap {one.talk.id}"[:80], one.talk.id)
            records.write(connection, audit, None, now)
        return True

    def _moved(self, item: Item, one: Past) -> Done:
        """What is said where nothing was stored."""
        return Done(say=quietly(item, in_markdown(words("recap_changed_meanwhile", command=_command(one)))))

    def _settled(self, item: Item, said: list[Page]) -> tuple[Message, ...]:
        """What stands in place of the message that was pressed, where that is in a direct message."""
        if not item.ts or not item.channel.startswith("D"):
            return quietly(item, said)
        [first, *_] = said
        return (Message(item.channel, first.text, kind=Kind.UPDATE, blocks=first.blocks, target=item.ts),)

    def _listed(self, kind: str, person: str) -> list[Listed]:
        with self.database.reading() as connection:
            held = self._held(connection, kind)
        theirs = [
            one
            for one in held
            if one.may_write(self.people, person)
            and (person in one.speakers or one.is_read_by(self.people, person, one.series.channel))
        ]
        return [
            Listed(one.talk.id, one.title, one.day, "" if one.recap is None else one.recap.state)
            for one in sorted(theirs, key=lambda one: -one.talk.starts_at)
        ]

    def _held(self, connection: Connection, kind: str) -> list[Past]:
        found = [
            talk
            for of in series.all_series(connection, kind)
            for talk in talks.of_series(connection, of.id, HELD)
        ]
        newest = sorted(found, key=lambda talk: -talk.starts_at)[:MOST_LOOKED_AT]
        return [one for talk in newest if (one := of_talk(connection, talk)) is not None]


def _kept(known: Recap, given: Recap) -> Recap:
    """What somebody gives who does not see what was given before: what they leave empty stays."""
    kept = replace(
        given,
        notes=given.notes or known.notes,
        recording=given.recording or known.recording,
        slides=given.slides or known.slides,
    )
    return replace(kept, person=given.person if kept == given else known.person)


def _command(one: Past) -> str:
    return "learn" if one.series.kind == LEARNING else "reading"


def _shows_anything(recap: Recap) -> bool:
    """Whether there is something to post of it: words or addresses."""
    return any((recap.text, recap.recording, recap.slides))


def _shown(one: Past, recap: Recap) -> Shown:
    return Shown(
        title=one.title,
        day=one.day,
        speakers=recap.speakers,
        text=recap.text,
        recording=recap.recording,
        slides=recap.slides,
        paper=one.paper,
    )
