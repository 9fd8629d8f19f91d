"""Leave and pings that are long past are forgotten, once a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.journal import absences, duties, pings
from bot.rituals.room import Rituals
from knowledge.adapters.database import Database

KEPT = timedelta(days=400)
"""Trends and the ledger look back less far."""

EVERY = timedelta(days=1)
EVERY_LOOK = timedelta(hours=1)


@dataclass
class Forgetting:
    """A duty of the heartbeat."""

    database: Database
    _looked: datetime | None = None

    def join(self, rituals: Rituals) -> None:
        rituals.duties.append(self.forget)

    def forget(self, now: datetime) -> None:
        """Forget what nobody can ask about any more, if no process did it within a day."""
        if self._looked is not None and timedelta(0) <= now - self._looked < EVERY_LOOK:
            return
        self._looked = now
        with self.database.writing() as connection:
            if duties.begin(connection, "forget leave", EVERY.total_seconds(), now.timestamp()):
                absences.sweep(connection, (now - KEPT).date())
                pings.sweep(connection, now.timestamp())
