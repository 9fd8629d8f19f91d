"""Markdown is cut into quotable spans: exact stretches of the document, read without Markdown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.spans import Kind, plain, spans


def texts(markdown: str) -> list[str]:
    return [span.text for span in spans(markdown)]


@pytest.mark.parametrize(
    ("prose", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        (
            "See e.g. Smith et al. for 3.5 hours. Then stop.",
            ["See e.g. Smith et al. for 3.5 hours.", "Then stop."],
        ),
        ("Ask Dr. Jones vs. Mr. Smith. He knows.", ["Ask Dr. Jones vs. Mr. Smith.", "He knows."]),
        ("It uses v1.2. then goes on.", ["It uses v1.2. then goes on."]),
        ("He said “stop.” They did.", ["He said “stop.”", "They did."]),
        ("A line that was wrapped by an editor somewhere around here,\nand goes on. End.", None),
        ("Get started\nExplore what it does.", ["Get started", "Explore what it does."]),
        ("**Bold.** Next.", ["Bold.", "Next."]),
    ],
)
def test_prose_is_cut_at_the_ends_of_sentences(prose: str, expected: list[str] | None) -> None:
    wrapped = ["A line that was wrapped by an editor somewhere around here, and goes on.", "End."]
    assert texts(prose) == (expected or wrapped)


def test_items_know_what_introduces_them_and_headings_end_that() -> None:
    found = spans("Keep in mind:\n\n- first\n  goes on\n- second\n\n# Other\n\n1. third\n")
    assert [(span.text, span.kind, span.lead and span.lead.text) for span in found] == [
        ("Keep in mind:", Kind.PROSE, None),
        ("first goes on", Kind.ITEM, "Keep in mind:"),
        ("second", Kind.ITEM, "Keep in mind:"),
        ("third", Kind.ITEM, None),
    ]


def test_a_row_is_read_with_its_columns() -> None:
    found = spans("| run | loss |\n|---|--:|\n| a | 3.2 |\n| b | |\n")
    assert [span.text for span in found] == ["run: a; loss: 3.2", "run: b"]
    assert found[0].lead is not None
    assert found[0].lead.text == "| run | loss |"


def test_rows_without_their_header_are_values() -> None:
    assert texts("| a | 3.2 |\n| b | 3.1 |\n") == ["a; 3.2", "b; 3.1"]


def test_code_is_one_span_with_the_sentence_before_it() -> None:
    found = spans("Run this:\n\n```bash\n# not a heading\nls | wc\n\nls\n```\nDone it is now.\n")
    assert [span.kind for span in found] == [Kind.PROSE, Kind.CODE, Kind.PROSE]
    assert found[1].text == "```\n# not a heading\nls | wc\n\nls\n```"
    assert found[1].lead == found[0]


def test_a_fence_that_never_closes_is_code_to_the_end() -> None:
    assert [span.kind for span in spans("```\na\n# b\n")] == [Kind.CODE]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("[words](https://a.b/(c)) and ![image](x.png)", "words and image"),
        ("**bold** _soft_ snake_case_name __init__ `x_y`", "bold soft snake_case_name init `x_y`"),
        ("a * b * c", "a * b * c"),
        ("<b>tag</b> &amp; <!-- gone --> 5 < 6", "tag & 5 < 6"),
        ("> quoted\n> more", "quoted more"),
        ("1\\. \\*literal\\*", "1. *literal*"),
        ("a\u202eb\u200bc\U000e0041d", "abcd"),
    ],
)
def test_markdown_as_it_reads(markdown: str, expected: str) -> None:
    assert plain(markdown) == expected


MARKDOWN = st.lists(
    st.sampled_from(
        [
            "# H\n",
            "- item. Next one\n",
            "1. x\n",
            "| a | b |\n",
            "|---|---|\n",
            "```\n",
            "\n",
            "text. More",
            "Ends here.\n",
            "Short\n",
            "A: \n\n",
            " e.g. ",
        ]
    )
    | st.text(max_size=12)
).map("".join)


@given(MARKDOWN, st.integers(0, 1000))
def test_every_span_is_an_exact_stretch_in_reading_order(markdown: str, base: int) -> None:
    before = base
    for span in spans(markdown, base):
        assert base <= span.start < span.end <= base + len(markdown)
        assert span.start >= before
        assert not markdown[span.start - base : span.end - base][0].isspace()
        assert span.text.strip()
        before = span.end
