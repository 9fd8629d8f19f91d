"""Drafts a recap from the notes and the thread of a talk: in their words, or in checked ones of a model."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.blocks.modals import LONGEST_INPUT
from bot.learning.looked_after import Past
from bot.learning.talk_thread import TalkThread
from bot.people import People
from knowledge.allowance import Allowance
from knowledge.errors import ChatModelError, OverBudget
from knowledge.ports import Summariser
from prompts.recap import Heard, by_model, checked_recap, entries, plain_recap
from prompts.summary import Summary, as_text

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Draft:
    """The recap as somebody edits it, empty where there was nothing to make it of; whether a model wrote it,
    and whether the thread could be read."""

    text: str
    by_model: bool
    thread_read: bool


@dataclass(frozen=True, slots=True)
class Drafts:
    """`model` writes where there is one; what it writes and the sources do not say is left out."""

    people: People
    thread: TalkThread
    model: Summariser | None

    def of(self, one: Past, notes: str, channel: str, person: str, allowance: Allowance) -> Draft:
        """A draft from these notes and what was said in the thread in the channel that it is for, where the
        person who sees it first reads that channel. Takes as long as a question."""
        reads = one.is_read_by(self.people, person, channel)
        heard = self.thread.of(one.talk.id, channel) if reads else None
        said = heard or []
        title = one.talk.title or one.series.name
        recap = self._written(one, title, notes, said, allowance) or plain_recap(title, notes, said)
        return Draft(as_text(recap, LONGEST_INPUT), by_model(recap), heard is not None)

    def _written(
        self, one: Past, title: str, notes: str, said: Sequence[Heard], allowance: Allowance
    ) -> Summary | None:
        if self.model is None or not (notes or said):
            return None
        names = self.speakers(one)
        try:
            drafted = self.model.noted(entries(notes, said, names), allowance)
        except (ChatModelError, OverBudget) as error:
            log.warning("no recap of a model: %s", error)
            return None
        people = [heard.name for heard in said]
        recap = checked_recap(drafted, title, notes, said, names, people)
        if recap is None:
            log.warning("none of %d sentences of a recap is supported", len(drafted))
        return recap

    def speakers(self, one: Past) -> str:
        """The names of who spoke, as people read them; empty where the floor was open."""
        names = [self.people.name_of(person) for person in one.speakers]
        return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
