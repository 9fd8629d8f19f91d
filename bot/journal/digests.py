"""Digests: who gets one and how, and what was told in each, up to which moment.

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
    Connection,
    Float,
    Index,
    Integer,
    Row,
    String,
    Table,
    UniqueConstraint,
    insert,
    select,
    update,
)

from bot.journal.tables import metadata
from prompts.digest_times import USUAL, Rhythm

ON, OFF = "on", "off"
PUT, TOLD, LOST = "put", "told", "lost"

digests = Table(
    "digests",
    metadata,
    Column("recipient", String(40), primary_key=True),
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
    Column("recipient", String(40), nullable=False),
    Column("about", String(80), nullable=False),
    Column("since", Float, nullable=False),
    Column("until", Float, nullable=False),
    Column("not_after", Float, nullable=False),
    Column("state", String(20), nullable=False),
    Column("key", String(80), nullable=False),
    Column("letter", String(120), nullable=False),
    Column("audience_keys", JSON, nullable=False),
    Column("document_ids", JSON, nullable=False),
    CheckConstraint("state IN ('put', 'told', 'lost')", name="state"),
    UniqueConstraint("about"),
    Index(None, "recipient", "until"),
    Index(None, "state"),
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
    """The digest of a channel or of a person (`recipient` is its id); each has one.

    `owner` is who turned it on. A channel's is due by the clock of `zone`, a person's by their own. Nothing
    is told of what was before `since`. `revision` grows with every change, the last at `changed_at`.
    """

    recipient: str
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
    def person(self) -> str:
        """Whose it is; empty for a channel's."""
        return self.recipient if self.recipient[:1] in ("U", "W") else ""


@dataclass(frozen=True, slots=True)
class Telling:
    """What one digest told: the window from `since` to `until`, resting on audiences and documents.

    Put on its way as the message of `key` or, without one, as the letter of `letter`; told when that has
    arrived, lost when it has not. `about` is its notice's.
    """

    recipient: str
    about: str
    since: float
    until: float
    not_after: float
    state: str = PUT
    key: str = ""
    letter: str = ""
    audience_keys: tuple[str, ...] = ()
    document_ids: tuple[str, ...] = ()
    id: int = 0


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
    mine = update(digests).where(digests.c.recipient == one.recipient)
    if not connection.execute(mine.values(**row)).rowcount:
        connection.execute(insert(digests), {**row, "recipient": one.recipient})


def digest_of(connection: Connection, recipient: str) -> Digest | None:
    row = connection.execute(select(digests).where(digests.c.recipient == recipient)).first()
    return None if row is None else _digest(row)


def all_on(connection: Connection) -> Sequence[Digest]:
    """Those that are turned on, by recipient."""
    wanted = select(digests).where(digests.c.state == ON).order_by(digests.c.recipient)
    return [_digest(row) for row in connection.execute(wanted)]


def to_look_at(connection: Connection, now: float, most: int) -> Sequence[Digest]:
    """Those that are on and whose next dates are to be planned now."""
    wanted = select(digests).where(digests.c.state == ON, digests.c.look_at <= now)
    found = connection.execute(wanted.order_by(digests.c.look_at, digests.c.recipient).limit(most))
    return [_digest(row) for row in found]


def looked_at(connection: Connection, one: Digest, again_at: float) -> bool:
    """Note when to look at a digest again; False when it was changed meanwhile."""
    same = (digests.c.recipient == one.recipient) & (digests.c.revision == one.revision)
    noted = update(digests).where(same, digests.c.state == ON).values(look_at=again_at)
    return bool(connection.execute(noted).rowcount)


def note(connection: Connection, telling: Telling) -> None:
    """Store that a digest is on its way."""
    row = {name: getattr(telling, name) for name in _KEPT}
    row |= {"audience_keys": [*telling.audience_keys], "document_ids": [*telling.document_ids]}
    connection.execute(insert(digests_told), row)


def last_of(connection: Connection, recipient: str) -> Telling | None:
    """The newest that was told or is on its way."""
    wanted = select(digests_told).where(digests_told.c.recipient == recipient, digests_told.c.state != LOST)
    row = connection.execute(wanted.order_by(digests_told.c.until.desc()).limit(1)).first()
    return None if row is None else _telling(row)


def telling_about(connection: Connection, about: str) -> Telling | None:
    """What the digest of a notice told."""
    row = connection.execute(select(digests_told).where(digests_told.c.about == about)).first()
    return None if row is None else _telling(row)


def on_their_way(connection: Connection, recipient: str = "") -> Sequence[Telling]:
    """Those of which nobody knows yet whether they have arrived; to one recipient, or to all."""
    wanted = select(digests_told).where(digests_told.c.state == PUT)
    if recipient:
        wanted = wanted.where(digests_told.c.recipient == recipient)
    return [_telling(row) for row in connection.execute(wanted.order_by(digests_told.c.id))]


def settle(connection: Connection, telling: Telling, state: str) -> bool:
    """Note what became of one that is on its way; False when that was noted before."""
    mine = update(digests_told).where(digests_told.c.id == telling.id, digests_told.c.state == PUT)
    return bool(connection.execute(mine.values(state=state)).rowcount)


_KEPT = ("recipient", "about", "since", "until", "not_after", "state", "key", "letter")


def _digest(row: Row[tuple[object, ...]]) -> Digest:
    return Digest(
        recipient=row.recipient,
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
        id=row.id,
    )
