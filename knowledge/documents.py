"""The nouns: documents, chunks, passages, citations, answers and runs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from knowledge.audience import Audience


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """One value of a metric; `step` is None where the log gives only a final value."""

    step: float | None
    value: float


@dataclass(frozen=True, slots=True)
class Run:
    """One experiment run as its log tells it.

    `metrics` maps a name to its points in the order of the log; `direction` maps a metric to "min" or
    "max" where the log says which is better, or its usual name does; `links` are URLs or paths that the
    log names.
    """

    name: str
    params: Mapping[str, str | float | int | bool | None] = field(default_factory=dict)
    metrics: Mapping[str, Sequence[MetricPoint]] = field(default_factory=dict)
    direction: Mapping[str, str] = field(default_factory=dict)
    tags: Sequence[str] = ()
    notes: str = ""
    status: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    code_version: str | None = None
    links: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Redaction:
    """A secret that was taken out: what it was, and its line (from 1) in the document's text; never the
    secret itself."""

    kind: str
    line: int


@dataclass(frozen=True, slots=True)
class Document:
    """One page, log or guide.

    `text` is Markdown and everything that offsets refer to; for Markdown and plain-text files it is the
    file's own decoded text (line endings normalised, secrets redacted), so that its lines are the file's
    lines (`lines_are_the_files`). `body_start` is where the front matter ends. `pages` are the offsets at
    which each page of a paginated document starts, `anchors` those of headings that a link can lead to, each
    with the id that the link names. `digest` identifies what was read, before parsing.
    `redactions` counts the secrets that were taken out; `redacted` says where those of a document that was
    just read stood, and is not kept with it. `notes` tell an admin how it was read (an old encoding, hidden
    text taken out). Times have a zone.
    """

    source: str
    path: str
    title: str
    text: str
    audience: Audience
    digest: str
    kind: str = "wiki"
    body_start: int = 0
    pages: tuple[int, ...] = ()
    anchors: tuple[tuple[int, str], ...] = ()
    lines_are_the_files: bool = True
    url: str | None = None
    updated_at: datetime | None = None
    owner: str | None = None
    status: str | None = None
    superseded_by: str | None = None
    run: Run | None = None
    redactions: int = 0
    redacted: tuple[Redaction, ...] = field(default=(), compare=False)
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def id(self) -> str:
        """`source/path`: what names the document for ever."""
        return f"{self.source}/{self.path}"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a document small enough to embed: exactly `document.text[start:end]`.

    `section` is the heading path above it. `line` counts from 1. `page` counts from 1 where the document
    has pages.
    """

    ordinal: int
    text: str
    section: tuple[str, ...]
    start: int
    end: int
    line: int
    page: int | None = None

    def with_context(self, title: str) -> str:
        """The text as embedded and as indexed for words: title and section path, then the text."""
        path = " › ".join((title, *(part for part in self.section if part != title)))
        return f"{path}\n{self.text}" if path else self.text


@dataclass(frozen=True, slots=True)
class Scores:
    """Why a passage was found: each part as raw as its engine gives it, and `fused`, 0 to 1 in one query."""

    fused: float
    dense: float | None = None
    lexical: float | None = None
    document: float | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as found for one question, with what a citation needs to know of its document.

    `revision_id` names the revision of the document that the chunk was cut from; `anchor` is the id of the
    heading above it, where `url` can lead to that.
    """

    chunk_id: int
    revision_id: int
    chunk: Chunk
    document_id: str
    source: str
    path: str
    title: str
    kind: str
    audience_key: str
    scores: Scores
    url: str | None = None
    updated_at: datetime | None = None
    owner: str | None = None
    status: str | None = None
    superseded_by: str | None = None
    lines_are_the_files: bool = True
    anchor: str | None = None

    def seen_through(self, hide: Callable[[str], str]) -> "Passage":
        """The passage with what nobody is to see hidden; `hide` leaves the length of a text as it is."""
        text = hide(self.chunk.text)
        return self if text == self.chunk.text else replace(self, chunk=replace(self.chunk, text=text))

    @property
    def section(self) -> str:
        """The heading path below the title."""
        headings = self.chunk.section
        return " › ".join(headings[1:] if headings[:1] == (self.title,) else headings)


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered pointer to a passage.

    `quote` is the exact text `start:end` of the document that supports the sentence; `line` is the file's
    line of the quote, None where the document was converted from something without lines.
    """

    n: int
    document_id: str
    source: str
    path: str
    title: str
    section: str
    quote: str
    start: int
    end: int
    audience_key: str
    kind: str = "wiki"
    line: int | None = None
    page: int | None = None
    url: str | None = None
    updated_at: datetime | None = None
    owner: str | None = None
    status: str | None = None
    superseded_by: str | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer and the numbers of the citations that it rests on (at least one)."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message of a conversation; `by_lore` tells Lore's own from a person's."""

    text: str
    by_lore: bool = False


@dataclass(frozen=True, slots=True)
class Searched:
    """What was looked through: documents and chunks that the readers may read, by source name."""

    documents: int
    chunks: int
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """How an outcome came about.

    `asked` is the question without its filters and `searched_for` with what it carries over from the
    conversation; `filters` are those that held and `remarks` what could not be done, in plain words.
    `similarity` and `coverage` (see `knowledge.retrieval.Fit`) and `unknown`, what the question names and
    nothing found holds, make up the confidence; `threshold` is what an answer needs. `milliseconds` is by
    part.
    """

    asked: str = ""
    searched_for: str = ""
    filters: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    similarity: float = 0.0
    coverage: float = 0.0
    unknown: tuple[str, ...] = ()
    threshold: float = 0.0
    milliseconds: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """Sentences that rest on citations.

    `confidence` says how much speaks for there being an answer, as `knowledge.abstaining.Evidence` has it;
    `notices` are warnings in plain words (old, superseded, no model).
    """

    question: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    searched: Searched
    version: int
    writer: str
    notices: tuple[str, ...] = ()
    confidence: float = 0.0
    trace: Trace = field(default_factory=Trace)


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The honest other outcome: what was searched, and the nearest documents found."""

    question: str
    reason: str
    nearest: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    searched: Searched
    version: int
    confidence: float = 0.0
    trace: Trace = field(default_factory=Trace)


Outcome = Answer | NoAnswer
