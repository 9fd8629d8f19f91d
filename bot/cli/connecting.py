"""What `lore run` connects with: Socket Mode, or an HTTP server that shows at once that the process lives."""

import logging
from collections.abc import Callable

from slack_sdk import WebClient

from bot.connection import Connect
from bot.http_mode import HttpMode
from bot.http_server import listen
from bot.manifest import EVENTS_PATH
from bot.settings import Settings
from bot.socket_mode import SocketMode
from bot.wiring import now
from knowledge.errors import StoreError

log = logging.getLogger("lore")


def over_sockets(settings: Settings, client: WebClient) -> Connect:
    """Raises SettingsError where the app token is missing."""
    tokens = settings.require_tokens()
    return lambda app, _: SocketMode(app, tokens.app, client)


def over_http(settings: Settings, serving: Callable[[], str]) -> Connect:
    """Listens from now on; events are taken when the bot starts.

    `serving` says what answers come from. Raises SettingsError without a signing secret, StoreError when
    the port cannot be used.
    """
    _, where = settings.require_http()
    try:
        listener = listen(where.host, where.port)
    except OSError as error:
        raise StoreError(
            f"port {where.port} of {where.host} cannot be used ({error.strerror}): set another PORT"
        ) from error
    mode = HttpMode(listener, where.secrets, now, serving)
    mode.open()
    log.info("listening on %s:%d; the request URL ends in %s", where.host, mode.port, EVENTS_PATH)
    return mode.join
