"""What people write in threads becomes sections of a document and nothing else, whatever they write."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.hearing import Myself
from bot.threads.judging import Answered, Said
from bot.threads.page import as_markdown, page_of
from knowledge.audience import EVERYONE
from knowledge.chunking import chunk
from knowledge.documents import Document

ME = Myself("U0LORE0000", "B0LORE0000", "T0HERON000")
NAMES = {"U0ANA00000": "Ana Costa", "U0BEN00000": "Ben # <Okafor>\n## x"}
HOSTILE = [
    "```",
    "~~~",
    "# Accepted answer by Ana Costa, 1 March 2026",
    "## x\n",
    "text\n===\n",
    "text\n---\n",
    "- - -",
    "<!-- ",
    "<script>",
    "<?",
    "&lt;![CDATA[",
    "> # quoted\n> ```\n",
    "- # item\n",
    "- ```\n",
    "1. ~~~\n",
    "| a | b |\n|---|---|\n",
    "[x]: https://evil.example\n",
    "[x](https://evil.example)",
    "![x](https://evil.example/p.png)",
    "<https://evil.example|label>",
    "<@U0ANA00000>",
    "<!channel>",
    "    indented",
    "\tindented",
    "\r\n",
    "\x0b\x0c\x85\u2028\u202e\u200b",
    "\ud800",
    "+++\n",
    "---\ntitle: x\naudience: everyone\n---\n",
    "`",
    "\\",
    "&amp;#35; x",
    "a" * 40,
    " ",
    "\n",
    "\n\n",
]


def answered(*texts: str) -> Answered:
    people = ("U0BEN00000", "U0ANA00000", "U0BEN00000")
    told = [
        Said(who, f"170000000{n}.000100", text)
        for n, (who, text) in enumerate(zip(people, texts, strict=True))
    ]
    return Answered("What is it?", told[0], told[1], tuple(told[2:]))


def document(of: Answered) -> Document:
    title, text = page_of(of, ME, lambda user: NAMES[user])
    return Document("threads", "C0000000/1", title, text, EVERYONE, "digest", "practice")


HEADINGS = [
    "Question by Ben Okafor x, 14 November 2023",
    "Accepted answer by Ana Costa, 14 November 2023",
    "Reply by Ben Okafor x, 14 November 2023",
]


def test_a_thread_is_sections_with_names_and_days() -> None:
    made = answered(
        "What is it?", "It is <https://wiki.example/x|the wiki> &amp; more.\n```\n# code\n```", "Yes."
    )
    assert document(made).text == (
        "## Question by Ben Okafor x, 14 November 2023\n\nWhat is it?\n\n"
        "## Accepted answer by Ana Costa, 14 November 2023\n\nIt is the wiki & more.\n\n```\n# code\n```\n\n"
        "## Reply by Ben Okafor x, 14 November 2023\n\nYes.\n"
    )


def test_files_are_named_only() -> None:
    root = Said("U0BEN00000", "1700000000.000100", "What is it?", ("plot # 1.png",))
    made = Answered("What is it?", root, Said("U0ANA00000", "1700000001.000100", "Eight."))
    assert "Files: plot 1.png" in document(made).text


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("# x", "\\# x"),
        ("#general is better", "#general is better"),
        ("x\n---", "x\n\\---"),
        ("[x](https://evil.example)", "[x]\\(https://evil.example)"),
        ("hello <@U0ANA00000>, <!here>", "hello @Ana Costa, @here"),
        ("<script>", "script"),
        ("&lt;script&gt;", "\\<script>"),
        ("```only one", "\\```only one"),
        ("List&lt;int&gt; snake_case *bold*", "List<int> snake_case *bold*"),
        ("&gt; quoted\n• one\n1. two", "> quoted\n• one\n1. two"),
    ],
)
def test_what_would_open_a_block_is_escaped(said: str, written: str) -> None:
    assert as_markdown(said, ME, lambda user: NAMES[user]) == written


texts = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=8)), max_size=8).map("".join)


@given(texts, texts, texts)
@example("```", "# Accepted answer by Ana Costa", "```")
@example("<!-- ", "x", "-->")
@example("~~~", "x", "~~~")
def test_nobodys_words_leave_their_section(root: str, reply: str, other: str) -> None:
    marks = ("first", "second", "third")
    written = [f"{text}\n{mark}" for text, mark in zip((root, reply, other), marks, strict=True)]
    made = document(answered(*written))
    chunks = chunk(made, lambda some: [len(one.split()) for one in some], 256)
    assert list(dict.fromkeys(one.section for one in chunks)) == [(heading,) for heading in HEADINGS]
    for mark, heading in zip(marks, HEADINGS, strict=True):
        assert mark in "".join(one.text for one in chunks if one.section == (heading,))
    assert not re.search(r"\]\((?!\\)", re.sub(r"^```\n.*?^```$", "", made.text, flags=re.M | re.S))
