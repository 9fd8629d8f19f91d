"""Series: lunch-and-learns and reading groups as they are set up."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, Row, insert, select, update

from bot.journal.talk_tables import series
from bot.messages import new_key
from prompts.series import LEARNING, READING, SeriesSettings

ACTIVE, PAUSED, ARCHIVED = "active", "paused", "archived"
KINDS = (LEARNING, READING)


@dataclass(frozen=True, slots=True)
class Series:
    """A lunch-and-learn or a reading group of one channel, with its owner and state.

    `owner` and `co_owners` are user ids; `revision` grows with every change.
    """

    kind: str
    name: str
    channel: str
    settings: SeriesSettings
    owner: str
    co_owners: tuple[str, ...] = ()
    state: str = ACTIVE
    revision: int = 1
    created_at: float = 0.0
    changed_at: float = 0.0
    id: str = field(default_factory=new_key)

    @property
    def owners(self) -> frozenset[str]:
        return frozenset({self.owner, *self.co_owners} - {""})


def put(connection: Connection, one: Series, now: float) -> None:
    """Store a series, new or changed at `now`; `created_at` stays as it is."""
    row = {
        "kind": one.kind,
        "name": one.name,
        "channel": one.channel,
        "state": one.state,
        "settings": one.settings.to_json(),
        "owner": one.owner,
        "co_owners": [*one.co_owners],
        "revision": one.revision,
        "changed_at": now,
    }
    if not connection.execute(update(series).where(series.c.id == one.id).values(**row)).rowcount:
        connection.execute(insert(series), {**row, "id": one.id, "created_at": now})


def by_id(connection: Connection, series_id: str) -> Series | None:
    row = connection.execute(select(series).where(series.c.id == series_id)).first()
    return None if row is None else _from(row)


def all_series(connection: Connection, kind: str, *states: str) -> Sequence[Series]:
    """All of a kind, in the given states or in any, by name."""
    wanted = select(series).where(series.c.kind == kind)
    if states:
        wanted = wanted.where(series.c.state.in_(states))
    return [_from(row) for row in connection.execute(wanted.order_by(series.c.name, series.c.id))]


def of_channel(connection: Connection, kind: str, channel: str) -> Sequence[Series]:
    """Those of a channel that are not archived, by name."""
    return [one for one in all_series(connection, kind, ACTIVE, PAUSED) if one.channel == channel]


def _from(row: Row[tuple[object, ...]]) -> Series:
    return Series(
        kind=row.kind,
        name=row.name,
        channel=row.channel,
        settings=SeriesSettings.from_json(row.settings),
        owner=row.owner,
        co_owners=tuple(row.co_owners),
        state=row.state,
        revision=row.revision,
        created_at=row.created_at,
        changed_at=row.changed_at,
        id=row.id,
    )
