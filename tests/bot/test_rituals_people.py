"""People come, go and travel, places close, Slack refuses: rituals go on with who and what is left."""

import logging
from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.journal import outgoing
from bot.messages import Check, Message
from bot.pressing import alone
from bot.rituals.due import Due
from bot.rituals.roster import Roster, roster_of
from tests.bot.office import MONDAY, Office, office, on

TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def test_t37_t42_guests_bots_strangers_and_the_deactivated_are_in_no_roster(lore: Office) -> None:
    lore.slack.person("chloe").deleted = True
    found = roster_of(lore.people, ("#team", "@everybody", lore.id("gus"), lore.id("chloe")))
    assert found == Roster(tuple(sorted(map(lore.id, ("ana", "ben")))), gone=(lore.id("chloe"),))


def test_while_slack_is_away_nobody_counts_as_having_left(lore: Office) -> None:
    lore.slack.person("ben").tz = "Asia/Tokyo"
    daily = lore.set_up(at=time(18))
    lore.at(on(MONDAY, "08:30"))
    lore.slack.faults.status("*", 503, times=None)
    lore.people.heard({"type": "user_change", "user": {"id": lore.id("ben")}})
    lore.at(on(MONDAY, "08:45"))
    found = lore.occurrence(daily)
    assert found is not None
    assert set(found.roster) == set(map(lore.id, ("ana", "ben", "chloe")))
    times = {one.person: one.planned_at for one in lore.deliveries(daily)}
    assert times[lore.id("ben")] == on(MONDAY, "09:00").timestamp(), "and nobody's zone is another one"
    assert times[lore.id("ana")] == on(MONDAY, "18:00").timestamp()
    lore.slack.faults.clear()
    lore.at(on(MONDAY, "09:00"))
    lore.at(on(MONDAY, "18:00"))
    assert lore.prompted("ana", "ben", "chloe") == {"ana": 1, "ben": 1, "chloe": 1}


def test_t36_who_leaves_before_the_prompt_is_not_asked_and_who_leaves_after_it_is_not_missing(
    lore: Office,
) -> None:
    daily = lore.set_up()
    lore.at(on(MONDAY, "08:59"))
    leaves(lore, "chloe")
    lore.at(on(MONDAY, "09:00"))
    assert lore.prompted("ana", "ben", "chloe") == {"ana": 1, "ben": 1, "chloe": 0}
    leaves(lore, "ben")
    lore.pass_time(on(MONDAY, "18:00"))
    assert lore.prompted("ben") == {"ben": 1}
    assert lore.said("ben") == ["prompt Daily 2026-03-02"], "and is not reminded"
    found = lore.occurrence(daily)
    assert found is not None
    assert found.roster == (lore.id("ana"),)


def test_t36_who_leaves_while_the_prompt_waits_for_its_time_is_not_asked(lore: Office) -> None:
    lore.clock.move(on(MONDAY - timedelta(days=1), "18:00"))
    daily = lore.set_up(team=("#world",))
    lore.pass_time(on(MONDAY, "08:30"), timedelta(minutes=30))
    assert lore.state(daily) == "open"
    leaves(lore, "lou", "world")
    lore.pass_time(on(TUESDAY, "06:00"), timedelta(minutes=30))
    assert lore.prompted("lou", "pat") == {"lou": 0, "pat": 1}
    assert lore.delivery(daily, "lou").reason == "You are not in the team any more."


def test_t37_who_is_deactivated_is_left_out_and_the_owner_is_told_once(lore: Office) -> None:
    lore.set_up()
    lore.pass_time(on(MONDAY, "09:30"))
    gone(lore, "ben")
    lore.pass_time(on(TUESDAY, "10:00"), timedelta(minutes=30))
    assert lore.prompted("ben") == {"ben": 1}
    assert len([text for text in lore.said("ana") if "left Slack, so Daily asks them no more" in text]) == 1


def test_t37_t42_a_prompt_that_slack_refuses_for_good_is_recorded_and_not_tried_again(lore: Office) -> None:
    daily = lore.set_up()
    lore.at(on(MONDAY, "08:59"))
    lore.slack.faults.error(
        "chat.postMessage",
        "user_disabled",
        times=None,
        where=lambda args: args.get("channel") == lore.id("ben"),
    )
    lore.pass_time(on(MONDAY, "12:00"))
    refused = lore.delivery(daily, "ben")
    assert (refused.state, refused.reason) == ("missed", "Slack refused it: user_disabled.")
    tries = [
        call
        for call in lore.slack.ledger.calls_of("chat.postMessage")
        if call.args.get("channel") == lore.id("ben")
    ]
    assert len(tries) == 1
    assert lore.prompted("ana", "chloe") == {"ana": 1, "chloe": 1}
    assert not [text for text in lore.said("ana") if "in time" in text]


def test_t42_a_passing_error_is_tried_again_within_the_limit(lore: Office) -> None:
    daily = lore.set_up()
    lore.at(on(MONDAY, "08:59"))
    lore.slack.faults.status("chat.postMessage", 503, times=4)
    lore.pass_time(on(MONDAY, "09:30"), timedelta(minutes=3))
    assert lore.prompted("ana", "ben", "chloe") == {"ana": 1, "ben": 1, "chloe": 1}
    assert lore.delivery(daily, "ben").state == "said"


def test_t42_sc_08_slack_away_for_longer_than_the_limit_is_missed_and_told_once(lore: Office) -> None:
    daily = lore.set_up()
    lore.at(on(MONDAY, "08:59"))
    lore.slack.faults.status("chat.postMessage", 503, times=None)
    lore.pass_time(on(MONDAY, "11:10"), timedelta(minutes=5))
    lore.slack.faults.clear()
    lore.pass_time(on(MONDAY, "12:00"), timedelta(minutes=5))
    assert lore.prompted("ana", "ben", "chloe") == {"ana": 0, "ben": 0, "chloe": 0}
    assert {one.state for one in lore.deliveries(daily) if one.kind == "prompt"} == {"missed"}
    assert [text for text in lore.said("ana") if "3 people were not asked" in text] != []


def test_t47_a_reset_after_slack_took_it_doubles_no_prompt_and_a_limit_drops_none(lore: Office) -> None:
    lore.set_up()
    lore.at(on(MONDAY, "08:59"))
    lore.slack.faults.drop("chat.postMessage", after=True)
    lore.slack.faults.rate_limited("chat.postMessage", retry_after="5", times=1)
    lore.at(on(MONDAY, "09:00"))
    lore.pass_time(on(MONDAY, "09:02"), timedelta(seconds=20))
    assert lore.prompted("ana", "ben", "chloe") == {"ana": 1, "ben": 1, "chloe": 1}


def test_t38_the_next_co_owner_inherits_and_without_one_the_admins_are_asked_once(lore: Office) -> None:
    shared = lore.set_up(owner="ben", co_owners=("chloe",))
    alone = lore.set_up(name="Weekly", owner="ben", at=on(MONDAY, "10:00").time())
    lore.at(on(MONDAY, "08:30"))
    gone(lore, "ben")
    lore.pass_time(on(TUESDAY, "11:00"), timedelta(minutes=30))
    assert (lore.ritual(shared).owner, lore.ritual(shared).co_owners) == (lore.id("chloe"), ())
    assert [text for text in lore.said("chloe") if "You look after Daily now" in text] != []
    assert lore.ritual(alone).owner == lore.id("ben")
    asked = [text for text in lore.said("ana") if "Nobody looks after Weekly" in text]
    assert len(asked) == 1
    assert lore.prompted("chloe") == {"chloe": 4}, "both go on"


def test_t39_who_joins_while_it_is_open_is_asked_from_the_next_one_on(lore: Office) -> None:
    daily = lore.set_up()
    lore.at(on(MONDAY, "09:00"))
    lore.slack.channel("team").members.append(lore.id("toshi"))  # type: ignore[union-attr]
    lore.people.heard({"type": "member_joined_channel", "channel": lore.slack.channel("team").id})
    lore.slack.person("toshi").tz = "UTC"
    lore.pass_time(on(MONDAY, "18:00"), timedelta(minutes=30))
    assert lore.prompted("toshi") == {"toshi": 0}
    lore.pass_time(on(TUESDAY, "09:05"), timedelta(minutes=30))
    assert lore.prompted("toshi", "ben") == {"toshi": 1, "ben": 2}
    assert lore.id("toshi") not in [one.person for one in lore.deliveries(daily)]


@pytest.mark.parametrize("trouble", ["archived", "kicked", "read-only"])
def test_t40_sc_09_where_it_cannot_report_it_is_paused_and_the_owner_told_once(
    lore: Office, trouble: str
) -> None:
    daily = lore.set_up()
    lore.pass_time(on(MONDAY, "16:50"))
    match trouble:
        case "archived":
            lore.slack.archive("#reports")
        case "kicked":
            lore.slack.kick("lore", "#reports")
        case "read-only":
            lore.slack.restrict_posting("#reports", "admins")
    lore.pass_time(on(TUESDAY, "18:00"), timedelta(minutes=30))
    assert lore.ritual(daily).state == "paused"
    told = [text for text in lore.said("ana") if "I have paused Daily" in text]
    assert len(told) == 1
    assert lore.prompted("ben") == {"ben": 1}
    assert lore.state(daily, TUESDAY) == "none"


def test_t41_a_revoked_token_stops_everything_without_a_storm_of_logs(
    lore: Office, caplog: pytest.LogCaptureFixture
) -> None:
    lore.set_up()
    lore.set_up(name="Weekly", at=on(MONDAY, "09:01").time())
    lore.at(on(MONDAY, "08:59"))
    lore.slack.team.token_refusal = "token_revoked"
    with caplog.at_level(logging.INFO):
        lore.pass_time(on(MONDAY, "10:00"), timedelta(minutes=1))
    assert len(caplog.records) < 60, "in an hour of beats"
    assert len(lore.slack.ledger.calls_of("chat.postMessage")) < 30
    lore.slack.team.token_refusal = ""
    lore.pass_time(on(MONDAY, "10:30"), timedelta(minutes=1))
    assert lore.prompted("ana", "ben") == {"ana": 2, "ben": 2}, "within the limit it is made up for"


def test_t41_while_slack_refuses_everything_nothing_is_planned(lore: Office) -> None:
    daily = lore.set_up()
    with lore.database.writing() as connection:
        outgoing.pause(connection, outgoing.EVERYTHING, on(MONDAY, "08:20").timestamp())
    lore.at(on(MONDAY, "08:19"))
    assert lore.state(daily) == "none"
    lore.at(on(MONDAY, "08:21"))
    assert lore.state(daily) == "planned"


def test_t42_a_prompt_that_was_decided_is_not_dropped_by_a_look_up_that_fails(lore: Office) -> None:
    def checked(due: Due) -> list[Message]:
        return [Message(due.delivery.person, "prompt", check=Check(alone(due.delivery.person)))]

    lore.processes[0].makers["prompt"] = checked
    lore.set_up()
    lore.at(on(MONDAY, "08:59"))
    lore.clock.move(on(MONDAY, "09:00"))
    lore.processes[0].tick(lore.clock())
    lore.people.heard({"type": "user_change", "user": {"id": lore.id("ben")}})
    lore.slack.faults.status("users.info", 503, times=None)
    lore.post()
    assert lore.said("ben") == ["prompt"]


def test_a_team_that_cannot_be_seen_is_told_to_the_owner_once(lore: Office) -> None:
    lore.set_up(team=("#nowhere", "#team"))
    lore.pass_time(on(TUESDAY, "10:00"), timedelta(minutes=30))
    assert len([text for text in lore.said("ana") if "#nowhere" in text]) == 1
    assert lore.prompted("ben") == {"ben": 2}


def leaves(lore: Office, name: str, channel: str = "team") -> None:
    lore.slack.channel(channel).members.remove(lore.id(name))  # type: ignore[union-attr]
    lore.people.heard({"type": "member_left_channel", "channel": lore.slack.channel(channel).id})


def gone(lore: Office, name: str) -> None:
    """Somebody's account is deactivated."""
    lore.slack.person(name).deleted = True
    lore.people.heard({"type": "user_change", "user": {"id": lore.id(name)}})
