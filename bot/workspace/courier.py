"""Envelopes leave here: noted in the ledger, carried over a socket or over HTTP, and repeated unacknowledged.

Follows https://docs.slack.dev/apis/events-api#retries: three repeats of an event (at once, after a minute,
after five) unless the app says `X-Slack-No-Retry: 1`; commands and interactions are never repeated.
*Assumed*: a repeated event has a new envelope_id or signature and the old event_id.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.workspace import ids
from bot.workspace.description import Json
from bot.workspace.envelopes import Acked, Delivery, Settle, Unanswered
from bot.workspace.ledger import Attempt, Envelope
from bot.workspace.site import Site


class Carrier(Protocol):
    """Brings one attempt to the app, and tells the courier how it ended."""

    def carry(self, delivery: Delivery, attempt: Attempt, reason: str) -> None:
        """Send; `reason` says why the attempt before this one failed, "" for the first."""


@dataclass
class Courier:
    """Everything but `deliver` runs on the server's loop; the workspace's methods see to that."""

    site: Site
    redelivery: Sequence[float] = (0.0, 60.0, 300.0)
    watchers: list[Callable[[int], None]] = field(default_factory=list)
    _timers: set[asyncio.TimerHandle] = field(default_factory=set)
    _held: list[Delivery] | None = None
    _closed: bool = False

    def start(self, sockets: Carrier, http: Carrier) -> None:
        """Call it inside the loop."""
        self._loop = asyncio.get_running_loop()
        self._sockets, self._http = sockets, http

    def stop(self) -> None:
        """Repeat nothing any more."""
        self._closed = True
        for timer in self._timers:
            timer.cancel()

    def deliver(
        self, kind: str, payload: Json, accepts_payload: bool = False, settle: Settle | None = None
    ) -> None:
        """Tell the app something; may be called from any thread, keeps the order of calls."""
        envelope = Envelope(kind, payload)
        self.site.ledger.note_envelope(envelope)
        self._loop.call_soon_threadsafe(self._send_or_hold, Delivery(envelope, accepts_payload, settle))

    def _send_or_hold(self, delivery: Delivery) -> None:
        if self._held is not None:
            self._held.append(delivery)
        else:
            self.send(delivery, "")

    def hold(self) -> None:
        """Keep envelopes back until `release`."""
        self._held = []

    def release(self, order: Callable[[list[Delivery]], Sequence[Delivery]]) -> None:
        """Send what was kept back, in this order."""
        held, self._held = self._held or [], None
        for delivery in order(held):
            self.send(delivery, "")

    def repeat(self, envelope: Envelope, times: int) -> None:
        """Send an event again though it was acknowledged, as Slack sometimes does."""
        for number in range(1, times + 1):
            self.send(Delivery(envelope, False, None, tries=number), "timeout")

    def send(self, delivery: Delivery, reason: str) -> None:
        """Make one attempt, by the way that the app's settings say."""
        if self._closed:
            _settle(delivery, Unanswered("the workspace stopped"))
            return
        attempt = Attempt(ids.uuid4(), None, self.site.team.clock())
        delivery.envelope.attempts.append(attempt)
        delivery.tries += 1
        carrier = self._sockets if self.site.team.app.socket_mode else self._http
        carrier.carry(delivery, attempt, reason)

    def acked(self, delivery: Delivery, attempt: Attempt, payload: Json | None) -> None:
        """The app acknowledged in time."""
        attempt.acked_at, attempt.outcome = self.site.team.clock(), "acked"
        _settle(delivery, Acked(payload if delivery.accepts_payload else None))
        self.tell()

    def failed(self, delivery: Delivery, attempt: Attempt, outcome: str, again: bool = True) -> None:
        """The app did not acknowledge: an event goes out again while it may."""
        attempt.outcome = outcome
        if delivery.envelope.kind != "events_api" or self._closed:
            _settle(delivery, Unanswered(outcome))
        elif again and delivery.tries <= len(self.redelivery):
            wait = self.redelivery[delivery.tries - 1]
            self._timers = {timer for timer in self._timers if timer.when() > self._loop.time()}
            reason = "connection_failed" if attempt.socket is None else outcome
            self._timers.add(self._loop.call_later(wait, self.send, delivery, reason))
        else:
            delivery.envelope.given_up = True
        self.tell()

    def announce(self, connections: int) -> None:
        """How many connections the app has now, for pages that show it."""
        for watcher in self.watchers:
            watcher(connections)
        self.tell()

    def tell(self) -> None:
        """Wake whoever waits for something to change."""
        with self.site.team.lock:
            self.site.team.changed.notify_all()


def _settle(delivery: Delivery, ending: Acked | Unanswered) -> None:
    if delivery.settle is not None:
        delivery.settle(ending)
