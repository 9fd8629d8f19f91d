"""Who comes and what they are told: seats, changes, letters, and whatever goes wrong on the way."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from bot.blocks.invitations import COMING
from bot.calm_settings import CalmSettings
from bot.delivery import slack_client
from bot.journal import absences, letters, notices, personal, series, talks
from bot.journal.letters import Letter
from bot.journal.notices import PLANNED
from bot.journal.series import PAUSED, Series
from bot.journal.talks import ANNOUNCED, CANCELLED, FOUND, NO, SPEAKS, YES, Speaker, Talk
from bot.journal.work import Item
from bot.kinds import LEARN, TALK_FILE, TALK_REPLY
from bot.learning.invited import let_invite
from bot.letters import Mail
from bot.mail_settings import MailSettings
from bot.notices import Notices
from bot.rituals.availability import ZONE, Availability
from bot.rooms import Room
from prompts.calm import Leave
from prompts.series import LEARNING, SeriesSettings
from tests.bot.block_rules import texts
from tests.bot.office import MONDAY, Office, office, on
from tests.mail import mail_server

FRIDAY = MONDAY + timedelta(days=4)
NIGHT = CalmSettings(quiet=(time(21), time(7)), pings_a_day=100)


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        opened.slack.person("bea").tz = "Europe/Berlin"
        yield opened


@dataclass
class Party:
    """One process of Lore that invites."""

    office: Office
    by_mail: MailSettings | None = None
    room: Room = field(init=False)
    notices: Notices = field(init=False)

    def __post_init__(self) -> None:
        lore = self.office
        availability = Availability(lore.people, lore.database, lore.clock, NIGHT)
        self.room = Room("/learn", LEARN, lore.people, lore.database, lore.clock)
        self.notices = Notices(lore.database, availability)
        self.mail = Mail(lore.database, lore.people, self.by_mail)
        client = slack_client(lore.slack.bot_token, lore.slack.api_url)
        let_invite(self.room, self.notices, self.mail, client)

    def announce(self, title: str = "Caches", at: datetime | None = None, **settings: Any) -> Talk:
        lore = self.office
        starts = (at or on(FRIDAY, "12:30")).timestamp()
        channel = lore.slack.channel(settings.pop("channel", "#world")).id
        made = SeriesSettings("weekdays", date(2026, 1, 1), by_mail=self.by_mail is not None, **settings)
        one = Series(LEARNING, "Lunch", channel, made, owner=lore.id("ana"), state=PAUSED)
        talk = Talk(one.id, f"{FRIDAY}", starts, 45, "UTC", title=title, state=ANNOUNCED, floor=FOUND)
        with lore.database.writing() as connection:
            series.put(connection, one, lore.now)
            talks.put(connection, talk, lore.now)
        return talk

    def speaks(self, talk: Talk, name: str, state: str = SPEAKS) -> None:
        with self.office.database.writing() as connection:
            talks.put_speaker(connection, Speaker(talk.id, self.office.id(name), state))

    def change(self, talk: Talk, **changes: Any) -> Talk:
        with self.office.database.writing() as connection:
            known = talks.by_id(connection, talk.id)
            assert known is not None
            made = replace(known, sequence=known.sequence + 1, **changes)
            talks.put(connection, made, self.office.now)
        return made

    def capacity(self, talk: Talk, most: int | None) -> None:
        with self.office.database.writing() as connection:
            one = series.by_id(connection, talk.series_id)
            assert one is not None
            series.put(connection, replace(one, settings=replace(one.settings, capacity=most)), 0.0)

    def reply(self, talk: Talk, name: str, reply: str = YES) -> str:
        """What somebody alone is told who presses a button."""
        payload = {"subject": talk.id, "reply": reply}
        place = self.office.slack.channel("#world").id
        person = self.office.id(name)
        item = Item(1, TALK_REPLY, "T", place, person, "", "1.0", "", "", payload, 1, "", 0.0)
        [said] = self.room.handlers[TALK_REPLY](item).say
        return " ".join(" ".join(texts(said.blocks)).split())

    def beat(self) -> None:
        self.room.tick(self.office.clock())
        self.notices.say_due(self.office.clock())
        self.office.post()

    def at(self, moment: datetime) -> None:
        self.office.clock.move(moment)
        for _ in range(3):
            self.beat()
            self.office.clock.move(self.office.clock() + timedelta(seconds=20))

    def said(self, name: str) -> list[str]:
        return [" ".join(one.split()) for one in self.office.said(name)]

    def announced(self, channel: str = "#world") -> list[str]:
        said = self.office.slack.said_by_app(self.office.slack.channel(channel).id)
        return [" ".join(" ".join(texts(one["blocks"])).split()) for one in said]

    def letters(self, talk: Talk, name: str) -> list[Letter]:
        with self.office.database.reading() as connection:
            found = letters.about(connection, talk.id)
        return [one for one in found if one.person == self.office.id(name)]

    def waiting(self, name: str, *kinds: str) -> list[datetime]:
        """When somebody will be told what waits for them."""
        with self.office.database.reading() as connection:
            found = notices.of_recipient(connection, self.office.id(name))
        return sorted(
            datetime.fromtimestamp(one.planned_at, self.office.clock().tzinfo)
            for one in found
            if one.state == PLANNED and (not kinds or one.kind in kinds)
        )


def test_seats_go_to_who_came_first_and_move_up_when_one_is_free(lore: Office) -> None:
    party = Party(lore)
    talk = party.announce(capacity=1)
    party.speaks(talk, "kai")
    party.at(on(MONDAY, "09:00"))
    assert "You come." in party.reply(talk, "bea")
    assert "number 1 of" in party.reply(talk, "lou")
    assert "number 2 of" in party.reply(talk, "pat")
    assert "number 1 of" in party.reply(talk, "lou"), "who waits keeps their turn"
    assert "You speak at it" in party.reply(talk, "kai"), "and takes nobody's seat"
    party.at(on(MONDAY, "09:01"))
    assert "1 of 1 places taken · 2 wait" in party.announced()[0]

    party.capacity(talk, 2)
    party.at(on(MONDAY, "19:00"))  # eleven in the morning in Los Angeles
    assert "it is yours" in party.said("lou")[0]
    party.capacity(talk, 1)
    party.at(on(MONDAY, "19:10"))
    assert "2 of 2 places taken · 1 waits" in party.announced()[0], "nobody loses a seat"
    assert "you do not come" in party.reply(talk, "bea", NO)
    assert "you do not come" in party.reply(talk, "lou", NO)
    assert "number 1 of" in party.reply(talk, "bea"), "the seat is Pat's now"
    assert "You come." in party.reply(talk, "pat")
    lore.slack.person("pat").deleted = True
    lore.people.heard({"type": "user_change", "user": {"id": lore.id("pat")}})
    party.at(on(MONDAY, "21:00"))
    assert "You come." in party.reply(talk, "bea"), "who has left the workspace keeps no seat"


def test_nobody_replies_who_may_not_and_nobody_too_late(lore: Office) -> None:
    party = Party(lore)
    secret, talk = party.announce("Secret", channel="#reports"), party.announce()
    for one, name in (
        (secret, "bea"),
        (talk, "gus"),
        (talk, "stranger"),
        (Talk("?", "?", 0, 1, "UTC"), "bea"),
    ):
        assert "I know of no such date" in party.reply(one, name)
    party.change(talk, state=CANCELLED)
    assert party.reply(talk, "bea") == "It does not take place: it was cancelled."
    party.at(on(MONDAY, "09:00"))
    assert party.announced() == [], "what was cancelled before it was announced never was"
    late = party.announce("Late", at=on(MONDAY, "10:00"))
    lore.clock.move(on(MONDAY, "10:46"))
    assert party.reply(late, "bea") == "It is over."
    party.at(on(MONDAY, "10:47"))
    assert len(party.announced()) == 0, "what is over is not announced"


def test_t63_changes_of_a_night_are_one_message_and_what_is_as_before_is_none(lore: Office) -> None:
    party = Party(lore)
    talk = party.announce()
    party.at(on(MONDAY, "09:00"))
    party.reply(talk, "bea")
    party.at(on(MONDAY, "22:00"))  # 23:00 in Berlin
    party.change(talk, starts_at=on(FRIDAY, "15:00").timestamp())
    party.at(on(MONDAY, "22:10"))
    party.change(talk, starts_at=on(FRIDAY, "14:00").timestamp(), place="Room 2")
    party.at(on(MONDAY, "22:20"))
    assert party.said("bea") == [], "nobody is woken for it"
    party.at(on(MONDAY, "23:00") + timedelta(hours=10))
    [told] = party.said("bea")
    assert "Friday, 6 March 2026 at 14:00 (UTC)" in told
    assert "It was to be on Friday, 6 March 2026 at 12:30 (UTC)" in told
    assert "It had no place yet." in told
    assert party.waiting("bea") == [on(FRIDAY, "14:00") - timedelta(days=1), on(FRIDAY, "13:50")]

    party.at(on(MONDAY, "22:00") + timedelta(days=1))
    party.change(talk, place="Room 3")
    party.at(on(MONDAY, "22:10") + timedelta(days=1))
    party.change(talk, place="Room 2")
    party.at(on(MONDAY, "10:00") + timedelta(days=2))
    assert len(party.said("bea")) == 1, "it is as it was told"

    party.at(on(FRIDAY, "04:00"))
    party.change(talk, state=CANCELLED)
    party.at(on(FRIDAY, "04:10"))
    assert "does not take place" in party.said("bea")[-1], "what is today is told at any hour"
    party.at(on(FRIDAY, "13:50"))
    assert party.waiting("bea") == []
    assert len([one for one in party.said("bea") if "starts in" in one]) == 0
    party.change(talk, state=ANNOUNCED)
    party.at(on(FRIDAY, "13:51"))
    assert "takes place after all" in party.said("bea")[-1]
    assert COMING in str(lore.slack.said_by_app(lore.slack.channel("#world").id)[0]["blocks"])


def test_t63_who_said_no_is_asked_once_whether_another_time_suits_them(lore: Office) -> None:
    party = Party(lore)
    talk, other = party.announce(), party.announce("Sharding")
    party.speaks(talk, "ana")
    party.at(on(MONDAY, "09:00"))
    for name in ("bea", "ana", "toshi"):
        party.reply(talk, name, NO)
    party.reply(other, "ben", NO)
    party.at(on(MONDAY, "22:00"))  # 23:00 in Berlin
    party.change(talk, starts_at=on(FRIDAY, "15:00").timestamp())
    party.change(other, starts_at=on(FRIDAY, "15:00").timestamp())
    party.at(on(MONDAY, "22:10"))
    [asked] = party.said("toshi")
    assert "does that suit you?" in asked, "it is morning in Tokyo"
    party.change(talk, place="Room 2")
    party.change(other, starts_at=on(FRIDAY, "12:30").timestamp())
    party.at(on(MONDAY, "22:20"))
    assert party.said("bea") == [], "nobody is woken for it"
    party.at(on(MONDAY + timedelta(days=1), "07:00"))
    [asked] = party.said("bea")
    assert "does that suit you?" in asked
    assert "It was to be on Friday, 6 March 2026 at 12:30 (UTC)" in asked
    assert party.said("ben") == [], "it is when it was"
    assert not any("suit you" in one for one in party.said("ana")), "she speaks"
    party.change(talk, starts_at=on(FRIDAY, "16:00").timestamp())
    party.at(on(MONDAY + timedelta(days=1), "10:00"))
    assert len(party.said("bea")) == len(party.said("toshi")) == 1, "once"
    assert "You come." in party.reply(talk, "bea")


def test_t63_who_is_away_until_it_begins_is_told_while_away_and_others_when_back(lore: Office) -> None:
    party = Party(lore)
    talk = party.announce()
    party.at(on(MONDAY, "09:00"))
    away = {"ana": timedelta(days=7), "bea": timedelta(days=2)}
    for name, long in away.items():
        party.reply(talk, name)
        with lore.database.writing() as connection:
            absences.go_away(connection, lore.id(name), Leave(MONDAY, MONDAY + long), lore.now)
    party.at(on(MONDAY, "22:00"))
    party.change(talk, starts_at=on(FRIDAY, "15:00").timestamp())
    party.at(on(MONDAY, "22:10"))
    assert party.said("ana") == party.said("bea") == [], "it is night"
    party.at(on(MONDAY + timedelta(days=1), "07:00"))
    assert "It was to be on Friday, 6 March 2026 at 12:30 (UTC)" in party.said("ana")[-1]
    assert party.said("bea") == [], "she is back in time"
    party.at(on(MONDAY + timedelta(days=2), "07:00"))
    assert "at 15:00 (UTC)" in party.said("bea")[-1]
    party.at(on(FRIDAY, "04:00"))
    party.change(talk, state=CANCELLED)
    party.at(on(FRIDAY, "04:10"))
    assert "does not take place" in party.said("ana")[-1], "though she is away"


def test_t65_reminders_follow_who_moves_to_another_zone(lore: Office) -> None:
    party = Party(lore)
    talk = party.announce()
    party.at(on(MONDAY, "09:00"))
    party.reply(talk, "bea")
    party.reply(talk, "lou")
    party.at(on(MONDAY, "09:30"))
    day = FRIDAY - timedelta(days=1)
    assert party.waiting("bea", "talk tomorrow") == [on(day, "12:30")]
    assert party.waiting("lou", "talk tomorrow") == [on(day, "17:00")], "nine in the morning there"
    with lore.database.writing() as connection:
        personal.prefer(connection, lore.id("bea"), ZONE, "Asia/Tokyo", lore.now)
    party.at(on(MONDAY, "10:30"))
    assert party.waiting("bea", "talk tomorrow") == [on(day, "08:00")], (
        "at five in Tokyo, not at half past nine"
    )
    assert party.waiting("bea", "talk soon") == [on(FRIDAY, "12:20")]
    party.reply(talk, "lou", NO)
    party.at(on(day, "17:00"))
    party.at(on(FRIDAY, "12:20"))
    assert party.said("lou") == [], "who does not come is reminded of nothing"
    assert ["tomorrow" in one for one in party.said("bea")] == [False], (
        "it was too late for that when it came up"
    )


def test_of_several_processes_each_thing_is_said_once(lore: Office) -> None:
    parties = [Party(lore), Party(lore)]
    talk = parties[0].announce()
    for number, moment in enumerate((on(MONDAY, "09:00"), on(MONDAY, "10:00"), on(MONDAY, "11:00"))):
        lore.clock.move(moment)
        for party in parties * 3:
            party.beat()
            lore.clock.move(lore.clock() + timedelta(seconds=20))
        if number == 0:
            parties[0].reply(talk, "bea")
        if number == 1:
            parties[1].change(talk, title="Caches, again")
    assert len(parties[0].announced()) == 1
    assert "Caches, again" in parties[0].announced()[0]
    assert ["about: Caches" in one for one in parties[0].said("bea")] == [True]


def test_a_channel_that_takes_nothing_is_told_to_its_owner_once_and_tried_again(lore: Office) -> None:
    party = Party(lore)
    lore.slack.archive("#world")
    party.announce()
    for hour in ("09:00", "09:30", "10:30"):
        party.at(on(MONDAY, hour))
    assert party.announced() == []
    [told] = party.said("ana")
    assert "I could not announce “Caches” in its channel: is_archived" in told
    lore.slack.archive("#world", archived=False)
    party.at(on(MONDAY, "12:30"))
    assert len(party.announced()) == 1
    assert len(party.said("ana")) == 1


def test_a_channel_that_strangers_read_is_told_nothing_more_but_that_it_is_cancelled(lore: Office) -> None:
    party = Party(lore)
    talk = party.announce()
    party.at(on(MONDAY, "09:00"))
    lore.slack.share_channel("#world")
    lore.people.heard({"type": "channel_shared", "channel": lore.slack.channel("#world").id})
    party.change(talk, title="Secret caches")
    party.at(on(MONDAY, "09:10"))
    assert "Secret" not in str(party.announced())
    payload = {"subject": talk.id, "sequence": 1, "first": True}
    item = Item(1, TALK_FILE, "T", lore.slack.channel("#world").id, "", "", "", "", "", payload, 1, "", 0.0)
    assert party.room.handlers[TALK_FILE](item).say == (), "nor is there a file"
    assert not lore.slack.team.files
    lore.slack.share_channel("#world", False)
    lore.people.heard({"type": "channel_unshared", "channel": lore.slack.channel("#world").id})
    party.at(on(MONDAY, "10:30"))
    assert "Secret caches" in party.announced()[0], "what was withheld is tried again"
    lore.slack.share_channel("#world")
    lore.people.heard({"type": "channel_shared", "channel": lore.slack.channel("#world").id})
    party.change(talk, title="Secret ice", state=CANCELLED)
    party.announce("Secret water")
    party.at(on(MONDAY, "11:00"))
    [said] = [one["text"] for one in lore.slack.said_by_app("#world") if not one.get("thread_ts")]
    assert "cancelled" in said
    assert "Secret" not in str(lore.slack.said_by_app("#world"))
    assert "guests or people of other organisations may read along" in party.said("ana")[-1]


def test_letters_put_it_into_calendars_keep_it_there_as_it_is_and_take_it_out(lore: Office) -> None:
    with mail_server() as server:
        party = Party(lore, by_mail=server.settings())
        talk = party.announce("Caches\r\nBCC: all@example.org", members=("U_NOBODY", lore.id("toshi")))
        party.speaks(talk, "kai")
        party.at(on(MONDAY, "09:00"))
        party.mail.send_due(lore.clock())
        assert sorted(server.readers) == ["kai@heron.example", "toshi@heron.example"], "speaks, and is named"
        for reply in (YES, NO, YES):
            party.reply(talk, "bea", reply)
            party.at(lore.clock())
        party.reply(talk, "toshi", NO)
        party.change(talk, starts_at=on(FRIDAY, "14:00").timestamp())
        party.at(on(MONDAY, "10:00"))
        party.speaks(talk, "kai", "stepped back")
        party.at(on(MONDAY, "11:00"))
        party.mail.send_due(lore.clock())
        [to_bea] = server.of("bea@heron.example")
        assert str(to_bea["Subject"]) == "Changed: Caches BCC: all@example.org", "the newest alone is sent"
        assert "6 March 2026 at 15:00 (Europe/Berlin)" in str(to_bea.get_body()), "by the reader's own clock"
        party.change(talk, state=CANCELLED)
        party.at(on(MONDAY, "12:00"))
        party.mail.send_due(lore.clock())
        calendars = {name: _calendars(server.of(f"{name}@heron.example")) for name in ("bea", "toshi", "kai")}
    assert {name: [one["METHOD"] for one in found] for name, found in calendars.items()} == {
        "bea": ["REQUEST", "CANCEL"],
        "toshi": ["REQUEST", "CANCEL"],
        "kai": ["REQUEST", "CANCEL"],
    }
    events = [one.walk("VEVENT")[0] for one in calendars["bea"]]
    assert [event["SEQUENCE"] for event in events] == [1, 2]
    assert len({str(event["UID"]) for event in events}) == 1
    assert [str(event["ATTENDEE"]) for event in events] == ["mailto:bea@heron.example"] * 2
    written = [(one.method, one.state) for one in party.letters(talk, "bea")]
    assert [method for method, _ in written] == ["REQUEST", "CANCEL", "REQUEST", "REQUEST", "CANCEL"]
    assert [state for _, state in written] == ["dropped", "dropped", "dropped", "sent", "sent"]


def test_no_letter_is_sent_while_slack_does_not_tell_who_may_read_it(lore: Office) -> None:
    with mail_server() as server:
        party = Party(lore, by_mail=server.settings())
        talk = party.announce(channel="#reports")
        party.speaks(talk, "ana")
        party.speaks(talk, "bea")
        party.at(on(MONDAY, "09:00"))
        for method in ("conversations.info", "conversations.members"):
            lore.people.heard({"type": "channel_changed", "channel": lore.slack.channel("#reports").id})
            lore.slack.faults.error(method, "internal_error", times=None)
            lore.clock.move(lore.clock() + timedelta(hours=2))
            party.mail.send_due(lore.clock())
            assert server.readers == []
            lore.slack.faults.clear()
        lore.clock.move(lore.clock() + timedelta(hours=2))
        party.mail.send_due(lore.clock())
        assert server.readers == ["ana@heron.example"]
    assert [one.state for one in party.letters(talk, "bea")] == ["dropped"], "she never read the channel"


def _calendars(mails: list[EmailMessage]) -> list[Calendar]:
    parts = [part for one in mails for part in one.walk() if part.get_content_type() == "text/calendar"]
    return [Calendar.from_ical(part.get_payload(decode=True)) for part in parts]


def test_processes_on_one_server_that_look_at_once_say_everything_once(
    tmp_path: Path, postgres_address: str
) -> None:
    with office(tmp_path, postgres_address) as lore, ThreadPoolExecutor(4) as threads:
        parties = [Party(lore) for _ in range(4)]
        talk = parties[0].announce(capacity=1)
        for minute in range(4):
            lore.clock.move(on(MONDAY, "09:00") + timedelta(minutes=minute))
            for _ in range(3):
                list(threads.map(lambda party: party.room.tick(lore.clock()), parties))
                list(threads.map(lambda party: party.notices.say_due(lore.clock()), parties))
                lore.post()
                lore.clock.move(lore.clock() + timedelta(seconds=10))
            if minute == 0:
                replies = list(threads.map(lambda who: parties[0].reply(talk, who), ("bea", "kai", "ben")))
                assert sum("You come." in one for one in replies) == 1, "one seat, once"
            if minute == 1:
                parties[1].change(talk, starts_at=on(MONDAY, "15:00").timestamp())
        assert len(parties[0].announced()) == 1
        assert [len(parties[0].said(name)) for name in ("bea", "kai", "ben")] == [1, 1, 1]
