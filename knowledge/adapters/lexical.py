"""The lexical index: BM25 over chunks and over whole documents, in one Tantivy folder per generation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.adapters.filtered import grown
from knowledge.analysis import analysed, asked_terms
from knowledge.errors import IndexDamaged
from knowledge.ports import Hit

WRITER_BYTES = 32_000_000
# A pasted log of forty thousand characters asks with its rarest terms only.
LONGEST_QUERY = 48
# Above so many ids it is quicker to ask for more of the best, but for no more than so many; measured in
# docs/decisions/0095-filters-before-ranking.md.
LISTED_UP_TO = 10_000
MOST_ASKED = 6_400
# Title and section are one field: a word that stands in both is not worth more.
CHUNK_FIELDS: Mapping[str, float] = {"text": 1.0, "heading": 0.5}
DOCUMENT_FIELDS: Mapping[str, float] = {"text": 1.0, "heading": 0.5}


@dataclass(frozen=True, slots=True)
class LexicalChunk:
    """What the index reads of a chunk. `section` is the heading path as text."""

    id: int
    audience_key: str
    title: str
    section: str
    text: str


@dataclass(frozen=True, slots=True)
class LexicalDocument:
    """What the index reads of a document revision; `id` is the revision's."""

    id: int
    audience_key: str
    title: str
    text: str


class LexicalIndex:
    """One folder of terms, for reading by many threads and writing by one.

    Text is analysed here (`knowledge.analysis`), so that no question is ever read as query syntax. The folder
    can be copied while nobody writes. Methods raise IndexDamaged when the files are torn or missing.
    """

    def __init__(self, chunks: "_Part", documents: "_Part") -> None:
        self._chunks = chunks
        self._documents = documents

    @classmethod
    def create(cls, folder: Path) -> "LexicalIndex":
        """Make an empty index in `folder`, which is made too."""
        return cls(
            _Part.create(folder / "chunks", CHUNK_FIELDS), _Part.create(folder / "documents", DOCUMENT_FIELDS)
        )

    @classmethod
    def open(cls, folder: Path) -> "LexicalIndex":
        return cls(
            _Part.open(folder / "chunks", CHUNK_FIELDS), _Part.open(folder / "documents", DOCUMENT_FIELDS)
        )

    def write(
        self,
        add: Iterable[LexicalChunk] = (),
        add_documents: Iterable[LexicalDocument] = (),
        remove_chunks: Iterable[int] = (),
        remove_documents: Iterable[int] = (),
    ) -> None:
        """Remove, then add, then commit to disk. Adding an id that is there replaces it."""
        self._chunks.write(
            ((row.id, row.audience_key, (row.text, f"{row.title}\n{row.section}")) for row in add),
            remove_chunks,
        )
        self._documents.write(
            (
                (document.id, document.audience_key, (document.text, document.title))
                for document in add_documents
            ),
            remove_documents,
        )

    def lexical(
        self, query: str, audiences: frozenset[str], k: int, within: frozenset[int] | None = None
    ) -> list[Hit]:
        """The best `k` chunks of these audiences, best first; with `within`, of these chunks alone."""
        return self._chunks.search(query, audiences, k, within)

    def documents(
        self, query: str, audiences: frozenset[str], k: int, within: frozenset[int] | None = None
    ) -> list[Hit]:
        """The best `k` document revisions of these audiences, best first; with `within`, of these alone."""
        return self._documents.search(query, audiences, k, within)

    def document_frequencies(self, terms: Iterable[str]) -> Mapping[str, int]:
        """In how many chunks each analysed term occurs, in its text, title or section."""
        return {term: self._chunks.frequency(term) for term in terms}

    def chunk_count(self) -> int:
        return self._chunks.count()

    def document_count(self) -> int:
        return self._documents.count()

    def close(self) -> None:
        """Let go of the files; the index is not to be used afterwards."""
        self._chunks.close()
        self._documents.close()


class _Part:
    """One Tantivy index: an id, an audience, and fields of analysed terms."""

    def __init__(self, index: Any, fields: Mapping[str, float]) -> None:
        self._index = index
        self._schema = index.schema
        self._fields = fields
        self._searcher = index.searcher()

    @classmethod
    def create(cls, folder: Path, fields: Mapping[str, float]) -> "_Part":
        import tantivy

        folder.mkdir(parents=True)
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("id", indexed=True, fast=True)
        builder.add_text_field("audience", tokenizer_name="raw", index_option="basic")
        for name in fields:
            builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
        return cls(tantivy.Index(builder.build(), path=str(folder)), fields)

    @classmethod
    def open(cls, folder: Path, fields: Mapping[str, float]) -> "_Part":
        import tantivy

        try:
            return cls(tantivy.Index.open(str(folder)), fields)
        except (ValueError, OSError) as error:
            raise IndexDamaged(f"the lexical index in {folder} cannot be opened: {error}") from error

    def write(self, add: Iterable[tuple[int, str, tuple[str, ...]]], remove: Iterable[int]) -> None:
        import tantivy

        writer = self._index.writer(WRITER_BYTES, 1)
        was_empty = self.count() == 0

        def forget(number: int) -> None:
            # By query: deleting by term silently deletes nothing where the term is a number.
            writer.delete_documents_by_query(tantivy.Query.term_query(self._schema, "id", number))

        try:
            for number in remove:
                forget(number)
            for number, audience, texts in add:
                if not was_empty:
                    forget(number)
                row = tantivy.Document()
                row.add_unsigned("id", number)
                row.add_text("audience", audience)
                for name, text in zip(self._fields, texts, strict=True):
                    row.add_text(name, " ".join(analysed(text)))
                writer.add_document(row)
            writer.commit()
            writer.wait_merging_threads()
        except (ValueError, OSError) as error:
            raise IndexDamaged(f"the lexical index cannot be written: {error}") from error
        self._index.reload()
        self._searcher = self._index.searcher()

    def search(
        self, query: str, audiences: frozenset[str], k: int, within: frozenset[int] | None
    ) -> list[Hit]:
        terms = self._rarest(asked_terms(query))
        if not terms or not audiences or k < 1:
            return []
        if within is None:
            return self._best(terms, audiences, k, None)
        found = None
        if len(within) > LISTED_UP_TO:
            found = grown(lambda count: self._best(terms, audiences, count, None), within, k, MOST_ASKED)
        return self._best(terms, audiences, k, within) if found is None else found

    def _best(
        self, terms: list[str], audiences: frozenset[str], k: int, within: frozenset[int] | None
    ) -> list[Hit]:
        from tantivy import Occur, Query

        words = [
            (Occur.Should, Query.boost_query(Query.term_query(self._schema, name, term, "freq"), weight))
            for name, weight in self._fields.items()
            for term in terms
        ]
        readable = Query.term_set_query(self._schema, "audience", sorted(audiences))
        must = [Query.const_score_query(readable, 0.0), Query.boolean_query(words)]
        if within is not None:
            listed = Query.term_set_query(self._schema, "id", sorted(within))
            must.append(Query.const_score_query(listed, 0.0))
        asked = Query.boolean_query([(Occur.Must, one) for one in must])
        searcher = self._searcher
        try:
            found = searcher.search(asked, k, count=False).hits
            numbers = searcher.fast_field_values("id", [address for _, address in found])
        except (ValueError, OSError) as error:
            raise IndexDamaged(f"the lexical index cannot be read: {error}") from error
        hits = [Hit(int(number), float(score)) for number, (score, _) in zip(numbers, found, strict=True)]
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))

    def frequency(self, term: str) -> int:
        return max(int(self._searcher.doc_freq(name, term)) for name in self._fields)

    def count(self) -> int:
        return int(self._searcher.num_docs)

    def close(self) -> None:
        del self._searcher, self._schema, self._index

    def _rarest(self, terms: list[str]) -> list[str]:
        """The terms, at most LONGEST_QUERY of them: those that the index holds, the rarest first."""
        if len(terms) <= LONGEST_QUERY:
            return terms
        known = [(frequency, term) for term in terms if (frequency := self.frequency(term))]
        return [term for _, term in sorted(known)[:LONGEST_QUERY]]
