"""Digests on time: for whoever may read the place then, window after window, whatever goes wrong."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.digests.building import Building
from bot.digests.sections import Section
from bot.journal.digests import TOLD, digests_told
from knowledge.audience import EVERYONE, Audience
from prompts.digest_times import Rhythm
from tests.bot.digesting import DAY, Pages, Process, at, fates, joins, said_in, turn_off, turn_on
from tests.bot.office import MONDAY, Office, office, on


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def test_t72_over_a_change_of_the_clock_and_an_outage_each_page_is_told_once_by_two_processes(
    lore: Office,
) -> None:
    pages = Pages()
    one, other = Process(lore, pages), Process(lore, pages)
    begin = on(date(2026, 3, 26), "12:00")
    lore.clock.move(begin)
    turn_on(lore, "bea", zone="Europe/Berlin")
    for hour in range(1, 10 * 24):
        moment = begin + timedelta(hours=hour)
        pages.pages.append((moment - timedelta(minutes=30), f"page {hour}", EVERYONE))
        away = date(2026, 3, 31) <= moment.date() <= date(2026, 4, 1)
        if moment.hour in (6, 7, 8, 20) and not away:
            at(lore, moment, one, other)
    with lore.database.reading() as connection:
        rows = connection.execute(digests_told.select().order_by(digests_told.c.until)).all()
    assert {row.state for row in rows} == {TOLD}
    assert len(lore.said("bea")) == len(rows), "one of the two processes sends each"
    assert rows[0].since == on(date(2026, 3, 26), "08:00").timestamp()
    assert all(one.until == following.since for one, following in pairwise(rows)), "no hole and no overlap"
    local = [datetime.fromtimestamp(row.until, ZoneInfo("Europe/Berlin")) for row in rows]
    days = [27, 28, 29, 30, 2, 3, 4, 5]
    assert [(moment.day, moment.hour) for moment in local] == [(day, 9) for day in days]


def test_t71_sc11_nothing_new_is_not_sent_and_not_lost_either(lore: Office) -> None:
    pages = Pages()
    one = Process(lore, pages)
    digest = turn_on(lore, "ana")
    at(lore, on(MONDAY, "09:00"), one)
    assert (lore.said("ana"), fates(lore, digest)[0]) == ([], ("skipped", "There was nothing new."))
    pages.pages.append((on(MONDAY, "08:59"), "told late", EVERYONE))
    at(lore, on(MONDAY + DAY, "09:00"), one)
    assert "told late" in lore.said("ana")[0], "the window goes on from the last one that was sent"


def test_t70_who_may_not_read_it_is_told_neither_its_text_nor_its_title_nor_a_count(lore: Office) -> None:
    pages = Pages()
    one = Process(lore, pages)
    anas = Audience(principals=frozenset({lore.id("ana")}))
    pages.pages.append((on(MONDAY, "08:30"), "Salaries", anas))
    digest = turn_on(lore, "#reports")
    lore.clock.move(on(MONDAY, "09:00"))
    one.beat()
    joins(lore, "ben", "#reports")  # it is built, and stands in the outbox
    lore.post()
    assert said_in(lore, "#reports") == []
    at(lore, on(MONDAY, "09:01"), one)
    assert said_in(lore, "#reports") == []
    assert [state for state, _ in fates(lore, digest)] == ["said", "skipped"], "it was built anew, without"
    pages.pages.append((on(MONDAY, "12:00"), "Menu", EVERYONE))
    at(lore, on(MONDAY + DAY, "09:00"), one)
    [said] = said_in(lore, "#reports")
    assert "Menu" in said
    assert not any(word in said for word in ("Salaries", "more"))
    joins(lore, "ben", "#reports", leaves=True)
    at(lore, on(MONDAY + 2 * DAY, "09:00"), one)
    assert len(said_in(lore, "#reports")) == 1, "its window was told, with what all could read then"


def test_t73_turned_off_while_it_is_built_and_before_it_is_sent_it_is_not_sent(lore: Office) -> None:
    pages = Pages([(on(MONDAY, "08:30"), "News", EVERYONE)])
    one = Process(lore, pages)
    digest = turn_on(lore, "ana")
    pages.before = lambda: turn_off(lore, digest)
    at(lore, on(MONDAY, "09:00"), one)
    assert (lore.said("ana"), fates(lore, digest)) == ([], [("cancelled", "It was turned off.")])
    pages.before = lambda: None
    again = turn_on(lore, "ana")
    lore.clock.move(on(MONDAY + DAY, "09:00"))
    one.beat()
    turn_off(lore, again)  # it stands in the outbox
    lore.post()
    assert lore.said("ana") == []
    turn_on(lore, "ana")
    at(lore, on(MONDAY + 2 * DAY, "09:00"), one)
    assert len(lore.said("ana")) == 1
    assert one.pages.windows[-1].since == one.pages.windows[-2].since, "what was not sent is told now"


def test_a_section_that_fails_is_tried_again_and_then_left_out_and_that_is_said(lore: Office) -> None:
    def fail() -> None:
        raise RuntimeError("no such table")

    pages = Pages([(on(MONDAY, "08:30"), "News", EVERYONE)])
    one = Process(lore, pages)
    works = Pages([(on(MONDAY, "08:31"), "Talks", EVERYONE)])
    building = one.sending.building
    one.sending.building = Building(
        building.people,
        building.availability,
        building.store,
        building.origins,
        [*building.sections, Section("talks", "Talks", works.build)],
    )
    pages.before = fail
    turn_on(lore, "#reports")
    for minute in range(0, 10, 2):
        at(lore, on(MONDAY, f"09:0{minute}"), one)
    assert said_in(lore, "#reports") == []
    at(lore, on(MONDAY, "09:16"), one)
    [said] = said_in(lore, "#reports")
    assert "was written" in said
    assert "I could not look at this time: Pages." in said


def test_a_place_with_guests_gets_nothing_and_its_owner_is_told_once(lore: Office) -> None:
    pages = Pages([(on(MONDAY, "08:30"), "News", EVERYONE)])
    one = Process(lore, pages)
    turn_on(lore, "#reports")
    joins(lore, "gus", "#reports")
    for minute in ("09:00", "09:16"):
        at(lore, on(MONDAY, minute), one)
    for minute in ("09:00", "09:16"):
        at(lore, on(MONDAY + DAY, minute), one)
    assert said_in(lore, "#reports") == []
    [told] = lore.said("ana")
    assert "#reports has readers whom I cannot vouch for" in told
    joins(lore, "gus", "#reports", leaves=True)
    at(lore, on(MONDAY + 2 * DAY, "09:00"), one)
    assert "News" in said_in(lore, "#reports")[0]


@pytest.mark.parametrize("to", ["#reports", "ana"])
def test_a_slack_that_is_away_for_some_minutes_costs_no_digest_and_no_warning(lore: Office, to: str) -> None:
    one = Process(lore, Pages([(on(MONDAY, "08:30"), "News", EVERYONE)]))
    digest = turn_on(lore, to)
    at(lore, on(MONDAY, "08:59"), one)
    changed = {"type": "channel_rename", "channel": digest.recipient}
    lore.people.heard(changed if to == "#reports" else {"type": "user_change", "user": digest.recipient})
    lore.slack.faults.error("*", "internal_error", times=None)
    for minute in ("09:00", "09:05"):
        lore.clock.move(on(MONDAY, minute))
        one.beat()
    lore.slack.faults.clear()
    at(lore, on(MONDAY, "09:10"), one)
    said = said_in(lore, to) if to == "#reports" else lore.said("ana")
    assert len(said) == 1
    assert "News" in said[0]
    assert [state for state, _ in fates(lore, digest)] == ["said"]


def test_what_slack_does_not_take_is_tried_thrice_and_its_owner_told_once(lore: Office) -> None:
    pages = Pages([(on(MONDAY, "08:30"), "News", EVERYONE)])
    one = Process(lore, pages)
    digest = turn_on(lore, "#reports")
    lore.slack.restrict_posting("#reports", "admins")
    for minute in range(6):
        at(lore, on(MONDAY, f"09:0{minute}"), one)
    at(lore, on(MONDAY + DAY, "09:00"), one)
    assert [state for state, _ in fates(lore, digest)][:3] == ["said"] * 3
    [told] = lore.said("ana")
    assert told.startswith("I could not send a channel's digest that you look after. I try again")
    lore.slack.restrict_posting("#reports", "everyone")
    at(lore, on(MONDAY + 2 * DAY, "09:00"), one)
    assert "News" in said_in(lore, "#reports")[0], "what was never sent is told then"


def test_who_moves_is_told_by_their_new_clock(lore: Office) -> None:
    pages = Pages([(on(MONDAY, "08:30"), "News", EVERYONE)])
    one = Process(lore, pages)
    turn_on(lore, "ana", Rhythm("every Tuesday", time(9)))
    at(lore, on(MONDAY, "12:00"), one)
    lore.slack.person("ana").tz = "America/New_York"
    lore.people.heard({"type": "user_change", "user": {"id": lore.id("ana")}})
    at(lore, on(MONDAY, "16:00"), one)
    at(lore, on(MONDAY + DAY, "09:00"), one)
    assert lore.said("ana") == []
    at(lore, on(MONDAY + DAY, "14:00"), one)
    assert len(lore.said("ana")) == 1
