"""Reports and summaries as blocks: whatever people and models wrote, Slack takes it, and only code links."""

import json
from datetime import date, time

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.blocks.standup_reports import (
    Attendance,
    Told,
    draft_steps,
    edit_view,
    entry_pages,
    head_page,
    short_page,
    summary_page,
)
from bot.journal.entries import Entry
from bot.rituals.report_view import links
from prompts.ritual import Prompt, Standup
from prompts.summary import By, Line, Section, Summary
from tests.bot.block_rules import assert_page, texts
from tests.prompts.injections import INJECTIONS

DAY = date(2026, 3, 2)
OURS = frozenset({"https://heron.slack.com"})
PLACES = {1: ("C1", "1700000000.000100", "1700000000.000001"), 2: ("C1", "1700000000.000200", "")}
NASTY = st.one_of(
    st.text(max_size=400),
    st.sampled_from(
        [*INJECTIONS, "@channel", "@here", "<!everyone>", "<@U123456789>", "<https://e.example|x>"]
    ),
)
QUICKLY = (Phase.explicit, Phase.reuse, Phase.generate)  # what fails is long, and shrinks for minutes
STANDUP = Standup("Daily", ("#team",), (Prompt("done", "What did you do?"),), "every day", time(9))


def told(names: int = 3) -> Told:
    people = tuple(f"Person {at}" for at in range(names))
    return Told(
        name="Daily",
        slot=DAY,
        attendance=Attendance(answered=people, late=people[:1], waiting=people, away=("Gil",)),
        authors={1: "Ana", 2: "Ben"},
        links=links(PLACES, "https://heron.slack.com/"),
        lead="Chloe",
    )


def test_links_lead_to_the_message_in_its_thread() -> None:
    assert links(PLACES, "https://heron.slack.com/") == {
        1: "https://heron.slack.com/archives/C1/p1700000000000100?thread_ts=1700000000.000001&cid=C1",
        2: "https://heron.slack.com/archives/C1/p1700000000000200",
    }
    assert links(PLACES, "") == {}


def test_every_line_ends_with_links_to_its_entries() -> None:
    lines = (Line("No quota", (1, 2)), Line("We go on", by=By.LEAD))
    page = summary_page(
        Summary((Section("Blockers", lines),)), told(), ["a note"], draft_steps(7, modelled=True)
    )
    assert_page(page, OURS)
    wire = json.dumps(page.blocks)
    assert wire.count('"type": "link"') == 2
    said = "".join(texts(page.blocks))
    assert "No quota — Ana, Ben" in said
    assert "We go on — Chloe" in said
    assert said.index("3 of 6 answered: Person 0 (late), Person 1") < said.index("No quota")


@settings(max_examples=60, deadline=None, phases=QUICKLY)
@given(
    st.lists(st.tuples(NASTY, st.lists(NASTY, max_size=12)), max_size=6),
    st.integers(0, 600),
    st.sampled_from(By),
)
def test_t62_whatever_is_in_it_a_summary_is_one_message_that_pings_nobody(
    sections: list[tuple[str, list[str]]], names: int, by: By
) -> None:
    made = [Section(title, tuple(Line(text, (1, 2), by) for text in some)) for title, some in sections]
    page = summary_page(Summary(tuple(made)), told(names), ["a note"], draft_steps(7, modelled=True))
    assert_page(page, OURS)
    assert_page(head_page("".join(title for title, _ in sections)[:200], DAY, told(names).attendance), OURS)
    assert_page(short_page("Nobody answered.", told(names)), OURS)
    view = edit_view("{}", told(names), Summary(tuple(made)), "in #team", at_once=False)
    assert len(json.dumps(view).encode()) < 250_000


def test_t45_a_summary_of_five_hundred_says_how_much_it_leaves_out() -> None:
    sections = tuple(
        Section(f"Theme {at}", tuple(Line("a word " * 30, (1, 2)) for _ in range(25))) for at in range(20)
    )
    page = summary_page(Summary(sections), told(500))
    assert_page(page, OURS)
    assert "more in the entries" in "".join(texts(page.blocks))
    assert "and 460 more" in "".join(texts(page.blocks))


@settings(max_examples=60, deadline=None, phases=QUICKLY)
@given(NASTY, NASTY, st.booleans())
def test_t62_an_entry_is_shown_as_it_was_typed_and_links_nothing(name: str, reply: str, late: bool) -> None:
    entry = Entry("r", DAY, "U1", replies={"done": reply or "x"}, late=late, edited_at=1.0, id=1)
    for page in entry_pages(entry, STANDUP, name or "Ana"):
        assert_page(page, OURS)


def test_t45_a_reply_of_ten_thousand_characters_is_split_and_whole() -> None:
    reply = "All work and no play. " * 500
    pages = entry_pages(Entry("r", DAY, "U1", replies={"done": reply}, id=1), STANDUP, "Ana")
    assert len(pages) > 1
    for page in pages:
        assert_page(page, OURS)
    assert (
        reply.split()
        == " ".join(" ".join(texts(page.blocks)) for page in pages).split()[-len(reply.split()) :]
    )
