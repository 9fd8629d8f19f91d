"""Occurrences and their deliveries, planned a few days ahead by nominal date; a duty of the heartbeat."""

from dataclasses import dataclass
from datetime import datetime

from bot.rituals.room import Rituals


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans what each active ritual sends to whom, and plans it anew when something has changed.

    Whoever changes a ritual stores it and is done: until an occurrence opens it follows the settings, the
    team and everybody's zone as they are then; from its opening on it keeps the settings and the roster
    that it began with. A ritual that is paused, archived or taken away says nothing more, and what it would
    have said meanwhile is never made up for.
    """

    rituals: Rituals

    def join(self, rituals: Rituals) -> None:
        rituals.duties.append(self.plan)

    def plan(self, now: datetime) -> None:
        """Plan what is not planned yet, open what begins, close what is over."""
