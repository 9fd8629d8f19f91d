"""Whatever documents, models and people write, Slack gets only what we allow, in portions that it takes."""

from datetime import UTC, datetime, timedelta

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.blocks.answers import answer_pages, no_answer_pages
from bot.blocks.citations import Look, age, label, link, origin
from bot.blocks.markdown import parse
from bot.blocks.pages import Page
from bot.blocks.passages import passage_view
from bot.blocks.plain import clean, escape, escaped_bytes, json_bytes, pieces, shorten
from bot.blocks.rich_text import rich_text
from knowledge.documents import Answer, Citation, NoAnswer, Searched, Sentence
from tests.bot.block_rules import assert_block, assert_page, texts

NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
WIKI = "https://wiki.example.org"
LOOK = Look(now=NOW, origins=frozenset({WIKI}), owners={"U0000ADA": "Ada"})

NASTY = st.sampled_from(
    [
        "<!channel>", "<!here|x>", "<@U0000ADA>", "<#C123|general>", "<https://evil.example|click>",
        "https://evil.example/?q=1", "[go](https://evil.example)", "![x](https://evil.example/p.png)",
        "&lt;!channel&gt;", "&", "@channel", ":tada:", "*b*", "_i_", "~s~", "`c`", "```\ncode\n```", "> q",
        "- a\n- b", "1. a\n2. b", "| a | b |\n|---|---|\n| 1 | 2 |", "# h", "\x1b[31m", "\x00", "\u202e",
        "\ufeff",
        "\ud800", "👩‍👩‍👧‍👦", "🏳️‍🌈", "e\u0301", "שלום", "مرحبا", "\r\n", "\n\n", "\u2028", "\\", '"',
        "<script>", "javascript:alert(1)", "    indented", "***", "[[[[[", "](", "\U000e0041",
    ]
)  # fmt: skip
ANY_TEXT = st.lists(NASTY | st.text(max_size=80), max_size=12).map("".join) | st.text(max_size=400)
ANY_TIME = st.none() | st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2060, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@st.composite
def citations(draw: st.DrawFn, n: int = 1) -> Citation:
    return Citation(
        n=n,
        document_id=draw(ANY_TEXT),
        source="wiki",
        path=draw(ANY_TEXT),
        title=draw(ANY_TEXT),
        section=draw(ANY_TEXT),
        quote=draw(ANY_TEXT),
        start=draw(st.integers(0, 500)),
        end=draw(st.integers(0, 900)),
        audience_key="everyone",
        line=draw(st.none() | st.integers(1, 10**6)),
        page=draw(st.none() | st.integers(1, 10**4)),
        url=draw(st.none() | ANY_TEXT | ANY_TEXT.map(lambda tail: f"{WIKI}/{tail}")),
        updated_at=draw(ANY_TIME),
        owner=draw(st.none() | ANY_TEXT),
        status=draw(st.none() | ANY_TEXT),
        superseded_by=draw(st.none() | ANY_TEXT),
    )


def reference(n: int) -> str:
    return f"0123456789abcdef:{n}"


def make_answer(sentences: list[str], cited: list[Citation], notices: tuple[str, ...] = ()) -> Answer:
    numbers = tuple(one.n for one in cited)
    return Answer(
        question="?",
        sentences=tuple(Sentence(text, numbers[:3]) for text in sentences),
        citations=tuple(cited),
        passages=(),
        searched=Searched(3, 9, ("wiki",)),
        version=1,
        writer="extractive",
        notices=notices,
    )


def one_citation(n: int = 1, **changed: object) -> Citation:
    values: dict[str, object] = {
        "n": n, "document_id": "wiki/checkpoints.md", "source": "wiki", "path": "checkpoints.md",
        "title": "Checkpoints", "section": "Checkpoints › Retention", "quote": "We keep the last three.",
        "start": 10, "end": 33, "audience_key": "everyone", "line": 4,
        "updated_at": NOW - timedelta(days=100),
    }  # fmt: skip
    return Citation(**{**values, **changed})  # type: ignore[arg-type]


def words(pages: list[Page]) -> str:
    return "\n".join(text for page in pages for text in texts(page.blocks))


@settings(max_examples=120, deadline=None)
@given(
    st.lists(ANY_TEXT, max_size=6),
    st.lists(citations(), max_size=3),
    st.lists(ANY_TEXT, max_size=2),
    ANY_TEXT,
)
def test_po01_any_answer_is_made_of_allowed_elements_within_the_limits(
    sentences: list[str], cited: list[Citation], notices: list[str], note: str
) -> None:
    answer = make_answer(sentences, cited, tuple(notices))
    for page in answer_pages(answer, reference, LOOK, note):
        assert_page(page, LOOK.origins)


@settings(max_examples=60, deadline=None)
@given(ANY_TEXT, st.lists(citations(), max_size=3), st.booleans())
def test_any_no_answer_too(reason: str, nearest: list[Citation], private: bool) -> None:
    outcome = NoAnswer("?", reason, tuple(nearest), (), Searched(2, 5, (reason,)), 1)
    for page in no_answer_pages(outcome, reference, LOOK, private):
        assert_page(page, LOOK.origins)


@settings(max_examples=60, deadline=None)
@given(citations(), ANY_TEXT)
def test_any_passage_opens_in_a_modal(citation: Citation, text: str) -> None:
    view = passage_view(citation, text, 20, LOOK)
    assert len(view["title"]["text"]) <= 24
    for block in view["blocks"]:
        assert_block(block, LOOK.origins)


@settings(max_examples=120, deadline=None)
@given(ANY_TEXT, st.integers(20, 200))
def test_pieces_lose_nothing_and_cut_no_character(text: str, most: int) -> None:
    text = clean(text)
    cut = list(pieces(text, most))
    assert "".join(cut) == text
    assert all(json_bytes(piece) <= most for piece in cut)
    whole = {one for one in regex.findall(r"\X", text) if json_bytes(one) <= most}
    seen = [one for piece in cut for one in regex.findall(r"\X", piece)]
    assert whole <= set(seen)


def test_a_huge_answer_is_split_and_every_word_of_it_arrives() -> None:
    line = "The 👩‍👩‍👧‍👦 family של words & <things> go on. "
    fence = "```python\n" + "print('x' * 80)  # more\n" * 200 + "```"
    long_url = f"{WIKI}/" + "x" * 10_000
    cited = [one_citation(n, url=long_url if n == 1 else None) for n in range(1, 301)]
    made = answer_pages(make_answer([line * 600, fence], cited), reference, LOOK)
    assert len(line * 600) > 25_000
    for page in made:
        assert_page(page, LOOK.origins)
    said = words(made)
    assert said.count("family של words & <things>") == 600
    assert said.count("print('x' * 80)") == 200
    assert "300. Checkpoints › Retention" in said or "left out" in said
    assert long_url not in said


def test_fifty_thousand_characters_fit_and_a_million_are_bounded() -> None:
    fifty = answer_pages(make_answer(["word " * 10_000], [one_citation()]), reference, LOOK)
    assert words(fifty).count("word ") >= 9_990
    assert "left out" not in words(fifty)
    million = answer_pages(make_answer(["word " * 200_000] * 3, [one_citation()]), reference, LOOK)
    assert len(million) <= 12
    assert "left out" in words(million)[-200:]
    for page in million:
        assert_page(page)


def test_one_character_larger_than_a_message_is_cut_all_the_same() -> None:
    zalgo = "a" + "\u0301" * 20_000
    for page in answer_pages(make_answer([zalgo], []), reference, LOOK):
        assert_page(page)


@pytest.mark.parametrize(
    "text",
    ["<!channel>", "<@U0000ADA> *bold* _it_ ~x~ `y`", "&lt;!here&gt;", "<https://evil.example|x>", ":tada:"],
)
def test_po02_titles_files_and_owners_are_literal(text: str) -> None:
    cited = one_citation(title=text, section="", owner=text, document_id=f"wiki/{text}.md", quote=text)
    [page] = answer_pages(make_answer(["Fine."], [cited]), reference, LOOK)
    said = list(texts(page.blocks))
    assert f"1. {text}" in said
    assert text in said  # the quote
    assert any(f"wiki/{text}.md" in one and f"owner {text}" in one for one in said)
    assert escape(text) in page.text


@given(ANY_TEXT)
def test_po06_what_nobody_sees_is_not_posted(text: str) -> None:
    hostile = f"a\x1b[31mb\x00\u202ec\u2066\U000e0041{text}"
    cited = one_citation(title=hostile, section="", owner=hostile, quote=hostile)
    for page in answer_pages(make_answer([hostile], [cited]), reference, LOOK):
        for said in (page.text, *texts(page.blocks)):
            assert not set(said) & set("\x00\x1b\x7f\x9b\u202e\u2066\u200f\U000e0041")


def test_markdown_keeps_its_style_and_loses_its_links() -> None:
    blocks = rich_text(
        parse("Use **bold** and `code`, see [the guide](https://evil.example) <https://a.example>")
    )
    assert list(texts(blocks)) == ["Use ", "bold", " and ", "code", ", see the guide https://a.example"]
    styles = [part.get("style") for part in blocks[0]["elements"][0]["elements"]]
    assert styles == [None, {"bold": True}, None, {"code": True}, None]


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        (f"{WIKI}/page.md", True),
        (f"{WIKI}/a b%20c?x=1#y", True),
        (f"{WIKI}:443/page", False),
        (f"{WIKI}:8443/page", False),
        ("http://wiki.example.org/page", False),
        ("https://ada@wiki.example.org/page", False),
        ("https://ada:pw@wiki.example.org/page", False),
        ("https://wiki.example.org.evil.example/page", False),
        ("https://wiki.example.org\\@evil.example/page", False),
        ("https://evil.example/page", False),
        ("javascript:alert(1)", False),
        (f"{WIKI}/\u202egpj.exe", False),
        (f"{WIKI}/\n", False),
        ("https://[::1/page", False),
        ("https://wiki.example.org:port/", False),
        (f"{WIKI}/" + "x" * 10_000, False),
        ("", False),
        (None, False),
    ],
)
def test_po05_only_known_places_are_linked(url: str | None, linked: bool) -> None:
    assert (link(url, LOOK) is not None) is linked


def test_a_source_on_a_port_or_plain_http_may_be_linked_when_admins_said_so() -> None:
    assert origin("http://wiki.local:8080/{path}") == "http://wiki.local:8080"
    look = Look(now=NOW, origins=frozenset({"http://wiki.local:8080"}))
    assert link("http://wiki.local:8080/a", look) == "http://wiki.local:8080/a"
    assert link("http://wiki.local/a", look) is None


def test_a_citation_without_a_link_has_a_button_and_one_with_a_link_has_none() -> None:
    [page] = answer_pages(
        make_answer(["Fine."], [one_citation(1), one_citation(2, url=f"{WIKI}/b")]), reference, LOOK
    )
    buttons = [block["accessory"] for block in page.blocks if "accessory" in block]
    assert [(button["action_id"], button["value"]) for button in buttons] == [("open_passage", reference(1))]
    assert f'"url": "{WIKI}/b"' in str(page.blocks).replace("'", '"')


@pytest.mark.parametrize(
    ("days", "told"),
    [(0, "updated today"), (1, "updated 1 day ago"), (13, "updated 1 week ago"),
     (100, "updated 3 months ago"), (800, "updated 2 years ago"), (-40, "dated 2026-10-11")],
)  # fmt: skip
def test_age(days: int, told: str) -> None:
    assert age(NOW - timedelta(days=days), NOW) == told
    assert age(None, NOW) == "age unknown"


def test_what_is_superseded_or_deprecated_says_so() -> None:
    cited = one_citation(superseded_by="wiki/new.md", status="deprecated", owner="U0000ADA")
    said = words(answer_pages(make_answer(["Fine."], [cited]), reference, LOOK))
    assert "owner Ada · ⚠ superseded by wiki/new.md · ⚠ deprecated" in said


def test_no_answer_says_what_was_searched_and_whom_to_ask() -> None:
    outcome = NoAnswer(
        "?", "", (one_citation(owner="U0000ADA"),), (), Searched(34, 1200, ("wiki", "runs")), 3
    )
    said = words(no_answer_pages(outcome, reference, LOOK, private=False))
    assert "I searched 34 documents (1,200 passages) in wiki, runs." in said
    assert "ask Ada (owns “Checkpoints › Retention”)" in said
    assert "direct message" in said
    assert "direct message" not in words(no_answer_pages(outcome, reference, LOOK, private=True))


def test_the_quote_is_marked_in_its_passage() -> None:
    text = "Before. We keep the last three. After."
    view = passage_view(one_citation(start=108, end=131), text, 100, LOOK)
    parts = view["blocks"][1]["elements"][0]["elements"]
    assert [part["text"] for part in parts] == ["Before. ", "We keep the last three.", " After."]
    assert [part.get("style") for part in parts] == [None, {"bold": True}, None]


def test_label_does_not_repeat_the_title() -> None:
    assert label(one_citation()) == "Checkpoints › Retention"
    assert label(one_citation(section="Checkpoints")) == "Checkpoints"
    assert label(one_citation(section="Other")) == "Checkpoints › Other"


def test_fallback_never_cuts_an_entity() -> None:
    text = shorten("<" * 50, 41, escaped_bytes)
    assert escape(text) == "&lt;" * 9 + "…"
