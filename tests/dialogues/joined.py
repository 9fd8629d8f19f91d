"""The bot that `lore run` runs, joined to a workspace on this machine."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TypedDict, Unpack

from slack_sdk import WebClient

from bot.budget_settings import Budgets
from bot.calm_settings import CalmSettings
from bot.comparing import Golden
from bot.connection import Connect
from bot.delivery import slack_client
from bot.gate import SigningSecrets
from bot.http_mode import HttpMode
from bot.http_server import listen
from bot.in_slack import InSlack
from bot.mail_settings import MailSettings
from bot.manifest import EVENTS_PATH
from bot.pacing import Pace
from bot.quiet_settings import QuietSettings
from bot.reading.library import Library
from bot.rituals.repositories import Repositories
from bot.socket_mode import SocketMode
from bot.sources_now import SourcesNow, sources_now
from bot.streaming import Rhythm
from bot.sync_desk import Syncs
from bot.sync_runs import SyncRuns
from bot.syncing import Syncing
from bot.trust_settings import TrustSettings
from bot.wiring import Knowledge
from bot.workspace import Workspace
from knowledge.ports import Clock, Summariser
from tests.balancing import balanced
from tests.dialogues.lore import Answers, Lore
from tests.dialogues.small_wiki import other_machines

EXPERTS = {"default": ("ana@heron.example",), "#pair": ("ben@heron.example",)}


class Chosen(TypedDict, total=False):
    """What a conversation may want otherwise than it is by default."""

    deadline_s: float
    stream: Rhythm | None
    forget_when_uninstalled: bool
    quiet: QuietSettings | None
    budgets: Budgets | None
    clock: Clock
    syncs: Syncs
    golden: Golden | None
    summariser: Summariser | None
    recapper: Summariser | None
    calm: CalmSettings | None
    repositories: Repositories
    mail: MailSettings | None
    library: Library | None


def syncs_of(knowledge: Knowledge, clock: Clock) -> Syncs:
    """Syncs of the sources of a test, with messages that are updated as fast as they may be."""

    def sources() -> SourcesNow:
        return sources_now(knowledge.settings, knowledge.database)

    return Syncs(
        runs=SyncRuns(knowledge.database, clock),
        syncing=Syncing(knowledge.syncer, lambda: sources().sources),
        sources=sources,
        holdings=knowledge.store.holdings,
        every_s=0.1,
    )


def connecting(slack: Workspace, client: WebClient) -> Connect:
    """Socket Mode or HTTP, as the app's settings in the workspace say."""
    if slack.team.app.socket_mode:
        return lambda app, _: SocketMode(app, slack.app_token, client)

    def signed_at() -> datetime:
        return datetime.fromtimestamp(slack.team.clock(), UTC)

    return HttpMode(listen("127.0.0.1", 0), SigningSecrets(slack.signing_secret), signed_at).join


@contextmanager
def at_work(
    slack: Workspace, knowledge: Knowledge, client: WebClient | None = None, **chosen: Unpack[Chosen]
) -> Iterator[Lore]:
    """The bot that `lore run` runs, with quick patience; three of them where the knowledge is on servers."""
    machines = other_machines(knowledge) if knowledge.database.shared else ()
    answers = Answers(knowledge, machines)
    bots = [bot_on(machine, answers, slack, chosen, client) for machine in (knowledge, *machines)]
    with ExitStack() as stack:
        for machine in machines:
            stack.callback(machine.close)
        for bot in bots:
            bot.start()
            stack.callback(bot.stop)
            slack.wait_for(lambda bot=bot: bot.connection.connected, 10)  # type: ignore[misc]
        if ports := [bot.connection.port for bot in bots if isinstance(bot.connection, HttpMode)]:
            port = stack.enter_context(balanced(ports)).port if machines else ports[0]
            assert slack.set_request_url(f"http://127.0.0.1:{port}{EVENTS_PATH}") is None
        yield Lore(slack, knowledge, answers, knowledge.settings.sources[0].path, bots[0], bots)


def bot_on(
    knowledge: Knowledge,
    answers: Answers,
    slack: Workspace,
    chosen: Chosen,
    client: WebClient | None,
) -> InSlack:
    """One process's worth of Lore."""
    client = client or slack_client(slack.bot_token, slack.api_url)
    clock = chosen.get("clock") or (lambda: datetime.now(UTC))
    wanted: Chosen = {
        "syncs": syncs_of(knowledge, clock),
        "calm": knowledge.settings.calm,
        "budgets": Budgets(questions_a_minute=1000),
        **chosen,
        "clock": clock,
    }
    return InSlack(
        client=client,
        connect=connecting(slack, client),
        database=knowledge.database,
        store=knowledge.store,
        answers=answers,
        admins=(),
        pace=Pace(per_second=1000.0, burst=1000),
        files=knowledge.files,
        index_saved=lambda: knowledge.index_saved(
            sources_now(knowledge.settings, knowledge.database).sources
        ),
        forget_slack=lambda: knowledge.forget_slack(
            sources_now(knowledge.settings, knowledge.database).sources
        ),
        ritual_settings=knowledge.settings.rituals,
        embedder=knowledge.embedder,
        trusting=TrustSettings(experts=EXPERTS),
        **wanted,
    )
