"""What keeps rituals calm, put together: leave, own settings, explanations, trends, calendars, pruning."""

from bot.rituals.availability import Availability
from bot.rituals.calendars import Calendars
from bot.rituals.forgetting import Forgetting
from bot.rituals.leave import TakingLeave
from bot.rituals.own_settings import OwnSettings
from bot.rituals.pruning import Pruning
from bot.rituals.room import Rituals
from bot.rituals.trends import Trends
from bot.rituals.upcoming import Upcoming
from bot.rituals.why import Explaining
from bot.rituals.zones_unknown import ZonesUnknown


def keep_calm(rituals: Rituals, availability: Availability) -> None:
    """Let all of it join."""
    upcoming = Upcoming(rituals.people, availability)
    own = OwnSettings(availability)
    TakingLeave(availability, upcoming).join(rituals)
    own.join(rituals)
    Explaining(availability, upcoming, own).join(rituals)
    Trends(availability).join(rituals)
    Calendars(availability).join(rituals)
    Pruning(availability).join(rituals)
    ZonesUnknown(availability).join(rituals)
    Forgetting(rituals.database).join(rituals)
