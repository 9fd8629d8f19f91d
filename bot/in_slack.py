"""Lore in Slack, put together: doorways, inbox, conversation, outbox and connection, over given knowledge."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence

from slack_sdk import WebClient

from bot.agent import HOME_SYNC, Agent
from bot.blocks.citations import origin
from bot.commands import Commands
from bot.connection import Connect
from bot.conversation import Answers, Conversation
from bot.delivery import Apologies, Delivery, bolt_app, ignore_the_rest, patiently
from bot.hearing import Myself
from bot.history import History
from bot.home import Homes
from bot.inbox import Checkpoint, pass_by
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.late_check import late_check
from bot.listeners import home, register, stops
from bot.manifest import granted_scopes, lacking
from bot.opening import Passages
from bot.pacing import Pace
from bot.people import People
from bot.prompting import Prompting
from bot.replies import busy, crashed, late, undeliverable
from bot.status import Status
from bot.stopping import Stops
from bot.streaming import Streams
from bot.trust import Trust
from bot.viewing import Viewing
from bot.workers import Handler
from ingest.report import SyncReport
from ingest.sources import Source
from knowledge.adapters.database import Database
from knowledge.adapters.titles import Titles
from knowledge.errors import SettingsError
from knowledge.ports import Clock, Store

PATIENT_KINDS = ("sync", HOME_SYNC)
DRAIN_S = 10.0

log = logging.getLogger(__name__)


class InSlack:
    """One bot in one workspace. Construct it with a journal that is migrated; then `start`, and `stop`.

    Waits for a Slack that is away, and raises SettingsError when Slack says that a token is wrong or lacks
    a scope.
    """

    def __init__(
        self,
        client: WebClient,
        connect: Connect,
        database: Database,
        store: Store,
        answers: Answers,
        sync: Callable[[], SyncReport],
        sources: Sequence[Source],
        admins: Collection[str],
        clock: Clock,
        workers: int = 4,
        deadline_s: float = 20.0,
        stream: bool = False,
        pace: Pace | None = None,
        checkpoint: Checkpoint = pass_by,
    ) -> None:
        app = bolt_app(client)
        origins = linkable(sources)
        people = People(client, clock, admins)
        me = myself(client)
        viewing = Viewing(client, people, database, clock)
        writer = JournalWriter(database)
        check = late_check(people, store.current_audience)
        conversation = Conversation(
            me=me,
            people=people,
            store=store,
            answers=answers,
            history=History(client, database, viewing),
            status=Status(client),
            clock=clock,
            origins=origins,
            streams=Streams(client, writer, check, clock, checkpoint=checkpoint) if stream else None,
        )
        commands = Commands(people, store, database, sync)

        titles = Titles(database)
        prompting = Prompting(people, store, titles, database, clock)
        homes = Homes(people, store, titles, prompting, database, clock)
        agent = Agent(
            me=me,
            client=client,
            people=people,
            homes=homes,
            prompting=prompting,
            viewing=viewing,
            database=database,
            answer=conversation.handle,
            sync=commands.handle,
        )

        handlers: dict[str, Handler] = {
            "message": agent.privately(conversation.handle),
            "ask": conversation.handle,
            "lore": commands.handle,
            "sync": commands.handle,
            **agent.handlers(),
        }

        trust = Trust(people, database)
        handlers |= trust.handlers

        def handle(item: Item) -> Done:
            return handlers[item.kind](item)

        self.delivery = Delivery(
            database,
            client,
            handle,
            handlers.keys() - PATIENT_KINDS,
            Apologies(crashed, late, busy, undeliverable),
            check,
            clock,
            patient_kinds=PATIENT_KINDS,
            workers=workers,
            deadline_s=deadline_s,
            writer=writer,
            pace=pace,
            checkpoint=checkpoint,
        )
        passages = Passages(people, store, database, clock, origins)
        stops.register(app, Stops(writer, clock, self.delivery.outbox.wake))
        register(app, self.delivery.inbox, database, people, passages, me)
        home.register(app, self.delivery.inbox, self.delivery.writer, homes, clock, origins)
        trust.register(app, self.delivery.inbox)
        ignore_the_rest(app)
        self.connection = connect(app, self.delivery)
        self._turning = threading.Lock()
        self._stopped = False

    def start(self, get_ready: Callable[[], bool] | None = None) -> None:
        """Connect at once and take in what is asked; answer it when `get_ready` has returned True.

        Loading a model takes seconds, on a busy machine many: whoever asks meanwhile waits for an answer
        instead of getting an apology.
        """
        self.delivery.open()
        self.connection.start()
        if get_ready is None:
            self.delivery.work()
        else:
            threading.Thread(
                target=self._work_when_ready, args=(get_ready,), name="getting ready", daemon=True
            ).start()

    def stop(self) -> None:
        """Take nothing more in, finish what is begun within `DRAIN_S`; the rest waits in the journal."""
        end = time.monotonic() + DRAIN_S
        with self._turning:
            self._stopped = True
        self.connection.stop()
        self.delivery.stop(max(1.0, end - time.monotonic()))

    def _work_when_ready(self, get_ready: Callable[[], bool]) -> None:
        ready = get_ready()
        with self._turning:
            if ready and not self._stopped:
                self.delivery.work()


def myself(client: WebClient) -> Myself:
    """How messages name the bot whose token this is.

    Raises SettingsError when it lacks a scope that Lore cannot do without; what the others are for is
    lacking then, and the log says so.
    """
    told = patiently(client.auth_test)
    granted = granted_scopes(told.headers)
    missing = () if granted is None else lacking(granted)
    if needed := [scope.name for scope in missing if scope.needed]:
        raise SettingsError(
            f"the app behind SLACK_BOT_TOKEN lacks {', '.join(needed)}: add the scopes of `lore manifest` "
            "and install the app again"
        )
    for scope in missing:
        log.warning("without the scope %s there is no: %s", scope.name, scope.feature)
    return Myself(str(told["user_id"]), str(told.get("bot_id") or ""))


def linkable(sources: Sequence[Source]) -> frozenset[str]:
    """The origins of the addresses that admins gave for their sources: only these are ever linked."""
    urls = (source.url.replace("{path}", "").replace("{stem}", "") for source in sources if source.url)
    return frozenset(found for url in urls if (found := origin(url)) is not None)
