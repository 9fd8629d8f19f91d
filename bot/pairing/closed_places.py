"""A pairing whose channel is archived, or does not let Lore in any more, is paused, and its owner is told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.blocks.pairing import NAMES, said_page
from bot.journal import outgoing, pairing, pairing_rounds, records
from bot.journal.pairing import ACTIVE, PAUSED, Pairing
from bot.journal.records import Audit
from bot.messages import Message
from bot.pairing.hours import Hours
from bot.pairing.mending import call_off_all
from bot.people import People
from bot.pressing import to_person
from prompts.words import words

PATIENCE = timedelta(hours=1)
"""A channel of which Slack tells nothing for so long after a round was to begin, while it tells of people, is
one that Lore was removed from."""


def is_closed(hours: Hours, one: Pairing, starts: datetime, now: datetime) -> bool:
    """Whether no round can be made for a channel, now and later."""
    people = hours.availability.people
    place = people.channel(one.channel)
    if place is not None:
        return bool(place.get("is_archived"))
    return now >= starts + PATIENCE and hours.known([one.owner], patient=True)


def pause(hours: Hours, one: Pairing, now: datetime) -> None:
    """Pause it, unless somebody has changed it meanwhile, and tell its owner; the admins, where that one has
    left."""
    people, at = hours.availability.people, now.timestamp()
    is_here = people.is_full_member(one.owner)
    said = _told(people, one, [one.owner] if is_here else sorted(people.admins()))
    with hours.availability.database.writing() as connection:
        if pairing.by_id(connection, one.id) != one or one.state != ACTIVE:
            return
        pairing.put(connection, replace(one, state=PAUSED), at)
        for round_ in pairing_rounds.newest(connection, one.id):
            call_off_all(connection, round_, at)
        records.write(connection, Audit("", "pause pairing", f"{one.id}: its channel is closed"), None, at)
        outgoing.put(connection, said, None, at)


def _told(people: People, one: Pairing, persons: Sequence[str]) -> tuple[Message, ...]:
    """The name of a channel is for those alone who may know it."""
    public = (people.channel(one.channel) or {}).get("is_private") is False
    made: list[Message] = []
    for person in persons:
        knows = public or people.shares(one.channel, person)
        place = people.name_of_place(one.channel) if knows else "a channel"
        made += to_person(person, [said_page(words("pair_paused_itself", name=NAMES[one.kind], place=place))])
    return tuple(made)
