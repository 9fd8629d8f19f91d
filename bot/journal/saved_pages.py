"""Pages that people saved out of conversations: the record behind the source `saved`."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Column, Connection, Float, Integer, String, Table, Text, delete, insert, select, update

from bot.journal.tables import inbox, metadata
from bot.messages import new_key

INDEX_SAVED = "index_saved"
"""The kind of the inbox item that brings saved pages into the index."""

saved_pages = Table(
    "saved_pages",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("path", String(200), nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("owner", String(40), nullable=False, index=True),
    Column("url", Text, nullable=False),
    Column("team", String(40), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("ts", String(40), nullable=False),
    Column("redactions", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
)


@dataclass(frozen=True, slots=True)
class SavedPage:
    """One saved page. Its document's id is `saved/PATH`, for ever, whatever it is titled later.

    `text` is Markdown without secrets (`redactions` counts those that were taken out). `audience` is an
    audience key. `owner` is who saved it, a user id. `url` is the permalink of the message that it came
    from, `channel` and `ts` name that message; all three may be empty. Times are Unix seconds.
    """

    path: str
    title: str
    text: str
    audience: str
    owner: str
    url: str = ""
    team: str = ""
    channel: str = ""
    ts: str = ""
    redactions: int = 0
    created_at: float = 0.0
    updated_at: float = 0.0
    id: str = field(default_factory=new_key)


@dataclass(frozen=True, slots=True)
class RemovedPage:
    """A saved page is to go, by its id."""

    id: str


def put_page(connection: Connection, page: SavedPage, now: float) -> None:
    """Store a page, or the new words of one that is known; it is indexed next."""
    words = {"title": page.title, "text": page.text, "redactions": page.redactions, "updated_at": now}
    changed = connection.execute(update(saved_pages).where(saved_pages.c.id == page.id).values(**words))
    if not changed.rowcount:
        row = {name: getattr(page, name) for name in SavedPage.__slots__}
        connection.execute(insert(saved_pages), {**row, "created_at": now, "updated_at": now})
    _index_next(connection, now)


def remove_page(connection: Connection, page_id: str, now: float) -> None:
    """Delete a page for good; the index follows."""
    connection.execute(delete(saved_pages).where(saved_pages.c.id == page_id))
    _index_next(connection, now)


def page(connection: Connection, page_id: str) -> SavedPage | None:
    found = connection.execute(select(saved_pages).where(saved_pages.c.id == page_id)).first()
    return None if found is None else SavedPage(**found._mapping)


def pages(connection: Connection, owner: str | None = None) -> Sequence[SavedPage]:
    """All pages, or those of one owner, the newest first."""
    wanted = select(saved_pages).order_by(saved_pages.c.updated_at.desc(), saved_pages.c.path)
    if owner is not None:
        wanted = wanted.where(saved_pages.c.owner == owner)
    return [SavedPage(**row._mapping) for row in connection.execute(wanted)]


def _index_next(connection: Connection, now: float) -> None:
    """Queue one item that indexes what is saved, unless one waits already."""
    waiting = select(inbox.c.id).where(inbox.c.kind == INDEX_SAVED, inbox.c.state == "queued")
    if connection.execute(waiting.limit(1)).first() is not None:
        return
    empty = dict.fromkeys(("team", "channel", "ts", "thread_ts", "person", "text"), "")
    item = {"kind": INDEX_SAVED, "state": "queued", "conversation": INDEX_SAVED, "payload": {}}
    connection.execute(insert(inbox), {**empty, **item, "received_at": now})
