"""What `lore run` connects with: Socket Mode, or an HTTP server that shows at once that the process lives."""

import logging
import socket

from slack_sdk import WebClient

from bot.connection import Connect
from bot.hook_mode import Hooks, HookServer
from bot.http_mode import HttpMode
from bot.http_server import listen
from bot.manifest import EVENTS_PATH
from bot.readiness import Readiness
from bot.settings import Settings
from bot.socket_mode import SocketMode
from bot.wiring import now
from knowledge.errors import StoreError

log = logging.getLogger("lore")


def over_sockets(settings: Settings, client: WebClient) -> Connect:
    """Raises SettingsError where the app token is missing."""
    tokens = settings.require_tokens()
    return lambda app, _: SocketMode(app, tokens.app, client)


def hook_server(settings: Settings, hooks: Hooks, readiness: Readiness) -> HookServer | None:
    """What takes webhooks and tells of health beside Socket Mode, from now on; None where PORT is not set.

    Raises StoreError when the port cannot be used.
    """
    if settings.listens_at is None:
        return None
    server = HookServer(_listening(*settings.listens_at), hooks, readiness)
    server.start()
    log.info("listening on %s:%d for webhooks and health checks", settings.listens_at[0], server.port)
    return server


def over_http(settings: Settings, hooks: Hooks, readiness: Readiness) -> Connect:
    """Listens from now on; events are taken when the bot starts.

    Raises SettingsError without a signing secret, StoreError when the port cannot be used.
    """
    _, where = settings.require_http()
    mode = HttpMode(_listening(where.host, where.port), where.secrets, now, hooks=hooks, readiness=readiness)
    mode.open()
    log.info("listening on %s:%d; the request URL ends in %s", where.host, mode.port, EVENTS_PATH)
    return mode.join


def _listening(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except OSError as error:
        raise StoreError(
            f"port {port} of {host} cannot be used ({error.strerror}): set another PORT"
        ) from error
