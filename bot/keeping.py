"""What people do with messages, put together: shortcuts, saved pages, and who works them off."""

from collections.abc import Callable

from slack_bolt import App
from slack_sdk import WebClient

from bot.hearing import Myself
from bot.inbox import Inbox
from bot.journal.saved_pages import INDEX_SAVED
from bot.kinds import CHANGE_PAGE, REMOVE_PAGE, SAVE_FORM, SAVE_PAGE
from bot.listeners import saved_pages, shortcuts
from bot.manifest import ANSWER_THIS
from bot.people import People
from bot.saved_items import SavedItems
from bot.workers import Handler
from ingest.report import SyncReport
from knowledge.adapters.database import Database


class Keeping:
    """`answer` works *Answer this* off; `index` brings saved pages into the index and may raise LoreError."""

    def __init__(
        self,
        client: WebClient,
        me: Myself,
        people: People,
        database: Database,
        answer: Handler,
        index: Callable[[], SyncReport],
    ) -> None:
        self._saved = SavedItems(client, me, people, database, index)
        self.handlers: dict[str, Handler] = {
            ANSWER_THIS: answer,
            SAVE_FORM: self._saved.fill_form,
            SAVE_PAGE: self._saved.save_page,
            CHANGE_PAGE: self._saved.change_page,
            REMOVE_PAGE: self._saved.remove_page,
            INDEX_SAVED: self._saved.index_saved,
        }
        self.commands: dict[str, Handler] = {"pages": self._saved.list_pages}

    def register(self, app: App, inbox: Inbox) -> None:
        shortcuts.register(app, inbox)
        saved_pages.register(app, inbox, self._saved)
