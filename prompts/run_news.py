"""Which runs of a stretch of time were best, against which baseline, and which failed; pure.

Numbers stand as the logs have them; nothing is computed but which of two is larger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from prompts.bars import Bar, chart
from prompts.digest import cut

FAILED = frozenset(
    {"failed", "crashed", "killed", "error", "errored", "diverged", "aborted", "oom", "timeout"}
)
SAME_DATA = ("data", "dataset", "dataset_name", "task", "benchmark", "corpus")
"""Parameters that say on what a run was measured: values of others are not compared with it."""
MEASURED = ("test", "val", "valid", "validation", "eval", "dev")
"""How the metrics begin that say more than a training loss."""
MOST_DRAWN = 6


@dataclass(frozen=True, slots=True)
class Value:
    """The last value of a metric; None where it is no number. `direction` is "min", "max" or None."""

    metric: str
    direction: str | None
    value: float | None


@dataclass(frozen=True, slots=True)
class OneRun:
    """A run as it is compared; `key` names its document."""

    key: str
    source: str
    name: str
    status: str
    notes: str
    params: Mapping[str, Any]
    tags: Sequence[str]
    last: Sequence[Value]

    @property
    def failed(self) -> bool:
        return self.status.strip().lower() in FAILED

    @property
    def of(self) -> str:
        """On what it was measured; empty where its parameters do not say."""
        named = {name.lower(): value for name, value in self.params.items()}
        found = next((named[name] for name in SAME_DATA if named.get(name) not in (None, "")), "")
        return " ".join(str(found).split())

    @property
    def is_baseline(self) -> bool:
        return any("baseline" in text.lower() for text in (self.name, *self.tags))


@dataclass(frozen=True, slots=True)
class RunNews:
    """What there is to say of runs on one thing; `keys` are of every run that is named in it."""

    title: str
    words: str
    details: tuple[str, ...]
    lines: str
    keys: tuple[str, ...]


def run_news(new: Sequence[OneRun], others: Sequence[OneRun]) -> list[RunNews]:
    """What `new` runs brought, by what they were measured on, against those of `others` that are earlier."""
    groups: dict[tuple[str, str], list[OneRun]] = {}
    for one in new:
        groups.setdefault((one.source, one.of), []).append(one)
    fresh = {one.key for one in new}
    return [
        _news(runs, [one for one in others if (one.source, one.of) == group and one.key not in fresh])
        for group, runs in groups.items()
    ]


def _news(new: Sequence[OneRun], earlier: Sequence[OneRun]) -> RunNews:
    title = new[0].of or new[0].source
    done, failed = [one for one in new if not one.failed], [one for one in new if one.failed]
    metric = _metric(done, earlier)
    measured = [] if metric is None else _ranked(done, metric)
    details = [_failure(one) for one in failed[:3]]
    if len(failed) > 3:
        details.append(f"and {len(failed) - 3} more failed")
    if metric is None or not measured:
        names = ", ".join(cut(one.name, 60) for one in done[:3])
        words = f"{_runs(len(new))}" + (f": {names}" if names else "")
        return RunNews(title, words, tuple(details), "", tuple(one.key for one in (*done[:3], *failed[:3])))
    best, value = measured[0]
    baseline, called = _baseline(earlier, new, best, metric)
    words = f"best of {_runs(len(new))}: {cut(best.name, 80)}, {metric.metric} {value!r} ({_better(metric)})"
    shown = [best, *failed[:3]]
    bars = [Bar(one.name, number, repr(number)) for one, number in measured[: MOST_DRAWN - 1]]
    if baseline is not None:
        number = _value(baseline, metric.metric)
        assert number is not None, "a baseline has the metric"
        words += f"; {_compared(value, number, metric)} {called} {cut(baseline.name, 80)}, {number!r}"
        bars.insert(0, Bar(baseline.name, number, f"{number!r} ({called})"))
        shown.append(baseline)
    shown += [one for one, _ in measured[1 : MOST_DRAWN - 1]]
    bars += [Bar(one.name, None, cut(one.status, 20)) for one in failed[:2]]
    lines = chart(bars) if len(bars) > 1 else ""
    return RunNews(title, words, tuple(details), lines, tuple(dict.fromkeys(one.key for one in shown)))


def _metric(done: Sequence[OneRun], earlier: Sequence[OneRun]) -> Value | None:
    """What the runs are compared by: of the metrics with a direction, one measured aside from training first,
    then one that an earlier run has, too, then the first of the log."""
    known = {one.metric for run in earlier for one in run.last}
    directed = [one for run in done for one in run.last if one.direction and _finite(one.value)]
    aside = [one for one in directed if one.metric.lower().split("/")[0].split("_")[0] in MEASURED]
    candidates = aside or directed
    return next((one for one in candidates if one.metric in known), next(iter(candidates), None))


def _ranked(runs: Sequence[OneRun], metric: Value) -> list[tuple[OneRun, float]]:
    found = [(one, value) for one in runs if (value := _value(one, metric.metric)) is not None]
    return sorted(found, key=lambda pair: pair[1], reverse=metric.direction == "max")


def _baseline(
    earlier: Sequence[OneRun], new: Sequence[OneRun], best: OneRun, metric: Value
) -> tuple[OneRun | None, str]:
    """The run that is called a baseline, the newest first; else the best before."""
    named = [one for one in (*new, *earlier) if one.is_baseline and one.key != best.key and not one.failed]
    known = [one for one in named if _value(one, metric.metric) is not None]
    if known:
        return known[0], "the baseline"
    before = _ranked([one for one in earlier if not one.failed], metric)
    return (before[0][0], "the best before") if before else (None, "")


def _value(run: OneRun, metric: str) -> float | None:
    found = next((one.value for one in run.last if one.metric == metric), None)
    return found if _finite(found) else None


def _finite(value: float | None) -> bool:
    return value is not None and isfinite(value)


def _compared(value: float, baseline: float, metric: Value) -> str:
    if value == baseline:
        return "as good as"
    better = value > baseline if metric.direction == "max" else value < baseline
    return "better than" if better else "not as good as"


def _better(metric: Value) -> str:
    return "more is better" if metric.direction == "max" else "less is better"


def _failure(run: OneRun) -> str:
    why = cut(run.notes, 160)
    return f"{cut(run.name, 80)}: {cut(run.status, 40)}{f' ({why})' if why else ''}"


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"
