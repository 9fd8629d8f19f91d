"""The only chooser of real things: read this file to see the whole of Lore."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.journal.migrate import migrate
from bot.settings import Settings
from ingest.readers import read
from ingest.sync import Syncer
from knowledge.adapters.database import Database, open_database
from knowledge.adapters.embedding import PACKAGED, SentenceTransformerEmbedder
from knowledge.adapters.generations import Generations
from knowledge.adapters.locks import held
from knowledge.adapters.store import SqlStore
from knowledge.answering import Answerer
from knowledge.chunking import chunk
from knowledge.documents import Chunk, Document
from knowledge.errors import StoreError
from knowledge.ports import ChatModel, Clock, Embedder
from knowledge.retrieval import Retriever
from knowledge.staleness import AGES
from prompts.words import template

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
    generations: Generations
    embedder: Embedder
    answerer: Answerer
    syncer: Syncer

    def retriever(self) -> Retriever:
        """Over the index that is published now."""
        return Retriever(self.generations.current(), self.store, self.embedder)

    def warm_up(self) -> None:
        """Load the model and open the index, so that the first question does not wait for them."""
        self.embedder.embed(["warm"])
        self.generations.current()

    def close(self) -> None:
        self.generations.close()
        self.database.close()


def open_knowledge(
    settings: Settings, embedder: Embedder | None = None, clock: Clock = now, repair: bool = True
) -> Knowledge:
    """Open the data folder, making it when it is missing.

    With `repair`, a damaged index is rebuilt in the background; a command that ends at once does without.
    Raises StoreError when it cannot be used, ModelError and SettingsError for a model that cannot.
    """
    data = usable_folder(settings.data_dir)
    database = open_database(data / "lore.db")
    migrate(database)
    store = SqlStore(database)
    documents, questions = _embedders(settings) if embedder is None else (embedder, embedder)
    generations = Generations(data, store, lambda: questions.fingerprint, repair)

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
            model=_chat_model(settings),
            ages={**AGES, **{kind: days or None for kind, days in (settings.stale_after_days or {}).items()}},
        ),
        syncer=Syncer(data, store, generations, documents, read, cut, clock),
    )


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
    """The right to be the one bot on a data folder. Raises Busy, naming the other."""
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


def _chat_model(settings: Settings) -> ChatModel | None:
    if settings.chat_model is None:
        return None
    from knowledge.adapters.chat_model import open_chat_model

    return open_chat_model(
        settings.chat_model,
        template("answer"),
        api_key=settings.chat_api_key,
        base_url=settings.chat_base_url,
        deadline_s=settings.deadline_s * MODELS_SHARE,
    )
