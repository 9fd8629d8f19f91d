"""`[[standups]]` of lore.toml, who may set up more in Slack, and the templates to begin with."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from knowledge.errors import SettingsError
from prompts.ritual import Standup
from prompts.standup_tables import LONGEST_NAME, StandupError, same_name, standup_of
from prompts.standup_templates import Template, TemplateError, packaged_templates, read_template

EVERYONE, ADMINS = "everyone", "admins"
TEMPLATES = "standups"
"""The folder of templates inside `prompts_dir`."""

_OWN_KEYS = ("owner", "co_owners", "template")
_PERSON = re.compile(r"[UW][A-Z0-9]{7,20}|[^@\s<>]{1,64}@[^@\s<>]{1,190}")


@dataclass(frozen=True, slots=True)
class FileStandup:
    """A stand-up of lore.toml; `owner` and `co_owners` are e-mail addresses or user ids, as written."""

    settings: Standup
    owner: str
    co_owners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RitualSettings:
    """What lore.toml says of setting up: its own stand-ups, who may set others up in Slack (EVERYONE, every
    full member, or ADMINS), templates by name, and whether papers are looked up outside."""

    standups: tuple[FileStandup, ...] = ()
    set_up_by: str = EVERYONE
    templates: Mapping[str, Template] = field(default_factory=packaged_templates)
    read_papers: bool = True


def ritual_settings(
    config: Path, table: Mapping[str, Any], prompts_dir: Path | None = None
) -> RitualSettings:
    """Read both from the table that is lore.toml. Raises SettingsError, naming value and fix."""
    templates = _templates(prompts_dir)
    return RitualSettings(
        standups=_standups(config, table.get("standups", []), templates),
        set_up_by=_set_up_by(config, table.get("rituals", {}).get("set_up_by", EVERYONE)),
        templates=templates,
        read_papers=bool(table.get("rituals", {}).get("read_papers", True)),
    )


def _standups(config: Path, tables: list[Any], templates: Mapping[str, Template]) -> tuple[FileStandup, ...]:
    found: list[FileStandup] = []
    for position, table in enumerate(tables, 1):
        where = f"[[standups]] number {position} in {config.name}"
        if not isinstance(table, dict):
            raise SettingsError(f"standups in {config.name} must be [[standups]] tables, not {table!r}.")
        one = _standup(where, table, templates)
        if any(same_name(one.settings.name, other.settings.name) for other in found):
            raise SettingsError(f"{where}: another stand-up is named `{one.settings.name}`: rename one.")
        found.append(one)
    return tuple(found)


def _standup(where: str, table: Mapping[str, Any], templates: Mapping[str, Template]) -> FileStandup:
    name = table.get("name")
    if isinstance(name, str) and 0 < len(name) <= LONGEST_NAME:
        where = f"{where} (`{name}`)"
    template = table.get("template", "")
    if template and template not in templates:
        raise SettingsError(
            f"{where}: `template` must be one of {', '.join(sorted(templates))}, not {template!r}."
        )
    begun = dict(templates[template].table) if template else {}
    said = {key: value for key, value in table.items() if key not in _OWN_KEYS}
    try:
        settings = standup_of({**begun, **said})
    except StandupError as error:
        raise SettingsError(f"{where}: `{error.key}`: {error}") from None
    owner, *others = _people(where, "owner", table.get("owner")) or [""]
    if not owner or others:
        raise SettingsError(
            f'{where}: `owner` must be the one who looks after it, such as owner = "ada@example.com".'
        )
    return FileStandup(settings, owner, tuple(_people(where, "co_owners", table.get("co_owners"))))


def _people(where: str, key: str, value: Any) -> list[str]:
    named = [value] if isinstance(value, str) else value or []
    if not isinstance(named, list) or not all(
        isinstance(one, str) and _PERSON.fullmatch(one) for one in named
    ):
        raise SettingsError(
            f"{where}: `{key}` must be e-mail addresses or Slack user ids (U…) in quotes, not {value!r}."
        )
    return list(dict.fromkeys(named))


def _templates(prompts_dir: Path | None) -> dict[str, Template]:
    """Ours, and those that a team has put beside them or in their place."""
    found = packaged_templates()
    folder = None if prompts_dir is None else prompts_dir / TEMPLATES
    if folder is None or not folder.is_dir():
        return found
    for file in sorted(folder.glob("*.md")):
        try:
            found[file.stem] = read_template(file.stem, file.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, TemplateError) as error:
            raise SettingsError(f"{file} is no template of a stand-up: {error}.") from error
    return found


def _set_up_by(config: Path, value: Any) -> str:
    if value not in (EVERYONE, ADMINS):
        raise SettingsError(
            f'rituals.set_up_by in {config.name} is "{EVERYONE}" or "{ADMINS}", not {value!r}.'
        )
    return str(value)
