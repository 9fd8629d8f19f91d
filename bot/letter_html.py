"""HTML of letters made harmless: a few tags, links to the web, and nothing that loads or runs."""

from collections.abc import Sequence
from html import escape
from html.parser import HTMLParser
from urllib.parse import quote

from bot.blocks.citations import origin
from bot.blocks.plain import clean

MOST_LINK = 2_000
_KEPT = frozenset(
    ("p", "br", "b", "strong", "i", "em", "code", "pre", "blockquote", "ul", "ol", "li", "h1", "h2", "h3",
     "hr", "table", "tr", "th", "td", "a")
)  # fmt: skip
_EMPTY = frozenset(("br", "hr"))
_SILENT = frozenset(
    ("script", "style", "title", "textarea", "template", "noscript", "iframe", "object", "svg")
)


def safe_html(html: str) -> str:
    """The HTML with its words, plain markup and http(s) links alone; every tag that is open is closed."""
    reader = _Reader()
    reader.feed(clean(html))
    reader.close()
    return reader.whole()


def web_link(url: str) -> str | None:
    """The address in ASCII, safe in an attribute or a header; None for all but http(s)."""
    url = clean(url).strip()
    if len(url) > MOST_LINK or origin(url) is None or any(one.isspace() for one in url):
        return None
    return quote(url, safe="%/:?#[]@!$&()*+,;=-._~")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._written: list[str] = []
        self._open: list[str] = []
        self._silent = 0

    def whole(self) -> str:
        return "".join([*self._written, *(f"</{tag}>" for tag in reversed(self._open))])

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        if self._silent or tag not in _KEPT:
            return
        self._written.append(f"<{tag}{_link(attrs) if tag == 'a' else ''}>")
        if tag not in _EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        if self._silent or tag not in self._open:
            return
        while (last := self._open.pop()) != tag:
            self._written.append(f"</{last}>")
        self._written.append(f"</{tag}>")

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag not in _SILENT:
            self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._written.append(escape(data))


def _link(attrs: Sequence[tuple[str, str | None]]) -> str:
    found = web_link(dict(attrs).get("href") or "")
    return "" if found is None else f' href="{escape(found)}"'
