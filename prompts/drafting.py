"""What a stand-up entry could say, put together from somebody's own runs and commits: pure, nothing invented.

Names, statuses and numbers are copied as the logs have them; no sentence is made of anything else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from prompts.ritual import Prompt, ReplyKind, Role

MOST_CHARACTERS = 2500
MOST_RUNS = 8
MOST_METRICS = 3
MOST_SUBJECTS = 6
SUBJECT_CHARACTERS = 120
UNDER_WAY = frozenset({"running", "scheduled", "queued", "started", "in progress", "in_progress", "pending"})
"""What trackers call a run that has not ended."""


@dataclass(frozen=True, slots=True)
class DraftRun:
    """A run of the person's: its name and status as the log has them, and the last value of each metric in
    the log's order; `ended` is False while it is under way."""

    name: str
    status: str
    ended: bool
    metrics: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class DraftCommit:
    """A commit of the person's: the name of its repository, and its first line."""

    repository: str
    subject: str


def drafted(
    prompts: Sequence[Prompt], runs: Sequence[DraftRun], commits: Sequence[DraftCommit]
) -> dict[str, str]:
    """Replies by the keys of the prompts; prompts of which the runs and commits tell nothing are left out.

    What was done goes to the first prompt that asks for it, what is under way to the first that asks for a
    plan, and the only run to a prompt that takes a run.
    """
    ended = [run for run in runs if run.ended]
    under_way = [run for run in runs if not run.ended]
    texts = {
        Role.DONE: [*_runs(ended), *_commits(commits)],
        Role.PLAN: [f"{_name(run)} is under way" for run in under_way[:MOST_RUNS]],
    }
    found: dict[str, str] = {}
    for role, lines in texts.items():
        asked = next((one for one in prompts if one.role is role and one.kind is ReplyKind.TEXT), None)
        if asked is not None and lines:
            found[asked.key] = _within(lines)
    takes_run = next((one for one in prompts if one.kind is ReplyKind.RUN), None)
    if takes_run is not None and len(runs) == 1:
        found[takes_run.key] = runs[0].name
    return found


def _runs(runs: Sequence[DraftRun]) -> Iterable[str]:
    for run in runs[:MOST_RUNS]:
        status = f" ({_line(run.status)})" if run.status else ""
        numbers = ", ".join(f"{name} {number(value)}" for name, value in run.metrics[:MOST_METRICS])
        yield f"{_name(run)}{status}" + (f": {numbers}" if numbers else "")
    if len(runs) > MOST_RUNS:
        yield f"… and {len(runs) - MOST_RUNS} more runs"


def _commits(commits: Sequence[DraftCommit]) -> Iterable[str]:
    by_repository: dict[str, list[str]] = {}
    for commit in commits:
        by_repository.setdefault(commit.repository, []).append(_line(commit.subject))
    for repository, subjects in by_repository.items():
        shown = "; ".join(subjects[:MOST_SUBJECTS])
        more = len(subjects) - MOST_SUBJECTS
        yield f"{repository}: {shown}" + (f"; … and {more} more commits" if more > 0 else "")


def number(value: float) -> str:
    """A number as the log has it: 60 for 60.0, no digit more or less otherwise."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _name(run: DraftRun) -> str:
    return f"Run {_line(run.name)}"


def _line(text: str) -> str:
    """One line of at most SUBJECT_CHARACTERS."""
    line = " ".join(text.split())
    return line if len(line) <= SUBJECT_CHARACTERS else line[: SUBJECT_CHARACTERS - 1] + "…"


def _within(lines: Sequence[str]) -> str:
    """As many whole lines as fit into a reply."""
    kept: list[str] = []
    for at, line in enumerate(lines):
        item = f"- {line}"[:MOST_CHARACTERS]
        if sum(map(len, kept)) + len(kept) + len(item) > MOST_CHARACTERS:
            return "\n".join([*kept, f"… and {len(lines) - at} more"])
        kept.append(item)
    return "\n".join(kept)


def counted(runs: int, commits: int) -> str:
    """`2 runs and 3 commits`."""
    counts = ((runs, "run"), (commits, "commit"))
    parts = (f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts if count)
    return " and ".join(parts)
