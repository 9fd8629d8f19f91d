"""Questions that were put to people: who was asked, how far it is, and everybody who waits for the answer.

Times are Unix seconds in UTC.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)

from bot.journal.tables import metadata
from bot.messages import new_key

WAITING = ("open", "acknowledged")

requests = Table(
    "requests",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("question", Text, nullable=False),
    Column("question_id", String(40), nullable=False),
    Column("experts", JSON, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("answer", Text, nullable=False),
    Column("answered_by", String(40), nullable=False),
    Column("vector", LargeBinary),
    Column("embedder", Text),
    Column("created_at", Float, nullable=False),
    Column("turn_at", Float, nullable=False),
    Column("reminded_at", Float),
    Column("ended_at", Float),
    CheckConstraint(
        "state IN ('open', 'acknowledged', 'answered', 'resolved', 'withdrawn', 'unanswered')", name="state"
    ),
    Index(None, "state", "turn_at"),
)

request_askers = Table(
    "request_askers",
    metadata,
    Column("request_id", String(40), primary_key=True),
    Column("person", String(40), primary_key=True),
    Column("team", String(40), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("thread_ts", String(40), nullable=False),
    Column("private", Integer, nullable=False),
    Column("joined_at", Float, nullable=False),
)

pings = Table(
    "pings",
    metadata,
    Column("person", String(40), primary_key=True),
    Column("at", Float, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who waits for an answer, and where: a thread, a direct message, or (`private`) only that person."""

    person: str
    team: str
    channel: str
    thread_ts: str
    private: bool


@dataclass(frozen=True, slots=True)
class Request:
    """A question put to people. `experts` are user ids in the order in which they are asked; `turn` is whose
    turn it is now, `turn_at` since when."""

    question: str
    question_id: str
    experts: tuple[str, ...]
    askers: tuple[Asker, ...]
    state: str = "open"
    turn: int = 0
    answer: str = ""
    answered_by: str = ""
    vector: bytes | None = None
    embedder: str | None = None
    created_at: float = 0.0
    turn_at: float = 0.0
    reminded_at: float | None = None
    ended_at: float | None = None
    id: str = field(default_factory=new_key)

    @property
    def expert(self) -> str:
        """Whose turn it is; empty when nobody is left."""
        return self.experts[self.turn] if self.turn < len(self.experts) else ""


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody asks what was put to people already, and is told with the others."""

    request_id: str
    asker: Asker


@dataclass(frozen=True, slots=True)
class Moved:
    """A request that still waits goes on: another state, another expert's turn, an answer."""

    request_id: str
    state: str
    turn: int | None = None
    answer: str = ""
    answered_by: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """One of several who asked does not want to know any more."""

    request_id: str
    person: str


RequestRecord = Request | Joined | Left | Moved

_KEPT = (
    "id",
    "state",
    "question",
    "question_id",
    "turn",
    "answer",
    "answered_by",
    "vector",
    "embedder",
    "created_at",
    "turn_at",
    "reminded_at",
    "ended_at",
)


def write(connection: Connection, record: RequestRecord, now: float) -> None:
    """Store one, in the caller's transaction."""
    match record:
        case Request():
            row = {name: getattr(record, name) for name in _KEPT}
            times = {"experts": list(record.experts), "created_at": now, "turn_at": now}
            connection.execute(insert(requests), row | times)
            for asker in record.askers:
                _join(connection, record.id, asker, now)
        case Joined():
            _join(connection, record.request_id, record.asker, now)
        case Left():
            theirs = request_askers.c.person == record.person
            of_it = request_askers.c.request_id == record.request_id
            connection.execute(delete(request_askers).where(of_it, theirs))
        case Moved():
            values: dict[str, Any] = {"state": record.state}
            if record.turn is not None:
                values |= {"turn": record.turn, "turn_at": now, "reminded_at": None}
            if record.state not in WAITING:
                values |= {"ended_at": now, "answer": record.answer, "answered_by": record.answered_by}
            still = requests.c.state.in_((*WAITING, "unanswered"))
            connection.execute(
                update(requests).where(requests.c.id == record.request_id, still).values(**values)
            )


def request(connection: Connection, request_id: str) -> Request | None:
    row = connection.execute(select(requests).where(requests.c.id == request_id)).first()
    return None if row is None else _request(connection, row)


def waiting(connection: Connection) -> Sequence[Request]:
    """What waits for a person, the oldest first."""
    found = connection.execute(
        select(requests).where(requests.c.state.in_(WAITING)).order_by(requests.c.created_at)
    )
    return [_request(connection, row) for row in found.all()]


def answered(connection: Connection, since: float) -> Sequence[Request]:
    """What people have answered since then, the newest first."""
    found = connection.execute(
        select(requests)
        .where(requests.c.state == "answered", requests.c.ended_at >= since)
        .order_by(requests.c.ended_at.desc())
    )
    return [_request(connection, row) for row in found.all()]


def reminded(connection: Connection, request_ids: Iterable[str], now: float) -> None:
    """Note that whoever's turn it is was reminded."""
    connection.execute(update(requests).where(requests.c.id.in_(list(request_ids))).values(reminded_at=now))


def pinged_at(connection: Connection, person: str) -> float | None:
    """When a person was last reminded of anything."""
    return connection.execute(select(pings.c.at).where(pings.c.person == person)).scalar()


def ping(connection: Connection, person: str, now: float) -> None:
    connection.execute(delete(pings).where(pings.c.person == person))
    connection.execute(insert(pings), {"person": person, "at": now})


def _join(connection: Connection, request_id: str, asker: Asker, now: float) -> None:
    known = (request_askers.c.request_id == request_id, request_askers.c.person == asker.person)
    if connection.execute(select(request_askers.c.person).where(*known)).first() is None:
        row = {name: getattr(asker, name) for name in Asker.__slots__} | {"private": int(asker.private)}
        connection.execute(insert(request_askers), row | {"request_id": request_id, "joined_at": now})


def _request(connection: Connection, row: Any) -> Request:
    joined = connection.execute(
        select(request_askers)
        .where(request_askers.c.request_id == row.id)
        .order_by(request_askers.c.joined_at, request_askers.c.person)
    )
    askers = tuple(
        Asker(one.person, one.team, one.channel, one.thread_ts, bool(one.private)) for one in joined
    )
    kept = {name: getattr(row, name) for name in _KEPT}
    return Request(experts=tuple(row.experts), askers=askers, **kept)
