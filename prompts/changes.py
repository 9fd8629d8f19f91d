"""What changed in a page, sentence by sentence, from its text before and now; pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import SequenceMatcher
from hashlib import sha256
from typing import Any

from knowledge.spans import Kind, spans

MOST_SAID = 8
"""Of each kind of change so many are kept; the rest is counted."""
LONGEST = 400
ALIKE = 0.6
_MARK = "sha256:"
MOST_COMPARED = 60
_FENCE = re.compile(r"^\s*(?:```|~~~)")
_HEADING = re.compile(r"^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, list item or table row, as it reads, and the heading that it stands under."""

    section: str
    text: str


@dataclass(frozen=True, slots=True)
class Reworded:
    """A sentence, and the one that stood in its place."""

    section: str
    text: str
    was: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What was added, removed and reworded, in reading order. `status` says what the page is marked as,
    where that changed."""

    added: tuple[Said, ...] = ()
    removed: tuple[Said, ...] = ()
    reworded: tuple[Reworded, ...] = ()
    status: str = ""

    @property
    def empty(self) -> bool:
        return not (self.added or self.removed or self.reworded or self.status)

    def to_json(self) -> dict[str, Any]:
        """As it is kept: of each kind the first MOST_SAID, cut at LONGEST characters."""
        return {
            "added": [asdict(one) for one in self.added[:MOST_SAID]],
            "removed": [asdict(one) for one in self.removed[:MOST_SAID]],
            "reworded": [asdict(one) for one in self.reworded[:MOST_SAID]],
            "status": self.status,
        }

    def without_words(self) -> "Difference":
        """The same, of words that people may take back: what is new can be found again in the page while it
        stands there, and of what is gone nothing is known."""
        come = (*(one.text for one in self.reworded), *(one.text for one in self.added))
        return Difference(tuple(Said("", _MARK + _trace(text)) for text in come), status=self.status)

    def found_in(self, now: Sequence[Said]) -> "Difference":
        """What is new with its words, where there are none, from what the page says `now`."""
        traces = {_trace(one.text): one for one in now}
        added = (
            traces.get(one.text.removeprefix(_MARK)) if one.text.startswith(_MARK) else one
            for one in self.added
        )
        return replace(self, added=tuple(one for one in added if one is not None))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Difference":
        return cls(
            tuple(Said(**one) for one in data.get("added", ())),
            tuple(Said(**one) for one in data.get("removed", ())),
            tuple(Reworded(**one) for one in data.get("reworded", ())),
            str(data.get("status", "")),
        )


def sentences(text: str, body_start: int = 0) -> list[Said]:
    """All that a page says, in reading order."""
    return [
        Said(section, cut)
        for section, part in _sections(text[body_start:])
        for span in spans(part)
        if (cut := _cut(span.text, span.kind))
    ]


def headings(text: str, body_start: int = 0) -> list[str]:
    """The headings of a page, each once."""
    return list(dict.fromkeys(section for section, _ in _sections(text[body_start:]) if section))


def difference(before: Sequence[Said], now: Sequence[Said], status: str = "") -> Difference:
    """What is said now and was not, and what was said and is no more. What only moved, or is said more or
    less often, is no change."""
    added, removed = _beyond(now, before), _beyond(before, now)
    reworded: list[Reworded] = []
    if len(added) <= MOST_COMPARED and len(removed) <= MOST_COMPARED:
        for one in list(added):
            if (other := _closest(one, removed)) is not None:
                reworded.append(Reworded(one.section, one.text, other.text))
                added.remove(one)
                removed.remove(other)
    return Difference(tuple(added), tuple(removed), tuple(reworded), status)


def joined(differences: Iterable[Difference], now: Sequence[Said]) -> Difference:
    """Several changes of one page, the oldest first, as one: what of them holds for what it says `now`."""
    there = {_key(one.text) for one in now}
    at_first: dict[str, bool] = {}
    said: dict[str, Said] = {}
    was: dict[str, str] = {}
    status = ""
    for one in differences:
        status = one.status or status
        gone = (*one.removed, *(Said(each.section, each.was) for each in one.reworded))
        come = (*one.added, *(Said(each.section, each.text) for each in one.reworded))
        for some, earlier in ((gone, True), (come, False)):
            for each in some:
                at_first.setdefault(_key(each.text), earlier)
                said[_key(each.text)] = each
        for pair in one.reworded:
            was[_key(pair.text)] = was.get(_key(pair.was), _key(pair.was))
    new = [key for key, earlier in at_first.items() if not earlier and key in there]
    lost = [key for key, earlier in at_first.items() if earlier and key not in there]
    paired = {key: was[key] for key in new if was.get(key) in lost}
    return Difference(
        tuple(said[key] for key in new if key not in paired),
        tuple(said[key] for key in lost if key not in paired.values()),
        tuple(Reworded(said[new].section, said[new].text, said[old].text) for new, old in paired.items()),
        status,
    )


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """The text by the innermost heading above it."""
    section, lines, fenced = "", list[str](), False
    for line in text.splitlines(keepends=True):
        if _FENCE.match(line):
            fenced = not fenced
        heading = None if fenced else _HEADING.match(line.rstrip("\n"))
        if heading is None:
            lines.append(line)
            continue
        yield section, "".join(lines)
        section, lines = " ".join(heading[1].split()), []
    yield section, "".join(lines)


def _cut(text: str, kind: Kind) -> str:
    if kind is Kind.CODE:
        text = "code: " + text.strip("`\n")
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST else flat[: LONGEST - 1].rstrip() + "…"


def _trace(text: str) -> str:
    return sha256(_key(text).encode("utf-8", "surrogatepass")).hexdigest()


def _key(text: str) -> str:
    return " ".join(text.casefold().split())


def _beyond(these: Sequence[Said], others: Sequence[Said]) -> list[Said]:
    known = {_key(one.text) for one in others}
    found: dict[str, Said] = {}
    for one in these:
        found.setdefault(_key(one.text), one)
    return [one for key, one in found.items() if key not in known]


def _closest(one: Said, others: Sequence[Said]) -> Said | None:
    def alike(other: Said) -> float:
        matcher = SequenceMatcher(None, one.text, other.text, autojunk=False)
        return matcher.ratio() if matcher.quick_ratio() >= ALIKE else 0.0

    in_section = [other for other in others if other.section == one.section]
    rated = [(alike(other), other) for other in in_section]
    best = max(rated, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] >= ALIKE else None
