"""What stands in invitations: taken by Slack whole, pinging and linking nothing that nobody meant."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.blocks.invitations import (
    COMING,
    FILE,
    NOT_COMING,
    Card,
    Listed,
    Phase,
    announcement_page,
    count_line,
    list_pages,
    told_page,
)
from prompts.attending import Facts
from tests.bot.block_rules import assert_page, texts

CARD = Card("t1", "Lunch", "Caches", 1_774_611_000.0, "Europe/Berlin", 45, speakers=("Ben",))
MEET = frozenset({"https://meet.example", "http://meet.example"})
HOSTILE = st.text(max_size=200) | st.sampled_from(
    [
        "x" * 10_000,
        "a\r\nBEGIN:VEVENT\r\n",
        "<!channel> <@U1> <https://evil.example|here>",
        "\u202egnp.exe",
        "👩🏽‍🚀" * 500,
        "```\n*",
        "\x1b[2J\x00",
    ]
)


@settings(max_examples=30)
@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE, st.lists(HOSTILE, max_size=3), st.sampled_from(Phase))
def test_whatever_a_talk_is_called_it_is_one_message_that_pings_and_links_nothing(
    title: str, series: str, place: str, description: str, speakers: list[str], phase: Phase
) -> None:
    card = replace(
        CARD, title=title, series=series, place=place, description=description, speakers=tuple(speakers)
    )
    was = Facts(0.0, 30, description, series)
    for page in (
        announcement_page(card, phase, count_line(3, 2, 3)),
        told_page("Told.", card, (NOT_COMING, FILE), was),
        *list_pages([Listed(card, "You come.", (COMING,))] * 3, "Nothing."),
    ):
        assert_page(page)
        assert "user_id" not in json.dumps(page.blocks)


@pytest.mark.parametrize(
    ("place", "linked"),
    [
        ("https://meet.example/lunch?a=1", True),
        ("http://meet.example/", True),
        ("javascript:alert(1)", False),
        ("https://user:secret@meet.example/x", False),
        ("Room 2, or https://meet.example/x", False),
        ("https://meet.example/a b", False),
        ("https://meet.example/\u202e", False),
        ("file:///etc/passwd", False),
    ],
)
def test_the_address_of_a_call_is_linked_as_it_stands_and_nothing_else_is(place: str, linked: bool) -> None:
    page = announcement_page(replace(CARD, place=place), Phase.COMES, "")
    assert ('"type": "link"' in json.dumps(page.blocks)) is linked
    assert_page(page, MEET)


def test_everybody_sees_their_own_time_and_notifications_the_organisers() -> None:
    page = announcement_page(CARD, Phase.COMES, "")
    assert '"type": "date"' in json.dumps(page.blocks)
    assert '"timestamp": 1774611000' in json.dumps(page.blocks)
    assert "Friday, 27 March 2026 at 12:30 (Europe/Berlin)" in page.text


def test_how_many_come_is_said_in_plain_words() -> None:
    assert count_line(0, 0, None) == "Nobody has said yet that they come."
    assert (count_line(1, 0, None), count_line(4, 0, None)) == ("1 comes", "4 come")
    assert count_line(2, 0, 12) == "2 of 12 places taken"
    assert count_line(12, 1, 12) == "12 of 12 places taken · 1 waits"
    assert count_line(13, 2, 12) == "13 of 13 places taken · 2 wait", "there were more when they came"


def test_who_speaks_is_named_or_looked_for_or_everybody() -> None:
    three = replace(CARD, speakers=("Ana", "Ben", "Chloe"))
    shown = [
        "\n".join(texts(announcement_page(one, Phase.COMES, "").blocks))
        for one in (three, replace(CARD, speakers=()), replace(CARD, speakers=(), sought=True))
    ]
    assert "With Ana, Ben and Chloe" in shown[0]
    assert "The floor is open" in shown[1]
    assert "still looked for" in shown[2]
