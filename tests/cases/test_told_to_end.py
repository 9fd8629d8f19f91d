"""IN-30: `lore run` that is told to end while it syncs."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from sqlalchemy import select

from bot.journal.sync_runs import sync_runs
from bot.workspace import Workspace
from knowledge.adapters.database import open_database
from tests.dialogues.lore import words
from tests.ingest.web_site import Asked, Reply, Site, web_site

SOURCE = """[[sources]]
name = "site"
kind = "website"
address = "{}"
private_network = true
audience = "everyone"
"""
MAY_TAKE_S = 60
"""Far less than the page that it waits for, and more than a busy machine needs."""


def with_a_page_that_hangs(site: Site, hangs: threading.Event) -> None:
    """A site of three pages; one is not answered before `hangs` is set."""

    def slow(_: Asked) -> Reply:
        hangs.wait(600)
        return Reply("<h1>Slow</h1><p>The slow page tells of the backup of Tuesday.</p>")

    site.page("/", "Start. The nightly backup takes 35 minutes.", "/slow", "/last")
    site.page("/last", "Last. The backup of Friday takes an hour.")
    site.routes["/slow"] = slow


def begun(environment: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "bot.cli", "run"], env=environment, stderr=subprocess.PIPE, text=True
    )


def states(data: Path) -> list[str]:
    """How the syncs of this data folder have ended."""
    database = open_database(data / "lore.db")
    with database.reading() as connection:
        found = list(connection.execute(select(sync_runs.c.state)).scalars())
    database.close()
    return found


def test_in_30_lore_run_ends_in_the_midst_of_a_sync_and_the_next_takes_it_up(tmp_path: Path) -> None:
    hangs = threading.Event()
    with web_site() as site, Workspace() as slack:
        with_a_page_that_hangs(site, hangs)
        (tmp_path / "lore.toml").write_text(SOURCE.format(site.address))
        environment = {
            **os.environ,
            "LORE_CONFIG": str(tmp_path / "lore.toml"),
            "LORE_DATA_DIR": str(tmp_path / "data"),
            "SLACK_API_URL": slack.api_url,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
        }
        dm = slack.dm("ana")

        def told(text: str) -> bool:
            return any(text in words(one) for one in slack.said_by_app(dm))

        process = begun(environment)
        try:
            slack.wait_for(lambda: "/slow" in site.paths)  # a new source is synced at the start
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=MAY_TAKE_S)
            assert process.returncode == 0
            assert "Traceback" not in log
            assert states(tmp_path / "data") == ["interrupted"], "and the page was never answered"
            hangs.set()
            process = begun(environment)
            slack.wait_for(lambda: slack.connected == 1)
            assert slack.slash("ana", "#general", "/lore", "sync site").ok
            slack.wait_for(lambda: told("3 added"), 120)
        finally:
            hangs.set()
            process.kill()
            process.communicate()
