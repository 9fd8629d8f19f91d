"""Measures the code that answers on a folder of questions: synced, searched and answered as ever, in a
temporary data folder."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bot.settings import Settings
from bot.wiring import Knowledge, open_knowledge
from ingest.gathering import Read
from ingest.report import OnProgress, Progress, SyncReport
from ingest.sources import Item, Reading, Source
from ingest.sync import no_progress
from knowledge.adapters.eval_set import SOURCE, EvalQuestion, EvalSet, read_eval_set
from knowledge.audience import EVERYONE
from knowledge.documents import Answer, Citation, Document, Outcome, Passage
from knowledge.evaluation import (
    ExcerptScores,
    Range,
    auroc,
    excerpt_scores,
    holds_every,
    mean,
    ndcg,
    overlap,
    percentile,
    recall,
    reciprocal_rank,
)
from knowledge.ports import Embedder

RANKED = 100
BEST_CHUNKS = 5
EVERYONE_READS = frozenset({EVERYONE.key})
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and what came of it: passages as ranked, and the outcome; `ms` is the time to find."""

    question: EvalQuestion
    passages: Sequence[Passage]
    ms: float
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class EvalReport:
    """Figures over one folder. A document is ranked by its best chunk; a figure that the folder cannot give
    is None.

    `ndcg@10`, `recall@5`, `recall@10`, `mrr@10`: over the questions that have right documents. `auroc`: the
    chance that an answerable question's confidence is above an unanswerable one's. `index_s`: the whole
    sync, in seconds. `query_ms_p50`, `query_ms_p95`: from a question to ranked passages.

    `excerpt_recall@5`, `excerpt_precision@5`, `excerpt_iou@5`: characters of the best five chunks against
    those of the excerpts. `evidence_in_context`: the share of answerable questions all of whose excerpts lie
    in the passages handed to the writer. `answer_hit`: the share of answerable questions one of whose
    answers or excerpts stands in the answer's text. `citation_precision`: the share of citations in answers
    to answerable questions whose quote overlaps an excerpt, or, where a question has none, lies in a right
    document. `answered`, `wrongly_answered`: the share of answerable and of unanswerable questions that got
    an answer.
    """

    asked: Sequence[Asked]
    documents: int
    chunks: int
    index_s: float

    def as_json(self) -> dict[str, float | int | None]:
        """The figures by the names above; those about excerpts and answers where the folder has any."""
        figures = self._ranking()
        if any(one.question.excerpts or one.question.answers for one in self.asked):
            figures |= self._excerpts() | self._answers()
        return figures

    def _ranking(self) -> dict[str, float | int | None]:
        judged = [(_documents(one.passages), one.question.gains) for one in self.asked if one.question.gains]
        times = [one.ms for one in self.asked]
        return {
            "ndcg@10": mean([ndcg(ranked, gains, 10) for ranked, gains in judged]),
            "recall@5": mean([recall(ranked, gains, 5) for ranked, gains in judged]),
            "recall@10": mean([recall(ranked, gains, 10) for ranked, gains in judged]),
            "mrr@10": mean([reciprocal_rank(ranked, gains, 10) for ranked, gains in judged]),
            "auroc": auroc(
                [one.outcome.confidence for one in self.asked if one.question.answerable],
                [one.outcome.confidence for one in self.asked if not one.question.answerable],
            ),
            "queries": len(self.asked),
            "documents": self.documents,
            "chunks": self.chunks,
            "index_s": self.index_s,
            "query_ms_p50": percentile(times, 0.5),
            "query_ms_p95": percentile(times, 0.95),
        }

    def _excerpts(self) -> dict[str, float | int | None]:
        marked = [one for one in self._answerable() if one.question.excerpts]
        scores = [_excerpt_scores(one) for one in marked]
        return {
            "excerpt_recall@5": mean([score.recall for score in scores]),
            "excerpt_precision@5": mean([score.precision for score in scores]),
            "excerpt_iou@5": mean([score.iou for score in scores]),
            "evidence_in_context": mean(
                [holds_every(_ranges(one.outcome.passages), _excerpts(one.question)) for one in marked]
            ),
        }

    def _answers(self) -> dict[str, float | int | None]:
        answerable = self._answerable()
        others = [one for one in self.asked if not one.question.answerable]
        known = [one for one in answerable if one.question.answers or one.question.excerpts]
        cited = [(one.question, citation) for one in answerable for citation in _citations(one.outcome)]
        return {
            "answer_hit": mean([_hits(one) for one in known]),
            "citation_precision": mean([is_right(citation, question) for question, citation in cited]),
            "answered": mean([isinstance(one.outcome, Answer) for one in answerable]),
            "wrongly_answered": mean([isinstance(one.outcome, Answer) for one in others]),
        }

    def _answerable(self) -> list[Asked]:
        return [one for one in self.asked if one.question.answerable]


def evaluate(
    folder: Path, embedder: Embedder | None = None, on_progress: OnProgress = no_progress
) -> EvalReport:
    """Sync the folder's documents, ask its questions, and report.

    Raises SettingsError when the folder is not an evaluation set, and what a sync raises.
    """
    given = read_eval_set(folder)
    with synced(given, embedder, on_progress) as (knowledge, report):
        searched = knowledge.store.searched(report.version, EVERYONE_READS)
        asked = list(_asked(knowledge, given, on_progress))
        return EvalReport(asked, searched.documents, searched.chunks, report.seconds)


@contextmanager
def synced(
    given: EvalSet, embedder: Embedder | None = None, on_progress: OnProgress = no_progress
) -> Iterator[tuple[Knowledge, SyncReport]]:
    """The documents of a set in a temporary data folder, synced as sources are, ready to be asked."""
    with TemporaryDirectory(prefix="lore-eval-") as data:
        knowledge = open_knowledge(_settings(Path(data)), embedder)
        try:
            source = Source(SOURCE, "folder", Path(data), EVERYONE, document_kind="wiki")
            syncer = replace(knowledge.syncer, read=_reader(given), built_in=())
            report = syncer.sync([source], on_progress=on_progress)
            knowledge.warm_up()
            yield knowledge, report
        finally:
            knowledge.close()


def _settings(data: Path) -> Settings:
    return Settings(
        config=data / "lore.toml", data_dir=data, sources=(), slack_api_url="", tokens=None, chat_model=None
    )


def _reader(given: EvalSet) -> Read:
    def read(_: Source, _reading: Reading) -> Iterator[Item]:
        for document in given.documents:
            yield Item(document.path, document.digest, _loading(document))

    return read


def _loading(document: Document) -> Callable[[], Document]:
    return lambda: document


def _asked(knowledge: Knowledge, given: EvalSet, on_progress: OnProgress) -> Iterator[Asked]:
    for done, question in enumerate(given.questions):
        on_progress(Progress("ask", done, len(given.questions)))
        started = perf_counter()
        found = knowledge.retriever().retrieve(question.text, EVERYONE_READS, RANKED)
        ms = (perf_counter() - started) * 1000
        outcome = knowledge.answerer.answer(question.text, EVERYONE_READS)
        yield Asked(question, found.passages, ms, outcome)


def _documents(passages: Sequence[Passage]) -> list[str]:
    return list(dict.fromkeys(passage.path for passage in passages))


def _ranges(passages: Sequence[Passage]) -> list[Range]:
    return [Range(passage.path, passage.chunk.start, passage.chunk.end) for passage in passages]


def _excerpts(question: EvalQuestion) -> list[Range]:
    return [where for where, _ in question.excerpts]


def _excerpt_scores(one: Asked) -> ExcerptScores:
    return excerpt_scores(_ranges(one.passages[:BEST_CHUNKS]), _excerpts(one.question))


def _citations(outcome: Outcome) -> Sequence[Citation]:
    return outcome.citations if isinstance(outcome, Answer) else ()


def _hits(one: Asked) -> bool:
    if not isinstance(one.outcome, Answer):
        return False
    said = _plain(" ".join(sentence.text for sentence in one.outcome.sentences))
    wanted = (*one.question.answers, *(text for _, text in one.question.excerpts))
    return any(_plain(text) in said for text in wanted if text.strip())


def _plain(text: str) -> str:
    return _SPACE.sub(" ", text).strip().strip(".").casefold()


def is_right(citation: Citation, question: EvalQuestion) -> bool:
    """Whether a citation overlaps one of the excerpts, or lies in a right document where there are none."""
    if not question.excerpts:
        return question.gains.get(citation.path, 0.0) > 0
    return overlap([Range(citation.path, citation.start, citation.end)], _excerpts(question)) > 0
