"""What is found for all who read a series' channel: nothing that any of them may not read."""

import logging
from dataclasses import dataclass

from bot.conversation import Answers
from bot.messages import Place
from bot.people import People
from knowledge.analysis import analysed
from knowledge.audience import readable_keys
from knowledge.documents import Outcome
from knowledge.errors import LoreError
from knowledge.ports import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChannelKnowledge:
    """Looks things up without a model. Takes as long as a question."""

    people: People
    store: Store
    answers: Answers

    def found(self, text: str, channel: str) -> Outcome | None:
        """What there is about a text; None where it could not be looked up."""
        readers = self.people.readers(Place(channel))
        keys = readable_keys(self.store.audience_keys(self.store.published()), readers, self.people.members)
        try:
            return self.answers.answer(text, keys, use_model=False)
        except LoreError as error:
            log.warning("nothing was looked up for a channel: %s", error)
            return None

    def says(self, word: str, channel: str) -> bool:
        """Whether something that all of them may read has this very word, in some form."""
        outcome, terms = self.found(word, channel), set(analysed(word))
        if outcome is None or not terms:
            return False
        return any(terms <= set(analysed(passage.chunk.text)) for passage in outcome.passages)
