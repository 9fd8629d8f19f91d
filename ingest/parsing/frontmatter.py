"""What a page says about itself at its top: YAML between `---` lines, or TOML between `+++` lines."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import yaml

from ingest.sources import parse_audience
from knowledge.audience import Audience

_MOST_CHARACTERS = 64_000
_FENCE = re.compile(r"(?P<fence>---|\+\+\+)[ \t]*\n")
_DATE_KEYS = ("updated", "last_updated", "updated_at", "last_modified", "lastmod", "modified", "date")
KNOWN_FIELDS = frozenset(
    ("title", "owner", "status", "superseded_by", "superseded-by", "url", "audience", *_DATE_KEYS)
)
_AUDIENCE_LINE = re.compile(r"^[\"']?audience\b", re.MULTILINE | re.IGNORECASE)
_NOBODY = Audience()


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The fields that Lore knows; `body_start` is where the page itself begins.

    `audience` is None where the page does not name one, and nobody where it does so unintelligibly.
    """

    body_start: int = 0
    title: str | None = None
    owner: str | None = None
    updated_at: datetime | None = None
    status: str | None = None
    superseded_by: str | None = None
    url: str | None = None
    audience: Audience | None = None
    notes: tuple[str, ...] = field(default=())


class _NoAliases(yaml.SafeLoader):
    """YAML without anchors, whose expansion can grow without bound."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.YAMLError("anchors and aliases are not read")
        return super().compose_node(parent, index)


def split_front_matter(text: str) -> FrontMatter:
    """Read the front matter of a page; a page without one has `body_start` 0."""
    opening = _FENCE.match(text)
    if opening is None:
        return FrontMatter()
    fence = opening["fence"]
    closing = re.compile(
        rf"^(?:{re.escape(fence)}{'|[.]{3}' if fence == '---' else ''})[ \t]*(?:\n|\Z)", re.M
    )
    end = closing.search(text, opening.end(), opening.end() + _MOST_CHARACTERS)
    if end is None:
        return FrontMatter()
    block = text[opening.end() : end.start()]
    try:
        table = _parse(fence, block)
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError, RecursionError):
        audience = _NOBODY if _AUDIENCE_LINE.search(block) else None
        note = "the front matter cannot be parsed"
        return FrontMatter(
            body_start=end.end(),
            audience=audience,
            notes=(note + (", so nobody may read the page" if audience else ""),),
        )
    if not isinstance(table, dict):
        return FrontMatter()
    return front_matter(table, end.end())


def narrowed(source: Audience, page: Audience | None) -> Audience:
    """The audience of a page in a source: a page may only take readers away."""
    if page is None or page.everyone:
        return source
    return page if source.everyone else Audience(principals=source.principals & page.principals)


def _parse(fence: str, block: str) -> Any:
    if fence == "+++":
        return tomllib.loads(block)
    return yaml.load(block, Loader=_NoAliases)  # noqa: S506 - a SafeLoader without aliases


def front_matter(said: Mapping[Any, Any], body_start: int = 0) -> FrontMatter:
    """The fields that Lore knows of what a page says about itself; names in any case, the rest left out."""
    table = {str(key).strip().lower(): value for key, value in said.items()}
    notes = []
    audience = None
    if "audience" in table:
        audience = parse_audience(table["audience"])
        if audience is None:
            audience = _NOBODY
            notes.append("the page's audience cannot be understood, so nobody may read the page")
    return FrontMatter(
        body_start=body_start,
        title=_line(table.get("title")),
        owner=_line(table.get("owner")),
        updated_at=next((when for key in _DATE_KEYS if (when := as_time(table.get(key)))), None),
        status=(_line(table.get("status")) or "").lower() or None,
        superseded_by=_line(table.get("superseded_by", table.get("superseded-by"))),
        url=web_address(table.get("url")),
        audience=audience,
        notes=tuple(notes),
    )


def as_time(value: object) -> datetime | None:
    """A date or time with a zone (UTC where none is said), None when it is neither."""
    if isinstance(value, str):
        text = value.strip()
        text = f"{text}-01" if re.fullmatch(r"\d{4}-\d\d", text) else text
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime(value.year, value.month, value.day, tzinfo=UTC) if isinstance(value, date) else None


def web_address(value: object) -> str | None:
    """A plain http(s) address without credentials, None otherwise."""
    if not isinstance(value, str) or len(value) > 2000:
        return None
    address = re.fullmatch(r"https?://[^\s@/\\<>|\"]+(?:/[^\s<>|\"]*)?", value.strip())
    return address[0] if address else None


def _line(value: object) -> str | None:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    return " ".join(str(value).split())[:300] or None
