"""Makes passages for tests from the little that a test cares about."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from knowledge.analysis import analysed
from knowledge.documents import Chunk, Passage, Scores, Searched
from knowledge.filtering import Catalogue, Entry, Phrase
from knowledge.ports import Embedder, Hit, Vector


def passage(
    text: str,
    *,
    title: str = "Page",
    section: tuple[str, ...] = (),
    document: str = "wiki/page.md",
    start: int = 0,
    line: int = 1,
    number: int = 1,
    kind: str = "wiki",
    audience_key: str = "everyone",
    scores: Scores | None = None,
    updated_at: datetime | None = None,
    status: str | None = None,
    superseded_by: str | None = None,
    lines_are_the_files: bool = True,
    url: str | None = None,
    anchor: str | None = None,
) -> Passage:
    """A passage of `text`; `document` is `source/path`."""
    source, _, path = document.partition("/")
    return Passage(
        chunk_id=number,
        revision_id=number,
        chunk=Chunk(0, text, section, start, start + len(text), line),
        document_id=document,
        source=source,
        path=path,
        title=title,
        kind=kind,
        audience_key=audience_key,
        scores=scores or Scores(fused=1.0, dense=0.7),
        updated_at=updated_at,
        status=status,
        superseded_by=superseded_by,
        lines_are_the_files=lines_are_the_files,
        url=url,
        anchor=anchor,
    )


class Shelf:
    """An Index and a Store over a handful of passages: exact vectors, words counted."""

    version = 7

    def __init__(self, passages: Sequence[Passage], embedder: Embedder) -> None:
        self._kept = {n: replace(each, chunk_id=n, revision_id=n) for n, each in enumerate(passages, start=1)}
        texts = [each.chunk.with_context(each.title) for each in self._kept.values()]
        self._vectors = embedder.embed(texts)
        self._terms = {n: Counter(analysed(text)) for n, text in zip(self._kept, texts, strict=True)}
        self.gone: set[str] = set()

    def dense(
        self, vector: Vector, audiences: frozenset[str], k: int, within: frozenset[int] | None = None
    ) -> list[Hit]:
        scores = zip(self._kept, (self._vectors @ vector).tolist(), strict=True)
        return self._best(scores, audiences, k, within)

    def lexical(
        self, query: str, audiences: frozenset[str], k: int, within: frozenset[int] | None = None
    ) -> list[Hit]:
        wanted = set(analysed(query))
        scores = ((n, float(len(wanted & set(terms)))) for n, terms in self._terms.items())
        return self._best(((n, score) for n, score in scores if score), audiences, k, within)

    def documents(
        self, query: str, audiences: frozenset[str], k: int, within: frozenset[int] | None = None
    ) -> list[Hit]:
        return self.lexical(query, audiences, k, within)

    def document_frequencies(self, terms: Iterable[str]) -> Mapping[str, int]:
        return {term: sum(term in held for held in self._terms.values()) for term in terms}

    def published(self) -> int:
        return self.version

    def audience_keys(self, version: int) -> frozenset[str]:
        return frozenset(each.audience_key for each in self._kept.values())

    def passages(self, chunk_ids: Sequence[int]) -> dict[int, Passage]:
        return {n: self._kept[n] for n in chunk_ids if n in self._kept}

    def siblings(self, revision_id: int) -> list[Passage]:
        return [each for each in self._kept.values() if each.revision_id == revision_id]

    def searched(self, version: int, audiences: frozenset[str]) -> Searched:
        seen = [each for each in self._kept.values() if each.audience_key in audiences]
        return Searched(
            len({each.document_id for each in seen}), len(seen), tuple(sorted({each.source for each in seen}))
        )

    def catalogue(self, version: int, audiences: frozenset[str]) -> Catalogue:
        return Catalogue.of(
            Entry(n, one.source, one.path, one.title, one.kind, one.owner, one.updated_at, 1)
            for n, one in self._kept.items()
            if one.audience_key in audiences
        )

    def chunk_ids(self, revision_ids: Sequence[int]) -> frozenset[int]:
        return frozenset(n for n in revision_ids if n in self._kept)

    def chunk_ids_saying(self, revision_ids: Sequence[int], phrases: Sequence[Phrase]) -> dict[int, int]:
        texts = {n: f"{self._kept[n].title}\n{self._kept[n].chunk.text}" for n in revision_ids}
        return {
            n: n
            for n, text in texts.items()
            if all((phrase.pattern().search(text) is None) == phrase.negated for phrase in phrases)
        }

    def current_audience(self, document_id: str) -> str | None:
        if document_id in self.gone:
            return None
        return next(
            (each.audience_key for each in self._kept.values() if each.document_id == document_id), None
        )

    def _best(
        self,
        scores: Iterable[tuple[int, float]],
        audiences: frozenset[str],
        k: int,
        within: frozenset[int] | None,
    ) -> list[Hit]:
        allowed = [
            Hit(n, score)
            for n, score in scores
            if self._kept[n].audience_key in audiences and (within is None or n in within)
        ]
        return sorted(allowed, key=lambda hit: (-hit.score, hit.id))[:k]
