"""Briefs, recaps and what askers are told, as blocks: Slack takes whatever is in them, only code links."""

import json
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.blocks.asked_again import Again, again_pages
from bot.blocks.citations import Look
from bot.blocks.recaps import (
    Listed,
    Shown,
    asking_pages,
    draft_pages,
    edit_view,
    list_pages,
    materials_view,
    recap_pages,
    settled_pages,
)
from bot.blocks.talk_briefs import Brief, brief_pages
from bot.blocks.web_links import web_link
from bot.journal.records import Question
from knowledge.documents import Answer, Citation, Searched, Sentence
from tests.bot.block_rules import assert_page, texts
from tests.prompts.injections import INJECTIONS

NOW = datetime(2026, 3, 20, tzinfo=UTC)
PAPER = "https://arxiv.org"
TEAM = "https://heron.slack.com"
OURS = frozenset({PAPER, TEAM})
NASTY = st.one_of(
    st.text(max_size=300),
    st.sampled_from(
        [*INJECTIONS, "@channel", "<!everyone>", "<@U123456789>", "<https://e.example|x>", "a\r\nb"]
    ),
)
ADDRESSES = st.sampled_from(
    ["", "javascript:alert(1)", "data:text/html,x", f"{TEAM}/files/a", f"{PAPER}/abs/1?x=<y>", "x" * 3_000]
)
QUICKLY = (Phase.explicit, Phase.reuse, Phase.generate)


def citation(n: int, text: str) -> Citation:
    return Citation(
        n, "wiki/a.md", "wiki", "a.md", text, text, text, 0, len(text), "everyone", url="https://e.example/"
    )


def answer(text: str) -> Answer:
    return Answer(
        text, (Sentence(text or "x", (1,)),), (citation(1, text),), (), Searched(1, 1, ("wiki",)), 1, "x"
    )


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JAVASCRIPT://x.example/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//x.example/a",
        "https://user:secret@x.example/",
        "https://good.example@evil.example/",
        "https:///a",
        "https://x.example/a b",
        "https://x.example/\r\nX: y",
        "https://x.example/\u202egpj",
        "http://[::1",
        f"https://x.example/{'a' * 1_000}",
        "",
    ],
)
def test_what_is_no_plain_web_address_is_not_linked(address: str) -> None:
    assert web_link(address) is None


@given(st.text(max_size=60).map(lambda rest: f"https://x.example/{rest}") | st.text(max_size=80))
def test_what_is_linked_goes_where_it_says_and_holds_no_odd_character(address: str) -> None:
    link = web_link(address)
    if link is not None:
        assert urlsplit(link).scheme in ("http", "https")
        assert urlsplit(link).hostname == urlsplit(address).hostname
        assert link.isascii()
        assert not set(link) & set('<>|" \r\n\t')


@settings(max_examples=60, deadline=None, phases=QUICKLY)
@given(NASTY, NASTY, st.lists(NASTY, max_size=12), ADDRESSES, ADDRESSES)
def test_a_recap_is_one_message_that_pings_nobody_and_links_what_was_given(
    title: str, speakers: str, lines: list[str], recording: str, slides: str
) -> None:
    shown = Shown(
        title, "20 March 2026", speakers, "\n".join(lines)[:3_000], recording, slides, f"{PAPER}/abs/2"
    )
    [recap] = recap_pages(shown)
    assert_page(recap, OURS)
    for page in (
        *draft_pages(shown, title, "t1"),
        *settled_pages("Posted.", shown),
        *asking_pages("t1", f"Thank you for “{title}”"),
        *list_pages([Listed("t1", title, "20 March 2026", "posted")] * 20),
    ):
        assert_page(page, OURS)
    for view in (edit_view("{}", title, "\n".join(lines), "#team"), materials_view("{}", title, {})):
        assert len(json.dumps(view).encode()) < 250_000


@settings(max_examples=60, deadline=None, phases=QUICKLY)
@given(NASTY, NASTY, NASTY, st.booleans())
def test_a_brief_and_what_askers_are_told_link_nothing_but_what_code_knows(
    title: str, said: str, authors: str, known: bool
) -> None:
    found = citation(1, said)
    paper = {"link": f"{PAPER}/abs/1", "authors": [authors, title], "abstract": said * 40}
    sentences = (Sentence(said or "x", (1,)),) if known else ()
    brief = Brief(
        title, "On Friday.", sentences, (found,) if known else (), (found,), (said, title, "Why?"), paper
    )
    for page in brief_pages(brief, Look(NOW, OURS)):
        assert_page(page, OURS)
    before = Question("T1", "C1", "1.0", "1.0", "U1", said, {}, (), 1)
    for page in again_pages("You asked.", [Again(before, answer(said))], Look(NOW, OURS)):
        assert_page(page, OURS)


def test_a_recap_that_is_too_long_for_one_message_says_so() -> None:
    shown = Shown("Caches", "20 March 2026", "Ana", "\n".join(["- " + "語" * 140] * 20))
    [page] = recap_pages(shown)
    assert "too long for Slack" in "".join(texts(page.blocks))
