"""A whole Slack on this machine: start it, hand its `api_url` and tokens to a bot, and drive it.

with Workspace() as slack:
    app = App(client=WebClient(slack.bot_token, base_url=slack.api_url))
    ...
    ts = slack.say("ana", "#general", "@lore when was the last restore drill?")
    slack.wait_for(lambda: slack.said_by_app("#general", ts))
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from types import TracebackType
from typing import Any, Self

from starlette.routing import BaseRoute

from bot.workspace import ids, scheduled
from bot.workspace.courier import Courier
from bot.workspace.description import Description, Json, small_team
from bot.workspace.driver import Driver
from bot.workspace.envelopes import Delivery
from bot.workspace.events import EventSource
from bot.workspace.faults import Faults
from bot.workspace.file_host import FileHost
from bot.workspace.http_api import HttpApi
from bot.workspace.http_mode import HttpMode
from bot.workspace.interactions import Interactions
from bot.workspace.ledger import Envelope, Ledger
from bot.workspace.page_api import PageApi
from bot.workspace.page_live import PageLive
from bot.workspace.rate_limits import RateLimits
from bot.workspace.rotating import Rotating, renew
from bot.workspace.server import LOOPBACK, Server
from bot.workspace.site import Site, Triggers
from bot.workspace.socket_mode import SocketMode
from bot.workspace.team import Team


class Workspace(Driver):
    """A running workspace.

    description: who and what is in it; a small team by default.
    port: 0 takes any free one.
    ack_seconds, redelivery: how long Slack waits for an acknowledgement, and after how many seconds an event
        comes again (Slack: at once, after a minute, after five).
    ping_seconds: between Slack's pings on each socket.
    enforce_rate_limits: keep Slack's tiers and its one message a second per channel.
    clock: seconds since the epoch, for timestamps and expiries.
    bot_token, app_token: made up afresh unless given, so that a bot in another process can know them.
    """

    def __init__(
        self,
        description: Description | None = None,
        *,
        port: int = 0,
        ack_seconds: float = 3.0,
        redelivery: Sequence[float] = (0.0, 60.0, 300.0),
        ping_seconds: float = 5.0,
        enforce_rate_limits: bool = False,
        clock: Callable[[], float] = time.time,
        bot_token: str = "",
        app_token: str = "",
    ) -> None:
        team = Team(description or small_team(), clock)
        self.team = team
        self.ledger = Ledger(team.lock)
        self.faults = Faults()
        self.limits = RateLimits(enforce_rate_limits)
        self.app_token = app_token or ids.token("xapp", "1", team.app.id, "1")
        self.site = Site(
            team,
            self.ledger,
            self.faults,
            self.limits,
            Triggers(clock),
            bot_token or ids.token("xoxb", "1", "1"),
            self.app_token,
            signing_secret=ids.token("sign").partition("-")[2],
            verification_token=ids.fresh("", 24),
        )
        self.courier = Courier(self.site, redelivery)
        self.socket_mode = SocketMode(self.site, self.courier, ack_seconds, ping_seconds)
        self.http_mode = HttpMode(self.site, self.courier, ack_seconds)
        self.site.new_socket_url = self.socket_mode.new_url
        self.interactions = Interactions(self.site, self.courier)
        self.events = EventSource(team, self.site.verification_token, self.courier.deliver)
        self._live = PageLive(self)
        self._port = port
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """Where the page is."""
        return self.site.url

    @property
    def api_url(self) -> str:
        """`base_url` for slack_sdk's clients."""
        return f"{self.site.url}/api/"

    def start(self) -> Self:
        """Listen; returns when the workspace can be used. Raises OSError when the port is taken."""

        def routes(stopping: asyncio.Event) -> list[BaseRoute]:
            return [
                *HttpApi(self.site, stopping).routes(),
                *FileHost(self.site, stopping).routes(),
                *PageApi(self).routes(),
                *self._live.routes(),
            ]

        def meanwhile() -> Coroutine[Any, Any, None]:
            return scheduled.keep_posting(self.team)

        server = Server(routes, self.socket_mode, self.http_mode, self._port, meanwhile)
        self.site.url = f"http://{LOOPBACK}:{server.port}"
        server.start()
        self._server = server
        return self

    def stop(self) -> None:
        """Close every socket and wait until the thread has ended."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _inside(self, act: Callable[[], None]) -> None:
        assert self._server is not None, "the workspace is not running"
        self._server.inside(act)

    @property
    def connected(self) -> int:
        """How many sockets the app has open; with Socket Mode off 1 when its request URL was verified."""
        if self.team.app.socket_mode:
            return len(self.socket_mode.sockets)
        return 1 if self.http_mode.url else 0

    @property
    def bot_token(self) -> str:
        return self.site.bot_token

    def uninstall(self, revoked_first: bool = False) -> None:
        """Take the app out: its token ends, and it is told so with two events, in either order.

        https://docs.slack.dev/reference/events/app_uninstalled and …/tokens_revoked
        """
        self.team.token_refusal = "account_inactive"  # noqa: S105 - what Slack answers then
        revoked = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self.team.app.user_id]}}
        events: list[Json] = [{"type": "app_uninstalled"}, revoked]
        for event in events[::-1] if revoked_first else events:
            self.tell_app(event)

    def reinstall(self) -> str:
        """Install the app again; gives back its new token."""
        self.site.bot_token = ids.token("xoxb", "1", "1")
        self.team.token_refusal = None
        return self.site.bot_token

    def rotate_tokens(self, seconds: float = 43200.0) -> Rotating:
        """Let the bot token expire after so long, and be renewed; what the app needs for that."""
        rotating = Rotating(seconds)
        renew(self.site, rotating)
        self.site.rotating = rotating
        return rotating

    @property
    def signing_secret(self) -> str:
        return self.site.signing_secret

    def rotate_signing_secret(self) -> str:
        """Sign with a new secret from now on (*assumed*: with the next request); gives it back."""
        self.site.signing_secret = ids.token("sign").partition("-")[2]
        return self.site.signing_secret

    def set_request_url(self, url: str) -> str | None:
        """Switch Socket Mode off and tell the app everything there, once it answers `url_verification`.

        What is wrong with the URL, or None.
        """
        assert self._server is not None, "the workspace is not running"
        self.team.app.socket_mode = False
        return self._server.wait_for(self.http_mode.verify(url))

    def check_ssl(self, signed: bool = False) -> int:
        """Check the app's certificate as Slack does now and then; the status of the answer."""
        assert self._server is not None, "the workspace is not running"
        return self._server.wait_for(self.http_mode.check_ssl(signed))

    def drop_sockets(self) -> None:
        """End every socket without a word."""
        self._inside(self.socket_mode.drop)

    def disconnect_sockets(self, reason: str = "warning", close_after: float | None = 10.0) -> None:
        """Announce the end: `warning`, `refresh_requested`, `too_many_websockets` or `link_disabled`."""
        self._inside(lambda: self.socket_mode.disconnect(reason, close_after))

    def deafen_sockets(self, kind: str) -> None:
        """Make the present sockets `mute` (no events) or `silent` (no pings and pongs either)."""
        self._inside(lambda: self.socket_mode.deafen(kind))

    def withhold_hello(self, times: int = 1) -> None:
        """Say no hello on the next sockets."""
        self.socket_mode.hellos_withheld = times

    def cut_envelopes(self, times: int = 1) -> None:
        """End the connection in the middle of the next envelopes."""
        self.socket_mode.envelopes_to_cut = times

    def repeat(self, envelope: Envelope, times: int = 1) -> None:
        """Deliver an event again, with its event_id, that many times."""
        self._inside(lambda: self.courier.repeat(envelope, times))

    def hold_events(self) -> None:
        """Keep everything for the app back until `release_events`."""
        self._inside(self.courier.hold)

    def release_events(
        self, order: Callable[[list[Delivery]], Sequence[Delivery]] = lambda held: held[::-1]
    ) -> None:
        """Deliver what was kept back, last first or in any other order."""
        self._inside(lambda: self.courier.release(order))
