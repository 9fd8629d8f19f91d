"""Budgets hold before each call of the chat model, in every process, and the admins hear of it once a day."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.budget_settings import Budgets, Limits, budgets
from bot.inbox import Inbox, Quota, Receipt, Received
from bot.journal.migrate import migrate
from bot.journal.spending import Scope, Spent, day_of, spending, spent, sweep
from bot.journal.tables import inbox as inbox_table
from bot.journal.tables import outbox
from bot.journal.work import Item
from bot.journal.writer import JournalWriter
from bot.messages import Message
from bot.spending import OVER_BUDGET, Accounts, Purse
from knowledge.adapters.database import Database, open_database
from knowledge.errors import SettingsError

START = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
FREE = dict.fromkeys(Scope, Limits())


class Clock:
    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at


class TwoAdmins:
    """As much of `People` as is asked for who is told."""

    def admins(self) -> frozenset[str]:
        return frozenset({"U0ADA", "U0BEN"})

    def name_of(self, owner: str) -> str:
        return {"U0EVE": "Eve"}.get(owner, owner)

    def name_of_place(self, channel_id: str) -> str:
        return f"#{channel_id}"


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    return tmp_path / "lore.db" if request.param == "sqlite" else request.getfixturevalue("postgres_address")


@pytest.fixture
def database(address: Any) -> Iterator[Database]:
    database = open_database(address)
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def writer(database: Database) -> Iterator[JournalWriter]:
    writer = JournalWriter(database)
    writer.start()
    yield writer
    writer.close()


def item(person: str = "U0EVE", channel: str = "C1", **more: Any) -> Item:
    base = Item(1, "message", "T1", channel, person, "?", "1.0", "1.0", "c", {}, 1, "x", START.timestamp())
    return replace(base, **more)


def accounts(
    writer: JournalWriter, clock: Clock, told: list[Received] | None = None, **limits: Any
) -> Accounts:
    limited = {**FREE, **{Scope(name): limit for name, limit in limits.items()}}
    found = Budgets(limits=limited, price_in=1.0, price_out=4.0)
    people: Any = TwoAdmins()
    return Accounts(writer, people, clock, found, 20.0, [].append if told is None else told.append)


def took(purse: Purse, tokens: int = 1000, tokens_in: int = 500, tokens_out: int = 100) -> bool:
    if purse.refused(tokens) is not None:
        return False
    purse.took(tokens, tokens_in, tokens_out)
    return True


@pytest.mark.parametrize("scope", list(Scope))
def test_op04_calls_beyond_the_budget_of_a_day_are_refused_until_the_next(
    scope: Scope, writer: JournalWriter
) -> None:
    clock, told = Clock(), list[Received]()
    held = accounts(writer, clock, told, **{scope: Limits(calls_a_day=3)})
    assert [took(held.allowance(item())) for _ in range(5)] == [True, True, True, False, False]
    refusal = held.allowance(item()).refused(10)
    assert refusal is not None
    assert "calls a day" in refusal
    assert len(told) == 1
    clock.at += timedelta(days=1)
    assert took(held.allowance(item()))


def test_op04_the_budgets_of_others_are_their_own(writer: JournalWriter) -> None:
    held = accounts(writer, Clock(), person=Limits(calls_a_day=1), channel=Limits(calls_a_day=2))
    assert took(held.allowance(item("U0EVE", "C1")))
    assert not took(held.allowance(item("U0EVE", "C2")))
    assert took(held.allowance(item("U0BOB", "C1")))
    assert not took(held.allowance(item("U0CAT", "C1"))), "the channel has spent what it has"
    assert took(held.allowance(item("U0CAT", "C2")))


def test_a_minute_passes(writer: JournalWriter) -> None:
    clock, told = Clock(), list[Received]()
    held = accounts(writer, clock, told, person=Limits(calls_a_minute=1))
    assert [took(held.allowance(item())) for _ in range(2)] == [True, False]
    clock.at += timedelta(minutes=1)
    assert took(held.allowance(item()))
    assert told == [], "nobody is told of what is over in a minute"


def test_op04_tokens_and_money_count_as_reserved_and_then_as_taken(
    writer: JournalWriter, database: Database
) -> None:
    clock = Clock()
    held = accounts(writer, clock, workspace=Limits(tokens_a_day=2500, money_a_day=5000))
    purse = held.allowance(item())
    assert purse.refused(1000) is None
    with database.reading() as connection:
        assert spent(connection, Scope.WORKSPACE, "", day_of(clock().timestamp())) == Spent(0, 1, 1000, 4000)
    purse.took(1000, 500, 100)
    with database.reading() as connection:
        assert spent(connection, Scope.WORKSPACE, "", day_of(clock().timestamp())) == Spent(0, 1, 600, 900)
    assert held.allowance(item()).refused(1000) is None
    assert held.allowance(item()).refused(1000) is not None, "reserved counts as spent"


def test_op04_no_overrun_with_many_at_once_in_two_processes(address: Any, database: Database) -> None:
    """Each process has a connection and a writer of its own."""
    other = open_database(address)
    writers = [JournalWriter(database), JournalWriter(other)]
    for writer in writers:
        writer.start()
    held = [accounts(writer, Clock(), workspace=Limits(calls_a_day=25)) for writer in writers]
    with ThreadPoolExecutor(8) as pool:
        allowed = list(pool.map(lambda n: took(held[n % 2].allowance(item(f"U{n % 5}"))), range(80)))
    for writer in writers:
        writer.close()
    other.close()
    assert sum(allowed) == 25


def test_op04_a_restart_forgets_nothing(address: Any, database: Database) -> None:
    for expected in ([True, True], [False, False]):
        writer = JournalWriter(database)
        writer.start()
        held = accounts(writer, Clock(), person=Limits(calls_a_day=2))
        assert [took(held.allowance(item())) for _ in range(2)] == expected
        writer.close()


def test_op04_every_admin_is_told_once_a_day(writer: JournalWriter) -> None:
    told = list[Received]()
    held = accounts(writer, Clock(), told, person=Limits(calls_a_day=0))
    for _ in range(3):
        held.allowance(item()).refused(10)
    [received] = told
    assert received.kind == OVER_BUDGET
    done = held.handle(item(payload=received.payload or {}))
    assert [message.channel for message in done.say] == ["U0ADA", "U0BEN"]
    assert "Eve" in done.say[0].text
    assert "calls a day" in done.say[0].text
    again = accounts(writer, Clock(), told, person=Limits(calls_a_day=0))
    again.allowance(item()).refused(10)
    assert told[1].keys == told[0].keys, "another process says the same, and the inbox knows it by its key"


def test_what_cannot_be_counted_is_not_asked(writer: JournalWriter) -> None:
    held = accounts(writer, Clock())
    purse = held.allowance(item())
    writer.close()
    refusal = purse.refused(10)
    assert refusal is not None
    assert "counted" in refusal
    purse.took(10, 1, 1)


def test_the_time_left_counts_from_receipt(writer: JournalWriter) -> None:
    clock = Clock()
    held = accounts(writer, clock)
    purse = held.allowance(item())
    assert purse.seconds() == pytest.approx(17.0)
    clock.at += timedelta(seconds=5)
    assert purse.seconds() == pytest.approx(12.0)
    assert held.allowance(item(attempts=2)).seconds() == pytest.approx(17.0), "begun anew after a crash"


def test_old_counts_are_swept(writer: JournalWriter, database: Database) -> None:
    clock = Clock()
    took(accounts(writer, clock).allowance(item()))
    later = (START + timedelta(days=40)).timestamp()
    assert writer.write(lambda connection: sweep(connection, later)) == 6
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(spending)).scalar() == 0


def asking(number: int, person: str = "U0EVE") -> Received:
    return Received("message", frozenset({f"m{number}:{person}"}), "T1", "C1", person, "?", f"{number}.0")


def test_op01_a_thousand_questions_a_minute_are_refused_beyond_the_quota_with_one_word(
    writer: JournalWriter, database: Database
) -> None:
    clock = Clock()
    quota = Quota(20, frozenset({"message"}), lambda received: Message(received.channel, "slow down"))
    inbox = Inbox(writer, clock, lambda _: None, quota=quota)
    receipts = [inbox.receive(asking(number)) for number in range(200)]
    assert receipts == [Receipt.NEW] * 20 + [Receipt.REFUSED] * 180
    assert inbox.receive(asking(1, "U0BOB")) is Receipt.NEW, "others are not held up"
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(outbox)).scalar() == 1
        assert connection.execute(select(func.count()).select_from(inbox_table)).scalar() == 22, (
            "the rest leaves no trace"
        )
    clock.at += timedelta(minutes=1)
    assert [inbox.receive(asking(number)) for number in range(300, 305)] == [Receipt.REFUSED] * 5, (
        "it goes on"
    )
    clock.at += timedelta(minutes=1)
    assert inbox.receive(asking(0)) is Receipt.AGAIN, "what Slack repeats is not counted"
    assert inbox.receive(asking(999)) is Receipt.NEW, "fewer were refused in the minute before"


def test_who_asked_a_little_too_much_is_answered_again_in_the_next_minute(writer: JournalWriter) -> None:
    clock = Clock()
    quota = Quota(20, frozenset({"message"}), lambda received: Message(received.channel, "slow down"))
    inbox = Inbox(writer, clock, lambda _: None, quota=quota)
    assert [inbox.receive(asking(number)) for number in range(39)][20:] == [Receipt.REFUSED] * 19
    clock.at += timedelta(minutes=1)
    assert inbox.receive(asking(40)) is Receipt.NEW


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"questions_a_minut": 3}, "questions_a_minut"),
        ({"person": {"calls_an_hour": 3}}, "calls_an_hour"),
        ({"person": 3}, "must be a table"),
        ({"channel": {"calls_a_day": -1}}, "calls_a_day"),
        ({"channel": {"calls_a_day": "many"}}, "calls_a_day"),
        ({"workspace": {"money_a_day": 5}}, "price_per_million_in"),
    ],
)
def test_wrong_budgets_are_told(table: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        budgets("lore.toml", table)


def test_budgets_are_read() -> None:
    found = budgets(
        "lore.toml",
        {
            "questions_a_minute": 5,
            "price_per_million_in": 0.15,
            "price_per_million_out": 0.6,
            "workspace": {"money_a_day": 2.5, "calls_a_day": 7},
        },
    )
    assert found.questions_a_minute == 5
    assert found.limits[Scope.WORKSPACE] == Limits(120, 7, None, 2_500_000)
    assert found.cost(1_000_000, 1_000_000) == 750_000
