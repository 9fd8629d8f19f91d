"""What the pure parts need from the world: the ports worth having."""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.allowance import Allowance
from knowledge.documents import Passage, Searched, Turn
from knowledge.filtering import Catalogue, Phrase

Vector = NDArray[np.float32]
Clock = Callable[[], datetime]


class Embedder(Protocol):
    """Turns text into unit vectors."""

    @property
    def fingerprint(self) -> str:
        """Names the model and its weights; vectors of different fingerprints are never mixed."""
        ...

    @property
    def dimension(self) -> int: ...

    @property
    def window(self) -> int:
        """How many tokens the model reads, special tokens included."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text without the special ones."""
        ...

    def embed(self, texts: Sequence[str]) -> Vector:
        """float32 of shape (texts, dimension), each row of length 1, in the order given."""
        ...


@dataclass(frozen=True, slots=True)
class Drafted:
    """One sentence as a chat model wrote it, and the numbers (from 1) of the passages it rests on.

    `translation` says the same in the question's language; it is empty where `text` is in it already.
    """

    text: str
    sources: tuple[int, ...]
    translation: str = ""


class ChatModel(Protocol):
    """Writes sentences and source numbers; decides nothing else."""

    @property
    def name(self) -> str: ...

    def draft(
        self, question: str, passages: Sequence[Passage], history: Sequence[Turn], allowance: Allowance
    ) -> Generator[Drafted]:
        """Each sentence as soon as it is complete; nothing in it has been checked.

        Ends when the reply has ended properly. Raises ChatModelError when the model fails, is too late, is
        cut or writes something else, also after sentences; OverBudget when `allowance` refuses.
        """
        ...

    def translated(self, question: str, language: str, allowance: Allowance) -> str:
        """The question in another language, given as its English name. Raises as `draft` does."""
        ...


@dataclass(frozen=True, slots=True)
class Noted:
    """One sentence of a summary as a chat model wrote it, and the numbers (from 1) of its entries.

    `risk` is set where the model takes it for one.
    """

    text: str
    sources: tuple[int, ...]
    risk: bool = False


class Summariser(Protocol):
    """Sums up what several people entered, in sentences with entry numbers; decides nothing else."""

    @property
    def name(self) -> str: ...

    def noted(self, entries: Sequence[str], allowance: Allowance) -> tuple[Noted, ...]:
        """Sentences about these entries, numbered from 1 in their order; nothing in them has been checked.

        Raises as `ChatModel.draft` does.
        """
        ...


@dataclass(frozen=True, slots=True)
class Hit:
    """One found row: a chunk's id (or, for `documents`, a document revision's id) and a raw score."""

    id: int
    score: float


class Index(Protocol):
    """One published version, for reading. `audiences` are the audience keys that may be used; the filter
    is inside each query, and so is `within`: the only ids that may be found, None for all. Best first."""

    @property
    def version(self) -> int: ...

    def dense(
        self, vector: Vector, audiences: frozenset[str], k: int, within: frozenset[int] | None = None
    ) -> list[Hit]:
        """Nearest chunks by cosine similarity (the score, -1 to 1)."""
        ...

    def lexical(
        self, query: str, audiences: frozenset[str], k: int, within: frozenset[int] | None = None
    ) -> list[Hit]:
        """Best chunks by BM25 over text, title and section."""
        ...

    def documents(
        self, query: str, audiences: frozenset[str], k: int, within: frozenset[int] | None = None
    ) -> list[Hit]:
        """Best whole documents by BM25; ids are document revision ids."""
        ...

    def document_frequencies(self, terms: Iterable[str]) -> Mapping[str, int]:
        """In how many chunks each (analysed) term occurs; for how well a passage covers a question."""
        ...


class Store(Protocol):
    """The record, as answering reads it. A version is what one sync published; 0 is the empty one."""

    def published(self) -> int:
        """The newest published version."""
        ...

    def audience_keys(self, version: int) -> frozenset[str]:
        """The keys of all audiences that documents of this version carry."""
        ...

    def passages(self, chunk_ids: Sequence[int]) -> dict[int, Passage]:
        """Chunks with their documents, scores all zero; ids that are not there are left out."""
        ...

    def siblings(self, revision_id: int) -> list[Passage]:
        """All chunks of one document revision, in reading order."""
        ...

    def searched(self, version: int, audiences: frozenset[str]) -> Searched:
        """How much there was to search for readers who may read these audiences."""
        ...

    def catalogue(self, version: int, audiences: frozenset[str]) -> Catalogue:
        """What there is to filter by for readers who may read these audiences."""
        ...

    def chunk_ids(self, revision_ids: Sequence[int]) -> frozenset[int]:
        """All chunks of these document revisions."""
        ...

    def chunk_ids_saying(self, revision_ids: Sequence[int], phrases: Sequence[Phrase]) -> dict[int, int]:
        """The chunks of these revisions that hold every phrase that they must hold and none that they must
        not, each with its revision."""
        ...

    def current_audience(self, document_id: str) -> str | None:
        """The audience key of a document as it stands now; None when it is gone (then nobody may)."""
        ...
