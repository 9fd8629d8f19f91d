"""What is done with entries beside forms: left out, repeated, away, withdrawn, shown to their person."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.blocks.entry_forms import About
from bot.blocks.standup_entries import mine_pages
from bot.journal import entries, occurrences
from bot.journal.entries import GIVEN, SKIPPED, WITHDRAWN, Entry
from bot.journal.records import Audit
from bot.journal.rituals import ARCHIVED
from bot.journal.rituals import ritual as ritual_of
from bot.journal.work import Done, Item
from bot.pressing import quietly, subject_of
from bot.replies import in_markdown, reply
from bot.rituals.availability import Availability
from bot.rituals.entry_cards import asked_with, card
from bot.rituals.giving import give
from bot.rituals.leave import go_away
from bot.rituals.opening import is_late
from bot.rituals.submitting import without_secrets
from knowledge.adapters.database import Database
from knowledge.adapters.run_names import is_run
from knowledge.audience import Readers, readable_keys
from knowledge.ports import Store
from prompts.calm import Leave
from prompts.replying import again
from prompts.ritual import ReplyKind
from prompts.slots import said, wanted_in
from prompts.words import words

MOST_LISTED = 7
_FURTHEST_AWAY = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class AfterEntries:
    """Works off presses at prompts and entries, and lists a person's own."""

    availability: Availability
    store: Store

    @property
    def database(self) -> Database:
        return self.availability.database

    def step(self, item: Item) -> Done:
        """One press, by the person whose entry it is: who pressed says whose."""
        about = About.from_value(subject_of(item))
        if about is None:
            return self._told(item, words("entry_gone"))
        match str(item.payload.get("step") or ""):
            case "given":
                return self._given(item, about)
            case "skip":
                return self._skip(item, about)
            case "same":
                return self._same(item, about)
            case "away":
                return self._away(item, about)
            case "withdraw":
                return self._withdraw(item, about)
            case _:
                return self._told(item, words("entry_gone"))

    def mine(self, item: Item) -> Done:
        """`/standup mine`: the last few."""
        with self.database.reading() as connection:
            last = entries.of_person(connection, item.person)[: -MOST_LISTED - 1 : -1]
            shown = [(one, standup) for one in last if (standup := asked_with(connection, one)) is not None]
        return Done(say=reply(item, mine_pages(shown)))

    def offer_to_withdraw(self, item: Item) -> Done:
        """`/standup withdraw`, or with a date: what would go, with the button that does it."""
        wanted, _ = wanted_in(item.text.strip().partition(" ")[2])
        with self.database.reading() as connection:
            given = [one for one in entries.of_person(connection, item.person)[::-1] if one.state == GIVEN]
            fitting = [one for one in given if wanted in ("", one.slot.isoformat())]
            shown = [
                (one, standup) for one in fitting[:1] if (standup := asked_with(connection, one)) is not None
            ]
        if not shown:
            return Done(say=reply(item, in_markdown(words("entry_none_to_withdraw"))))
        return Done(say=reply(item, mine_pages(shown)))

    def notes(self, entry: Entry) -> Sequence[str]:
        """What is to be said of an entry that was given: runs that nobody could look up."""
        with self.database.reading() as connection:
            standup = asked_with(connection, entry)
        asked = () if standup is None else standup.prompts
        named = [
            entry.replies[one.key]
            for one in asked
            if one.kind is ReplyKind.RUN and entry.replies.get(one.key)
        ]
        unknown = [one for one in named if not self._is_run(entry.person, one)]
        return [words("entry_unknown_run", run=one) for one in unknown]

    # steps

    def _given(self, item: Item, about: About) -> Done:
        """A form was sent: its entry is shown in place of the prompt."""
        with self.database.reading() as connection:
            entry = entries.entry_of(connection, about.ritual_id, about.slot, item.person)
            ritual = ritual_of(connection, about.ritual_id)
        if entry is None:
            return Done()
        notes = [*(self.notes(entry) if entry.state == GIVEN else ())]
        if item.payload.get("hidden"):
            notes.append(words("entry_secret_hidden"))
        if ritual is not None and ritual.state != "active":
            notes.append(words("entry_kept_while_paused"))
        return self._shown(entry, notes)

    def _skip(self, item: Item, about: About) -> Done:
        return self._leave_out(item, about, "")

    def _leave_out(self, item: Item, about: About, reason: str) -> Done:
        refusal = self._refusal(item, about)
        if refusal:
            return self._told(item, refusal)
        now = self.availability.clock()
        with self.database.writing() as connection:
            known = entries.entry_of(connection, about.ritual_id, about.slot, item.person)
            if known is not None and known.state == GIVEN:
                return self._told(item, words("entry_given_already"))
            wanted = Entry(about.ritual_id, about.slot, item.person, SKIPPED, reason=reason)
            entry = give(connection, wanted, now.timestamp())
        return self._shown(entry)

    def _same(self, item: Item, about: About) -> Done:
        """What was given last is given again, as far as it still fits what is asked."""
        refusal = self._refusal(item, about)
        if refusal:
            return self._told(item, refusal)
        now = self.availability.clock()
        with self.database.writing() as connection:
            known = entries.entry_of(connection, about.ritual_id, about.slot, item.person)
            if known is not None and known.state == GIVEN:
                return self._told(item, words("entry_given_already"))
            last = entries.last_before(connection, about.ritual_id, item.person, about.slot)
            wanted = Entry(about.ritual_id, about.slot, item.person)
            standup = asked_with(connection, wanted)
            if last is None or standup is None:
                return self._told(item, words("entry_nothing_to_repeat"))
            judged = again(standup, last.replies)
            if judged.problems:
                return self._told(item, words("entry_not_repeated"))
            late = is_late(connection, about.ritual_id, about.slot, item.person, now, standup)
            wanted = replace(wanted, replies=judged.replies, consent=last.consent, late=late)
            entry = give(connection, without_secrets(wanted)[0], now.timestamp())
        return self._shown(entry, [words("entry_repeated", day=said(last.slot)), *self.notes(entry)])

    def _away(self, item: Item, about: About) -> Done:
        """Away from the prompt's date until the day that was picked, which is the first one back."""
        try:
            until = date.fromisoformat(str(item.payload.get("until") or ""))
        except ValueError:
            return self._told(item, words("entry_gone"))
        if not about.slot < until <= about.slot + _FURTHEST_AWAY:
            return self._told(item, words("entry_away_when", day=said(until)))
        refusal = self._refusal(item, about)
        if refusal:
            return self._told(item, refusal)
        now = self.availability.clock()
        self.availability.profile(item.person)
        with self.database.writing() as connection:
            go_away(connection, self.availability, item.person, Leave(about.slot, until), now)
            known = entries.entry_of(connection, about.ritual_id, about.slot, item.person)
            if known is None or known.state != GIVEN:
                reason = f"away until {said(until)}"
                wanted = Entry(about.ritual_id, about.slot, item.person, SKIPPED, reason=reason)
                known = give(connection, wanted, now.timestamp())
        return self._shown(known, [words("entry_away_until", day=said(until))])

    def _withdraw(self, item: Item, about: About) -> Done:
        now = self.availability.clock()
        with self.database.writing() as connection:
            known = entries.entry_of(connection, about.ritual_id, about.slot, item.person)
            if known is None or known.state != GIVEN:
                return self._told(item, words("entry_none_to_withdraw"))
            gone = Entry(about.ritual_id, about.slot, item.person, WITHDRAWN, consent=known.consent)
            entry = give(connection, gone, now.timestamp())
        done = self._shown(entry)
        told = quietly(item, in_markdown(words("entry_withdrawn"))) if item.payload.get("ephemeral") else ()
        audit = Audit(item.person, "withdraw entry", f"{about.ritual_id} {about.slot}")
        return Done(say=(*done.say, *told), record=(audit,))

    # within

    def _refusal(self, item: Item, about: About) -> str:
        """Why somebody may do nothing for this date; empty where they may: they are on its roster, or have
        an entry already."""
        with self.database.reading() as connection:
            ritual = ritual_of(connection, about.ritual_id)
            occurrence = occurrences.of_slot(connection, about.ritual_id, about.slot)
            entry = entries.entry_of(connection, about.ritual_id, about.slot, item.person)
        if ritual is None or ritual.state == ARCHIVED:
            return words("entry_gone")
        if entry is None and (occurrence is None or item.person not in occurrence.roster):
            return words("entry_none_of_yours")
        return ""

    def _is_run(self, person: str, name: str) -> bool:
        version = self.store.published()
        readers = Readers(people=frozenset({person}))
        keys = readable_keys(self.store.audience_keys(version), readers, self.availability.people.members)
        return is_run(self.database, version, keys, name)

    def _shown(self, entry: Entry, notes: Sequence[str] = ()) -> Done:
        with self.database.reading() as connection:
            return Done(say=card(connection, entry, notes))

    def _told(self, item: Item, text: str) -> Done:
        return Done(say=quietly(item, in_markdown(text)))
