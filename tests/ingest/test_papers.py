"""What pages, feeds and records say of a paper."""

import json
from typing import Any

import pytest

from ingest.parsing.converted import Part
from ingest.parsing.papers import ATOM, LONGEST_ABSTRACT, MOST_AUTHORS, PAGE, RECORD, convert_paper
from knowledge.errors import Unreadable


def said(name: str, text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(convert_paper([Part(name, text.encode())]).text)
    return found


def page(*metas: tuple[str, str], title: str = "") -> str:
    tags = "".join(f'<meta name="{name}" content="{content}">' for name, content in metas)
    return f"<!doctype html><html><head><title>{title}</title>{tags}</head><body><p>x</p></body></html>"


def test_a_page_is_read_by_what_it_says_of_itself() -> None:
    metas = (
        ("citation_title", "Gates &amp;\n caches\u202e"),
        ("citation_author", "Doe, Jane"),
        ("citation_author", "Yi Wu"),
        ("citation_abstract", "Abstract: &lt;p&gt;We gate.&lt;/p&gt;"),
        ("citation_arxiv_id", "2401.00001v3"),
    )
    told = said(PAGE, page(*metas, title="Sign in"))
    assert told == {
        "title": "Gates & caches",
        "authors": ["Jane Doe", "Yi Wu"],
        "abstract": "We gate.",
        "identifier": "arxiv:2401.00001",
    }
    assert said(PAGE, page(("DC.Title", "A"), ("dc.identifier", "doi:10.1000/AB.C")))["identifier"] == (
        "doi:10.1000/ab.c"
    )
    assert said(PAGE, page(("author", "A. One; B. Two"), title="Only a title"))["authors"] == [
        "A. One",
        "B. Two",
    ]
    with pytest.raises(Unreadable):
        said(PAGE, page())


def test_a_record_of_crossref_is_read_without_its_markup() -> None:
    record = {
        "message": {
            "title": ["The <i>budget</i> of a gate"],
            "author": [{"given": "Jane", "family": "Doe"}, {"name": "The Gate Group"}, "odd"],
            "abstract": "<jats:title>Abstract</jats:title><jats:p>We   gate &amp; measure.</jats:p>",
        }
    }
    told = said(RECORD, json.dumps(record))
    assert " ".join(told["title"].split()) == "The budget of a gate"
    assert told["authors"] == ["Jane Doe", "The Gate Group"]
    assert told["abstract"] == "We gate & measure."
    for odd in (
        "[]",
        "{}",
        '{"message": {"title": []}}',
        '{"message": {"title": "x", "author": 3}}',
        "[" * 100_000,
    ):
        with pytest.raises(Unreadable):
            said(RECORD, odd)


def test_a_feed_of_arxiv_is_read_and_its_errors_are_no_paper() -> None:
    entry = "<id>http://arxiv.org/abs/1</id><title>A\n gate</title><summary>We gate.</summary>"
    feed = '<feed xmlns="http://www.w3.org/2005/Atom">{}</feed>'
    authors = "<author><name>Jane Doe</name></author>" * 100
    told = said(ATOM, feed.format(f"<entry>{entry}{authors}</entry>"))
    assert (told["title"], told["abstract"]) == ("A gate", "We gate.")
    assert len(told["authors"]) == MOST_AUTHORS
    error = "<entry><id>http://arxiv.org/api/errors#x</id><title>Error</title></entry>"
    for odd in (feed.format(""), feed.format(error), "<!DOCTYPE a [<!ENTITY b 'c'>]><feed>&b;</feed>", "{}"):
        with pytest.raises(Unreadable):
            said(ATOM, odd)


def test_what_is_endless_is_cut() -> None:
    told = said(PAGE, page(("citation_title", "t" * 9_000), ("citation_abstract", "a" * 90_000)))
    assert len(told["title"]) == 400
    assert len(told["abstract"]) == LONGEST_ABSTRACT
