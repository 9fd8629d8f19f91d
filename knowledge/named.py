"""What the names in a question stand for: places, owners and kinds that a catalogue holds."""

import re
from collections.abc import Iterable

from knowledge.filtering import InPlace

MOST_NAMED = 8
LONGEST_SHOWN = 60


def places(name: str) -> list[InPlace]:
    """What a name may mean, the likeliest first: a source, a folder of a source, a folder anywhere."""
    source, _, folder = name.partition("/")
    if not name:
        return []
    return [InPlace(name), *([InPlace(source, folder)] if folder else []), InPlace(None, name)]


def owned_by(name: str, owners: Iterable[str]) -> frozenset[str]:
    """The owners, as documents write them, whom a person may name so."""
    wanted = name.strip().removeprefix("@").casefold()
    return frozenset(owner for owner in owners if wanted and wanted in _spellings(owner))


def _spellings(owner: str) -> set[str]:
    """How a person may name an owner: in full, by the e-mail's name, by the first name."""
    full = owner.strip().removeprefix("@").casefold()
    local = full.partition("@")[0]
    spoken = " ".join(re.split(r"[._+-]+", local))
    return {full, local, spoken, spoken.split(" ")[0], full.split(" ")[0]} - {""}


def same(name: str | None, known: Iterable[str]) -> str | None:
    """The known name that is this one but for capitals."""
    wanted = (name or "").casefold()
    return next((one for one in sorted(known) if one.casefold() == wanted), None)


def unknown(what: str, name: str, shown: str, known: Iterable[str] = ()) -> str:
    """What is said of a name that is not known here; `shown` is the filter as it was written."""
    listed = sorted(known)[:MOST_NAMED]
    there = f" There is: {', '.join(listed)}." if listed else ""
    return f"I know no {what} “{name[:LONGEST_SHOWN]}” here, so I left “{shown}” out.{there}"
