"""What there is to filter by, as the record has it: the documents of one version, and their chunks."""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from knowledge.adapters.database import Database
from knowledge.adapters.tables import chunks, revisions
from knowledge.filtering import Entry, Phrase

_AT_ONCE = 500


def entries(database: Database, seen: ColumnElement[bool]) -> tuple[Entry, ...]:
    """The documents of which `seen` holds, in the order of their ids."""
    cut = func.count(chunks.c.id).label("chunks")
    query = (
        select(
            revisions.c.id,
            revisions.c.source,
            revisions.c.path,
            revisions.c.title,
            revisions.c.kind,
            revisions.c.owner,
            revisions.c.updated_at,
            cut,
        )
        .outerjoin(chunks, chunks.c.revision_id == revisions.c.id)
        .where(seen)
        .group_by(revisions.c.id)
        .order_by(revisions.c.id)
    )
    with database.reading() as connection:
        return tuple(Entry(*row) for row in connection.execute(query))


def chunk_ids(database: Database, revision_ids: Sequence[int]) -> Iterator[int]:
    """The chunks of these revisions."""
    with database.reading() as connection:
        for some in _some(revision_ids):
            yield from connection.scalars(select(chunks.c.id).where(chunks.c.revision_id.in_(some)))


def chunk_ids_saying(
    database: Database, revision_ids: Sequence[int], phrases: Sequence[Phrase]
) -> Iterator[tuple[int, int]]:
    """The chunks of these revisions that hold, or the titles of whose documents hold, every phrase that they
    must hold, and none that they must not; each with its revision."""
    wanted = [phrase.pattern() for phrase in phrases if not phrase.negated]
    unwanted = [phrase.pattern() for phrase in phrases if phrase.negated]
    hints = [hint for phrase in phrases if not phrase.negated and (hint := _hint(phrase))]
    holding = (or_(_holds(revisions.c.text, hint), _holds(revisions.c.title, hint)) for hint in hints)
    likely = and_(true(), *holding)
    pages = select(revisions.c.id, revisions.c.title, revisions.c.text).where(likely)
    cut = select(chunks.c.id, chunks.c.revision_id, chunks.c.start, chunks.c.end)
    with database.reading() as connection:
        for some in _some(revision_ids):
            texts = {
                row.id: row
                for row in connection.execute(pages.where(revisions.c.id.in_(some)))
                if all(one.search(f"{row.title}\n{row.text}") for one in wanted)
            }
            for chunk in connection.execute(cut.where(chunks.c.revision_id.in_(list(texts)))):
                page = texts[chunk.revision_id]
                said = f"{page.title}\n{page.text[chunk.start : chunk.end]}"
                if all(one.search(said) for one in wanted) and not any(one.search(said) for one in unwanted):
                    yield chunk.id, chunk.revision_id


def _hint(phrase: Phrase) -> str:
    """The longest word of the phrase that SQL compares as Python does."""
    words = [word for word in phrase.words.split() if word.isascii() and word.isalnum()]
    return max(words, key=len, default="")


def _holds(column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    return func.lower(column).contains(word.lower(), autoescape=True)


def _some(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
