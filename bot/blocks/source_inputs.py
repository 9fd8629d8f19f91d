"""One input of a form for each setting of a source, and what was put into it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.blocks.modals import text_input
from bot.blocks.pages import plain_text
from bot.blocks.rich_text import Block
from bot.source_settings import DAYS
from ingest.kind import Field

NAME, AUDIENCE, CHANNELS, PEOPLE, GROUPS, OTHERS = (
    f"source_{part}" for part in ("name", "audience", "channels", "people", "groups", "others")
)
OFTEN, AT = "source_often", "source_at"
OPTION_OF = "option:"
"""Before the key of a kind's own setting, this is its block's id."""

_EVERYONE, _SOME = "everyone", "some"
_USUAL, _DAILY = "usual", "daily"
_WEEKDAYS = ",".join(DAYS[:5])
_OFTEN = {
    _USUAL: "As usual",
    "30m": "Every 30 minutes",
    "1h": "Every hour",
    "2h": "Every 2 hours",
    "6h": "Every 6 hours",
    "12h": "Every 12 hours",
    _DAILY: "Every day at …",
    _WEEKDAYS: "Monday to Friday at …",
}
_DEFAULT_AT = "03:00"
_CHANNEL_ID, _PERSON_ID = re.compile(r"#[CG][A-Z0-9]{7,}"), re.compile(r"[UW][A-Z0-9]{7,}")

State = Callable[[str], Mapping[str, Any]]
"""Gives what was put into the element of a block, by the block's id."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a form offers and says beside a kind's own settings: handles of user groups, folders and names of
    secrets that may be used, and the team's zone."""

    groups: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    zone: str = "UTC"


def input_for(field: Field, value: Any, around: Surroundings) -> Block:
    """The input of a kind's own setting."""
    block_id, optional = OPTION_OF + field.key, not field.required
    text = "" if value is None else str(value)
    match field.shape:
        case "secret":
            return secret_input(block_id, field.label, value, around, optional=optional)
        case "names":
            return lines_input(
                block_id, field.label, value, f"{field.hint} One each line.", optional=optional
            )
        case "yes_no":
            option = _option("yes", "Yes")
            element: Block = {"type": "checkboxes", "action_id": block_id, "options": [option]}
            element |= {"initial_options": [option]} if value else {}
            return _labelled(block_id, field.label, element, True, field.hint)
        case "choice":
            choices = {one: one for one in field.choices}
            return _select(block_id, field.label, choices, value, optional, field.hint)
        case "number":
            element = {"type": "number_input", "action_id": block_id, "is_decimal_allowed": False}
            element |= {"min_value": "0"} | ({"initial_value": text} if text else {})
            return _labelled(block_id, field.label, element, optional, field.hint)
        case "address":
            element = {"type": "url_text_input", "action_id": block_id}
            element |= {"initial_value": text} if text else {}
            return _labelled(block_id, field.label, element, optional, field.hint)
        case "folder":
            allowed = ", ".join(around.folders) or "none; see `folders` under [sources_in_slack] in lore.toml"
            hint = f"{field.hint} From Slack only these, and what is below: {allowed}."
            return line_input(block_id, field.label, text, hint, optional=optional)
        case "text":
            return line_input(block_id, field.label, text, field.hint, optional=optional)


def value_of(field: Field, state: Mapping[str, Any]) -> Any:
    """What was put in, as lore.toml would have it; empty, None or no list at all where nothing was."""
    match field.shape:
        case "names":
            return lines_of(state)
        case "yes_no":
            return True if state.get("selected_options") else None
        case "number":
            text = text_of(state)
            return int(text) if text.isascii() and text.isdecimal() else text
        case "text" | "address" | "folder" | "choice" | "secret":
            return text_of(state)


def secret_input(
    block_id: str, label: str, value: Any, around: Surroundings, *, optional: bool = True
) -> Block:
    """Asks for the name of a variable, and says why not for the secret."""
    allowed = ", ".join(around.secrets) or "none; see `secrets` under [sources_in_slack] in lore.toml"
    hint = (
        "The NAME of the environment variable that holds it, never the secret itself: what is typed here "
        f"stands in Slack and in the journal. These may be used: {allowed}."
    )
    return line_input(block_id, f"{label}: name of the variable", str(value or ""), hint, optional=optional)


def audience_inputs(value: Any, groups: Sequence[str]) -> list[Block]:
    """Everyone, or members of channels, people, user groups and others."""
    named = [value] if isinstance(value, str) else [str(one) for one in value or ()]
    chosen = [one for one in named if one[:1] == "@" and one[1:] in groups]
    channels = [one[1:] for one in named if _CHANNEL_ID.fullmatch(one)]
    people = [one for one in named if _PERSON_ID.fullmatch(one)]
    picked = {_EVERYONE, *chosen, *people, *(f"#{one}" for one in channels)}
    rest = [one for one in named if one not in picked]
    who = [_option(_EVERYONE, "All full members"), _option(_SOME, "Only those named below")]
    initial = who[0 if named in ([], [_EVERYONE]) else 1]
    radio = {"type": "radio_buttons", "action_id": AUDIENCE, "options": who, "initial_option": initial}
    shown = {"filter": {"include": ["public", "private"], "exclude_bot_users": True}}
    blocks = [
        _labelled(AUDIENCE, "Who may be answered from it", radio, False),
        _many(CHANNELS, "Members of channels", "conversations", channels, shown),
        _many(PEOPLE, "People", "users", people, {}),
    ]
    if groups:
        options = [_option(f"@{one}", f"@{one}") for one in groups[:100]]
        element: Block = {"type": "multi_static_select", "action_id": GROUPS, "options": options}
        initials = [one for one in options if one["value"] in chosen]
        element |= {"initial_options": initials} if initials else {}
        blocks.append(_labelled(GROUPS, "User groups", element, True))
    hint = "E-mail addresses, @groups and #channels. One each line."
    return [*blocks, lines_input(OTHERS, "Others", rest, hint)]


def audience_of(state: State) -> str | list[str]:
    """Who was chosen; an empty list where nobody was."""
    if text_of(state(AUDIENCE)) != _SOME:
        return _EVERYONE
    chosen = [f"#{one}" for one in state(CHANNELS).get("selected_conversations") or ()]
    chosen += state(PEOPLE).get("selected_users") or ()
    chosen += [str(one["value"]) for one in state(GROUPS).get("selected_options") or ()]
    return list(dict.fromkeys([*chosen, *lines_of(state(OTHERS))]))


def schedule_inputs(table: Mapping[str, Any], zone: str) -> list[Block]:
    """How often, and at which time of day; what a table has that is not among the choices is one of them."""
    often = _often(table)
    if often in _OFTEN:
        choices = _OFTEN
    elif table.get("at"):
        choices = _OFTEN | {often: f"{', '.join(often.split(',')).title()} at …"}
    else:
        choices = _OFTEN | {often: f"Every {often}"}
    at: Block = {"type": "timepicker", "action_id": AT, "initial_time": str(table.get("at") or _DEFAULT_AT)}
    hint = f"Times of day are those of {zone}."
    return [
        _select(OFTEN, "How often it is read anew", choices, often, False, hint),
        _labelled(AT, "At", at, True, "For what is read at a time of day."),
    ]


def schedule_from(state: State) -> dict[str, Any]:
    """The keys of a table that say when it is read."""
    often, at = text_of(state(OFTEN)), text_of(state(AT)) or _DEFAULT_AT
    if often in ("", _USUAL):
        return {}
    if often == _DAILY:
        return {"at": at}
    days = often.split(",")
    return {"at": at, "days": days} if set(days) <= set(DAYS) else {"every": often}


def _often(table: Mapping[str, Any]) -> str:
    if not table.get("at"):
        return str(table.get("every") or _USUAL)
    days = table.get("days")
    named = [days] if isinstance(days, str) else list(days or DAYS)
    return _DAILY if set(named) == set(DAYS) else ",".join(named)


def text_of(state: Mapping[str, Any]) -> str:
    """What was typed or chosen in an element that holds one thing."""
    chosen = state.get("selected_option") or {}
    return str(state.get("value") or state.get("selected_time") or chosen.get("value") or "").strip()


def lines_of(state: Mapping[str, Any]) -> list[str]:
    """What was typed, line by line."""
    return [one.strip() for one in text_of(state).splitlines() if one.strip()]


def line_input(block_id: str, label: str, value: str, hint: str, *, optional: bool = True) -> Block:
    """A field for one line."""
    return text_input(block_id, label, value, several_lines=False, optional=optional, hint=hint)


def lines_input(block_id: str, label: str, value: Any, hint: str, *, optional: bool = True) -> Block:
    """A field for a list, one each line."""
    lines = [value] if isinstance(value, str) else list(value or ())
    return text_input(block_id, label, "\n".join(map(str, lines)), optional=optional, hint=hint)


def _select(
    block_id: str, label: str, options: Mapping[str, str], chosen: Any, optional: bool, hint: str
) -> Block:
    made = [_option(value, text) for value, text in options.items()]
    element: Block = {"type": "static_select", "action_id": block_id, "options": made}
    initial = next((one for one in made if one["value"] == chosen), None)
    element |= {"initial_option": initial} if initial else {}
    return _labelled(block_id, label, element, optional, hint)


def _many(block_id: str, label: str, what: str, ids: Sequence[str], more: Block) -> Block:
    element: Block = {"type": f"multi_{what}_select", "action_id": block_id, **more}
    return _labelled(block_id, label, element | ({f"initial_{what}": list(ids)} if ids else {}), True)


def _option(value: str, text: str) -> Block:
    return {"text": plain_text(text, 70), "value": value}


def _labelled(block_id: str, label: str, element: Block, optional: bool, hint: str = "") -> Block:
    made: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, 1_900),
        "element": element,
        "optional": optional,
    }
    return made | ({"hint": plain_text(hint, 1_900)} if hint else {})
