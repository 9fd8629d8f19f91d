"""Writes an answer without a model: the sentences of the best passages that answer, as they stand.

Every candidate span is scored by the question's words that it holds (rare words weigh more), by the nearness
of its meaning to the question's, by whether it holds the kind of thing that is asked for, and by its passage.
Meaning is computed for the best few by words only: an embedding costs milliseconds, a word none.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge.citing import Claim, Part
from knowledge.documents import Passage
from knowledge.ports import Embedder, Vector
from knowledge.spans import Kind, Span, spans
from knowledge.terms import content_terms, number_values

PASSAGES = 8
EMBEDDED = 24
MOST_SENTENCES = 4
MOST_CHARACTERS = 600
LONGEST_SPAN = 500

# Found by measuring on questions with known answers; see docs/decisions/0051-extractive-answers.md.
MEANING, WORDS, KIND_ASKED, RANK = 1.0, 0.6, 0.12, 0.35
KEPT_BELOW_BEST = 0.80
REPEATED = 0.93

_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|long|big|large|often|old|fast|far|high|low|few|soon|deep|wide|small)\b|\bwhen\b"
    r"|\bby how\b|\bwh(?:at|ich) (?:\w+ ){0,3}?(?:number|percentage|rate|size|value|accuracy|loss|score|time"
    r"|year|date|day|limit|budget|count|epsilon|seed|rank|throughput|latency|factor|ratio|version)s?\b",
    re.IGNORECASE,
)
_ASKS_REASON = re.compile(r"\bwhy\b|\bwhat (?:caused|triggers|is the reason)\b|\breasons?\b", re.IGNORECASE)
_REASON = re.compile(
    r"\b(?:because|since|due to|so that|therefore|thus|hence|otherwise|as a result|in order to|caused?|reason"
    r"|leads? to|results? in)\b",
    re.IGNORECASE,
)
_ASKS_MEANS = re.compile(r"\bhow (?:do|does|did|can|could|should|to|would)\b|\bsteps?\b", re.IGNORECASE)
_MEANS = re.compile(r"\b(?:use|by \w+ing|run|set|click|add|call|create|you can|should)\b|`", re.IGNORECASE)
_ASKS_WHETHER = re.compile(
    r"^\W*(?:is|are|was|were|do|does|did|can|could|should|must|may|will|has|have|need)\b", re.IGNORECASE
)
_ADVICE = re.compile(
    r"\b(?:should|must|need|not|never|always|avoid|don['’]t|only|recommend\w*|ok|allowed)\b", re.I
)
_ASKS_FOR_SEVERAL = re.compile(
    r"\b(?:kinds|types|categories|reasons|steps|ways|options|examples|differences?|compare|list|factors"
    r"|(?:which|what|what are) (?:\w+ )?\w{3,}s\b)"
    r"|\band (?:how|what|why|when|where|which|who|did|does|is|are|was|were)\b",
    re.IGNORECASE,
)
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
    words: float
    score: float


@dataclass(frozen=True, slots=True)
class Extract:
    """What was chosen, in reading order, and how good the best of it is (`best`, and its meaning alone)."""

    claims: tuple[Claim, ...]
    best: float
    meaning: float
    words: float


def extract(
    question: str, passages: Sequence[Passage], weights: Mapping[str, float], embedder: Embedder
) -> Extract:
    """The answer's sentences from these passages (best first); `weights` says what each asked term is worth.

    `embedder` is the one that the index was made with.
    """
    candidates = _by_words(question, passages[:PASSAGES], weights)
    if not candidates:
        return Extract((), 0.0, 0.0, 0.0)
    near = sorted(candidates, key=lambda candidate: -candidate.score)[:EMBEDDED]
    texts = [embedded_text(passages[candidate.passage], candidate.span) for candidate in near]
    vectors = embedder.embed([question, *texts])
    meaning = vectors[1:] @ vectors[0]
    scored = [
        replace(candidate, score=candidate.score + MEANING * float(similarity))
        for candidate, similarity in zip(near, meaning, strict=True)
    ]
    chosen = choose(scored, passages, vectors[1:], asks_for_several(question))
    return Extract(
        claims=tuple(_claim(candidate, passages) for candidate in chosen),
        best=max(candidate.score for candidate in scored),
        meaning=float(meaning.max()),
        words=max(candidate.words for candidate in scored),
    )


def embedded_text(passage: Passage, span: Span) -> str:
    """What of a span is compared with the question: its words under its heading and its lead-in."""
    section = passage.chunk.section[-1] if passage.chunk.section else passage.title
    lead = f"{span.lead.text} " if span.lead and span.kind is not Kind.ROW else ""
    return f"{section}: {lead}{span.text}"[:1200]


def asks_for_several(question: str) -> bool:
    """Whether one sentence is unlikely to be enough: lists, comparisons, two questions in one."""
    return _ASKS_FOR_SEVERAL.search(question) is not None


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
        for span in spans(passage.chunk.text, passage.chunk.start):
            key = span.text.casefold()
            if key in seen or not _says_something(span):
                continue
            seen.add(key)
            own = set(content_terms(span.text))
            lead = set(content_terms(span.lead.text)) if span.lead else set()
            held = sum(
                worth[term] * (1.0 if term in own else 0.8 if term in lead else 0.5)
                for term in asked
                if term in own or term in lead or term in around
            )
            words = held / total
            score = WORDS * words + KIND_ASKED * kind_fits(question, span) + RANK * passage.scores.fused / top
            found.append(Candidate(span, place, words, score))
    return found


def _says_something(span: Span) -> bool:
    if span.kind is Kind.CODE:
        return len(span.text) <= LONGEST_SPAN
    if span.text.endswith((":", "?")) or len(span.text) > 2 * LONGEST_SPAN:
        return False
    return len(re.findall(r"\w+", span.text)) >= (2 if span.kind in (Kind.ROW, Kind.ITEM) else 4)


def kind_fits(question: str, span: Span) -> float:
    """1 where the span holds the kind of thing asked for, -1 where it does not, 0 where we can't tell."""
    if _ASKS_NUMBER.search(question):
        asked = number_values(question)
        return 1.0 if number_values(span.text) - asked else -1.0
    if _ASKS_REASON.search(question):
        return 1.0 if _REASON.search(span.text) else 0.0
    if _ASKS_WHETHER.search(question):
        return 0.5 if _ADVICE.search(span.text) else 0.0
    if _ASKS_MEANS.search(question):
        return 0.5 if span.kind is Kind.CODE or _MEANS.search(span.text) else 0.0
    return 0.0


def choose(
    scored: Sequence[Candidate], passages: Sequence[Passage], vectors: Vector, several: bool
) -> list[Candidate]:
    """The best span and those nearly as good that say something else, in reading order."""
    order = sorted(range(len(scored)), key=lambda n: -scored[n].score)
    best = scored[order[0]]
    limit = best.score * (KEPT_BELOW_BEST - (0.08 if several else 0.0))
    chosen: list[int] = []
    length = 0
    for n in order:
        if scored[n].score < limit or len(chosen) == MOST_SENTENCES:
            break
        size = len(scored[n].span.text)
        if chosen and (length + size > MOST_CHARACTERS or _repeats(n, chosen, scored, vectors)):
            continue
        chosen.append(n)
        length += size
    kept = [scored[n] for n in chosen]
    kept.extend(_needed_before(kept, passages, length))
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


def _place(candidate: Candidate, kept: Sequence[Candidate], passages: Sequence[Passage]) -> tuple[int, int]:
    """Documents in the order of their best passage; within a document, as one reads it."""
    document = passages[candidate.passage].document_id
    first = min(other.passage for other in kept if passages[other.passage].document_id == document)
    return first, candidate.span.start


def _claim(candidate: Candidate, passages: Sequence[Passage]) -> Claim:
    span = candidate.span
    passage = candidate.passage
    parts = [Part(passage, span.start, span.end)]
    text = span.text
    if span.lead and span.kind in (Kind.ITEM, Kind.CODE):
        joint = "\n" if span.kind is Kind.CODE else " "
        text = f"{span.lead.text}{joint}{text}"
    if span.lead:
        parts.insert(0, Part(passage, span.lead.start, span.lead.end))
    source = passages[passage]
    if source.kind == "run" and source.title.casefold() not in text.casefold():
        text = f"{source.title}: {text}"
    return Claim(text, tuple(parts))
