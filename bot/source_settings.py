"""One table of a source as admins write it: what is read, when, and who may ask for it by a webhook."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.schedules import EVERY_DAY, AtStart, Daily, Every, Schedule
from bot.source_kinds import KINDS
from ingest.kind import Kind
from ingest.source_tables import source_from_table
from ingest.sources import Source
from knowledge.errors import SettingsError

SCHEDULE_KEYS = ("every", "at", "days")
WEBHOOK_SECRET = "webhook_secret"  # noqa: S105 - the name of a setting
PRIVATE_NETWORK = "private_network"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHORTEST = timedelta(minutes=5)
HOURLY = Every(timedelta(minutes=60))

_EVERY = re.compile(r"([1-9][0-9]{0,4})(m|h|d)")
_AT = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,99}")
_OVER_SSH = re.compile(r"\s*(?:ssh://|git\+ssh://|[\w.-]+@[\w.-]+:)")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Webhook:
    """Who may ask for a sync over HTTP: whoever proves to know the secret that `variable` holds.

    `secret` is empty while the variable is not set: then nobody may.
    """

    variable: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """A source, when it is read anew, and its webhook. `table` is as it was written."""

    source: Source
    schedule: Schedule
    webhook: Webhook | None = None
    table: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.source.name


@dataclass(frozen=True, slots=True)
class SourcesInSlack:
    """What admins may point Lore at from Slack, beside public places without a secret: `folders` of this
    machine and what is below them, environment variables whose `secrets` a source may use, and addresses
    of a private network."""

    folders: tuple[Path, ...] = ()
    secrets: frozenset[str] = frozenset()
    private_network: bool = False


@dataclass(frozen=True, slots=True)
class SourceReader:
    """Reads tables of sources. `environment` holds the secrets; relative folders start at `base`."""

    base: Path
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    usual: Schedule = HOURLY
    in_slack: SourcesInSlack = field(default_factory=SourcesInSlack)
    kinds: Mapping[str, Kind] = field(default_factory=lambda: KINDS)

    def read(self, table: Mapping[str, Any]) -> SourceSettings:
        """A table of lore.toml, or one added on the command line. Raises SettingsError."""
        own = (*SCHEDULE_KEYS, WEBHOOK_SECRET)
        rest = {key: value for key, value in table.items() if key not in own}
        return SourceSettings(
            source=source_from_table(rest, self.base, self.kinds, self.environment),
            schedule=schedule_of(table, self.usual),
            webhook=self._webhook(table.get(WEBHOOK_SECRET)),
            table=dict(table),
        )

    def read_from_slack(self, table: Mapping[str, Any]) -> SourceSettings:
        """A table that was written in Slack, within the limits of what may be added there.

        Raises SettingsError, also for one that was within them once.
        """
        kind = self.kinds.get(str(table.get("kind") or ""))
        if kind is not None:
            self._refuse_beyond_limits(kind, table)
        if table.get(WEBHOOK_SECRET):
            self._refuse_secret(WEBHOOK_SECRET, table[WEBHOOK_SECRET])
        return self.read(table)

    def _refuse_beyond_limits(self, kind: Kind, table: Mapping[str, Any]) -> None:
        for one in kind.fields:
            value = table.get(one.key)
            if value in (None, "", False):
                continue
            if one.shape == "folder":
                self._refuse_folder(one.key, str(value))
            if one.shape == "secret":
                self._refuse_secret(one.key, value)
            if one.shape in ("text", "names"):
                self._refuse_local(one.key, value)
                _refuse_own_keys(one.key, value, table)
            if one.key == PRIVATE_NETWORK and not self.in_slack.private_network:
                raise SettingsError(
                    f"`{one.key}` cannot be set in Slack: set `private_network = true` under "
                    "[sources_in_slack] in lore.toml to allow it."
                )

    def _refuse_folder(self, key: str, value: str) -> None:
        if "\0" not in value:
            folder = self.base.joinpath(Path(value).expanduser()).resolve()
            if any(folder.is_relative_to(self.base.joinpath(one).resolve()) for one in self.in_slack.folders):
                return
        allowed = ", ".join(map(str, self.in_slack.folders)) or "none is"
        raise SettingsError(
            f"`{key}` must be below a folder that `folders` under [sources_in_slack] in lore.toml allows "
            f"({allowed}): folders of this machine are not for everybody who is an admin in Slack."
        )

    def _refuse_local(self, key: str, value: object) -> None:
        for one in _each(value):
            if _is_local(one):
                self._refuse_folder(key, one.removeprefix("file://"))

    def _refuse_secret(self, key: str, variable: object) -> None:
        if variable not in self.in_slack.secrets:
            raise SettingsError(
                f"`{key}` names an environment variable that `secrets` under [sources_in_slack] in lore.toml "
                "does not list: add its name there, so that a source added in Slack may use it."
            )

    def _webhook(self, variable: object) -> Webhook | None:
        if variable is None or variable == "":
            return None
        if not isinstance(variable, str) or not _VARIABLE.fullmatch(variable):
            raise SettingsError(
                f"`{WEBHOOK_SECRET}` must name the environment variable that holds the secret, such as "
                f'{WEBHOOK_SECRET} = "WIKI_HOOK_SECRET"; the secret itself does not belong into a file.'
            )
        return Webhook(variable, self.environment.get(variable, "").strip())


def _refuse_own_keys(key: str, value: object, table: Mapping[str, Any]) -> None:
    """Over ssh the keys of whoever runs Lore would be used, which are nobody's in Slack to use."""
    if any(map(_OVER_SSH.match, _each(value))) and not table.get("ssh_key"):
        raise SettingsError(
            f"`{key}` is reached over ssh with the keys of whoever runs Lore: name a key of its own by "
            "`ssh_key`, or use https."
        )


def read_sources(config: Path, tables: Sequence[object], reader: SourceReader) -> tuple[SourceSettings, ...]:
    """The `[[sources]]` tables of lore.toml. Raises SettingsError."""
    found: list[SourceSettings] = []
    for position, table in enumerate(tables, 1):
        if not isinstance(table, dict):
            raise SettingsError(f"sources in {config.name} must be [[sources]] tables, not {table!r}.")
        try:
            one = reader.read(table)
        except SettingsError as error:
            raise SettingsError(f"[[sources]] number {position} in {config.name}: {error}") from None
        if any(one.name == other.name for other in found):
            raise SettingsError(f"two sources in {config.name} are named `{one.name}`: rename one.")
        found.append(one)
    return tuple(found)


def sources_in_slack(config: Path, table: Mapping[str, Any]) -> SourcesInSlack:
    """What `[sources_in_slack]` allows; nothing where it is absent. Raises SettingsError."""
    known = ("folders", "secrets", "private_network")
    for key in table:
        if key not in known:
            raise SettingsError(
                f"[sources_in_slack] in {config.name} has an unknown key `{key}`: known are "
                f"{', '.join(known)}."
            )
    folders, secrets = (_texts(config, table, key) for key in ("folders", "secrets"))
    private_network = table.get("private_network", False)
    if not isinstance(private_network, bool):
        raise SettingsError(f"sources_in_slack.private_network in {config.name} must be true or false.")
    return SourcesInSlack(
        tuple(config.parent.joinpath(Path(one).expanduser()) for one in folders),
        frozenset(secrets),
        private_network,
    )


def _texts(config: Path, table: Mapping[str, Any], key: str) -> list[str]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise SettingsError(f"sources_in_slack.{key} in {config.name} must be a list of texts in quotes.")
    return value


def schedule_of(table: Mapping[str, Any], usual: Schedule) -> Schedule:
    """What `every`, or `at` with `days`, say; `usual` where there is none of them. Raises SettingsError."""
    every, at, days = (table.get(key) for key in SCHEDULE_KEYS)
    if every is not None and (at is not None or days is not None):
        raise SettingsError("`every` and `at` exclude each other: keep one of them.")
    if every is not None:
        return _every(every)
    if at is not None:
        return Daily(_time(at), _days(days))
    if days is not None:
        raise SettingsError('`days` needs `at`, such as at = "03:00".')
    return usual


def schedule_in_minutes(minutes: int) -> Schedule:
    """What `[sync] every_minutes` says; 0 is at the start alone."""
    return Every(timedelta(minutes=minutes)) if minutes else AtStart()


def zone_named(name: object) -> ZoneInfo:
    """Raises SettingsError."""
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(
            f'`zone` under [team] must be a time zone such as "Europe/Lisbon", not {name!r}.'
        ) from None


def in_words(schedule: Schedule) -> str:
    """A schedule as people say it."""
    match schedule:
        case Every(interval):
            minutes = round(interval.total_seconds() / 60)
            for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
                if minutes % size == 0:
                    count = minutes // size
                    return f"every {unit}" if count == 1 else f"every {count} {unit}s"
            raise AssertionError("every number of minutes is one of minutes")
        case Daily(at, days):
            if days == EVERY_DAY:
                return f"daily at {at:%H:%M}"
            return f"{', '.join(DAYS[day].capitalize() for day in sorted(days))} at {at:%H:%M}"
        case AtStart():
            return "when asked"


def _every(value: object) -> Schedule:
    found = _EVERY.fullmatch(value) if isinstance(value, str) else None
    interval = int(found[1]) * _UNITS[found[2]] if found else timedelta(0)
    if interval < SHORTEST:
        raise SettingsError(
            f'`every` must be a time such as "30m", "2h" or "1d", five minutes or more, not {value!r}.'
        )
    return Every(interval)


def _time(value: object) -> time:
    found = _AT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise SettingsError(f'`at` must be a time of day such as "03:00", not {value!r}.')
    return time(int(found[1]), int(found[2]))


def _days(value: object) -> frozenset[int]:
    if value is None:
        return EVERY_DAY
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not names or not all(name in DAYS for name in names):
        raise SettingsError(f'`days` must be a list of days such as ["mon", "thu"], not {value!r}.')
    return frozenset(DAYS.index(name) for name in names)


def _each(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]


def _is_local(text: str) -> bool:
    """Whether a text that a client may take for a place names one of this machine."""
    told = text.strip()
    return told.startswith(("/", "./", "../", "~", "file:", "\\")) or bool(re.match(r"[A-Za-z]:\\", told))
