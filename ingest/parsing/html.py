"""HTML pages as Markdown: the page's own part of it, with headings, tables and code, without hidden text."""

import re
from collections.abc import Mapping, Sequence

from bs4 import BeautifulSoup, Tag
from markdownify import MarkdownConverter

from ingest.parsing.anchors import anchors_in, mark, unmarked
from ingest.parsing.converted import Converted, Part
from ingest.parsing.decoding import clean, decode
from ingest.parsing.frontmatter import KNOWN_FIELDS
from ingest.parsing.hidden import drop_hidden
from knowledge.errors import Unreadable

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([A-Za-z0-9_-]{2,40})", re.IGNORECASE)
_NOT_TEXT = (
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed", "canvas",
    "button", "input", "select", "textarea", "audio", "video", "link", "meta", "dialog",
)  # fmt: skip
_AROUND = ("nav", "header", "footer", "aside")
_AROUND_ROLES = ("navigation", "banner", "contentinfo", "complementary", "search", "menu", "dialog")
_LANGUAGE = re.compile(r"(?:language|lang|highlight-source|brush:)[-\s]?([\w+#-]{1,20})")
_META_DATES = {
    "article:modified_time": "updated",
    "last-modified": "updated",
    "dcterms.modified": "updated",
    "dc.date": "date",
    "article:published_time": "date",
}
_BLANK_LINES = re.compile(r"\n{3,}")
_UNESCAPED_PIPE = re.compile(r"(?<!\\)\|")
_ANCHOR_MARKS = ("¶", "#", "§", "🔗", "")
_SHOWN_TEXT_LEAST = 200


def convert_html(parts: Sequence[Part]) -> Converted:
    """Convert one page. Raises Unreadable when nothing of it can be seen."""
    decoded = decode(_recoded(parts[0].data))
    soup = BeautifulSoup(decoded.text, "html.parser")
    front = _said_in_meta(soup)
    hidden = drop_hidden(soup)
    notes = (f"{hidden} hidden parts left out",) if hidden else ()
    return convert_soup(soup, (*decoded.notes, *notes), front)


def convert_soup(
    soup: BeautifulSoup,
    notes: Sequence[str],
    front: Mapping[str, str],
    whole: bool = False,
    headings: Sequence[tuple[Tag, str]] = (),
) -> Converted:
    """Parsed HTML as Markdown; `whole` says that there is no site around the page, `headings` which of its
    headings a link can lead to, by which id.

    Raises Unreadable when nothing of it can be seen.
    """
    title = soup.title.get_text(" ", strip=True) if soup.title else None
    for tag in soup(_NOT_TEXT):
        tag.decompose()
    body = soup if whole else _main_part(soup)
    _tidy(body)
    names = mark(soup, headings) if headings else []
    cleaned = clean(_Markdown(heading_style="ATX", bullets="-", escape_misc=False).convert_soup(body))
    text = _BLANK_LINES.sub("\n\n", "\n".join(line.rstrip() for line in cleaned.text.split("\n"))).strip()
    if not text:
        raise Unreadable("there is no visible text in it")
    heading = body.find("h1")
    shown = " ".join(heading.get_text(" ", strip=True).split()) if isinstance(heading, Tag) else ""
    return Converted(
        unmarked(text),
        title=unmarked(shown) or title or None,
        front=front,
        anchors=anchors_in(text, names),
        notes=(*notes, *cleaned.notes),
    )


def _said_in_meta(soup: BeautifulSoup) -> dict[str, str]:
    """What `<meta>` elements say, under the names of front matter."""
    said: dict[str, str] = {}
    for tag in soup.find_all("meta"):
        name = str(tag.get("name") or tag.get("property") or "").strip().lower()
        name = _META_DATES.get(name, name)
        content = str(tag.get("content") or "").strip()
        if content and name in KNOWN_FIELDS:
            said.setdefault(name, clean(content).text)
    return said


class _Markdown(MarkdownConverter):
    """Markdown with the code's language kept, and without images but for what they say."""

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        alternative = " ".join(str(el.get("alt") or "").split())
        return f"[image: {alternative}]" if alternative else ""

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        code = el.get_text().strip("\n")
        names = " ".join(
            str(name)
            for tag in (el.parent, el, el.find("code"))
            if isinstance(tag, Tag)
            for name in tag.get_attribute_list("class")
        )
        language = _LANGUAGE.search(names)
        ticks = "```"
        while ticks in code:
            ticks += "`"
        return f"\n\n{ticks}{language[1] if language else ''}\n{code}\n{ticks}\n\n" if code else ""


def _recoded(data: bytes) -> bytes:
    """The bytes in UTF-8 where the page names another encoding that fits it."""
    named = _CHARSET.search(data[:4096])
    if named is None or data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return data
    try:
        return data.decode(named[1].decode()).encode()
    except (UnicodeError, LookupError):
        return data


def _main_part(soup: BeautifulSoup) -> Tag:
    """The page without the site around it: `main` or the one article, else the body without its edges."""
    for found in (soup.find("main"), soup.find(None, {"role": "main"}), *_only(soup, "article")):
        if isinstance(found, Tag) and len(found.get_text(strip=True)) >= _SHOWN_TEXT_LEAST:
            return found
    body = soup.body or soup
    for tag in body.find_all(True):
        if not tag.decomposed and _around(tag) and tag.find("h1") is None:
            tag.decompose()
    return body


def _only(soup: BeautifulSoup, name: str) -> list[Tag]:
    found = [tag for tag in soup.find_all(name) if isinstance(tag, Tag)]
    return found if len(found) == 1 else []


def _around(tag: Tag) -> bool:
    return tag.name in _AROUND or str(tag.get("role") or "").lower() in _AROUND_ROLES


def _tidy(body: Tag) -> None:
    """What sites put into a page's own part: permalinks beside headings, navigation, and | in tables."""
    for tag in body.find_all(["nav", "a"]):
        if tag.decomposed:
            continue
        if tag.name == "nav" or (tag.get_text(strip=True) in _ANCHOR_MARKS and _in_heading(tag)):
            tag.decompose()
    for cell in body.find_all(["td", "th"]):
        for words in cell.find_all(string=_UNESCAPED_PIPE):
            words.replace_with(_UNESCAPED_PIPE.sub(r"\\|", words))


def _in_heading(tag: Tag) -> bool:
    return tag.find_parent(re.compile("^h[1-6]$")) is not None
