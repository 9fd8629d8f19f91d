"""The small wiki, opened as `lore run` opens what is configured."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import delete

from bot.calm_settings import CalmSettings
from bot.journal.tables import metadata as journal
from bot.settings import Settings
from bot.wiring import Knowledge, open_knowledge
from ingest.sources import Source
from knowledge.answering import Answerer
from knowledge.audience import EVERYONE, Audience
from prompts.calm import MIDDAY
from tests.fakes import HashEmbedder
from tests.sources import NoGenerations

SERVERS = "servers.json"


def open_in(folder: Path) -> Knowledge:
    """The wiki for everyone, and a source for Ana and Ben, over the data folder inside `folder`."""
    wiki = Source("wiki", "folder", folder / "wiki", EVERYONE, "wiki")
    leads = Audience(principals=frozenset({"ana@heron.example", "ben@heron.example"}))
    secrets = replace(wiki, name="secrets", path=folder / "secrets", audience=leads)
    settings = Settings(
        config=folder / "lore.toml",
        data_dir=folder / "data",
        sources=(wiki, secrets),
        slack_api_url="",
        tokens=None,
        calm=CalmSettings(quiet=(MIDDAY, MIDDAY)),  # whatever the time is when the tests run
    )
    if (folder / SERVERS).is_file():
        settings = replace(settings, **json.loads((folder / SERVERS).read_text()))
    return open_knowledge(settings, HashEmbedder(dimension=256), lambda: datetime.now(UTC))


def without_an_index(knowledge: Knowledge) -> Knowledge:
    """The record itself answers: what is tested here is not how an index is built."""
    if knowledge.database.shared:
        return knowledge
    record = NoGenerations(knowledge.store)
    answerer = Answerer(record.current, knowledge.store, knowledge.embedder, lambda: datetime.now(UTC))
    return replace(knowledge, answerer=answerer, syncer=replace(knowledge.syncer, generations=record))


def with_an_empty_journal(knowledge: Knowledge) -> Knowledge:
    """What other tests asked and said is not there."""
    with knowledge.database.writing() as connection:
        for table in reversed(journal.sorted_tables):
            connection.execute(delete(table))
    return knowledge


def other_machines(knowledge: Knowledge) -> tuple[Knowledge, ...]:
    """Two more that share the database and the Chroma server, and no folder."""
    return tuple(
        open_knowledge(
            replace(knowledge.settings, data_dir=knowledge.settings.data_dir.with_name(f"machine {n}")),
            HashEmbedder(dimension=256),
            lambda: datetime.now(UTC),
        )
        for n in (2, 3)
    )
