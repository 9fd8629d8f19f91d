"""Blockers in the words of replies: what is named, and which of what was named before it continues: pure."""

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from knowledge.spans import spans
from knowledge.terms import content_words, numbers, without_unsafe_characters

MOST_NAMED = 20
"""So many are followed of one reply; who has more has another trouble than any of them."""
LONGEST = 1_000
ALIKE = 0.5
ENOUGH = 3
"""Whoever was asked so often of late is asked after the others."""

_BULLET = re.compile(r"^\s*(?:[-*+•–—]|\d{1,3}[.)])\s+(?:\[[ xX]?\]\s+)?")
_NOTHING = re.compile(
    r"[\W_]*(?:(?:no|none|nope|nothing|nil|n/?a|zero|clear|all (?:good|clear|fine)|not blocked|unblocked)"
    r"(?: (?:at the moment|right now|for now|today|so far|really|new|yet|blockers?|blocking(?: me)?))*"
    r"|(?:i have |i'm |i am |there are |there is |currently )?(?:no|not|nothing) (?:any )?"
    r"(?:blockers?|blocked|blocking(?: me)?|impediments?|issues)"
    r"(?: (?:at the moment|right now|for now|today|so far|from me|here))*)?[\W_]*",
    re.IGNORECASE,
)

_MENTION = re.compile(r"<@([UW][A-Z0-9]{7,})(?:\|[^>]*)?>")
_ALSO_WORDS = """
april art august bill chase dawn drew faith grace grant hope jack joy june mark may page pat pierce ray rich
rob rose sky sue summer will
"""

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Matched(Generic[K]):
    """Of what is named now: `continues` has, by what was known, the words of now; `new` is the rest of it;
    `gone` is what was known and is not named any more."""

    continues: Mapping[K, str]
    new: tuple[str, ...]
    gone: tuple[K, ...]


def named(reply: str) -> tuple[str, ...]:
    """The blockers of a reply: its lines, or the sentences of a single line; “none” and its like are none."""
    written = [line for line in without_unsafe_characters(reply).splitlines() if line.strip()]
    lines = [_BULLET.sub("", line).strip() for line in written]
    if len(lines) == 1:
        lines = [lines[0][one.start : one.end].strip() for one in spans(lines[0])] or lines
    told = (" ".join(line.split())[:LONGEST] for line in lines if not _NOTHING.fullmatch(line))
    return tuple(dict.fromkeys(told))[:MOST_NAMED]


def likeness(one: str, other: str) -> float:
    """How alike two blockers are by their words, from 0 to 1; the same words in any order are 1.

    One shared word makes nothing alike, unless it is all that one of them says; nor is what two numbers tell
    apart, such as those of two pull requests.
    """
    if one.casefold() == other.casefold():
        return 1.0
    first, second = set(content_words(one)), set(content_words(other))
    counted, other_counted = _bare_numbers(one), _bare_numbers(other)
    if counted and other_counted and counted.isdisjoint(other_counted):
        return 0.0
    shared = first & second
    least = min(len(first), len(second))
    if not shared or (len(shared) < 2 and least > 1):
        return 0.0
    return len(shared) / least * (0.5 + 0.5 * least / max(len(first), len(second)))


def people_in(text: str, team: Mapping[str, str]) -> tuple[str, ...]:
    """User ids of the people whom a blocker names, in reading order: anybody by a mention, those of the
    `team` (their names, by user id) by `@name` or name too.

    A first name counts where nobody else of the team has it, and without `@` only with a capital, if it is no
    word besides.
    """
    found = {match.start(): match[1] for match in _MENTION.finditer(text)}
    for person, name in team.items():
        for called, bare in _ways_to_call(name, [one for key, one in team.items() if key != person]):
            at = rf"(?<![\w@])@{re.escape(called)}(?!\w)"
            hit = re.search(at, text, re.IGNORECASE)
            as_name = re.escape(called[:1].upper() + called[1:])
            hit = hit or (re.search(rf"(?<![\w@]){as_name}(?!\w)", text) if bare else None)
            if hit is not None:
                found.setdefault(hit.start(), person)
    return tuple(dict.fromkeys(found[place] for place in sorted(found)))


def _ways_to_call(name: str, others: Sequence[str]) -> list[tuple[str, bool]]:
    """What a person may be called, and whether that counts without `@`."""
    full = name.strip()
    first = full.split()[0] if full else ""
    ways = [(full, len(full) > 2)] if full and full not in others else []
    shared = any(other.split()[:1] == [first] for other in others)
    if first and first != full and not shared:
        ways.append((first, len(first) > 2))
    return [(called, bare and called.casefold() not in _ALSO_WORDS.split()) for called, bare in ways]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may help: `rank` 0 is who solved the like, the higher the farther off; `why` is said."""

    person: str
    rank: int
    why: str


def whom_to_ask(
    candidates: Sequence[Candidate], asked: Mapping[str, int], *, but: str, enough: int = ENOUGH
) -> list[Candidate]:
    """The candidates in the order in which they are suggested, each once.

    By rank, among equals who was asked least of late (`asked` counts by person); whoever was asked `enough`
    comes after everybody else, so that it is not the same one again and again.
    """
    best: dict[str, Candidate] = {}
    for one in sorted(candidates, key=lambda one: one.rank):
        if one.person != but:
            best.setdefault(one.person, one)

    def order(one: Candidate) -> tuple[bool, int, int]:
        times = asked.get(one.person, 0)
        return times >= enough, one.rank, times

    return sorted(best.values(), key=order)


def _bare_numbers(text: str) -> frozenset[str]:
    return frozenset(number.value for number in numbers(text) if not number.unit)


def matched(known: Mapping[K, str], now: Sequence[str]) -> Matched[K]:
    """Which of the `known` go on: the likest pairs first, each at most once."""
    pairs = sorted(
        (
            (likeness(text, said), -place, key)
            for key, text in known.items()
            for place, said in enumerate(now)
        ),
        key=lambda pair: pair[:2],
        reverse=True,
    )
    continues: dict[K, str] = {}
    taken: set[int] = set()
    for alike, place, key in pairs:
        if alike >= ALIKE and key not in continues and -place not in taken:
            continues[key] = now[-place]
            taken.add(-place)
    return Matched(
        continues=continues,
        new=tuple(said for place, said in enumerate(now) if place not in taken),
        gone=tuple(key for key in known if key not in continues),
    )
