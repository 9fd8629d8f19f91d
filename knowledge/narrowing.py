"""A question's filters become the set of chunks that may be found, among what its readers may read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from knowledge.documents import Searched, Turn
from knowledge.filtering import Catalogue, Entry, Filters, Within
from knowledge.ports import Store
from knowledge.reading_filters import may_hold_filters, read_filters


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What to search for and where. `within` is None where everything readable may be found.

    `filters` tells the filters that hold, `guesses` those of them that may be no filters at all (plain words,
    quoted words), `remarks` what could not be done.
    """

    text: str
    searched: Searched
    within: Within | None = None
    filters: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    guesses: tuple[str, ...] = ()


def narrowed(
    question: str,
    store: Store,
    version: int,
    audiences: frozenset[str],
    now: datetime,
    *,
    guess: bool = True,
) -> Narrowed:
    """Read the question's filters over what these audiences hold in this version.

    Quoted words that nothing holds are let go of, and that is told. Raises StoreError.
    """
    if not may_hold_filters(question):
        return Narrowed(question, store.searched(version, audiences))
    catalogue = store.catalogue(version, audiences)
    read = read_filters(question, catalogue, now, guess=guess)
    filters = read.filters if guess else read.filters.without_phrases()
    if not filters:
        return Narrowed(read.text, store.searched(version, audiences), remarks=read.remarks)
    return _within(read.text, filters, read.remarks, filters.admitted(catalogue.entries), store)


def without_guesses(
    question: str, refused: Narrowed, store: Store, version: int, audiences: frozenset[str], now: datetime
) -> Narrowed:
    """The same question with its plain and quoted words taken as words: as filters they led nowhere."""
    plainly = narrowed(question, store, version, audiences, now, guess=False)
    told = f"Searched without what gave no answer: {', '.join(refused.guesses)}."
    return replace(plainly, remarks=(*plainly.remarks, told))


def without_filters(history: Sequence[Turn], now: datetime) -> tuple[Turn, ...]:
    """The turns without short forms, which are for their own question alone."""
    return tuple(
        replace(turn, text=read_filters(turn.text, Catalogue(), now, guess=False).text)
        if may_hold_filters(turn.text)
        else turn
        for turn in history
    )


def _within(
    text: str,
    filters: Filters,
    remarks: tuple[str, ...],
    admitted: Sequence[Entry],
    store: Store,
) -> Narrowed:
    revisions = [entry.revision_id for entry in admitted]
    if not filters.phrases:
        found, kept = store.chunk_ids(revisions), frozenset(revisions)
    else:
        saying = store.chunk_ids_saying(revisions, filters.phrases)
        literal = [phrase.said for phrase in filters.phrases if not phrase.negated]
        if not saying and literal:
            told = f"Nothing here says {' and '.join(literal)} word for word: I searched without the quotes."
            return _within(text, filters.without_phrases(), (*remarks, told), admitted, store)
        found, kept = frozenset(saying), frozenset(saying.values())
    documents = [entry for entry in admitted if entry.revision_id in kept]
    searched = Searched(len(documents), len(found), tuple(sorted({entry.source for entry in documents})))
    return Narrowed(
        text, searched, Within(found, kept) if filters else None, filters.said, remarks, filters.guesses
    )
