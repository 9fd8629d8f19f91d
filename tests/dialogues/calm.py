"""What stand-ups say to people, by days that have no night: whatever the hour, nothing waits for morning."""

from datetime import date, time, timedelta

from bot.calm_settings import CalmSettings
from bot.journal import deliveries, occurrences
from bot.journal.rituals import Ritual
from tests.dialogues.lore import Lore, words
from tests.dialogues.standups import DAY, NINE

NO_NIGHT = (time(12), time(12))
CALM = CalmSettings(quiet=NO_NIGHT)
TOMORROW = NINE + timedelta(days=1)


def told(lore: Lore, person: str, text: str) -> str:
    """What `/standup …` says to the one who gives it."""
    before = len(lore.slack.ephemerals(person, "#general"))
    assert lore.slack.slash(person, "#general", "/standup", text).ok
    return words(lore.private_reply(person, "#general", before + 1)).replace("\n: ", ": ")


def heard(lore: Lore, person: str) -> list[str]:
    """All that Lore has said to somebody in their direct message."""
    return [words(one) for one in lore.slack.said_by_app(lore.slack.dm(person))]


def sent(lore: Lore, ritual: Ritual, person: str, slot: date = DAY) -> str:
    """The state of somebody's prompt."""
    with lore.knowledge.database.reading() as connection:
        found = occurrences.of_slot(connection, ritual.id, slot)
        assert found is not None
        one = deliveries.delivery_of(connection, found.id, lore.slack.person(person).id, "prompt")
    return "none" if one is None else one.state
