"""Sources as admins write them: one `Source` for each `[[sources]]` table of lore.toml."""

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingest.kind import Field, Kind
from ingest.sources import MAX_BYTES, RESERVED_NAMES, Source, parse_audience
from knowledge.audience import Audience
from knowledge.errors import SettingsError

DOCUMENT_KINDS = ("wiki", "practice", "log", "run")
COMMON = ("name", "kind", "audience", "document_kind", "url", "include", "exclude", "max_megabytes")
"""The keys that every kind of source has."""

_NAME = re.compile(r"[^\W_](?:[\w .-]{0,62}[\w-])?")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,99}")


def source_from_table(
    table: Mapping[str, Any], base: Path, kinds: Mapping[str, Kind], environment: Mapping[str, str]
) -> Source:
    """Read one `[[sources]]` table; a relative folder starts at `base`, secrets come from `environment`.

    Raises SettingsError: one line with the fix.
    """
    kind = kinds[_one_of(table, "kind", tuple(kinds), "folder")]
    known = (*COMMON, *(field.key for field in kind.fields))
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise SettingsError(
            f"a source of kind {kind.name} has no key `{unknown[0]}`: known are {', '.join(known)}."
        )
    options = {field.key: _option(field, table, base) for field in kind.fields}
    secrets = {
        field.key: _secret(field.key, options[field.key], environment)
        for field in kind.fields
        if field.shape == "secret" and options[field.key] is not None
    }
    return Source(
        name=_name(table),
        kind=kind.name,
        path=options.pop("path", Path()),
        audience=_audience(table),
        document_kind=_one_of(table, "document_kind", DOCUMENT_KINDS, kind.document_kind),
        url=_url(table),
        include=_globs(table, "include"),
        exclude=_globs(table, "exclude"),
        max_bytes=_max_bytes(table),
        options=options,
        secrets=secrets,
    )


def _option(field: Field, table: Mapping[str, Any], base: Path) -> Any:
    """The value of one setting of a kind, or its default."""
    value = table.get(field.key)
    if value is None or value == "":
        if field.required:
            raise SettingsError(f"`{field.key}` is missing: {field.hint}")
        return field.default
    match field.shape:
        case "folder":
            return _folder(field.key, value, base)
        case "names":
            return _names(field.key, value)
        case "choice":
            return _one_of(table, field.key, field.choices, "")
        case "number":
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise SettingsError(f"`{field.key}` must be a whole number, 0 or more, not {value!r}.")
            return value
        case "yes_no":
            if not isinstance(value, bool):
                raise SettingsError(f"`{field.key}` must be true or false, not {value!r}.")
            return value
        case "address":
            return _address(field.key, value)
        case "secret":
            return _variable(field.key, value)
        case "text":
            if not isinstance(value, str) or "\0" in value or "\n" in value:
                raise SettingsError(f"`{field.key}` must be one line of text, not {value!r}.")
            return value.strip()


def _folder(key: str, value: object, base: Path) -> Path:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise SettingsError(f'`{key}` must name a folder, such as {key} = "wiki", not {value!r}.')
    return base.joinpath(Path(value).expanduser()).absolute()


def _names(key: str, value: object) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
        raise SettingsError(f"`{key}` must be a list of texts in quotes, not {value!r}.")
    return tuple(name.strip() for name in names)


def _address(key: str, value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"https?://[^\s/@]+(?:/\S*)?", value.strip()):
        raise SettingsError(
            f'`{key}` must be a web address such as "https://wiki.example", without a password, '
            f"not {value!r}."
        )
    return value.strip().rstrip("/")


def _variable(key: str, value: object) -> str:
    if not isinstance(value, str) or not _VARIABLE.fullmatch(value):
        raise SettingsError(
            f"`{key}` must name the environment variable that holds the secret, such as "
            f'{key} = "WIKI_TOKEN"; the secret itself does not belong into a file.'
        )
    return value


def _secret(key: str, variable: str, environment: Mapping[str, str]) -> str:
    value = environment.get(variable, "").strip()
    if not value:
        raise SettingsError(f"`{key}` names the environment variable {variable}, which is not set: set it.")
    return value


def _name(table: Mapping[str, Any]) -> str:
    name = table.get("name")
    name = unicodedata.normalize("NFC", name) if isinstance(name, str) else name
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise SettingsError(
            "`name` must be a short name of letters, digits, spaces, dots, - and _, "
            f'such as name = "Team wiki", not {name!r}.'
        )
    if name.casefold() in RESERVED_NAMES:
        raise SettingsError(f"`name` must not be {name!r}: Lore itself has a source of that name.")
    return name


def _audience(table: Mapping[str, Any]) -> Audience:
    audience = parse_audience(table.get("audience"))
    if audience is None:
        raise SettingsError(
            '`audience` says who may read it: "everyone", or a list of "#channel", "@group", e-mail '
            f"addresses and Slack user ids (U…), not {table.get('audience')!r}."
        )
    return audience


def _one_of(table: Mapping[str, Any], key: str, allowed: tuple[str, ...], default: str) -> str:
    value = table.get(key, default)
    if value not in allowed:
        raise SettingsError(f"`{key}` must be one of {', '.join(allowed)}, not {value!r}.")
    return str(value)


def _url(table: Mapping[str, Any]) -> str | None:
    url = table.get("url")
    if url is None:
        return None
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise SettingsError(
            f'`url` must be a web address such as "https://wiki.example/{{path}}", not {url!r}.'
        )
    if not {"path", "stem"} >= set(_PLACEHOLDER.findall(url)) or not _PLACEHOLDER.search(url):
        raise SettingsError(f"`url` must hold {{path}} or {{stem}} and no other braces, not {url!r}.")
    return url


def _globs(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    globs = table.get(key, [])
    globs = [globs] if isinstance(globs, str) else globs
    if not isinstance(globs, list) or not all(isinstance(glob, str) and glob for glob in globs):
        raise SettingsError(f'`{key}` must be a list of patterns such as ["docs/**/*.md"], not {globs!r}.')
    return tuple(globs)


def _max_bytes(table: Mapping[str, Any]) -> int:
    megabytes = table.get("max_megabytes", MAX_BYTES / 1_000_000)
    if isinstance(megabytes, bool) or not isinstance(megabytes, int | float) or not 0 < megabytes <= 100:
        raise SettingsError(f"`max_megabytes` must be a number above 0 and at most 100, not {megabytes!r}.")
    return int(megabytes * 1_000_000)
