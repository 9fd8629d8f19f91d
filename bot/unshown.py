"""What an answerer has told of its work and people have not been shown yet: pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.blocks import streamed
from bot.blocks.rich_text import Block
from knowledge.documents import Citation, Sentence
from knowledge.steps import FellBack, Reading, Searching, Step, Writing, Written

_CHECKING = "Checking each sentence"


@dataclass(slots=True)
class Unshown:
    """Takes steps in, and gives them out as chunks of a stream.

    `audience_keys` and `document_ids` are all that the answer rests on so far, shown or not.
    """

    audience_keys: set[str] = field(default_factory=set)
    document_ids: set[str] = field(default_factory=set)
    _tasks: dict[str, streamed.Chunk] = field(default_factory=dict)
    _cards: dict[str, streamed.Chunk] = field(default_factory=dict)
    _sentences: list[Sentence] = field(default_factory=list)
    _notices: list[Block] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self._cards or self._sentences or self._notices)

    @property
    def has_cards(self) -> bool:
        return bool(self._cards)

    def take(self, step: Step) -> None:
        match step:
            case Searching(documents):
                self._turn("searching", streamed.searching(documents), streamed.IN_PROGRESS)
            case Reading(passages, titles):
                self._complete("searching")
                self._turn("reading", streamed.reading(passages, titles), streamed.IN_PROGRESS)
            case Writing():
                self._complete("searching", "reading")
                self._turn("checking", _CHECKING, streamed.IN_PROGRESS)
            case Written(sentence, citations):
                self._sentences.append(sentence)
                self._rest_on(citations)
            case FellBack(notice):
                self._notices.append(streamed.notice(notice))

    def blocks(self) -> list[Block]:
        """What is new of the answer itself."""
        return [*self._notices, *streamed.sentences(self._sentences)]

    def chunks(self, take_blocks: bool) -> list[streamed.Chunk]:
        """All that is new."""
        return streamed.chunks(self._cards.values(), self.blocks(), take_blocks)

    def shown(self) -> None:
        """All of it has been shown."""
        self._sentences, self._notices = [], []
        self.without_cards()

    def without_cards(self) -> None:
        """The cards are not to be shown."""
        self._cards = {}

    def in_another_message(self) -> None:
        """What is at work goes on there; what is done was shown in the one before."""
        self._cards = {name: card for name, card in self._tasks.items() if _at_work(card)}

    def _turn(self, name: str, title: str, status: str) -> None:
        self._tasks[name] = self._cards[name] = streamed.card(name, title, status)

    def _complete(self, *names: str) -> None:
        for name in names:
            if name in self._tasks and _at_work(self._tasks[name]):
                self._turn(name, str(self._tasks[name]["title"]), streamed.COMPLETE)

    def _rest_on(self, citations: Iterable[Citation]) -> None:
        for citation in citations:
            self.audience_keys.add(citation.audience_key)
            self.document_ids.add(citation.document_id)

    def rests_on(self) -> dict[str, Sequence[str]]:
        """As the journal keeps it."""
        return {"audience_keys": sorted(self.audience_keys), "document_ids": sorted(self.document_ids)}


def _at_work(card: streamed.Chunk) -> bool:
    return bool(card["status"] == streamed.IN_PROGRESS)
