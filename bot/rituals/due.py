"""What is said when a delivery is due: each kind of delivery has somebody who makes its message."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.journal.deliveries import Delivery
from bot.journal.occurrences import Occurrence
from bot.journal.rituals import Ritual
from bot.messages import Message


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that was claimed, with all that it is about; `late_by` is zero where it is on time."""

    delivery: Delivery
    occurrence: Occurrence
    ritual: Ritual
    late_by: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class NotSaid:
    """It is not said, for good; `reason` is a sentence that the person is shown when they ask why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """It is not said now; it is looked at again at `at` (Unix seconds), while it is not too late."""

    at: float
    reason: str


Maker = Callable[[Due], Sequence[Message] | NotSaid | Later]
"""Makes the messages of a delivery, outside of any transaction; they are stored with the delivery's end."""
