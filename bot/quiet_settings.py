"""`[quiet_help]` of lore.toml: where Lore helps unasked, how long it waits, how often, and who sees it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from knowledge.errors import SettingsError

_CHANNEL = re.compile(r"#[^\s#@,]{1,80}|[CG][A-Z0-9]{7,}")


SURE = 0.80
"""Measured with the packaged embedding model: see docs/decisions/0101-quiet-help.md."""

NOT_MEASURED = (
    "quiet help is off: how sure is sure enough was measured with the packaged embedding model, and "
    "another one is set; write [quiet_help] threshold in lore.toml (docs/quiet-help.md)"
)
"""For the log and `lore doctor`, where no threshold holds."""


@dataclass(frozen=True, slots=True)
class QuietSettings:
    """`channels` are names (`#general`) or ids; people may turn it on and off in each. `wait` is how long
    people have to answer first. `aloud` answers in the thread, not to the asker alone. An answer is given
    from the confidence `threshold` (0 to 1) on; None where none is known for the embedding model: then quiet
    help is off everywhere."""

    channels: frozenset[str] = frozenset()
    wait: timedelta = timedelta(minutes=2)
    most_a_day: int = 5
    aloud: bool = False
    threshold: float | None = SURE


def quiet_settings(config: str, table: Mapping[str, Any], packaged: bool = True) -> QuietSettings:
    """Read the table (`config` is the file's name); `packaged` says whether the embedding model is ours.

    Raises SettingsError, naming value and fix.
    """
    channels = table.get("channels", [])
    for one in channels:
        if not isinstance(one, str) or not _CHANNEL.fullmatch(one):
            raise SettingsError(
                f'quiet_help.channels in {config} are names such as "#general", in quotes, not {one!r}.'
            )
    shown_to = table.get("shown_to", "asker")
    if shown_to not in ("asker", "channel"):
        raise SettingsError(
            f'quiet_help.shown_to in {config} must be "asker" or "channel", not {shown_to!r}.'
        )
    return QuietSettings(
        channels=frozenset(channels),
        wait=timedelta(minutes=_positive(config, "wait_minutes", table.get("wait_minutes", 2))),
        most_a_day=int(_positive(config, "most_a_day", table.get("most_a_day", 5))),
        aloud=shown_to == "channel",
        threshold=_threshold(config, table.get("threshold", SURE if packaged else None)),
    )


def _threshold(config: str, value: float | None) -> float | None:
    if value is not None and not 0 < value <= 1:
        raise SettingsError(f"quiet_help.threshold in {config} must be above 0 and at most 1, not {value!r}.")
    return value


def _positive(config: str, name: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise SettingsError(f"quiet_help.{name} in {config} must be more than 0, not {value!r}.")
    return value
