"""Three questions to discuss: the team's own first, and no word that nobody wrote."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from prompts.brief import MOST, Known, to_discuss

NOW = datetime(2026, 3, 20, tzinfo=UTC)
OLD = Known("Cache", "We keep 40 GB of it.", datetime(2025, 1, 7, tzinfo=UTC))
FRESH = Known("Trainer", "The trainer keeps the last 3 checkpoints.", datetime(2026, 3, 1, tzinfo=UTC))


def test_what_the_team_has_asked_comes_first_and_the_same_once() -> None:
    asked = ["How is the cache evicted?", "how is the cache evicted", "What is rope scaling?", "And vLLM?"]
    assert to_discuss(asked, [], NOW)[:2] == ("How is the cache evicted?", "What is rope scaling?")


def test_what_is_old_and_what_can_be_checked_come_next() -> None:
    assert to_discuss([], [FRESH, OLD], NOW) == (
        "“Cache” was changed last in January 2025: what of it still holds?",
        "“Trainer” says “The trainer keeps the last 3 checkpoints”: is that what you see, too?",
        "Who here has tried it, and what went wrong?",
    )


def test_what_was_superseded_goes_before_what_is_old() -> None:
    superseded = Known("Optimiser", "We use Adam.", None, None, "Optimiser, again")
    draft = Known("Plan", "We use Adam.", None, "Draft")
    assert to_discuss([], [OLD, superseded], NOW)[0].startswith("“Optimiser” was superseded by")
    assert to_discuss([], [draft], NOW)[0] == "“Plan” is marked as draft: what of it counts?"


def test_of_a_paper_other_things_are_asked() -> None:
    assert to_discuss([], [], NOW, paper=True)[0].startswith("What does it claim")


known = st.builds(
    Known,
    st.text(max_size=30),
    st.text(max_size=120),
    st.none() | st.integers(0, 2000).map(lambda days: NOW - timedelta(days=days)),
    st.none() | st.sampled_from(["draft", "deprecated", "final"]),
    st.none() | st.text(max_size=20),
)


@given(st.lists(st.text(max_size=80), max_size=6), st.lists(known, max_size=4), st.booleans())
def test_there_are_three_and_no_two_alike(asked: list[str], found: list[Known], paper: bool) -> None:
    questions = to_discuss(asked, found, NOW, paper=paper)
    assert len({one.casefold() for one in questions}) == MOST == len(questions)
