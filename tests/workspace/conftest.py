"""A running workspace, and a bot in it made of the real slack_sdk and slack_bolt."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.workspace import Workspace


@pytest.fixture
def slack() -> Iterator[Workspace]:
    with Workspace(ack_seconds=1.0, redelivery=(0.0, 0.1, 0.2), ping_seconds=0.1) as workspace:
        yield workspace


@pytest.fixture
def client(slack: Workspace) -> WebClient:
    return WebClient(slack.bot_token, base_url=slack.api_url, timeout=5, retry_handlers=[])


def until_it_reads(slack: Workspace, client: Any) -> None:
    """Wait for the client's reader, not just its socket.

    A client that is closed while its reader is about to start never ends: the reader clears the mark that
    `close` has set (slack_sdk/socket_mode/builtin/client.py, `_run_current_session`).
    """
    slack.wait_for(lambda: client.current_session.last_ping_pong_time is not None)


@pytest.fixture
def connect(slack: Workspace, client: WebClient) -> Iterator[Callable[[App], SocketModeHandler]]:
    """Connect a Bolt app and wait until the workspace has its socket."""
    handlers = []

    def connected(app: App) -> SocketModeHandler:
        handler = SocketModeHandler(app, slack.app_token, ping_interval=1)
        handlers.append(handler)
        handler.connect()
        until_it_reads(slack, handler.client)
        return handler

    yield connected
    for handler in handlers:
        handler.client.closed = True
        handler.client.message_queue.put(None)  # wakes its reader, which otherwise takes a second
        handler.close()
        handler.app.listener_runner.listener_executor.shutdown()


@pytest.fixture
def app(client: WebClient) -> App:
    return App(client=client, logger=logging.getLogger("tests.bolt"))
