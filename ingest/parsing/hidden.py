"""What a browser would not show of an HTML page is taken out before anything reads the page."""

import re

from bs4 import BeautifulSoup, Tag
from bs4.element import PreformattedString

from ingest.parsing.ink import colour, is_seen

_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$|!)"
    r"|font-size\s*:\s*0(?:\.0+)?(?:px|pt|em|rem|%)?\s*(?:;|$|!)|text-indent\s*:\s*-\d{3,}"
    r"|font-size\s*:\s*1(?:\.\d+)?(?:px|pt)\s*(?:;|$|!)|(?:left|top)\s*:\s*-\d{4,}px|clip\s*:\s*rect\(0"
    r"|mso-hide\s*:\s*all|max-height\s*:\s*0(?:px)?\s*(?:;|$|!)|transform\s*:\s*scale\(0\)"
    r"|clip-path\s*:\s*inset\((?:50|100)%",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"(?:^|[;\s])color\s*:\s*([^;!]+)", re.IGNORECASE)
_GROUND = re.compile(r"background(?:-color)?\s*:\s*([^;!]+)", re.IGNORECASE)
_CLEAR = re.compile(r"transparent|rgba\(\d+,\d+,\d+,0?\.?0*\)|hsla\([^)]{0,40},0?\.?0*\)")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"(?P<selectors>[^{}@;]{1,2000})\{(?P<style>[^{}]{0,5000})\}|[{}]")
_SIMPLE = re.compile(r"(?P<tag>[a-z][a-z0-9]*)?(?P<mark>[.#])(?P<name>[\w-]+)", re.IGNORECASE)
_MOST_ABOVE = 20


def drop_hidden(soup: BeautifulSoup) -> int:
    """Take out comments and hidden elements; how many elements with text in them were hidden."""
    for node in [node for node in soup.descendants if isinstance(node, PreformattedString)]:
        node.extract()  # comments, doctypes, CDATA
    classes, ids = _hiding_names(soup)
    shown = 0
    for tag in soup.find_all(True):
        if tag.decomposed or not _is_hidden(tag, classes, ids):
            continue
        shown += bool(tag.get_text(strip=True))
        tag.decompose()
    return shown


def _hiding_names(soup: BeautifulSoup) -> tuple[set[str], set[str]]:
    """The classes and ids that the page's own style sheets hide on the screen by a plain selector."""
    names: dict[str, set[str]] = {".": set(), "#": set()}
    for sheet in soup.find_all("style"):
        depth = 0
        for rule in _RULE.finditer(_COMMENT.sub("", sheet.get_text())):
            depth += {"{": 1, "}": -1}.get(rule[0], 0)
            if depth or rule["style"] is None or not _STYLE.search(rule["style"]):
                continue  # what stands in braces applies to paper or to small screens
            for selector in rule["selectors"].split(","):
                if simple := _SIMPLE.fullmatch(selector.strip()):
                    names[simple["mark"]].add(simple["name"])
    return names["."], names["#"]


def _is_hidden(tag: Tag, classes: set[str], ids: set[str]) -> bool:
    if tag.has_attr("hidden") or tag.get("id") in ids or classes & set(tag.get_attribute_list("class")):
        return True
    style = str(tag.get("style") or "")
    return bool(_STYLE.search(style)) or _is_ink_on_same_ink(tag, style)


def _is_ink_on_same_ink(tag: Tag, style: str) -> bool:
    ink = _said(_COLOUR, style) or _plain(str(tag.get("color") or ""))
    if not ink or _CLEAR.fullmatch(ink):
        return bool(ink)
    papers = (_paper(above) for above in [tag, *list(tag.parents)[:_MOST_ABOVE]])
    paper = next((found for found in papers if found and not _CLEAR.fullmatch(found)), "white")
    return ink == paper or not is_seen(colour(ink), colour(paper))


def _paper(tag: Tag) -> str:
    return _said(_GROUND, str(tag.get("style") or "")) or _plain(str(tag.get("bgcolor") or ""))


def _said(pattern: re.Pattern[str], style: str) -> str:
    found = pattern.search(style)
    return _plain(found[1]) if found else ""


def _plain(colour: str) -> str:
    return re.sub(r"\s", "", colour).lower()
