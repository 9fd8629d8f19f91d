"""`lore run` and `lore workspace`: the bot in Slack, or in a Slack on this machine."""

import logging
import os
import signal
import threading
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.logs import log_to_stderr
from bot.quiet_settings import NOT_MEASURED
from bot.settings import golden_now, load_settings
from knowledge.errors import LoreError, ModelError, SettingsError, StoreError

if TYPE_CHECKING:
    from bot.wiring import Knowledge

GRACE_S = 15

log = logging.getLogger("lore")


def run_bot(*, http: bool) -> None:
    """Answer in Slack until a signal; Slack is reached first, the model and the index load beside it."""
    settings = load_settings()
    bot_token = settings.require_http()[0] if http else settings.require_tokens().bot
    log_to_stderr()
    if settings.quiet_help.threshold is None:
        log.warning(NOT_MEASURED)
    from bot.benching import Bench
    from bot.cli.connecting import hook_server, over_http, over_sockets
    from bot.comparing import Golden
    from bot.delivery import slack_client
    from bot.heartbeat import Duty, Heartbeat
    from bot.hook_mode import Hooks
    from bot.in_slack import InSlack
    from bot.readiness import Readiness
    from bot.reading.library import Library
    from bot.rituals.repositories import named
    from bot.rotation import Rotation
    from bot.scheduling import Scheduling
    from bot.sources_now import from_the_file
    from bot.streaming import Rhythm
    from bot.sync_desk import Syncs
    from bot.sync_runs import SyncRuns
    from bot.syncing import Syncing
    from bot.wiring import now, only_bot, open_knowledge
    from ingest.report import SyncReport

    stopped = _on_signals()

    def serving() -> str:
        return f"version {knowledge.store.published()}"

    with only_bot(settings):
        client = slack_client(bot_token, settings.slack_api_url)
        hooks = Hooks(now)
        readiness = Readiness(now, serving)
        connect = over_http(settings, hooks, readiness) if http else over_sockets(settings, client)
        server = None if http else hook_server(settings, hooks, readiness)
        knowledge = open_knowledge(settings, model_later=True, slack=client)
        listed = from_the_file(knowledge.database)

        def sync() -> SyncReport:
            return knowledge.syncer.sync(listed().sources, wait_s=GRACE_S)

        def index_saved() -> SyncReport:
            return knowledge.index_saved(listed().sources)

        def forget_slack() -> SyncReport:
            return knowledge.forget_slack(listed().sources)

        rotation = None
        if settings.rotation is not None:
            renewing = slack_client("", settings.slack_api_url)
            rotation = Rotation(client, renewing, knowledge.database, settings.rotation, now)
            rotation.begin()
        runs = SyncRuns(knowledge.database, now)
        scheduling = Scheduling(runs, listed, knowledge.database, settings.zone, now())
        syncs = Syncs(
            runs=runs,
            syncing=Syncing(knowledge.syncer, lambda: listed().sources),
            sources=listed,
            holdings=knowledge.store.holdings,
            next_sync=lambda one: scheduling.next_at(one, now()),
            channel=settings.admins_channel,
        )
        bench = Bench(knowledge.store, knowledge.generations.current, knowledge.embedder)
        bot = InSlack(
            client=client,
            connect=connect,
            database=knowledge.database,
            store=knowledge.store,
            answers=knowledge.answerer,
            syncs=syncs,
            admins=settings.admins,
            clock=now,
            workers=settings.workers,
            deadline_s=settings.deadline_s,
            stream=Rhythm() if settings.streams_answers else None,
            files=knowledge.files,
            index_saved=index_saved,
            forget_slack=forget_slack,
            quiet=settings.quiet_help,
            calm=settings.calm,
            ritual_settings=settings.rituals,
            lead_settings=settings.leads,
            embedder=knowledge.embedder,
            trusting=settings.trust,
            forget_when_uninstalled=settings.forget_when_uninstalled,
            budgets=settings.budgets,
            mail=settings.mail,
            library=Library() if settings.rituals.read_papers else None,
            golden=Golden(bench, lambda: golden_now(settings)),
            summariser=knowledge.model,
            recapper=None if knowledge.model is None else knowledge.model.for_recaps(),
            shared_time=knowledge.database.time,
            repositories=named(
                settings.repositories,
                settings.config.parent,
                settings.data_dir,
                lambda: listed().sources,
            ),
        )

        def follow(_now: datetime) -> None:
            """Open what another process published, so that no question has to wait for it."""
            knowledge.generations.current()

        duties: list[Duty] = [scheduling, follow, bot.remind, bot.help_quietly, bot.keep_rituals]
        duties += [] if rotation is None else [rotation.refresh]
        heartbeat = Heartbeat(duties, now)
        letters_beat = Heartbeat([] if settings.mail is None else [bot.send_letters], now)

        broken: list[LoreError] = []

        def get_ready() -> bool:
            try:
                _warm_up(knowledge)
                if knowledge.syncer.audiences_differ(listed().sources):
                    sync()  # before anything is answered under an audience that is no longer meant
            except LoreError as error:
                broken.append(error)
                stopped.set()
                return False
            scheduling(now())
            heartbeat.start()
            letters_beat.start()
            return True

        bot.start(get_ready)
        hooks.join(bot.delivery.writer, listed)
        readiness.join(bot.delivery, bot.connection)
        log.info("taking questions in")
        stopped.wait()
        log.info("stopping")
        heartbeat.stop()
        letters_beat.stop()
        if server is not None:
            server.stop()
        bot.stop()
        knowledge.close()
        if broken:
            raise broken[0]


def run_workspace(*, with_bot: bool, http: bool, port: int, description: Path | None) -> None:
    """Serve the local workspace on 127.0.0.1 until a signal, and run the bot in it as `lore run` would.

    With `http` it tells the bot things over HTTP.
    """
    settings = load_settings() if with_bot else None
    from bot.cli.spawned import SpawnedBot
    from bot.workspace import Description, DescriptionError, Workspace

    stopped = _on_signals()
    path = description or Path(os.path.dirname(settings.config) if settings else ".") / "workspace.toml"
    try:
        team = Description.from_toml(path) if description or path.is_file() else None
        workspace = Workspace(team, port=port).start()
    except DescriptionError as error:
        raise SettingsError(f"{path}: {error}") from error
    except OSError as error:
        raise StoreError(
            f"port {port} cannot be used ({error.strerror}): name another with --port"
        ) from error
    print(f"The local workspace is at {workspace.url} (this machine only; Ctrl-C stops it).", flush=True)
    bot = SpawnedBot(workspace, http) if with_bot else None
    try:
        while not stopped.wait(0.5):
            if bot is not None:
                bot.look_after()
    finally:
        if bot is not None:
            bot.stop()
        workspace.stop()


def _on_signals() -> threading.Event:
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    return stopped


def _warm_up(knowledge: "Knowledge") -> None:
    """Raises ModelError and SettingsError: without its models Lore cannot do what it is set to do."""
    try:
        knowledge.warm_up()
        log.info("the model and the index are loaded")
    except (ModelError, SettingsError):
        raise
    except LoreError as error:
        log.error("ALERT %s", error)
