"""A talk as somebody may see it: whether they may, and in which words and names."""

from bot.blocks.invitations import Card
from bot.journal.series import Series
from bot.journal.talks import WANTED, Talk
from bot.people import People


def may_come(people: People, series: Series, person: str) -> bool | None:
    """Whether somebody may know of the talks of a series and come to them: full members who can read its
    channel, and those whom its settings name. None while Slack does not tell."""
    known = people.person(person)
    if known is None:
        return None
    if not known.full_member:
        return False
    channel = people.channel(series.channel)
    if channel is None:
        return None
    if channel.get("is_channel") is True and channel.get("is_private") is False:
        return True
    named = any(person in (people.members(one) or ()) for one in series.settings.members)
    return named or people.shares(series.channel, person)


def card_of(people: People, talk: Talk, series: Series, speakers: tuple[str, ...]) -> Card:
    """A talk with the names of those who speak (`speakers`: user ids)."""
    return Card(
        talk_id=talk.id,
        series=series.name,
        title=talk.title,
        starts_at=talk.starts_at,
        zone=talk.zone,
        minutes=talk.minutes,
        place=talk.place,
        description=talk.description,
        speakers=tuple(people.name_of(one) for one in speakers),
        sought=talk.floor == WANTED,
    )
