"""What a crawler wants to know of an HTML page: where it leads, and what it asks of robots."""

import json
from collections.abc import Sequence

from bs4 import BeautifulSoup, Tag

from ingest.parsing.converted import Converted, Part

MOST_LINKS = 5_000
_LONGEST = 2_000
_ROBOTS = ("robots", "lore")


def convert_links(parts: Sequence[Part]) -> Converted:
    """The links of one page as JSON: `links`, `base`, `canonical`, `noindex` and `nofollow`.

    Links are as they are written, each once, without those that the page marks `nofollow`.
    """
    soup = BeautifulSoup(parts[0].data, "html.parser")
    rules = _rules(soup)
    base = soup.find("base", href=True)
    canonical = soup.find("link", rel="canonical", href=True)
    found: dict[str, None] = {}
    for tag in soup.find_all(["a", "area"], href=True):
        if "nofollow" not in _words(tag, "rel") and (href := _href(tag)):
            found.setdefault(href)
        if len(found) >= MOST_LINKS:
            break
    said = {
        "links": [] if "nofollow" in rules else list(found),
        "base": _href(base),
        "canonical": _href(canonical),
        "noindex": "noindex" in rules,
        "nofollow": "nofollow" in rules,
    }
    return Converted(json.dumps(said))


def _rules(soup: BeautifulSoup) -> set[str]:
    """What the page's `<meta name="robots">` asks; `none` is both."""
    rules: set[str] = set()
    for tag in soup.find_all("meta"):
        if str(tag.get("name") or "").strip().lower() in _ROBOTS:
            rules.update(word.strip().lower() for word in str(tag.get("content") or "").split(","))
    return rules | {"noindex", "nofollow"} if "none" in rules else rules


def _href(tag: object) -> str:
    value = str(tag.get("href") or "").strip() if isinstance(tag, Tag) else ""
    return value if len(value) <= _LONGEST else ""


def _words(tag: Tag, name: str) -> list[str]:
    return [str(word).lower() for word in tag.get_attribute_list(name)]
