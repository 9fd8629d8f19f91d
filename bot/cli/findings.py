"""What `lore doctor` finds of one part, and how looking at a part becomes a finding."""

from collections.abc import Callable
from dataclasses import dataclass

from knowledge.errors import LoreError


@dataclass(frozen=True, slots=True)
class Finding:
    """One part as found: `said` tells what is there, or what is wrong and how to mend it.

    A part that is not `well` keeps Lore from working; one that `lacks` something works without it.
    """

    part: str
    well: bool
    said: str
    lacks: bool = False

    @property
    def mark(self) -> str:
        """For a terminal, in four letters."""
        if not self.well:
            return "FAIL"
        return "lack" if self.lacks else "ok  "


def look(part: str, see: Callable[[], str]) -> Finding:
    """What `see` tells of a part, or what it raises."""
    try:
        return Finding(part, True, see())
    except LoreError as error:
        return Finding(part, False, str(error))
