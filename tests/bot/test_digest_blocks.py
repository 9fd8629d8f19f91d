"""A digest as a message and as a letter: one message whatever is in it, and nothing in it links or pings."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.blocks.citations import Look
from bot.blocks.digests import Chosen, Shown, Told, digest_page, letter_html, letter_text, settings_view
from bot.digests.sections import Entry
from bot.letter_html import safe_html
from tests.bot.block_rules import assert_page, texts

LOOK = Look(datetime(2026, 3, 2, tzinfo=UTC), frozenset({"https://wiki.example"}))
LONG = "x" * 1_200
WORDS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "<!channel>",
            "<@U012AB3CD>",
            "<https://evil.example|wiki>",
            "x" * 9_000,
            "\u202e\x00",
            "a\r\nBcc: b",
        ]
    ),
)
URLS = st.sampled_from(
    [
        None,
        "https://wiki.example/a",
        "https://evil.example/",
        "javascript:alert(1)",
        'https://wiki.example/"><',
    ]
)
ENTRIES = st.builds(Entry, WORDS, WORDS, st.lists(WORDS, max_size=2), WORDS, URLS)
SECTIONS = st.lists(
    st.builds(Shown, WORDS.map(lambda text: text or "s"), st.lists(ENTRIES, min_size=1, max_size=3)),
    min_size=1,
    max_size=4,
)


@settings(deadline=None, max_examples=25)
@given(WORDS.map(lambda text: f"New {text}"), SECTIONS, st.lists(WORDS, max_size=3))
def test_t62_whatever_is_in_it_it_is_one_message_and_one_letter_that_link_and_ping_nothing(
    title: str, sections: list[Shown], notes: list[str]
) -> None:
    told = Told(title, sections, notes)
    assert_page(digest_page(told, LOOK, "c0123456789"), frozenset({"https://wiki.example"}))
    page = letter_html(told, LOOK, "Turn it off.")
    links = re.findall(r'href="([^"]*)"', page)
    assert all(link.startswith("https://wiki.example/") for link in links)
    assert re.findall(r'href="([^"]*)"', safe_html(page)) == links
    assert "\r" not in letter_text(told, "Turn it off.")


@pytest.mark.parametrize("long", ["<&>" * 3_000, '"🐣\\' * 3_000])
def test_ten_sections_of_long_entries_are_one_message(long: str) -> None:
    entry = Entry(long, title=long, details=[long] * 9, lines="\n".join([long] * 9))
    told = Told(long, [Shown(long, [entry] * 9)] * 10, [long] * 9)
    assert_page(digest_page(told, LOOK, "c0123456789"))


def test_what_does_not_fit_is_counted_section_by_section() -> None:
    few = Shown("Pages", [Entry(f"page {number}") for number in range(3)])
    many = Shown("Runs", [Entry(f"run {number}", details=["because"]) for number in range(30)])
    shown = list(texts(digest_page(Told("New", [few, many]), LOOK).blocks))
    assert "page 2" in shown
    assert "run 7" in shown
    assert "run 8" not in shown
    assert [one for one in shown if "more" in one] == ["and 22 more"]
    letter = letter_text(Told("New", [few, many]), "Turn it off.")
    assert "run 29" in letter
    assert "more" not in letter
    assert letter.endswith("Turn it off.")


def test_a_chart_keeps_its_width_and_a_link_leads_where_it_may() -> None:
    entry = Entry(
        "0.81", title="Best run", details=["baseline 0.79"], lines="a ███\nb █", url="https://wiki.example/r"
    )
    page = digest_page(Told("New", [Shown("Runs", [entry])]), LOOK)
    wire = str(page.blocks)
    assert "'rich_text_preformatted'" in wire
    assert "'url': 'https://wiki.example/r', 'text': 'Best run'" in wire
    html = letter_html(Told("New", [Shown("Runs", [entry])]), LOOK, "")
    assert '<a href="https://wiki.example/r"><b>Best run</b></a>: 0.81' in html
    assert "<pre>a ███\nb █</pre>" in html


def test_the_form_asks_for_a_zone_in_a_channel_and_for_the_way_of_a_person() -> None:
    chosen = Chosen("every Monday", "09:00", {"pages": "Pages", "runs": "Runs"}, ["pages"], way="mail")
    mine = settings_view("Your digest", chosen, "{}")
    assert [block.get("block_id") for block in mine["blocks"]][-1] == "digest_way"
    assert "No mail server is set up here" in str(mine)
    theirs = settings_view("The digest of #general", Chosen("daily", "09:00", {}, [], zone="UTC"), "{}")
    ids = [block.get("block_id") for block in theirs["blocks"]]
    assert ids == [None, "digest_days", "digest_at", "digest_zone"], "nothing is offered without sections"
