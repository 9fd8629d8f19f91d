"""Notices: said once, at their time, to who may be told; whatever dies on the way."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.calm_settings import CalmSettings
from bot.journal import absences, letters, notices, outgoing
from bot.journal.letters import Letter
from bot.journal.notices import CANCELLED, MISSED, SAID, SKIPPED, Notice
from bot.messages import Message
from bot.notices import Fate, Made, Notices
from bot.rituals.availability import Availability
from bot.rituals.due import Later, NotSaid
from prompts.calm import Leave, Part
from tests.bot.office import MONDAY, Office, office, on

DAY = timedelta(days=1)


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def process(lore: Office, pings_a_day: int = 100, **makers: Callable[[Notice, datetime], Fate]) -> Notices:
    """One process that says `word` and whatever else is given."""
    calm = CalmSettings(pings_a_day=pings_a_day)
    made = Notices(lore.database, Availability(lore.people, lore.database, lore.clock, calm))
    made.makers |= {"word": _word, **makers}
    return made


def _word(notice: Notice, _now: datetime) -> Made:
    return Made([Message(notice.recipient, f"about {notice.about}")])


def plan(lore: Office, about: str, to: str, at: datetime, kind: str = "word", hours: float = 48) -> bool:
    recipient = lore.slack.channel(to).id if to.startswith("#") else lore.id(to)
    until = at + timedelta(hours=hours)
    with lore.database.writing() as connection:
        return notices.plan(connection, Notice(kind, about, recipient, at.timestamp(), until.timestamp()))


def at(lore: Office, moment: datetime, *processes: Notices) -> None:
    lore.clock.move(moment)
    for one in processes:
        one.say_due(moment)
    lore.post()


def states(lore: Office, about: str) -> list[str]:
    with lore.database.reading() as connection:
        return [one.state for one in notices.about(connection, about)]


def test_it_is_said_once_at_its_time_by_one_of_all_processes(lore: Office) -> None:
    one, other = process(lore), process(lore)
    plan(lore, "a", "ana", on(MONDAY, "09:00"))
    plan(lore, "a", "#team", on(MONDAY, "09:00"))
    at(lore, on(MONDAY, "08:59"), one, other)
    assert lore.said("ana") == []
    for minute in ("09:00", "09:01", "10:00"):
        at(lore, on(MONDAY, minute), one, other)
    assert lore.said("ana") == ["about a"]
    team = lore.slack.channel("#team").id
    assert [one["text"] for one in lore.slack.said_by_app(team)] == ["about a"]
    assert states(lore, "a") == [SAID, SAID]
    assert plan(lore, "a", "ana", on(MONDAY, "11:00")) is False, "it was said; nothing new waits"


def test_people_are_told_when_they_may_be_and_of_what_they_said_yes_to_at_once(lore: Office) -> None:
    one = process(lore, talk=_word)
    one.at_once.add("talk")
    plan(lore, "night", "ana", on(MONDAY, "23:00"))
    plan(lore, "talk", "ana", on(MONDAY, "23:00"), kind="talk")
    at(lore, on(MONDAY, "23:00"), one)
    assert lore.said("ana") == ["about talk"]
    at(lore, on(MONDAY + DAY, "09:00"), one)
    assert lore.said("ana") == ["about talk", "about night"]


def test_who_is_away_is_told_when_back_or_not_at_all(lore: Office) -> None:
    one = process(lore, talk=_word)
    one.at_once.add("talk")
    with lore.database.writing() as connection:
        leave = Leave(MONDAY, MONDAY + 2 * DAY, Part.DAY, "Away.")
        absences.go_away(connection, lore.id("ben"), leave, lore.now)
    plan(lore, "long", "ben", on(MONDAY, "09:00"), hours=96)
    plan(lore, "short", "ben", on(MONDAY, "09:00"), hours=20)
    plan(lore, "talk", "ben", on(MONDAY, "09:00"), kind="talk", hours=96)
    at(lore, on(MONDAY, "09:00"), one)
    assert (states(lore, "short"), states(lore, "talk")) == ([SKIPPED], [SKIPPED])
    at(lore, on(MONDAY + DAY, "09:00"), one)
    assert lore.said("ben") == []
    at(lore, on(MONDAY + 2 * DAY, "09:00"), one)
    at(lore, on(MONDAY + 3 * DAY, "09:00"), one)
    assert lore.said("ben") == ["about long"]


def test_days_off_hold_back_no_reminder_and_leave_no_change_of_what_they_said_yes_to(lore: Office) -> None:
    one = process(lore, talk=_word, change=_word)
    one.at_once |= {"talk", "change"}
    one.even_away.add("change")
    one.availability.settings = CalmSettings(days_off={MONDAY: "Founders' day"}, pings_a_day=100)
    with lore.database.writing() as connection:
        leave = Leave(MONDAY, MONDAY + 2 * DAY, Part.DAY, "Away.")
        absences.go_away(connection, lore.id("ben"), leave, lore.now)
    for name in ("ana", "ben", "gus"):
        for kind in ("word", "talk", "change"):
            plan(lore, kind, name, on(MONDAY, "09:00"), kind=kind, hours=4)
    at(lore, on(MONDAY, "09:00"), one)
    assert lore.said("ana") == ["about talk", "about change"], "a day off"
    assert lore.said("ben") == ["about change"], "on leave"
    assert lore.said("gus") == [], "a guest"


def test_what_would_be_too_late_is_said_rather_now(lore: Office) -> None:
    """At eleven in the night of a Monday; Ana's hours end at seven, and Ben is away on Tuesday."""
    begins = on(MONDAY + DAY, "08:00")
    one = process(lore, change=_word)
    one.rather_now["change"] = lambda notice, _now: (
        on(MONDAY + DAY, "06:00") if notice.about == "early" else begins
    ).timestamp()
    with lore.database.writing() as connection:
        leave = Leave(MONDAY + DAY, MONDAY + 2 * DAY, Part.DAY, "Away.")
        absences.go_away(connection, lore.id("ben"), leave, lore.now)
    plan(lore, "early", "ana", on(MONDAY, "23:00"), kind="change")
    plan(lore, "change", "ana", on(MONDAY, "23:00"), kind="change")
    plan(lore, "change", "ben", on(MONDAY + DAY, "05:00"), kind="change")
    plan(lore, "word", "ben", on(MONDAY + DAY, "05:00"), hours=5)
    at(lore, on(MONDAY, "23:00"), one)
    assert lore.said("ana") == ["about early"]
    at(lore, on(MONDAY + DAY, "05:00"), one)
    assert lore.said("ben") == [], "that is within his hours, and early enough at seven"
    at(lore, on(MONDAY + DAY, "07:00"), one)
    assert lore.said("ana") == ["about early", "about change"]
    assert lore.said("ben") == ["about change"], "back too late"
    assert states(lore, "word") == [SKIPPED]


def test_beyond_the_messages_a_day_it_waits_for_the_next(lore: Office) -> None:
    one = process(lore, pings_a_day=1)
    plan(lore, "first", "ana", on(MONDAY, "09:00"))
    plan(lore, "second", "ana", on(MONDAY, "09:01"))
    at(lore, on(MONDAY, "09:05"), one)
    assert lore.said("ana") == ["about first"]
    at(lore, on(MONDAY + DAY, "09:00"), one)
    assert lore.said("ana") == ["about first", "about second"]


def test_guests_are_never_told_and_what_is_too_late_is_missed(lore: Office) -> None:
    one = process(lore)
    plan(lore, "guest", "gus", on(MONDAY, "09:00"))
    plan(lore, "late", "ana", on(MONDAY, "09:00"), hours=1)
    at(lore, on(MONDAY, "10:01"), one)
    assert (states(lore, "guest"), states(lore, "late")) == ([SKIPPED], [MISSED])
    assert lore.said("ana") == lore.said("gus") == []


def test_while_slack_refuses_everything_nothing_is_made(lore: Office) -> None:
    made: list[str] = []

    def noted(notice: Notice, now: datetime) -> Made:
        made.append(notice.about)
        return _word(notice, now)

    one = process(lore, noted=noted)
    plan(lore, "a", "ana", on(MONDAY, "09:00"), kind="noted")
    with lore.database.writing() as connection:
        outgoing.pause(connection, outgoing.EVERYTHING, on(MONDAY, "09:10").timestamp())
    at(lore, on(MONDAY, "09:09"), one)
    assert made == []
    at(lore, on(MONDAY, "09:11"), one)
    assert lore.said("ana") == ["about a"]


def test_what_is_moved_or_cancelled_is_not_said_at_its_old_time(lore: Office) -> None:
    one = process(lore)
    plan(lore, "moved", "ana", on(MONDAY, "09:00"))
    plan(lore, "gone", "ana", on(MONDAY, "09:00"))
    plan(lore, "moved", "ana", on(MONDAY, "15:00"))
    with lore.database.writing() as connection:
        assert notices.cancel(connection, "gone", "The talk is cancelled.", lore.now, "other") == 0
        assert notices.cancel(connection, "gone", "The talk is cancelled.", lore.now) == 1
    at(lore, on(MONDAY, "09:00"), one)
    assert lore.said("ana") == []
    at(lore, on(MONDAY, "15:00"), one)
    assert (lore.said("ana"), states(lore, "gone")) == (["about moved"], [CANCELLED])


def test_a_maker_may_say_nothing_or_later_and_one_that_fails_is_asked_again(lore: Office) -> None:
    asked: list[str] = []

    def moody(notice: Notice, now: datetime) -> Fate:
        asked.append(f"{now:%H:%M}")
        if len(asked) == 1:
            raise RuntimeError("Slack is away")
        if len(asked) == 2:
            return Later((now + timedelta(minutes=10)).timestamp(), "Not yet.")
        return NotSaid("Nobody wants it.")

    one = process(lore, moody=moody)
    plan(lore, "m", "ana", on(MONDAY, "09:00"), kind="moody")
    plan(lore, "unknown", "ana", on(MONDAY, "09:00"), kind="unknown")
    for minute in ("09:00", "09:01", "09:05", "09:11", "09:30"):
        at(lore, on(MONDAY, minute), one)
    assert asked == ["09:00", "09:01", "09:11"]
    assert (states(lore, "m"), states(lore, "unknown")) == ([SKIPPED], [SKIPPED])
    assert lore.said("ana") == []


@pytest.mark.parametrize("step", ["claimed", "made", "ended"])
def test_t68_killed_at_any_step_it_is_said_once_and_what_goes_with_it_is_done_once(
    lore: Office, step: str
) -> None:
    done: list[str] = []

    def full(notice: Notice, _now: datetime) -> Made:
        letter = Letter("k", "word", notice.about, notice.person, "Hello", "Text", notice.not_after)

        def then(connection: Connection) -> None:
            done.append(notice.about)

        return Made([Message(notice.recipient, "hello"), Message(notice.recipient, "again")], [letter], then)

    def die(at_step: str) -> None:
        if at_step == step:
            raise Killed

    first, second = process(lore, full=full), process(lore, full=full)
    first.checkpoint = die
    plan(lore, "a", "ana", on(MONDAY, "09:00"), kind="full")
    with pytest.raises(Killed):
        at(lore, on(MONDAY, "09:00"), first)
    for minute in ("09:00", "09:01", "09:05", "09:06"):
        at(lore, on(MONDAY, minute), second)
    assert lore.said("ana") == ["hello", "again"]
    with lore.database.reading() as connection:
        assert [one.key for one in letters.about(connection, "a")] == ["k"]
    assert len(done) == 1


def test_who_was_overtaken_or_cancelled_while_making_it_says_nothing(lore: Office) -> None:
    quick = process(lore, slow=_word)

    def slow(notice: Notice, now: datetime) -> Made:
        if notice.about == "overtaken":
            quick.say_due(now + timedelta(minutes=5))
        else:
            with lore.database.writing() as connection:
                notices.cancel(connection, notice.about, "It is off.", lore.now)
        return Made([Message(notice.recipient, "from the slow one")])

    one = process(lore, slow=slow)
    for about in ("overtaken", "off"):
        plan(lore, about, "ana", on(MONDAY, "09:00"), kind="slow")
        at(lore, on(MONDAY, "09:00"), one)
    at(lore, on(MONDAY, "09:10"))
    assert lore.said("ana") == ["about overtaken"]
    assert (states(lore, "overtaken"), states(lore, "off")) == ([SAID], [CANCELLED])


def test_what_another_took_over_meanwhile_is_not_even_made(lore: Office) -> None:
    made: list[str] = []

    def noted(notice: Notice, now: datetime) -> Made:
        made.append(notice.about)
        if len(made) == 1:  # the first took so long that another has said the second
            quick.say_due(now + timedelta(minutes=5))
        return _word(notice, now)

    quick, one = process(lore, noted=_word), process(lore, noted=noted)
    plan(lore, "first", "ana", on(MONDAY, "09:00"), kind="noted")
    plan(lore, "second", "ana", on(MONDAY, "09:00"), kind="noted")
    at(lore, on(MONDAY, "09:00"), one)
    at(lore, on(MONDAY, "09:10"))
    assert made == ["first"]
    assert sorted(lore.said("ana")) == ["about first", "about second"]


def test_what_takes_long_holds_up_no_beat_and_nothing_is_begun_beside_it(lore: Office) -> None:
    go_on = threading.Event()

    def slow(notice: Notice, now: datetime) -> Made:
        assert go_on.wait(30)
        return _word(notice, now)

    one = process(lore, slow=slow)
    plan(lore, "long", "ana", on(MONDAY, "09:00"), kind="slow")
    plan(lore, "short", "ben", on(MONDAY, "09:01"))
    one.patience_s = 0.0
    lore.clock.move(on(MONDAY, "09:00"))
    one.keep_saying(lore.clock())
    one.patience_s = 30.0
    lore.clock.move(on(MONDAY, "09:01"))
    one.keep_saying(lore.clock())
    assert states(lore, "short") == ["planned"], "it waits for the next beat"
    go_on.set()

    def next_one() -> bool:
        one.keep_saying(lore.clock())
        lore.post()
        return lore.said("ben") == ["about short"]

    lore.until(next_one)
    assert lore.said("ana") == ["about long"]


def test_a_beat_that_breaks_is_logged_and_the_next_goes_on(
    lore: Office, caplog: pytest.LogCaptureFixture
) -> None:
    one = process(lore)
    plan(lore, "a", "ana", on(MONDAY, "09:00"))

    def breaks(_step: str) -> None:
        one.checkpoint = lambda _: None
        raise RuntimeError("unforeseen")

    one.checkpoint = breaks
    for moment in (on(MONDAY, "09:00"), on(MONDAY, "09:03")):
        lore.clock.move(moment)
        one.keep_saying(moment)
    lore.post()
    assert lore.said("ana") == ["about a"]
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        "what was due could not be said; it is looked at again"
    ]
