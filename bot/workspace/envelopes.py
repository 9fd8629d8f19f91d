"""Envelopes on their way to the app, and the sockets that carry them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from websockets.asyncio.server import ServerConnection

from bot.workspace.description import Json
from bot.workspace.ledger import Envelope


@dataclass(frozen=True)
class Acked:
    """The app acknowledged in time, perhaps with a payload."""

    payload: Json | None


@dataclass(frozen=True)
class Unanswered:
    """Nobody was connected, or nobody acknowledged in time."""

    reason: str


Settle = Callable[[Acked | Unanswered], None]


@dataclass
class Delivery:
    """An envelope on its way; `settle` hears how it ended (not for events, which are sent again)."""

    envelope: Envelope
    accepts_payload: bool
    settle: Settle | None
    tries: int = 0


@dataclass
class Socket:
    """One connection; `deaf` is None, "mute" (no events) or "silent" (no pings, no pongs either)."""

    id: str
    connection: ServerConnection
    outgoing: asyncio.Queue[str]
    deaf: str | None = None


def abort(socket: Socket) -> None:
    """End the connection without a word."""
    socket.connection.transport.abort()


def cut(connection: ServerConnection, frame: str) -> None:
    """Write a frame's header and half of what it announces, then end the connection."""
    body = frame.encode()
    connection.transport.write(bytes([0x81, 127]) + len(body).to_bytes(8, "big") + body[: len(body) // 2])
    connection.transport.close()
