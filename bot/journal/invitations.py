"""Invitations: where a talk was announced, what was told of it, and what was arranged for those who come."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Float,
    Integer,
    Row,
    String,
    Table,
    Text,
    insert,
    select,
    update,
)

from bot.journal import talks
from bot.journal.tables import metadata
from bot.journal.talk_tables import attendance, speakers
from bot.journal.talks import Talk
from prompts.attending import Facts

talk_invitations = Table(
    "talk_invitations",
    metadata,
    Column("talk_id", String(40), primary_key=True),
    Column("channel", String(40), nullable=False),
    Column("key", String(80), nullable=False),
    Column("ts", String(40), nullable=False),
    Column("shown", String(40), nullable=False),
    Column("change_key", String(80), nullable=False),
    Column("changes", Integer, nullable=False),
    Column("changed_at", Float, nullable=False),
    Column("gone", Text, nullable=False),
    Column("told", JSON, nullable=False),
    Column("filed", Integer, nullable=False),
    Column("arranged", String(40), nullable=False),
    Column("settled", String(40), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Invitation:
    """The announcement of a talk: the message `key` of the outbox in `channel`, its `ts` once it stands
    there (for threads under it), and `gone`, why there is none: Slack's error.

    `shown` is the digest of what it shows, `change_key` its change on the way, `changes` how often it was put
    out or changed, `changed_at` when. `told` is what those who come were told, by the talk's sequence;
    `filed` the sequence whose calendar file was asked for. `arranged` is a digest of what reminders and
    letters follow; `settled` names the state and sequence after which there is nothing left to do.
    """

    talk_id: str
    channel: str
    key: str
    ts: str = ""
    shown: str = ""
    change_key: str = ""
    changes: int = 0
    changed_at: float = 0.0
    gone: str = ""
    told: Mapping[int, Facts] = field(default_factory=dict)
    filed: int = -1
    arranged: str = ""
    settled: str = ""

    @property
    def told_sequence(self) -> int:
        """The newest change that was told; -1 for none."""
        return max(self.told, default=-1)


def put(connection: Connection, one: Invitation) -> None:
    """Store an invitation, new or changed."""
    row = asdict(one) | {"told": {str(number): facts.to_json() for number, facts in one.told.items()}}
    same = talk_invitations.c.talk_id == one.talk_id
    if not connection.execute(update(talk_invitations).where(same).values(**row)).rowcount:
        connection.execute(insert(talk_invitations), row)


def of_talk(connection: Connection, talk_id: str) -> Invitation | None:
    found = of_talks(connection, [talk_id])
    return found.get(talk_id)


def of_talks(connection: Connection, talk_ids: Collection[str]) -> Mapping[str, Invitation]:
    """The invitations of these talks, by the talk's id; talks that were never announced have none."""
    wanted = select(talk_invitations).where(talk_invitations.c.talk_id.in_(talk_ids))
    return {row.talk_id: _from(row) for row in connection.execute(wanted)}


def talks_of(connection: Connection, person: str, since: float) -> Sequence[Talk]:
    """The talks of somebody that end after `since` (Unix seconds), the earliest first: those they have
    replied to, and those at which they were asked to speak."""
    replied = select(attendance.c.talk_id).where(attendance.c.person == person)
    asked = select(speakers.c.talk_id).where(speakers.c.person == person)
    ids = dict.fromkeys(connection.execute(replied.union(asked)).scalars())
    found = [talk for one in ids if (talk := talks.by_id(connection, str(one))) is not None]
    return sorted((one for one in found if one.ends_at > since), key=lambda one: (one.starts_at, one.id))


def _from(row: Row[Any]) -> Invitation:
    told = {int(number): Facts.from_json(facts) for number, facts in row.told.items()}
    return Invitation(
        row.talk_id,
        row.channel,
        row.key,
        row.ts,
        row.shown,
        row.change_key,
        row.changes,
        row.changed_at,
        row.gone,
        told,
        row.filed,
        row.arranged,
        row.settled,
    )
