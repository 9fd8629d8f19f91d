"""Drafts from runs and commits: nothing is in them that the logs do not say."""

import re

from hypothesis import given
from hypothesis import strategies as st

from prompts.drafting import (
    MOST_CHARACTERS,
    DraftCommit,
    DraftRun,
    counted,
    drafted,
    number,
)
from prompts.ritual import Prompt, ReplyKind, Role

DONE = Prompt("done", "What did you do?", role=Role.DONE)
PLAN = Prompt("plan", "What is next?", role=Role.PLAN)
BLOCKERS = Prompt("blockers", "What is in the way?", role=Role.BLOCKERS)
RUN = Prompt("run", "Which run?", ReplyKind.RUN)
PROMPTS = (DONE, PLAN, BLOCKERS)

WIDE = DraftRun("digits-mlp-wide", "finished", True, (("val_accuracy", 0.9666), ("epochs", 60.0)))


def test_what_was_done_is_copied_from_runs_and_commits() -> None:
    commits = [DraftCommit("trainer", "Warm up for 2000 steps"), DraftCommit("trainer", "Fix the loader")]
    assert drafted(PROMPTS, [WIDE], commits) == {
        "done": "- Run digits-mlp-wide (finished): val_accuracy 0.9666, epochs 60\n"
        "- trainer: Warm up for 2000 steps; Fix the loader"
    }


def test_what_is_under_way_is_planned_and_never_done() -> None:
    assert drafted(PROMPTS, [DraftRun("big", "running", False)], []) == {"plan": "- Run big is under way"}


def test_nothing_is_drafted_of_nothing_nor_for_prompts_that_ask_for_something_else() -> None:
    assert drafted(PROMPTS, [], []) == {}
    assert drafted((BLOCKERS,), [WIDE], []) == {}
    choice = Prompt("done", "How was it?", ReplyKind.CHOICE, Role.DONE, choices=("good", "bad"))
    assert drafted((choice,), [WIDE], []) == {}


def test_a_prompt_for_a_run_is_filled_in_only_where_there_is_no_choice() -> None:
    assert drafted((RUN,), [WIDE], []) == {"run": "digits-mlp-wide"}
    assert drafted((RUN,), [WIDE, WIDE], []) == {}


def test_many_runs_and_commits_are_counted_not_hidden() -> None:
    runs = [DraftRun(f"r{n}", "", True) for n in range(12)]
    commits = [DraftCommit("trainer", f"c{n}") for n in range(9)]
    text = drafted(PROMPTS, runs, commits)["done"]
    assert "… and 4 more runs" in text
    assert "… and 3 more commits" in text


def test_how_much_a_draft_is_made_of_is_said_in_words() -> None:
    assert counted(1, 0) == "1 run"
    assert counted(2, 1) == "2 runs and 1 commit"


names = st.text(min_size=1, max_size=300).filter(lambda text: bool(text.split()))
finite = st.floats(allow_nan=False, allow_infinity=False)
runs = st.lists(
    st.builds(
        DraftRun,
        names,
        st.sampled_from(["", "finished", "failed"]),
        st.just(True),
        st.lists(st.tuples(st.sampled_from(["loss", "accuracy"]), finite), max_size=3).map(tuple),
    ),
    max_size=12,
)
commits = st.lists(st.builds(DraftCommit, st.sampled_from(["a", "b"]), names), max_size=40)


@given(runs, commits)
def test_a_draft_fits_the_form_and_every_number_is_one_of_the_log(
    found: list[DraftRun], made: list[DraftCommit]
) -> None:
    text = drafted(PROMPTS, found, made).get("done", "")
    assert len(text) <= MOST_CHARACTERS + 20
    logged = {number(value) for run in found for _, value in run.metrics}
    for line in text.split("\n"):
        if line.startswith("- Run ") and re.search(r"\): |: (loss|accuracy) ", line):
            said = re.findall(r"(?:loss|accuracy) (-?[0-9][0-9.e+-]*)(?=, |$)", line)
            assert set(said) <= logged


@given(finite)
def test_a_number_is_the_one_that_was_logged(value: float) -> None:
    assert float(number(value)) == value
