"""The retrieval bench: golden questions asked of two versions, or in two ways, and compared one by one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from knowledge.adapters.generations import KEEP
from knowledge.adapters.published import RecordIndex
from knowledge.adapters.store import SqlStore
from knowledge.adapters.versions import kept_versions
from knowledge.errors import SettingsError
from knowledge.golden import PASSAGES, GoldenQuestion, GoldenScore, GoldenScores, score
from knowledge.ports import Embedder, Index
from knowledge.retrieval import AS_MEASURED, Fusing, Retriever


@dataclass(frozen=True, slots=True)
class Way:
    """How golden questions are asked: of which version (None: what is published), how lists are fused, and
    among how many passages what is expected must be."""

    version: int | None = None
    fusing: Fusing = AS_MEASURED
    passages: int = PASSAGES

    def in_words(self) -> str:
        """What differs from what Lore does by itself."""
        said = [f"version {self.version}"] if self.version is not None else []
        for one in fields(Fusing):
            value = getattr(self.fusing, one.name)
            said += [f"{one.name} {value:g}"] if value != getattr(AS_MEASURED, one.name) else []
        said += [f"{self.passages} passages"] if self.passages != PASSAGES else []
        return ", ".join(said) or "as published"


@dataclass(frozen=True, slots=True)
class Pair:
    """One question, asked in two ways."""

    before: GoldenScore
    after: GoldenScore

    @property
    def verdict(self) -> str:
        """`won`, `lost`, `better`, `worse` or `same`."""
        then, now = self.before.rank, self.after.rank
        if then == now:
            return "same"
        if then is None:
            return "won"
        if now is None:
            return "lost"
        return "better" if now < then else "worse"


@dataclass(frozen=True, slots=True)
class Comparison:
    """All questions, side by side."""

    first: Way
    second: Way
    before: GoldenScores
    after: GoldenScores

    @property
    def pairs(self) -> tuple[Pair, ...]:
        return tuple(map(Pair, self.before.scores, self.after.scores))

    def count(self, verdict: str) -> int:
        return sum(one.verdict == verdict for one in self.pairs)

    def as_json(self) -> dict[str, Any]:
        verdicts = ("won", "lost", "better", "worse", "same")
        return {
            "first": {"way": self.first.in_words(), **_totals(self.before)},
            "second": {"way": self.second.in_words(), **_totals(self.after)},
            **{verdict: self.count(verdict) for verdict in verdicts},
            "questions": [
                {
                    "question": one.before.question.question,
                    "expect": list(one.before.question.expect),
                    "rank_before": one.before.rank,
                    "rank_after": one.after.rank,
                    "verdict": one.verdict,
                    "found_before": list(one.before.found),
                    "found_after": list(one.after.found),
                }
                for one in self.pairs
            ],
        }


@dataclass(frozen=True, slots=True)
class Bench:
    """Asks golden questions; `current` gives the index that is published."""

    store: SqlStore
    current: Callable[[], Index]
    embedder: Embedder

    def ask(
        self,
        questions: Sequence[GoldenQuestion],
        way: Way,
        on_asked: Callable[[int], None] = lambda _done: None,
    ) -> GoldenScores:
        """Raises SettingsError for a version that is not kept, and otherwise as retrieval does."""
        index = self._index(way.version)
        retriever = Retriever(index, self.store, self.embedder, way.fusing)
        keys = self.store.audience_keys(index.version)
        return score(questions, retriever, keys, way.passages, on_asked)

    def compare(self, questions: Sequence[GoldenQuestion], first: Way, second: Way) -> Comparison:
        """Ask all questions in both ways; of two versions both are read from the record, so that the indexes
        do not differ in kind. Raises as `ask` does."""
        if first.version is not None or second.version is not None:
            published = self.store.published()
            first, second = (
                replace(one, version=published if one.version is None else one.version)
                for one in (first, second)
            )
        return Comparison(first, second, self.ask(questions, first), self.ask(questions, second))

    def newest_two(self) -> list[int]:
        """The version before the published one, and that one. Raises SettingsError where it is the first."""
        kept = kept_versions(self.store.database, 2)
        if len(kept) < 2:
            raise SettingsError("there is no version before the published one")
        return [kept[1], kept[0]]

    def _index(self, version: int | None) -> Index:
        if version is None:
            return self.current()
        kept = kept_versions(self.store.database, KEEP)
        if version not in kept:
            known = ", ".join(map(str, sorted(kept))) or "none"
            raise SettingsError(f"version {version} is not kept (kept are {known})")
        if self.store.embedder(version) != self.embedder.fingerprint:
            raise SettingsError(f"version {version} was made with another embedding model")
        return RecordIndex(self.store.database, version)


def fusing_from(settings: Sequence[str]) -> Fusing:
    """`NAME=NUMBER` of the settings of retrieval. Raises SettingsError."""
    kinds = {one.name: int if one.name.endswith("depth") else float for one in fields(Fusing)}
    found: dict[str, Any] = {}
    for setting in settings:
        name, _, value = setting.partition("=")
        if name not in kinds:
            raise SettingsError(f"{name!r} is no setting of retrieval: known are {', '.join(kinds)}")
        try:
            found[name] = kinds[name](value)
        except ValueError:
            raise SettingsError(f"{setting!r} must be {name}=NUMBER") from None
        if not 0 <= found[name] <= (1000 if kinds[name] is int else 100):
            raise SettingsError(f"{setting!r} is out of bounds")
    return replace(AS_MEASURED, **found)


def _totals(scores: GoldenScores) -> dict[str, Any]:
    return {
        "questions": len(scores.scores),
        "hits": scores.hits,
        "mean_reciprocal_rank": round(scores.mean_reciprocal_rank, 4),
    }
