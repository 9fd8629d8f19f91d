"""What a lunch-and-learn or a reading group is: its rhythm, its hours, its length and its limits; pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, time
from typing import Any

LEARNING, READING = "learning", "reading"


@dataclass(frozen=True, slots=True)
class Named:
    """What people call it: the series, one date of it, who speaks at that; its command and list."""

    series: str
    talk: str
    speaker: str
    command: str
    topics: str

    @property
    def list(self) -> str:
        """The command that lists what is proposed."""
        return f"{self.command} {self.topics}"


NAMES: Mapping[str, Named] = {
    LEARNING: Named("lunch-and-learn", "talk", "speaker", "/learn", "topics"),
    READING: Named("reading group", "reading", "presenter", "/reading", "papers"),
}
"""By the kind of a series."""


@dataclass(frozen=True, slots=True)
class SeriesSettings:
    """How a series runs.

    `rule` says on which days (as `prompts.recurrence.Rule.read` takes it), counted from `since`; `at` is the
    wall time in `zone` (an IANA name, the organiser's). With `rotating` the time of day of each talk is
    chosen so that the inconvenience is shared over the zones of those who come. `minutes` is how long a talk
    lasts, `capacity` how many may come (None for any number), `lead_days` how many days before a talk its
    topic and speaker are sought. `place` is a room or the address of a call. With `by_mail` invitations go by
    e-mail, too. `members` are who comes and who speaks, as users, user groups or channels; empty for who is
    in the series' channel.
    """

    rule: str
    since: date
    at: time = time(12, 30)
    zone: str = "UTC"
    rotating: bool = False
    minutes: int = 45
    capacity: int | None = None
    lead_days: int = 14
    place: str = ""
    by_mail: bool = False
    members: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        values = asdict(self)
        return values | {
            "since": self.since.isoformat(),
            "at": f"{self.at:%H:%M}",
            "members": [*self.members],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "SeriesSettings":
        return cls(
            **{
                **data,
                "since": date.fromisoformat(data["since"]),
                "at": time.fromisoformat(data["at"]),
                "members": tuple(data["members"]),
            }
        )
