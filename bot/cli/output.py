"""How the command line shows things: JSON for scripts, progress bars for people."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ingest.report import Progress as SyncProgress

if TYPE_CHECKING:
    from rich.console import Console

WIDE = 200
LONGEST = 32  # characters of a stage with its source
_STAGES = {
    "list": "looking",
    "fetch": "fetching",
    "read": "reading",
    "publish": "publishing",
    "check": "checking",
    "ask": "asking",
}


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def console() -> "Console":
    """Standard output as it is read: as wide as the terminal, and wide enough in a file or a pipe."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else WIDE
    return Console(highlight=False, markup=False, width=width)


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[SyncProgress], None]]:
    """A bar on standard error for what is being done: for all sources together, or for each that is looked at
    or fetched beside others; none when `quiet`, or when nobody is looking."""
    if quiet or not sys.stderr.isatty():
        yield lambda _progress: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Column

    with Progress(
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, max_width=LONGEST)),
        BarColumn(),  # in a narrow terminal this gives way
        MofNCompleteColumn(table_column=Column(no_wrap=True)),
        TextColumn("{task.fields[rate]}", table_column=Column(no_wrap=True)),
        TimeRemainingColumn(table_column=Column(no_wrap=True)),
        TextColumn("{task.fields[note]}", table_column=Column(no_wrap=True)),
        console=Console(stderr=True),
        transient=True,
    ) as bars:
        tasks: dict[tuple[str, str], Any] = {}

        def show(told: SyncProgress) -> None:
            key = (told.source, told.stage)
            for over in _over(key, tasks):
                bars.remove_task(tasks.pop(over))
            if key not in tasks:
                stage = _STAGES.get(told.stage, told.stage)
                name = f"{told.source}: {stage}" if told.source else stage
                tasks[key] = bars.add_task(name, total=None, note="", rate="")
            note = f"{told.chunks_embedded:,} chunks embedded" if told.chunks_embedded else ""
            bars.update(tasks[key], completed=told.done, total=told.total or None, note=note)
            speed = bars.tasks[bars.task_ids.index(tasks[key])].speed
            bars.update(tasks[key], rate=f"{speed:,.1f}/s" if speed else "")

        yield show


def _over(told: tuple[str, str], shown: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Which of the stages shown (source and stage) are over when this one is told of: the others of its
    source, or all others where it is about every source."""
    return [one for one in shown if one != told and told[0] in ("", one[0])]
