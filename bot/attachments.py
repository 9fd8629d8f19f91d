"""Files attached to a question: fetched from Slack alone, read in the sandbox; said when they were not."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from sqlalchemy import select

from bot.blocks.plain import one_line, shorten
from bot.fetching import Fetcher, NotFetched
from bot.journal.tables import inbox
from bot.journal.work import Item
from ingest.attached import document_of, plain_name, why_never_read
from knowledge.adapters.database import Database
from knowledge.attached import YOUR_FILE, Attached, attached, likely, passages_of
from knowledge.audience import EVERYONE, Audience
from knowledge.documents import Chunk, Document, Passage
from knowledge.errors import Unreadable
from knowledge.ports import Embedder, Store
from prompts.words import words

MOST_FILES = 5
MOST_BYTES = 20_000_000
WITHIN_S = 8.0
"""For fetching all the files of one question."""

MOST_KEPT = 20
MOST_NAMED = 5
LOOKED_BACK = 10
RECENT_S = 30 * 60
_KEPT = ("id", "name", "mimetype", "size", "mode", "permalink", "timestamp")
_MODES = {
    "external": "it lies outside Slack, where I may not look",
    "tombstone": "it was deleted",
    "hidden_by_limit": "Slack keeps it hidden because of the workspace's plan",
    "quip": "canvases are not read",
    "canvas": "canvases are not read",
    "list": "Slack lists are not read",
}
_REFUSALS = {
    "file_not_found": "it is not shared with me here",
    "file_deleted": "it was deleted",
}
_TROUBLE = (SlackClientError, HTTPException, OSError, KeyError, TypeError)

log = logging.getLogger(__name__)


def described(files: object) -> list[dict[str, Any]]:
    """What an item keeps of the `files` of a message: names and ids, never where they are fetched from."""
    if not isinstance(files, Sequence):
        return []
    found = [file for file in files if isinstance(file, Mapping)]
    kept = [{name: file[name] for name in _KEPT if name in file} for file in found[:MOST_KEPT]]
    return [*kept, {"left_out": len(found) - MOST_KEPT}] if len(found) > MOST_KEPT else kept


@dataclass(frozen=True, slots=True)
class Read:
    """What became of the files of one question: passages, and what is to be said about the rest."""

    files: Attached | None = None
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileReading:
    """What reading a file takes of knowledge: how a document is cut, and the embedder for documents."""

    cut: Callable[[Document], Sequence[Chunk]]
    embedder: Embedder


@dataclass(slots=True)
class _Found:
    documents: list[Document] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Attachments:
    """Reads attached files."""

    client: WebClient
    fetcher: Fetcher
    database: Database
    reading: FileReading

    def of(self, item: Item, question: str, audience: Audience) -> Read:
        """The files of an item of the inbox; see `files_of` and `read`."""
        return self.read(files_of(item, self.database), question, audience)

    def read(self, files: Sequence[Mapping[str, Any]], question: str, audience: Audience) -> Read:
        """The files that can be read, as passages for this question; who may read them is `audience`.

        Nothing here raises because of a file: what is not read is said by name with the reason. Raises
        ModelError.
        """
        if not files:
            return Read()
        found = _Found()
        end = time.monotonic() + WITHIN_S
        for file in files[:MOST_FILES]:
            self._one(file, audience, found, end)
        if more := _left_out(files):
            found.notes.append(words("too_many_files", read=MOST_FILES, more=more).strip())
        passages: list[Passage] = []
        for document in found.documents:
            passages += passages_of(document, self.reading.cut(document), len(passages))
            for note in document.notes:
                found.notes.append(f"{document.path}: {note}.")
            if document.redactions:
                found.notes.append(f"{document.path}: {document.redactions} secrets are left out.")
        made = attached(likely(question, passages), self.reading.embedder) if passages else None
        return Read(made, tuple(document.path for document in found.documents), _few(found.notes))

    def _one(self, file: Mapping[str, Any], audience: Audience, found: _Found, end: float) -> None:
        name = plain_name(str(file.get("name") or "a file"))
        shown = shorten(one_line(name), 100)
        try:
            path = _free(name, [document.path for document in found.documents])
            found.documents.append(self._document(file, path, audience, end))
        except (NotFetched, Unreadable) as error:
            found.notes.append(words("file_not_read", file=shown, reason=str(error)).strip())

    def _document(self, file: Mapping[str, Any], path: str, audience: Audience, end: float) -> Document:
        name, mimetype = str(file.get("name") or ""), str(file.get("mimetype") or "")
        if (mode := _MODES.get(str(file.get("mode") or ""))) is not None:
            raise NotFetched(mode)
        if (never := why_never_read(name, mimetype)) is not None:
            raise NotFetched(never)
        known = self._info(str(file.get("id") or ""))
        if (mode := _MODES.get(str(known.get("mode") or ""))) is not None:
            raise NotFetched(mode)
        size = known.get("size")
        if isinstance(size, int) and size > MOST_BYTES:
            raise NotFetched(_too_large(size))
        url = str(known.get("url_private_download") or known.get("url_private") or "")
        data = self.fetcher.fetch(url, MOST_BYTES, end)
        created = known.get("timestamp")
        return document_of(
            YOUR_FILE,
            path,
            name,
            mimetype,
            data,
            audience,
            url=str(known.get("permalink") or "") or None,
            updated_at=datetime.fromtimestamp(created, UTC) if isinstance(created, int) else None,
        )

    def _info(self, file_id: str) -> Mapping[str, Any]:
        """What Slack says of the file now. Raises NotFetched."""
        try:
            told: Mapping[str, Any] = self.client.files_info(file=file_id)["file"]
            return told
        except SlackApiError as error:
            code = str(error.response.get("error") or "")
            if code == "missing_scope":
                log.error("ALERT attached files are not read: the app lacks the scope files:read")
                raise NotFetched(words("no_files_scope").strip()) from None
            raise NotFetched(_REFUSALS.get(code, f"Slack says {code[:60]}")) from None
        except _TROUBLE as error:
            log.warning("Slack does not tell of a file: %s", type(error).__name__)
            raise NotFetched("Slack could not be asked for it just now") from None


def open_attachments(
    client: WebClient, own_url: str, database: Database, reading: FileReading
) -> Attachments:
    """Attachments of the workspace at `own_url`, which the client's token is of."""
    fetcher = Fetcher(lambda: client.token or "", (own_url,), client.proxy, client.ssl)
    return Attachments(client, fetcher, database, reading)


def files_of(item: Item, database: Database) -> Sequence[Mapping[str, Any]]:
    """The files of a question: its own, else those of the message before it in the same thread, or in the
    same direct message within RECENT_S."""
    own: Sequence[Mapping[str, Any]] = item.payload.get("files") or ()
    if own or item.kind != "message":
        return own
    direct = item.channel.startswith("D")
    before = select(inbox.c.payload).where(
        inbox.c.id < item.id,
        inbox.c.kind == item.kind,
        inbox.c.channel == item.channel,
        inbox.c.person == item.person if direct else inbox.c.thread_ts == item.thread_ts,
        inbox.c.received_at > item.received_at - RECENT_S if direct else inbox.c.state == "done",
    )
    with database.reading() as connection:
        payloads = connection.execute(before.order_by(inbox.c.id.desc()).limit(LOOKED_BACK)).scalars()
        return next((payload["files"] for payload in payloads if payload.get("files")), ())


def current_audience(store: Store) -> Callable[[str], str | None]:
    """What `Store.current_audience` says, and that attached files, which no record holds, stand unchanged:
    who may read one was settled when it was read, and is part of its citation."""

    def look(document_id: str) -> str | None:
        if document_id.startswith(f"{YOUR_FILE}/"):
            return EVERYONE.key
        return store.current_audience(document_id)

    return look


def _left_out(files: Sequence[Mapping[str, Any]]) -> int:
    counted = sum(int(file.get("left_out") or 1) for file in files)
    return max(0, counted - MOST_FILES)


def _free(name: str, taken: Sequence[str]) -> str:
    """The name, numbered where another file of the question has it already."""
    number = 1 + sum(one == name or one.startswith(f"{name} (") for one in taken)
    return name if number == 1 else f"{name} ({number})"


def _few(notes: Sequence[str]) -> tuple[str, ...]:
    if len(notes) <= MOST_NAMED:
        return tuple(notes)
    return (*notes[:MOST_NAMED], f"… and {len(notes) - MOST_NAMED} more remarks about the files.")


def _too_large(size: int) -> str:
    return f"it is too large: {size / 1e6:,.1f} MB, the limit is {MOST_BYTES / 1e6:,.0f} MB"
