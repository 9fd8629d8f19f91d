"""From Slack and back, put together: an app that commits before it acknowledges, workers, and the outbox."""

import logging
import random
import re
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from http.client import HTTPException
from typing import TypeVar

from slack_bolt import App, BoltContext
from slack_bolt.error import BoltError
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.inbox import Checkpoint, Inbox, Quota, Received, pass_by
from bot.journal.writer import JournalWriter, NotCommitted
from bot.messages import Message
from bot.outbox import LateCheck, Outbox, Undeliverable
from bot.pacing import Pace
from bot.scope_watch import WatchedClient
from bot.sending import Sender
from bot.socket_mode import TOKEN_ERRORS
from bot.stream_ends import OPENING_S, StreamEnds
from bot.workers import Apology, Handler, Workers
from knowledge.adapters.database import Database
from knowledge.errors import SettingsError
from knowledge.ports import Clock

SWEEP_EVERY_S = 3600.0
SLACK_TIMEOUT_S = 15

T = TypeVar("T")
log = logging.getLogger(__name__)
BOLT_LOG = logging.getLogger("slack_bolt")
"""Bolt takes its level from here; below ERROR it writes what people said."""


def slack_client(token: str, api_url: str) -> WebClient:
    """A Web API client that never repeats a call by itself: the default one posts twice."""
    return WatchedClient(token, base_url=api_url, timeout=SLACK_TIMEOUT_S, retry_handlers=[])


def bolt_app(client: WebClient, wait: Callable[[float], object] = time.sleep) -> App:
    """A Bolt app that acknowledges only after its listener has returned; one that raises is not acknowledged.

    Waits for a Slack that is away. Raises SettingsError when Slack says that the bot token is wrong.
    """
    # Bolt asks auth.test as it is made.
    app = patiently(lambda: App(client=client, process_before_response=True, logger=BOLT_LOG), wait)

    @app.middleware
    def with_the_token_of_now(context: BoltContext, next_: Callable[[], object]) -> None:
        """Bolt gives each listener a client of its own, with the token that the app began with."""
        context["token"] = context["client"].token = client.token
        next_()

    return app


def patiently(ask: Callable[[], T], wait: Callable[[float], object] = time.sleep) -> T:
    """What Slack answers, however long it is away.

    Raises SettingsError when it says that the bot token is wrong.
    """
    attempts = 0
    while True:
        try:
            return ask()
        except (BoltError, SlackApiError) as error:
            why = _refusal(error)
            if why in TOKEN_ERRORS:
                raise SettingsError(
                    f"Slack refuses SLACK_BOT_TOKEN ({why}): copy the xoxb-… token from your app's "
                    "OAuth & Permissions page"
                ) from error
        except (SlackClientError, HTTPException, OSError) as error:
            why = f"{type(error).__name__}: {error}"
        attempts += 1
        pause = min(60.0, 2.0 ** min(attempts, 6)) * random.uniform(0.5, 1)  # noqa: S311 - jitter
        log.error("Slack cannot be reached (%s); trying again in %.0f s", why, pause)
        wait(pause)


def _refusal(error: BoltError | SlackApiError) -> str:
    """Slack's error code; Bolt wraps what auth.test said in a sentence."""
    told = error if isinstance(error, SlackApiError) else error.__context__
    data = told.response.data if isinstance(told, SlackApiError) else {}
    return str(data.get("error") or error) if isinstance(data, dict) else str(error)


def ignore_the_rest(app: App) -> None:
    """Acknowledge events that no listener wants; to be called after all listeners are registered."""

    @app.event(re.compile(r".*"))
    def nothing_to_do() -> None:
        """Slack would send it again otherwise."""


@dataclass(frozen=True, slots=True)
class Apologies:
    """What is said when something goes wrong: a handler crashed, was too late; too much waits; Slack
    refuses a message for good. Each may be None: then nothing is said."""

    crashed: Apology
    late: Apology
    busy: Callable[[Received], Message | None]
    undeliverable: Undeliverable


class Delivery:
    """Inbox, workers and outbox over one journal, started and stopped in the right order.

    `handler` answers items of `kinds` within `deadline_s`; items of `patient_kinds` (a sync) have one
    worker of their own and all the time they need.
    """

    def __init__(
        self,
        database: Database,
        client: WebClient,
        handler: Handler,
        kinds: Collection[str],
        apologies: Apologies,
        late_check: LateCheck,
        clock: Clock,
        patient_kinds: Collection[str] = (),
        workers: int = 4,
        deadline_s: float = 20.0,
        settle_s: float = 2.0,
        opening_s: float = OPENING_S,
        writer: JournalWriter | None = None,
        pace: Pace | None = None,
        checkpoint: Checkpoint = pass_by,
        quota: Quota | None = None,
    ) -> None:
        self.writer = writer or JournalWriter(database)
        sender = Sender(client)
        self.outbox = Outbox(
            self.writer,
            sender,
            late_check,
            apologies.undeliverable,
            clock,
            pace,
            settle_s=settle_s,
            checkpoint=checkpoint,
            ends=StreamEnds(client, self.writer, sender, clock, opening_s, checkpoint),
        )

        def pool(kinds: Collection[str], size: int, deadline_s: float | None) -> Workers:
            return Workers(
                self.writer,
                kinds,
                handler,
                apologies.crashed,
                apologies.late,
                clock,
                finished=self.wake,  # what was worked off may have left something to say or to do
                size=size,
                deadline_s=deadline_s,
                checkpoint=checkpoint,
            )

        self._pools = [pool(kinds, workers, deadline_s)]
        if patient_kinds:
            self._pools.append(pool(patient_kinds, 1, None))
        self.inbox = Inbox(
            self.writer,
            clock,
            apologies.busy,
            arrived=self.wake,
            checkpoint=checkpoint,
            quota=quota,
        )
        self.working = False
        self._stopping = threading.Event()
        self._sweeper = threading.Thread(target=self._sweep_now_and_then, name="sweeper", daemon=True)

    @property
    def healthy(self) -> bool:
        """Whether the journal can be written."""
        return self.writer.healthy

    def start(self) -> None:
        """Take up what an earlier process left, then begin. Connect to Slack after this."""
        self.open()
        self.work()

    def open(self) -> None:
        """Take in and say, but work nothing off yet."""
        self.writer.start()
        self.outbox.start()
        self._sweeper.start()

    def work(self) -> None:
        """Work off what came in; what waits already has its whole deadline from now."""
        for pool in self._pools:
            pool.start()
        self.working = True

    def stop(self, within_s: float = 10.0) -> None:
        """Finish what is being worked on and said, for at most `within_s`; disconnect before this."""
        end = time.monotonic() + within_s
        self._stopping.set()
        for pool in self._pools:
            pool.stop(max(0.1, (end - time.monotonic()) * 0.6))
        self.outbox.stop(max(0.1, end - time.monotonic()))
        self.writer.close()

    def wake(self) -> None:
        """Look at once for what came in and for what is to be said."""
        for pool in self._pools:
            pool.wake()
        self.outbox.wake()

    def _sweep_now_and_then(self) -> None:
        while not self._stopping.wait(SWEEP_EVERY_S):
            try:
                log.info("swept %d keys and %d messages", self.inbox.sweep(), self.outbox.sweep())
            except NotCommitted as error:
                log.error("nothing was swept: %s", error)
