"""Which addresses may be linked: those of the places that admins gave as sources, as they are now."""

import logging
import re
import time
from collections.abc import Iterable, Iterator

from bot.blocks.citations import origin
from bot.source_kinds import KINDS
from bot.sources_now import Now
from ingest.sources import Source
from knowledge.errors import LoreError

LOOK_AGAIN_S = 5.0
_PAGES_OF = {
    "notion": ("https://www.notion.so", "https://app.notion.com"),
    "drive": ("https://docs.google.com", "https://drive.google.com"),
    "wandb": ("https://wandb.ai",),
}
"""Where services show what their interfaces hold."""

_OVER_SSH = re.compile(r"(?:ssh://)?[\w.-]+@(?P<host>[\w.-]+)[:/]")

log = logging.getLogger(__name__)


class Linkable:
    """Holds the origins of now; `always` holds those that need no source. A source that is added counts
    within seconds."""

    def __init__(self, sources: Now, always: Iterable[str] = ()) -> None:
        self._sources = sources
        self._always = frozenset(always)
        self._known: frozenset[str] = frozenset()
        self._looked_at = float("-inf")

    def __contains__(self, address: object) -> bool:
        return address in self._always or address in self._of_sources()

    def _of_sources(self) -> frozenset[str]:
        if time.monotonic() - self._looked_at > LOOK_AGAIN_S:
            self._looked_at = time.monotonic()
            try:
                self._known = linkable(self._sources().sources)
            except LoreError as error:
                log.error("links go by the settings of before: %s", error)
        return self._known


def linkable(sources: Iterable[Source]) -> frozenset[str]:
    """The origins at which documents of these sources are shown: only these are ever linked."""
    addresses = (address for source in sources for address in _addresses(source))
    return frozenset(found for address in addresses if (found := origin(address)) is not None)


def _addresses(source: Source) -> Iterator[str]:
    if source.url:
        yield source.url.replace("{path}", "").replace("{stem}", "")
    yield from _PAGES_OF.get(source.kind, ())
    kind = KINDS.get(source.kind)
    for field in kind.fields if kind is not None else ():
        if field.shape == "address" and source.options.get(field.key):
            yield str(source.options[field.key])
    repository = str(source.options.get("repository") or "")
    over_ssh = _OVER_SSH.match(repository)
    yield f"https://{over_ssh['host']}" if over_ssh else repository
    for host in source.options.get("hosts") or ():
        yield f"https://{host}"
