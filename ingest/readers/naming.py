"""Paths of pages that have titles and stand below one another, at places whose titles may hold anything."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from ingest.readers.files import as_path

_SLASH = "\N{DIVISION SLASH}"
_LONGEST = 120


def path_of(titles: Sequence[str]) -> str:
    """Titles, outermost first, as a path: a slash within a title looks like one and is none."""
    parts = [
        " ".join(title.split())[:_LONGEST].strip().replace("/", _SLASH) or "untitled" for title in titles
    ]
    return as_path(tuple(f"{_SLASH}{part}" if part in (".", "..") else part for part in parts))


def distinct(named: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """A path for each id, of pairs of id and path: of several with one path all but one bear their id."""
    paths: dict[str, str] = {}
    taken: set[str] = set()
    for one, path in sorted(named):
        paths[one] = path if path not in taken else f"{path} ({one})"
        taken.add(paths[one])
    return paths


def digest_of(*parts: object) -> str:
    """sha256 of what tells one state of a page from another: plain JSON."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def fingerprint(listed: Mapping[str, str]) -> str:
    """One value for a whole listing, of digests by path."""
    return digest_of(sorted(listed.items()))
