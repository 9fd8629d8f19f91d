"""What is shown while an answer is written: cards of a line each, and Markdown that marks up nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks import streamed
from bot.blocks.plain import clean
from bot.workspace import streams
from knowledge.documents import Sentence

UNSEEN = "\u200b"
MARKUP = "\\`*_{}[]()#+-.!|~="


def taken(chunks: list[dict[str, object]]) -> bool:
    """Whether the workspace, as strict as Slack at least, takes these chunks."""
    return bool(streams.content(None, chunks))


@given(st.text())
def test_literal_markdown_has_no_markup_and_loses_nothing(text: str) -> None:
    text = clean(text)
    made = streamed.literal(text)
    bare = re.sub(r"\\[" + re.escape(MARKUP) + "]", "", made)
    assert not set(bare) & set(MARKUP)
    assert "<" not in made
    assert ">" not in made
    read = re.sub(r"\\([" + re.escape(MARKUP) + "])", r"\1", made).replace(UNSEEN, "")
    assert streamed.unescaped(read) == text.replace(UNSEEN, "")


@pytest.mark.parametrize(
    "text", ["https://evil.example/x", "www.evil.example", "see evil.example", "a@evil.example", "ftp://x"]
)
def test_no_address_stays_in_one_piece(text: str) -> None:
    made = streamed.literal(text)
    assert not re.search(r"\w(?::/|\\?\.|@)\w", made)
    assert UNSEEN in made


@given(st.text(), st.lists(st.text()), st.integers(0, 10**9))
def test_cards_are_taken_whatever_the_titles(title: str, titles: list[str], count: int) -> None:
    cards = [
        streamed.card("a", title, streamed.IN_PROGRESS),
        streamed.card("b", streamed.reading(count, titles), streamed.COMPLETE),
        streamed.card("c", streamed.searching(count), streamed.ERROR),
    ]
    assert taken(streamed.chunks(cards, [], take_blocks=True))


def test_counts_are_words() -> None:
    assert streamed.searching(1) == "Searching 1 document"
    assert streamed.searching(1234) == "Searching 1,234 documents"
    titles = ["A", "B", "A", "C", "D", "E"]
    assert streamed.reading(7, titles) == "Reading 7 passages of “A”, “B”, “C”, 2 more"
    assert streamed.reading(1, []) == "Reading 1 passage"


@pytest.mark.parametrize("take_blocks", [True, False])
def test_sentences_are_taken_in_both_forms(take_blocks: bool) -> None:
    written = [Sentence("Use `rm -rf` & never <!channel>.", (1, 2)), Sentence("- one\n- two", (3,))]
    chunks = streamed.chunks([], streamed.sentences(written), take_blocks)
    assert [chunk["type"] for chunk in chunks] == ["blocks" if take_blocks else "markdown_text"]
    assert taken(chunks)
    assert not take_blocks or "<!channel>" in str(chunks)
    assert take_blocks or "<" not in chunks[0]["text"]
