"""The app is uninstalled, or its token revoked: what was kept of the workspace goes, as the settings say."""

import logging
from collections.abc import Collection
from dataclasses import dataclass

from bot.journal.everything import forget_everything, note_uninstalled
from bot.journal.writer import JournalWriter
from knowledge.ports import Clock

log = logging.getLogger(__name__)

AGAIN = "install the app again, set the new SLACK_BOT_TOKEN and restart Lore"


@dataclass(frozen=True, slots=True)
class Leaving:
    """`team` is the workspace of our token: what others do with the app is none of ours.

    Both events may come, in either order, and more than once. Raises NotCommitted when the journal cannot
    be written: then do not acknowledge, and Slack tells it again.
    """

    writer: JournalWriter
    clock: Clock
    team: str
    forget: bool = True

    def uninstalled(self, team: str) -> None:
        """Nobody there can be answered any more."""
        if team != self.team:
            log.warning("the app was uninstalled in another workspace")
            return
        change = forget_everything if self.forget else note_uninstalled
        now = self.clock().timestamp()
        self.writer.write(lambda connection: change(connection, team, now))
        kept = "what the journal held is forgotten" if self.forget else "the journal is kept"
        log.critical("ALERT the app was uninstalled; %s; %s", kept, AGAIN)

    def revoked(self, team: str, bots: Collection[object]) -> None:
        """Tokens ended: of people (Lore has none), or of the bot. Nothing is forgotten for that alone."""
        if team == self.team and bots:
            log.critical("ALERT Slack has revoked the bot token; %s", AGAIN)
