"""Digests by e-mail, and the report of gaps: for those alone who may have them when they are sent."""

from collections.abc import Iterator
from datetime import time
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.journal import digests
from bot.journal.digests import GAPS
from bot.journal.letters import letters
from knowledge.audience import EVERYONE, Audience
from prompts.digest_times import Rhythm
from tests.bot.digesting import DAY, Pages, Process, at, fates, joins, said_in, turn_off, turn_on
from tests.bot.office import MONDAY, Office, office, on
from tests.mail import mail_server


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def test_t73_a_letter_is_sent_only_while_it_is_wanted_and_its_reader_may_read_it(lore: Office) -> None:
    reports = Audience(principals=frozenset({"#reports"}))
    pages = Pages([(on(MONDAY, "08:30"), "News\r\nBcc: x@y <b>&", reports)])
    with mail_server() as server:
        one = Process(lore, pages, server.settings())
        digest = turn_on(lore, "ana", slack=False, mail=True)
        server.reply = "451 not now"
        at(lore, on(MONDAY, "09:00"), one)
        joins(lore, "ana", "#reports", leaves=True)
        server.reply = "250 OK"
        at(lore, on(MONDAY, "09:30"), one)
        assert (server.letters, lore.said("ana")) == ([], [])
        at(lore, on(MONDAY, "09:40"), one)
        assert [state for state, _ in fates(lore, digest)] == ["said", "skipped"], (
            "it was built anew, without"
        )

        joins(lore, "ana", "#reports")
        at(lore, on(MONDAY + DAY, "09:00"), one)
        [letter] = server.letters
        assert letter["Subject"] == "What is new since Sunday, 1 March"
        plain = letter.get_body(("plain",))
        html = letter.get_body(("html",))
        assert plain is not None
        assert html is not None
        assert "- News Bcc: x@y <b>&: was written" in plain.get_content()
        assert "/digest off" in plain.get_content()
        assert "<b>News Bcc: x@y &lt;b&gt;&amp;</b>: was written" in html.get_content()

        pages.pages.append((on(MONDAY + DAY, "12:00"), "Unwanted", reports))
        server.reply = "451 not now"
        at(lore, on(MONDAY + 2 * DAY, "09:00"), one)
        turn_off(lore, digest)
        server.reply = "250 OK"
        at(lore, on(MONDAY + 2 * DAY, "09:30"), one)
        assert len(server.letters) == 1


def test_t73_a_letter_with_what_only_leads_get_is_not_sent_to_who_is_none_any_more(lore: Office) -> None:
    pages = Pages([(on(MONDAY, "08:30"), "News", EVERYONE)])
    with mail_server() as server:
        one = Process(lore, pages, server.settings(), {lore.id("ben")})
        digest = turn_on(lore, "ben", slack=False, mail=True)
        server.reply = "451 not now"
        at(lore, on(MONDAY, "09:00"), one)
        one.leads.clear()
        server.reply = "250 OK"
        for minute in ("09:30", "09:31", "09:32"):
            at(lore, on(MONDAY, minute), one)
        [letter] = server.letters
        plain = letter.get_body(("plain",))
        assert plain is not None
        assert "News" in plain.get_content()
        assert "Herons" not in plain.get_content(), "it was built anew, without"
        assert [state for state, _ in fates(lore, digest)] == ["said", "said"]


def test_a_gap_report_has_its_own_days_and_ends_with_being_a_lead(lore: Office) -> None:
    pages = Pages([(on(MONDAY, "08:30"), "News", EVERYONE)])
    one = Process(lore, pages, leads={lore.id("ben")})
    own = turn_on(lore, "ben", sections=("pages",))
    report = turn_on(lore, "ben", Rhythm("every Tuesday", time(10)), topic=GAPS)
    at(lore, on(MONDAY, "09:00"), one)
    assert ["News" in said for said in lore.said("ben")] == [True]
    pages.pages.append((on(MONDAY, "12:00"), "More news", EVERYONE))
    at(lore, on(MONDAY + DAY, "09:00"), one)
    at(lore, on(MONDAY + DAY, "10:00"), one)
    assert "More news" in lore.said("ben")[1]
    assert lore.said("ben")[2].startswith("Gaps since Tuesday, 24 February\n\nGaps\n• Herons at dusk")
    turn_off(lore, own)
    one.leads.clear()
    at(lore, on(MONDAY + 8 * DAY, "10:00"), one)
    assert fates(lore, report)[-1] == ("skipped", "Who gets it is no lead any more.")
    one.leads.add(lore.id("ben"))
    at(lore, on(MONDAY + 15 * DAY, "10:00"), one)
    assert lore.said("ben")[3].startswith("Gaps since Tuesday, 3 March"), "nothing of its time is left out"
    turn_off(lore, report)
    at(lore, on(MONDAY + 22 * DAY, "10:00"), one)
    assert len(lore.said("ben")) == 4


def test_a_channels_digest_goes_by_e_mail_to_readers_who_asked_once_it_stands_there(lore: Office) -> None:
    pages = Pages([(on(MONDAY, "08:30"), "News", EVERYONE)])
    with mail_server() as server:
        one = Process(lore, pages, server.settings())
        joins(lore, "ben", "#reports")
        digest = turn_on(lore, "#reports")
        with lore.database.writing() as connection:
            for name in ("ana", "ben", "chloe"):  # Chloe does not read the channel (any more)
                digests.ask_for_letters(connection, digest.id, lore.id(name), lore.now)
        lore.clock.move(on(MONDAY, "09:00"))
        one.beat()
        assert server.letters == [], "it does not stand in the channel yet"
        lore.post()
        for minute in ("09:02", "09:04"):
            at(lore, on(MONDAY, minute), one)
        assert sorted(letter["To"] for letter in server.letters) == ["ana@heron.example", "ben@heron.example"]
        assert server.letters[0]["Subject"] == "#reports: What is new since Sunday, 1 March"
        plain = server.letters[0].get_body(("plain",))
        assert plain is not None
        assert "/digest mail off #reports" in plain.get_content().replace("\n", " ")

        with lore.database.reading() as connection:
            written = connection.execute(select(letters.c.person)).scalars().all()
        assert lore.id("chloe") not in written, "not even one to be dropped"

        pages.pages.append((on(MONDAY, "12:00"), "Menu", EVERYONE))
        server.reply = "451 not now"
        at(lore, on(MONDAY + DAY, "09:00"), one)
        at(lore, on(MONDAY + DAY, "09:02"), one)
        assert "Menu" in said_in(lore, "#reports")[-1]
        joins(lore, "ben", "#reports", leaves=True)
        with lore.database.writing() as connection:
            digests.end_letters(connection, digest.id, lore.id("ana"))
        server.reply = "250 OK"
        at(lore, on(MONDAY + DAY, "09:30"), one)
        assert len(server.letters) == 2, "one reads it no more, the other wants no more letters"
