"""The room of stand-ups: what their deliveries say, beside all that a room has."""

from dataclasses import dataclass, field

from bot.kinds import STANDUP
from bot.rituals.due import Maker
from bot.rooms import Room


@dataclass
class Rituals(Room):
    """`makers` are by the kind of a delivery (its first word)."""

    command_name: str = field(default="/standup", init=False)
    kind: str = field(default=STANDUP, init=False)
    makers: dict[str, Maker] = field(default_factory=dict)
