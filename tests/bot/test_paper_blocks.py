"""What stands of papers: taken by Slack whole, pinging and linking nothing that nobody meant."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.views import View

from bot.blocks import paper_forms as forms
from bot.blocks.papers import Paper, use_page, word_view
from bot.blocks.topics import Topic, card, list_pages
from prompts.reading import Near
from tests.bot.block_rules import assert_page

WEB = frozenset({"https://x.example"})
HOSTILE = st.text(max_size=200) | st.sampled_from(
    [
        "x" * 4_000,
        "<!channel> <@U1> <https://evil.example|here>",
        "\u202egnp.exe\r\n",
        "👩🏽‍🚀" * 100,
        "```\n*",
        "\x1b[2J\x00",
    ]
)


@settings(max_examples=15)
@given(
    HOSTILE,
    HOSTILE,
    st.sampled_from(["open", "chosen", "held", "withdrawn"]),
    st.sampled_from(["https://x.example/a", "javascript:alert(1)", "https://x.example@evil.example/"])
    | HOSTILE,
    st.sampled_from(["near", "used", "new"]),
)
def test_whatever_a_paper_is_called_it_pings_and_links_nothing(
    title: str, words: str, state: str, link: str, what: str
) -> None:
    near = tuple(Near(str(n), title, "everyone", 0.5) for n in range(3))
    paper = {
        "near": Paper(words, near, 2),
        "used": Paper(words, used="1 yes", words=(words,) * 3),
        "new": Paper(words),
    }[what]
    topic = Topic("p", title, words, "ana", state, 2, authors=words, link=link, paper=paper)
    for page in (card(topic), *list_pages([(title, [topic])], "None."), use_page("Used?", title, "t", words)):
        assert_page(page, WEB)
        assert "user_id" not in json.dumps(page.blocks)


@settings(max_examples=10)
@given(HOSTILE, HOSTILE, HOSTILE, st.sampled_from([1, 3]))
def test_whatever_is_known_the_forms_open(title: str, authors: str, abstract: str, series: int) -> None:
    known = {forms.TITLE: title, forms.AUTHORS: authors, forms.LINK: title, forms.ABSTRACT: abstract}
    names = {str(n): title or "one" for n in range(series)}
    for view in (
        forms.paper_view("{}", names, "Everybody reads it.", known, "Look it over."),
        forms.given_view("{}", title, "A note."),
        forms.waiting_view("paper-1"),
        word_view("{}", title, abstract, "Everybody reads it."),
    ):
        View(**view).validate_json()
        for block in view["blocks"]:
            element = block.get("element") or {}
            assert len(element.get("initial_value", "")) <= 3_000
            if not element.get("multiline", True):
                assert "\n" not in element.get("initial_value", "")
