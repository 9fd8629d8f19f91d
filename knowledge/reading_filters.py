"""Reads the filters of a question: short forms such as `in:wiki after:2026-01`, and unambiguous plain words.

Plain words count only where what they name is there, and never inside quotes or code. A name that nobody
here knows is told, not passed over.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time

from knowledge import dates
from knowledge.filtering import (
    ByOwner,
    Catalogue,
    Condition,
    Dated,
    Filtered,
    Filters,
    InPlace,
    OfKind,
    OfRun,
    Phrase,
    Wanted,
    said_of_days,
)
from knowledge.named import LONGEST_SHOWN, owned_by, places, same, unknown

MOST_FILTERS = 20

_VALUE = r"(?:\"[^\"\n]*\"|“[^“”\n]*”|[^\s\"“”|]+)"
_MARKS = re.compile(
    r"(?P<code>```.*?```|`[^`\n]*`)"
    r"|(?<![\w/.:=?&#@-])(?P<not>-?)(?P<key>in|source|after|since|before|until|on|by|run|kind):"
    rf"(?P<value>{_VALUE}(?:\|{_VALUE})*|(?<=run:)(?=\s|$))"
    r"|(?<![\w\"“”])(?P<without>-?)[\"“„](?P<phrase>[^\"“”„\n]{1,200})[\"“”](?!\w)",
    re.IGNORECASE | re.DOTALL,
)
_Found = tuple[tuple[Condition, ...], str]
_ARTICLE = re.compile(r"\b(?:a|an|the|this|that|each|every|which|one|per|our|my|your)\s+$", re.IGNORECASE)
_PIECE = re.compile(_VALUE)
_PERSON = re.compile(r"[UW][A-Z0-9]{5,20}")

# What may follow a filter in plain words; after anything else the words belong to something longer.
_THEN = (
    r"(?=\s*(?:$|[?.!,;:)]|\b(?:what|how|is|are|was|were|do|does|did|can|should|must|may|will|has|have|we|i|you"
    r"|they|which|where|who|when|why|about|and|or|but|say|says|said|since|after|before|written|owned"
    r"|maintained|updated|changed|only|in|on|from|for|about)\b))"
)
_PAGES = r"(?: (?:source|folder|docs?|documents?|documentation|pages?|notes?))?"
_CHANGED = (
    r"(?:updat|chang|writ|wrote|edit|add|publish|new\b|news\b|happen|learn|decid|decision|document|log|record"
    r"|incident|train|tried|try|ran\b|runs?\b|finish|discuss|post|report)"
)
_RECENT = re.compile(rf"\b{_CHANGED}")
_ONLY_RUNS = re.compile(rf"\b(?:(?:only|just) (?:(?:in|from|among) )?(?:the )?runs|runs only)\b{_THEN}")
_SINCE = re.compile(rf"\bsince (?P<days>{dates.WORDS}){_THEN}")
_LATELY = re.compile(
    r"\b(?:in|during|over|within|from) the (?:last|past) (?P<count>\d{1,3} |\w+ )?"
    rf"(?P<unit>day|week|month|year)s?{_THEN}"
)
_WHEN = re.compile(rf"\b(?P<days>(?:last|this|past|previous) (?:week|month|quarter|year)|yesterday){_THEN}")
_CHANGED_WHEN = re.compile(
    r"\b(?:updated|changed|written|edited|modified|added|published|documented|recorded) "
    rf"(?P<how>since|after|before|until|on|in) (?P<days>{dates.WORDS}){_THEN}"
)
_WRITTEN_BY = re.compile(
    r"\b(?:written|authored|owned|maintained|documented) by "
    r"(?P<name>@?[\w.+'@-]*\w(?: [A-Z][\w'-]*\w)?)",
    re.IGNORECASE,
)


def read_filters(question: str, catalogue: Catalogue, now: datetime, *, guess: bool = True) -> Filtered:
    """What is left of the question to search for, and its filters over this catalogue.

    `now` and its zone say what `yesterday` is and where days begin. Without `guess`, only short forms and
    quoted words count.
    """
    reading = _Reading(question, catalogue, now)
    for mark in _MARKS.finditer(question):
        reading.mark(mark)
    if guess:
        reading.plain_words()
    return reading.filtered()


def may_hold_filters(question: str) -> bool:
    """Whether reading the filters is worth looking the catalogue up; without side effects and quick."""
    return _HINT.search(question) is not None


_HINT = re.compile(
    r"[\"“„]|\b(?:in|source|after|since|before|until|on|by|run|kind):|\b(?:only|just|since|last|this|past"
    r"|previous|yesterday|by|in|on|from|within)\b",
    re.IGNORECASE,
)


class _Reading:
    """Takes filters out of a question, piece by piece; `shadow` is what plain words are looked for in."""

    def __init__(self, question: str, catalogue: Catalogue, now: datetime) -> None:
        self._question = question
        self._catalogue = catalogue
        self._now = now
        self._shadow = [_lowered(letter) for letter in question]
        self._gone = [False] * len(question)
        self._wanted: list[Wanted] = []
        self._phrases: list[Phrase] = []
        self._remarks: list[str] = []

    def filtered(self) -> Filtered:
        left = "".join(letter for letter, gone in zip(self._question, self._gone, strict=True) if not gone)
        if any(self._gone):
            left = re.sub(r"[ ,;:]+(?=[?.!])| +(?=[,;:])|(?<=\s) +|^[\s,;:]+|[\s,;]+$", "", left)
        return Filtered(left, Filters(tuple(self._wanted), tuple(self._phrases)), tuple(self._remarks))

    # short forms

    def mark(self, mark: "re.Match[str]") -> None:
        """One piece of code, quoted words, or one short form."""
        if mark["code"] is not None:
            self._hide(*mark.span())
        elif mark["phrase"] is not None:
            self._quoted(mark)
        elif len(self._wanted) < MOST_FILTERS and (mark["value"] or self._stands_alone(mark)):
            self._short(mark)

    def _stands_alone(self, mark: "re.Match[str]") -> bool:
        """Whether a `run:` without a name is a filter, not the end of words such as “what about the run:”."""
        before, after = self._question[: mark.start()], self._question[mark.end() :]
        beside = not before.strip() or not after.strip() or self._gone[len(before.rstrip()) - 1]
        return beside and not _ARTICLE.search(before)

    def _quoted(self, mark: "re.Match[str]") -> None:
        words = " ".join(mark["phrase"].split())
        if not any(letter.isalnum() for letter in words) or len(self._phrases) >= MOST_FILTERS:
            return
        self._phrases.append(Phrase(words, bool(mark["without"])))
        if mark["without"]:
            self._remove(*mark.span())
            return
        self._hide(*mark.span())
        for at in (*range(mark.start(), mark.start("phrase")), *range(mark.end("phrase"), mark.end())):
            self._gone[at] = True

    def _short(self, mark: "re.Match[str]") -> None:
        pieces = [piece.strip('"“”') for piece in _PIECE.findall(mark["value"])]
        last = mark.end()
        if pieces and mark["value"][-1] not in '"”':
            trimmed = pieces[-1].rstrip(".,;:?!)]}")
            last -= len(pieces[-1]) - len(trimmed)
            pieces[-1] = trimmed
        pieces = [piece.strip() for piece in pieces if piece.strip()]
        key = mark["key"].lower()
        if not pieces and key != "run":
            return
        self._remove(mark.start(), last)
        shown = self._question[mark.start() : last][:LONGEST_SHOWN]
        found = self._conditions(key, pieces, shown)
        if found is not None:
            conditions, said = found
            negated = bool(mark["not"])
            self._want(Wanted(conditions, f"not {said}" if negated else said, negated))

    def _want(self, wanted: Wanted) -> None:
        if wanted.said not in {one.said for one in self._wanted}:
            self._wanted.append(wanted)

    def _conditions(self, key: str, pieces: list[str], shown: str) -> _Found | None:
        """The conditions of one short form and how to tell them; None, and a remark, where there are none."""
        match key:
            case "in" | "source":
                return self._named(pieces, self._place, shown, "source or folder", self._catalogue.sources)
            case "by":
                return self._by(pieces)
            case "kind":
                kinds = {entry.kind for entry in self._catalogue.entries}
                return self._named(pieces, self._kind, shown, "kind of document", kinds)
            case "run":
                return self._named(pieces, self._run, shown, "run") if pieces else ((OfRun(),), "runs")
            case _:
                return self._dated(key, " ".join(pieces), shown)

    def _named(
        self,
        pieces: list[str],
        find: "Callable[[str], tuple[Condition, str] | None]",
        shown: str,
        what: str,
        known: Iterable[str] = (),
    ) -> _Found | None:
        found = {piece: find(piece) for piece in pieces}
        for piece, condition in found.items():
            if condition is None:
                self._remarks.append(unknown(what, piece, shown, known))
        conditions = [condition for condition in found.values() if condition is not None]
        if not conditions:
            return None
        return tuple(condition for condition, _ in conditions), " or ".join(said for _, said in conditions)

    def _place(self, name: str) -> tuple[Condition, str] | None:
        for place in places(name.strip("#/ ")):
            source = same(place.source, self._catalogue.sources) if place.source else None
            if place.source and source is None:
                continue
            meant = InPlace(source, place.folder)
            if any(meant.admits(entry) for entry in self._catalogue.entries):
                return meant, "in " + "/".join(part for part in (source, place.folder) if part)
        return None

    def _kind(self, name: str) -> tuple[Condition, str] | None:
        kinds = {entry.kind for entry in self._catalogue.entries}
        kind = same(name, kinds) or same(name.removesuffix("s"), kinds)
        return None if kind is None else (OfKind(kind), f"of the kind {kind}")

    def _run(self, name: str) -> tuple[Condition, str] | None:
        meant = OfRun(name)
        found = any(meant.admits(entry) for entry in self._catalogue.entries)
        return (meant, f"the run {name}") if found else None

    def _by(self, names: list[str]) -> _Found | None:
        """One person may be named in several ways at once; the reply takes the most human of them."""
        owners = frozenset(owner for name in names for owner in owned_by(name, self._catalogue.owners))
        spoken = [name for name in names if "@" not in name.lstrip("@") and not _PERSON.fullmatch(name)]
        said = " or ".join((spoken or names)[:2]).lstrip("@")
        if not owners:
            self._remarks.append(unknown("owner", said, f"by:{said}"))
            return None
        return (ByOwner(owners),), f"by {said}"

    def _dated(self, key: str, words: str, shown: str) -> _Found | None:
        meant = dates.days(words, self._now.date())
        if meant is None:
            self._remarks.append(
                f"I can't read a day in “{shown}”, so I left it out. "
                "Write a day, a month or a year, such as after:2026-01-31 or after:2026-01."
            )
            return None
        dated = self._within(meant, key)
        return (dated,), said_of_days(dated)

    def _within(self, meant: dates.Days, how: str) -> Dated:
        first, end = self._midnight(meant.first), self._midnight(meant.end)
        if how in ("after", "since"):
            return Dated(first, None)
        if how == "before":
            return Dated(None, first)
        return Dated(None, end) if how == "until" else Dated(first, end)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._now.tzinfo)

    # plain words

    def plain_words(self) -> None:
        """Filters in plain words, each taken out of the question."""
        text = self._shadowed()
        if found := _ONLY_RUNS.search(text):
            if any(entry.kind == "run" for entry in self._catalogue.entries):
                self._guess(found.span(), (OfRun(),), "runs")
        elif found := self._source_named(text):
            place = self._place(self._question[found.start("name") : found.end("name")])
            if place is not None:
                self._guess(found.span(), (place[0],), place[1])
        text = self._shadowed()
        for found in _WRITTEN_BY.finditer(text):
            self._guess_owner(found)
        for found in _CHANGED_WHEN.finditer(text):
            self._guess_days(found, found["how"] if found["how"] != "in" else "on", found.start("how"))
        for found in _SINCE.finditer(self._shadowed()):
            self._guess_days(found, "since")
        text = self._shadowed()
        if _RECENT.search(text):
            for found in _WHEN.finditer(text):
                self._guess_days(found, "on")
            for found in _LATELY.finditer(text):
                meant = dates.last((found["count"] or "1").strip(), found["unit"], self._now.date())
                if meant is not None:
                    self._guess_dated(found.span(), self._within(meant, "since"))

    def _source_named(self, text: str) -> "re.Match[str] | None":
        sources = [_lowered_all(source) for source in sorted(self._catalogue.sources, key=len, reverse=True)]
        if not sources:
            return None
        names = "|".join(re.escape(source) for source in sources)
        place = rf"(?:in|on|from|within|inside) (?:the|our) (?P<name>{names})"
        known = rf"\b(?:only )?{place}{_PAGES}(?: only)?{_THEN}"
        narrow = rf"\bonly (?:in |from )?(?:the |our )?(?P<name>{names}){_PAGES}{_THEN}"
        path = rf"\b(?:in|on|from) (?P<name>(?:{names})/[\w./-]*\w){_THEN}"
        return re.search(narrow, text) or re.search(path, text) or re.search(known, text)

    def _guess_owner(self, found: "re.Match[str]") -> None:
        name = self._question[found.start("name") : found.end("name")]
        for said in dict.fromkeys((name, name.split(" ")[0])):
            owners = owned_by(said, self._catalogue.owners)
            if len(owners) == 1:
                span = (found.start(), found.start("name") + len(said))
                self._guess(span, (ByOwner(owners),), f"by {said.lstrip('@')}")
                return

    def _guess_days(self, found: "re.Match[str]", how: str, start: int | None = None) -> None:
        meant = dates.days(found["days"], self._now.date())
        if meant is not None:
            span = (found.start() if start is None else start, found.end())
            self._guess_dated(span, self._within(meant, how))

    def _guess_dated(self, span: tuple[int, int], dated: Dated) -> None:
        if not any(self._gone[slice(*span)]):
            self._guess(span, (dated,), said_of_days(dated))

    def _guess(self, span: tuple[int, int], conditions: tuple[Condition, ...], said: str) -> None:
        if len(self._wanted) < MOST_FILTERS:
            self._remove(*span)
            self._want(Wanted(conditions, said, guessed=True))

    # the question's letters

    def _shadowed(self) -> str:
        return "".join(self._shadow)

    def _hide(self, start: int, end: int) -> None:
        for at in range(start, end):
            self._shadow[at] = "\x00"

    def _remove(self, start: int, end: int) -> None:
        for at in range(start, end):
            self._gone[at] = True
            self._shadow[at] = " "


def _lowered(letter: str) -> str:
    small = letter.lower()
    return small if len(small) == 1 else letter


def _lowered_all(text: str) -> str:
    return "".join(map(_lowered, text))
