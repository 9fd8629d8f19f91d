"""The built-in source `talks`: recaps as pages, for those who may read the channel that they stand in."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from bot.blocks.plain import escape
from bot.blocks.web_links import web_link
from bot.hearing import Myself
from bot.journal import proposals, recaps, series, talks
from bot.journal.proposals import Proposal
from bot.journal.recaps import POSTED, Recap
from bot.journal.series import Series
from bot.journal.talks import Talk
from bot.learning.looked_after import day_of
from bot.threads.page import as_markdown, heading
from ingest.redaction import redact
from ingest.sources import Item, Source
from knowledge.adapters.database import Database
from knowledge.audience import EVERYONE, Audience
from knowledge.documents import Document
from prompts.recap import SECTIONS

SOURCE = "talks"
TALKS = Source(SOURCE, "talks", Path(), EVERYONE, "practice")
"""Its audience is the widest; each page has its own, which is what counts."""

_VERSION = "1"
_NOBODY = Myself("", "")


@dataclass(frozen=True, slots=True)
class TalkPage:
    """A recap with the talk that it is of."""

    recap: Recap
    talk: Talk
    series: Series
    proposal: Proposal | None


def path_of(recap: Recap) -> str:
    """The path of a recap's document, for ever."""
    return f"{recap.channel}/{recap.talk_id}"


def id_of(recap: Recap) -> str:
    return f"{SOURCE}/{path_of(recap)}"


def place_in(document_id: str) -> tuple[str, str] | None:
    """The channel and the talk of a recap's document; None for other documents."""
    source, _, path = document_id.partition("/")
    channel, _, talk_id = path.partition("/")
    return (channel, talk_id) if source == SOURCE and talk_id else None


def read_talks(database: Database) -> Iterator[Item]:
    """All recaps that stand in their channel now."""
    with database.reading() as connection:
        found = _pages(connection, recaps.posted(connection))
    for page in found:
        made = document(page)
        yield Item(made.path, made.digest, lambda made=made: made)  # type: ignore[misc]


def document(page: TalkPage) -> Document:
    """A recap as a document; which talk it was stands over every section, so that it is found by it."""
    recap, talk = page.recap, page.talk
    title = redact(f"{heading(talk.title or page.series.name)} (recap)")
    text = redact("\n\n".join(_sections(page)))
    audience = Audience.from_key(recap.audience)
    rest = (_VERSION, title.text, text.text, audience.key, recap.url)
    return Document(
        source=SOURCE,
        path=path_of(recap),
        title=title.text,
        text=text.text,
        audience=audience,
        digest=f"{fingerprint(recap)} {_hashed(rest)}",
        kind=TALKS.document_kind,
        lines_are_the_files=False,
        url=recap.url or None,
        updated_at=datetime.fromtimestamp(recap.posted_at or talk.starts_at, UTC),
        owner=recap.person,
        redactions=title.count + text.count,
    )


def fingerprint(recap: Recap) -> str:
    """Of a recap as it stands: begins the digest of its document.

    A document that was made of another state of its recap is shown to nobody.
    """
    shown = (recap.talk_id, recap.state, recap.revision, recap.channel, recap.audience)
    return _hashed(shown if recap.state == POSTED else (*shown, "nobody"))


def _pages(connection: Connection, posted: Sequence[Recap]) -> list[TalkPage]:
    found = []
    for recap in posted:
        talk = talks.by_id(connection, recap.talk_id)
        of = None if talk is None else series.by_id(connection, talk.series_id)
        if talk is not None and of is not None:
            found.append(TalkPage(recap, talk, of, proposals.by_id(connection, talk.proposal_id)))
    return found


def _sections(page: TalkPage) -> Iterator[str]:
    day = day_of(page.talk)
    about = heading(page.talk.title or page.series.name)
    held = f"{about}: {heading(page.series.name)} of {day.day} {day:%B %Y}"
    by = heading(page.recap.speakers)
    yield f"{held}, with {by}." if by else f"{held}."
    yield from _paper(page)
    for title, lines in _blocks(page.recap.text):
        body = as_markdown(escape("\n".join(lines)), _NOBODY, str)
        yield f"## {heading(title)}\n\n{body}"
    links = [
        f"{what}: {web_link(address)}"
        for what, address in (("Recording", page.recap.recording), ("Slides", page.recap.slides))
        if web_link(address)
    ]
    if links:
        yield "## Recording and slides\n\n" + "\n\n".join(links)


def _paper(page: TalkPage) -> Iterator[str]:
    paper = {} if page.proposal is None else page.proposal.paper
    authors = paper.get("authors") or ""
    named = ", ".join(map(str, authors)) if isinstance(authors, list | tuple) else str(authors)
    facts = [
        heading(named),
        web_link(str(paper.get("link") or "")) or "",
        heading(str(paper.get("identifier") or "")),
    ]
    if any(facts):
        yield "## The paper\n\n" + " · ".join(one for one in facts if one)


def _blocks(text: str) -> list[tuple[str, list[str]]]:
    """The sections of a recap as it was edited: their titles, and their lines without dashes."""
    found: list[tuple[str, list[str]]] = [(SECTIONS[0], [])]
    for written in text.splitlines():
        said = written.strip()
        if said.endswith(":") and not said.startswith(("-", "•", "*")):
            found.append((said.removesuffix(":"), []))
        elif bare := said.lstrip("-•* ").strip():
            found[-1][1].append(f"- {bare}")
    return [(title, lines) for title, lines in found if lines]


def _hashed(parts: tuple[object, ...]) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()
