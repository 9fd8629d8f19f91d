"""A citation as blocks: where it stands, its exact words, its age and owner; linked only to known hosts."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlsplit

from bot.blocks.markdown import Paragraph, Quote, Run, plain
from bot.blocks.pages import context, plain_text
from bot.blocks.plain import clean, one_line, shorten
from bot.blocks.rich_text import Block, rich_text
from knowledge.documents import Citation
from knowledge.staleness import OVER, UNFINISHED

OPEN_PASSAGE = "open_passage"
MOST_URL_CHARACTERS = 1_000
MOST_LABEL_BYTES = 300
MOST_QUOTE_BYTES = 700


@dataclass(frozen=True, slots=True)
class Look:
    """What rendering needs to know of the world.

    `origins` are the scheme and host of the addresses that admins gave for their sources, such as
    `https://wiki.example.org`: nothing else is linked. `owners` gives a name for an owner as documents
    write it. `now` has a zone.
    """

    now: datetime
    origins: Container[str] = frozenset()
    owners: Mapping[str, str] = field(default_factory=dict)


def origin(url: str) -> str | None:
    """Scheme, host and port of an http(s) address; None for everything else and for any with a user in it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    return f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port is not None else "")


def link(url: str | None, look: Look) -> str | None:
    """The address as it may be linked, or None: only known origins, nothing overlong, no odd characters."""
    if url is None or not url.isprintable() or origin(url) not in look.origins:
        return None
    safe = quote(url, safe="%/:?#[]@!$&'()*+,;=-._~")
    return safe if len(safe) <= MOST_URL_CHARACTERS else None


def label(citation: Citation) -> str:
    """`title › section`, in one line."""
    title, section = one_line(citation.title), one_line(citation.section)
    if section == title or section.startswith(f"{title} › "):
        section = section[len(title) + 3 :]
    name = " › ".join(part for part in (title, section) if part)
    return shorten(name or one_line(citation.path) or "untitled", MOST_LABEL_BYTES)


def age(updated_at: datetime | None, now: datetime) -> str:
    """How long ago, in the largest unit that fits."""
    if updated_at is None:
        return "age unknown"
    days = (now - updated_at).days
    if days < 0:
        return f"dated {updated_at.date().isoformat()}"
    for unit, length in (("year", 365), ("month", 30), ("week", 7), ("day", 1)):
        count = days // length
        if count:
            return f"updated {count} {unit}{'s' if count > 1 else ''} ago"
    return "updated today"


def heading(citation: Citation, reference: str, look: Look) -> Block:
    """The citation's line: linked, or with a button that opens the passage.

    `reference` is the button's opaque value.
    """
    name = f"{citation.n}. {label(citation)}"
    url = link(citation.url, look)
    if url is not None:
        return rich_text([Paragraph((Run(name, frozenset({"bold"}), url),))])[0]
    button = {
        "type": "button",
        "action_id": OPEN_PASSAGE,
        "text": plain_text("Open passage", 70),
        "value": reference,
        "accessibility_label": f"Open the passage of citation {citation.n}",
    }
    return {"type": "section", "text": plain_text(name, MOST_LABEL_BYTES + 20), "accessory": button}


def details(citation: Citation, look: Look) -> Block:
    """Where exactly, how old, whose, and whether something replaced it."""
    facts = [_where(citation), age(citation.updated_at, look.now)]
    if citation.owner:
        owner = look.owners.get(citation.owner, citation.owner)
        facts.append(f"owner {shorten(one_line(owner), 100)}")
    if citation.superseded_by:
        facts.append(f"⚠ superseded by {shorten(one_line(citation.superseded_by), 200)}")
    if citation.status:
        warns = citation.status.strip().lower() in OVER | UNFINISHED
        facts.append(f"{'⚠' if warns else 'status'} {shorten(one_line(citation.status), 60)}")
    return context(" · ".join(facts))


def _where(citation: Citation) -> str:
    path = shorten(one_line(citation.document_id), 200)
    if citation.page is not None:
        return f"{path}, page {citation.page}"
    return path if citation.line is None else f"{path}, line {citation.line}"


def quoted(citation: Citation) -> list[Block]:
    """The exact words, literal and shortened."""
    runs = plain(shorten(clean(citation.quote).strip(), MOST_QUOTE_BYTES))
    return rich_text([Quote(runs)]) if runs else []


def in_full(citation: Citation, reference: str, look: Look) -> list[Block]:
    """Everything about a citation."""
    return [heading(citation, reference, look), *quoted(citation), details(citation, look)]
