"""Talks: the dates of a lunch-and-learn or a reading group, who speaks at them and who comes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from bot.journal.talk_tables import attendance, speakers, talks
from bot.messages import new_key

PLANNED, ANNOUNCED, HELD, CANCELLED, MISSED = "planned", "announced", "held", "cancelled", "missed"
WANTED, FOUND, OPEN_FLOOR = "wanted", "found", "open"
ASKED, SPEAKS, DECLINED, STEPPED_BACK, SILENT = "asked", "speaks", "declined", "stepped back", "silent"
YES, NO, WAITING = "yes", "no", "waiting"


@dataclass(frozen=True, slots=True)
class Talk:
    """One date of a series. It is PLANNED while its topic and speaker are sought, then ANNOUNCED with
    invitations; HELD when its end is past. A date is MISSED when it went by before it could be planned.

    `floor` says whether a speaker is WANTED, FOUND, or the floor is open to everybody. `proposal_id` and
    `title` are empty while there is no topic. `sequence` grows with every change of what was announced: its
    time, its length, its place, its title, or that it is cancelled; `changed_by` is who made the last such
    change, empty for nobody.
    """

    series_id: str
    slot: str
    starts_at: float
    minutes: int
    zone: str
    place: str = ""
    proposal_id: str = ""
    title: str = ""
    description: str = ""
    state: str = PLANNED
    floor: str = WANTED
    sequence: int = 0
    planned_at: float = 0.0
    changed_at: float = 0.0
    changed_by: str = ""
    id: str = field(default_factory=new_key)

    @property
    def ends_at(self) -> float:
        return self.starts_at + 60.0 * self.minutes


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who was asked to speak, and what became of it."""

    talk_id: str
    person: str
    state: str = ASKED
    volunteer: bool = False
    asked_at: float = 0.0
    answered_at: float | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """Whether somebody comes; WAITING is for a place."""

    talk_id: str
    person: str
    reply: str
    replied_at: float


_KEPT = (
    "series_id",
    "slot",
    "proposal_id",
    "title",
    "description",
    "state",
    "floor",
    "starts_at",
    "minutes",
    "zone",
    "place",
    "sequence",
    "changed_by",
)


def put(connection: Connection, talk: Talk, now: float) -> None:
    """Store a talk, new or changed at `now`; `planned_at` stays as it is."""
    row = {name: getattr(talk, name) for name in _KEPT} | {"changed_at": now}
    if not connection.execute(update(talks).where(talks.c.id == talk.id).values(**row)).rowcount:
        connection.execute(insert(talks), {**row, "id": talk.id, "planned_at": now})


def drop(connection: Connection, talk_id: str) -> None:
    """Forget a talk of which nobody has heard, so that its date may be planned anew."""
    connection.execute(delete(speakers).where(speakers.c.talk_id == talk_id))
    connection.execute(delete(talks).where(talks.c.id == talk_id))


def by_id(connection: Connection, talk_id: str) -> Talk | None:
    row = connection.execute(select(talks).where(talks.c.id == talk_id)).first()
    return None if row is None else _talk(row)


def of_series(connection: Connection, series_id: str, *states: str) -> Sequence[Talk]:
    """Those of a series, in the given states or in any, the earliest first."""
    wanted = select(talks).where(talks.c.series_id == series_id)
    if states:
        wanted = wanted.where(talks.c.state.in_(states))
    return [_talk(row) for row in connection.execute(wanted.order_by(talks.c.starts_at, talks.c.id))]


def slots(connection: Connection, series_id: str, since: date, *states: str) -> frozenset[str]:
    """The nominal dates, from one on, of a series' talks in the given states or in any."""
    wanted = select(talks.c.slot).where(talks.c.series_id == series_id, talks.c.slot >= since.isoformat())
    if states:
        wanted = wanted.where(talks.c.state.in_(states))
    return frozenset(connection.execute(wanted).scalars())


def newest_slot(connection: Connection, series_id: str) -> str:
    """The latest nominal date of a series' talks in any state; empty where it has none."""
    newest = select(func.max(talks.c.slot)).where(talks.c.series_id == series_id)
    return str(connection.execute(newest).scalar() or "")


def between(connection: Connection, since: float, until: float, *states: str) -> Sequence[Talk]:
    """Those of all series that start within [since, until), the earliest first."""
    wanted = select(talks).where(talks.c.starts_at >= since, talks.c.starts_at < until)
    if states:
        wanted = wanted.where(talks.c.state.in_(states))
    return [_talk(row) for row in connection.execute(wanted.order_by(talks.c.starts_at, talks.c.id))]


def put_speaker(connection: Connection, one: Speaker) -> None:
    """Store that somebody was asked, or what they have answered."""
    row = {
        "state": one.state,
        "volunteer": int(one.volunteer),
        "asked_at": one.asked_at,
        "answered_at": one.answered_at,
    }
    same = (speakers.c.talk_id == one.talk_id) & (speakers.c.person == one.person)
    if not connection.execute(update(speakers).where(same).values(**row)).rowcount:
        connection.execute(insert(speakers), {**row, "talk_id": one.talk_id, "person": one.person})


def speakers_of(connection: Connection, talk_id: str, *states: str) -> Sequence[Speaker]:
    """Who was asked to speak at a talk, the first one first."""
    wanted = select(speakers).where(speakers.c.talk_id == talk_id)
    if states:
        wanted = wanted.where(speakers.c.state.in_(states))
    found = connection.execute(wanted.order_by(speakers.c.asked_at, speakers.c.person))
    return [_speaker(row) for row in found]


def put_reply(connection: Connection, one: Reply) -> None:
    """Store whether somebody comes."""
    row = {"reply": one.reply, "replied_at": one.replied_at}
    same = (attendance.c.talk_id == one.talk_id) & (attendance.c.person == one.person)
    if not connection.execute(update(attendance).where(same).values(**row)).rowcount:
        connection.execute(insert(attendance), {**row, "talk_id": one.talk_id, "person": one.person})


def replies_of(connection: Connection, talk_id: str, *replies: str) -> Sequence[Reply]:
    """Who has replied to an invitation, the first one first."""
    wanted = select(attendance).where(attendance.c.talk_id == talk_id)
    if replies:
        wanted = wanted.where(attendance.c.reply.in_(replies))
    found = connection.execute(wanted.order_by(attendance.c.replied_at, attendance.c.person))
    return [Reply(row.talk_id, row.person, row.reply, row.replied_at) for row in found]


def _talk(row: Row[tuple[object, ...]]) -> Talk:
    return Talk(
        **{name: getattr(row, name) for name in _KEPT},
        planned_at=row.planned_at,
        changed_at=row.changed_at,
        id=row.id,
    )


def _speaker(row: Row[tuple[object, ...]]) -> Speaker:
    return Speaker(row.talk_id, row.person, row.state, bool(row.volunteer), row.asked_at, row.answered_at)
