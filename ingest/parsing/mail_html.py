"""The HTML of a message as words: what is hidden left out, tables that only lay it out undone."""

from bs4 import BeautifulSoup, Tag

from ingest.parsing.hidden import drop_hidden
from ingest.parsing.html import convert_soup
from knowledge.errors import Unreadable

_TABLE_PARTS = ("tbody", "thead", "tfoot", "tr", "td", "th")


def html_words(page: str) -> tuple[str, int]:
    """The visible words as Markdown, and how many parts were hidden. No words when nothing can be seen."""
    soup = BeautifulSoup(page, "html.parser")
    hidden = drop_hidden(soup)
    _undo_layout(soup)
    try:
        return convert_soup(soup, (), {}, whole=True).text, hidden
    except Unreadable:
        return "", hidden


def _undo_layout(soup: BeautifulSoup) -> None:
    """Mail is laid out with tables: those that hold tables, or a single column, are no tables of facts."""
    parts: dict[int, list[Tag]] = {}
    for part in soup.find_all(_TABLE_PARTS):
        table = part.find_parent("table")
        if isinstance(table, Tag):
            parts.setdefault(id(table), []).append(part)
    for table in soup.find_all("table"):
        own = parts.get(id(table), [])
        cells = sum(part.name in ("td", "th") for part in own)
        rows = sum(part.name == "tr" for part in own)
        if str(table.get("role", "")).lower() == "presentation" or table.find("table") or cells <= rows:
            for part in (table, *own):
                part.name = "div"
