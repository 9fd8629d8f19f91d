"""Who is a lead: admins, whom the settings name, and whoever looks after something, as it is just then."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.lead_settings import LeadSettings, lead_settings
from bot.leads import Leads
from knowledge.errors import SettingsError
from tests.bot.office import TEAM, Office, office


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def leads(lore: Office, settings: LeadSettings) -> set[str]:
    asked = Leads(lore.people, lore.database, settings)
    return {one["name"] for one in TEAM["people"] if asked.includes(lore.id(one["name"]))}


def test_admins_who_is_named_and_who_looks_after_something_are_leads_and_nobody_else(lore: Office) -> None:
    lore.set_up(owner="chloe", co_owners=("kai", "gus"))
    assert leads(lore, LeadSettings()) == {"ana", "chloe", "kai"}
    named = frozenset({"@everybody", "TOSHI@heron.example", lore.id("gus"), "@nobody"})
    assert leads(lore, LeadSettings(named)) == {"ana", "ben", "toshi", "chloe", "kai"}, "guests never are"
    assert leads(lore, LeadSettings(named, owners=False)) == {"ana", "ben", "toshi"}


def test_while_slack_does_not_tell_who_is_in_a_group_nobody_is_a_lead_by_it(lore: Office) -> None:
    settings = LeadSettings(frozenset({"@everybody"}))
    lore.slack.faults.error("usergroups.list", "internal_error", times=None)
    assert leads(lore, settings) == {"ana"}
    lore.slack.faults.clear()
    assert leads(lore, settings) == {"ana", "ben"}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"people": ["leads"]}, "leads.people in lore.toml are e-mail addresses or Slack user ids"),
        ({"owners": "no"}, "leads.owners in lore.toml must be true or false"),
        ({"who": []}, "unknown key `who`: known are owners, people"),
    ],
)
def test_wrong_settings_are_named(table: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        lead_settings("lore.toml", table)
