"""The connection to Slack over Socket Mode: it comes back from everything and never ends in silence."""

import contextlib
import json
import logging
import random
import select
import socket
import threading
import time
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.inbox import Checkpoint, pass_by
from bot.sending import RateLimited, judge
from knowledge.errors import SettingsError

PING_EVERY_S = 5.0
HELLO_WITHIN_S = 10.0
DEAF_AFTER_S = 45.0
QUIET_AFTER_S = 240.0
LONGEST_WAIT_S = 60.0
LINK_DISABLED_WAIT_S = 300.0
CLOSE_WITHIN_S = 4.0
WATCH_EVERY_S = 0.25
_HUNG_UP = select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)
TOKEN_ERRORS = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_expired",
        "token_revoked",
        "not_allowed_token_type",
        "missing_scope",
    }
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the connection waits for what, in seconds.

    A socket is deaf when neither a ping of Slack's nor a message came for `deaf_after_s`: answers to our
    own pings prove nothing (Slack's Node SDK expects a server ping every 30 s). One that pings but has
    brought no event for `quiet_after_s` is replaced in any case: Slack repeats for the last time after
    five minutes what it could not deliver.
    """

    hello_within_s: float = HELLO_WITHIN_S
    deaf_after_s: float = DEAF_AFTER_S
    quiet_after_s: float = QUIET_AFTER_S
    first_wait_s: float = 1.0
    longest_wait_s: float = LONGEST_WAIT_S
    link_disabled_wait_s: float = LINK_DISABLED_WAIT_S
    look_every_s: float = WATCH_EVERY_S


_BUFFER_BYTES = 1 << 16
"""The SDK goes one call deeper for each buffer of one message: with its 1,024 bytes an event of a few hundred
kilobytes, such as one with 500 files, ends in a RecursionError."""


class _Client(SocketModeClient):
    """The SDK's client with its own reconnecting taken out: it sleeps on any Retry-After with the lock
    held, and reconnects to a disabled link without a pause. It only says that it wants a new connection."""

    def __init__(self, app_token: str, web_client: WebClient) -> None:
        self.wanted = threading.Event()
        self.reason = ""
        self.greeted = False
        self.heard_at = self.told_at = time.monotonic()
        super().__init__(
            app_token=app_token,
            web_client=web_client,
            ping_interval=PING_EVERY_S,
            receive_buffer_size=_BUFFER_BYTES,
        )

    def connect_to_new_endpoint(self, force: bool = False) -> None:  # noqa: ARG002 - the SDK's signature
        self.wanted.set()

    def issue_new_wss_url(self) -> str:
        return str(self.web_client.apps_connections_open(app_token=self.app_token)["url"])

    def connect(self) -> None:
        self.wss_uri = self.issue_new_wss_url()
        self.greeted, self.reason = False, ""
        self.heard_at = self.told_at = time.monotonic()
        super().connect()
        session = self.current_session
        if session is not None and session.is_active():
            answer_ping = session.pong

            def pong(payload: str | bytes = "") -> None:
                self.heard_at = time.monotonic()
                answer_ping(payload)

            session.pong = pong  # type: ignore[method-assign]  # the only place where a server ping shows

    def hung_up(self) -> bool:
        """Whether the other side has closed the connection; the SDK notices after some 25 seconds."""
        session = self.current_session
        sock = None if session is None else session.sock
        if sock is None or (number := sock.fileno()) < 0:
            return False
        poll = select.poll()
        poll.register(number, _HUNG_UP)
        return bool(poll.poll(0))

    def stop_hearing(self) -> None:
        """Read nothing more. The SDK's readers are woken: they would sleep out a second, and three."""
        self.closed = True
        self.message_queue.put(None)
        self.current_session_state.terminated = True
        session = self.current_session
        sock = None if session is None else session.sock
        if sock is not None:
            with contextlib.suppress(OSError):  # closed meanwhile
                # Not SSLSocket's own, which would end encryption for acknowledgements, too.
                socket.socket.shutdown(sock, socket.SHUT_RD)

    def finish(self) -> None:
        """Let what is at work acknowledge, then close."""
        self.message_processor.shutdown()  # type: ignore[no-untyped-call]
        self.message_workers.shutdown()
        self.close()

    def _on_message(self, message: str) -> None:
        self.heard_at = self.told_at = time.monotonic()
        if '"hello"' in message or '"disconnect"' in message:
            self._note(message)
        super()._on_message(message)

    def _note(self, message: str) -> None:
        try:
            told = json.loads(message)
        except ValueError:
            return
        if told.get("type") == "hello":
            self.greeted = True
        elif told.get("type") == "disconnect":
            self.reason = str(told.get("reason") or "")


class SocketMode:
    """Keeps one Bolt app connected. `web_client` carries the base URL of the Web API."""

    def __init__(
        self,
        app: App,
        app_token: str,
        web_client: WebClient,
        patience: Patience | None = None,
        checkpoint: Checkpoint = pass_by,
    ) -> None:
        self._app = app
        self._patience = patience or Patience()
        self._checkpoint = checkpoint
        self._client = _Client(app_token, web_client)
        self._client.socket_mode_request_listeners.append(self._handle)
        self._opened_at = 0.0
        self._failures = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="socket-mode", daemon=True)

    @property
    def connected(self) -> bool:
        """Greeted by Slack, and not deaf."""
        return self._client.greeted and self._trouble() in (None, "quiet")

    @property
    def told(self) -> str:
        """Whether it is connected, or why not."""
        return "connected" if self.connected else f"not connected ({self._trouble() or 'no hello yet'})"

    def start(self) -> None:
        """Connect, and stay connected from now on, however long Slack is away.

        Raises SettingsError at once when Slack says that the app token is wrong.
        """
        try:
            self._connect()
        except SlackApiError as error:
            code = _code(error)
            if code in TOKEN_ERRORS:
                self._client.close()
                raise SettingsError(
                    f"Slack refuses SLACK_APP_TOKEN ({code}): copy the xapp-… token with the scope "
                    "connections:write from your app's Basic Information page"
                ) from error
            self._failed(error)
        except (SlackClientError, HTTPException, OSError, KeyError, TypeError, ValueError) as error:
            self._failed(error)
        self._thread.start()

    def wait_until_connected(self, within_s: float) -> bool:
        """Whether Slack has greeted us within so many seconds."""
        end = time.monotonic() + within_s
        while not self.connected and time.monotonic() < end:
            time.sleep(0.01)
        return self.connected

    def stop(self) -> None:
        """Take nothing more in; what is being committed is still acknowledged where that works."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(5)
        self._client.stop_hearing()
        # The SDK waits for its threads, for ever when it is closed just as it connects.
        closing = threading.Thread(target=self._client.finish, name="socket-mode-closing", daemon=True)
        closing.start()
        closing.join(CLOSE_WITHIN_S)

    def _handle(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        """Dispatch to Bolt, which commits before it answers; then acknowledge."""
        started = time.time()
        response = run_bolt_app(self._app, request)
        send_response(client, request, response, started)
        self._checkpoint("acked")

    def _connect(self) -> None:
        self._client.wanted.clear()
        self._opened_at = time.monotonic()
        self._client.connect()
        if not self._client.is_connected():
            raise ConnectionError("the WebSocket could not be opened")

    def _trouble(self) -> str | None:
        """Why a new connection is needed, if it is."""
        now = time.monotonic()
        if self._client.wanted.is_set():
            return self._client.reason or "closed"
        if not self._client.is_connected():
            return "not connected"
        if self._client.hung_up():
            return "closed"
        if not self._client.greeted and now - self._opened_at > self._patience.hello_within_s:
            return "no hello"
        if now - self._client.heard_at > self._patience.deaf_after_s:
            return "deaf"
        if now - self._client.told_at > self._patience.quiet_after_s:
            return "quiet"
        return None

    def _watch(self) -> None:
        while not self._stopping.wait(self._patience.look_every_s):
            trouble = self._trouble()
            if trouble is None:
                if self._client.greeted:
                    self._failures = 0
                continue
            wait = self._wait_for(trouble)
            level = logging.DEBUG if trouble == "quiet" else logging.WARNING
            log.log(level, "the connection to Slack needs renewing (%s), in %.1f s", trouble, wait)
            if self._stopping.wait(wait):
                return
            self._try()

    def _wait_for(self, trouble: str) -> float:
        if trouble == "link_disabled":
            log.critical("ALERT Socket Mode is switched off in the Slack app's settings; switch it on again")
            self._failures += 1
            return self._patience.link_disabled_wait_s
        if trouble in ("warning", "refresh_requested", "quiet") and self._failures == 0:
            return 0.0
        self._failures += 1
        if trouble == "closed" and self._failures == 1:
            return 0.0
        doubled: float = self._patience.first_wait_s * 2 ** min(self._failures - 1, 16)
        return min(self._patience.longest_wait_s, doubled) * random.uniform(0.5, 1)  # noqa: S311 - jitter

    def _try(self) -> None:
        try:
            self._connect()
        except SlackApiError as error:
            self._failed(error)
            verdict = judge(error.response.status_code, _code(error), error.response.headers)
            if isinstance(verdict, RateLimited):
                self._stopping.wait(min(verdict.seconds, self._patience.link_disabled_wait_s))
        except (SlackClientError, HTTPException, OSError, KeyError, TypeError, ValueError) as error:
            self._failed(error)
        else:
            log.info("connected to Slack anew")

    def _failed(self, error: Exception) -> None:
        self._client.wanted.set()
        what = _code(error) if isinstance(error, SlackApiError) else f"{type(error).__name__}: {error}"
        alert = "ALERT " if what in TOKEN_ERRORS else ""
        log.error("%sSlack cannot be reached (%s); trying again", alert, what)


def _code(error: SlackApiError) -> str:
    data: Any = error.response.data
    return str(data.get("error") or "") if isinstance(data, dict) else ""
