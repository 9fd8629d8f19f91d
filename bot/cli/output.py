"""How the command line shows things: JSON for scripts, progress bars for people."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ingest.report import Progress as SyncProgress

if TYPE_CHECKING:
    from rich.console import Console

WIDE = 200
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
    """A bar on standard error for each stage of each source; none when `quiet`, or when nobody is looking."""
    if quiet or not sys.stderr.isatty():
        yield lambda _progress: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description:24}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:>9}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=Console(stderr=True),
        transient=True,
    ) as bars:
        tasks: dict[tuple[str, str], Any] = {}

        def show(told: SyncProgress) -> None:
            key = (told.source, told.stage)
            if key not in tasks:
                stage = _STAGES.get(told.stage, told.stage)
                name = f"{told.source}: {stage}" if told.source else stage
                tasks[key] = bars.add_task(name, total=None, note="", rate="")
            speed = bars.tasks[bars.task_ids.index(tasks[key])].speed
            note = f"{told.chunks_embedded:,} chunks embedded" if told.chunks_embedded else ""
            rate = f"{speed:,.1f}/s" if speed else ""
            bars.update(tasks[key], completed=told.done, total=told.total or None, note=note, rate=rate)

        yield show
