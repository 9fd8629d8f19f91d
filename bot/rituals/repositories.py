"""The Git repositories whose commits may be put into drafts, as lore.toml names them: folders, or sources."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.sources import Source
from ingest.staged import room_to_keep
from knowledge.audience import EVERYONE, Audience

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository on this machine; who may not read `audience` is told nothing of it."""

    name: str
    folder: Path
    audience: Audience = EVERYONE


Repositories = Callable[[], Sequence[Repository]]
"""Those of this moment."""


def no_repositories() -> Sequence[Repository]:
    """No repository is named."""
    return ()


def named(
    names: Sequence[str], beside: Path, data: Path, sources: Callable[[], Sequence[Source]]
) -> Repositories:
    """Each name is that of a Git source, whose clone of the last sync is looked at, or a folder (relative
    ones are `beside` lore.toml). What is not there now is left out, and the log says so."""

    def now() -> Iterator[Repository]:
        by_name = {one.name: one for one in sources() if one.kind == "git"} if names else {}
        for name in names:
            if name in by_name:
                yield from _clone(data, by_name[name])
            elif (folder := beside / name).is_dir():
                yield Repository(folder.resolve().name.removesuffix(".git"), folder)
            else:
                log.warning("[rituals] repositories: %s is no folder and no Git source", name)

    return lambda: tuple(now())


def _clone(data: Path, source: Source) -> Iterator[Repository]:
    for folder in sorted(room_to_keep(data, source).glob("*.git"))[:1]:
        yield Repository(source.name, folder, source.audience)
