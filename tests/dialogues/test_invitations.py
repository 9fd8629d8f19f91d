"""Invitations to talks, in Slack: announced, replied to, moved, reminded of, cancelled."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from bot.blocks.invitations import COMING, FILE, NOT_COMING
from bot.calm_settings import CalmSettings
from bot.journal import talks
from bot.journal.talks import CANCELLED, Talk
from bot.wiring import Knowledge
from bot.workspace import Workspace
from tests.dialogues.calm import NO_NIGHT
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.dialogues.talks import announced, changed, told
from tests.fakes import FakeClock

MONDAY = datetime(2026, 3, 23, 8, 0, tzinfo=UTC)
BEAT = timedelta(seconds=20)
NOON = datetime(2026, 3, 27, 11, 30, tzinfo=UTC)
"""A Friday at 12:30 in Berlin, two days before its clocks change."""


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> Iterator[Lore]:
    for person, zone in (("ana", "Europe/Berlin"), ("ben", "Asia/Tokyo"), ("chloe", "America/New_York")):
        slack.person(person).tz = zone
    clock.move(MONDAY)
    with at_work(slack, knowledge, clock=clock, calm=CalmSettings(quiet=NO_NIGHT)) as lore:
        yield lore


def beat(lore: Lore, clock: FakeClock, at: datetime | None = None) -> None:
    """Whatever follows from what is so, and what follows from that."""
    lore.at(clock, at or clock() + BEAT)
    lore.at(clock, clock() + BEAT)
    lore.at(clock, clock() + BEAT)


def announcement(lore: Lore, channel: str = "#general") -> dict[str, Any]:
    return lore.slack.said_by_app(lore.slack.channel(channel).id)[-1]


def press(lore: Lore, person: str, action_id: str) -> str:
    """What somebody alone is told who presses a button of the announcement."""
    before = len(lore.slack.ephemerals(person, "#general"))
    channel = lore.slack.channel("#general").id
    assert lore.slack.click(person, channel, announcement(lore)["ts"], action_id).ok
    return words(lore.private_reply(person, "#general", before + 1))


def files(lore: Lore, channel: str, thread_ts: str | None = None) -> list[Any]:
    """The events of the calendar files that stand somewhere, with their methods."""
    said = lore.slack.said_by_app(channel, thread_ts)
    found = [lore.slack.team.files[file["id"]].data for one in said for file in one.get("files", ())]
    read = [Calendar.from_ical(data) for data in found]
    return [(calendar["METHOD"], calendar.walk("VEVENT")[0]) for calendar in read]


def asked(lore: Lore, person: str, command: str, text: str) -> str:
    before = len(lore.slack.ephemerals(person, "#general"))
    assert lore.slack.slash(person, "#general", command, text).ok
    return words(lore.private_reply(person, "#general", before + 1))


def moved(lore: Lore, talk: Talk, starts: datetime) -> Talk:
    return changed(lore, talk, starts_at=starts.timestamp())


def test_t63_t65_a_talk_is_announced_replied_to_moved_reminded_of_and_cancelled(
    lore: Lore, clock: FakeClock
) -> None:
    talk = announced(
        lore,
        "Key-value caches <!channel> & <@U123>",
        NOON,
        place="https://meet.example/lunch",
        description="What we cache, and why.",
        capacity=1,
    )
    beat(lore, clock)
    said = words(announcement(lore))
    assert "Key-value caches <!channel> & <@U123>" in said
    assert "Friday, 27 March 2026 at 12:30 (Europe/Berlin)" in said
    assert "With ben" in said
    assert "0 of 1 places taken" in said
    assert "&lt;!channel&gt;" in announcement(lore)["text"]
    ts = announcement(lore)["ts"]
    general = lore.slack.channel("#general").id
    [(method, event)] = files(lore, general, ts)
    assert (method, event["SEQUENCE"], event["DTSTART"].params["TZID"]) == ("PUBLISH", 0, "Europe/Berlin")

    assert "You come." in press(lore, "ana", COMING)
    assert "You come." in press(lore, "ana", COMING), "to press twice is to press once"
    assert "number 1 of those who wait" in press(lore, "chloe", COMING)
    assert "You speak at it" in press(lore, "ben", COMING)
    beat(lore, clock)
    assert announcement(lore)["ts"] == ts, "it is changed where it stands"
    assert "1 of 1 places taken · 1 waits" in words(announcement(lore))
    assert "You wait for a place: number 1." in asked(lore, "chloe", "/learn", "mine")
    assert "You speak." in asked(lore, "ben", "/learn", "next")
    assert "You come to nothing yet" in asked(lore, "ana", "/reading", "mine")

    press(lore, "ana", FILE)
    lore.settle()
    assert len(files(lore, lore.slack.dm("ana"))) == 1

    assert "you do not come" in press(lore, "ana", NOT_COMING)
    beat(lore, clock)
    assert ["it is yours" in one for one in told(lore, "chloe")] == [True]
    assert "1 of 1 places taken" in words(announcement(lore))

    later = NOON + timedelta(days=3)
    talk = moved(lore, talk, later)
    talk = moved(lore, talk, later - timedelta(hours=1))
    beat(lore, clock)
    assert "has changed" in told(lore, "chloe")[-1]
    assert "Monday, 30 March 2026 at 12:30 (Europe/Berlin)" in told(lore, "chloe")[-1]
    assert "It was to be on Friday, 27 March 2026 at 12:30" in told(lore, "chloe")[-1]
    assert [len(told(lore, one)) for one in ("ben", "chloe")] == [0, 2], "one message, of both changes"
    [asked_again] = told(lore, "ana")
    assert "does that suit you?" in asked_again, "who does not come hears nothing else of it"
    uids = {str(event["UID"]) for _, event in files(lore, general, ts)}
    assert [event["SEQUENCE"] for _, event in files(lore, general, ts)] == [0, 2]
    assert len(uids) == 1

    for old in (NOON - timedelta(days=1), NOON - timedelta(minutes=10)):
        beat(lore, clock, old)
    assert [len(told(lore, one)) for one in ("ben", "chloe")] == [0, 2], "none for the old time"
    starts = datetime.fromtimestamp(talk.starts_at, UTC)
    day = starts - timedelta(days=1)
    beat(lore, clock, day.replace(hour=8, minute=0))  # 17:00 in Tokyo, where 19:30 is too late
    assert "You speak at this tomorrow" in told(lore, "ben")[-1]
    assert len(told(lore, "chloe")) == 2, "it is four in the morning there"
    beat(lore, clock, day.replace(hour=13, minute=0))  # nine in New York, where 6:30 is too early
    assert "You come to this tomorrow" in told(lore, "chloe")[-1]
    beat(lore, clock, starts - timedelta(minutes=10))
    assert "You speak at this, in 10 minutes" in told(lore, "ben")[-1]
    assert "This starts in 10 minutes" in told(lore, "chloe")[-1]
    assert [len(told(lore, one)) for one in ("ben", "chloe")] == [2, 4]

    changed(lore, talk, state=CANCELLED)
    beat(lore, clock)
    assert "This does not take place." in told(lore, "chloe")[-1]
    assert "Cancelled: " in words(announcement(lore))
    assert "was cancelled" not in words(announcement(lore))
    assert COMING not in str(announcement(lore)["blocks"])
    method, event = files(lore, general, ts)[-1]
    assert (method, event["SEQUENCE"], str(event["UID"])) == ("CANCEL", 3, uids.pop())
    beat(lore, clock, starts)
    assert [len(told(lore, one)) for one in ("ben", "chloe")] == [2, 5], "and nothing after that"


def test_a_reading_group_is_invited_in_the_same_way_and_strangers_to_its_channel_are_not(
    lore: Lore, clock: FakeClock
) -> None:
    lore.slack.team.app.scopes.remove("files:write")
    paper = announced(lore, "Attention", NOON, channel="#leads", speaker="ana", kind="reading", name="Papers")
    beat(lore, clock)
    leads = lore.slack.channel("#leads").id
    assert "Papers: Attention" in words(announcement(lore, "#leads"))
    ts = announcement(lore, "#leads")["ts"]
    assert "Attention" not in asked(lore, "chloe", "/reading", "next")
    assert "Attention" in asked(lore, "ben", "/reading", "next")
    listed = lore.slack.ephemerals("ben", "#general")[-1]
    assert lore.slack.click("ben", lore.slack.channel("#general").id, listed["ts"], COMING).ok
    lore.settle()
    assert "You come." in asked(lore, "ben", "/reading", "mine")
    lore.slack.kick("ben", "#leads")
    changed(lore, paper, title="Attention, again", minutes=30)
    beat(lore, clock)
    assert told(lore, "ben", "Papers") == [], "who has left the channel hears nothing of what goes on there"
    assert "It was to be about: Attention" in told(lore, "ana", "Papers")[-1]
    assert "It was to last 45 minutes" in told(lore, "ana", "Papers")[-1]
    thread = [words(one) for one in lore.slack.said_by_app(leads, ts)[1:]]
    assert len(thread) == 1
    assert "This has changed." in thread[0], "without files, words"

    beat(lore, clock, NOON + timedelta(hours=2))
    assert "Over: " in words(announcement(lore, "#leads"))
    assert COMING not in str(announcement(lore, "#leads")["blocks"])
    with lore.knowledge.database.reading() as connection:
        over = talks.by_id(connection, paper.id)
    assert over is not None
