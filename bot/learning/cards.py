"""A talk as somebody may see it: whether they may, and in which words and names."""

from bot.blocks.invitations import Card
from bot.journal.series import Series
from bot.journal.talks import WANTED, Talk
from bot.people import People
from bot.rituals.due import Later, NotSaid

ASK_AGAIN_S = 60.0


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
    named = [people.members(one) for one in series.settings.members]
    if any(person in (one or ()) for one in named):
        return True
    # of a group nobody knows for a while who is in it; a person who has left is nobody for good
    groups = [one for one, of in zip(named, series.settings.members, strict=True) if of.startswith("@")]
    is_in = people.is_in(series.channel, person)
    return None if not is_in and None in groups else is_in


def withheld(people: People, series: Series, person: str, now: float) -> Later | NotSaid | None:
    """Why somebody is told nothing of a series at `now` (Unix seconds); None where they may be told."""
    match may_come(people, series, person):
        case True:
            return None
        case False:
            return NotSaid("You do not read its channel any more.")
        case None:
            return Later(now + ASK_AGAIN_S, "Slack did not tell who may read the channel.")


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
