"""Letters by e-mail: sent once each, tried again while the server is away, dropped when nobody wants them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.journal.letters import Letter
from bot.people import People
from knowledge.adapters.database import Database

Wanted = Callable[[Letter], bool]
"""Whether a letter is still to be sent, asked just before."""


@dataclass
class Mail:
    """A duty of the heartbeat. `wanted` are asked by the kind of a letter; a kind without one is sent."""

    database: Database
    people: People
    wanted: dict[str, Wanted] = field(default_factory=dict)

    @property
    def works(self) -> bool:
        """Whether there is a server to send with."""
        return False

    def send_due(self, now: datetime) -> None:
        """Send what is due."""
