"""Which questions to suggest to a person: a pure choice among answered questions, headings and titles."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.blocks.plain import one_line
from knowledge.adapters.titles import Titled
from knowledge.analysis import content_terms

MOST = 4
MOST_ANSWERED = 2
SHORTEST_WORDS = 4
LONGEST = 90
RUN = "run"

_POINTS_BACK = re.compile(
    r"^\W*(?:and|but|or|so|also|then|ok|okay|what about|how about)\b"
    r"|\b(?:it|its|they|them|their|this|that|these|those|he|she|his|her|here|there|you|your|my|me|i|instead|"
    r"else|same)\b",
    re.IGNORECASE,
)
_ADDRESSES = re.compile(r"[@#<>]|https?:|\bin:|\bby:|\bafter:|\bbefore:|\brun:", re.IGNORECASE)
_HOW_TO = re.compile(r"how to (?P<what>\S.*)", re.IGNORECASE)
_WHEN = re.compile(r"(?P<what>(?:when|if) (?:a|an|the|something|somebody|someone|you) \S.*)", re.IGNORECASE)
_MARKS = re.compile(r"[`*_\\]")


@dataclass(frozen=True, slots=True)
class Answered:
    """A question that was answered, with the documents that the answer rests on."""

    text: str
    document_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A suggestion: what is shown, and what is asked when it is chosen."""

    title: str
    message: str


def suggest(answered: Iterable[Answered], newest: Sequence[Titled], most: int = MOST) -> tuple[Prompt, ...]:
    """At most `most` different questions, each about another document.

    First questions that were answered lately, then headings that ask something, then pages that changed
    lately; everything is given newest first, and everything given may be read by who is to see it.
    """
    chosen: dict[str, Prompt] = {}
    about: set[str] = set()
    current = [one for one in newest if one.superseded_by is None and one.kind != RUN]
    offers = (
        (MOST_ANSWERED, ((one.text, one.document_ids) for one in answered if stands_alone(one.text))),
        (most, _asked_by_headings(current)),
        (most, ((f"What does “{one_line(one.title)}” say?", (one.document_id,)) for one in current)),
    )
    for share, offer in offers:
        taken = 0
        for text, documents in offer:
            if len(chosen) == most or taken == share:
                break
            question = one_line(_MARKS.sub("", text))
            same = " ".join(sorted(content_terms(question))) or question.casefold()
            if same in chosen or about.intersection(documents) or len(question) > LONGEST:
                continue
            chosen[same] = Prompt(question, question)
            about.update(documents)
            taken += 1
    return tuple(chosen.values())


def stands_alone(question: str) -> bool:
    """Whether a question means the same to somebody who has not read what was said before it."""
    said = one_line(question)
    return (
        len(said) <= LONGEST
        and len(said.split()) >= SHORTEST_WORDS
        and len(content_terms(said)) > 1
        and not _POINTS_BACK.search(said)
        and not _ADDRESSES.search(said)
    )


def asks(heading: str) -> str | None:
    """The question that a heading answers; None where it does not say enough by itself."""
    said = one_line(_MARKS.sub("", heading)).rstrip(".:")
    if said.endswith("?"):
        return said if stands_alone(said) else None
    if found := _HOW_TO.fullmatch(said):
        return f"How do we {found['what']}?" if content_terms(found["what"]) else None
    if found := _WHEN.fullmatch(said):
        what = found["what"]
        return f"What do we do {what[0].lower()}{what[1:]}?" if len(content_terms(what)) > 1 else None
    return None


def _asked_by_headings(newest: Sequence[Titled]) -> Iterator[tuple[str, tuple[str, ...]]]:
    headings = [heading for one in newest for heading in one.headings]
    for one in newest:
        for heading in one.headings:
            question = asks(heading)
            if question is not None and headings.count(heading) == 1:
                yield question, (one.document_id,)
