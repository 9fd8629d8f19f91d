"""Talks come about: dates are planned, topics picked, speakers found in turn; no week goes by in silence."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.blocks.talks import NO, STEP_BACK, SWAP_YES, WITH_YES, YES
from bot.calm_settings import CalmSettings
from bot.journal import absences, outgoing, proposals, series, talk_polls, talks, volunteers
from bot.journal.series import PAUSED
from bot.journal.talk_polls import Poll
from bot.journal.talks import ANNOUNCED, CANCELLED, FOUND, HELD, OPEN_FLOOR, PLANNED, WANTED, Talk
from bot.journal.work import Item
from bot.kinds import POLL_STEP, TALK_STEP
from bot.learning import course
from bot.learning.course import FLOOR_OPEN, FLOOR_OPEN_HERE, SPEAKER_ASK
from bot.learning.planning import TALK_MISSED, TOPIC_CALL, TOPIC_WANTED
from bot.learning.polling import Polling
from bot.learning.speaker_presses import SpeakerPresses
from bot.learning.speaking import SPEAKERS_WANTED
from bot.messages import Message
from prompts.calm import Leave, Part
from prompts.fair_hours import burden
from tests.bot.office import MONDAY, Office, office, on
from tests.bot.seasons import Season

DAY = timedelta(days=1)
THURSDAY = date(2026, 3, 12)
"""A date whose voting ends on 4 March, at 12:30, and whose floor opens on the 10th."""


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


@pytest.fixture
def season(lore: Office) -> Season:
    return Season(lore)


def test_a_talk_comes_about(season: Season, lore: Office) -> None:
    lunch = season.set_up()
    season.spoke(lunch, date(2026, 2, 19), "ana")
    season.spoke(lunch, date(2026, 2, 26), "ben")
    few = season.propose(lunch, "Tokenizers", "ana")
    many = season.propose(lunch, "Eviction of caches", "ana", "chloe")
    season.at(on(MONDAY, "10:00"), Season(lore))
    first, second = season.talks(lunch)[2:]
    assert (first.slot, second.slot) == ("2026-03-05", "2026-03-12")
    assert (first.state, first.title, first.floor) == (PLANNED, "Eviction of caches", WANTED)
    assert second.title == "", "its voting goes on"
    assert season.told(TOPIC_CALL) == [lore.slack.channel("#team").id], "for the second alone"
    assert season.speakers(first) == {"chloe": "asked"}, "she never spoke"
    season.reply(first, "chloe", yes=True)
    season.at(on(MONDAY, "10:01"))
    assert season.talks(lunch)[2].state == ANNOUNCED
    season.at(on(date(2026, 3, 4), "12:31"))
    assert season.talks(lunch)[3].title == "Tokenizers"
    assert season.speakers(second) == {"ana": "asked"}, "she spoke least recently; Chloe will speak"
    season.at(on(date(2026, 3, 5), "13:15"))
    assert season.talks(lunch)[2].state == HELD
    assert (season.topic(many), season.topic(few)) == (proposals.HELD, proposals.CHOSEN)


def test_a_channel_that_strangers_read_is_not_called_for_topics(season: Season, lore: Office) -> None:
    lore.slack.share_channel("#reports")
    season.set_up(channel="#reports")
    season.set_up(channel="#world")
    season.at(on(MONDAY, "10:00"))
    assert len(season.told(TOPIC_CALL)) == 4, "two dates each"
    assert lore.slack.said_by_app("#world") != []
    assert lore.slack.said_by_app("#reports") == []


def test_who_has_left_a_private_channel_is_neither_asked_to_speak_nor_told_of_it(
    season: Season, lore: Office
) -> None:
    lore.slack.make_private("#team")
    lunch = season.set_up(since=MONDAY + 7 * DAY)
    topic = season.propose(lunch, "Secret caches")
    lore.slack.kick("chloe", "#team")
    with lore.database.writing() as connection:
        volunteers.offer(connection, topic.id, lore.id("chloe"), lore.now)
    season.at(on(date(2026, 3, 4), "12:31"))
    talk = season.on(lunch, THURSDAY)
    [asked] = season.speakers(talk)
    assert asked != "chloe", "though she has offered it"
    season.reply(talk, asked, yes=True)
    lore.slack.kick(asked, "#team")
    lore.people.heard({"type": "member_left_channel", "channel": lunch.channel})
    with lore.database.writing() as connection:
        course.move(connection, talk, talk.starts_at + 3600.0, lore.now)
        course.ask(connection, talk, lore.id("chloe"), True, talk.starts_at, lore.now)
    before = lore.said(asked)
    season.at(on(date(2026, 3, 4), "12:40"))
    assert (lore.said(asked), lore.said("chloe")) == (before, [])


def test_t66_a_tie_is_for_the_older_and_a_proposal_outlives_its_proposer(
    season: Season, lore: Office
) -> None:
    lunch = season.set_up()
    lore.slack.deactivate("ben")
    older = season.propose(lunch, "Older", "ana")
    lore.clock.advance(timedelta(minutes=1))
    season.propose(lunch, "Newer", "chloe")
    season.at(on(MONDAY, "10:00"))
    talk = season.talks(lunch)[0]
    assert (talk.title, talk.floor, season.topic(older)) == ("Older", WANTED, proposals.CHOSEN)


def test_t64_who_declines_is_silent_or_away_is_passed_over_and_the_floor_is_open_in_the_end(
    season: Season, lore: Office
) -> None:
    team = tuple(lore.id(one) for one in ("ana", "ben", "chloe", "bea"))
    lunch = season.set_up(since=MONDAY + 7 * DAY, members=team)
    for week, one in enumerate(("ben", "chloe", "bea", "ana")):
        season.spoke(lunch, date(2026, 1, 8) + 7 * week * DAY, one)
    season.propose(lunch, "Caches")
    with lore.database.writing() as connection:
        away = Leave(date(2026, 3, 4), date(2026, 3, 13), Part.DAY)
        absences.go_away(connection, lore.id("bea"), away, lore.now)
    season.at(on(date(2026, 3, 4), "12:31"))
    talk = season.on(lunch, THURSDAY)
    assert season.speakers(talk) == {"ben": "asked"}
    season.reply(talk, "ben", yes=False)
    season.at(on(date(2026, 3, 4), "12:32"))
    season.at(on(date(2026, 3, 6), "12:31"), Season(lore))
    assert season.speakers(talk) == {"ben": "declined", "chloe": "asked"}, "two working days are not over"
    season.at(on(date(2026, 3, 6), "12:33"), Season(lore))
    assert season.speakers(talk) == {"ben": "declined", "chloe": "silent", "ana": "asked"}, "Bea is away"
    season.reply(talk, "ana", yes=False)
    season.at(on(date(2026, 3, 9), "12:00"))
    assert season.on(lunch, THURSDAY).state == PLANNED, "Bea may still be back in time"
    season.at(on(date(2026, 3, 10), "12:31"), Season(lore))
    talk = season.on(lunch, THURSDAY)
    assert (talk.state, talk.floor, talk.title) == (ANNOUNCED, OPEN_FLOOR, "Caches")
    assert season.told(SPEAKER_ASK) == ["ben", "chloe", "ana"], "once each"
    assert season.told(FLOOR_OPEN) == ["ana"], "the owner"

    season.reply(talk, "chloe", yes=True)
    assert season.on(lunch, THURSDAY).floor == FOUND, "later than never"
    with lore.database.writing() as connection:
        absences.come_back(connection, lore.id("bea"), date(2026, 3, 4))
    season.at(on(THURSDAY, "11:30"))
    season.step_back(talk, "chloe")
    season.at(on(THURSDAY, "11:31"))
    assert season.speakers(talk)["bea"] == "asked", "an hour before, the next one is"
    season.at(on(THURSDAY, "12:02"))
    talk = season.on(lunch, THURSDAY)
    assert (talk.state, talk.floor, talk.sequence) == (ANNOUNCED, OPEN_FLOOR, 0)
    assert season.told(FLOOR_OPEN_HERE) == [lore.slack.channel("#team").id]
    assert season.told(FLOOR_OPEN) == ["ana", "ana"], "each time that it happens"
    season.at(on(THURSDAY, "13:15"))
    assert season.on(lunch, THURSDAY).state == HELD


def test_t64_after_three_refusals_the_owner_is_told_how_many(season: Season, lore: Office) -> None:
    team = tuple(lore.id(one) for one in ("ana", "ben", "chloe", "bea", "pat"))
    lunch = season.set_up(since=MONDAY + 7 * DAY, members=team)
    season.propose(lunch, "Caches")
    for refusals in range(4):
        season.at(on(date(2026, 3, 4), f"12:3{refusals + 1}"), Season(lore))
        talk = season.on(lunch, THURSDAY)
        assert season.told(SPEAKERS_WANTED) == (["ana"] if refusals == 3 else [])
        [asked] = [who for who, state in season.speakers(talk).items() if state == "asked"]
        season.reply(talk, asked, yes=False)
    said = [text for text in lore.said("ana") if "people could not speak" in text]
    assert len(said) == 1
    assert said[0].startswith("3 people")


def test_a_press_of_somebody_who_was_not_asked_changes_nothing(season: Season, lore: Office) -> None:
    lunch = season.set_up(since=MONDAY + 7 * DAY, members=(lore.id("ben"),))
    season.propose(lunch, "Caches")
    season.at(on(date(2026, 3, 4), "12:31"))
    talk = season.on(lunch, THURSDAY)
    presses = SpeakerPresses(season.finding, lore.writer, lore.clock)

    def press(person: str, act: str) -> None:
        payload = {"subject": talk.id, "act": act, "person": lore.id("ben")}
        presses.step(Item(1, TALK_STEP, "", "", lore.id(person), "", "", "", "", payload, 1, "", lore.now))

    for act in (YES, NO, STEP_BACK, SWAP_YES, WITH_YES):
        press("chloe", act)
    assert season.speakers(talk) == {"ben": "asked"}
    press("ben", YES)
    for act in (YES, NO, STEP_BACK, SWAP_YES, WITH_YES):
        press("chloe", act)
    assert season.speakers(talk) == {"ben": "speaks"}
    lore.clock.move(on(THURSDAY, "12:31"))
    press("ben", STEP_BACK)
    assert season.speakers(talk) == {"ben": "speaks"}, "it has begun"


def test_without_a_topic_the_owner_is_told_and_the_floor_is_open(season: Season, lore: Office) -> None:
    lunch = season.set_up(since=MONDAY + 7 * DAY)
    season.at(on(date(2026, 3, 4), "12:31"), Season(lore))
    assert season.told(TOPIC_WANTED) == ["ana"]
    season.at(on(date(2026, 3, 10), "12:31"))
    talk = season.on(lunch, THURSDAY)
    assert (talk.state, talk.floor) == (ANNOUNCED, OPEN_FLOOR)
    assert talk.title.startswith("Open floor")
    season.at(on(date(2026, 3, 10), "12:32"))
    assert season.told(FLOOR_OPEN) == ["ana"]


def test_a_date_that_goes_by_is_told_and_a_paused_series_plans_nothing(season: Season, lore: Office) -> None:
    lunch = season.set_up(since=MONDAY + 7 * DAY)
    season.at(on(MONDAY, "08:01"))
    assert season.on(lunch, THURSDAY).state == PLANNED
    season.at(on(date(2026, 3, 13), "09:00"))
    assert season.on(lunch, THURSDAY).state == CANCELLED
    season.at(on(date(2026, 3, 13), "09:01"))
    assert season.told(TALK_MISSED) == ["ana"], "Lore was away all that time"
    season.put(replace(lunch, state=PAUSED))
    before = len(season.talks(lunch))
    season.at(on(date(2026, 3, 30), "09:00"))
    assert len(season.talks(lunch)) == before
    assert season.told(TALK_MISSED) == ["ana"], "nobody hears of what was paused"


def test_a_holiday_of_everybody_moves_the_talk_and_keeps_its_date(lore: Office) -> None:
    season = Season(lore, CalmSettings(days_off={THURSDAY: "Founders' day"}))
    lunch = season.set_up(since=MONDAY + 7 * DAY)
    season.at(on(MONDAY, "08:01"))
    [talk] = season.talks(lunch)
    assert (talk.slot, talk.starts_at) == ("2026-03-12", on(date(2026, 3, 13), "12:30").timestamp())


def test_who_leaves_does_not_speak_and_a_channel_that_is_closed_pauses_the_series(
    season: Season, lore: Office
) -> None:
    lunch = season.set_up(since=MONDAY + 7 * DAY)
    season.propose(lunch, "Caches")
    season.at(on(date(2026, 3, 4), "12:31"))
    talk = season.on(lunch, THURSDAY)
    [asked] = season.speakers(talk)
    season.reply(talk, asked, yes=True)
    season.at(on(date(2026, 3, 4), "12:32"))
    lore.slack.deactivate(asked)
    lore.people.heard({"type": "user_change", "user": {"id": lore.id(asked)}})
    season.at(on(date(2026, 3, 4), "12:33"))
    season.at(on(date(2026, 3, 4), "12:34"), Season(lore))
    assert season.speakers(talk)[asked] == "stepped back"
    assert [who for who, state in season.speakers(talk).items() if state == "asked"], "the next one"

    refused = Message(lunch.channel, "about it")
    with lore.database.writing() as connection:
        outgoing.put(connection, [refused], None, lore.now)
    lore.slack.archive("#team")
    season.at(on(date(2026, 3, 4), "12:35"))
    season.at(on(date(2026, 3, 4), "12:36"), Season(lore))
    with lore.database.reading() as connection:
        known = series.by_id(connection, lunch.id)
    assert known is not None
    assert known.state == PAUSED
    assert sum("I have paused" in text for text in lore.said("ana")) == 1


def test_t65_a_talk_is_by_the_organisers_clock_and_told_by_everybodys_own(season: Season) -> None:
    """Lisbon's clocks change on 29 March; those of Los Angeles have changed on the 8th."""
    lunch = season.set_up(zone="Europe/Lisbon", lead_days=33)
    season.at(on(MONDAY, "08:01"))
    before, after = (season.on(lunch, day) for day in (date(2026, 3, 26), date(2026, 4, 2)))
    assert (before.zone, season.finding.when(before)) == (
        after.zone,
        "Thursday 26 March, 12:30 (Lisbon time)",
    )
    assert after.starts_at - before.starts_at == 7 * 86_400 - 3_600
    seen = [season.finding.when_for(one, season.office.id("lou")) for one in (before, after)]
    assert seen == [
        "Thursday 26 March, 05:30 (Los Angeles time)",
        "Thursday 2 April, 04:30 (Los Angeles time)",
    ]


def test_dates_wait_until_all_who_belong_are_known_but_not_past_the_day_before(season: Season) -> None:
    lunch = season.set_up(members=("@nobody-knows",))
    season.at(on(MONDAY, "10:00"))
    season.at(on(date(2026, 3, 3), "10:00"))
    assert season.talks(lunch) == [], "whose holidays and hours it is to suit is not known"
    season.at(on(date(2026, 3, 4), "10:00"))
    assert [talk.slot for talk in season.talks(lunch)] == ["2026-03-05"]


def test_a_date_whose_talk_was_held_earlier_is_not_planned_again(season: Season, lore: Office) -> None:
    lunch = season.set_up(since=MONDAY + 7 * DAY, lead_days=30)
    earlier = on(date(2026, 2, 12), "12:30").timestamp()
    held = Talk(lunch.id, THURSDAY.isoformat(), earlier, 45, "UTC", title="Before", state=HELD)
    with lore.database.writing() as connection:
        talks.put(connection, held, earlier)
    season.at(on(MONDAY, "10:00"))
    assert [one.state for one in season.talks(lunch) if one.slot == held.slot] == [HELD]


def test_a_vote_in_a_poll_that_is_worked_off_twice_counts_once(season: Season, lore: Office) -> None:
    lunch = season.set_up(since=MONDAY + 7 * DAY)
    season.at(on(MONDAY, "10:00"))
    [talk] = season.talks(lunch)
    poll = Poll(talk.id, lunch.channel, (talk.starts_at, talk.starts_at + 3_600), talk.starts_at)
    with lore.database.writing() as connection:
        talk_polls.put(connection, poll)
    polling = Polling(season.finding, lore.writer, lore.clock)

    def press(give: bool) -> Sequence[str]:
        payload = {"subject": poll.id, "number": "1", "give": give}
        item = Item(1, POLL_STEP, "", "", lore.id("ana"), "", "", "", "", payload, 1, "", lore.now)
        assert "suit" in polling.step(item).say[0].text
        with lore.database.reading() as connection:
            return talk_polls.voters(connection, poll)[poll.times[1]]

    assert polling.wanted(poll.id, "1", lore.id("ana"))
    assert press(True) == press(True) == [lore.id("ana")]
    assert not polling.wanted(poll.id, "1", lore.id("ana"))
    assert press(False) == press(False) == []


@pytest.mark.parametrize(
    ("votes", "taken"),
    [((0, 0, 0), 0), ((0, 1, 1), 1), ((0, 1, 2), 2), ((2, 0, 1), 2)],
    ids=["nobody says anything", "of two the earlier", "the most", "not what is past"],
)
def test_a_poll_that_is_over_takes_what_suits_most(
    season: Season, lore: Office, votes: tuple[int, ...], taken: int
) -> None:
    lunch = season.set_up(since=MONDAY + 7 * DAY)
    season.at(on(MONDAY, "10:00"))
    [talk] = season.talks(lunch)
    ends = lore.now + 3_600
    times = (ends - 60, talk.starts_at + 3_600, talk.starts_at + 7_200)
    poll = Poll(talk.id, lunch.channel, times, ends)
    with lore.database.writing() as connection:
        talk_polls.put(connection, poll)
        for starts_at, many in zip(times, votes, strict=True):
            for name in ("ana", "ben")[:many]:
                talk_polls.vote(connection, poll.id, lore.id(name), starts_at, True)
    polling = Polling(season.finding, lore.writer, lore.clock)
    polling.decide_due(on(MONDAY, "10:59"))
    assert season.talks(lunch) == [talk], "it is not over"
    polling.decide_due(on(MONDAY, "11:00"))
    assert season.talks(lunch)[0].starts_at == (times[taken] if taken else talk.starts_at)


@pytest.mark.parametrize(("person", "number"), [("gus", "1"), ("stranger", "1"), ("ben", "")])
def test_nobody_votes_or_decides_who_may_not(season: Season, lore: Office, person: str, number: str) -> None:
    lunch = season.set_up("#world", since=MONDAY + 7 * DAY)
    season.at(on(MONDAY, "10:00"))
    [talk] = season.talks(lunch)
    poll = Poll(talk.id, lunch.channel, (talk.starts_at, talk.starts_at + 3_600), talk.starts_at)
    with lore.database.writing() as connection:
        talk_polls.put(connection, poll)
    payload = {"subject": poll.id, "number": number, "give": True}
    item = Item(1, POLL_STEP, "", "", lore.id(person), "", "", "", "", payload, 1, "", lore.now)
    done = Polling(season.finding, lore.writer, lore.clock).step(item)
    [refused] = done.record
    assert not refused.allowed  # type: ignore[attr-defined]
    with lore.database.reading() as connection:
        assert talk_polls.by_id(connection, poll.id) == poll
        assert not any(talk_polls.voters(connection, poll).values())


def test_hours_rotate_over_the_zones_of_those_who_come(season: Season, lore: Office) -> None:
    team = tuple(lore.id(one) for one in ("toshi", "lou"))
    lunch = season.set_up(members=team, rotating=True, lead_days=30)
    for minute in range(6):
        season.at(on(MONDAY, f"10:0{minute}"))
    planned = [datetime.fromtimestamp(talk.starts_at, UTC) for talk in season.talks(lunch)]
    assert [one.date() for one in planned] == [date(2026, 3, 5) + n * 7 * DAY for n in range(4)]
    tokyo, california = (ZoneInfo(zone) for zone in ("Asia/Tokyo", "America/Los_Angeles"))
    borne = [sum(burden(one, 45, zone) for one in planned) for zone in (tokyo, california)]
    assert abs(borne[0] - borne[1]) <= max(
        burden(one, 45, zone) for one in planned for zone in (tokyo, california)
    )
