"""No sentence about people without their own words: what a model wrote is checked against single entries.

A sentence stands when a reply of every entry that it names says it: its numbers, names and identifiers
occur there, most of its content words do, and nothing there says the opposite. Who is named in it must be
an author of such an entry or be named in its words.
"""

import re
from collections.abc import Collection, Iterable, Sequence

from knowledge.citing import objections
from knowledge.ports import Noted
from knowledge.terms import content_words, mentions, without_unsafe_characters
from prompts.plain_summary import RISKS, Tracked, facts, is_a_risk, plain_summary, with_lines
from prompts.points import points
from prompts.ritual import Role
from prompts.summary import By, Given, Line, Said, Section, Summary
from prompts.themes import Measure

MOST_SENTENCES = 24
LONGEST_SENTENCE = 300
CHANGED = "What changed"

_ROLE_WORDS = {
    Role.DONE: "finished done completed worked",
    Role.PLAN: "plans planned next will going to today tomorrow",
    Role.BLOCKERS: "blocked blocker stuck waiting waits stopped by",
    Role.NONE: "",
}
_STATUS = {
    Role.DONE: re.compile(
        r"\b(?:finish(?:ed|es)|done|complet(?:ed|es)|merged|shipped|landed|resolved|solved|deployed|released)\b",
        re.IGNORECASE,
    ),
    Role.PLAN: re.compile(r"\b(?:plans?|planned|will|intends?|next)\b|\bgoing\s+to\b", re.IGNORECASE),
    Role.BLOCKERS: re.compile(
        r"\b(?:block(?:ed|er|ers|ing)|stuck)\b|\bwait(?:s|ing)\s+(?:for|on)\b", re.IGNORECASE
    ),
}
_EVERYBODY = re.compile(
    r"\b(?:all|everyone|everybody|everything|nobody|no\s+one|none|nothing|the\s+(?:whole\s+)?team|"
    r"no\s+(?:blockers?|risks?|problems?|issues?))\b",
    re.IGNORECASE,
)
_WORDS_TOO = """
will mark may june april august grace rose art bill jack hope faith dawn sky max min pat rob sue drew chip
dean frank gene grant miles nick page ray reed rich stone van wade guy joy sunny summer
"""
_MARKUP = re.compile(r"[<>@`*_\[\]]|https?:|www\.", re.IGNORECASE)


class Checker:
    """Checks the sentences of one draft against the entries that it was made from, in their order.

    `people` are the names of everybody who may be meant, whether or not they gave an entry.
    """

    def __init__(self, given: Sequence[Given], people: Collection[str]) -> None:
        self._given = given
        self._people = sorted({*people, *(one.name for one in given)}, key=len, reverse=True)
        self._said: set[str] = set()

    def line(self, noted: Noted) -> Line | None:
        """The sentence with the entries that support it; None leaves it out."""
        text = " ".join(without_unsafe_characters(noted.text[: LONGEST_SENTENCE + 1]).split())
        if not text or len(text) > LONGEST_SENTENCE or text in self._said:
            return None
        named = _named(text, self._people)
        numbers = [number for number in dict.fromkeys(noted.sources) if 1 <= number <= len(self._given)]
        resting = [self._given[number - 1] for number in numbers]
        supporting = [one for one in resting if not self.objections(text, one)]
        authors = {one.name for one in supporting}
        if not supporting or any(not _is_known(name, authors, supporting) for name in named):
            return None
        self._said.add(text)
        return Line(text, tuple(one.id for one in supporting), By.MODEL)

    def objections(self, text: str, given: Given) -> list[str]:
        """What speaks against one entry supporting a sentence, in words; empty when nothing does."""
        if _MARKUP.search(text):
            return ["it holds markup, a mention or a link"]
        if _EVERYBODY.search(text):
            return ["it speaks of everybody, and an entry speaks of its author"]
        bare = _without(text, _forms(given.name))
        if not content_words(bare):
            return ["it says nothing"]
        against = [_against(bare, reply) for reply in given.replies]
        return min(against, key=len, default=["the entry is empty"])


def checked_summary(
    noted: Iterable[Noted],
    given: Sequence[Given],
    people: Collection[str],
    measure: Measure,
    tracked: Tracked | None = None,
) -> Summary | None:
    """What a model wrote, as far as entries support it; blockers and plans are told by code. An entry of
    which the model told nothing has its own words. None when nothing the model wrote is left."""
    checker = Checker(given, people)
    drafted = [one for one, _ in zip(noted, range(MOST_SENTENCES), strict=False)]
    lines = [(one.risk, line) for one in drafted if (line := checker.line(one)) is not None]
    if not lines:
        return None
    told = facts(given, tracked or {})
    risks = [line for risk, line in lines if risk or is_a_risk(line.text)]
    changed = [line for risk, line in lines if not (risk or is_a_risk(line.text))]
    heard = {entry for _, line in lines for entry in line.entries}
    left = [one for one in given if one.id not in heard and points(one)]
    rest = plain_summary(left, measure, tracked)
    stuck = {line.text for line in told.blockers.lines}
    plans = {section.title for section in told.plans}
    others = [
        Section(section.title, tuple(line for line in section.lines if line.text not in stuck))
        for section in rest.sections
        if section.title not in plans
    ]
    own_risks = [line for section in others if section.title == RISKS for line in section.lines]
    return Summary(
        with_lines(
            told.blockers,
            Section(RISKS, (*risks, *own_risks)),
            Section(CHANGED, tuple(changed)),
            *(section for section in others if section.title != RISKS),
            *told.plans,
        )
    )


def _against(bare: str, reply: Said) -> list[str]:
    found = objections(bare, reply.text, f"{reply.prompt} {_ROLE_WORDS[reply.role]}")
    for role, words in _STATUS.items():
        said = words.search(bare)
        if said and role is not reply.role and not mentions(reply.text, said.group()):
            found.append(f"it says {said.group()} of something else")
    return found


def _forms(name: str) -> list[str]:
    """How a person may be called: the whole name, and its first word."""
    first = name.split()[0] if name.split() else ""
    return [form for form in (name, first) if len(form) > 1]


def _named(text: str, people: Iterable[str]) -> list[str]:
    """The people whom a sentence names."""
    found = []
    rest = text
    for name in people:
        for form in _forms(name):
            if _names(rest, form):
                found.append(name)
                rest = _without(rest, [form])
    return found


def _names(text: str, form: str) -> bool:
    """Whether this form of a name stands there; one that is a word, too, only as it is written."""
    flags = re.NOFLAG if form.lower() in _WORDS_TOO.split() else re.IGNORECASE
    return re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text, flags) is not None


def _without(text: str, forms: Iterable[str]) -> str:
    for form in forms:
        text = re.sub(rf"(?<!\w){re.escape(form)}(?:['’]s)?(?!\w)", " ", text, flags=re.IGNORECASE)
    return " ".join(text.split())


def _is_known(name: str, authors: Collection[str], supporting: Sequence[Given]) -> bool:
    """Whether a named person is an author of what supports the sentence (as a form of the name may be of
    several people), or is named in all of it."""
    mine = set(_forms(name))
    if any(mine & set(_forms(author)) for author in authors):
        return True
    return all(
        any(mentions(reply.text, form) for reply in one.replies for form in mine) for one in supporting
    )
