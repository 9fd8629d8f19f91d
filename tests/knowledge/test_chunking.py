"""Chunks are exact stretches of a document along its headings, whatever the document holds."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.audience import EVERYONE
from knowledge.chunking import LONGEST, TARGET, chunk
from knowledge.documents import Chunk, Document

WINDOW = 256
_WORDS = re.compile(r"\w+|[^\w\s]")


def count_words(texts):
    return [len(_WORDS.findall(text)) for text in texts]


def page(text, title="A page", **more):
    return Document("wiki", "page.md", title, text, EVERYONE, "digest", **more)


def cut(text, **more) -> list[Chunk]:
    return chunk(page(text, **more), count_words, WINDOW)


LINES = st.one_of(
    st.sampled_from(
        [
            "# One",
            "## Two",
            "### Three",
            "",
            "```",
            "~~~python",
            "| a | b |",
            "|---|---|",
            "- item",
            "> quote",
        ]
    ),
    st.text(alphabet=st.characters(exclude_characters="\r\x00", exclude_categories=["Cs"]), max_size=80),
    st.sampled_from(
        ["word " * 300, "a" * 5000, "| " + "cell | " * 400, "1. " * 50, "    code", "<div>", "---"]
    ),
)
PAGES = st.lists(LINES, max_size=30).map("\n".join)


@given(PAGES)
@settings(max_examples=150, deadline=None)
def test_chunks_are_exact_in_order_and_leave_nothing_out(text):
    document = page(text)
    chunks = chunk(document, count_words, WINDOW)
    at = 0
    for number, one in enumerate(chunks):
        assert one.ordinal == number
        assert one.text == text[one.start : one.end]
        assert one.text.strip()
        assert one.start >= at
        assert not text[at : one.start].strip(), "between two chunks there is nothing but white space"
        assert one.line == text.count("\n", 0, one.start) + 1
        at = one.end
    assert not text[at:].strip()


@given(PAGES)
@settings(max_examples=150, deadline=None)
def test_every_chunk_fits_the_window_with_its_context(text):
    document = page(text)
    chunks = chunk(document, count_words, WINDOW)
    for one, tokens in zip(
        chunks, count_words([c.with_context(document.title) for c in chunks]), strict=True
    ):
        assert len(one.text) <= LONGEST
        headings = count_words([Chunk(0, "", one.section, 0, 0, 1).with_context(document.title)])[0]
        assert tokens <= max(WINDOW - 2, headings + WINDOW // 2)


def test_the_heading_path_is_the_section():
    chunks = cut("intro\n\n# Training\n\nWhy.\n\n## The *loss* `fn`\n\nIt falls.\n\n# Serving\n\nFast.")
    assert [(one.section, one.text.split("\n")[-1]) for one in chunks] == [
        ((), "intro"),
        (("Training",), "Why."),
        (("Training", "The loss fn"), "It falls."),
        (("Serving",), "Fast."),
    ]


def test_front_matter_is_not_cut():
    text = "---\nowner: a@b.example\n---\n# Head\n\nBody."
    chunks = cut(text, body_start=text.index("# Head"))
    assert [one.text for one in chunks] == ["# Head\n\nBody."]
    assert chunks[0].line == 4


def test_a_code_fence_that_fits_the_window_is_whole():
    fence = "```python\n" + "value = compute(value)\n" * 38 + "```"
    assert len(fence) > TARGET
    assert fence in [one.text for one in cut(f"# H\n\n{'Words before it. ' * 40}\n\n{fence}\n\nAfter.")]


def test_a_larger_fence_is_cut_at_line_ends():
    lines = [f"step {number}: loss {number * 3}" for number in range(300)]
    chunks = cut("```\n" + "\n".join(lines) + "\n```")
    assert len(chunks) > 1
    assert [line for one in chunks for line in one.text.split("\n")][1:-1] == lines


def test_a_table_is_cut_between_rows():
    rows = [f"| run-{number} | {'x' * 40} | 3.{number} |" for number in range(60)]
    chunks = cut("| run | note | loss |\n|---|---|---|\n" + "\n".join(rows))
    assert len(chunks) > 1
    assert [line for one in chunks for line in one.text.split("\n")][2:] == rows


def test_a_comment_in_code_is_no_heading():
    assert [one.section for one in cut("# Real\n\n```\n# not a heading\n```")] == [("Real",)]


def test_long_paragraphs_are_cut_at_sentences():
    sentence = "The optimizer was restarted from the last good checkpoint."
    chunks = cut(" ".join([sentence] * 60))
    assert len(chunks) > 3
    assert all(one.text.endswith(".") and one.text.startswith("The") for one in chunks)
    assert min(len(one.text) for one in chunks) > TARGET / 3


def test_carriage_returns_are_text():
    text = "# A\r\n\r\nOne\rtwo\r\r# not\n\n# B\n\nThree"
    chunks = cut(text)
    assert [one.section for one in chunks] == [("A",), ("B",)]
    assert all(one.text == text[one.start : one.end] for one in chunks)


def test_pages_are_not_mixed():
    text = "First page.\n\nSecond page.\n\nThird."
    chunks = cut(text, pages=(0, text.index("Second"), text.index("Third")))
    assert [(one.page, one.text) for one in chunks] == [
        (1, "First page."),
        (2, "Second page."),
        (3, "Third."),
    ]


@pytest.mark.parametrize("text", ["", "   \n\n\t\n", "\ufeff".strip("\ufeff")])
def test_a_blank_document_has_no_chunks(text):
    assert cut(text) == []


def test_a_title_larger_than_the_window_leaves_half_of_it_for_the_text():
    chunks = chunk(page("Some words. " * 200, title="very long title " * 200), count_words, WINDOW)
    assert max(count_words([one.text for one in chunks])) <= WINDOW // 2


HOSTILE = {
    "one word": "a" * 300_000,
    "headings": "# h\n" * 30_000,
    "many levels": "".join(f"{'#' * (n % 6 + 1)} h{n}\n" for n in range(20_000)),
    "wide table": "|" + "a|" * 5000 + "\n|" + "-|" * 5000 + "\n" + ("|" + "b|" * 5000 + "\n") * 5,
    "quotes": ">" * 50_000,
    "brackets": "[" * 200_000,
    "definitions": "[a]: b\n" * 30_000,
    "backticks": "`" * 200_000,
    "html": "<div>" * 50_000,
    "blank": " " * 300_000,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.timeout(30)
def test_hostile_documents_are_cut_like_any_other(name):
    text = HOSTILE[name]
    chunks = cut(text)
    assert "".join("".join(one.text.split()) for one in chunks) == "".join(text.split())


def test_a_heading_with_nothing_under_it_goes_with_the_section_below():
    chunks = cut("# Runs\n\n## Goal\n\nTo learn.\n\n# Other\n\nWords.")
    assert [(one.section, one.text) for one in chunks] == [
        (("Runs", "Goal"), "# Runs\n\n## Goal\n\nTo learn."),
        (("Other",), "# Other\n\nWords."),
    ]
