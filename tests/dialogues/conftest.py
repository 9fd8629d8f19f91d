"""The whole bot, in a workspace on this machine, over a small wiki: conversations are driven through it."""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient
from sqlalchemy import delete, func, select

from bot.budget_settings import Budgets
from bot.calm_settings import CalmSettings
from bot.comparing import Golden
from bot.connection import Connect
from bot.delivery import slack_client
from bot.gate import SigningSecrets
from bot.http_mode import HttpMode
from bot.http_server import listen
from bot.in_slack import InSlack
from bot.journal.tables import inbox, outbox
from bot.journal.tables import metadata as journal
from bot.mail_settings import MailSettings
from bot.manifest import EVENTS_PATH
from bot.pacing import Pace
from bot.quiet_settings import QuietSettings
from bot.reading.library import Library
from bot.rituals.repositories import Repositories, no_repositories
from bot.settings import Settings
from bot.socket_mode import SocketMode
from bot.sources_now import SourcesNow, sources_now
from bot.streaming import Rhythm
from bot.sync_desk import Syncs
from bot.sync_runs import SyncRuns
from bot.syncing import Syncing
from bot.trust_settings import TrustSettings
from bot.wiring import Knowledge, open_knowledge
from bot.workspace import Workspace
from bot.workspace.description import Description
from ingest.sources import Source
from knowledge.allowance import UNLIMITED, Allowance
from knowledge.answering import Answerer
from knowledge.attached import Attached
from knowledge.audience import EVERYONE, Audience
from knowledge.documents import Outcome, Turn
from knowledge.ports import Clock, Summariser
from knowledge.steps import Hear, ignore
from prompts.calm import MIDDAY
from tests.bot.block_rules import texts
from tests.fakes import FakeClock, HashEmbedder
from tests.sources import NoGenerations

WIKI = {
    "checkpoints.md": """---
title: Checkpoints
updated: 2026-06-01
owner: ana@heron.example
---
# Checkpoints

## Retention
The trainer keeps the last three checkpoints of every run. Older checkpoints are deleted each night.

## Restore drill
The last restore drill was on 12 May 2026 and took 41 minutes for the 7B run.
The restore drill for the 13B run took 93 minutes.
""",
    "learning-rate.md": """---
title: Learning rate
updated: 2026-07-01
---
# Learning rate

We warm up the learning rate for 2000 steps and then decay it with a cosine schedule.
""",
}
SECRETS = {
    "salaries.md": """---
title: Hiring plan
updated: 2026-08-01
---
# Hiring plan

## Budget
The hiring budget for the platform team is 640000 euros in 2027.
""",
}


def team() -> Description:
    """Ana is an admin; Gus is a guest; #leads and #pair are private; #partners is shared with others."""
    return Description.from_dict(
        {
            "people": [
                {"name": "ana", "real_name": "Ana Costa", "is_admin": True},
                {"name": "ben", "real_name": "Ben Okafor"},
                {"name": "chloe", "real_name": "Chloe Martin"},
                {"name": "gus", "real_name": "Gus Lindqvist", "is_restricted": True},
                {"name": "mallory", "real_name": "Mallory", "is_stranger": True},
                {"name": "deploybot", "real_name": "Deploy Bot", "is_bot": True},
            ],
            "channels": [
                {"name": "general"},
                {"name": "small", "members": ["ana", "ben", "lore"]},
                {"name": "leads", "private": True, "members": ["ana", "ben", "lore"]},
                {"name": "pair", "private": True, "members": ["ana", "ben", "chloe", "lore"]},
                {"name": "visitors", "private": True, "members": ["ana", "gus", "lore"]},
                {"name": "partners", "members": ["ana", "mallory", "lore"], "is_ext_shared": True},
                {"name": "bots", "members": ["ana", "deploybot", "lore"]},
            ],
        }
    )


@dataclass
class Answers:
    """The real answerer, with a switch for what can go wrong in it; it notes what it was asked with."""

    knowledge: Knowledge
    machines: tuple[Knowledge, ...] = ()
    before: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None
    instead: Callable[[str], Outcome] | None = None
    telling: Callable[[Hear], Outcome] | None = None
    answerer: Answerer | None = None
    asked: list[tuple[str, frozenset[str], tuple[Turn, ...]]] = field(default_factory=list)

    def answer(
        self,
        question: str,
        audiences: frozenset[str],
        history: Sequence[Turn] = (),
        hear: Hear = ignore,
        use_model: bool = True,
        attached: Attached | None = None,
        allowance: Allowance = UNLIMITED,
    ) -> Outcome:
        self.asked.append((question, audiences, tuple(history)))
        self.before()
        if self.instead is not None:
            return self.instead(question)
        if self.telling is not None:
            return self.telling(hear)
        turns = (self.knowledge, *self.machines)
        answerer = self.answerer or turns[len(self.asked) % len(turns)].answerer
        outcome = answerer.answer(
            question,
            audiences,
            history,
            hear=hear,
            use_model=use_model,
            attached=attached,
            allowance=allowance,
        )
        self.after()
        return outcome


@dataclass
class Lore:
    """Lore at work in a workspace, and what a test needs to look at."""

    slack: Workspace
    knowledge: Knowledge
    answers: Answers
    wiki: Path
    bot: InSlack
    bots: Sequence[InSlack] = ()

    def mention(self, person: str, channel: str, text: str, thread_ts: str | None = None) -> str:
        """Say something that mentions Lore; the message's ts."""
        return self.slack.say(person, channel, f"<@{self.slack.team.app.user_id}> {text}", thread_ts)

    def replies(self, channel: str, thread_ts: str | None, count: int = 1) -> list[dict[str, Any]]:
        """Lore's messages in a thread, once there are `count`."""
        return (
            self.slack.wait_for(
                lambda: said if len(said := self.slack.said_by_app(channel, thread_ts)) >= count else None
            )
            or []
        )

    def reply(self, channel: str, thread_ts: str | None, count: int = 1) -> str:
        """The words of the newest of them."""
        return words(self.replies(channel, thread_ts, count)[-1])

    def private_reply(self, person: str, channel: str, count: int = 1) -> dict[str, Any]:
        """What only this person sees."""
        return (
            self.slack.wait_for(
                lambda: seen[-1] if len(seen := self.slack.ephemerals(person, channel)) >= count else None
            )
            or {}
        )

    def taken_in(self, subtype: str) -> None:
        """Wait until the newest message event of this subtype was acknowledged, and so taken in."""
        self.slack.wait_for(
            lambda: any(
                envelope.acked
                for envelope in self.slack.ledger.events("message")
                if envelope.payload["event"].get("subtype") == subtype
            )
        )

    def is_quiet(self, channel: str, thread_ts: str | None, count: int) -> bool:
        """Whether, after everything said before was worked off, Lore has said no more than `count`.

        A later question in the same channel is answered meanwhile: events are taken in in their order.
        """
        self.reply("#general", self.mention("chloe", "#general", "help"))
        return len(self.slack.said_by_app(channel, thread_ts)) == count

    def settle(self) -> None:
        """Wait until everything taken in is worked off and everything due is said."""

        def idle() -> bool:
            busy_in = select(func.count()).where(inbox.c.state.in_(("queued", "claimed")))
            busy_out = select(func.count()).where(outbox.c.state.in_(("queued", "sending", "unsure")))
            with self.knowledge.database.reading() as connection:
                return not any(connection.execute(busy).scalar() for busy in (busy_in, busy_out))

        for bot in self.bots:
            bot.delivery.wake()  # a test may have stored something by itself
        self.slack.wait_for(idle)

    def at(self, clock: FakeClock, moment: datetime) -> None:
        """Make it this time, have rituals looked after as a heartbeat does, and wait for all that is said.

        What is under way is finished before, so that nothing looks as if it had hung for hours.
        """
        self.settle()
        clock.move(moment)
        for bot in self.bots:
            bot.keep_rituals(clock())
        self.settle()


def words(message: dict[str, Any]) -> str:
    """All that a person reads in a message."""
    return "\n".join(texts(message.get("blocks") or [])) or str(message.get("text"))


ACK_S = 10.0
"""Slack waits 3 s: a busy machine may be slower. How soon Lore does it is measured elsewhere."""
SERVERS = "servers.json"
CORE = ("test_questions", "test_commands", "test_audiences")
"""Held in Socket Mode and over HTTP; the rest in Socket Mode, unless `--connection` says otherwise."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "connection" in metafunc.fixturenames:
        asked = metafunc.config.getoption("--connection")
        both = asked == "both" or (asked == "core" and metafunc.module.__name__.rpartition(".")[2] in CORE)
        metafunc.parametrize(
            "connection", ["socket", "http"] if both else [asked if asked == "http" else "socket"]
        )


@pytest.fixture
def clock() -> FakeClock:
    """For dialogues in which time matters: `slack` of such a test is on it; give it to `at_work`, too.

    with at_work(slack, knowledge, clock=clock) as lore:
        lore.at(clock, datetime(2026, 3, 3, 9, 0, tzinfo=UTC))
    """
    return FakeClock(flowing=True)


@pytest.fixture
def slack(connection: str, request: pytest.FixtureRequest) -> Iterator[Workspace]:
    description = team()
    description.app.socket_mode = connection == "socket"
    seconds = request.getfixturevalue("clock").seconds if "clock" in request.fixturenames else time.time
    with Workspace(description, ack_seconds=ACK_S, redelivery=(0.0, 0.2, 0.4), clock=seconds) as workspace:
        yield workspace


def open_in(folder: Path) -> Knowledge:
    """The wiki for everyone, and a source for Ana and Ben, over the data folder inside `folder`."""
    wiki = Source("wiki", "folder", folder / "wiki", EVERYONE, "wiki")
    leads = Audience(principals=frozenset({"ana@heron.example", "ben@heron.example"}))
    secrets = replace(wiki, name="secrets", path=folder / "secrets", audience=leads)
    settings = Settings(
        config=folder / "lore.toml",
        data_dir=folder / "data",
        sources=(wiki, secrets),
        slack_api_url="",
        tokens=None,
        calm=CalmSettings(quiet=(MIDDAY, MIDDAY)),  # whatever the time is when the tests run
    )
    if (folder / SERVERS).is_file():
        settings = replace(settings, **json.loads((folder / SERVERS).read_text()))
    return open_knowledge(settings, HashEmbedder(dimension=256), lambda: datetime.now(UTC))


Share = Callable[[Path], bool]


@pytest.fixture(scope="session")
def share(request: pytest.FixtureRequest) -> Share:
    """Gives a folder a database and an index on servers, where the dialogues are held with several bots."""
    several = request.config.getoption("--connection") == "several"

    def give(folder: Path) -> bool:
        if several:
            address = request.getfixturevalue("postgres_server").new_database(migrated=True)
            chroma = request.getfixturevalue("chroma").url
            (folder / SERVERS).write_text(json.dumps({"database_url": address, "chroma_url": chroma}))
        return several

    return give


@pytest.fixture(scope="session")
def synced(tmp_path_factory: pytest.TempPathFactory, share: Share) -> Path:
    """A folder with sources and a data folder that was synced once, to be copied, and never opened again.

    To read the files of a database that this process has open drops the locks of the process on it; the
    next process that opens it (such as the one that builds an index) then takes it for one that nobody has
    open, and truncates the memory it is shared by: a bus error here. https://sqlite.org/howtocorrupt.html
    (2.2) has the locks, `unixLockSharedMemory` in SQLite's os_unix.c the truncation.
    """
    folder = tmp_path_factory.mktemp("synced")
    share(folder)
    for source, pages in (("wiki", WIKI), ("secrets", SECRETS)):
        (folder / source).mkdir()
        for name, text in pages.items():
            (folder / source / name).write_text(text)
    knowledge = open_in(folder)
    report = knowledge.syncer.sync(knowledge.settings.sources)
    assert (report.added, report.failed) == (3, ())
    knowledge.close()
    return folder


@pytest.fixture(scope="session")
def opened(synced: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knowledge]:
    """Opened once: probing and opening a generation takes longer than a conversation."""
    knowledge = open_in(shutil.copytree(synced, tmp_path_factory.mktemp("opened"), dirs_exist_ok=True))
    yield knowledge
    knowledge.close()


@pytest.fixture(scope="session")
def bare(synced: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knowledge]:
    """The same without an index: building one for every entry takes longer than all the rest."""
    knowledge = open_in(shutil.copytree(synced, tmp_path_factory.mktemp("bare"), dirs_exist_ok=True))
    yield without_an_index(knowledge)
    knowledge.close()


def without_an_index(knowledge: Knowledge) -> Knowledge:
    """The record itself answers: what is tested here is not how an index is built."""
    if knowledge.database.shared:
        return knowledge
    record = NoGenerations(knowledge.store)
    answerer = Answerer(record.current, knowledge.store, knowledge.embedder, lambda: datetime.now(UTC))
    return replace(knowledge, answerer=answerer, syncer=replace(knowledge.syncer, generations=record))


@pytest.fixture
def knowledge(request: pytest.FixtureRequest) -> Iterator[Knowledge]:
    """With an index, but in dialogues in which time matters: they are about rituals."""
    if "clock" in request.fixturenames:
        yield with_an_empty_journal(request.getfixturevalue("bare"))
        return
    shared = with_an_empty_journal(request.getfixturevalue("opened"))
    version = shared.generations.current().version
    yield shared
    assert shared.generations.current().version == version, "who changes what is indexed takes `own_lore`"


def with_an_empty_journal(knowledge: Knowledge) -> Knowledge:
    """What other tests asked and said is not there."""
    with knowledge.database.writing() as connection:
        for table in reversed(journal.sorted_tables):
            connection.execute(delete(table))
    return knowledge


@pytest.fixture
def own_knowledge(tmp_path: Path, synced: Path, share: Share) -> Iterator[Knowledge]:
    """For tests that change the sources."""
    shutil.copytree(synced, tmp_path, dirs_exist_ok=True)
    empty = share(tmp_path)
    knowledge = with_an_empty_journal(open_in(tmp_path))
    if empty:
        knowledge.syncer.sync(knowledge.settings.sources)
    yield knowledge
    knowledge.close()


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge) -> Iterator[Lore]:
    with at_work(slack, knowledge) as lore:
        yield lore


@pytest.fixture
def own_lore(slack: Workspace, own_knowledge: Knowledge) -> Iterator[Lore]:
    """For tests that change the sources."""
    with at_work(slack, own_knowledge) as lore:
        yield lore


def connecting(slack: Workspace, client: WebClient) -> Connect:
    """Socket Mode or HTTP, as the app's settings in the workspace say."""
    if slack.team.app.socket_mode:
        return lambda app, _: SocketMode(app, slack.app_token, client)

    def signed_at() -> datetime:
        return datetime.fromtimestamp(slack.team.clock(), UTC)

    return HttpMode(listen("127.0.0.1", 0), SigningSecrets(slack.signing_secret), signed_at).join


@contextmanager
def at_work(
    slack: Workspace,
    knowledge: Knowledge,
    deadline_s: float = 20.0,
    stream: Rhythm | None = None,
    forget_when_uninstalled: bool = True,
    quiet: QuietSettings | None = None,
    budgets: Budgets | None = None,
    clock: Clock = lambda: datetime.now(UTC),
    syncs: Syncs | None = None,
    golden: Golden | None = None,
    summariser: Summariser | None = None,
    recapper: Summariser | None = None,
    calm: CalmSettings | None = None,
    repositories: Repositories = no_repositories,
    mail: MailSettings | None = None,
    library: Library | None = None,
) -> Iterator[Lore]:
    """The bot that `lore run` runs, with quick patience."""
    machines = other_machines(knowledge) if knowledge.database.shared else ()
    answers = Answers(knowledge, machines)
    bot, *others = [
        bot_on(
            machine,
            answers,
            slack,
            deadline_s,
            stream,
            forget_when_uninstalled,
            quiet,
            budgets,
            clock,
            syncs,
            golden,
            summariser,
            recapper,
            calm,
            repositories,
            mail,
            library,
        )
        for machine in (knowledge, *machines)
    ]
    for one in (bot, *others):
        one.start()
        slack.wait_for(lambda one=one: one.connection.connected, 10)  # type: ignore[misc]
    if isinstance(bot.connection, HttpMode):
        url = f"http://127.0.0.1:{bot.connection.port}{EVENTS_PATH}"
        assert slack.set_request_url(url) is None
    try:
        yield Lore(slack, knowledge, answers, knowledge.settings.sources[0].path, bot, (bot, *others))
    finally:
        for one in (bot, *others):
            one.stop()
        for machine in machines:
            machine.close()


def other_machines(knowledge: Knowledge) -> tuple[Knowledge, ...]:
    """Two more that share the database and the Chroma server, and no folder."""
    return tuple(
        open_knowledge(
            replace(knowledge.settings, data_dir=knowledge.settings.data_dir.with_name(f"machine {n}")),
            HashEmbedder(dimension=256),
            lambda: datetime.now(UTC),
        )
        for n in (2, 3)
    )


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


def bot_on(
    knowledge: Knowledge,
    answers: Answers,
    slack: Workspace,
    deadline_s: float,
    stream: Rhythm | None,
    forget_when_uninstalled: bool,
    quiet: QuietSettings | None,
    budgets: Budgets | None = None,
    clock: Clock = lambda: datetime.now(UTC),
    syncs: Syncs | None = None,
    golden: Golden | None = None,
    summariser: Summariser | None = None,
    recapper: Summariser | None = None,
    calm: CalmSettings | None = None,
    repositories: Repositories = no_repositories,
    mail: MailSettings | None = None,
    library: Library | None = None,
) -> InSlack:
    """One process's worth of Lore."""

    client = slack_client(slack.bot_token, slack.api_url)
    return InSlack(
        client=client,
        connect=connecting(slack, client),
        database=knowledge.database,
        store=knowledge.store,
        answers=answers,
        syncs=syncs or syncs_of(knowledge, clock),
        admins=(),
        clock=clock,
        golden=golden,
        summariser=summariser,
        recapper=recapper,
        pace=Pace(per_second=1000.0, burst=1000),
        deadline_s=deadline_s,
        forget_when_uninstalled=forget_when_uninstalled,
        stream=stream,
        files=knowledge.files,
        index_saved=lambda: knowledge.index_saved(
            sources_now(knowledge.settings, knowledge.database).sources
        ),
        forget_slack=lambda: knowledge.forget_slack(
            sources_now(knowledge.settings, knowledge.database).sources
        ),
        quiet=quiet,
        budgets=budgets or Budgets(questions_a_minute=1000),
        ritual_settings=knowledge.settings.rituals,
        calm=calm or knowledge.settings.calm,
        repositories=repositories,
        mail=mail,
        library=library,
        embedder=knowledge.embedder,
        trusting=TrustSettings(experts={"default": ("ana@heron.example",), "#pair": ("ben@heron.example",)}),
    )
