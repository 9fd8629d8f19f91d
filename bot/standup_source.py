"""The built-in source `standups`: entries as pages, for those whom their authors let find them."""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

from bot.blocks.plain import escape
from bot.hearing import Myself
from bot.journal.standup_pages import StandupPage, pages
from bot.threads.page import as_markdown, heading
from ingest.redaction import redact
from ingest.sources import Item, Source
from knowledge.adapters.database import Database
from knowledge.audience import EVERYONE, Audience
from knowledge.documents import Document
from prompts.ritual import Consent, ReplyKind

SOURCE = "standups"
STANDUPS = Source(SOURCE, "standups", Path(), EVERYONE, "standup")
"""Its audience is the widest; each page has its own, which is what counts."""

SOMEBODY = "Somebody of the team"
MENTION = re.compile(r"<@([UW][A-Z0-9]{7,})(?:\|[^>]*)?>")
"""Somebody who is named in a reply; of all that is typed this alone is Slack's notation."""

_VERSION = "1"
_NOBODY = Myself("", "")
_FOUND = frozenset({ReplyKind.TEXT, ReplyKind.LINK, ReplyKind.RUN})
"""Kinds of replies that say something to others; a mood on a scale is not among them."""


def read_standups(database: Database) -> Iterator[Item]:
    """All that may be found now."""
    with database.reading() as connection:
        found = pages(connection)
    for page in found:
        made = document(page)
        yield Item(page.path, made.digest, lambda made=made: made)  # type: ignore[misc]


def path_in(document_id: str) -> str | None:
    """The path of an entry's document; None for other documents."""
    source, _, path = document_id.partition("/")
    return path if source == SOURCE else None


def audience(page: StandupPage) -> Audience:
    """Who may find an entry: everyone, or the team of its occurrence, the author among them."""
    match page.entry.consent:
        case Consent.EVERYONE:
            return EVERYONE
        case Consent.TEAM:
            return Audience(principals=frozenset({*page.roster, page.entry.person}))
        case Consent.NOBODY:
            return Audience()


def document(page: StandupPage) -> Document:
    """An entry as a document: whose it is and of which day stands in its title and over every reply."""
    entry = page.entry
    who = heading(_name(page, entry.person)) or SOMEBODY
    title = redact(f"{who}, {heading(page.settings.name)} of {on_day(entry.slot)}")
    text = redact("\n\n".join(_sections(page)))
    rest = (_VERSION, title.text, text.text, audience(page).key)
    return Document(
        source=SOURCE,
        path=page.path,
        title=title.text,
        text=text.text,
        audience=audience(page),
        digest=f"{fingerprint(page)} {_hashed(rest)}",
        kind=STANDUPS.document_kind,
        lines_are_the_files=False,
        updated_at=datetime.combine(entry.slot, time(), UTC),
        owner=entry.person,
        redactions=title.count + text.count,
    )


def fingerprint(page: StandupPage) -> str:
    """Of an entry as it stands and who may find it: begins the digest of its document.

    A document that was made of another state of its entry is shown to nobody.
    """
    entry = page.entry
    return _hashed((entry.ritual_id, entry.slot, entry.person, entry.revision, entry.consent.value))


def on_day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _sections(page: StandupPage) -> Iterator[str]:
    """Each reply under its prompt and its day: “today” is of that day wherever it is read."""
    for prompt in page.settings.prompts:
        reply = page.entry.replies.get(prompt.key, "").strip()
        if reply and prompt.kind in _FOUND:
            said = as_markdown(escape(_with_names(page, reply)), _NOBODY, str)
            yield f"## {heading(prompt.text)} ({on_day(page.entry.slot)})\n\n{said}"


def _with_names(page: StandupPage, reply: str) -> str:
    return MENTION.sub(lambda found: f"@{_name(page, found[1]) or 'somebody'}", reply)


def _name(page: StandupPage, person: str) -> str:
    return page.names.get(person, "")


def _hashed(parts: tuple[object, ...]) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()
