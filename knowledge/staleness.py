"""Says what a reader should know of the sources: that they are old, replaced, drafts, or disagree."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from knowledge.asking import asks_for_number
from knowledge.citing import Claim
from knowledge.documents import Citation, Passage
from knowledge.terms import content_words, numbers

# After how many days a document of a kind may be out of date; None: it is a record and does not age.
AGES: Mapping[str, int | None] = {
    "wiki": 365,
    "practice": 540,
    "guide": 540,
    "log": None,
    "run": None,
    "runs": None,
    "standup": 30,
}
USUAL_AGE = 365
OF_A_DAY = frozenset({"standup"})
"""Kinds of which a document is of one day, so that “today” in it is that day."""
UNFINISHED = frozenset({"draft", "wip", "proposed", "proposal"})
OVER = frozenset({"deprecated", "obsolete", "archived", "retired", "superseded", "outdated"})
SAME_SUBJECT = 0.6
# A page that was replaced is left out when its successor fits so nearly as well.
AS_GOOD = 0.95
_RELATIVE = re.compile(
    r"\b(today|tomorrow|yesterday|tonight|this (?:morning|afternoon|evening|week)|(?:next|last) week)\b",
    re.IGNORECASE,
)
# "How long" and its like ask for the number; they are no part of what it is asked of.
ASKING = frozenset({"long", "many", "much", "often", "far", "old", "fast", "big", "larg"})


def notices(
    citations: Sequence[Citation], now: datetime, ages: Mapping[str, int | None] = AGES
) -> tuple[str, ...]:
    """Warnings in plain words about the cited documents, each once; `now` has a zone."""
    found = [text for text in (_age(citations, now, ages),) if text]
    for citation in citations:
        found += _relative(citation, now)
        status = (citation.status or "").strip().lower()
        if citation.superseded_by:
            found.append(f"“{citation.title}” is superseded by {citation.superseded_by}.")
        elif status in OVER:
            found.append(f"“{citation.title}” is marked {status}.")
        elif status in UNFINISHED:
            found.append(f"“{citation.title}” is marked {status}: it is not settled yet.")
    return tuple(dict.fromkeys(found))


def why_outdated(
    kind: str,
    updated_at: datetime | None,
    status: str | None,
    superseded_by: str | None,
    now: datetime,
    ages: Mapping[str, int | None] = AGES,
) -> str:
    """Why a page no longer holds, or may not, in few words; empty where nothing speaks against it."""
    if superseded_by:
        return f"superseded by {superseded_by}"
    if (marked := (status or "").strip().lower()) in OVER:
        return f"marked {marked}"
    limit = ages.get(kind, USUAL_AGE)
    if limit is None or updated_at is None or now - updated_at <= timedelta(days=limit):
        return ""
    return f"last changed {_how_long(now - updated_at)} ago"


def without_outdone(passages: Sequence[Passage]) -> list[Passage]:
    """The passages without those that fit hardly better than one of the document that superseded theirs."""
    return [
        passage
        for passage in passages
        if not any(
            _succeeds(other, passage) and other.scores.fused >= AS_GOOD * passage.scores.fused
            for other in passages
        )
    ]


def successors_first(passages: Sequence[Passage]) -> list[Passage]:
    """The passages with each superseded one after those of what supersedes it, where both were found."""
    ordered = list(passages)
    for passage in passages:
        successors = [n for n, other in enumerate(ordered) if _succeeds(other, passage)]
        place = ordered.index(passage)
        if successors and max(successors) > place:
            ordered.insert(max(successors), ordered.pop(place))
    return ordered


def disagreements(question: str, claims: Sequence[Claim], passages: Sequence[Passage]) -> tuple[str, ...]:
    """Warnings about sentences of two documents that answer a question with different numbers."""
    found = []
    for place, claim in enumerate(claims):
        for other in claims[place + 1 :]:
            one, two = passages[claim.parts[-1].passage], passages[other.parts[-1].passage]
            if one.document_id != two.document_id and contradict(question, claim.text, other.text):
                found.append(f"The sources disagree: compare “{one.title}” with “{two.title}”.")
    return tuple(dict.fromkeys(found))


def contradict(question: str, one: str, two: str) -> bool:
    """Whether both sentences are about what a number is asked of, and share a unit but no number of it."""
    first, second = numbers(one), numbers(two)
    shared = {number.unit for number in first} & {number.unit for number in second} - {""}
    if not asks_for_number(question) or not shared:
        return False
    if {n.value for n in first if n.unit in shared} & {n.value for n in second if n.unit in shared}:
        return False
    asked = set(content_words(question)) - ASKING
    about = (len(asked & set(content_words(sentence))) for sentence in (one, two))
    return min(about) >= max(2, SAME_SUBJECT * len(asked))


def _age(citations: Sequence[Citation], now: datetime, ages: Mapping[str, int | None]) -> str:
    dated = [(citation.updated_at, citation) for citation in citations if citation.updated_at is not None]
    if not dated or any(ages.get(citation.kind, USUAL_AGE) is None for citation in citations):
        return ""
    updated_at, newest = max(dated, key=lambda pair: pair[0])
    limit = ages.get(newest.kind, USUAL_AGE)
    if limit is None or now - updated_at <= timedelta(days=limit):
        return ""
    whose = (
        "The source is"
        if len({citation.document_id for citation in citations}) == 1
        else "The newest source is"
    )
    return f"{whose} from {updated_at:%B %Y}, {_how_long(now - updated_at)} ago: check that it still holds."


def _relative(citation: Citation, now: datetime) -> list[str]:
    """What was said of a day that is not today any more."""
    then = citation.updated_at
    word = _RELATIVE.search(citation.quote)
    if citation.kind not in OF_A_DAY or then is None or word is None or then.date() >= now.date():
        return []
    return [f"“{word[1]}” in “{citation.title}” was said of {then.day} {then:%B %Y}: it may be over."]


def _how_long(age: timedelta) -> str:
    months = age.days * 12 // 365
    if months < 2:
        return f"{age.days // 7} weeks"
    if months < 24:
        return f"{months} months"
    return f"{months // 12} years"


def _succeeds(other: Passage, passage: Passage) -> bool:
    named = (passage.superseded_by or "").strip().strip("[]<>").removeprefix("./").casefold()
    if not named or other.document_id == passage.document_id:
        return False
    known = {other.path, other.document_id, other.title, other.url or "", other.path.rsplit("/", 1)[-1]}
    return any(
        named == name.casefold() or name.casefold().endswith(f"/{named}") for name in known if name
    ) or any(name.casefold().removesuffix(".md") == named.removesuffix(".md") for name in known if name)
