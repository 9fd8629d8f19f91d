"""`lore add`, and trying and removing sources: what Slack has forms for, on the command line."""

import sys
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import typer

from bot.cli.output import console, print_json
from bot.cli.sources import Opened, opened
from bot.cli.whoever import PLACE, whoever
from bot.journal import added_sources, hooks, records
from bot.journal.added_sources import AddedSource, RemovedSource
from bot.journal.records import Audit
from bot.source_kinds import KINDS
from bot.source_settings import SCHEDULE_KEYS, WEBHOOK_SECRET, SourceSettings
from bot.trying import NotTried, Tried, try_source
from bot.wiring import now
from ingest.kind import Field, Kind
from ingest.source_tables import COMMON
from knowledge.errors import SettingsError, Unreadable

ADD, REMOVE = "add source", "remove source"
_LISTS = ("include", "exclude", "days", "audience")
_TROUBLES = 10


def add_here(
    kind: str, name: str, settings: Sequence[str], *, test: bool, replace: bool, as_json: bool
) -> None:
    """Add a source that can be listed. Raises SettingsError for wrong settings, Unreadable otherwise."""
    with opened() as lore:
        table = table_from(kind, name, settings)
        one = lore.now.reader.read(table)
        if lore.now.named(one.name) is not None and not (replace and one.name in lore.now.added):
            raise SettingsError(f"a source is named {one.name} already: choose another name, or --replace it")
        tried = _tried(lore, one) if test else None
        with lore.knowledge.database.writing() as connection:
            added_sources.write(connection, AddedSource(table, whoever()), now().timestamp())
            audit = Audit(whoever(), ADD, one.name, place=PLACE)
            records.write(connection, audit, None, now().timestamp())
    if as_json:
        print_json({"name": one.name, "table": table, **(_tried_row(tried) if tried else {})})
        return
    if tried is not None:
        _print_tried(tried)
    print(f"{one.name} is a source now: `lore sync {one.name!r}` reads it at once")


def test_source(name: str, *, as_json: bool) -> None:
    """List what a source holds. Raises Unreadable when it cannot be listed."""
    with opened() as lore:
        tried = _tried(lore, lore.one(name))
    if as_json:
        print_json({"name": name, **_tried_row(tried)})
    else:
        _print_tried(tried)


def remove_source(name: str, *, sure: bool) -> None:
    """Remove an added source, after asking."""
    with opened() as lore:
        if name not in lore.now.added and name not in lore.now.overruled:
            lore.one(name)
            raise SettingsError(f"{name} stands in lore.toml: take its table out there")
        held = lore.knowledge.store.holdings(lore.knowledge.store.published())
        count = 0 if name in lore.now.overruled else held.get(name, (0, 0))[0]
        if not sure and not typer.confirm(f"Remove {name}? {count} documents go with the next sync."):
            raise typer.Exit(1)
        with lore.knowledge.database.writing() as connection:
            added_sources.write(connection, RemovedSource(name, whoever()), now().timestamp())
            audit = Audit(whoever(), REMOVE, name, place=PLACE)
            records.write(connection, audit, None, now().timestamp())
    print(f"{name} is no source any more; its {count} documents go with the next sync (`lore sync`)")


def show_webhook(name: str, *, as_json: bool) -> None:
    """Where a source's webhook is, and what was sent there to be pasted."""
    with opened() as lore:
        webhook = lore.one(name).webhook
        with lore.knowledge.database.reading() as connection:
            tokens = list(hooks.tokens(connection, name, now().timestamp()))
    if webhook is None:
        raise SettingsError(
            f"{name} has no `{WEBHOOK_SECRET}`: name an environment variable there (see docs/sources.md)"
        )
    told = {
        "path": f"/hooks/{name}",
        "variable": webhook.variable,
        "is_set": bool(webhook.secret),
        "tokens": tokens,
    }
    if as_json:
        print_json(told)
        return
    print(f"point it at https://your-host/hooks/{name}")
    print(f"its secret is in {webhook.variable}, which is {'' if webhook.secret else 'not '}set")
    for token in tokens:
        print(f"this token was sent there within the hour: {token}")


def list_kinds(*, as_json: bool) -> None:
    """Each kind with its settings."""
    if as_json:
        print_json({kind.name: _kind_row(kind) for kind in KINDS.values()})
        return
    out = console()
    for kind in KINDS.values():
        out.print(f"{kind.name}: {kind.label}")
        for field in kind.fields:
            must = "needed" if field.required else f"default {field.default!r}"
            out.print(f"  {field.key} ({field.shape.replace('_', ' ')}, {must}): {field.hint}")
    out.print(f"every kind: {', '.join((*COMMON, *SCHEDULE_KEYS, WEBHOOK_SECRET))}")


def table_from(kind: str, name: str, settings: Sequence[str]) -> dict[str, Any]:
    """`KEY=VALUE` as a table of lore.toml. Raises SettingsError."""
    if kind not in KINDS:
        raise SettingsError(f"`kind` must be one of {', '.join(KINDS)}, not {kind!r}.")
    fields = {field.key: field for field in KINDS[kind].fields}
    table: dict[str, Any] = {"kind": kind, "name": name}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise SettingsError(f"{setting!r} is not KEY=VALUE, such as audience=everyone")
        if key in table:
            raise SettingsError(f"`{key}` is given twice: lists are written with commas, {key}=a,b")
        table[key] = _value(fields.get(key), key, value)
    return table


def _value(field: Field | None, key: str, text: str) -> Any:
    """As TOML where it is written so; else what the setting's shape makes of it."""
    if text[:1] in ('"', "[") or text in ("true", "false"):
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"`{key}` is not valid TOML: {error}") from None
    numeric = (field is not None and field.shape == "number") or key == "max_megabytes"
    if numeric and text.isascii() and text.isdecimal():
        return int(text)
    if key in _LISTS or (field is not None and field.shape == "names"):
        if key == "audience" and text == "everyone":
            return text
        return [one.strip() for one in text.split(",") if one.strip()]
    return text


def _tried(lore: Opened, one: SourceSettings) -> Tried:
    match try_source(one.source, lore.knowledge.syncer.read):
        case NotTried(reason):
            raise Unreadable(f"{one.name} cannot be listed: {reason}")
        case Tried() as tried:
            return tried


def _tried_row(tried: Tried) -> dict[str, Any]:
    return {
        "documents": tried.documents,
        "complete": tried.complete,
        "titles": list(tried.titles),
        "troubles": list(tried.troubles),
    }


def _print_tried(tried: Tried) -> None:
    count = f"{tried.documents:,}" if tried.complete else f"at least {tried.documents:,}"
    print(f"{count} documents found")
    for title in tried.titles:
        print(f"  {title}")
    for trouble in tried.troubles[:_TROUBLES]:
        print(f"  not read: {trouble}", file=sys.stderr)
    if len(tried.troubles) > _TROUBLES:
        print(f"  and {len(tried.troubles) - _TROUBLES:,} more", file=sys.stderr)


def _kind_row(kind: Kind) -> Mapping[str, Any]:
    return {
        "label": kind.label,
        "remote": kind.remote,
        "fields": [
            {
                "key": field.key,
                "label": field.label,
                "hint": field.hint,
                "shape": field.shape,
                "required": field.required,
                "default": list(field.default) if isinstance(field.default, tuple) else field.default,
                "choices": list(field.choices),
            }
            for field in kind.fields
        ],
    }
