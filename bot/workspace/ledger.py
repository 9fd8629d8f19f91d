"""The ledger: every Web API call and every envelope, for counting what was lost and what was said twice."""

import threading
from dataclasses import dataclass, field

from bot.workspace.description import Json


@dataclass(frozen=True)
class ApiCall:
    """One request to the Web API or a response_url, as it came in and as it was answered."""

    method: str
    args: Json
    at: float
    status: int
    body: Json
    stored: bool
    fault: str | None = None
    headers: Json = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the workspace did it and said so (a fault may have hidden the answer)."""
        return bool(self.body.get("ok"))


@dataclass
class Attempt:
    """One sending of an envelope over one socket, or to one address with the `status` that came back.

    `socket` (the id of the one, or the other) is None when nobody was connected.
    """

    envelope_id: str
    socket: str | None
    at: float
    acked_at: float | None = None
    outcome: str = "sent"
    status: int | None = None


@dataclass
class Envelope:
    """Something that the app was to be told, with every attempt to tell it."""

    kind: str
    payload: Json
    attempts: list[Attempt] = field(default_factory=list)
    given_up: bool = False

    @property
    def event_id(self) -> str | None:
        value = self.payload.get("event_id")
        return None if value is None else str(value)

    @property
    def acked(self) -> bool:
        """Whether any attempt was acknowledged, however late."""
        return any(attempt.acked_at is not None for attempt in self.attempts)

    @property
    def ack_seconds(self) -> float | None:
        """From the first sending to the first acknowledgement."""
        acked = [attempt.acked_at for attempt in self.attempts if attempt.acked_at is not None]
        return min(acked) - self.attempts[0].at if acked else None


class Ledger:
    """Append-only lists behind one lock; the properties are copies."""

    def __init__(self, lock: threading.RLock) -> None:
        self._lock = lock
        self._calls: list[ApiCall] = []
        self._envelopes: list[Envelope] = []

    def note_call(self, call: ApiCall) -> None:
        with self._lock:
            self._calls.append(call)

    def note_envelope(self, envelope: Envelope) -> None:
        with self._lock:
            self._envelopes.append(envelope)

    @property
    def calls(self) -> list[ApiCall]:
        with self._lock:
            return list(self._calls)

    @property
    def envelopes(self) -> list[Envelope]:
        with self._lock:
            return list(self._envelopes)

    def calls_of(self, method: str) -> list[ApiCall]:
        return [call for call in self.calls if call.method == method]

    def stored(self, method: str = "chat.postMessage") -> list[ApiCall]:
        """Calls that took effect, whatever the caller got to hear of it."""
        return [call for call in self.calls_of(method) if call.stored]

    def events(self, kind: str | None = None) -> list[Envelope]:
        """Envelopes of the Events API, all or those of one inner event type."""
        return [
            each
            for each in self.envelopes
            if each.kind == "events_api" and kind in (None, each.payload["event"]["type"])
        ]

    def unacked(self) -> list[Envelope]:
        return [each for each in self.envelopes if not each.acked]
