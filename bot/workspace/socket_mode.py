"""Socket Mode's server side: sockets, the envelopes they carry, and acknowledgements.

Follows https://docs.slack.dev/apis/events-api/using-socket-mode (hello, disconnect, envelopes, up to ten
connections, each envelope to one of them, three seconds to acknowledge) and what slack_sdk reads
(slack_sdk/socket_mode/request.py, builtin/client.py). *Assumed*: envelopes take turns over the sockets; an
envelope fails at once when its socket goes.
"""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from bot.workspace import ids
from bot.workspace.courier import Courier
from bot.workspace.description import Json
from bot.workspace.envelopes import Delivery, Socket, abort, cut
from bot.workspace.ledger import Attempt
from bot.workspace.site import Site


@dataclass
class _Pending:
    delivery: Delivery
    attempt: Attempt
    socket: Socket
    timer: asyncio.TimerHandle


@dataclass
class SocketMode:
    """The hub of sockets. Runs on the server's loop."""

    site: Site
    courier: Courier
    ack_seconds: float = 3.0
    ping_seconds: float = 5.0
    most_sockets: int = 10
    sockets: list[Socket] = field(default_factory=list)
    hellos_withheld: int = 0
    envelopes_to_cut: int = 0
    port: int = 0
    _tickets: set[str] = field(default_factory=set)
    _pending: dict[str, _Pending] = field(default_factory=dict)
    _late: dict[str, Attempt] = field(default_factory=dict)
    _timers: set[asyncio.TimerHandle] = field(default_factory=set)
    _turn: int = 0

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
        """After the courier's `stop`."""
        for timer in self._timers:
            timer.cancel()
        for pending in list(self._pending.values()):
            self._failed(pending, "the workspace stopped")
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
        self.courier.announce(len(self.sockets))
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
            self.courier.announce(len(self.sockets))
            for task in tasks:
                task.cancel()
            for pending in [each for each in self._pending.values() if each.socket is socket]:
                self._failed(pending, "connection_failed")

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
        if pending is None:
            late = self._late.get(str(envelope_id))
            if late is not None and late.acked_at is None:
                late.acked_at = self.site.team.clock()
            return
        self._forget(pending)
        self.courier.acked(pending.delivery, pending.attempt, message.get("payload"))

    def _choose(self) -> Socket | None:
        if not self.sockets:
            return None
        self._turn += 1
        return self.sockets[self._turn % len(self.sockets)]

    def carry(self, delivery: Delivery, attempt: Attempt, reason: str) -> None:
        """One envelope over one socket."""
        socket = self._choose()
        if socket is None:
            self.courier.failed(delivery, attempt, "nobody connected")
            return
        attempt.socket = socket.id
        frame: Json = {
            "envelope_id": attempt.envelope_id,
            "type": delivery.envelope.kind,
            "accepts_response_payload": delivery.accepts_payload,
            "payload": delivery.envelope.payload,
        }
        if delivery.envelope.kind == "events_api":
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
        self.courier.failed(pending.delivery, pending.attempt, reason)

    def _forget(self, pending: _Pending) -> None:
        pending.timer.cancel()
        del self._pending[pending.attempt.envelope_id]

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
