"""`admins` of lore.toml: who may look after Lore, and where they are told when something goes wrong."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.errors import SettingsError

_PERSON = re.compile(r"[^@\s]+@[^@\s]+|[UW][A-Z0-9]{7,}")
_GROUP = re.compile(r"@[^@\s]+")
_CHANNEL = re.compile(r"#\S+|[CG][A-Z0-9]{7,}")


@dataclass(frozen=True, slots=True)
class AdminSettings:
    """`people` are e-mail addresses, Slack user ids and `@user-groups`, beside the workspace's own admins.
    In `channel` they are told of syncs that go wrong; where it is empty, each in a direct message."""

    people: frozenset[str] = frozenset()
    channel: str = ""


def admin_settings(config: str, value: Any) -> AdminSettings:
    """Read `admins = [...]`, or a table `[admins]` with `people` and `channel`; `config` names lore.toml.

    Raises SettingsError, naming the value and the fix.
    """
    if not isinstance(value, Mapping):
        return AdminSettings(people_named(config, "admins", value))
    unknown = sorted(set(value) - {"people", "channel"})
    if unknown:
        raise SettingsError(
            f"[admins] in {config} has an unknown key `{unknown[0]}`: known are channel, people."
        )
    channel = value.get("channel", "")
    if not isinstance(channel, str) or (channel and not _CHANNEL.fullmatch(channel)):
        raise SettingsError(
            f'admins.channel in {config} must be "#channel" or its id (C…), in quotes, not {channel!r}.'
        )
    return AdminSettings(people_named(config, "admins.people", value.get("people", [])), channel)


def people_named(config: str, name: str, value: Any) -> frozenset[str]:
    """The e-mail addresses, Slack user ids and `@user-groups` of the setting `name`. Raises SettingsError."""
    entries = value if isinstance(value, list) else [value]
    for one in entries:
        if not isinstance(one, str) or not (_PERSON.fullmatch(one) or _GROUP.fullmatch(one)):
            raise SettingsError(
                f"{name} in {config} are e-mail addresses or Slack user ids (U…) or @user-groups, in quotes, "
                f"not {one!r}."
            )
    return frozenset(entries)
