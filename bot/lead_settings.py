"""`[leads]` of lore.toml: who the numbers and the gap report are for, beside admins."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.admin_settings import people_named
from knowledge.errors import SettingsError


@dataclass(frozen=True, slots=True)
class LeadSettings:
    """`people` are e-mail addresses, Slack user ids and `@user-groups`. With `owners`, whoever looks after a
    stand-up, a lunch-and-learn or a reading group is a lead as well."""

    people: frozenset[str] = frozenset()
    owners: bool = True


def lead_settings(config: str, table: Mapping[str, Any]) -> LeadSettings:
    """Read the table `[leads]`; `config` names lore.toml.

    Raises SettingsError, naming the value and the fix.
    """
    unknown = sorted(set(table) - {"people", "owners"})
    if unknown:
        raise SettingsError(
            f"[leads] in {config} has an unknown key `{unknown[0]}`: known are owners, people."
        )
    owners = table.get("owners", True)
    if not isinstance(owners, bool):
        raise SettingsError(f"leads.owners in {config} must be true or false, not {owners!r}.")
    return LeadSettings(people_named(config, "leads.people", table.get("people", [])), owners)
