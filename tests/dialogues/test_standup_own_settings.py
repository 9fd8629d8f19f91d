"""Settings of one's own, and why one was asked or not."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from bot.blocks.calm import COUNTRY, DAYS, PINGS, QUIET, REPLY_BY, ZONE
from bot.journal.rituals import PAUSED
from bot.wiring import Knowledge
from bot.workspace import Workspace
from tests.dialogues.calm import CALM, heard, sent, told
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.dialogues.standups import DAY, NINE, asked, change, set_up, shown_in, top
from tests.fakes import FakeClock


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> Iterator[Lore]:
    with at_work(slack, knowledge, clock=clock, calm=CALM) as lore:
        yield lore


def form(lore: Lore, person: str) -> dict[str, Any]:
    assert lore.slack.slash(person, "#general", "/standup", "me").ok
    return top(lore, person)


def test_ones_own_settings_are_kept_and_hold_at_once(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore, "Daily", "ana", "ben")
    shown = form(lore, "ben")
    hints = [block["hint"]["text"] for block in shown["blocks"] if "hint" in block]
    assert "Such as Europe/Berlin. Empty: Europe/London." in hints
    filled = {
        ZONE: "asia/kolkata",
        DAYS: ["1", "2"],
        COUNTRY: "de-by",
        QUIET: "20:00-08:00",
        PINGS: "3",
        REPLY_BY: "message",
    }
    assert lore.slack.submit_view("ben", shown["id"], filled).ok
    said = words(lore.private_reply("ben", "#general"))
    assert said == (
        "Kept. Your time zone is Asia/Kolkata (as you set it). You work on Tuesday and Wednesday. Public "
        "holidays: DE-BY. Quiet hours: 20:00-08:00. I send you at most 3 messages a day unasked; so far "
        "today: 0."
    )
    for day, expected in ((1, "said"), (2, "said"), (3, "skipped")):
        asked(lore, clock, NINE + timedelta(days=day, hours=-5, minutes=-30))
        assert sent(lore, daily, "ben", DAY + timedelta(days=day)) == expected
    again = shown_in(form(lore, "ben"))
    for value in ("Asia/Kolkata", "DE-BY", "20:00-08:00"):
        assert value in again


@pytest.mark.parametrize(
    ("block", "value", "problem"),
    [
        (ZONE, "Berlin", "Did you mean Europe/Berlin?"),
        (ZONE, "Mars/Olympus", "no time zone of that name"),
        (COUNTRY, "Germany", "DE-BY"),
        (COUNTRY, "XX", "not known"),
        (QUIET, "at night", "21:00-07:00"),
        (PINGS, "0", "from 1 to 100"),
        (PINGS, "many", "from 1 to 100"),
    ],
)
def test_what_cannot_be_meant_is_said_in_the_form(lore: Lore, block: str, value: str, problem: str) -> None:
    shown = form(lore, "ben")
    refused = lore.slack.submit_view("ben", shown["id"], {block: value})
    assert problem in str(refused)
    assert "from your Slack profile" in told(lore, "ben", "why")


# why


def test_competitors_2_12_2_18_why_tells_of_today_of_what_comes_and_of_what_was(
    lore: Lore, clock: FakeClock
) -> None:
    set_up(lore, "Daily", "ana", "ben")
    weekly = set_up(lore, "Weekly <!channel>", "ben")
    change(lore, weekly, rule="every Thursday")
    before = told(lore, "ben", "why")
    assert "Daily: I ask you at 09:00." in before
    assert "Weekly" in before
    assert "It is not on today. Every Thursday." in before
    assert "<!channel>" not in str(lore.slack.ephemerals("ben", "#general")[-1].get("text"))
    asked(lore, clock)
    after = told(lore, "ben", "why")
    assert "Daily: I asked you at 09:00." in after
    assert "Daily, Tuesday, 3 March 2026 at 09:00 (Europe/London)" in after
    assert after.count("Daily, ") == 4
    assert "Mon 2 Mar 09:00 · Daily · prompt · said" in after
    assert "so far today: 1." in after


def test_competitors_2_18_who_is_in_no_stand_up_is_told_so(lore: Lore) -> None:
    assert "You are in no stand-up" in told(lore, "chloe", "why")


def test_t39_who_came_after_it_had_begun_is_asked_from_the_next_one(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore, "Daily", "ana", "ben")
    asked(lore, clock)
    chloe = lore.slack.person("chloe").id
    change(lore, daily, team=(*daily.settings.team, chloe))
    said = told(lore, "chloe", "why")
    assert "You came to the team after it had begun" in said
    assert "Daily, Tuesday, 3 March 2026 at 09:00" in said


def test_why_says_that_it_is_paused(lore: Lore) -> None:
    daily = set_up(lore, "Daily", "ben")
    change(lore, daily, state=PAUSED, paused_until=date(2026, 3, 9))
    said = told(lore, "ben", "why")
    assert "It is paused until Monday, 9 March 2026." in said
    assert "Daily, Monday, 9 March 2026 at 09:00" in said


def test_t07_who_flies_west_is_not_asked_again_on_the_same_date(lore: Lore, clock: FakeClock) -> None:
    lore.slack.change_person("ben", tz="Asia/Tokyo")
    clock.move(NINE - timedelta(hours=11))
    daily = set_up(lore, "Daily", "ben", reminders=())
    lore.at(clock, NINE - timedelta(hours=10))
    lore.at(clock, NINE - timedelta(hours=8, minutes=55))
    assert sent(lore, daily, "ben") == "said"
    lore.slack.change_person("ben", tz="America/Los_Angeles")
    lore.at(clock, NINE.replace(hour=17, minute=5))
    assert len(heard(lore, "ben")) == 1
    assert "Daily: I asked you at 00:05." in told(lore, "ben", "why") or "at 16:05" in told(
        lore, "ben", "why"
    )
