"""The sources of now: those of lore.toml and those that were added in Slack or on the command line."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.journal import added_sources
from bot.journal.added_sources import AddedSource
from bot.settings import Settings, load_settings
from bot.source_settings import SourceReader, SourceSettings
from ingest.sources import Source, parse_audience
from knowledge.adapters.database import Database
from knowledge.audience import Audience
from knowledge.errors import SettingsError

BROKEN = "broken"
"""The kind of an added source that cannot be read as it is set up."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SourcesNow:
    """All sources. `added` holds by name those that are not in lore.toml, `broken` the reasons of those that
    cannot be read. `overruled` are added ones whose name is in lore.toml: they are not read. `reader` reads
    others as these were read; times of day are of `zone`.
    """

    listed: tuple[SourceSettings, ...]
    added: dict[str, AddedSource]
    broken: dict[str, str]
    overruled: tuple[str, ...]
    reader: SourceReader
    zone: ZoneInfo

    @property
    def sources(self) -> tuple[Source, ...]:
        """As a sync takes them."""
        return tuple(one.source for one in self.listed)

    def named(self, name: str) -> SourceSettings | None:
        return next((one for one in self.listed if one.name == name), None)

    def read_from_slack(self, table: Mapping[str, Any], replaces: str = "") -> SourceSettings:
        """A source to be added from Slack, in the place of another where `replaces` names it.

        Raises SettingsError, also where another source has its name.
        """
        one = self.reader.read_from_slack(table)
        if one.name != replaces and self.named(one.name) is not None:
            raise SettingsError(f"`name` is taken: there is a source named {one.name} already.")
        return one

    def __iter__(self) -> Iterator[SourceSettings]:
        return iter(self.listed)


Now = Callable[[], SourcesNow]
"""Gives the sources as they are when it is called. Raises SettingsError where lore.toml has become wrong."""


def sources_now(settings: Settings, database: Database) -> SourcesNow:
    """The sources of these settings and of the journal.

    Where both know a name, lore.toml has it. An added source that cannot be read (a secret's variable is
    gone, say) keeps its place as one that cannot be listed: its documents stay, under the audience that it
    still names, since a setting that is lost does not mean that anybody wanted them gone.
    """
    reader = settings.source_reader
    of_file = settings.listed or tuple(
        SourceSettings(source, reader.usual, table={"name": source.name}) for source in settings.sources
    )
    with database.reading() as connection:
        found = added_sources.listed(connection)
    names = {one.name for one in of_file}
    added = {one.name: one for one in found if one.name not in names}
    broken: dict[str, str] = {}
    listed = list(of_file)
    for one in added.values():
        try:
            listed.append(reader.read_from_slack(one.table) if one.in_slack else reader.read(one.table))
        except SettingsError as error:
            broken[one.name] = str(error)
            listed.append(_broken(one, str(error), reader))
    overruled = tuple(one.name for one in found if one.name in names)
    return SourcesNow(tuple(listed), added, broken, overruled, reader, settings.zone)


def from_the_file(database: Database) -> Now:
    """The sources with lore.toml as it is when they are asked for: an audience that was narrowed since is
    never widened again."""
    return lambda: sources_now(load_settings(), database)


def why_broken(source: Source) -> str | None:
    """Why a source of now cannot be read; None for one that can be tried."""
    return str(source.options["why"]) if source.kind == BROKEN else None


def _broken(one: AddedSource, why: str, reader: SourceReader) -> SourceSettings:
    """Its audience is known as it was written; where even that is not, nobody may read it."""
    audience = parse_audience(one.table.get("audience")) or Audience()
    document_kind = str(one.table.get("document_kind") or "wiki")
    source = Source(one.name, BROKEN, Path(), audience, document_kind, options={"why": why})
    return SourceSettings(source, reader.usual, table=dict(one.table))
