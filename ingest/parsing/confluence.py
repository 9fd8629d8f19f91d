"""Confluence's storage format as Markdown: macros become what a reader sees, or are named as left out."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from html import escape

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from ingest.parsing.converted import Converted, Part
from ingest.parsing.decoding import decode
from ingest.parsing.hidden import drop_hidden
from ingest.parsing.html import convert_soup

_CDATA, _CDATA_END = "<![CDATA[", "]]>"
_PANELS = {"info": "Info", "note": "Note", "tip": "Tip", "warning": "Warning", "panel": ""}
_NAVIGATION = frozenset(
    ("toc", "children", "pagetree", "pagetreesearch", "recently-updated", "contentbylabel", "livesearch",
     "attachments", "anchor", "toc-zone", "page-index", "space-index", "profile-picture", "contributors",
     "gallery", "change-history", "blog-posts", "include-header")
)  # fmt: skip
_SHOWN_AS_THEY_ARE = frozenset(
    ("section", "column", "excerpt", "div", "span", "details", "ui-tabs", "ui-tab", "multiexcerpt")
)


def convert_confluence(parts: Sequence[Part]) -> Converted:
    """Convert the storage format of one page, and of its comments where there is a second part (JSON, see
    `ingest.readers.confluence_attached.comments_of`). Raises Unreadable when nothing of it can be seen."""
    decoded = decode(parts[0].data)
    soup = BeautifulSoup(_without_cdata(decoded.text), "html.parser")
    hidden = drop_hidden(soup)
    left_out = _Macros(soup).replace()
    for one in parts[1:]:
        more, others = _add_comments(soup, json.loads(one.data))
        hidden += more
        left_out += others
    notes = [*decoded.notes]
    if hidden:
        notes.append(f"{hidden} hidden parts left out")
    if left_out:
        named = ", ".join(f"{name} ({count})" for name, count in sorted(left_out.items()))
        notes.append(f"macros that are not read: {named}")
    return convert_soup(soup, tuple(notes), {}, whole=True)


def _add_comments(soup: BeautifulSoup, comments: Sequence[Mapping[str, str]]) -> tuple[int, Counter[str]]:
    """Comments below the page, each as a quotation under a heading that says whose it is and of which day: so
    nothing that is written in one can look like another. How much of them was hidden, and left out.
    """
    hidden, left_out = 0, Counter[str]()

    def put(name: str, words: str) -> None:
        tag = soup.new_tag(name)
        tag.string = words
        soup.append(tag)

    put("h2", "Comments")
    for one in comments:
        replies = f", to {one['to']}" if one["to"] else ""
        put("h3", ", ".join(part for part in (one["by"], one["on"]) if part) + replies)
        about = f"on “{one['about']}”" if one["about"] else ""
        if facts := ", ".join(part for part in (one["state"], about) if part):
            put("p", f"({facts})")
        said = BeautifulSoup(_without_cdata(one["storage"]), "html.parser")
        hidden += drop_hidden(said)
        left_out += _Macros(said).replace()
        quotation = soup.new_tag("blockquote")
        for child in list(said.contents):
            quotation.append(child.extract())
        soup.append(quotation)
    return hidden, left_out


def _without_cdata(text: str) -> str:
    """CDATA sections as escaped text: parsers of HTML disagree about them."""
    pieces, at = [], 0
    while (start := text.find(_CDATA, at)) >= 0:
        end = text.find(_CDATA_END, start)
        if end < 0:
            break
        pieces += [text[at:start], escape(text[start + len(_CDATA) : end], quote=False)]
        at = end + len(_CDATA_END)
    return "".join((*pieces, text[at:]))


class _Macros:
    """Replaces what only Confluence knows by plain HTML; innermost first, so that bodies are done already."""

    def __init__(self, soup: BeautifulSoup) -> None:
        self._soup = soup
        self._left_out: Counter[str] = Counter()
        self._replace: dict[str, Callable[[Tag], None]] = {
            "ac:structured-macro": self._macro,
            "ac:macro": self._macro,
            "ac:task": self._task,
            "ac:task-list": lambda tag: _rename(tag, "ul"),
            "ac:link": self._link,
            "ac:image": self._image,
            "ac:emoticon": self._emoticon,
            "ac:adf-extension": self._extension,
            "ac:placeholder": lambda tag: tag.decompose(),
            "time": self._time,
        }

    def replace(self) -> Counter[str]:
        """Replace them all; how many macros of each name were left out."""
        found = [tag for tag in self._soup.find_all(True) if tag.name in self._replace]
        for tag in reversed(found):
            if not tag.decomposed:
                self._replace[tag.name](tag)
        for tag in self._soup.find_all(True):
            if tag.name.startswith(("ac:", "ri:", "at:")):
                tag.unwrap()
        return self._left_out

    def _macro(self, tag: Tag) -> None:
        name = str(tag.get("ac:name") or "").lower()
        body = tag.find("ac:rich-text-body", recursive=False)
        plain = tag.find("ac:plain-text-body", recursive=False)
        said = _parameters(tag)
        if name in ("code", "noformat") and plain is not None:
            self._code(tag, said, plain.get_text())
        elif name in _PANELS and body is not None:
            self._panel(
                tag, " – ".join(part for part in (_PANELS[name], said.get("title", "")) if part), body
            )
        elif name == "expand" and body is not None:
            self._panel(tag, said.get("title", ""), body)
        elif name == "status":
            self._words(tag, f"[{said['title']}]" if said.get("title") else "")
        elif name in ("jira", "jiraissues") and said.get("key"):
            self._words(tag, said["key"])
        elif name in _NAVIGATION:
            tag.decompose()
        elif body is not None:
            if name not in _SHOWN_AS_THEY_ARE:
                self._left_out[name or "unnamed"] += 1
            _keep_only(tag, body)
        else:
            self._left_out[name or "unnamed"] += 1
            tag.decompose()

    def _code(self, tag: Tag, said: dict[str, str], code: str) -> None:
        pre = self._soup.new_tag("pre")
        if language := said.get("language", "").split(" ")[0]:
            pre["class"] = f"language-{language}"
        pre.string = code
        if title := said.get("title"):
            tag.insert_before(self._paragraph(title))
        tag.replace_with(pre)

    def _panel(self, tag: Tag, title: str, body: Tag) -> None:
        quote = self._soup.new_tag("blockquote")
        if title:
            quote.append(self._paragraph(title))
        for child in list(body.contents):
            quote.append(child.extract())
        tag.replace_with(quote)

    def _paragraph(self, words: str) -> Tag:
        paragraph = self._soup.new_tag("p")
        strong = self._soup.new_tag("strong")
        strong.string = words
        paragraph.append(strong)
        return paragraph

    def _task(self, tag: Tag) -> None:
        status = tag.find("ac:task-status", recursive=False)
        body = tag.find("ac:task-body", recursive=False)
        done = status is not None and status.get_text(strip=True) == "complete"
        item = self._soup.new_tag("li")
        item.append(NavigableString("[x] " if done else "[ ] "))
        for child in list(body.contents) if body is not None else ():
            item.append(child.extract())
        tag.replace_with(item)

    def _link(self, tag: Tag) -> None:
        """The words of a link; where it has none, the title of what it leads to."""
        body = tag.find(["ac:plain-text-link-body", "ac:link-body"], recursive=False)
        if body is not None and body.get_text(strip=True):
            _keep_only(tag, body)
            return
        target = tag.find(["ri:page", "ri:blog-post", "ri:attachment", "ri:space"])
        names = ("ri:content-title", "ri:filename", "ri:space-key")
        self._words(tag, next((str(target[n]) for n in names if n in target.attrs), "") if target else "")

    def _image(self, tag: Tag) -> None:
        alternative = " ".join(str(tag.get("ac:alt") or tag.get("ac:title") or "").split())
        caption = tag.find("ac:caption")
        words = alternative or (caption.get_text(" ", strip=True) if caption else "")
        self._words(tag, f"[image: {words}]" if words else "")

    def _emoticon(self, tag: Tag) -> None:
        self._words(tag, str(tag.get("ac:emoji-fallback") or ""))

    def _extension(self, tag: Tag) -> None:
        """A panel of the new editor comes twice: as its own tree, and as what others are to show."""
        fallback = tag.find("ac:adf-fallback")
        if fallback is None:
            self._left_out["adf-extension"] += 1
            tag.decompose()
        else:
            _keep_only(tag, fallback)

    def _time(self, tag: Tag) -> None:
        if not tag.get_text(strip=True):
            self._words(tag, str(tag.get("datetime") or ""))

    def _words(self, tag: Tag, words: str) -> None:
        tag.replace_with(NavigableString(words))


def _rename(tag: Tag, name: str) -> None:
    tag.name = name


def _keep_only(tag: Tag, body: Tag) -> None:
    body.extract()
    tag.clear()
    for child in list(body.contents):
        tag.append(child.extract())
    tag.unwrap()


def _parameters(tag: Tag) -> dict[str, str]:
    found = tag.find_all("ac:parameter", recursive=False)
    return {str(one.get("ac:name") or "").lower(): " ".join(one.get_text().split()) for one in found}
