"""A page as MediaWiki renders it, as Markdown: without edit links, contents and navigation boxes."""

from collections.abc import Iterator, Sequence

from bs4 import BeautifulSoup, Tag

from ingest.parsing.converted import Converted, Part
from ingest.parsing.decoding import decode
from ingest.parsing.hidden import drop_hidden
from ingest.parsing.html import convert_soup

_AROUND = (
    ".mw-editsection", ".toc", "#toc", ".toctogglecheckbox", ".navbox", ".vertical-navbox", ".catlinks",
    ".printfooter", ".mw-empty-elt", ".noprint", ".mw-cite-backlink", ".mw-jump-link", ".magnify",
    ".mw-headline-anchor", ".mw-collapsible-toggle",
)  # fmt: skip


def convert_mediawiki(parts: Sequence[Part]) -> Converted:
    """Convert the HTML that `action=parse` gives. Raises Unreadable when nothing of it can be seen."""
    decoded = decode(parts[0].data)
    soup = BeautifulSoup(decoded.text, "html.parser")
    for tag in soup.select(", ".join(_AROUND)):
        if not tag.decomposed:
            tag.decompose()
    hidden = drop_hidden(soup)
    notes = (f"{hidden} hidden parts left out",) if hidden else ()
    return convert_soup(soup, (*decoded.notes, *notes), {}, whole=True, headings=list(_linked(soup)))


def _linked(soup: BeautifulSoup) -> Iterator[tuple[Tag, str]]:
    """Headings with the ids that links lead to: on a span within up to MediaWiki 1.43, then on themselves."""
    for heading in soup.find_all(["h1", "h2", "h3", "h4", "h5", "h6"]):
        headline = heading.find(class_="mw-headline") or heading
        if name := str(headline.get("id") or ""):
            yield heading, name
