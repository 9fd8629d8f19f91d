"""`lore doctor`: looks at every part and says how to mend each that is not well."""

import os
import shutil
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.cli.findings import Finding, look
from bot.cli.mail_findings import mail_findings
from bot.cli.output import print_json
from bot.journal.migrate import migrate
from bot.quiet_settings import NOT_MEASURED
from bot.settings import Settings, load_settings
from bot.sources_now import SourcesNow, sources_now, why_broken
from ingest.parsing.process import why_no_wall
from ingest.sources import Source
from knowledge.adapters.database import open_database
from knowledge.documents import Chunk, Passage, Scores
from knowledge.errors import IndexDamaged, LoreError, SettingsError, StoreError

ROOM_MB = 500
CHROMA_PATIENCE_S = 5


def examine(*, as_json: bool) -> None:
    """Print every finding; exits 1 when a part is not well."""
    findings = list(_findings())
    if as_json:
        print_json(
            [{"part": one.part, "ok": one.well, "lacks": one.lacks, "said": one.said} for one in findings]
        )
    else:
        for one in findings:
            print(f"{one.mark}  {one.part}: {one.said}")
    if not all(one.well for one in findings):
        sys.exit(1)


def _findings() -> Iterator[Finding]:
    try:
        settings = load_settings()
    except LoreError as error:
        yield Finding("settings", False, str(error))
        return
    yield Finding("settings", True, str(settings.config))
    yield from _sources(settings)
    yield look("data folder", lambda: _data_folder(settings))
    yield look("database and index", lambda: _index(settings))
    if settings.chroma_url:
        yield look("Chroma server", lambda: _chroma(settings.chroma_url))
    yield look("embedding model", lambda: _embedding_model(settings))
    if settings.quiet_help.threshold is None:
        yield Finding("quiet help", True, NOT_MEASURED, lacks=True)
    yield look("chat model", lambda: _chat_model(settings))
    yield parsing_finding()
    yield from mail_findings(settings)
    if settings.tokens is None:
        yield Finding("Slack", True, "no tokens are set: `lore run` needs them, `lore workspace` does not")
        return
    from bot.cli.slack_findings import slack_findings

    yield from slack_findings(settings, settings.tokens)


def parsing_finding() -> Finding:
    """Whether the kernel keeps the process that parses files off the network."""
    if (why := why_no_wall()) is None:
        return Finding("parsing", True, "in a process that the kernel gives no network and no other program")
    said = (
        f"the kernel has no wall around the process that parses files ({why}), so only Python keeps it off "
        "the network: run Lore on Linux (x86-64, ARM64), or where little can be reached"
    )
    return Finding("parsing", True, said, lacks=True)


def _sources(settings: Settings) -> Iterator[Finding]:
    try:
        listed = _listed(settings)
    except (LoreError, SQLAlchemyError):
        listed = None  # what is wrong with the database is a finding of its own
    if not settings.sources and not (listed and listed.listed):
        yield Finding("sources", False, "lore.toml lists no [[sources]]: add one (see docs/sources.md)")
    for one in listed or settings.listed:
        yield look(f"source {one.name}", lambda one=one: _source(one.source))  # type: ignore[misc]
        if one.webhook is not None and not one.webhook.secret:
            said = f"{one.webhook.variable} is not set: nobody can use it until it is"
            yield Finding(f"webhook of {one.name}", True, said, lacks=True)


def _listed(settings: Settings) -> SourcesNow | None:
    """With those that were added; None while there is no database. Raises LoreError."""
    address = settings.database_url or settings.data_dir / "lore.db"
    if isinstance(address, Path) and not address.is_file():
        return None
    database = open_database(address)
    try:
        migrate(database)
        return sources_now(settings, database)
    finally:
        database.close()


def _source(source: Source) -> str:
    if (why := why_broken(source)) is not None:
        raise SettingsError(f"it was added and cannot be read as it is set up: {why}")
    if not source.path.parts:
        return f"a {source.kind}; `lore sources test {source.name!r}` tries it"
    if not source.path.is_dir():
        raise StoreError(f"{source.path} is not a folder: mend its path in lore.toml")
    try:
        entries = len(os.listdir(source.path))
    except OSError as error:
        raise StoreError(
            f"{source.path} cannot be read ({error.strerror}): let the user that runs Lore read it"
        ) from error
    if not entries:
        raise StoreError(f"{source.path} is empty: is it the right path, and mounted?")
    return str(source.path)


def _data_folder(settings: Settings) -> str:
    from bot.wiring import usable_folder

    room = shutil.disk_usage(usable_folder(settings.data_dir)).free // 1_000_000
    if room < ROOM_MB:
        raise StoreError(f"{settings.data_dir} has {room} MB left: make room, or name another LORE_DATA_DIR")
    return f"{settings.data_dir}, {room:,} MB left"


def _index(settings: Settings) -> str:
    from bot.wiring import open_knowledge

    # A wrong chat model is a finding of its own, not one of the index.
    knowledge = open_knowledge(replace(settings, chat_model=None), repair=False)
    try:
        version = knowledge.store.published()
        if version == 0:
            return "nothing is indexed yet, run `lore sync`"
        knowledge.generations.current()
        damage = knowledge.generations.damage
        if damage:
            raise IndexDamaged(f"{damage}; run `lore sync` to rebuild it, the record answers meanwhile")
        documents = sum(documents for documents, _ in knowledge.store.holdings(version).values())
        return f"version {version}, {documents} documents"
    finally:
        knowledge.close()


def _chroma(url: str) -> str:
    try:
        address = url.rstrip("/") + "/api/v2/heartbeat"
        with urllib.request.urlopen(address, timeout=CHROMA_PATIENCE_S) as reply:  # noqa: S310 - from settings
            reply.read(1_000)
    except (OSError, ValueError) as error:
        raise StoreError(f"CHROMA_URL does not answer ({error}): start it with `chroma run`") from error
    return "answers"


def _embedding_model(settings: Settings) -> str:
    from knowledge.adapters.embedding import PACKAGED, SentenceTransformerEmbedder

    model = SentenceTransformerEmbedder(settings.embedding_model or PACKAGED, allow_download=True)
    model.embed(["doctor"])
    return f"{model.fingerprint}, licence {model.licence}"


def _chat_model(settings: Settings) -> str:
    """Asks one tiny question, for a model that is set wrongly often fails only then."""
    from bot.wiring import chat_model

    model = chat_model(settings)
    if model is None:
        return "none: answers are the passages' own sentences"
    started = time.monotonic()
    sentences = list(model.draft("What colour are herons?", [_HERONS], (), _OneQuestion(settings.deadline_s)))
    seconds = time.monotonic() - started
    if not sentences:
        return f"{model.name} answers in {seconds:.1f} s, but with no sentence: is it a model for chat?"
    return f"{model.name} answers in {seconds:.1f} s"


@dataclass(frozen=True, slots=True)
class _OneQuestion:
    """Implements `knowledge.ports.Allowance`: the doctor's own question is on the house."""

    deadline_s: float

    def seconds(self) -> float:
        return self.deadline_s

    def refused(self, _tokens: int) -> str | None:
        return None

    def took(self, _estimated: int, _tokens_in: int, _tokens_out: int) -> None:
        """Nobody pays."""


_HERONS = Passage(
    chunk_id=1,
    revision_id=1,
    chunk=Chunk(0, "Grey herons are grey.", ("Herons",), 0, 21, 1),
    document_id="doctor/herons.md",
    source="doctor",
    path="herons.md",
    title="Herons",
    kind="wiki",
    audience_key="everyone",
    scores=Scores(fused=1.0),
)
