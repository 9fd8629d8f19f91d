"""No sentence without its source: finds the exact span that supports a sentence, or drops the sentence.

A sentence that a model wrote is supported by a span of a cited passage when nothing speaks against it:
`objections` lists what does, in words. The rules and what was measured for them are in
docs/decisions/0050-supported-sentences.md.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import quote

from knowledge.documents import Citation, Passage, Sentence
from knowledge.ports import Drafted
from knowledge.spans import Kind, Span, spans
from knowledge.terms import (
    content_terms,
    content_words,
    identifiers,
    mentions,
    names,
    negated,
    number_values,
    numbers,
    opposites,
    units,
    without_unsafe_characters,
)

SUPPORTED = 0.75  # the least share of a sentence's content words that its span must hold
WIDEST = 3  # spans that may support one sentence together, side by side
LONGEST_QUOTE = 600
WIDEST_GAP = 160  # characters between two quotes that are still shown as one
LONGEST_SENTENCE = 600
MOST_SENTENCES = 12
_PLAIN_IN_FRAGMENTS = "!$()*,/:;@~"

_CLAUSES = re.compile(r";|\b(?:but|however|although|though|whereas|while|except)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """`start:end` of the document of the passage at this place (from 0) in the list of passages."""

    passage: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence and the exact spans that it rests on (at least one).

    `translation` says the same in the question's language, as far as anybody can tell; mostly empty.
    """

    text: str
    parts: tuple[Part, ...]
    translation: str = ""


@dataclass(frozen=True, slots=True)
class _Window:
    spans: tuple[Span, ...]
    text: str
    terms: frozenset[str]

    @property
    def size(self) -> int:
        return self.spans[-1].end - self.spans[0].start


class Verifier:
    """Checks the sentences of one draft against the passages that it was made from, one after another."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._windows: dict[int, list[_Window]] = {}
        self._said: set[str] = set()

    def claim(self, drafted: Drafted) -> Claim | None:
        """The sentence as a claim when a passage that it names supports it; None leaves it out."""
        text = _one_line(drafted.text)
        if not text or len(text) > LONGEST_SENTENCE or text in self._said:
            return None
        for number in dict.fromkeys(drafted.sources):
            if 1 <= number <= len(self._passages):
                place = number - 1
                claim = _supported(text, place, self._passages[place], self._windows_of(place))
                if claim:
                    self._said.add(text)
                    return replace(claim, translation=_one_line(drafted.translation))
        return None

    def _windows_of(self, place: int) -> list[_Window]:
        if place not in self._windows:
            self._windows[place] = list(_windows(self._passages[place]))
        return self._windows[place]


def supported_claims(draft: Iterable[Drafted], passages: Sequence[Passage]) -> tuple[Claim, ...]:
    """The sentences of a model's draft that a passage which they name supports; the rest is left out."""
    verifier = Verifier(passages)
    checked = (verifier.claim(drafted) for drafted in islice(draft, MOST_SENTENCES))
    return tuple(claim for claim in checked if claim)


def objections(sentence: str, evidence: str, around: str = "") -> list[str]:
    """What speaks against `evidence` supporting `sentence`, each in plain words; empty when nothing does.

    `around` is the title and the section: they may supply names, words and numbers without a unit.
    """
    found = [*_number_objections(sentence, evidence, around)]
    known = f"{around} {evidence}"
    found += [
        f"{name} is not in the source" for name in sorted(identifiers(sentence)) if not mentions(known, name)
    ]
    found += [f"{name} is not in the source" for name in sorted(names(sentence)) if not mentions(known, name)]
    said = content_words(sentence)
    there, nearby = set(content_terms(evidence)), set(content_terms(around))
    held = [term for term in said if term in there or term in nearby]
    if not any(term in there for term in said) or len(held) < SUPPORTED * len(said):
        found.append(f"only {len(held)} of {len(said)} content words are in the source")
    found += [f"the source says {other}, not {word}" for word, other in opposites(sentence, evidence)]
    if negated(sentence) != negated(_nearest_clause(sentence, evidence)):
        found.append("one of them is a negation")
    return found


def cite(
    claims: Sequence[Claim], passages: Sequence[Passage]
) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
    """The claims as sentences with numbered citations; close quotes of one passage share a number."""
    groups = _grouped([part for claim in claims for part in claim.parts])
    numbers_of = {part: n for n, group in enumerate(groups, start=1) for part in group}
    citations = tuple(
        _citation(n, group, passages[group[0].passage]) for n, group in enumerate(groups, start=1)
    )
    sentences = tuple(
        Sentence(claim.translation or claim.text, tuple(sorted({numbers_of[part] for part in claim.parts})))
        for claim in claims
    )
    return sentences, citations


def nearest_citations(passages: Sequence[Passage], most: int) -> tuple[Citation, ...]:
    """One citation for each of the best documents, quoting the beginning of its best passage."""
    best: dict[str, tuple[int, Passage]] = {}
    for place, passage in enumerate(passages):
        best.setdefault(passage.document_id, (place, passage))
    chosen = list(best.values())[:most]
    return tuple(
        _citation(n, [_opening(place, passage)], passage)
        for n, (place, passage) in enumerate(chosen, start=1)
    )


def passage_citation(n: int, passage: Passage) -> Citation:
    """A citation of a passage by its beginning."""
    return _citation(n, [_opening(0, passage)], passage)


def _one_line(written: str) -> str:
    return " ".join(without_unsafe_characters(written[: LONGEST_SENTENCE + 1]).split())


def _supported(sentence: str, place: int, passage: Passage, windows: Sequence[_Window]) -> Claim | None:
    around = f"{passage.title} {passage.section}"
    said, nearby = set(content_words(sentence)), set(content_terms(around))
    likely = [window for window in windows if len(said & (window.terms | nearby)) >= SUPPORTED * len(said)]
    fitting = [window for window in likely if not objections(sentence, window.text, around)]
    if not fitting:
        return None
    best = min(fitting, key=lambda window: (-len(said & window.terms), window.size))
    parts = [Part(place, best.spans[0].start, best.spans[-1].end)]
    lead = best.spans[0].lead
    if lead and best.spans[0].kind is not Kind.PROSE:
        parts.insert(0, Part(place, lead.start, lead.end))
    return Claim(sentence, tuple(parts))


def _windows(passage: Passage) -> Iterator[_Window]:
    """Up to `WIDEST` neighbouring spans, each with what introduces the first."""
    cut = spans(passage.chunk.text, passage.chunk.start)
    for first in range(len(cut)):
        for last in range(first + 1, min(first + WIDEST, len(cut)) + 1):
            chosen = tuple(cut[first:last])
            if last - first > 1 and chosen[-1].end - chosen[0].start > LONGEST_QUOTE:
                break
            lead = chosen[0].lead
            texts = [lead.text] if lead and chosen[0].kind is not Kind.ROW else []
            text = " ".join([*texts, *(span.text for span in chosen)])
            yield _Window(chosen, text, frozenset(content_terms(text)))


def _number_objections(sentence: str, evidence: str, around: str) -> Iterator[str]:
    there = number_values(f"{around} {evidence}")
    measured = numbers(evidence)
    known_units = units(evidence)
    said = numbers(sentence)
    for number in said:
        if number.value not in there:
            yield f"the number {number.value} is not in the source"
        elif number.unit:
            given = {other.unit for other in measured if other.value == number.value}
            if number.unit not in given and not (given <= {""} and number.unit in known_units):
                yield f"the source does not say {number.value} in {number.unit}"
    order = [number.value for number in said if number.value in there]
    if len(set(order)) > 1 and not _in_order(order, [number.value for number in numbers(evidence)]):
        yield "the numbers stand in another order"


def _in_order(wanted: Sequence[str], given: Sequence[str]) -> bool:
    if not set(wanted) <= set(given):
        return True  # some stand inside identifiers, where their order says nothing
    rest = iter(given)
    return all(value in rest for value in dict.fromkeys(wanted))


def _nearest_clause(sentence: str, evidence: str) -> str:
    said = set(content_terms(sentence))
    clauses = [clause for clause in _CLAUSES.split(evidence) if clause.strip()]
    pieces = [piece for clause in clauses for piece in re.split(r"(?<=[.!?]) ", clause)]
    return max(pieces, key=lambda piece: len(said & set(content_terms(piece))), default="")


def _grouped(parts: Sequence[Part]) -> list[list[Part]]:
    """Parts that one quote can show, in the order in which they are first needed."""
    groups: list[list[Part]] = []
    for part in dict.fromkeys(parts):
        home = next((group for group in groups if _fits(group, part)), None)
        if home is None:
            groups.append([part])
        else:
            home.append(part)
    return groups


def _fits(group: Sequence[Part], part: Part) -> bool:
    if group[0].passage != part.passage:
        return False
    start, end = min(other.start for other in group), max(other.end for other in group)
    gap = max(part.start - end, start - part.end)
    return gap <= WIDEST_GAP and max(end, part.end) - min(start, part.start) <= LONGEST_QUOTE


def _citation(n: int, group: Sequence[Part], passage: Passage) -> Citation:
    chunk = passage.chunk
    start = max(min(part.start for part in group), chunk.start)
    end = min(max(part.end for part in group), chunk.end)
    before = chunk.text[: start - chunk.start]
    return Citation(
        n=n,
        document_id=passage.document_id,
        source=passage.source,
        path=passage.path,
        title=passage.title,
        section=passage.section,
        quote=chunk.text[start - chunk.start : end - chunk.start],
        start=start,
        end=end,
        audience_key=passage.audience_key,
        kind=passage.kind,
        line=chunk.line + before.count("\n") if passage.lines_are_the_files else None,
        page=chunk.page,
        url=_address(passage),
        updated_at=passage.updated_at,
        owner=passage.owner,
        status=passage.status,
        superseded_by=passage.superseded_by,
    )


def _address(passage: Passage) -> str | None:
    """The page's address, with the heading above the passage where the page has an id for it."""
    if passage.url is None or passage.anchor is None or "#" in passage.url:
        return passage.url
    return f"{passage.url}#{quote(passage.anchor, safe=_PLAIN_IN_FRAGMENTS)}"


def _opening(place: int, passage: Passage) -> Part:
    first = next(iter(spans(passage.chunk.text, passage.chunk.start)), None)
    if first is None:
        return Part(place, passage.chunk.start, min(passage.chunk.end, passage.chunk.start + LONGEST_QUOTE))
    return Part(place, first.start, min(first.end, first.start + LONGEST_QUOTE))
