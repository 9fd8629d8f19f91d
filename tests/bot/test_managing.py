"""Who may manage a ritual and read it, and where it may be reported; unknown means no."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.rituals.managing import may_manage, may_read, report_refusal, set_up_refusal
from tests.bot.office import TEAM, Office, office, standup

LEADS = {"name": "leads", "private": True, "members": ["ana", "ben", "lore"]}
AWAY = {"name": "away", "private": True, "members": ["ana", "ben"]}
MIXED = {"name": "mixed", "private": True, "members": ["ana", "gus", "lore"]}
SHARED = {"name": "shared", "members": ["ana", "stranger", "lore"], "is_ext_shared": True}


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    channels = [*TEAM["channels"], LEADS, AWAY, MIXED, SHARED]
    with office(tmp_path, team={**TEAM, "channels": channels}) as opened:
        yield opened


def test_owners_and_admins_manage_and_nobody_else(lore: Office) -> None:
    daily = lore.set_up(owner="ben", co_owners=("chloe",))
    found = {
        name: may_manage(lore.people, daily, lore.id(name)) for name in ("ana", "ben", "chloe", "kai", "gus")
    }
    assert found == {"ana": True, "ben": True, "chloe": True, "kai": False, "gus": False}
    assert not may_manage(lore.people, daily, "U0NOBODY00")


def test_an_owner_who_has_left_manages_nothing(lore: Office) -> None:
    daily = lore.set_up(owner="ben")
    lore.slack.deactivate("ben")
    assert not may_manage(lore.people, daily, lore.id("ben"))


def test_the_team_the_owners_the_lead_and_observers_read(lore: Office) -> None:
    daily = lore.set_up(team=(lore.id("ben"),), owner="ana", lead=lore.id("kai"), observers=(lore.id("lou"),))
    read = {
        name
        for name in ("ana", "ben", "chloe", "kai", "lou", "gus")
        if may_read(lore.people, daily, lore.id(name))
    }
    assert read == {"ana", "ben", "kai", "lou"}


def test_a_report_has_no_more_readers_than_may_read(lore: Office) -> None:
    def refusal(report: str, *observers: str) -> str:
        settings = standup(team=(lore.id("ana"), lore.id("ben")), report=report, observers=observers)
        return report_refusal(lore.people, settings, {lore.id("ana")})

    assert refusal("") == ""
    assert refusal("#leads") == ""
    assert "Everybody in the workspace can read #world" in refusal("#world")
    assert refusal("#world", "everyone") == ""
    assert "cannot vouch for" in refusal("#mixed", "everyone")
    assert "cannot vouch for" in refusal("#shared", "everyone")
    assert "invite me" in refusal("#away", "everyone")
    assert "cannot see" in refusal("#nowhere", "everyone")
    lore.slack.archive("world")
    lore.people.heard({"type": "channel_archive", "channel": lore.slack.channel("world").id})
    assert "is archived" in refusal("#world", "everyone")


def test_a_channel_that_got_another_member_is_refused_from_then_on(lore: Office) -> None:
    settings = standup(team=(lore.id("ana"), lore.id("ben")), report="#leads")
    assert report_refusal(lore.people, settings, ()) == ""
    lore.slack.invite("chloe", "leads")
    lore.people.heard({"type": "member_joined_channel", "channel": lore.slack.channel("leads").id})
    assert "may not read it" in report_refusal(lore.people, settings, ())


def test_a_private_channel_is_not_named_to_who_is_not_in_it(lore: Office) -> None:
    settings = standup(team=(lore.id("chloe"),), report=lore.slack.channel("leads").id)
    said = set_up_refusal(lore.people, settings, {lore.id("chloe")}, lore.id("chloe"))
    assert "cannot see that channel" in said
    assert "leads" not in said
    assert set_up_refusal(lore.people, settings, {lore.id("ben")}, lore.id("ana")) != said


def test_while_slack_is_away_nothing_is_reported_and_nobody_manages(lore: Office) -> None:
    daily = lore.set_up(report="#leads", team=(lore.id("ana"), lore.id("ben")))
    lore.slack.faults.status("*", 503, times=None)
    assert report_refusal(lore.people, daily.settings, daily.owners)
    assert not may_manage(lore.people, daily, lore.id("ana"))
