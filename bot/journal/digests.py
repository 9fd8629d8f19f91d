"""Digests: who gets one and how, what was told in each up to which moment, and who gets letters of it.

Times are Unix seconds in UTC.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Float,
    Index,
    Integer,
    Row,
    String,
    Table,
    UniqueConstraint,
    delete,
    insert,
    select,
    update,
)

from bot.journal.tables import metadata
from prompts.digest_times import USUAL, Rhythm

ON, OFF = "on", "off"
PUT, TOLD, LOST = "put", "told", "lost"
GAPS = "gaps"
"""The topic of a report of its own: the gaps, for one lead."""

digests = Table(
    "digests",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("owner", String(40), nullable=False),
    Column("zone", String(60), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("since", Float, nullable=False),
    Column("look_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    CheckConstraint("state IN ('on', 'off')", name="state"),
    Index(None, "state", "look_at"),
)

digests_told = Table(
    "digests_told",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(60), nullable=False),
    Column("about", String(80), nullable=False),
    Column("since", Float, nullable=False),
    Column("until", Float, nullable=False),
    Column("not_after", Float, nullable=False),
    Column("state", String(20), nullable=False),
    Column("key", String(80), nullable=False),
    Column("letter", String(120), nullable=False),
    Column("audience_keys", JSON, nullable=False),
    Column("document_ids", JSON, nullable=False),
    Column("sections", JSON, nullable=False),
    CheckConstraint("state IN ('put', 'told', 'lost')", name="state"),
    UniqueConstraint("about"),
    Index(None, "digest", "until"),
    Index(None, "state"),
)

digest_letters = Table(
    "digest_letters",
    metadata,
    Column("digest", String(60), primary_key=True),
    Column("person", String(40), primary_key=True),
    Column("asked_at", Float, nullable=False),
)


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """`sections` are names, None for the usual ones. `slack` and `mail` say how a person gets it."""

    rhythm: Rhythm = USUAL
    sections: tuple[str, ...] | None = None
    slack: bool = True
    mail: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rhythm.rule,
            "at": f"{self.rhythm.at:%H:%M}",
            "sections": None if self.sections is None else [*self.sections],
            "slack": self.slack,
            "mail": self.mail,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "DigestSettings":
        sections = kept.get("sections")
        return cls(
            Rhythm(str(kept["rule"]), time.fromisoformat(str(kept["at"]))),
            None if sections is None else tuple(map(str, sections)),
            bool(kept.get("slack", True)),
            bool(kept.get("mail", False)),
        )


@dataclass(frozen=True, slots=True)
class Digest:
    """The digest of a channel or of a person; each has one, and besides it one of each topic.

    `id` is that of the channel or person or, with a topic, what `digest_id` makes of both.
    `owner` is who turned it on. A channel's is due by the clock of `zone`, a person's by their own. Nothing
    is told of what was before `since`. `revision` grows with every change, the last at `changed_at`.
    """

    id: str
    owner: str
    zone: str
    settings: DigestSettings = field(default_factory=DigestSettings)
    state: str = ON
    revision: int = 0
    since: float = 0.0
    changed_at: float = 0.0

    @property
    def is_on(self) -> bool:
        return self.state == ON

    @property
    def recipient(self) -> str:
        """The channel or the person that it is sent to."""
        return recipient_of(self.id)

    @property
    def topic(self) -> str:
        """The one section that it is of; empty for a digest of what is new."""
        return self.id.partition("/")[2]

    @property
    def person(self) -> str:
        """Whose it is; empty for a channel's."""
        return self.recipient if self.recipient[:1] in ("U", "W") else ""


@dataclass(frozen=True, slots=True)
class Telling:
    """What one digest told: the window from `since` to `until` in some sections (their names), resting on
    audiences and documents.

    Put on its way as the message of `key` or, without one, as the letter of `letter`; told when that has
    arrived, lost when it has not. `about` is its notice's.
    """

    digest: str
    about: str
    since: float
    until: float
    not_after: float
    state: str = PUT
    key: str = ""
    letter: str = ""
    audience_keys: tuple[str, ...] = ()
    document_ids: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    id: int = 0


def digest_id(recipient: str, topic: str = "") -> str:
    """The id of what a channel or a person gets, of what is new or of one topic."""
    return f"{recipient}/{topic}" if topic else recipient


def recipient_of(digest: str) -> str:
    """The channel or the person that the digest of an id is sent to."""
    return digest.partition("/")[0]


def put(connection: Connection, one: Digest, now: float) -> None:
    """Store a digest, new or changed at `now`; it is looked at at the next beat."""
    row = {
        "state": one.state,
        "owner": one.owner,
        "zone": one.zone,
        "settings": one.settings.to_json(),
        "revision": one.revision,
        "since": one.since,
        "look_at": now,
        "changed_at": now,
    }
    mine = update(digests).where(digests.c.id == one.id)
    if not connection.execute(mine.values(**row)).rowcount:
        connection.execute(insert(digests), {**row, "id": one.id})


def digest_of(connection: Connection, digest: str) -> Digest | None:
    row = connection.execute(select(digests).where(digests.c.id == digest)).first()
    return None if row is None else _digest(row)


def all_on(connection: Connection) -> Sequence[Digest]:
    """Those that are turned on, by their ids."""
    wanted = select(digests).where(digests.c.state == ON).order_by(digests.c.id)
    return [_digest(row) for row in connection.execute(wanted)]


def to_look_at(connection: Connection, now: float, most: int) -> Sequence[Digest]:
    """Those that are on and whose next dates are to be planned now."""
    wanted = select(digests).where(digests.c.state == ON, digests.c.look_at <= now)
    found = connection.execute(wanted.order_by(digests.c.look_at, digests.c.id).limit(most))
    return [_digest(row) for row in found]


def looked_at(connection: Connection, one: Digest, again_at: float) -> bool:
    """Note when to look at a digest again; False when it was changed meanwhile."""
    same = (digests.c.id == one.id) & (digests.c.revision == one.revision)
    noted = update(digests).where(same, digests.c.state == ON).values(look_at=again_at)
    return bool(connection.execute(noted).rowcount)


def note(connection: Connection, telling: Telling) -> None:
    """Store that a digest is on its way."""
    row = {name: getattr(telling, name) for name in _KEPT}
    row |= {name: [*getattr(telling, name)] for name in _LISTED}
    connection.execute(insert(digests_told), row)


def last_of(connection: Connection, digest: str) -> Telling | None:
    """The newest that was told or is on its way."""
    wanted = select(digests_told).where(digests_told.c.digest == digest, digests_told.c.state != LOST)
    row = connection.execute(wanted.order_by(digests_told.c.until.desc()).limit(1)).first()
    return None if row is None else _telling(row)


def telling_about(connection: Connection, about: str) -> Telling | None:
    """What the digest of a notice told."""
    row = connection.execute(select(digests_told).where(digests_told.c.about == about)).first()
    return None if row is None else _telling(row)


def on_their_way(connection: Connection, digest: str = "") -> Sequence[Telling]:
    """Those of which nobody knows yet whether they have arrived; of one digest, or of all."""
    wanted = select(digests_told).where(digests_told.c.state == PUT)
    if digest:
        wanted = wanted.where(digests_told.c.digest == digest)
    return [_telling(row) for row in connection.execute(wanted.order_by(digests_told.c.id))]


def settle(connection: Connection, telling: Telling, state: str) -> bool:
    """Note what became of one that is on its way; False when that was noted before."""
    mine = update(digests_told).where(digests_told.c.id == telling.id, digests_told.c.state == PUT)
    return bool(connection.execute(mine.values(state=state)).rowcount)


def ask_for_letters(connection: Connection, digest: str, person: str, now: float) -> bool:
    """Send somebody a channel's digest by e-mail as well; False when that is so already."""
    if gets_letters(connection, digest, person):
        return False
    row = {"digest": digest, "person": person, "asked_at": now}
    connection.execute(insert(digest_letters), row)
    return True


def end_letters(connection: Connection, digest: str, person: str) -> bool:
    """No more of them; False when there were none."""
    return bool(connection.execute(delete(digest_letters).where(_letters(digest, person))).rowcount)


def gets_letters(connection: Connection, digest: str, person: str) -> bool:
    """Whether somebody has asked for a channel's digest by e-mail."""
    return connection.execute(select(digest_letters).where(_letters(digest, person))).first() is not None


def letter_readers(connection: Connection, digest: str) -> Sequence[str]:
    """All who have, the first first; whether they still may is not looked at."""
    wanted = select(digest_letters.c.person).where(digest_letters.c.digest == digest)
    found = connection.execute(wanted.order_by(digest_letters.c.asked_at, digest_letters.c.person))
    return [str(one) for one in found.scalars()]


_KEPT = ("digest", "about", "since", "until", "not_after", "state", "key", "letter")
_LISTED = ("audience_keys", "document_ids", "sections")


def _letters(digest: str, person: str) -> ColumnElement[bool]:
    return (digest_letters.c.digest == digest) & (digest_letters.c.person == person)


def _digest(row: Row[tuple[object, ...]]) -> Digest:
    return Digest(
        id=row.id,
        owner=row.owner,
        zone=row.zone,
        settings=DigestSettings.from_json(row.settings),
        state=row.state,
        revision=row.revision,
        since=row.since,
        changed_at=row.changed_at,
    )


def _telling(row: Row[tuple[object, ...]]) -> Telling:
    return Telling(
        **{name: getattr(row, name) for name in _KEPT},
        audience_keys=tuple(row.audience_keys),
        document_ids=tuple(row.document_ids),
        sections=tuple(row.sections),
        id=row.id,
    )
