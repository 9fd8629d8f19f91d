"""How syncs are spoken of: counts, rates, times, and who asked."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.blocks.plain import one_line, shorten
from bot.journal.sync_runs import Run, Side
from bot.sync_progress import Stage

MOST_NAMED = 6
_STAGES: Mapping[str, str] = {
    "list": "looking what is there",
    "fetch": "fetching",
    "read": "reading",
    "publish": "building the index",
    "check": "asking the golden questions",
}
_SIDES: Mapping[Side, str] = {
    Side.SCHEDULE: "the schedule",
    Side.WEBHOOK: "a webhook",
    Side.START: "Lore, as it started",
}


def named(sources: Sequence[str]) -> str:
    """The names of sources, few of them."""
    shown = ", ".join(shorten(one_line(name), 80) for name in sources[:MOST_NAMED])
    rest = len(sources) - MOST_NAMED
    return f"{shown} and {rest:,} more" if rest > 0 else shown


def asked(run: Run, names: Mapping[str, str]) -> str:
    """Who asked for a sync, and from where."""
    return f"asked for by {who_asked(run, names)}"


def who_asked(run: Run, names: Mapping[str, str]) -> str:
    wanted = run.wanted
    if wanted.side in _SIDES:
        return _SIDES[wanted.side]
    who = of_people(wanted.asked_by, names)
    return f"{who} on the command line" if wanted.side is Side.COMMAND_LINE else who


def of_people(person: str, names: Mapping[str, str]) -> str:
    return shorten(one_line(names.get(person, person)), 100)


def progress_words(stage: Stage) -> str:
    """One stage: what is done, how much of it where that is known, how fast, and how long it will take."""
    told = _STAGES.get(stage.name, stage.name)
    parts = [f"{told} {stage.done:,} of {stage.total:,}" if stage.total else told]
    if stage.done and not stage.total:
        parts.append(f"{stage.done:,} found")
    if stage.per_second is not None:
        parts.append(f"{_rate(stage.per_second)} a second")
    if stage.seconds_left:
        parts.append(f"about {duration(stage.seconds_left)} left")
    if stage.chunks_embedded:
        parts.append(f"{stage.chunks_embedded:,} passages embedded")
    return " · ".join(parts)


def _rate(per_second: float) -> str:
    return f"{per_second:,.0f}" if per_second >= 10 else f"{per_second:.1f}"


def duration(seconds: float) -> str:
    """In the two largest units that matter: `12 seconds`, `3 minutes`, `2 hours 5 minutes`."""
    if seconds < 1:
        return "less than a second"
    if seconds < 90:
        return count_of(round(seconds), "second")
    minutes = round(seconds / 60)
    if minutes < 90:
        return count_of(minutes, "minute")
    hours, rest = divmod(minutes, 60)
    return count_of(hours, "hour") + (f" {count_of(rest, 'minute')}" if rest else "")


def count_of(number: int, unit: str) -> str:
    """`1 document`, `2 documents`."""
    return f"{number:,} {unit}" + ("" if number == 1 else "s")


def total_counts(report: Mapping[str, Any], failed: int) -> str:
    """The counts of a whole report, with how many documents could not be read."""
    keys = ("added", "changed", "moved", "removed", "kept")
    told = ", ".join(f"{int(report.get(key) or 0):,} {key}" for key in keys)
    return f"{told}, {failed:,} failed." if failed else f"{told}."


def change_counts(report: Mapping[str, Any]) -> str:
    """What a sync did to one source, in few words."""
    keys = ("added", "changed", "moved", "removed")
    told = [f"{int(report[key]):,} {key}" for key in keys if report.get(key)]
    return ", ".join([*told, f"{int(report.get('kept') or 0):,} kept"])
