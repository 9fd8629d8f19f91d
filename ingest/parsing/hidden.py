"""What a browser would not show of an HTML page is taken out before anything reads the page."""

import re

from bs4 import BeautifulSoup, Tag
from bs4.element import PreformattedString

_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$|!)"
    r"|font-size\s*:\s*0(?:\.0+)?(?:px|pt|em|rem|%)?\s*(?:;|$|!)|text-indent\s*:\s*-\d{3,}"
    r"|(?:left|top)\s*:\s*-\d{4,}px|clip\s*:\s*rect\(0",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"(?:^|[;\s])color\s*:\s*([^;!]+)", re.IGNORECASE)
_GROUND = re.compile(r"background(?:-color)?\s*:\s*([^;!]+)", re.IGNORECASE)
_WHITE = ("white", "#fff", "#ffffff", "rgb(255,255,255)", "transparent")
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
    ink = _colour(_COLOUR, style) or _plain(str(tag.get("color") or ""))
    if not ink:
        return False
    paper = next((found for above in [tag, *list(tag.parents)[:_MOST_ABOVE]] if (found := _paper(above))), "")
    return ink in (paper, "transparent") or (ink in _WHITE and (not paper or paper in _WHITE))


def _paper(tag: Tag) -> str:
    return _colour(_GROUND, str(tag.get("style") or "")) or _plain(str(tag.get("bgcolor") or ""))


def _colour(pattern: re.Pattern[str], style: str) -> str:
    found = pattern.search(style)
    return _plain(found[1]) if found else ""


def _plain(colour: str) -> str:
    return re.sub(r"\s", "", colour).lower()
