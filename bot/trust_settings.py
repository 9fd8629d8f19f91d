"""`[experts]` and `[trust]` of lore.toml: who is asked about what, and how long things hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from knowledge.errors import SettingsError

_PLACE = re.compile(r"#\S+")
_PERSON = re.compile(r"[^@\s]+@[^@\s]+|@\S+|[UW][A-Z0-9]{7,}")


@dataclass(frozen=True, slots=True)
class TrustSettings:
    """`experts` maps a channel (`#name`, or `default` for all others) to people in the order in which they
    are asked: e-mail addresses, user ids, `@groups`. A verified answer holds for `verified_for`; somebody who
    was asked something is reminded after `remind_after`, and somebody else is asked as long after that.
    """

    experts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    verified_for: timedelta = timedelta(days=180)
    remind_after: timedelta = timedelta(hours=24)


def trust_settings(config: str, table: Mapping[str, Any]) -> TrustSettings:
    """Read both tables of lore.toml (`config` is its name). Raises SettingsError, naming value and fix."""
    trust = table.get("trust", {})
    return TrustSettings(
        experts={place: _people(config, place, named) for place, named in table.get("experts", {}).items()},
        verified_for=timedelta(days=_more_than_0(config, trust, "verified_days", 180)),
        remind_after=timedelta(hours=_more_than_0(config, trust, "remind_hours", 24)),
    )


def _people(config: str, place: str, named: Any) -> tuple[str, ...]:
    if place != "default" and not _PLACE.fullmatch(place):
        raise SettingsError(
            f'[experts] in {config}: `{place}` must be "#channel", in quotes, or default for all others.'
        )
    people = named if isinstance(named, list) else [named]
    for one in people:
        if not isinstance(one, str) or not _PERSON.fullmatch(one):
            raise SettingsError(
                f"[experts] in {config}: experts are e-mail addresses, Slack user ids (U…) or @groups, "
                f"in quotes, not {one!r}."
            )
    return tuple(people)


def _more_than_0(config: str, table: Mapping[str, Any], name: str, usual: int) -> int:
    value = table.get(name, usual)
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise SettingsError(f"trust.{name} in {config} must be a whole number, more than 0, not {value!r}.")
    return value
