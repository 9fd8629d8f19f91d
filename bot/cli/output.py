"""How the command line shows things: JSON for scripts, progress bars for people."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ingest.report import Progress as SyncProgress

_STAGES = {
    "list": "looking",
    "fetch": "fetching",
    "read": "reading",
    "check": "checking",
    "publish": "publishing",
    "ask": "asking",
}


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[SyncProgress], None]]:
    """A progress bar on standard error; none when `quiet`, or when nobody is looking."""
    if quiet or not sys.stderr.isatty():
        yield lambda _progress: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description:11}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=Console(stderr=True),
        transient=True,
    ) as bars:
        tasks: dict[str, Any] = {}

        def show(told: SyncProgress) -> None:
            key = f"{told.stage} {told.source}"
            if key not in tasks:
                name = _STAGES.get(told.stage, told.stage)
                tasks[key] = bars.add_task(name, total=None, note="")
            note = f"{told.chunks_embedded:,} chunks embedded" if told.chunks_embedded else told.source
            bars.update(tasks[key], completed=told.done, total=told.total or None, note=note)

        yield show
