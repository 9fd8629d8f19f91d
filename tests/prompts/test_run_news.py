"""Runs as news: which is best, against what, and which failed; numbers only as the logs have them."""

import re
from math import inf, nan

from hypothesis import given
from hypothesis import strategies as st

from prompts.run_news import OneRun, Value, run_news

SPECIAL = (nan, inf, None)


def run(name: str, *last: Value, status: str = "finished", data: str = "digits", notes: str = "") -> OneRun:
    return OneRun(f"runs/{name}", "runs", name, status, notes, {"data": data}, (), last)


def loss(value: float | None) -> Value:
    return Value("val_loss", "min", value)


def test_less_is_better_where_the_log_says_so_and_a_baseline_is_what_is_called_one() -> None:
    earlier = [run("quick-win", loss(0.1)), run("small-baseline", loss(0.5))]
    [told] = run_news([run("wide", loss(0.4)), run("deep", loss(0.6))], earlier)
    assert told.words == (
        "best of 2 runs: wide, val_loss 0.4 (less is better); better than the baseline small-baseline, 0.5"
    )
    assert [line.split()[0] for line in told.lines.split("\n")] == ["small-baseline", "wide", "deep"]


def test_without_a_baseline_it_is_the_best_before_on_the_same_data() -> None:
    earlier = [run("old", loss(0.3)), run("older", loss(0.2)), run("elsewhere", loss(0.01), data="wine")]
    [told] = run_news([run("wide", loss(0.4))], earlier)
    assert told.words.endswith("; not as good as the best before older, 0.2")
    [told] = run_news([run("wide", loss(0.4))], [])
    assert told.words == "best of 1 run: wide, val_loss 0.4 (less is better)"
    assert told.lines == ""


def test_a_metric_that_was_measured_aside_says_more_than_the_loss_of_training() -> None:
    train = Value("train_loss", "min", 0.01)
    [told] = run_news([run("wide", train, Value("test/accuracy", "max", 0.9))], [run("old", train)])
    assert "test/accuracy 0.9 (more is better)" in told.words


def test_failed_runs_are_told_with_their_notes_and_are_never_best() -> None:
    failed = run("deep", loss(0.0), status="crashed", notes="Out of memory at step 400.")
    [told] = run_news([failed, run("wide", loss(0.4))], [])
    assert told.words.startswith("best of 2 runs: wide")
    assert told.details == ("deep: crashed (Out of memory at step 400.)",)
    [told] = run_news([failed], [run("old", loss(0.2))])
    assert told.words == "1 run"


values = st.one_of(st.floats(-1e6, 1e6), st.sampled_from(SPECIAL))
runs = st.lists(st.tuples(values, st.sampled_from(["finished", "failed"])), min_size=1, max_size=6)


@given(runs, runs, st.sampled_from(["min", "max"]))
def test_every_number_that_is_told_stands_in_a_log(
    new: list[tuple[float | None, str]], earlier: list[tuple[float | None, str]], direction: str
) -> None:
    def made(some: list[tuple[float | None, str]], letter: str) -> list[OneRun]:
        return [
            run(f"{letter * (place + 1)}", Value("val_x", direction, value), status=status)
            for place, (value, status) in enumerate(some)
        ]

    logged = {repr(value) for value, _ in (*new, *earlier)}
    for told in run_news(made(new, "n"), made(earlier, "e")):
        text = told.words.partition(":")[2] + told.lines
        assert set(re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", text)) <= logged
