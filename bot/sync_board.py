"""Keeps the messages of syncs up to date: what each is to show is computed anew, and sent when it differs."""

import hashlib
import json
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.blocks.pages import Page
from bot.blocks.sync_message import sync_page
from bot.journal import outgoing, sync_messages
from bot.journal.sync_messages import Following
from bot.journal.sync_runs import Run
from bot.journal.writer import JournalWriter, NotCommitted
from bot.kinds import HOME
from bot.messages import Kind, Message
from bot.people import People
from bot.sending import Fate, RateLimited, Refused, Sender, Sent, Unsure
from bot.sync_alerts import SyncAlerts, names_in
from bot.sync_runs import SyncRuns
from knowledge.errors import StoreError
from knowledge.ports import Clock

EVERY_S = 3.0
LOOK_EVERY_S = 1.0
LONGEST_CALL_S = 20.0
AGAIN_S = 5.0
LATEST_S = 24 * 3600.0
"""What was asked for longer ago is not shown any more, if it was not."""
_ANEW = " anew"

log = logging.getLogger(__name__)


class SyncBoard:
    """Looks every second, and when it is woken. Each message is updated at most once in `every_s` seconds
    (the more messages at once, the less often), and not at all while nothing about its sync changes.

    An update is not kept: after a restart, or when it was lost, the next look makes it anew. Of several
    processes one updates a message at a time. When somebody deleted it, the report is said in a new one.
    """

    def __init__(
        self,
        runs: SyncRuns,
        writer: JournalWriter,
        sender: Sender,
        people: People,
        alerts: SyncAlerts,
        clock: Clock,
        said: Callable[[], None],
        show_home: Callable[[str, str, int], None],
        every_s: float = EVERY_S,
    ) -> None:
        self._runs = runs
        self._writer = writer
        self._sender = sender
        self._people = people
        self._alerts = alerts
        self._clock = clock
        self._said = said
        self._show_home = show_home
        self._every_s = every_s
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._look, name="sync-board", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Something about a sync has changed."""
        self._wake.set()

    def stop(self, within_s: float = 5.0) -> None:
        """Update nothing more; what is not shown yet is shown by the next process."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(within_s)

    def _look(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                if self._alerts.judge():
                    self._said()
                self._begin()
                self._bring_up_to_date()
            except (StoreError, SQLAlchemyError) as error:
                log.error("no message of a sync is updated: %s", error)
            except Exception:
                log.exception("a message of a sync could not be updated")
            self._wake.wait(LOOK_EVERY_S)

    def _begin(self) -> None:
        """Say the first message of what was asked for in Slack, to whoever asked; a run that follows another
        is shown where that one is."""
        since = self._clock().timestamp() - LATEST_S
        for run_id in self._writer.read(lambda connection: sync_messages.unshown(connection, since)):
            run = self._runs.get(run_id)
            if run is not None:
                page = sync_page(run, names_in(run, self._people))
                self._writer.write(partial(self._first, run=run, page=page))
                self._said()

    def _first(self, connection: Connection, run: Run, page: Page) -> None:
        if sync_messages.is_shown(connection, run.id):  # another process was faster
            return
        if run.wanted.follows and sync_messages.take_over(connection, run.wanted.follows, run.id):
            return
        key, person = f"sync {run.id}", run.wanted.asked_by
        message = Message(person, page.text, blocks=page.blocks, person=person, key=key)
        outgoing.put(connection, [message], None, self._clock().timestamp())
        sync_messages.follow(connection, Following(key, run.id, person, person, digest(page)))

    def _bring_up_to_date(self) -> None:
        now = self._clock().timestamp()
        due = self._writer.read(lambda connection: sync_messages.due(connection, now))
        for one in due:
            if self._stopping.is_set():
                return
            run = self._runs.get(one.run_id)
            if run is None:
                self._put_back(one, settled=True)
            elif not (one.gone and run.active):
                self._show(one, run, pause_s=self._every_s * max(1, len(due) // 2))

    def _show(self, one: Following, run: Run, pause_s: float) -> None:
        shown = sync_page(run, names_in(run, self._people))
        if digest(shown) == one.shown and not one.gone:
            if not run.active:
                self._put_back(one, settled=True)
            return
        key = one.key
        # In this order: what is said between the two looks has a place.
        over = self._writer.read(lambda connection: outgoing.is_settled(connection, key))
        where = self._writer.read(lambda connection: outgoing.said_where(connection, key))
        if where is None:
            if over:
                self._put_back(one, settled=True)  # it was never said, and that was told already
            return
        mine = self._take(one)
        if mine is None:
            return
        if mine.gone:
            self._say_anew(mine, shown)
            return
        update = Message(where[0], shown.text, kind=Kind.UPDATE, blocks=shown.blocks)
        fate = self._sender.send(update, "", where[1])
        self._settle(mine, run, shown, fate, pause_s)
        if isinstance(fate, Sent) and not run.active and run.wanted.channel == HOME:
            self._show_home(run.wanted.asked_by, where[0], 0)

    def _settle(self, one: Following, run: Run, shown: Page, fate: Fate, pause_s: float) -> None:
        match fate:
            case Sent():
                self._put_back(replace(one, shown=digest(shown)), pause_s, settled=not run.active)
            case RateLimited(seconds):
                self._put_back(one, seconds)
            case Unsure(error):
                log.warning("the message of a sync is not updated: %s", error)
                self._put_back(one, AGAIN_S)
            case Refused(error) if error in ("message_not_found", "cant_update_message"):
                if run.active:
                    self._put_back(replace(one, gone=True), pause_s)
                else:
                    self._say_anew(one, shown)
            case Refused(error):
                log.error("the message of a sync cannot be updated: %s", error)
                self._put_back(one, settled=True)

    def _say_anew(self, one: Following, shown: Page) -> None:
        """Said once more; who deletes that too has seen it."""
        if one.key.endswith(_ANEW):
            self._put_back(one, settled=True)
            return
        key, now = one.key + _ANEW, self._clock().timestamp()
        message = Message(one.channel, shown.text, blocks=shown.blocks, person=one.person, key=key)

        def change(connection: Connection) -> None:
            sync_messages.say_anew(connection, one, key)
            outgoing.put(connection, [message], None, now)

        self._writer.write(change)
        self._said()

    def _take(self, one: Following) -> Following | None:
        until = self._clock().timestamp() + LONGEST_CALL_S
        try:
            return self._writer.write(lambda connection: sync_messages.take(connection, one, until))
        except NotCommitted:
            return None

    def _put_back(self, one: Following, pause_s: float = 0.0, *, settled: bool = False) -> None:
        due_at = self._clock().timestamp() + pause_s
        self._writer.write(
            lambda connection: sync_messages.put_back(connection, one, due_at, settled=settled, gone=one.gone)
        )


def digest(page: Page) -> str:
    """Equal for pages that look the same."""
    return hashlib.sha256(json.dumps(page.blocks, sort_keys=True).encode()).hexdigest()[:40]
