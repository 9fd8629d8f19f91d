"""The app is uninstalled, or its token revoked: what was kept of the workspace goes, as the settings say."""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from bot.journal.everything import forget_everything, note_uninstalled
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from ingest.report import SyncReport
from knowledge.errors import LoreError
from knowledge.ports import Clock

log = logging.getLogger(__name__)

AGAIN = "install the app again, set the new SLACK_BOT_TOKEN and restart Lore"


@dataclass(frozen=True, slots=True)
class Leaving:
    """`team` is the workspace of our token: what others do with the app is none of ours.

    Both events may come, in either order, and more than once. Raises NotCommitted when the journal cannot
    be written: then do not acknowledge, and Slack tells it again. `forget_slack` takes what came from Slack
    out of the index, and may raise LoreError.
    """

    writer: JournalWriter
    clock: Clock
    team: str
    forget: bool
    forget_slack: Callable[[], SyncReport]

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

    def forget_in_index(self, _item: Item) -> Done:
        """Have nothing be found any more that people wrote in Slack."""
        try:
            report = self.forget_slack()
        except LoreError as error:
            log.error("ALERT what came from Slack is still in the index: %s; restart Lore", error)
            return Done()
        log.info("version %d holds nothing that came from Slack", report.version)
        return Done()

    def revoked(self, team: str, bots: Collection[object]) -> None:
        """Tokens ended: of people (Lore has none), or of the bot. Nothing is forgotten for that alone."""
        if team == self.team and bots:
            log.critical("ALERT Slack has revoked the bot token; %s", AGAIN)
