"""Plain summaries: points, themes, plans kept, and the words that a lead edits."""

from hypothesis import given, settings
from hypothesis import strategies as st

from prompts.plain_summary import ALSO, BLOCKERS, KEPT, RISKS, STILL_OPEN, key, plain_summary
from prompts.points import points, says_nothing
from prompts.promises import Became, promises
from prompts.ritual import Role
from prompts.summary import By, Given, Line, Said, Section, Summary, as_text, edited, fitted
from prompts.themes import BY_WORDS, themes
from tests.bench.bench_summary import scores

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


def entry(number: int, name: str, done: str = "", plan: str = "", stuck: str = "", before: str = "") -> Given:
    said = [("Done?", done, Role.DONE), ("Next?", plan, Role.PLAN), ("Stuck?", stuck, Role.BLOCKERS)]
    return Given(
        number,
        name,
        tuple(Said(prompt, text, role) for prompt, text, role in said),
        (Said("Next?", before, Role.PLAN),) if before else (),
        number + 100,
    )


def section(summary: Summary, title: str) -> list[str]:
    return [line.text for one in summary.sections if one.title == title for line in one.lines]


def test_a_reply_is_cut_into_what_was_said() -> None:
    text = "- Finished the tokenizer ablation.\n- ran r-117, e.g. lower\n\nnone\nRead a paper. It was long"
    assert [one.text for one in points(entry(1, "Ana", done=text))] == [
        "Finished the tokenizer ablation.",
        "ran r-117, e.g. lower",
        "Read a paper.",
        "It was long",
    ]
    assert all(map(says_nothing, ("", "none", "N/A", "nothing", "-", "no blockers.", "all good")))
    assert not any(map(says_nothing, ("no GPU", "none of the shards load", "nothing loads since Monday")))


def test_what_became_of_plans_is_told_from_own_words() -> None:
    ana = entry(
        1,
        "Ana",
        done="Finished the tokenizer ablation. The loader test is not written.",
        plan="Write up the cluster migration",
        before="tokenizer ablation\nwrite the loader test\ncluster migration\ncall the vendor",
    )
    assert [one.became for one in promises(ana)] == [
        Became.DONE,
        Became.NOT_DONE,
        Became.PLANNED_AGAIN,
        Became.NOT_MENTIONED,
    ]
    assert [one.entries for one in promises(ana)] == [(1, 101), (1, 101), (1, 101), (101,)]


def test_a_plain_summary_has_everybody_in_their_own_words() -> None:
    summary = plain_summary(
        [
            entry(1, "Ana", done="Finished the tokenizer ablation", before="tokenizer ablation"),
            entry(2, "Ben", done="Compared the tokenizer on code", stuck="Waiting for the cluster quota"),
            entry(3, "Chloe", plan="Interview a candidate", before="call the vendor"),
            entry(4, "Dee", done="The loss may slip"),
        ],
        tracked={(2, key("Waiting for the cluster quota")): "with Ana"},
    )
    assert section(summary, "Tokenizer") == [
        "Finished the tokenizer ablation",
        "Compared the tokenizer on code",
    ]
    assert section(summary, BLOCKERS) == ["Waiting for the cluster quota (with Ana)"]
    assert section(summary, RISKS) == ["The loss may slip"]
    assert section(summary, ALSO) == ["Interview a candidate"]
    assert section(summary, KEPT) == ["tokenizer ablation"]
    assert section(summary, STILL_OPEN) == ["call the vendor (not mentioned)"]
    assert {1, 2, 3, 4} <= summary.entries
    assert all(line.by is By.ENTRY for line in summary.lines)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS, TEXTS), max_size=5))
def test_every_line_stands_in_the_entries_it_names(replies: list[tuple[str, str, str, str]]) -> None:
    given_ = [entry(at, f"P{at}", *texts) for at, texts in enumerate(replies, 1)]
    summary = plain_summary(given_)
    known = {at: " ".join(" ".join(texts).split()) for at, texts in enumerate(replies, 1)}
    for line in summary.lines:
        assert line.entries
        assert {entry % 100 for entry in line.entries} <= known.keys()
    assert Summary.from_json(summary.to_json()) == summary
    speaking = {one.id for one in given_ if points(one)}
    assert speaking <= summary.entries


def test_themes_find_what_belongs_together() -> None:
    """As measured by `python -m tests.bench summary`."""
    f1, precision, _ = scores(BY_WORDS.alike, BY_WORDS.enough)
    assert precision > 0.9
    assert f1 > 0.9
    assert themes([], BY_WORDS) == []


def test_what_a_lead_leaves_alone_keeps_its_entries() -> None:
    before = Summary((Section("Blockers", (Line("No quota", (2,)),)), Section("Also", (Line("Read", (1,)),))))
    text = as_text(before, 3_000)
    assert edited(text, before) == before
    changed = edited(text.replace("Read", "Ana read a paper") + "\n\nNote:\n* we go on", before)
    assert [
        (one.title, [(line.text, line.entries, line.by) for line in one.lines]) for one in changed.sections
    ] == [
        ("Blockers", [("No quota", (2,), By.ENTRY)]),
        ("Also", [("Ana read a paper", (), By.LEAD)]),
        ("Note", [("we go on", (), By.LEAD)]),
    ]
    assert len(as_text(before, 14)) <= 14


def test_t50_without_an_entry_nothing_rests_on_it() -> None:
    summary = Summary((Section("A", (Line("x", (1, 2)), Line("y", (3,)))), Section("B", (Line("z", (2,)),))))
    assert summary.without({2}) == Summary((Section("A", (Line("y", (3,)),)),))


def test_the_longest_sections_give_way() -> None:
    lines = tuple(Line(str(at)) for at in range(5))
    fit = fitted([Section("A", lines), Section("B", lines[:1])], 3)
    assert [(one.title, len(one.lines), one.left_out) for one in fit] == [("A", 2, 3), ("B", 1, 0)]
