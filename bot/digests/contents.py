"""Every section that a digest can have, in the order in which they are read."""

from collections.abc import Sequence

from bot.digests.sections import Section
from bot.rituals.availability import Availability
from bot.rituals.parts import Given


def contents(_given: Given, _availability: Availability) -> Sequence[Section]:
    """The sections, over the rest of Lore."""
    return ()
