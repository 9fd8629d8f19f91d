"""The Home and its modals: whatever text goes in, Slack takes it and it stands there literally (PO-03)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from bot.blocks.citations import Look
from bot.blocks.home import (
    DELETE,
    OPEN,
    answer_view,
    ask_view,
    closed_view,
    delete_view,
    home_view,
    said_view,
)
from bot.home import ForAdmins, HomePage, Recent
from bot.suggesting import Prompt
from bot.workspace import checks
from knowledge.documents import Answer, Citation, Searched, Sentence
from tests.bot.block_rules import NEVER, texts
from tests.bot.sync_strategies import CARDS

NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
HOSTILE = st.one_of(
    st.text(max_size=400),
    st.sampled_from(
        [
            "<!channel> <@U0000ADA1> <https://evil.example|click>",
            "\u202ereversed\x00 \ud83d",
            "*bold* `code` :wave: &amp; <script>",
            "x" * 5_000,
            " \n\t ",
            "",
        ]
    ),
)
SUGGESTED = st.builds(Prompt, st.text(min_size=1, max_size=90), st.text(min_size=1, max_size=90))
PAGES = st.builds(
    HomePage,
    zone=HOSTILE,
    prompts=st.lists(
        st.builds(Prompt, st.text(min_size=1, max_size=90), st.text(min_size=1, max_size=90)), max_size=4
    ).map(tuple),
    recent=st.lists(
        st.builds(Recent, st.just("q1"), HOSTILE, st.just(NOW), st.booleans(), HOSTILE), max_size=5
    ).map(tuple),
    private_answers=st.booleans(),
    quiet_help=st.booleans(),
    searched=st.builds(
        Searched, st.integers(0, 9), st.integers(0, 9), st.lists(HOSTILE, max_size=3).map(tuple)
    ),
    version=st.just(3),
    published_at=st.none() | st.just(NOW),
    now=st.just(NOW),
    admin=st.none()
    | st.builds(
        ForAdmins,
        st.integers(0, 10**6),
        cards=st.lists(CARDS, max_size=7, unique_by=lambda card: card.name).map(tuple),
        number=st.integers(0, 3),
        trouble=st.just("") | HOSTILE,
    ),
)


def assert_view(view: dict[str, Any]) -> None:
    """Slack takes the view, and no text in it means anything but itself."""
    checks.view(view)
    for block in view["blocks"]:
        Block.parse(dict(block)).to_dict()
    assert not {kind for kind in kinds(view["blocks"]) if kind in ("mrkdwn", "link", "user", "channel")}
    assert not NEVER & set("".join(texts(view["blocks"])))


def kinds(value: Any) -> Iterator[str]:
    match value:
        case dict():
            if isinstance(value.get("type"), str):
                yield value["type"]
            for each in value.values():
                yield from kinds(each)
        case list() | tuple():
            for each in value:
                yield from kinds(each)


@settings(max_examples=60)
@given(PAGES)
def test_po03_any_home_is_literal_and_taken(page: HomePage) -> None:
    assert_view(home_view(page, "D01234567"))


@settings(max_examples=60, deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_po03_an_answer_that_is_read_again_is_literal_and_taken(asked: str, said: str, quote: str) -> None:
    citation = Citation(1, "wiki/a.md", "wiki", "a.md", said, "", quote, 0, len(quote), "everyone")
    answer = Answer(
        asked, (Sentence(said, (1,)),), (citation,), (), Searched(1, 1, ("wiki",)), 1, "extractive", (quote,)
    )
    view = answer_view(asked, answer, Look(NOW))
    assert_view(view)
    assert "button" not in set(kinds(view["blocks"]))


@pytest.mark.parametrize(
    "view",
    [
        ask_view("D01234567"),
        closed_view(),
        said_view("Ask Lore", "x"),
        delete_view("<!here>", "{}"),
    ],
)
def test_the_other_views_are_taken(view: dict[str, Any]) -> None:
    assert_view(view)


def test_an_answer_can_be_opened_only_where_there_is_one_to_show() -> None:
    recent = (Recent("q1", "asked", NOW, True, "Said."), Recent("q2", "asked too", NOW, False))
    page = HomePage("UTC", (), recent, False, True, Searched(0, 0, ()), 0, None, NOW)
    blocks = home_view(page, "D1")["blocks"]
    menus = [block["accessory"]["options"] for block in blocks if "accessory" in block]
    offered = [[option["value"].partition(":")[0] for option in menu] for menu in menus]
    assert offered == [[OPEN, DELETE], [DELETE]]
