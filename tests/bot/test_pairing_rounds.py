"""Rounds: stored before anything is said, said once whatever dies on the way, mended when somebody cannot."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from itertools import combinations
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from bot.blocks.pairing import REPLY
from bot.calm_settings import CalmSettings
from bot.delivery import slack_client
from bot.journal import absences, notices, pairing, pairing_rounds
from bot.journal.notices import CANCELLED, PLANNED, Notice
from bot.journal.pairing import Member, Pairing
from bot.journal.pairing_rounds import ALONE, INTRODUCED, MATCHED, Together
from bot.messages import Message
from bot.notices import Made, Notices
from bot.pairing.checking_in import CheckingIn
from bot.pairing.hours import Hours
from bot.pairing.introducing import Introducing
from bot.pairing.matching import Rounds
from bot.pairing.mending import part, step_out
from bot.pairing.planning import INTRODUCTION, NOBODY_LEFT
from bot.pairing.works import Works
from bot.rituals.availability import Availability
from bot.rooms import Room
from knowledge.adapters.store import SqlStore, create_tables
from knowledge.adapters.tables import revisions, versions
from knowledge.audience import EVERYONE, Audience
from prompts.calm import Leave
from prompts.pairing import PairingKind, Role
from tests.bot.office import MONDAY, Office, office, on

DAY = timedelta(days=1)
CREW = [f"p{number:02}" for number in range(24)]
ZONES = {"toshi": "Asia/Tokyo", "lou": "America/Los_Angeles"}
TEAM = {
    "people": [
        *({"name": name, "tz": "UTC"} for name in CREW),
        *({"name": name, "tz": zone} for name, zone in ZONES.items()),
        {"name": "gus", "is_restricted": True, "tz": "UTC"},
    ],
    "channels": [{"name": "crew"}, {"name": "secret", "private": True, "members": ["p00", "p01", "lore"]}],
}


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path, team=TEAM) as opened:
        create_tables(opened.database)
        yield opened


class Process:
    """One process's worth of pairing."""

    def __init__(self, lore: Office) -> None:
        calm = CalmSettings(quiet=(time(21), time(7)), pings_a_day=100)
        availability = Availability(lore.people, lore.database, lore.clock, calm)
        client = slack_client(lore.slack.bot_token, lore.slack.api_url)
        hours, self.lore = Hours(availability), lore
        self.notices = Notices(lore.database, availability)
        self.room = Room("/pair", "pair", lore.people, lore.database, lore.clock)
        Rounds(lore.people, lore.database, hours).join(self.room)
        CheckingIn(lore.people, lore.database, lore.clock).join(self.room, self.notices)
        works = Works(lore.people, lore.database, SqlStore(lore.database))
        Introducing(client, lore.database, works, hours).join(self.notices)

    def beat(self) -> None:
        self.room.tick(self.lore.clock())
        self.notices.say_due(self.lore.clock())
        self.lore.post()


def at(lore: Office, moment: datetime, *processes: Process) -> None:
    lore.clock.move(moment)
    for one in processes:
        one.beat()


def set_up(
    lore: Office, people: Sequence[str], kind: PairingKind = PairingKind.COFFEE, **more: object
) -> Pairing:
    """Weekly on Mondays at 10:00 UTC, from this one on."""
    channel = lore.slack.channel(str(more.pop("channel", "#crew"))).id
    made = Pairing(kind, channel, "every Monday", time(10), "UTC", lore.id(people[0]), MONDAY)
    roles = more.get("roles") or {}
    assert isinstance(roles, dict)
    with lore.database.writing() as connection:
        pairing.put(connection, made, lore.now)
        for name in people:
            role = roles.get(name, Role.EITHER)
            pairing.put_member(connection, Member(made.id, lore.id(name), role, heard_at=lore.now), lore.now)
    return made


def pairs(lore: Office, one: Pairing, *states: str) -> Sequence[Together]:
    with lore.database.reading() as connection:
        last = pairing_rounds.newest(connection, one.id)
        return pairing_rounds.pairs_of(connection, last[0].id, *states) if last else []


def named(lore: Office, found: Sequence[Together]) -> list[list[str]]:
    names = {person.id: person.name for person in lore.slack.team.people.values()}
    return sorted(sorted(names[one] for one in pair.people) for pair in found)


def said(lore: Office, *people: str) -> list[str]:
    return [one["text"] for one in lore.slack.said_by_app(lore.slack.dm(*people))]


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


def test_t69_who_cannot_after_all_is_replaced_or_the_partner_told(lore: Office) -> None:
    coffee = set_up(lore, CREW[:2])
    process = Process(lore)
    at(lore, on(MONDAY, "09:00"), process)
    assert named(lore, pairs(lore, coffee, MATCHED)) == [["p00", "p01"]]
    with lore.database.writing() as connection:
        step_out(connection, lore.id("p01"), lore.now)
    at(lore, on(MONDAY, "10:00"), process)
    assert said(lore, "p00", "p01") == said(lore, "p01") == []
    [word] = said(lore, "p00")
    assert word.startswith("There was nobody left whom I could pair you with this time.")
    assert named(lore, pairs(lore, coffee, ALONE)) == [["p00"]]


def test_t69_who_was_left_over_takes_the_place(lore: Office) -> None:
    roles = {"p00": Role.MENTOR, "p01": Role.MENTEE, "p02": Role.MENTEE, "p03": Role.MENTEE}
    mentoring = set_up(lore, CREW[:4], PairingKind.MENTORING, roles=roles)
    process = Process(lore)
    at(lore, on(MONDAY, "09:00"), process)
    [three], [[left]] = (
        named(lore, pairs(lore, mentoring, MATCHED)),
        named(lore, pairs(lore, mentoring, ALONE)),
    )
    assert "p00" in three
    with lore.database.writing() as connection:
        for name in (one for one in three if one != "p00"):
            step_out(connection, lore.id(name), lore.now)
    assert named(lore, pairs(lore, mentoring, MATCHED)) == [["p00", left]]
    at(lore, on(MONDAY, "10:00"), process)
    assert len(said(lore, "p00", left)) == 1
    assert said(lore, left) == [], "nobody is told that nobody is left"


def test_t69_leave_that_becomes_known_at_the_last_moment_counts(lore: Office) -> None:
    coffee = set_up(lore, CREW[:3])
    process = Process(lore)
    at(lore, on(MONDAY, "09:00"), process)
    with lore.database.writing() as connection:
        leave = Leave(MONDAY, MONDAY + 30 * DAY)
        absences.go_away(connection, lore.id("p02"), leave, lore.now)
    at(lore, on(MONDAY, "10:00"), process)
    at(lore, on(MONDAY, "10:01"), process)
    assert named(lore, pairs(lore, coffee, INTRODUCED)) == [["p00", "p01"]]
    assert len(said(lore, "p00", "p01")) == 1


def test_who_is_kept_apart_after_the_matching_is_not_introduced(lore: Office) -> None:
    coffee = set_up(lore, CREW[:4])
    process = Process(lore)
    at(lore, on(MONDAY, "09:00"), process)
    [one, other], *_ = named(lore, pairs(lore, coffee, MATCHED))
    with lore.database.writing() as connection:
        pairing.keep_apart(connection, lore.id(one), lore.id(other), lore.now)
        part(connection, lore.id(one), lore.id(other), lore.now)
    at(lore, on(MONDAY, "10:00"), process)
    groups = named(lore, pairs(lore, coffee, INTRODUCED))
    assert not any({one, other} <= set(group) for group in groups)
    for week in (1, 2, 3):
        at(lore, on(MONDAY + 7 * week * DAY, "10:00"), process)
        assert not any({one, other} <= set(group) for group in named(lore, pairs(lore, coffee)))


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


def test_somebody_in_two_pairings_is_proposed_two_times(lore: Office) -> None:
    coffee, modelling = set_up(lore, CREW[:2]), set_up(lore, CREW[:2], PairingKind.MODELLING)
    process = Process(lore)
    at(lore, on(MONDAY, "10:00"), process)
    [one], [other] = pairs(lore, coffee, INTRODUCED), pairs(lore, modelling, INTRODUCED)
    assert one.meets_at is not None
    assert other.meets_at is not None
    assert abs(one.meets_at - other.meets_at) >= 3600
    assert len(said(lore, "p00", "p01")) == 2


def test_a_slack_that_does_not_tell_who_somebody_is_costs_nobody_a_partner(lore: Office) -> None:
    coffee = set_up(lore, CREW[:2])
    at(lore, on(MONDAY, "09:00"), Process(lore))
    lore.slack.faults.error("*", "internal_error", times=None)
    lore.people.heard({"type": "user_change", "user": {"id": lore.id("p01")}})
    process = Process(lore)
    at(lore, on(MONDAY, "10:00"), process)
    assert len(pairs(lore, coffee, MATCHED)) == 1
    lore.slack.faults.clear()
    for minute in ("10:01", "10:02", "10:05", "10:20"):
        at(lore, on(MONDAY, minute), process)
    assert len(said(lore, "p00", "p01")) == 1


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


def test_nothing_waits_for_who_was_left_over_and_found_somebody(lore: Office) -> None:
    coffee = set_up(lore, CREW[:1])
    process = Process(lore)
    at(lore, on(MONDAY, "09:00"), process)
    [pair] = pairs(lore, coffee, ALONE)
    with lore.database.writing() as connection:
        [waiting] = notices.about(connection, pair.id, NOBODY_LEFT)
        assert waiting.state == PLANNED
        step_out(connection, lore.id("p00"), lore.now)
        assert notices.about(connection, pair.id, NOBODY_LEFT)[0].state == CANCELLED
