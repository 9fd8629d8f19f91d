"""Forms for sources, made of what a kind says that it needs; and what was put into them, as a table."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.blocks.modals import button, form, line
from bot.blocks.pages import Page, context, page, plain_text
from bot.blocks.plain import one_line, shorten
from bot.blocks.rich_text import Block
from bot.blocks.source_inputs import (
    AT,
    AUDIENCE,
    NAME,
    OFTEN,
    OPTION_OF,
    Surroundings,
    audience_inputs,
    audience_of,
    input_for,
    line_input,
    lines_input,
    lines_of,
    schedule_from,
    schedule_inputs,
    secret_input,
    text_of,
    value_of,
)
from bot.source_settings import WEBHOOK_SECRET
from ingest.kind import Kind

SOURCE_FORM = "source_form"
"""The callback id of the form: what it says is tried when it is submitted."""
TRIED_FORM = "tried_source"
"""The callback id of what is shown after that: submitting it saves the source and syncs it."""
CHOOSE_KIND, SAVE_ONLY, CHANGE, REMOVE = (
    "choose_source_kind",
    "save_source_only",
    "change_source",
    "remove_source",
)
"""Action ids: the choice of a kind, *Save*, *Change*, and *Remove* in what asks whether to."""

URL, INCLUDE, EXCLUDE, HOOK = "source_url", "source_include", "source_exclude", "source_hook"
_BLOCK_OF = {
    "name": NAME,
    "audience": AUDIENCE,
    "every": OFTEN,
    "at": AT,
    "days": OFTEN,
    "url": URL,
    "include": INCLUDE,
    "exclude": EXCLUDE,
    WEBHOOK_SECRET: HOOK,
}
_KEPT = ("document_kind", "max_megabytes")
"""Settings that no form shows, and that stay as they were."""

_KEY = re.compile(r"`(\w+)`")
_TITLE = "Add a source"


@dataclass(frozen=True, slots=True)
class About:
    """What a form is about, kept in it: a draft, and where the one who fills it in began."""

    draft: str = ""
    channel: str = ""
    response_url: str = ""

    def as_metadata(self) -> str:
        return json.dumps({name: value for name, value in asdict(self).items() if value})

    @classmethod
    def from_metadata(cls, metadata: str) -> "About":
        """Empty for anything that `as_metadata` did not make."""
        try:
            found = json.loads(metadata)
        except ValueError:
            return cls()
        if not isinstance(found, dict) or not found.keys() <= set(cls.__slots__):
            return cls()
        return cls(**{name: str(value) for name, value in found.items()})


def waiting_view(about: About) -> dict[str, Any]:
    """Shown at once, while it is looked up who asks."""
    return _shown(_TITLE, [line("One moment…")]) | {"private_metadata": about.as_metadata()}


def said_view(text: str) -> dict[str, Any]:
    """A modal that says one thing."""
    return _shown("Sources", [line(text.replace("`", ""))])


def kinds_view(kinds: Iterable[Kind], metadata: str) -> dict[str, Any]:
    """Asks which kind of place it is."""
    chooser = {
        "type": "static_select",
        "action_id": CHOOSE_KIND,
        "placeholder": plain_text("Choose a kind of place", 140),
        "options": [{"text": plain_text(kind.label, 70), "value": kind.name} for kind in kinds],
    }
    blocks = [line("What shall I learn from?"), {"type": "actions", "elements": [chooser]}]
    return _shown(_TITLE, blocks) | {"private_metadata": metadata}


def source_view(
    kind: Kind, table: Mapping[str, Any], around: Surroundings, metadata: str, trouble: str = ""
) -> dict[str, Any]:
    """The form of a kind, with what `table` holds already; `trouble` says why that could not be read."""
    blocks: list[Block] = [line(f"⚠ {trouble}")] if trouble else []
    blocks.append(line_input(NAME, "Name", str(table.get("name", "")), "What people see.", optional=False))
    blocks += [input_for(one, table.get(one.key, one.default), around) for one in kind.fields]
    blocks += audience_inputs(table.get("audience"), around.groups)
    blocks += schedule_inputs(table, around.zone)
    patterns = "Patterns of paths such as docs/**. One each line."
    blocks.append(lines_input(INCLUDE, "Only these", table.get("include"), patterns))
    blocks.append(lines_input(EXCLUDE, "Not these", table.get("exclude"), patterns))
    if not kind.remote:
        hint = "Where people open a document, such as https://wiki.example/{path}"
        blocks.append(line_input(URL, "Address of a document", str(table.get("url", "")), hint))
    blocks.append(secret_input(HOOK, "Webhook secret", table.get(WEBHOOK_SECRET), around))
    title = kind.label if len(kind.label.encode()) <= 24 else _TITLE
    return form(SOURCE_FORM, title, "Test", metadata, blocks)


def testing_view(name: str, external_id: str) -> dict[str, Any]:
    """Shown while a source is tried; `external_id` is how it is found again."""
    said = f"Testing {shorten(one_line(name), 200)}: I list what it holds…"
    return _shown("Testing", [line(said)]) | {"external_id": external_id}


def tried_view(found: str, titles: Sequence[str], notes: Sequence[str], metadata: str) -> dict[str, Any]:
    """What was found, and whether to keep the source."""
    blocks = [line(found)]
    blocks += [context(shorten(f"• {one_line(title)}", 300)) for title in titles]
    blocks += [context(shorten(one_line(note), 1_000)) for note in notes]
    buttons = [button(SAVE_ONLY, "Save", "save"), button(CHANGE, "Change", "change")]
    blocks.append({"type": "actions", "elements": buttons})
    return form(TRIED_FORM, "It works", "Save and sync", metadata, blocks)


def removal_page(name: str, said: str) -> Page:
    """Asks whether a source is to be removed."""
    danger = button(REMOVE, "Remove", name, "danger") | {
        "confirm": {
            "title": plain_text("Remove this source?", 90),
            "text": plain_text("Nobody will be answered from it any more.", 290),
            "confirm": plain_text("Remove", 28),
            "deny": plain_text("Keep", 28),
        }
    }
    return page(line(said), {"type": "actions", "elements": [danger]})


def table_of(kind: Kind, view: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """What was put into a form of `source_view`, as lore.toml would have it; what is empty is left out.

    `before` is the table that the form began with.
    """
    values = (view.get("state") or {}).get("values") or {}

    def state(block_id: str) -> Mapping[str, Any]:
        return next(iter((values.get(block_id) or {}).values()), {})

    table = {key: before[key] for key in _KEPT if key in before}
    table |= {"kind": kind.name, "name": text_of(state(NAME))}
    table |= {one.key: value_of(one, state(OPTION_OF + one.key)) for one in kind.fields}
    table |= {"audience": audience_of(state), **schedule_from(state)}
    table |= {"include": lines_of(state(INCLUDE)), "exclude": lines_of(state(EXCLUDE))}
    table |= {"url": text_of(state(URL)), WEBHOOK_SECRET: text_of(state(HOOK))}
    return {key: value for key, value in table.items() if key == "audience" or value not in ("", None, [])}


def block_of(error: str, kind: Kind) -> str:
    """The block that an error of a table is about, by the key that it names first."""
    found = _KEY.search(error)
    key = found[1] if found else ""
    if any(one.key == key for one in kind.fields):
        return OPTION_OF + key
    block_id = _BLOCK_OF.get(key, NAME)
    return NAME if block_id == URL and kind.remote else block_id


def _shown(title: str, blocks: Sequence[Block]) -> dict[str, Any]:
    return {
        "type": "modal",
        "title": plain_text(title, 24),
        "close": plain_text("Close", 24),
        "blocks": list(blocks),
    }
