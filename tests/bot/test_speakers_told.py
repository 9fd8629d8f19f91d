"""Speakers hear that their talk is moved or cancelled, in time, whatever they replied to the invitation."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.blocks.talks import KEEP, SWAP_YES
from bot.calm_settings import CalmSettings
from bot.journal import absences, notices, talks
from bot.journal.notices import Notice
from bot.journal.talks import ANNOUNCED, FOUND, SPEAKS, Reply, Speaker, Talk
from bot.journal.work import Item
from bot.kinds import TALK_STEP
from bot.learning import course
from bot.learning.course import SPEAKER_TOLD, SPEAKER_TOLD_SOON
from bot.learning.speaker_presses import SPEAKER_NEWS, SWAP_ASK, SpeakerPresses, asked_about
from bot.learning.speakers_away import SPEAKER_AWAY, SPEAKER_AWAY_TOLD
from prompts.calm import Leave
from tests.bot.office import MONDAY, Office, office, on
from tests.bot.seasons import Season

DAY = timedelta(days=1)
FRIDAY = MONDAY + 4 * DAY
NIGHT = CalmSettings(quiet=(time(21), time(7)), pings_a_day=100)


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


@pytest.fixture
def season(lore: Office) -> Season:
    return Season(lore, NIGHT)


def talk_of(season: Season, *speakers: str, at: str = "12:30") -> Talk:
    """An announced one on Friday, at which these speak; they pressed that they come, too."""
    lunch = season.set_up(since=FRIDAY + 30 * DAY)
    starts = on(FRIDAY, at).timestamp()
    talk = Talk(lunch.id, f"{FRIDAY}", starts, 45, "UTC", title="Caches", state=ANNOUNCED, floor=FOUND)
    with season.office.database.writing() as connection:
        talks.put(connection, talk, 0.0)
        for name in speakers:
            talks.put_speaker(connection, Speaker(talk.id, season.office.id(name), SPEAKS))
            talks.put_reply(connection, Reply(talk.id, season.office.id(name), talks.YES, 0.0))
    return talk


def move(season: Season, talk: Talk, day: date, clock: str, at: datetime, by: str = "") -> Talk:
    with season.office.database.writing() as connection:
        moved = course.move(connection, talk, on(day, clock).timestamp(), at.timestamp(), by)
    season.at(at)
    return moved


def cancel(season: Season, talk: Talk, at: datetime) -> None:
    with season.office.database.writing() as connection:
        course.cancel(connection, talk, at.timestamp())
    season.at(at)


def test_t63_speakers_who_said_that_they_come_are_told_and_who_moves_it_is_not(
    season: Season, lore: Office
) -> None:
    talk = talk_of(season, "ben", "chloe")
    talk = move(season, talk, FRIDAY, "14:00", on(MONDAY, "10:00"), lore.id("chloe"))
    assert season.told(SPEAKER_TOLD) == ["ben"]
    assert "another time now" in lore.said("ben")[-1]
    cancel(season, talk, on(MONDAY, "11:00"))
    assert "does not take place" in lore.said("ben")[-1]
    assert "does not take place" in lore.said("chloe")[-1]


def test_t63_of_what_is_soon_speakers_are_told_at_night_and_on_leave(season: Season, lore: Office) -> None:
    talk = talk_of(season, "ben", at="08:00")
    talk = move(season, talk, FRIDAY, "09:00", on(MONDAY, "22:00"))
    assert lore.said("ben") == [], "that can wait until the morning"
    talk = move(season, talk, FRIDAY + DAY, "09:00", on(FRIDAY - DAY, "22:00"))
    assert season.told(SPEAKER_TOLD_SOON) == ["ben"], "it was to begin in the morning"
    assert len(lore.said("ben")) == 1, "once for both"
    with lore.database.writing() as connection:
        absences.go_away(connection, lore.id("ben"), Leave(FRIDAY, FRIDAY + 9 * DAY), lore.now)
    cancel(season, talk, on(FRIDAY, "23:00"))
    assert "does not take place" in lore.said("ben")[-1]


def test_t63_who_is_back_after_it_is_told_before_it(season: Season, lore: Office) -> None:
    talk = talk_of(season, "ben")
    with lore.database.writing() as connection:
        absences.go_away(connection, lore.id("ben"), Leave(MONDAY, MONDAY + 9 * DAY), lore.now)
    move(season, talk, FRIDAY, "14:00", on(MONDAY, "22:00"))
    assert lore.said("ben") == [], "it is night"
    season.at(on(MONDAY + DAY, "07:00"))
    [moved, away] = lore.said("ben")
    assert "another time now" in moved
    assert "you are away then" in away


def test_what_was_missed_long_ago_waits_as_everything_does(season: Season, lore: Office) -> None:
    talk = talk_of(season, "ben")
    cancel(season, replace(talk, state=talks.PLANNED), on(FRIDAY, "23:00"))
    assert lore.said("ben") == []
    season.at(on(FRIDAY + DAY, "07:00"))
    assert "does not take place" in lore.said("ben")[-1]


def press(season: Season, talk: Talk, person: str, act: str, asker: str = "") -> None:
    lore = season.office
    payload = {"subject": talk.id, "act": act, "person": lore.id(asker) if asker else ""}
    item = Item(1, TALK_STEP, "", "", lore.id(person), "", "", "", "", payload, 1, "", lore.now)
    SpeakerPresses(season.finding, lore.writer, lore.clock).step(item)


def go_away(lore: Office, person: str, since: date, until: date) -> None:
    with lore.database.writing() as connection:
        absences.go_away(connection, lore.id(person), Leave(since, until), lore.now)


def test_t64_a_speaker_who_is_away_then_is_asked_and_the_owner_told_if_nothing_is_said(
    season: Season, lore: Office
) -> None:
    talk = talk_of(season, "ben", "chloe")
    season.at(on(MONDAY, "10:00"))
    assert season.told(SPEAKER_AWAY) == []
    go_away(lore, "ben", FRIDAY, FRIDAY + 2 * DAY)
    season.at(on(MONDAY, "10:01"), Season(lore, NIGHT))
    assert season.told(SPEAKER_AWAY) == ["ben"]
    assert "you are away then" in lore.said("ben")[-1]
    go_away(lore, "chloe", MONDAY, FRIDAY + 9 * DAY)
    season.at(on(MONDAY, "10:02"))
    season.at(on(MONDAY, "10:03"))
    assert season.told(SPEAKER_AWAY) == ["ben", "chloe"], "who is away until after it is asked while away"
    press(season, talk, "chloe", KEEP)
    press(season, talk, "ana", KEEP)
    season.at(on(MONDAY + 2 * DAY, "10:00"))
    assert season.told(SPEAKER_AWAY_TOLD) == []
    for minute in ("10:02", "10:04"):
        season.at(on(MONDAY + 2 * DAY, minute), Season(lore, NIGHT))
    assert season.told(SPEAKER_AWAY_TOLD) == ["ana"], "of Ben alone, once"
    assert lore.said("ana")[-1].startswith("ben speaks at")
    assert season.speakers(talk) == {"ben": "speaks", "chloe": "speaks"}
    talk = move(season, talk, FRIDAY + DAY, "14:00", on(MONDAY + 2 * DAY, "11:00"), lore.id("chloe"))
    season.at(on(MONDAY + 2 * DAY, "11:01"))
    assert season.told(SPEAKER_AWAY) == ["ben", "chloe", "ben", "chloe"], "of a new time anew"
    with lore.database.writing() as connection:
        absences.come_back(connection, lore.id("ben"), FRIDAY)
    season.step_back(talk, "chloe")
    season.at(on(FRIDAY, "20:00"))
    assert season.told(SPEAKER_AWAY_TOLD) == ["ana"], "one is back, the other has given it back"


def test_t64_what_a_speaker_asks_another_ends_by_itself(season: Season, lore: Office) -> None:
    talk = talk_of(season, "ben")

    def ask(person: str) -> None:
        asked = Notice(SWAP_ASK, asked_about(talk, lore.id("ben")), lore.id(person), lore.now, talk.starts_at)
        with lore.database.writing() as connection:
            notices.plan(connection, asked)

    season.at(on(MONDAY, "09:59"))
    ask("gus")
    ask("chloe")
    season.at(on(MONDAY, "10:00"))
    assert season.told(SWAP_ASK) == ["chloe"]
    season.at(on(MONDAY, "10:01"), Season(lore, NIGHT))
    assert season.told(SPEAKER_NEWS) == ["ben"], "a guest cannot be asked"
    assert "no reply from" in lore.said("ben")[-1]
    season.at(on(MONDAY + DAY, "10:02"))
    assert season.told(SPEAKER_NEWS) == ["ben"], "Chloe has two working days"
    for minute in ("10:02", "10:03"):
        season.at(on(MONDAY + 2 * DAY, minute), Season(lore, NIGHT))
    assert season.told(SPEAKER_NEWS) == ["ben", "ben"]
    assert "no reply from chloe" in lore.said("ben")[-1]
    press(season, talk, "chloe", SWAP_YES, "ben")
    assert season.speakers(talk) == {"ben": "speaks"}, "he was told that he speaks"
