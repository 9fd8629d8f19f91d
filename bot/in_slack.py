"""Lore in Slack, put together: doorways, inbox, conversation, outbox and connection, over given knowledge."""

import logging
import threading
import time
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial

from slack_sdk import WebClient

from bot.adding import Adding
from bot.after_answers import after_answers
from bot.agent import Agent
from bot.attachments import FileReading, current_audience, open_attachments
from bot.blocks.citations import origin
from bot.budget_settings import Budgets
from bot.calm_settings import CalmSettings
from bot.commands import Commands
from bot.comparing import Comparing, Golden
from bot.connection import Connect
from bot.conversation import Answers, Conversation
from bot.delivery import Apologies, Delivery, bolt_app, ignore_the_rest
from bot.hearsay import Hearsay
from bot.history import History
from bot.home import Homes
from bot.house import open_house
from bot.identity import identify
from bot.inbox import Checkpoint, Quota, pass_by
from bot.journal.everything import FORGET_SLACK
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.keeping import Keeping
from bot.kinds import BENCH, HOME_QUESTION, MISSING_SCOPE, PATIENT
from bot.late_check import late_check
from bot.lead_settings import LeadSettings
from bot.leads import Leads
from bot.leaving import Leaving
from bot.linking import Linkable
from bot.listeners import home, leaving, register, stops
from bot.mail_settings import MailSettings
from bot.manifest import ANSWER_THIS
from bot.opening import Passages
from bot.pacing import Pace
from bot.people import People
from bot.pressing import EVERYTHING, REPLAY
from bot.prompting import Prompting
from bot.quiet_help import QuietHelp
from bot.quiet_settings import QuietSettings
from bot.reading.library import Library
from bot.replies import busy, crashed, late, too_fast, undeliverable
from bot.ritual_settings import RitualSettings
from bot.rituals.availability import Availability
from bot.rituals.listing import Standups
from bot.rituals.parts import Given
from bot.rituals.repositories import Repositories, no_repositories
from bot.scope_watch import ScopeWatch
from bot.spending import OVER_BUDGET, Accounts
from bot.statistics import Statistics
from bot.status import Status
from bot.stopping import Stops
from bot.streaming import Rhythm, Streams
from bot.sync_desk import SyncDesk, Syncs
from bot.telling_numbers import STATS, TellingNumbers
from bot.threads.following import Threads
from bot.threads.hiding import LiveStore
from bot.trust import Trust
from bot.trust_settings import TrustSettings
from bot.viewing import Viewing
from bot.workers import Handler
from ingest.report import SyncReport
from knowledge.adapters.database import Database
from knowledge.adapters.titles import Titles
from knowledge.ports import Clock, Embedder, Store, Summariser

ASKING_KINDS = frozenset({"message", "ask", ANSWER_THIS, HOME_QUESTION, EVERYTHING, REPLAY})
"""Each of these searches anew, and asks the model: whichever way somebody asks, it counts."""

DRAIN_S = 10.0

log = logging.getLogger(__name__)


def _as_told(now: datetime) -> datetime:
    return now


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
        syncs: Syncs,
        index_saved: Callable[[], SyncReport],
        forget_slack: Callable[[], SyncReport],
        admins: Collection[str],
        clock: Clock,
        workers: int = 4,
        deadline_s: float = 20.0,
        stream: Rhythm | None = None,
        files: FileReading | None = None,
        quiet: QuietSettings | None = None,
        embedder: Embedder | None = None,
        trusting: TrustSettings | None = None,
        forget_when_uninstalled: bool = True,
        budgets: Budgets | None = None,
        pace: Pace | None = None,
        checkpoint: Checkpoint = pass_by,
        golden: Golden | None = None,
        summariser: Summariser | None = None,
        recapper: Summariser | None = None,
        shared_time: Callable[[datetime], datetime] = _as_told,
        calm: CalmSettings | None = None,
        ritual_settings: RitualSettings | None = None,
        repositories: Repositories = no_repositories,
        mail: MailSettings | None = None,
        library: Library | None = None,
        lead_settings: LeadSettings | None = None,
    ) -> None:
        app = bolt_app(client)
        identity = identify(client)
        me, own = identity.me, origin(identity.url)
        origins = Linkable(syncs.sources, () if own is None else (own,))
        people = People(client, clock, admins)
        viewing = Viewing(client, people, database, clock)
        availability = Availability(people, database, clock, calm or CalmSettings())
        standups = Standups(people, availability, database, clock)
        writer = JournalWriter(database)
        self._hearsay = Hearsay(writer, people.heard, clock)
        app.use(lambda next_: self._hearsay.before(next_))
        store = LiveStore(store, database, people, me.team)
        threads = Threads(writer, self._hearsay, me, clock)
        check = self._hearsay.known_to(late_check(people, current_audience(store)))
        trusting = trusting or TrustSettings()
        trust = Trust(people, store, database, clock, embedder, trusting, origins, availability)
        streams = None
        if stream is not None:
            streams = Streams(client, writer, check, clock, stream, checkpoint=checkpoint)
        budgets = budgets or Budgets()
        accounts = Accounts(writer, people, clock, budgets, deadline_s)
        conversation = Conversation(
            me=me,
            people=people,
            store=store,
            answers=answers,
            history=History(client, database, viewing),
            status=Status(client),
            clock=clock,
            origins=origins,
            streams=streams,
            attachments=None if files is None else open_attachments(client, identity.url, database, files),
            verified=trust.verified,
            allow=accounts.allowance,
        )
        keeping = Keeping(client, me, people, database, conversation.handle, index_saved)
        quiet_help = QuietHelp(
            quiet or QuietSettings(), me, client, people, conversation, database, writer, clock
        )

        def show_home(person: str, channel: str, number: int) -> None:
            agent.publish(person, channel, number)

        self._desk = desk = SyncDesk(syncs, client, people, database, store, writer, clock, show_home)
        more = {**keeping.commands, **quiet_help.commands, **trust.commands, **threads.commands}
        adding = Adding(client, people, database, store, syncs, clock, desk.asked)
        leads = Leads(people, database, lead_settings or LeadSettings())
        numbers = Statistics(people, store, database, clock, leads)
        more[STATS] = TellingNumbers(numbers, client).command
        commands = Commands(people, store, database, more | desk.commands | adding.commands)

        titles = Titles(database)
        prompting = Prompting(people, store, titles, database, clock)
        homes = Homes(
            people, store, titles, prompting, database, clock, desk.cards, standups.owned_by, numbers.overview
        )
        agent = Agent(
            me=me,
            client=client,
            people=people,
            homes=homes,
            prompting=prompting,
            viewing=viewing,
            database=database,
            answer=conversation.handle,
        )

        handlers: dict[str, Handler] = {
            "message": agent.privately(conversation.handle),
            "ask": conversation.handle,
            "lore": commands.handle,
            **agent.handlers(),
        }

        self._scope_watch = ScopeWatch(people, database)
        handlers[MISSING_SCOPE] = self._scope_watch.handle
        handlers[BENCH] = Comparing(people, golden).handle
        for part in (desk, adding, trust, keeping, quiet_help):
            handlers |= part.handlers
        handlers |= after_answers(
            people, store, database, answers, conversation.handle, clock, origins, accounts.allowance
        )
        handlers[OVER_BUDGET] = accounts.handle
        self._time = shared_time
        given = Given(
            client=client,
            identity=identity,
            writer=writer,
            store=store,
            answers=answers,
            origins=origins,
            trust=trust,
            index=index_saved,
            allowance=accounts.allowance,
            embedder=embedder,
            summariser=summariser,
            recapper=recapper,
            repositories=repositories,
            settings=ritual_settings or RitualSettings(),
            mail=mail,
            cards=desk.cards,
            leads=leads,
            library=library,
            time=lambda: shared_time(clock()),
        )
        self._house = house = open_house(people, database, clock, availability, standups, given)
        handlers["message"] = house.before(handlers["message"])
        handlers |= house.handlers

        leaves = Leaving(writer, clock, me.team, forget_when_uninstalled, forget_slack)
        handlers[FORGET_SLACK] = leaves.forget_in_index

        def handle(item: Item) -> Done:
            self._hearsay.catch_up()
            return handlers[item.kind](item)

        self.delivery = Delivery(
            database,
            client,
            handle,
            handlers.keys() - PATIENT,
            Apologies(crashed, late, busy, undeliverable),
            check,
            clock,
            patient_kinds=PATIENT,
            workers=workers,
            deadline_s=deadline_s,
            writer=writer,
            opening_s=(stream or Rhythm()).opening_s,
            pace=pace,
            checkpoint=checkpoint,
            quota=Quota(
                budgets.questions_a_minute, ASKING_KINDS, partial(too_fast, most=budgets.questions_a_minute)
            ),
        )
        accounts.watch(self.delivery.inbox)
        passages = Passages(people, store, database, clock, origins)
        threads.register(app)
        stops.register(app, Stops(writer, clock, self.delivery.outbox.wake))
        adding.register(app, self.delivery.inbox, self.delivery.writer)
        register(app, self.delivery.inbox, database, self._hearsay, passages, me, quiet_help.overhear)
        home.register(app, self.delivery.inbox, self.delivery.writer, homes, clock, origins)
        leaving.register(app, leaves)
        desk.register(app, self.delivery.inbox)
        trust.register(app, self.delivery.inbox)
        keeping.register(app, self.delivery.inbox)
        quiet_help.register(app, self.delivery.inbox)
        house.register(app, self.delivery.inbox)
        ignore_the_rest(app)
        self.connection = connect(app, self.delivery)
        self._client = client
        self._trust = trust
        self._quiet_help = quiet_help
        self._turning = threading.Lock()
        self._stopped = False

    def start(self, get_ready: Callable[[], bool] | None = None) -> None:
        """Connect at once and take in what is asked; answer it when `get_ready` has returned True.

        Loading a model takes seconds, on a busy machine many: whoever asks meanwhile waits for an answer
        instead of getting an apology.
        """
        self.delivery.open()
        self._hearsay.start()
        self._scope_watch.watch(self._client, self.delivery.inbox)
        self.connection.start()
        if get_ready is None:
            self._work()
        else:
            threading.Thread(
                target=self._work_when_ready, args=(get_ready,), name="getting ready", daemon=True
            ).start()

    def help_quietly(self, now: datetime) -> None:
        """Answer what nobody has answered meanwhile, where that is wanted; a duty of the heartbeat."""
        self._quiet_help.due(now)

    def keep_rituals(self, now: datetime) -> None:
        """Say what rituals have to say at this time, by the clock that all processes share; a duty of the
        heartbeat."""
        self._house.tick(self._time(now))
        self.delivery.wake()

    def send_letters(self, now: datetime) -> None:
        """Send what goes by e-mail; a duty of a heartbeat of its own, since a mail server may hang."""
        self._house.mail.send_due(self._time(now))
        self.delivery.wake()

    def remind(self, now: datetime) -> None:
        """Ask people for what is due; a duty of the heartbeat."""
        if self._trust.remind(now):
            self.delivery.outbox.wake()

    def stop(self) -> None:
        """Take nothing more in, finish what is begun within `DRAIN_S`; the rest waits in the journal."""
        end = time.monotonic() + DRAIN_S
        with self._turning:
            self._stopped = True
        self.connection.stop()
        self._house.mail.stop()
        self._hearsay.stop()
        self._desk.stop()
        self.delivery.stop(max(1.0, end - time.monotonic()))

    def _work_when_ready(self, get_ready: Callable[[], bool]) -> None:
        ready = get_ready()
        with self._turning:
            if ready and not self._stopped:
                self._work()

    def _work(self) -> None:
        self.delivery.work()
        self._desk.start(self.delivery.outbox.wake)
