"""Socket Mode's server side: sockets, envelopes, acknowledgements and redelivery.

Follows https://docs.slack.dev/apis/events-api/using-socket-mode (hello, disconnect, envelopes, up to ten
connections, each envelope to one of them), https://docs.slack.dev/apis/events-api#retries (three seconds to
acknowledge; again at once, after a minute, after five) and what slack_sdk reads
(slack_sdk/socket_mode/request.py, builtin/client.py). *Assumed*: envelopes take turns over the sockets; a
repeated event has a new envelope_id and the old event_id; an envelope fails at once when its socket goes.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from bot.workspace import ids
from bot.workspace.description import Json
from bot.workspace.envelopes import Acked, Delivery, Settle, Socket, Unanswered, abort, cut
from bot.workspace.ledger import Attempt, Envelope
from bot.workspace.site import Site


@dataclass
class _Pending:
    delivery: Delivery
    attempt: Attempt
    socket: Socket
    timer: asyncio.TimerHandle


@dataclass
class SocketMode:
    """The hub. Everything but `deliver` runs on the server's loop; the workspace's methods see to that."""

    site: Site
    ack_seconds: float = 3.0
    redelivery: Sequence[float] = (0.0, 60.0, 300.0)
    ping_seconds: float = 5.0
    most_sockets: int = 10
    sockets: list[Socket] = field(default_factory=list)
    watchers: list[Callable[[int], None]] = field(default_factory=list)
    hellos_withheld: int = 0
    envelopes_to_cut: int = 0
    port: int = 0
    _tickets: set[str] = field(default_factory=set)
    _pending: dict[str, _Pending] = field(default_factory=dict)
    _late: dict[str, Attempt] = field(default_factory=dict)
    _timers: set[asyncio.TimerHandle] = field(default_factory=set)
    _held: list[Delivery] | None = None
    _turn: int = 0
    _closed: bool = False

    async def start(self, **where: Any) -> None:
        """Serve on `sock` or `host` and `port`, as websockets.serve takes them."""
        self.loop = asyncio.get_running_loop()
        self.server: Server = await serve(
            self._connected,
            process_request=self._admit,
            ping_interval=None,
            close_timeout=0.3,
            compression=None,
            server_header=None,
            **where,
        )
        self.port = next(iter(self.server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        self._closed = True
        for timer in self._timers:
            timer.cancel()
        for pending in list(self._pending.values()):
            self._forget(pending)
            self._settle(pending.delivery, Unanswered("the workspace stopped"))
        for socket in self.sockets:
            if socket.deaf == "silent":
                socket.connection.transport.abort()
        self.server.close()
        await self.server.wait_closed()

    def new_url(self) -> str:
        """A one-time address, as apps.connections.open gives it."""
        ticket = ids.uuid4()
        self._tickets.add(ticket)
        return f"ws://127.0.0.1:{self.port}/link/?ticket={ticket}&app_id={self.site.team.app.id}"

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        ticket = request.path.partition("ticket=")[2].partition("&")[0]
        if ticket not in self._tickets:
            return connection.respond(403, "invalid ticket\n")
        self._tickets.discard(ticket)
        return None

    async def _connected(self, connection: ServerConnection) -> None:
        socket = Socket(ids.fresh("applink-", 8).lower(), connection, asyncio.Queue())
        if len(self.sockets) >= self.most_sockets:
            await connection.send(self._disconnect_frame(socket, "too_many_websockets"))
            return
        self.sockets.append(socket)
        self._announce()
        tasks = [asyncio.create_task(self._write(socket)), asyncio.create_task(self._ping(socket))]
        if self.hellos_withheld:
            self.hellos_withheld -= 1
        else:
            socket.outgoing.put_nowait(self._hello(socket))
        try:
            async for frame in connection:
                self._heard(frame)
        except ConnectionClosed:
            pass
        finally:
            self.sockets.remove(socket)
            self._announce()
            for task in tasks:
                task.cancel()
            for pending in [each for each in self._pending.values() if each.socket is socket]:
                self._failed(pending, "connection_failed")

    def _announce(self) -> None:
        for watcher in self.watchers:
            watcher(len(self.sockets))

    def _hello(self, socket: Socket) -> str:
        return json.dumps(
            {
                "type": "hello",
                "num_connections": len(self.sockets),
                "debug_info": {"host": socket.id, "build_number": 1, "approximate_connection_time": 18060},
                "connection_info": {"app_id": self.site.team.app.id},
            }
        )

    def _disconnect_frame(self, socket: Socket, reason: str) -> str:
        return json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": socket.id}})

    async def _write(self, socket: Socket) -> None:
        while True:
            frame = await socket.outgoing.get()
            if self.envelopes_to_cut and '"envelope_id"' in frame:
                self.envelopes_to_cut -= 1
                cut(socket.connection, frame)
                return
            try:
                await socket.connection.send(frame)
            except ConnectionClosed:
                return

    async def _ping(self, socket: Socket) -> None:
        while True:
            await asyncio.sleep(self.ping_seconds)
            if socket.deaf != "silent":
                try:
                    await socket.connection.ping(f"Ping from {socket.id}")
                except ConnectionClosed:
                    return

    def _heard(self, frame: str | bytes) -> None:
        try:
            message = json.loads(frame)
        except ValueError:
            return
        envelope_id = message.get("envelope_id") if isinstance(message, dict) else None
        pending = self._pending.get(str(envelope_id))
        now = self.site.team.clock()
        if pending is None:
            late = self._late.get(str(envelope_id))
            if late is not None and late.acked_at is None:
                late.acked_at = now
            return
        self._forget(pending)
        pending.attempt.acked_at, pending.attempt.outcome = now, "acked"
        payload = message.get("payload") if pending.delivery.accepts_payload else None
        self._settle(pending.delivery, Acked(payload))
        self._tell()

    def deliver(
        self, kind: str, payload: Json, accepts_payload: bool = False, settle: Settle | None = None
    ) -> None:
        """Tell the app something; may be called from any thread, keeps the order of calls."""
        envelope = Envelope(kind, payload)
        self.site.ledger.note_envelope(envelope)
        self.loop.call_soon_threadsafe(self._send_or_hold, Delivery(envelope, accepts_payload, settle))

    def _send_or_hold(self, delivery: Delivery) -> None:
        if self._held is not None:
            self._held.append(delivery)
        else:
            self._send(delivery, "")

    def hold(self) -> None:
        """Keep envelopes back until `release`."""
        self._held = []

    def release(self, order: Callable[[list[Delivery]], Sequence[Delivery]]) -> None:
        """Send what was kept back, in this order."""
        held, self._held = self._held or [], None
        for delivery in order(held):
            self._send(delivery, "")

    def repeat(self, envelope: Envelope, times: int) -> None:
        """Send an event again though it was acknowledged, as Slack sometimes does."""
        for number in range(1, times + 1):
            self._send(Delivery(envelope, False, None, tries=number), "timeout")

    def _choose(self) -> Socket | None:
        if not self.sockets:
            return None
        self._turn += 1
        return self.sockets[self._turn % len(self.sockets)]

    def _send(self, delivery: Delivery, reason: str) -> None:
        if self._closed:
            self._settle(delivery, Unanswered("the workspace stopped"))
            return
        socket = self._choose()
        envelope = delivery.envelope
        attempt = Attempt(ids.uuid4(), socket.id if socket else None, self.site.team.clock())
        envelope.attempts.append(attempt)
        delivery.tries += 1
        if socket is None:
            attempt.outcome = "nobody connected"
            self._again(delivery, "connection_failed")
            return
        frame: Json = {
            "envelope_id": attempt.envelope_id,
            "type": envelope.kind,
            "accepts_response_payload": delivery.accepts_payload,
            "payload": envelope.payload,
        }
        if envelope.kind == "events_api":
            frame |= {"retry_attempt": delivery.tries - 1, "retry_reason": reason}
        timer = self.loop.call_later(self.ack_seconds, self._timed_out, attempt.envelope_id)
        self._pending[attempt.envelope_id] = _Pending(delivery, attempt, socket, timer)
        if socket.deaf is None:
            socket.outgoing.put_nowait(json.dumps(frame))

    def _timed_out(self, envelope_id: str) -> None:
        pending = self._pending.get(envelope_id)
        if pending is not None:
            self._failed(pending, "timeout")

    def _failed(self, pending: _Pending, reason: str) -> None:
        self._forget(pending)
        self._late[pending.attempt.envelope_id] = pending.attempt
        pending.attempt.outcome = reason
        self._again(pending.delivery, reason)

    def _again(self, delivery: Delivery, reason: str) -> None:
        if delivery.envelope.kind != "events_api":
            self._settle(delivery, Unanswered(reason))
        elif delivery.tries <= len(self.redelivery) and not self._closed:
            wait = self.redelivery[delivery.tries - 1]
            self._timers = {timer for timer in self._timers if timer.when() > self.loop.time()}
            self._timers.add(self.loop.call_later(wait, self._send, delivery, reason))
        else:
            delivery.envelope.given_up = True
            self._tell()

    def _forget(self, pending: _Pending) -> None:
        pending.timer.cancel()
        del self._pending[pending.attempt.envelope_id]

    def _settle(self, delivery: Delivery, ending: Acked | Unanswered) -> None:
        if delivery.settle is not None:
            delivery.settle(ending)

    def _tell(self) -> None:
        with self.site.team.lock:
            self.site.team.changed.notify_all()

    def disconnect(self, reason: str, close_after: float | None) -> None:
        """A `disconnect` frame to every socket; each is closed some seconds later if it is still there."""
        for socket in list(self.sockets):
            socket.outgoing.put_nowait(self._disconnect_frame(socket, reason))
            if close_after is not None:
                self._timers.add(self.loop.call_later(close_after, abort, socket))

    def drop(self) -> None:
        """End every socket without a word."""
        for socket in list(self.sockets):
            abort(socket)

    def deafen(self, kind: str) -> None:
        """Make the present sockets "mute" or "silent"; new ones are well."""
        for socket in self.sockets:
            socket.deaf = kind
            if kind == "silent":
                socket.connection.transport.pause_reading()
