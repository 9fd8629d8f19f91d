"""Whether a version may be published: golden questions are asked of it and of the published one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingest.report import Dropped, Held, OnProgress, Progress
from knowledge.adapters.store import SqlStore
from knowledge.golden import GoldenQuestion, GoldenScore, GoldenScores, dropped, score
from knowledge.ports import Embedder, Index
from knowledge.retrieval import Retriever

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class GoldenGate:
    """`questions` gives what admins have set up now; `embedder` is the one for questions."""

    questions: Callable[[], Sequence[GoldenQuestion]]
    embedder: Embedder

    def held(
        self, store: SqlStore, before: Callable[[], Index], after: Index, on_progress: OnProgress
    ) -> Held | None:
        """Why the version of `after` may not take the place of the published one; None when it may.

        Where the embedding model has changed there is nothing to compare with. Raises as retrieval does.
        """
        questions, published = self.questions(), store.published()
        if not questions or not published or store.embedder(published) != self.embedder.fingerprint:
            return None
        total = 2 * len(questions)

        def asked(index: Index, already: int) -> GoldenScores:
            retriever = Retriever(index, store, self.embedder)
            keys = store.audience_keys(index.version)
            return score(
                questions,
                retriever,
                keys,
                on_asked=lambda done: on_progress(Progress("check", already + done, total)),
            )

        lost = dropped(asked(before(), 0), asked(after, len(questions)))
        on_progress(Progress("check", total, total))
        return Held(len(questions), tuple(_told(*pair) for pair in lost)) if lost else None


def _told(before: GoldenScore, now: GoldenScore) -> Dropped:
    return Dropped(
        now.question.question,
        now.question.expect,
        before.rank or 0,
        before.found[:_SHOWN],
        now.found[:_SHOWN],
    )
