"""A series that names a user group which is not there any more is not left to a line in the log."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.bot.office import MONDAY, Office, office, on
from tests.bot.seasons import Season

HOUR = timedelta(hours=1)


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def test_whoever_looks_after_a_series_hears_once_of_a_group_that_is_gone(lore: Office) -> None:
    season, other = Season(lore), Season(lore)
    one = season.set_up(members=("@everybody", "@nobody", "#team"))
    now = on(MONDAY, "09:00")
    lore.slack.faults.error("usergroups.list", "internal_error", times=None)
    season.at(now, other)
    assert lore.said("ana") == [], "Slack is away: nobody knows whether it is there"
    lore.slack.faults.clear()
    for hour in range(1, 4):
        season.at(now + hour * HOUR, other)
    [said] = lore.said("ana")
    assert said.startswith("There is no user group @nobody (any more)")
    assert "Lunch" in said
    assert "/learn edit" in said
    assert str(lore.slack.said_by_app(lore.slack.dm("ana"))[0]["blocks"]).count(one.id) == 1, "with its form"
