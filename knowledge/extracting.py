"""Writes an answer without a model: the sentences of the best passages that answer, as they stand.

Every candidate span is scored by the question's words that it holds (rare words weigh more), by the nearness
of its meaning to the question's, by whether it holds the kind of thing that is asked for, and by its passage.
Meaning is computed for the best few by words only: an embedding costs milliseconds, a word none.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge.asking import (
    asks_for_means,
    asks_for_reason,
    asks_for_several,
    asks_for_steps,
    gives_reason,
    kind_fits,
)
from knowledge.citing import Claim, Part
from knowledge.documents import Passage
from knowledge.ports import Embedder, Vector
from knowledge.spans import Kind, Span, spans
from knowledge.staleness import contradict
from knowledge.terms import content_terms, number_values

PASSAGES = 12
EMBEDDED = 24
MOST_SENTENCES = 4
MOST_CHARACTERS = 600
LONGEST_SPAN = 500
LONGEST_LIST = 900

# Found by measuring on questions with known answers; see docs/decisions/0051-answers-without-a-model.md.
MEANING, WORDS, KIND_ASKED, RANK = 1.0, 0.6, 0.12, 0.6
KEPT_OF_BEST = 0.90
KEPT_OF_BEST_OF_SEVERAL = 0.87
STEP_ASKED = 0.12
UNASKED_CODE = 0.15
REPEATED = 0.93

_ANAPHORIC = re.compile(
    r"^\W*(?:this|that|these|those|it|they|he|she|such|both|however|instead|therefore|otherwise|also|then|so|but"
    r"|and|as a result|in this case|for example|for instance|the (?:former|latter|above))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One span of one passage with its score; `passage` is the passage's place in the list given."""

    span: Span
    passage: int
    score: float


def extract(
    question: str, passages: Sequence[Passage], weights: Mapping[str, float], embedder: Embedder
) -> tuple[Claim, ...]:
    """The answer's sentences from these passages (best first); `weights` says what each asked term is worth.

    `embedder` is the one that the index was made with.
    """
    candidates = _by_words(question, passages[:PASSAGES], weights)
    if not candidates:
        return ()
    near = sorted(candidates, key=lambda candidate: -candidate.score)[:EMBEDDED]
    texts = [embedded_text(passages[candidate.passage], candidate.span) for candidate in near]
    vectors = embedder.embed([question, *texts])
    meaning = vectors[1:] @ vectors[0]
    scored = [
        replace(candidate, score=candidate.score + MEANING * float(similarity))
        for candidate, similarity in zip(near, meaning, strict=True)
    ]
    chosen = choose(question, scored, passages, vectors[1:])
    return _claims(chosen, passages)


def embedded_text(passage: Passage, span: Span) -> str:
    """What of a span is compared with the question: its words under its heading and its lead-in."""
    section = passage.chunk.section[-1] if passage.chunk.section else passage.title
    lead = f"{span.lead.text} " if span.lead and span.kind is not Kind.ROW else ""
    return f"{section}: {lead}{span.text}"[:1200]


def term_weights(
    terms: Sequence[str], frequencies: Callable[[Sequence[str]], Mapping[str, int]], chunks: int
) -> dict[str, float]:
    """The worth of each term by how few of the chunks hold it (idf)."""
    held = frequencies(terms)
    return {term: math.log(1 + (chunks + 0.5) / (held.get(term, 0) + 0.5)) for term in terms}


def _by_words(question: str, passages: Sequence[Passage], weights: Mapping[str, float]) -> list[Candidate]:
    asked = list(dict.fromkeys(content_terms(question)))
    worth = {term: weights.get(term, 1.0) for term in asked}
    total = sum(worth.values()) or 1.0
    top = max((passage.scores.fused for passage in passages), default=1.0) or 1.0
    seen: set[str] = set()
    found = []
    for place, passage in enumerate(passages):
        around = set(content_terms(f"{passage.title} {passage.section}"))
        cut = spans(passage.chunk.text, passage.chunk.start)
        leads = {span.lead for span in cut}
        for span in cut:
            key = span.text.casefold()
            if key in seen or not _says_something(span) or (span.text.endswith(":") and span not in leads):
                continue
            seen.add(key)
            own = set(content_terms(span.text))
            lead = set(content_terms(span.lead.text)) if span.lead else set()
            held = sum(
                worth[term] * (1.0 if term in own else 0.8 if term in lead else 0.5)
                for term in asked
                if term in own or term in lead or term in around
            )
            score = WORDS * held / total + KIND_ASKED * kind_fits(question, span.text)
            score += STEP_ASKED * (span.step and asks_for_steps(question))
            score += RANK * passage.scores.fused / top
            score -= UNASKED_CODE * (span.kind is Kind.CODE and not asks_for_means(question))
            found.append(Candidate(span, place, score))
    return found


def _says_something(span: Span) -> bool:
    if span.kind is Kind.CODE:
        return len(span.text) <= LONGEST_SPAN
    if span.text.endswith("?") or len(span.text) > 2 * LONGEST_SPAN:
        return False
    return len(re.findall(r"\w+", span.text)) >= (2 if span.kind in (Kind.ROW, Kind.ITEM) else 4)


def choose(
    question: str, scored: Sequence[Candidate], passages: Sequence[Passage], vectors: Vector
) -> list[Candidate]:
    """The best span and those nearly as good that say something else, in reading order."""
    order = sorted(range(len(scored)), key=lambda n: -scored[n].score)
    best = scored[order[0]]
    steps = asks_for_steps(question)
    several = asks_for_several(question) or (steps and best.span.step)
    limit = best.score * (KEPT_OF_BEST_OF_SEVERAL if several else KEPT_OF_BEST)
    chosen: list[int] = []
    length = 0
    for n in order:
        if chosen and (scored[n].score < limit or len(chosen) == MOST_SENTENCES):
            break
        size = len(scored[n].span.text)
        if chosen and (length + size > MOST_CHARACTERS or _repeats(n, chosen, scored, vectors)):
            continue
        chosen.append(n)
        length += size
    kept = [scored[n] for n in chosen]
    kept.extend(_otherwise(question, best, [scored[n] for n in order if n not in chosen], passages))
    kept.extend(_needed_before(kept, passages, length))
    if asks_for_reason(question):
        kept.extend(_reason_after(kept, passages, length))
    kept.extend(_introduced(kept, passages, length))
    if several or steps:
        kept.extend(_rest_of_list(kept, passages, length, several))
    return sorted(kept, key=lambda candidate: _place(candidate, kept, passages))


def _repeats(n: int, chosen: Sequence[int], scored: Sequence[Candidate], vectors: Vector) -> bool:
    """Whether a span says what a chosen one says; another number is another statement."""
    return any(
        float(vectors[n] @ vectors[other]) > REPEATED
        and number_values(scored[n].span.text) <= number_values(scored[other].span.text)
        for other in chosen
    )


def _needed_before(kept: Sequence[Candidate], passages: Sequence[Passage], length: int) -> list[Candidate]:
    """The sentence before each chosen one that points back ("This …"), while there is room."""
    taken = {(candidate.passage, candidate.span.start) for candidate in kept}
    added = []
    for candidate in kept:
        if candidate.span.kind is not Kind.PROSE or not _ANAPHORIC.match(candidate.span.text):
            continue
        passage = passages[candidate.passage]
        before = [
            span
            for span in spans(passage.chunk.text, passage.chunk.start)
            if span.end <= candidate.span.start and span.kind is Kind.PROSE
        ]
        if not before or (candidate.passage, before[-1].start) in taken:
            continue
        if length + len(before[-1].text) > MOST_CHARACTERS + LONGEST_SPAN // 2:
            continue
        taken.add((candidate.passage, before[-1].start))
        length += len(before[-1].text)
        added.append(replace(candidate, span=before[-1]))
    return added


def _otherwise(
    question: str, best: Candidate, others: Sequence[Candidate], passages: Sequence[Passage]
) -> list[Candidate]:
    """The best span of another document that contradicts the best one, if there is any: readers see both."""
    document = passages[best.passage].document_id
    for other in others:
        elsewhere = passages[other.passage].document_id != document
        if elsewhere and contradict(question, best.span.text, other.span.text):
            return [other]
    return []


def _reason_after(kept: Sequence[Candidate], passages: Sequence[Passage], length: int) -> list[Candidate]:
    """The sentence after the best one, when a reason is asked for and the best one gives none."""
    best = max(kept, key=lambda candidate: candidate.score)
    if best.span.kind is not Kind.PROSE or gives_reason(best.span.text):
        return []
    passage = passages[best.passage]
    after = [span for span in spans(passage.chunk.text, passage.chunk.start) if span.start >= best.span.end]
    taken = {candidate.span.start for candidate in kept if candidate.passage == best.passage}
    if not after or after[0].start in taken or length + len(after[0].text) > MOST_CHARACTERS:
        return []
    return [replace(best, span=after[0])]


def _place(candidate: Candidate, kept: Sequence[Candidate], passages: Sequence[Passage]) -> tuple[int, int]:
    """Documents in the order of their best passage; within a document, as one reads it."""
    document = passages[candidate.passage].document_id
    first = min(other.passage for other in kept if passages[other.passage].document_id == document)
    return first, candidate.span.start


def _introduced(kept: Sequence[Candidate], passages: Sequence[Passage], length: int) -> list[Candidate]:
    """What the chosen sentences that end with a colon introduce, as much of it as there is room for."""
    taken = {(candidate.passage, candidate.span.start) for candidate in kept}
    added = []
    for candidate in kept:
        if not candidate.span.text.endswith(":"):
            continue
        passage = passages[candidate.passage]
        for span in spans(passage.chunk.text, passage.chunk.start):
            fits = length + len(span.text) <= LONGEST_LIST
            if span.lead == candidate.span and fits and (candidate.passage, span.start) not in taken:
                taken.add((candidate.passage, span.start))
                added.append(replace(candidate, span=span))
                length += len(span.text)
    return added


def _rest_of_list(
    kept: Sequence[Candidate], passages: Sequence[Passage], length: int, several: bool
) -> list[Candidate]:
    """The other items of the list that the best item stands in, or of those with chosen steps, if short."""
    best = max(kept, key=lambda candidate: candidate.score)
    anchors = [best] if several and best.span.kind is Kind.ITEM else []
    anchors += [candidate for candidate in kept if candidate.span.step]
    taken = {(candidate.passage, candidate.span.start) for candidate in kept}
    added = []
    for anchor in anchors:
        passage = passages[anchor.passage]
        items = _list_around(anchor.span, spans(passage.chunk.text, passage.chunk.start))
        rest = [span for span in items if (anchor.passage, span.start) not in taken]
        size = sum(len(span.text) for span in rest)
        if length + size > LONGEST_LIST:
            continue
        length += size
        taken |= {(anchor.passage, span.start) for span in rest}
        added += [replace(anchor, span=span) for span in rest]
    return added


def _list_around(item: Span, among: Sequence[Span]) -> list[Span]:
    """The unbroken run of items around this one; of steps the first to the last, with what is between."""
    if item.step:
        steps = [place for place, span in enumerate(among) if span.step]
        return list(among[steps[0] : steps[-1] + 1])
    place = next(n for n, span in enumerate(among) if span.start == item.start)
    first = last = place
    while first > 0 and among[first - 1].kind is Kind.ITEM and among[first - 1].lead == item.lead:
        first -= 1
    while last + 1 < len(among) and among[last + 1].kind is Kind.ITEM and among[last + 1].lead == item.lead:
        last += 1
    return list(among[first : last + 1])


def _claims(chosen: Sequence[Candidate], passages: Sequence[Passage]) -> tuple[Claim, ...]:
    claims = []
    said: Span | None = None
    for candidate in chosen:
        lead = candidate.span.lead
        claims.append(_claim(candidate, passages[candidate.passage], lead if lead != said else None))
        said = lead or candidate.span
    return tuple(claims)


def _claim(candidate: Candidate, passage: Passage, lead: Span | None) -> Claim:
    """The span as a sentence, after its lead-in where that was not just said."""
    span = candidate.span
    parts = [Part(candidate.passage, each.start, each.end) for each in (lead, span) if each]
    text = span.text
    if lead and span.kind is not Kind.ROW:
        text = f"{lead.text}{chr(10) if span.kind is Kind.CODE else ' '}{text}"
    if passage.kind == "run" and passage.title.casefold() not in text.casefold():
        text = f"{passage.title}: {text}"
    return Claim(text, tuple(parts))
