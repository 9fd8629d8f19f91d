"""Dates that went by while Lore was away are recorded and told, whatever else was so meanwhile."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.journal.series import PAUSED
from bot.journal.talks import MISSED
from bot.learning.missed_dates import DATES_MISSED
from tests.bot.office import MONDAY, Office, office, on
from tests.bot.seasons import Season

DAY = timedelta(days=1)


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


@pytest.fixture
def season(lore: Office) -> Season:
    return Season(lore)


def test_t64_dates_that_went_by_unplanned_are_recorded_and_told_once(season: Season, lore: Office) -> None:
    lore.clock.move(on(MONDAY - 7 * DAY, "08:00"))
    lunch = season.set_up(lead_days=3)
    season.at(on(MONDAY - 7 * DAY, "08:01"))
    season.at(on(date(2026, 3, 20), "09:00"), Season(lore))
    assert [(talk.slot, talk.state) for talk in season.talks(lunch)] == [
        ("2026-03-05", MISSED),
        ("2026-03-12", MISSED),
        ("2026-03-19", MISSED),
    ], "and none twice"
    season.at(on(date(2026, 3, 20), "09:01"), Season(lore))
    assert season.told(DATES_MISSED) == ["ana"], "once, of all"
    assert "Thursday 5 March, 12:30 (UTC time); Thursday 12 March" in lore.said("ana")[-1]
    season.put(replace(lunch, state=PAUSED))
    season.at(on(date(2026, 3, 27), "09:00"))
    season.put(replace(lunch, revision=3))
    season.at(on(date(2026, 3, 27), "09:01"))
    season.at(on(date(2026, 3, 31), "09:00"), Season(lore))
    assert season.talks(lunch)[-1].slot == "2026-04-02", "what fell into a pause was not missed"
    assert season.told(DATES_MISSED) == ["ana"]


def test_what_was_to_be_earlier_on_the_day_of_the_setup_was_not_missed(season: Season, lore: Office) -> None:
    lore.clock.move(on(date(2026, 3, 5), "13:00"))
    lunch = season.set_up(lead_days=3)
    season.at(on(date(2026, 3, 5), "13:01"))
    assert season.talks(lunch) == []
