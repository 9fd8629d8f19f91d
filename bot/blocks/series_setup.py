"""The form in which a series is set up, what was put into it, and a series in a list with its buttons."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.blocks.modals import form, line, text_input, tick
from bot.blocks.pages import plain_text
from bot.blocks.rich_text import Block
from prompts.series_tables import LEAST_LEAD, MOST_LEAD
from prompts.words import words

SERIES_FORM = "series_form"
"""The callback id."""
_BLOCK = "series_"
_TICKS = ("rotating", "by_mail")
_USERS = ("people", "co_owners")
_FIELDS = (
    "name", "channel", "days", "at", "zone", "rotating", "minutes", "capacity", "lead", "place", "by_mail",
    "people", "groups", "co_owners",
)  # fmt: skip


def metadata(kind: str, series_id: str, revision: int, since: str, origin: Mapping[str, Any]) -> str:
    """What the form keeps: which series it is about, as it was, and where it was asked for."""
    about = {"subject": series_id, "kind": kind, "revision": revision, "since": since}
    return json.dumps(about | {name: origin.get(name) or "" for name in ("channel", "response_url")})


def block_of(key: str) -> str:
    """The block in which a setting is chosen."""
    return _BLOCK + ("groups" if key == "members" else key)


def waiting_view(title: str, kept: str, text: str = "One moment…", external_id: str = "") -> dict[str, Any]:
    """Shown at once, while something is looked up; `external_id` is how it is found again."""
    view = said_view(title, text) | {"private_metadata": kept}
    return view | ({"external_id": external_id} if external_id else {})


def said_view(title: str, text: str) -> dict[str, Any]:
    """A modal that says one thing."""
    return {
        "type": "modal",
        "title": plain_text(title, 24),
        "close": plain_text("Close", 24),
        "blocks": [line(text.replace("`", "").replace("*", ""))],
    }


def series_view(
    title: str, table: Mapping[str, Any], kept: str, key: str = "", trouble: str = ""
) -> dict[str, Any]:
    """The form; `trouble` stands above the input of the setting that it is about."""
    blocks: list[Block] = []
    for field in _FIELDS:
        if trouble and block_of(key) == _BLOCK + field:
            blocks.append(line(f"⚠ {trouble}"))
        blocks.append(_input(field, table))
    return form(SERIES_FORM, title, "Save", kept, blocks)


def filled(view: Mapping[str, Any]) -> dict[str, Any]:
    """What was put into the form, as a table."""
    values = (view.get("state") or {}).get("values") or {}

    def state(field: str) -> Mapping[str, Any]:
        return (values.get(_BLOCK + field) or {}).get(_BLOCK + field) or {}

    table: dict[str, Any] = {}
    for field in _FIELDS:
        if field in _TICKS:
            table[field] = bool(state(field).get("selected_options"))
        elif field in _USERS:
            table[field] = list(state(field).get("selected_users") or ())
        elif field == "channel":
            table[field] = str(state(field).get("selected_conversation") or "")
        elif field == "at":
            table[field] = str(state(field).get("selected_time") or "")
        else:
            table[field] = str(state(field).get("value") or "").strip()
    groups = [one.strip() for one in table.pop("groups").splitlines() if one.strip()]
    return table | {"members": [*table.pop("people"), *groups]}


def _input(field: str, table: Mapping[str, Any]) -> Block:
    value = table.get(field)
    block_id = _BLOCK + field
    people = [one for one in table.get("members") or () if one[:1] in ("U", "W")]
    match field:
        case "channel":
            chosen = {"initial_conversation": str(value)} if value else {}
            element = {"type": "conversations_select", "filter": _OURS, **chosen}
            return _labelled(block_id, "Channel", element, words("series_channel_hint"))
        case "at":
            element = {"type": "timepicker", "initial_time": str(value or "12:30")}
            return _labelled(block_id, "Time", element)
        case "rotating":
            return tick(block_id, "Fair hours", words("series_rotating_hint"), ticked=bool(value))
        case "by_mail":
            return tick(block_id, "By e-mail, too", "Send invitations by e-mail as well", ticked=bool(value))
        case "people":
            return _users(block_id, "Who comes and speaks", people, words("series_people_hint"))
        case "groups":
            others = [one for one in table.get("members") or () if one not in people]
            hint = "@groups, #channels or e-mail addresses. One each line."
            return text_input(block_id, "And these", "\n".join(others), optional=True, hint=hint)
        case "co_owners":
            return _users(block_id, "Co-owners", list(value or ()), "They may change it like you.")
        case _:
            label, hint, optional = _LINES[field]
            text = str(value or "")
            return text_input(block_id, label, text, several_lines=False, optional=optional, hint=hint)


_LINES: Mapping[str, tuple[str, str, bool]] = {
    "name": ("Name", "What people see, such as Lunch and learn.", False),
    "days": ("Days", "Such as every Thursday, every 2 weeks on Tuesday, first Monday of the month.", False),
    "zone": (
        "Time zone",
        "Such as Europe/Lisbon: the time is by this clock, also when clocks change.",
        False,
    ),
    "minutes": ("Minutes", "How long it lasts.", False),
    "capacity": ("Seats", "Empty: as many as want to come. Else there is a waiting list.", True),
    "lead": (
        "Planned ahead, in days",
        f"When topics are voted on and speakers sought: from {LEAST_LEAD} to {MOST_LEAD} days before.",
        False,
    ),
    "place": ("Place", "A room, or the address of a call.", True),
}
_OURS: Block = {
    "include": ["public", "private"],
    "exclude_bot_users": True,
    "exclude_external_shared_channels": True,
}


def _users(block_id: str, label: str, ids: Sequence[str], hint: str) -> Block:
    element: Block = {"type": "multi_users_select"} | ({"initial_users": list(ids)} if ids else {})
    return _labelled(block_id, label, element, hint, optional=True)


def _labelled(block_id: str, label: str, element: Block, hint: str = "", *, optional: bool = False) -> Block:
    made: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, 1_900),
        "element": {**element, "action_id": block_id},
        "optional": optional,
    }
    return made | ({"hint": plain_text(hint, 1_900)} if hint else {})
