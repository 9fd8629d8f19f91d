"""Planning, closing and sending, put together: what makes rituals keep their time."""

from bot.rituals.availability import Availability
from bot.rituals.closing import Closing
from bot.rituals.looking_after import LookingAfter
from bot.rituals.planner import Planner
from bot.rituals.room import Rituals
from bot.rituals.sending import Sending


def keep_time(rituals: Rituals, availability: Availability) -> None:
    """Let the duties join in their order: what opens or closes at a beat is said at the same one."""
    LookingAfter(rituals).join(rituals)
    Planner(rituals, availability).join(rituals)
    Closing(rituals).join(rituals)
    Sending(rituals, availability).join(rituals)
