"""Turns a question into an Answer whose every sentence was checked, or into a NoAnswer that says why."""

import logging
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter

from knowledge.abstaining import ANSWERS_FROM, ASKS_THE_MODEL_FROM, Evidence
from knowledge.citing import Claim, cite, nearest_citations, supported_claims
from knowledge.documents import Answer, NoAnswer, Outcome, Passage, Turn
from knowledge.errors import ChatModelError
from knowledge.extracting import extract, term_weights
from knowledge.finding import Found, find, timed
from knowledge.ports import ChatModel, Clock, Embedder, Index, Store
from knowledge.staleness import AGES, disagreements, notices
from knowledge.steps import FellBack, Hear, Reading, Searching, Writing, Written, ignore
from knowledge.terms import content_terms, without_unsafe_characters

LONGEST_QUESTION = 4000
PASSAGES = 12
NEAREST = 3
EXTRACTIVE = "extractive"
MODEL_FAILED = "The language model is not available now: these are the sources' own sentences."
MODEL_UNSUPPORTED = "What the language model wrote is not in the sources: these are their own sentences."

log = logging.getLogger(__name__)


class Answerer:
    """Answers questions from what was published last.

    `index` gives the index to read, asked for once a question. With a `model`, it drafts and its sentences
    are checked; without one, or when it fails, the passages' own sentences are the answer. `ages` says after
    how many days a kind of document may be out of date.
    """

    def __init__(
        self,
        index: Callable[[], Index],
        store: Store,
        embedder: Embedder,
        clock: Clock,
        model: ChatModel | None = None,
        ages: Mapping[str, int | None] = AGES,
    ) -> None:
        self._index = index
        self._store = store
        self._embedder = embedder
        self._clock = clock
        self._model = model
        self._ages = ages

    def answer(
        self,
        question: str,
        audiences: frozenset[str],
        history: Sequence[Turn] = (),
        hear: Hear = ignore,
        use_model: bool = True,
    ) -> Outcome:
        """Answer from documents of these audiences only (keys, see `knowledge.audience`).

        `history` holds the earlier messages of the conversation, oldest first, without the question. `hear`
        is told of each step, each sentence included, in the caller's thread; what it raises ends the answer.
        Without `use_model` the answer is made of the sources' own sentences. Raises IndexDamaged, ModelError
        or StoreError.
        """
        question = without_unsafe_characters(question).strip()[:LONGEST_QUESTION]
        index = self._index()
        found = find(
            index, self._store, self._embedder, question, audiences, PASSAGES, self._clock(), history
        )
        passages, evidence, searched = found.passages, found.evidence, found.searched
        asked_for = found.trace.searched_for
        hear(Searching(searched.documents, searched.sources))
        if not passages:
            reason = _nothing_found(found)
            return NoAnswer(question, reason, (), (), searched, index.version, trace=found.trace)
        hear(Reading(len(passages), tuple(dict.fromkeys(passage.title for passage in passages))))
        writing = perf_counter()

        def extracted() -> tuple[Claim, ...]:
            if evidence.score < ANSWERS_FROM:
                return ()
            terms = content_terms(asked_for)
            weights = term_weights(terms, index.document_frequencies, searched.chunks)
            return extract(asked_for, passages, weights, self._embedder)

        model = self._model if use_model and evidence.score >= ASKS_THE_MODEL_FROM else None
        writer, claims, said = _write(model, found.text, passages, found.history, extracted, hear)
        trace = timed(found.trace, "writing", writing)
        if not claims:
            nearest = nearest_citations(passages, NEAREST)
            reason = _no_answer(evidence)
            return NoAnswer(
                question, reason, nearest, passages, searched, index.version, evidence.score, trace
            )
        sentences, citations = cite(claims, passages)
        warnings = (
            *said,
            *disagreements(asked_for, claims, passages),
            *notices(citations, self._clock(), self._ages),
        )
        return Answer(
            question,
            sentences,
            citations,
            passages,
            searched,
            index.version,
            writer,
            warnings,
            evidence.score,
            trace,
        )


def _write(
    model: ChatModel | None,
    question: str,
    passages: Sequence[Passage],
    history: Sequence[Turn],
    extracted: Callable[[], tuple[Claim, ...]],
    hear: Hear,
) -> tuple[str, tuple[Claim, ...], tuple[str, ...]]:
    """Who wrote, what was written and is supported, and what is to be said about the writing."""
    notices: tuple[str, ...] = ()
    if model is not None:
        hear(Writing(model.name))
        try:
            draft = model.draft(question, passages, history)
        except ChatModelError as error:
            log.warning("the chat model failed: %s", error)
            notices = (MODEL_FAILED,)
        else:
            claims = supported_claims(draft, passages)
            if claims or not draft.sentences:
                _tell(claims, passages, hear)
                return model.name, claims, ()
            log.warning("none of %d sentences of %s is supported", len(draft.sentences), model.name)
            notices = (MODEL_UNSUPPORTED,)
        hear(FellBack(notices[0]))
    hear(Writing(EXTRACTIVE))
    claims = extracted()
    _tell(claims, passages, hear)
    return EXTRACTIVE, claims, notices


def _tell(claims: Sequence[Claim], passages: Sequence[Passage], hear: Hear) -> None:
    sentences, citations = cite(claims, passages)
    for sentence in sentences:
        hear(Written(sentence, tuple(citations[n - 1] for n in sentence.citations)))


def _nothing_found(found: Found) -> str:
    if not found.text.strip():
        return "There was no question." if not found.trace.filters else "There was no question but filters."
    if found.trace.filters and not found.searched.documents:
        return f"There is nothing that I may use here {', '.join(found.trace.filters)}."
    if not found.searched.documents:
        return "There is nothing to search that everyone who would see the answer may read."
    return "Nothing that I may use here comes near the question."


def _no_answer(evidence: Evidence) -> str:
    if evidence.unknown:
        things = " or ".join(f"“{thing}”" for thing in evidence.unknown[:3])
        return f"Nothing that I found mentions {things}."
    return "Nothing that I found states the answer."
