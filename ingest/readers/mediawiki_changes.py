"""What a reader of a MediaWiki remembers, and which pages the wiki says have changed since."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from ingest.parsing.frontmatter import as_time
from ingest.readers.naming import fingerprint
from ingest.readers.paging import Part, by_cursor
from ingest.sources import Incomplete, Reading
from knowledge.errors import Unreadable

REACH = timedelta(days=28)
"""How far back recent changes are trusted; a wiki keeps them for 90 days by default ($wgRCMaxAge)."""

MOST = 2_000
"""With more changed pages, listing all of them is quicker."""

_OVERLAP = timedelta(minutes=10)


class Asks(Protocol):
    """The part of a session that is needed here."""

    def query(self, params: Mapping[str, Any]) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Changes:
    """The state after a listing: `shape` is that of the settings, `listed` that of all paths and digests.

    `since` is when the listing began, `full_at` when everything was last listed, by the wiki's own clock.
    """

    shape: str
    listed: str
    since: datetime
    full_at: datetime

    @classmethod
    def since_last_time(
        cls, reading: Reading, shape: str, now: datetime, full_every: timedelta
    ) -> "Changes | None":
        """What was remembered, where it can be built on: the same settings, everything that was listed then
        is known and nothing else, and neither that listing nor the last full one is too long ago."""
        said = reading.remembered
        since, full_at = as_time(said.get("since")), as_time(said.get("full_at"))
        if since is None or full_at is None or said.get("shape") != shape:
            return None
        if said.get("listed") != fingerprint(reading.known):
            return None
        recent = timedelta() <= now - full_at < full_every and timedelta() <= now - since < REACH
        return cls(shape, str(said["listed"]), since, full_at) if recent else None

    def as_json(self) -> dict[str, str]:
        """What to remember."""
        return {
            "shape": self.shape,
            "listed": self.listed,
            "since": self.since.isoformat(),
            "full_at": self.full_at.isoformat(),
        }

    def titles(self, session: Asks, reading: Reading) -> set[str] | None:
        """The titles of all pages that were edited, made, moved, deleted or restored; None when that cannot
        be told or is too many."""
        asked = {
            "list": "recentchanges",
            "rcprop": "title|ids|timestamp|loginfo",
            "rctype": "edit|new|log",
            "rcdir": "newer",
            "rcstart": (self.since - _OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "rclimit": "max",
        }

        def part(cursor: str | None) -> Part[Mapping[str, Any]]:
            answer = session.query({**asked, **({"rccontinue": cursor} if cursor else {})})
            entries = answer.get("query", {}).get("recentchanges", ())
            return Part(entries, answer.get("continue", {}).get("rccontinue"))

        found: set[str] = set()
        try:
            for one in by_cursor(part, reading):
                if isinstance(one, Incomplete):
                    return None
                found |= _titles(one)
                if len(found) > MOST:
                    return None
        except Unreadable:
            if reading.stopped():
                raise
            return None
        return found


def _titles(change: Mapping[str, Any]) -> set[str]:
    """The page of a change, and where it was moved to. One whose title is hidden names none."""
    moved_to = (change.get("logparams") or {}).get("target_title")
    return {str(title) for title in (change.get("title"), moved_to) if title}
