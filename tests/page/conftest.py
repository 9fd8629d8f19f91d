"""Chromium with the workspace's page open, and a scripted bot of the real slack_bolt in the workspace."""

import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.workspace import Workspace
from tests.page.scripted_bot import scripted

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENSHOTS = Path(__file__).parents[2] / ".screenshots"


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no Chromium on this machine: install the system's chromium package")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def slack() -> Iterator[Workspace]:
    with Workspace(ack_seconds=1.0) as workspace:
        yield workspace


@pytest.fixture
def looking_up() -> threading.Event:
    """The bot answers once this is set; it is, unless a test clears it."""
    event = threading.Event()
    event.set()
    return event


@pytest.fixture
def heard(slack: Workspace, looking_up: threading.Event) -> Iterator[list[Any]]:
    """The connected bot; the list is what its modals and menus were given."""
    client = WebClient(slack.bot_token, base_url=slack.api_url, timeout=5, retry_handlers=[])
    app = App(client=client, logger=logging.getLogger("tests.bolt"))
    lines = scripted(app, slack.channel("training").id, looking_up)
    handler = SocketModeHandler(app, slack.app_token, ping_interval=1)
    handler.connect()
    # A client that is closed while its reader is about to start never ends.
    slack.wait_for(lambda: handler.client.current_session.last_ping_pong_time is not None)
    yield lines
    looking_up.set()
    handler.client.closed = True
    handler.client.message_queue.put(None)
    handler.close()
    handler.app.listener_runner.listener_executor.shutdown()


Visit = Callable[..., Any]


@pytest.fixture
def visit(browser: Any, slack: Workspace) -> Iterator[Visit]:
    """Open the page as someone: visit("ana", "general"). No error may appear on its console."""
    contexts, troubles = [], []

    def open_as(person: str, channel: str = "general", scheme: str = "light", **more: Any) -> Any:
        size = {"viewport": {"width": 1280, "height": 800}} | more
        context = browser.new_context(color_scheme=scheme, locale="en-GB", **size)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(8000)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        page.goto(f"{slack.url}/#/{person}/{channel}")
        page.locator("#channel .writing:visible, #channel .joining:visible").wait_for()
        page.locator("#channel .log:not([aria-busy])").wait_for()
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def picture() -> Callable[[Any, str], None]:
    """Keep a screenshot, to be looked at."""

    def keep(page: Any, name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png")

    return keep
