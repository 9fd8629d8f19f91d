"""Where the headings of an HTML page stand in its Markdown, each with the id that a link to it names."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

Anchor = tuple[int, str]

_MARK = "\ue000"
_MARKED = re.compile(f"{_MARK} ?")


def mark(soup: BeautifulSoup, headings: Sequence[tuple[Tag, str]]) -> list[str]:
    """Mark headings, in the order of the page, to find them in its Markdown; the ids of the marked ones."""
    for words in soup.find_all(string=re.compile(_MARK)):
        words.replace_with(words.replace(_MARK, ""))
    shown = [(tag, name) for tag, name in headings if not tag.decomposed and tag.get_text(strip=True)]
    for tag, _ in shown:
        tag.insert(0, NavigableString(_MARK))
    return [name for _, name in shown]


def unmarked(text: str) -> str:
    """The text without marks."""
    return _MARKED.sub("", text)


def anchors_in(marked: str, names: Sequence[str]) -> tuple[Anchor, ...]:
    """Where the lines of marked headings start in `unmarked(marked)`; none where a mark got lost."""
    found = list(_MARKED.finditer(marked))
    if len(found) != len(names):
        return ()
    starts: list[int] = []
    line = gone = gone_before = 0
    for match in found:
        if (begins := marked.rfind("\n", 0, match.start()) + 1) > line:
            line, gone_before = begins, gone
        starts.append(line - gone_before)
        gone += len(match[0])
    return tuple(zip(starts, names, strict=True))


def found_again(anchors: Sequence[Anchor], before: str, after: str) -> tuple[Anchor, ...]:
    """The anchors of a text after parts of it were replaced, without those whose own line was changed."""
    if before == after or not anchors:
        return tuple(anchors)
    was, now = _line_starts(before), _line_starts(after)
    line_at = {start: line for line, starts in was.items() for start in starts}
    moved = []
    for start, name in anchors:
        line = line_at[start]
        if len(now[line]) == len(was[line]):
            moved.append((now[line][bisect_left(was[line], start)], name))
    return tuple(moved)


def _line_starts(text: str) -> defaultdict[str, list[int]]:
    """Where each different line of a text starts."""
    starts: defaultdict[str, list[int]] = defaultdict(list)
    at = 0
    for line in text.split("\n"):
        starts[line].append(at)
        at += len(line) + 1
    return starts
