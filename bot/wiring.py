"""The only chooser of real things: read this file to see the whole of Lore."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from slack_sdk import WebClient

from bot.attachments import FileReading
from bot.built_in import BUILT_IN, NAMES, READERS
from bot.journal.migrate import migrate
from bot.learning.talk_hiding import StandingStore
from bot.settings import Settings, golden_now
from bot.source_kinds import KINDS
from bot.sources_now import why_broken
from bot.threads.kind import SLACK
from bot.threads.opening import thread_reader
from ingest.gathering import Read
from ingest.golden_gate import GoldenGate
from ingest.readers import read
from ingest.redaction import hide
from ingest.report import SyncReport
from ingest.sources import Listed, Reading, Source
from ingest.sync import Syncer
from knowledge.adapters.chroma import ChromaServer
from knowledge.adapters.database import Database, open_database
from knowledge.adapters.embedding import PACKAGED, SentenceTransformerEmbedder
from knowledge.adapters.generations import Generations
from knowledge.adapters.languages import language_of
from knowledge.adapters.late_model import LateChatModel
from knowledge.adapters.locks import held
from knowledge.adapters.server_generations import ServerGenerations
from knowledge.adapters.store import SqlStore
from knowledge.answering import Answerer
from knowledge.chunking import chunk
from knowledge.documents import Chunk, Document, Passage
from knowledge.errors import SettingsError, StoreError, Unreadable
from knowledge.narrowing import Narrowed, narrowed
from knowledge.ports import Clock, Embedder
from knowledge.retrieval import Retriever
from knowledge.staleness import AGES
from prompts.words import template

LONGEST_SYNC_S = 3600.0
if TYPE_CHECKING:
    from knowledge.adapters.chat_model import LangChainChatModel

MODELS_SHARE = 0.7
"""Of a question's time, for the chat model: when it says nothing, the extractive answer still is in time."""


def now() -> datetime:
    """The clock of everything that is not a test."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All that answers and syncs over one data folder; nothing heavy is loaded before it is first used."""

    settings: Settings
    database: Database
    store: SqlStore
    generations: Generations | ServerGenerations
    embedder: Embedder
    answerer: Answerer
    syncer: Syncer
    model: LateChatModel | None
    files: FileReading

    def index_saved(self, sources: Sequence[Source], wait_s: float = LONGEST_SYNC_S) -> SyncReport:
        """Bring what people gave in Slack into the index, nothing else; waits for a sync under way."""
        return self.syncer.sync(sources, only=frozenset(NAMES), allow_removals=True, wait_s=wait_s)

    def forget_slack(self, sources: Sequence[Source]) -> SyncReport:
        """Take out of the index what people wrote in Slack, and all of sources that are not listed."""
        stay = frozenset(source.name for source in sources if source.kind != SLACK.name)
        return self.syncer.forget(stay, "the app was uninstalled", wait_s=LONGEST_SYNC_S)

    def retriever(self) -> Retriever:
        """Over the index that is published now."""
        return Retriever(self.generations.current(), self.store, self.embedder)

    def search(self, query: str, audiences: frozenset[str], k: int) -> tuple[Narrowed, list[Passage]]:
        """How the query's filters were read, and the best `k` passages of these audiences within them."""
        index = self.generations.current()
        asked = narrowed(query, self.store, index.version, audiences, now())
        retriever = Retriever(index, self.store, self.embedder)
        found = retriever.retrieve(asked.text, audiences, k, within=asked.within).passages
        return asked, [passage.seen_through(hide) for passage in found]

    def warm_up(self) -> None:
        """Load the model and open the index, so that the first question does not wait for them."""
        self.embedder.embed(["warm"])
        self.generations.current()
        language_of("Which language is this sentence in?")
        if self.model is not None:
            self.model.warm_up()

    def close(self) -> None:
        self.generations.close()
        self.database.close()


def open_knowledge(
    settings: Settings,
    embedder: Embedder | None = None,
    clock: Clock = now,
    repair: bool = True,
    model_later: bool = False,
    slack: WebClient | None = None,
) -> Knowledge:
    """Open the data folder, making it when it is missing.

    With `repair`, a damaged index is rebuilt in the background; a command that ends at once does without.
    With `model_later`, the chat model is opened by `warm_up`, which raises what is wrong with it. Threads are
    read with `slack`, or with a client of its own.
    Raises StoreError when it cannot be used, ModelError and SettingsError for a model that cannot.
    """
    data = usable_folder(settings.data_dir)
    database = open_database(settings.database_url or data / "lore.db")
    migrate(database)
    store = StandingStore(database)
    documents, questions = _embedders(settings) if embedder is None else (embedder, embedder)
    generations: Generations | ServerGenerations = Generations(
        data, store, lambda: questions.fingerprint, repair
    )
    if settings.chroma_url:
        server = ChromaServer(settings.chroma_url)
        generations = ServerGenerations(data, store, lambda: questions.fingerprint, server, clock, repair)

    model = chat_model(settings)
    if model is not None and not model_later:
        model.warm_up()

    threads = thread_reader(settings, database, clock, slack)

    def cut(document: Document) -> Sequence[Chunk]:
        return chunk(document, documents.count_tokens, documents.window)

    return Knowledge(
        settings=settings,
        database=database,
        store=store,
        generations=generations,
        embedder=questions,
        answerer=Answerer(
            index=generations.current,
            store=store,
            embedder=questions,
            clock=clock,
            model=model,
            language_of=language_of,
            hide=lru_cache(maxsize=4096)(hide),
            ages={**AGES, **{kind: days or None for kind, days in (settings.stale_after_days or {}).items()}},
        ),
        syncer=Syncer(
            *(data, store, generations, documents, read_from(database, threads), cut, clock),
            built_in=BUILT_IN,
            remote=is_remote,
            retractable=lambda source: source.kind == SLACK.name,
            gate=GoldenGate(lambda: golden_now(settings), questions),
        ),
        model=model,
        files=FileReading(cut, documents),
    )


def is_remote(source: Source) -> bool:
    """Whether a source comes over a network; built-in ones are in the database."""
    return source.kind in KINDS and KINDS[source.kind].remote


def read_from(database: Database, threads: Read) -> Read:
    """What lists a source: for Slack itself `threads`, for what is built in the journal, else
    one of `ingest`."""

    def read_one(source: Source, reading: Reading) -> Iterable[Listed]:
        if (why := why_broken(source)) is not None:
            raise Unreadable(why)
        if source.kind == SLACK.name:
            return threads(source, reading)
        if source.kind in READERS:
            return READERS[source.kind](database)
        return read(source, reading)

    return read_one


def usable_folder(path: Path) -> Path:
    """The folder, made when it is missing and only for us to read. Raises StoreError."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreError(
            f"cannot make the data folder {path}: {error.strerror}; name another with LORE_DATA_DIR"
        ) from error
    if not _takes_a_file(path):
        raise StoreError(f"cannot write in the data folder {path}: name another with LORE_DATA_DIR")
    return path


def only_bot(settings: Settings) -> AbstractContextManager[None]:
    """The right to be the one bot on a data folder. Raises Busy, naming the other.

    Bots that share a database on a server share the work, so any number may be at it.
    """
    if settings.database_url:
        return nullcontext()
    return held(usable_folder(settings.data_dir) / "bot.lock", "run a bot")


def _takes_a_file(path: Path) -> bool:
    try:
        probe = path / ".writable"
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True


def _embedders(settings: Settings) -> tuple[Embedder, Embedder]:
    """One model, for documents and for questions."""
    name = settings.embedding_model
    model = SentenceTransformerEmbedder(name or PACKAGED, allow_download=name is not None)
    return model, model.for_questions()


def _for_the_model(name: str, folder: Path | None) -> str:
    """Our words, or those that a team has put in their place. Raises SettingsError."""
    if folder is None or not (folder / f"{name}.md").exists():
        return template(name)
    try:
        return (folder / f"{name}.md").read_text("utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{folder / name}.md cannot be read as UTF-8 text: {error}") from error


def chat_model(settings: Settings) -> LateChatModel | None:
    """The model that drafts answers, to be opened when it is wanted; None where none is set."""
    name = settings.chat_model
    if name is None:
        return None

    def begin() -> "LangChainChatModel":
        from knowledge.adapters.chat_model import Prompts
        from knowledge.adapters.providers import open_chat_model

        parts = ("answer", "translate_question", "summary", "recap")
        words = (_for_the_model(part, settings.prompts_dir) for part in parts)
        return open_chat_model(
            name,
            Prompts(*words),
            api_key=settings.chat_api_key,
            base_url=settings.chat_base_url,
            method=settings.chat_method,
            deadline_s=settings.deadline_s * MODELS_SHARE,
        )

    return LateChatModel(name, begin)
