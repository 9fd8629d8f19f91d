"""What to read, as admins list it: one `Source` for each `[[sources]]` table of lore.toml."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.audience import EVERYONE, Audience
from knowledge.documents import Document
from knowledge.errors import SettingsError

KINDS = {"folder": "wiki", "runs": "run"}
DOCUMENT_KINDS = ("wiki", "practice", "log", "run")
MAX_BYTES = 20_000_000
RESERVED_NAMES = frozenset({"saved", "your file"})
"""What built-in sources, and files attached to questions, are called."""

_NAME = re.compile(r"[^\W_](?:[\w .-]{0,62}[\w-])?")
_PRINCIPAL = re.compile(
    r"#[^\s#@,]{1,80}|@[^\s#@,]{1,80}|[UW][A-Z0-9]{5,20}|[^\s@#<>,]+@[^\s@#<>,]+\.[^\s@#<>,]+"
)
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Source:
    """A place that documents or runs come from.

    `kind` is "folder" or "runs", or that of a built-in source. `document_kind` ("wiki", "practice", "log",
    "run") decides when its pages are old. `url` is a template such as `https://wiki.example/{path}` (`{stem}`
    is the path without its ending). `include` and `exclude` are globs over paths below `path`; empty
    `include` means everything.
    """

    name: str
    kind: str
    path: Path
    audience: Audience
    document_kind: str
    url: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    max_bytes: int = MAX_BYTES


@dataclass(frozen=True, slots=True)
class Item:
    """One document as listed: nothing but its bytes' hash is known until `load` parses it.

    `path` is stable: relative, with `/`, NFC. `digest` covers the bytes and everything of the source that
    shapes the document, so an equal digest means an equal document but for its place. `load` raises
    Unreadable; the digest of what it returns is of the bytes that it read.
    """

    path: str
    digest: str
    load: Callable[[], Document]


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something a person would expect to be read and that was not; what is known of it stays.

    `path` ends with `/` when a whole folder could not be listed.
    """

    path: str
    reason: str


def source_from_table(table: Mapping[str, Any], base: Path) -> Source:
    """Read one `[[sources]]` table; a relative `path` starts at `base`.

    Raises SettingsError: one line with the fix.
    """
    known = (
        "name",
        "kind",
        "path",
        "audience",
        "document_kind",
        "url",
        "include",
        "exclude",
        "max_megabytes",
    )
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise SettingsError(f"unknown key `{unknown[0]}`: known are {', '.join(known)}.")
    kind = _one_of(table, "kind", tuple(KINDS), "folder")
    return Source(
        name=_name(table),
        kind=kind,
        path=_path(table, base),
        audience=_audience(table),
        document_kind=_one_of(table, "document_kind", DOCUMENT_KINDS, KINDS[kind]),
        url=_url(table),
        include=_globs(table, "include"),
        exclude=_globs(table, "exclude"),
        max_bytes=_max_bytes(table),
    )


def parse_audience(value: object) -> Audience | None:
    """`"everyone"`, one principal or a list of them; None when it is anything else."""
    if value == "everyone":
        return EVERYONE
    entries = [value] if isinstance(value, str) else value
    if not isinstance(entries, list) or not entries:
        return None
    if not all(isinstance(entry, str) and _PRINCIPAL.fullmatch(entry) for entry in entries):
        return None
    return Audience(principals=frozenset(entries))


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


def _path(table: Mapping[str, Any], base: Path) -> Path:
    path = table.get("path")
    if not isinstance(path, str) or not path.strip() or "\0" in path:
        raise SettingsError(f'`path` must name a folder, such as path = "wiki", not {path!r}.')
    return base.joinpath(Path(path).expanduser()).absolute()


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
    if isinstance(megabytes, bool) or not isinstance(megabytes, int | float) or not 0 < megabytes <= 200:
        raise SettingsError(f"`max_megabytes` must be a number above 0 and at most 200, not {megabytes!r}.")
    return int(megabytes * 1_000_000)
