"""The report of five hundred people: one message for each, and few changes of the head."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from bot.journal import entries, occurrences, rituals
from bot.journal.entries import Entry
from bot.journal.migrate import migrate
from bot.journal.rituals import Ritual
from bot.journal.tables import outbox
from bot.people import People, Person
from bot.rituals.reporting import Reporting
from bot.rituals.summarising import Summaries
from knowledge.adapters.database import Database, open_database
from knowledge.allowance import unlimited
from knowledge.audience import Readers
from prompts.ritual import Prompt, Role, Standup, SummaryMode

IDS = tuple(f"U{number:08}" for number in range(500))
DAY = date(2026, 3, 2)
STANDUP = Standup(
    name="Daily",
    team=("#team",),
    prompts=(Prompt("done", "Done?", role=Role.DONE),),
    rule="every day",
    at=time(9),
    report="#team",
    summary=SummaryMode.AUTO,
)


class Everybody:
    """Five hundred people, all of them in one channel."""

    def many(self, ids: Collection[str]) -> dict[str, Person]:
        zone = ZoneInfo("UTC")
        return {one: Person(one, f"P {one}", "", zone, True, False, False, False, False) for one in ids}

    def person(self, user_id: str) -> Person:
        return self.many([user_id])[user_id]

    def members(self, principal: str) -> frozenset[str]:
        return frozenset(IDS if principal.startswith("#") else (principal,))

    def channel_id(self, _name: str) -> str:
        return "C0TEAM0000"

    def channel(self, _channel: str) -> dict[str, Any]:
        return {"is_member": True}

    def name_of_place(self, _channel: str) -> str:
        return "#team"

    def readers(self, _place: object) -> Readers:
        return Readers(people=frozenset(IDS))


def all_is_said(database: Database) -> None:
    with database.writing() as connection:
        for row in connection.execute(select(outbox.c.id).where(outbox.c.state == "queued")).all():
            sent = {"state": "sent", "ts": f"{row.id}.000000", "said_in": "C0TEAM0000"}
            connection.execute(update(outbox).where(outbox.c.id == row.id).values(sent))


def test_t45_five_hundred_entries_are_five_hundred_messages_and_few_updates(tmp_path: Path) -> None:
    database = open_database(tmp_path / "lore.db")
    migrate(database)
    now = datetime(2026, 3, 2, 10, tzinfo=UTC)
    people = cast(People, Everybody())
    summaries = Summaries(people, database, lambda: now, None, None, unlimited)
    reporting = Reporting(people, database, summaries, "https://heron.slack.com/", lambda _: None)
    with database.writing() as connection:
        rituals.put(connection, Ritual(STANDUP, owner=IDS[0], id="r"), 1.0)
        opened = occurrences.plan(connection, "r", DAY, STANDUP, IDS, 1.0, 2.0)
        assert opened is not None
        occurrences.move(connection, opened, occurrences.OPEN, 1.0)
    for beat in range(9):
        with database.writing() as connection:
            for one in IDS[beat * 100 : (beat + 1) * 100]:
                given = Entry("r", DAY, one, replies={"done": f"Finished part {one} of the loader"})
                entries.put(connection, given, now.timestamp())
            if beat == 6:
                occurrences.move(connection, opened, occurrences.CLOSED, now.timestamp())
        reporting.keep(now)
        all_is_said(database)
        now += timedelta(seconds=20)
    with database.reading() as connection:
        kinds = select(outbox.c.kind, func.count()).group_by(outbox.c.kind)
        said = {row[0]: row[1] for row in connection.execute(kinds)}
    database.close()
    assert said["post"] == len(IDS) + 2  # the head and the summary
    assert said["update"] <= 9
