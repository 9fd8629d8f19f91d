"""Lunch-and-learns in the tests' workspace, and what people do about them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, select, update

from bot.journal import proposals, series, talks
from bot.journal.proposals import Proposal
from bot.journal.series import Series
from bot.journal.tables import inbox
from bot.journal.talks import Talk
from bot.workspace.interactions import Shown
from prompts.series import LEARNING, SeriesSettings
from tests.dialogues.lore import Lore, words

MONDAY = date(2026, 3, 2)


def at(day: int, clock: str, month: int = 3) -> datetime:
    """A day of that March, at a wall time in UTC."""
    return datetime.fromisoformat(f"2026-{month:02}-{day:02}T{clock}").replace(tzinfo=UTC)


def set_up(lore: Lore, channel: str = "#pair", name: str = "Lunch", **settings: Any) -> Series:
    """A lunch-and-learn each Thursday at 12:30 UTC from 12 March on, that Ana looks after."""
    given = {"rule": "every week on Thursday", "since": date(2026, 3, 9), "lead_days": 12, **settings}
    place = lore.slack.channel(channel).id
    made = Series(LEARNING, name, place, SeriesSettings(**given), lore.slack.person("ana").id)
    with lore.knowledge.database.writing() as connection:
        series.put(connection, made, lore.slack.team.clock())
    return made


def propose(lore: Lore, one: Series, title: str, *voters: str) -> Proposal:
    now = lore.slack.team.clock()
    made = Proposal(one.id, title, f"Why {title}", lore.slack.person("ben").id)
    with lore.knowledge.database.writing() as connection:
        proposals.put(connection, made, now)
        for voter in voters:
            proposals.vote(connection, made.id, lore.slack.person(voter).id, True, now)
    return made


def coming(lore: Lore, one: Series) -> Sequence[Talk]:
    with lore.knowledge.database.reading() as connection:
        return talks.of_series(connection, one.id)


def first(lore: Lore, one: Series) -> Talk:
    return coming(lore, one)[0]


def told(lore: Lore, person: str, text: str, channel: str = "#pair") -> str:
    """What `/learn …` says to the one who gives it."""
    before = len(lore.slack.ephemerals(person, channel))
    assert lore.slack.slash(person, channel, "/learn", text).ok
    return words(lore.private_reply(person, channel, before + 1))


def work_off_again(lore: Lore, kind: str) -> None:
    """The newest thing of a kind, as after a crash between what came of it and its end."""
    newest = select(func.max(inbox.c.id)).where(inbox.c.kind == kind).scalar_subquery()
    with lore.knowledge.database.writing() as connection:
        again = update(inbox).where(inbox.c.id == newest, inbox.c.state == "done")
        assert connection.execute(again.values(state="queued", claimed_at=None)).rowcount == 1
    lore.settle()


def heard(lore: Lore, person: str) -> list[str]:
    """All that Lore has said to somebody in their direct message, as it stands now."""
    return [words(one) for one in lore.slack.said_by_app(lore.slack.dm(person))]


def press(lore: Lore, person: str, action_id: str, which: int = -1) -> Shown:
    """Press something in the newest direct message that has it."""
    dm = lore.slack.dm(person)
    having = [one for one in lore.slack.said_by_app(dm) if f"'{action_id}'" in str(one.get("blocks"))]
    shown = lore.slack.click(person, dm, having[which]["ts"], action_id)
    lore.settle()
    return shown
