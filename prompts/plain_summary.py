"""A summary without a model: the entries' own words by theme, blockers, risks, and what became of plans."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from prompts.points import Point, points
from prompts.promises import Became, promises
from prompts.ritual import Role
from prompts.summary import Given, Line, Section, Summary
from prompts.themes import BY_WORDS, Measure, themes

BLOCKERS, RISKS, TOGETHER, ALSO = "Blockers", "Risks", "Together", "Also"
STILL_OPEN, AGAIN, KEPT = (
    "Planned last time, still open",
    "Planned last time, and again",
    "Planned last time, and done",
)

_RISK = re.compile(
    r"\b(?:risk(?:s|y)?|(?:may|might|will|could)\s+(?:slip|break|miss|be\s+late)|slip(?:s|ping|ped)?|behind"
    r"|delay(?:s|ed)?|late|won['’]?t\s+(?:make|finish|be)|worr(?:y|ied|ying)|concern(?:s|ed|ing)?|unstable"
    r"|diverg(?:es?|ed|ing)|NaNs?|OOM|out\s+of\s+memory|regress(?:ion|ions|ed|es)?|flaky|degrad(?:es|ed|ing)"
    r"|crash(?:es|ed|ing)?|running\s+out|over\s+budget|not\s+sure|unclear|uncertain)\b",
    re.IGNORECASE,
)

Tracked = Mapping[tuple[int, str], str]
"""What is known of a blocker besides its words: by the entry that raised it and the `key` of its words."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What code tells whoever writes the rest: blockers, and what became of plans."""

    blockers: Section
    plans: tuple[Section, ...]


def plain_summary(
    given: Sequence[Given],
    measure: Measure = BY_WORDS,
    tracked: Tracked | None = None,
) -> Summary:
    """What the entries say, in their own words; each of them that says anything is in it."""
    told = facts(given, tracked or {})
    said = [points(one) for one in given]
    changed = _in_turns([one for one in some if one.role in (Role.DONE, Role.NONE)] for some in said)
    risks = [one for one in changed if is_a_risk(one.text)]
    rest = [one for one in changed if not is_a_risk(one.text)]
    grouped = themes([one.text for one in rest], measure)
    themed = {place for theme in grouped for place in theme.places}
    alone = [one for place, one in enumerate(rest) if place not in themed]
    heard = {entry for line in told.blockers.lines for entry in line.entries} | {one.entry for one in changed}
    alone += [some[0] for some in said if some and some[0].entry not in heard]
    return Summary(
        with_lines(
            told.blockers,
            _section(RISKS, risks),
            *(_section(theme.title or TOGETHER, [rest[at] for at in theme.places]) for theme in grouped),
            _section(ALSO, alone),
            *told.plans,
        )
    )


def facts(given: Sequence[Given], tracked: Tracked) -> Facts:
    """Blockers with what is known of them, and plans of last time by what became of them."""
    stuck = [one for some in map(points, given) for one in some if one.role is Role.BLOCKERS]
    lines = [
        Line(_with(one.text, tracked.get((one.entry, key(one.text)), "")), (one.entry,)) for one in stuck
    ]
    became = [one for some in map(promises, given) for one in some]

    def of(*wanted: Became) -> tuple[Line, ...]:
        return tuple(
            Line(_with(one.text, "not mentioned" if one.became is Became.NOT_MENTIONED else ""), one.entries)
            for one in became
            if one.became in wanted
        )

    return Facts(
        Section(BLOCKERS, tuple(lines)),
        (
            Section(STILL_OPEN, of(Became.NOT_DONE, Became.NOT_MENTIONED)),
            Section(AGAIN, of(Became.PLANNED_AGAIN)),
            Section(KEPT, of(Became.DONE)),
        ),
    )


def with_lines(*sections: Section) -> tuple[Section, ...]:
    """Those that are not empty."""
    return tuple(one for one in sections if one.lines)


def is_a_risk(text: str) -> bool:
    """Whether somebody's own words speak of a risk."""
    return _RISK.search(text) is not None


def key(text: str) -> str:
    """Equal for words that differ in white space and case alone."""
    return " ".join(text.split()).casefold()


def _with(text: str, more: str) -> str:
    return f"{text} ({more})" if more else text


def _section(title: str, some: Iterable[Point]) -> Section:
    return Section(title, tuple(Line(one.text, (one.entry,)) for one in some))


def _in_turns(said: Iterable[Sequence[Point]]) -> list[Point]:
    """The first of everybody, then the second …: where there is room for some only, everybody is in it."""
    return [one for turn in zip_longest(*said) for one in turn if one is not None]
