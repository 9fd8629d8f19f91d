"""Turns a question into an Answer whose every sentence was checked, or into a NoAnswer that says why."""

import logging
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter

from knowledge.abstaining import ANSWERS_FROM, ASKS_THE_MODEL_FROM, Evidence
from knowledge.allowance import UNLIMITED, Allowance
from knowledge.attached import Attached, beside
from knowledge.citing import Claim, cite, nearest_citations
from knowledge.documents import Answer, NoAnswer, Outcome, Turn
from knowledge.errors import ChatModelError
from knowledge.extracting import extract, term_weights
from knowledge.finding import Found, find, timed
from knowledge.language import ENGLISH, Language, LanguageOf, untold
from knowledge.ports import ChatModel, Clock, Embedder, Index, Store
from knowledge.staleness import AGES, disagreements, notices
from knowledge.steps import Hear, Reading, Searching, ignore
from knowledge.terms import content_terms, without_unsafe_characters
from knowledge.writing import write

LONGEST_QUESTION = 4000
PASSAGES = 12
NEAREST = 3

log = logging.getLogger(__name__)


class Answerer:
    """Answers questions from what was published last.

    `index` gives the index to read, asked for once a question. With a `model`, it drafts and its sentences
    are checked; without one, or when it fails, the passages' own sentences are the answer. `ages` says after
    how many days a kind of document may be out of date. `language` is the one that most documents are in:
    a question that is in another one, as `language_of` tells, is translated by the model before the search.
    `hide` covers what nobody is to see, without changing the length of a text; neither the model nor a quote
    gets to see it.
    """

    def __init__(
        self,
        index: Callable[[], Index],
        store: Store,
        embedder: Embedder,
        clock: Clock,
        model: ChatModel | None = None,
        ages: Mapping[str, int | None] = AGES,
        language_of: LanguageOf = untold,
        language: Language = ENGLISH,
        hide: Callable[[str], str] = str,
    ) -> None:
        self._index = index
        self._store = store
        self._embedder = embedder
        self._clock = clock
        self._model = model
        self._ages = ages
        self._language_of = language_of
        self._language = language
        self._hide = hide

    def answer(
        self,
        question: str,
        audiences: frozenset[str],
        history: Sequence[Turn] = (),
        hear: Hear = ignore,
        use_model: bool = True,
        attached: Attached | None = None,
        allowance: Allowance = UNLIMITED,
    ) -> Outcome:
        """Answer from documents of these audiences only (keys, see `knowledge.audience`).

        `history` holds the earlier messages of the conversation, oldest first, without the question. `hear`
        is told of each step, each sentence included, in the caller's thread; what it raises ends the answer.
        Without `use_model` the answer is made of the sources' own sentences, and so it is when `allowance`
        refuses. `attached` files are read beside
        the index, for this question alone. Raises IndexDamaged, ModelError or StoreError.
        """
        question = without_unsafe_characters(question).strip()[:LONGEST_QUESTION]
        model = self._model if use_model else None
        index = self._index()
        found = find(
            index,
            self._store,
            self._embedder,
            question,
            audiences,
            PASSAGES,
            self._clock(),
            history,
            lambda text: self._in_own_language(text, model, allowance),
        )
        if attached is not None:
            found = beside(found, attached, index, self._embedder, PASSAGES)
        passages = tuple(passage.seen_through(self._hide) for passage in found.passages)
        evidence, searched = found.evidence, found.searched
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

        text = write(
            model if evidence.score >= ASKS_THE_MODEL_FROM else None,
            found.text,
            passages,
            found.history,
            extracted,
            hear,
            allowance,
            self._language_of,
        )
        claims = text.claims
        trace = timed(found.trace, "writing", writing)
        if not claims:
            nearest = nearest_citations(passages, NEAREST)
            reason = " ".join((_no_answer(evidence), *self._foreign(found.reworded)))
            return NoAnswer(
                question, reason, nearest, passages, searched, index.version, evidence.score, trace
            )
        sentences, citations = cite(claims, passages)
        warnings = (
            *text.notices,
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
            text.writer,
            warnings,
            evidence.score,
            trace,
        )

    def _in_own_language(self, question: str, model: ChatModel | None, allowance: Allowance) -> str:
        """The question in the language of the documents; as it is when nobody translates it."""
        if model is None or not self._foreign(question):
            return question
        try:
            translated = model.translated(question, self._language.name, allowance)
        except ChatModelError as error:
            log.warning("the question was not translated: %s", error)
            return question
        return without_unsafe_characters(translated).strip()[:LONGEST_QUESTION] or question

    def _foreign(self, question: str) -> tuple[str, ...]:
        """What to say of a question that is not in the language of the documents; mostly nothing."""
        if self._language_of(question) in ("", self._language.code):
            return ()
        return (f"I searched for it as it stands; most documents are in {self._language.name}.",)


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
