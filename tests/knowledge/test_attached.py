"""Attached files among what the index holds: ranked by the same measures, judged as a whole, kept nowhere."""

import numpy as np
import pytest

from ingest.attached import document_of, plain_name, why_never_read
from knowledge.attached import (
    MOST_PASSAGES,
    YOUR_FILE,
    Attached,
    asks_for_the_whole,
    attached,
    beside,
    likely,
    passages_of,
)
from knowledge.audience import EVERYONE
from knowledge.chunking import chunk
from knowledge.documents import Passage
from knowledge.errors import Unreadable
from tests.fakes import HashEmbedder

EMBEDDER = HashEmbedder(dimension=256)


def passages(text: str, name: str = "a.md", after: int = 0) -> list[Passage]:
    document = document_of(YOUR_FILE, name, name, "", text.encode(), EVERYONE)
    return passages_of(document, chunk(document, EMBEDDER.count_tokens, EMBEDDER.window), after)


def test_ids_are_below_zero_and_differ_between_files() -> None:
    first = passages("# One\n\nText one.\n\n# Two\n\nText two.\n")
    second = passages("# Three\n\nText three.\n", "b.md", len(first))
    ids = [one.chunk_id for one in (*first, *second)]
    assert max(ids) < 0
    assert len(set(ids)) == len(ids)
    assert {one.revision_id for one in first}.isdisjoint(one.revision_id for one in second)


def test_quotes_are_exact() -> None:
    for one in passages("# One\n\nText one.\n\n- a\n- b\n"):
        assert one.chunk.text in "# One\n\nText one.\n\n- a\n- b\n"


def test_of_a_large_file_the_opening_and_what_shares_words_is_embedded() -> None:
    filler = "\n\n".join(f"## Part {n}\n\nNothing of interest, number {n}." for n in range(300))
    made = passages(f"# Opening\n\nThe opening.\n\n{filler}\n\n## Kestrel\n\nThe kestrel diverged.\n")
    chosen = likely("Why did the kestrel diverge?", made)
    assert len(chosen) == MOST_PASSAGES
    assert "The opening." in chosen[0].chunk.text
    assert "kestrel diverged" in chosen[-1].chunk.text
    assert chosen == sorted(chosen, key=lambda one: one.chunk.ordinal)


def test_nothing_attached_changes_nothing() -> None:
    found = object()
    empty = Attached((), np.zeros((0, 256), np.float32))
    assert beside(found, empty, None, EMBEDDER, 12) is found  # type: ignore[arg-type]
    assert attached([], EMBEDDER).vectors.shape == (0, 256)


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        ("Please summarise the attached file", True),
        ("what is this about?", True),
        ("tl;dr?", True),
        ("Give me the main points of this PDF, a short summary", True),
        ("Summarise what it says about the learning rate", False),
        ("What is the final loss?", False),
        ("", False),
    ],
)
def test_whether_the_whole_file_is_asked_for(question: str, whole: bool) -> None:
    assert asks_for_the_whole(question) == whole


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("a.md", "a.md"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/", "file"),
        ("...", "file"),
        ("a\nb\u202e.md", "a\\x0ab\\u202e.md"),
        ("x" * 500 + ".md", "x" * 120),
    ],
)
def test_a_name_is_one_plain_word(name: str, plain: str) -> None:
    assert plain_name(name) == plain


@pytest.mark.parametrize(
    ("name", "mimetype", "part"),
    [
        ("a.png", "image/png", "images"),
        ("a", "image/heic", "images"),
        ("a.svg", "image/svg+xml", "images"),
        ("a.mp3", "audio/mpeg", "sound"),
        ("a.doc", "application/msword", "Word"),
        ("a.exe", "application/x-msdownload", "this type"),
        ("noending", "application/octet-stream", "this type"),
    ],
)
def test_what_is_never_read_is_said(name: str, mimetype: str, part: str) -> None:
    assert part in str(why_never_read(name, mimetype))


@pytest.mark.parametrize("name", ["a.py", "Dockerfile", "README", "a.csv", "a.pdf", "a.docx", "a.eml"])
def test_what_may_be_read_is_not_refused_by_name(name: str) -> None:
    assert why_never_read(name, "application/octet-stream") is None
    assert why_never_read("notes", "text/plain") is None


def test_code_is_fenced_so_that_its_comments_are_no_headings() -> None:
    [one] = passages("# not a heading\nx = 1\n", "a.py")
    assert one.section == ""
    assert one.chunk.text.startswith("```python")


def test_bytes_that_are_no_text_are_refused_whatever_the_name() -> None:
    with pytest.raises(Unreadable):
        document_of(YOUR_FILE, "a.py", "a.py", "", bytes(range(256)) * 20, EVERYONE)
