"""Talks in the tests' workspace, as whoever plans them leaves them in the journal."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from bot.journal import series, talks
from bot.journal.series import PAUSED, Series
from bot.journal.talks import ANNOUNCED, FOUND, SPEAKS, Speaker, Talk
from prompts.series import LEARNING, SeriesSettings
from tests.dialogues.lore import Lore, words


def announced(
    lore: Lore,
    title: str,
    starts: datetime,
    *,
    channel: str = "#general",
    speaker: str = "ben",
    kind: str = LEARNING,
    name: str = "Lunch and learn",
    zone: str = "Europe/Berlin",
    place: str = "",
    description: str = "",
    **settings: Any,
) -> Talk:
    """A talk that is announced, of a series that Ana looks after and for which nothing else is planned."""
    made = SeriesSettings(rule="weekdays", since=date(2026, 1, 1), zone=zone, **settings)
    place_id = lore.slack.channel(channel).id
    one = Series(kind, name, place_id, made, owner=lore.slack.person("ana").id, state=PAUSED)
    talk = Talk(
        one.id,
        starts.date().isoformat(),
        starts.timestamp(),
        45,
        zone,
        place,
        title=title,
        description=description,
        state=ANNOUNCED,
        floor=FOUND,
    )
    now = lore.slack.team.clock()
    with lore.knowledge.database.writing() as connection:
        series.put(connection, one, now)
        talks.put(connection, talk, now)
        talks.put_speaker(connection, Speaker(talk.id, lore.slack.person(speaker).id, SPEAKS, asked_at=now))
    return talk


def changed(lore: Lore, talk: Talk, **changes: Any) -> Talk:
    """The talk as it is after somebody has moved, renamed or cancelled it."""
    with lore.knowledge.database.writing() as connection:
        known = talks.by_id(connection, talk.id)
        assert known is not None
        made = replace(known, sequence=known.sequence + 1, **changes)
        talks.put(connection, made, lore.slack.team.clock())
    return made


def told(lore: Lore, person: str, name: str = "Lunch and learn") -> list[str]:
    """What invitations have said to somebody in their direct message, each in one line."""
    said = (words(one) for one in lore.slack.said_by_app(lore.slack.dm(person)))
    return [" ".join(one.split()) for one in said if f"{name}: " in one]
