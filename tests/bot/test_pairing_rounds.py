"""Rounds: stored before anything is said, and said once whatever dies on the way."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from bot.blocks.pairing import REPLY
from bot.journal import pairing, pairing_rounds
from bot.journal.notices import Notice
from bot.journal.pairing import Pairing
from bot.journal.pairing_rounds import INTRODUCED, MATCHED
from bot.journal.tables import inbox
from bot.kinds import MAKE_ROUND, PATIENT
from bot.messages import Message
from bot.notices import Made
from bot.pairing.planning import INTRODUCTION
from knowledge.adapters.tables import revisions, versions
from knowledge.audience import EVERYONE, Audience
from prompts.pairing import PairingKind
from tests.bot.office import MONDAY, Office, on
from tests.bot.pairing_crew import CREW, DAY, ZONES, Process, at, crew, named, pairs, said, set_up


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    with crew(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("step", ["claimed", "made", "ended"])
def test_t68_killed_between_introductions_the_stored_pairs_are_told_once_each(
    lore: Office, step: str
) -> None:
    coffee = set_up(lore, CREW)
    first, second = Process(lore), Process(lore)
    at(lore, on(MONDAY, "09:00"), first, second)
    stored = named(lore, pairs(lore, coffee, MATCHED))
    assert len(stored) == 12
    steps = 0

    def die(here: str) -> None:
        nonlocal steps
        steps += here == step
        if steps == (5 if step != "claimed" else 1):
            raise Killed

    first.notices.checkpoint = die
    with pytest.raises(Killed):
        at(lore, on(MONDAY, "10:00"), first)
    told = sum(len(said(lore, *group)) for group in stored)
    assert told < 12
    for minute in ("10:00", "10:01", "10:03", "10:04"):
        at(lore, on(MONDAY, minute), second)
    assert named(lore, pairs(lore, coffee, INTRODUCED)) == stored
    assert [len(said(lore, *group)) for group in stored] == [1] * 12
    assert all(said(lore, name) == [] for name in CREW)


def test_a_round_is_made_once_by_any_number_of_processes_and_late_after_an_outage(lore: Office) -> None:
    coffee = set_up(lore, CREW[:4])
    processes = [Process(lore), Process(lore)]
    at(lore, on(MONDAY, "08:59"), *processes)
    assert pairs(lore, coffee) == []
    at(lore, on(MONDAY, "16:00"), *processes)
    at(lore, on(MONDAY, "16:01"), *processes)
    assert len(pairs(lore, coffee, INTRODUCED)) == 2
    at(lore, on(MONDAY + 10 * DAY, "16:00"), *processes)
    assert len(pairs(lore, coffee)) == 2
    with lore.database.reading() as connection:
        assert len(pairing_rounds.newest(connection, coffee.id, 5)) == 1, "three days late is left out"


def test_the_heartbeat_asks_for_a_round_and_a_worker_that_has_time_makes_it(lore: Office) -> None:
    coffee = set_up(lore, CREW)
    process, other = Process(lore), Process(lore)
    lore.clock.move(on(MONDAY, "09:00"))
    for one in (process, other, process):
        one.room.tick(lore.clock())
    assert pairs(lore, coffee) == []
    with lore.database.reading() as connection:
        asked = connection.execute(select(inbox.c.kind, inbox.c.state)).all()
    assert [tuple(one) for one in asked] == [(MAKE_ROUND, "queued")], "once, however often it is due"
    assert MAKE_ROUND in PATIENT
    other.work_off()
    assert len(pairs(lore, coffee, MATCHED)) == 12
    late = set_up(lore, CREW[:2], kind=PairingKind.MODELLING)
    process.room.tick(lore.clock())
    lore.clock.move(on(MONDAY + 4 * DAY, "09:00"))
    process.work_off()
    assert pairs(lore, late) == [], "a worker that comes days late makes it no more"


def test_a_round_whose_time_was_over_before_a_change_is_not_made_up_for(lore: Office) -> None:
    coffee = set_up(lore, CREW[:4])
    process = Process(lore)
    lore.clock.move(on(MONDAY, "12:00"))
    with lore.database.writing() as connection:
        pairing.put(connection, coffee, lore.now)  # it was paused, and is resumed
    at(lore, on(MONDAY, "12:01"), process)
    assert pairs(lore, coffee) == []
    at(lore, on(MONDAY + 7 * DAY, "09:00"), process)
    assert len(pairs(lore, coffee)) == 2


def test_nobody_is_introduced_twice_to_the_same_while_there_is_somebody_else(lore: Office) -> None:
    coffee = set_up(lore, CREW[:6])
    process = Process(lore)
    met: set[frozenset[str]] = set()
    for week in range(5):
        at(lore, on(MONDAY + 7 * week * DAY, "10:00"), process)
        groups = named(lore, pairs(lore, coffee, INTRODUCED))
        assert sorted(one for group in groups for one in group) == CREW[:6]
        met |= {frozenset(two) for group in groups for two in combinations(group, 2)}
    assert len(met) == 15


def test_without_the_scope_each_is_told_of_the_other(lore: Office) -> None:
    lore.slack.faults.error("conversations.open", "missing_scope", times=None)
    set_up(lore, CREW[:2])
    at(lore, on(MONDAY, "10:00"), Process(lore))
    [one], [other] = said(lore, "p00"), said(lore, "p01")
    assert one.startswith("You are paired with p01 for a coffee this time.")
    assert other.startswith("You are paired with p00 for a coffee this time.")
    blocks = str(lore.slack.said_by_app(lore.slack.dm("p00"))[0]["blocks"])
    assert lore.id("p01") in blocks, "as somebody to write to"


def test_while_slack_opens_nothing_it_is_tried_again(lore: Office) -> None:
    lore.slack.faults.error("conversations.open", "internal_error")
    lore.slack.faults.rate_limited("conversations.open", retry_after="30")
    set_up(lore, CREW[:2])
    process = Process(lore)
    for minute in ("10:00", "10:01", "10:02", "10:03"):
        at(lore, on(MONDAY, minute), process)
    assert len(said(lore, "p00", "p01")) == 1


def test_people_far_apart_hear_of_each_other_when_both_are_awake(lore: Office) -> None:
    coffee = set_up(lore, [*ZONES])
    process = Process(lore)
    hours = range(9, 33)
    for hour in hours:
        at(lore, on(MONDAY, "00:00") + timedelta(hours=hour), process)
        if pairs(lore, coffee, INTRODUCED):
            break
    assert hour == 22, "07:00 in Tokyo, 14:00 in Los Angeles"
    [told] = said(lore, *ZONES)
    assert "Wednesday, 4 March 2026 at 00:00 (UTC)" in told, "09:00 there, 16:00 here"


def test_guests_and_who_left_the_private_channel_are_not_paired(lore: Office) -> None:
    secret = set_up(lore, ["p00", "p01", "p02", "gus"], channel="#secret")
    process = Process(lore)
    at(lore, on(MONDAY, "09:00"), process)
    assert named(lore, pairs(lore, secret)) == [["p00", "p01"]]


def test_a_pairing_whose_channel_is_archived_is_paused_and_its_owner_told_once(lore: Office) -> None:
    coffee = set_up(lore, CREW[:4])
    process = Process(lore)
    lore.slack.archive("#crew")
    lore.people.heard({"type": "channel_archive", "channel": coffee.channel})
    for minute in ("09:00", "09:01", "10:00", "12:00"):
        at(lore, on(MONDAY, minute), process)
    at(lore, on(MONDAY + 7 * DAY, "10:00"), process)
    assert (state(lore, coffee), pairs(lore, coffee)) == (pairing.PAUSED, [])
    [told] = said(lore, "p00")
    assert told.startswith(
        "I have paused Coffee in #crew: the channel is archived, or I was removed from it."
    )


def test_a_pairing_that_lore_is_shut_out_of_is_paused_and_the_admins_told_where_its_owner_has_left(
    lore: Office,
) -> None:
    secret = set_up(lore, ["p00", "p01"], channel="#secret")
    process = Process(lore)
    lore.slack.person("p05").is_admin = True
    lore.slack.deactivate("p00")
    lore.slack.kick("lore", "#secret")
    lore.people.heard({"type": "channel_left", "channel": secret.channel})
    for name in ("p00", "p05"):
        lore.people.heard({"type": "user_change", "user": {"id": lore.id(name)}})
    for minute in ("09:00", "10:59"):
        at(lore, on(MONDAY, minute), process)
    assert state(lore, secret) == pairing.ACTIVE, "Slack may be away for a while"
    for minute in ("11:00", "11:01"):
        at(lore, on(MONDAY, minute), process)
    assert (state(lore, secret), pairs(lore, secret)) == (pairing.PAUSED, [])
    [told] = said(lore, "p05")
    assert told.startswith("I have paused Coffee in a channel: ")


def test_a_slack_that_is_away_pauses_nothing(lore: Office) -> None:
    coffee = set_up(lore, CREW[:4])
    process = Process(lore)
    lore.slack.faults.error("*", "internal_error", times=None)
    at(lore, on(MONDAY, "09:00"), process)
    at(lore, on(MONDAY, "12:00"), process)
    assert (state(lore, coffee), pairs(lore, coffee)) == (pairing.ACTIVE, [])
    lore.slack.faults.clear()
    at(lore, on(MONDAY, "12:01"), process)
    assert len(pairs(lore, coffee)) == 2


def test_the_question_afterwards_is_asked_of_who_did_not_reply_and_waits_no_longer(lore: Office) -> None:
    coffee = set_up(lore, CREW[:2])
    process = Process(lore)
    at(lore, on(MONDAY, "10:00"), process)
    [pair] = pairs(lore, coffee, INTRODUCED)
    with lore.database.writing() as connection:
        pairing_rounds.reply(connection, pair.id, [lore.id("p00")], "met", lore.now)
    at(lore, on(MONDAY + 4 * DAY, "10:00"), process)
    assert said(lore, "p00") == []
    [asked] = said(lore, "p01")
    assert asked.startswith("Did you and p00 meet for a coffee?")
    assert REPLY in str(lore.slack.said_by_app(lore.slack.dm("p01"))[0]["blocks"])


def test_who_was_asked_just_before_a_round_has_time_to_reply_before_being_let_go(lore: Office) -> None:
    coffee = set_up(lore, CREW[:4])
    process = Process(lore)
    for week in range(3):
        at(lore, on(MONDAY + 7 * week * DAY, "10:00"), process)
        at(lore, on(MONDAY + (7 * week + 4) * DAY, "10:00"), process)
    with lore.database.writing() as connection:  # for the last round they were asked late
        for pair in pairing_rounds.pairs_of(connection, pairing_rounds.newest(connection, coffee.id)[0].id):
            for person in pair.people:
                pairing_rounds.asked(connection, pair.id, person, on(MONDAY + 21 * DAY, "08:00").timestamp())
    at(lore, on(MONDAY + 21 * DAY, "09:00"), process)
    assert len(pairs(lore, coffee, MATCHED)) == 2
    at(lore, on(MONDAY + 21 * DAY, "10:00"), process)
    at(lore, on(MONDAY + 25 * DAY, "10:00"), process)
    at(lore, on(MONDAY + 28 * DAY, "09:00"), process)
    assert pairs(lore, coffee, MATCHED) == []
    with lore.database.reading() as connection:
        members = pairing.members_of(connection, coffee.id)
    assert {one.state for one in members} == {pairing.DROPPED}


def test_somebody_in_two_pairings_is_proposed_two_times(lore: Office) -> None:
    coffee, modelling = set_up(lore, CREW[:2]), set_up(lore, CREW[:2], PairingKind.MODELLING)
    process = Process(lore)
    at(lore, on(MONDAY, "10:00"), process)
    [one], [other] = pairs(lore, coffee, INTRODUCED), pairs(lore, modelling, INTRODUCED)
    assert one.meets_at is not None
    assert other.meets_at is not None
    assert abs(one.meets_at - other.meets_at) >= 3600
    assert len(said(lore, "p00", "p01")) == 2


def state(lore: Office, one: Pairing) -> str:
    with lore.database.reading() as connection:
        known = pairing.by_id(connection, one.id)
    assert known is not None
    return known.state


def owned(lore: Office, number: int, title: str, owner: str, audience: Audience = EVERYONE) -> None:
    """A published document of somebody's."""
    row = {
        "id": number,
        "from_version": 1,
        "document_id": f"wiki/{number}",
        "title": title,
        "owner": lore.slack.person(owner).email.upper(),
        "audience_key": audience.key,
        "kind": "page",
        "updated_at": on(MONDAY, "08:00") + number * DAY,
        "pages": [],
    }
    empty = ("source", "path", "digest", "recipe", "embedder", "source_audience", "text")
    none = {"body_start": 0, "lines_are_the_files": True, "redactions": 0}
    with lore.database.writing() as connection:
        if connection.execute(select(versions)).first() is None:
            at = on(MONDAY, "08:00")
            connection.execute(
                insert(versions), {"id": 1, "embedder": "", "started_at": at, "published_at": at}
            )
        connection.execute(insert(revisions), row | dict.fromkeys(empty, "") | none)


def introduction(lore: Office, process: Process, one: Pairing) -> Message:
    """What a pair that is to be introduced would be told."""
    [pair] = pairs(lore, one, MATCHED)
    made = process.notices.makers[INTRODUCTION](Notice(INTRODUCTION, pair.id, "C", 0, 0), lore.clock())
    assert isinstance(made, Made)
    return made.messages[0]


def test_only_titles_that_all_of_them_may_read_are_named(lore: Office) -> None:
    for_two = Audience(principals=frozenset({lore.id("p00"), lore.id("p02")}))
    owned(lore, 1, "Restore drill", "p00")
    owned(lore, 2, "Drill of the week", "p01")
    owned(lore, 3, "Secret drill", "p00", for_two)
    coffee, modelling = set_up(lore, CREW[:2]), set_up(lore, ["p00", "p02"], PairingKind.MODELLING)
    process = Process(lore)
    at(lore, on(MONDAY, "09:00"), process)
    word, other = introduction(lore, process, coffee), introduction(lore, process, modelling)
    assert "p00 looks after “Restore drill”, and p01 looks after “Drill of the week”: that sou" in word.text
    assert "Secret" not in str(word)
    assert word.check is not None
    assert (word.check.document_ids, word.check.place.channel) == (("wiki/1", "wiki/2"), word.channel)
    assert "Restore" not in word.instead, "what is said when one of them may not read it any more"
    assert "p00 looks after “Secret drill”" in other.text
