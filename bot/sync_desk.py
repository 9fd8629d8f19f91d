"""Syncs in Slack, put together: who works them off, the messages that show them, and what admins press."""

from collections.abc import Callable
from dataclasses import dataclass

from slack_bolt import App
from slack_sdk import WebClient

from bot.auditing import Auditing
from bot.inbox import Inbox
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.kinds import ROLL_BACK, SOURCE_STEP, SYNC_STEP
from bot.listeners import source_admin as doors
from bot.people import People
from bot.sending import Sender
from bot.source_admin import ShowHome, SourceAdmin
from bot.source_cards import Holdings, NextSync, SourceCards
from bot.source_looking import SourceLooking
from bot.source_settings import SourceSettings
from bot.sources_now import Now
from bot.sync_alerts import SyncAlerts
from bot.sync_board import EVERY_S, SyncBoard
from bot.sync_runner import SyncRunner
from bot.sync_runs import SyncRuns
from bot.syncing import Syncing
from bot.workers import Handler
from knowledge.adapters.database import Database
from knowledge.ports import Clock, Store


def by_hand(_: SourceSettings) -> None:
    """No source is synced by itself."""


@dataclass(frozen=True, slots=True)
class Syncs:
    """What syncs need of the rest of Lore: where they are asked for, what carries them out, the sources of
    now, the documents and chunks that a version holds of each, and when each is synced next by itself.

    Admins are told in `channel`, or each by themselves; a message is updated at most once in `every_s`
    seconds.
    """

    runs: SyncRuns
    syncing: Syncing
    sources: Now
    holdings: Holdings
    next_sync: NextSync = by_hand
    channel: str = ""
    every_s: float = EVERY_S


class SyncDesk:
    """`handlers` are by kind of item, `commands` by the first word after `/lore`."""

    def __init__(
        self,
        syncs: Syncs,
        client: WebClient,
        people: People,
        database: Database,
        store: Store,
        writer: JournalWriter,
        clock: Clock,
        show_home: ShowHome,
    ) -> None:
        self._said: Callable[[], None] = lambda: None
        alerts = SyncAlerts(writer, people, clock, syncs.channel)
        self._board = SyncBoard(
            syncs.runs, writer, Sender(client), people, alerts, clock, self._say, show_home, syncs.every_s
        )
        self._runner = SyncRunner(syncs.runs, syncs.syncing.perform, self._board.wake)
        self.cards = SourceCards(
            syncs.runs, store, syncs.holdings, syncs.sources, syncs.next_sync, people, clock
        )
        admin = SourceAdmin(people, syncs.runs, syncs.syncing, self.cards, clock, self.asked, show_home)
        self._looking = SourceLooking(people, syncs.runs, syncs.syncing, clock)
        self.handlers: dict[str, Handler] = {
            SOURCE_STEP: admin.step,
            SYNC_STEP: admin.decide,
            ROLL_BACK: admin.roll_back,
        }
        self.commands: dict[str, Callable[[Item], Done]] = {
            "sync": admin.sync,
            "sources": admin.list_for,
            "audit": Auditing(people, database, clock).list_for,
        }

    def register(self, app: App, inbox: Inbox) -> None:
        """Register the listeners of every button and modal."""
        doors.register(app, inbox, self._looking)

    def start(self, said: Callable[[], None]) -> None:
        """Work off and show from now on; `said` is called when there is something to be said."""
        self._said = said
        self._board.start()
        self._runner.start()

    def stop(self) -> None:
        """Have what is worked off stop soon; the next process tells of it."""
        self._runner.stop()
        self._board.stop()

    def asked(self) -> None:
        """A sync was asked for, or changed."""
        self._runner.wake()
        self._board.wake()

    def _say(self) -> None:
        self._said()
