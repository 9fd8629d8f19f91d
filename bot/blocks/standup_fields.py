"""One input of a form for each setting of a stand-up, and what was put into it, as a table."""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

from bot.blocks.modals import text_input
from bot.blocks.pages import plain_text
from bot.blocks.rich_text import Block
from prompts.prompt_lines import UNDERSTOOD
from prompts.standup_tables import EACH

EVERYONE = "everyone"
_TEAM = "team"
_PERSON = re.compile(r"[UW][A-Z0-9]{7,20}")
_CHANNEL = re.compile(r"#[CG][A-Z0-9]{7,20}")

CHANNELS, PEOPLE, OTHERS = "channels", "people", "others"
READERS, READING_PEOPLE, READING_OTHERS = "readers", "reading_people", "reading_others"
OWNER, CO_OWNERS = "owner", "co_owners"

FIRST = (
    "name", CHANNELS, PEOPLE, "prompts", "days", "at", "report", READERS,
)  # fmt: skip
"""The inputs of the first form, in their order."""
MORE = (
    OTHERS, "zone", "window", "late", "reminders", "form", "summary", "lead", READING_PEOPLE, READING_OTHERS,
    "consent", "on_holiday", "on_leave", "escalate_after", "drafts", OWNER, CO_OWNERS,
)  # fmt: skip
"""Those of the form with more settings."""

_PARTS = {"team": (CHANNELS, PEOPLE, OTHERS), "observers": (READERS, READING_PEOPLE, READING_OTHERS)}
_CHOICES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "form": (
        "How entries are reported",
        {"thread": "In one thread, as they arrive", "compiled": "All at once, at the end",
         "none": "Not at all"},
    ),
    "summary": (
        "What becomes of the summary",
        {"draft": "The lead gets a draft and decides", "auto": "It is posted by itself",
         "plain": "Entries put together, without a summary", "none": "There is none"},
    ),
    "consent": (
        "Who may find an entry in my answers, where its writer does not say otherwise",
        {"nobody": "Nobody", "team": "The team", "everyone": "Everybody"},
    ),
    "on_holiday": (
        "When everybody has a holiday",
        {"skip": "It is left out", "move": "It moves to the next working day"},
    ),
    "on_leave": (
        "When somebody's status looks like leave",
        {"skip": "They are not asked", "ask": "They are asked"},
    ),
}  # fmt: skip
_TEXTS: Mapping[str, tuple[str, str]] = {
    "window": (
        "Time to reply, counted from one's own prompt",
        "Such as 8h, 90m or 1d; it may cross midnight.",
    ),
    "late": ("Sent late by at most", "After an outage, such as 2h; what is later is left out, and said so."),
    "reminders": ("Reminders, before that time ends", "Such as 1h, or 3h, 30m; empty for none."),
    "escalate_after": ("A blocker is escalated after", "Such as 3d."),
}

State = Callable[[str], Mapping[str, Any]]


def block_id(field: str) -> str:
    """The id of an input's block, which is its element's action id too."""
    return f"standup_{field}"


def field_of(key: str, among: Sequence[str]) -> str | None:
    """The input of these in which a setting is chosen; None where it is in another form."""
    return next((one for one in (key, *_PARTS.get(key, ())) if one in among), None)


def inputs(among: Sequence[str], table: Mapping[str, Any]) -> list[Block]:
    """The inputs of a form, with what the table holds."""
    return [_input(field, table) for field in among]


def filled(among: Sequence[str], view: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The table with what was put into these inputs of a view; the rest as it was before."""
    values = (view.get("state") or {}).get("values") or {}

    def state(field: str) -> Mapping[str, Any]:
        return (values.get(block_id(field)) or {}).get(block_id(field)) or {}

    table = dict(before)
    team, observers = _listed(before, "team"), _listed(before, "observers")
    for field in among:
        match field:
            case "channels":
                team[0] = [f"#{one}" for one in state(field).get("selected_conversations") or ()]
            case "people":
                team[1] = list(state(field).get("selected_users") or ())
            case "others":
                team[2] = _lines(state(field))
            case "readers":
                observers[0] = [EVERYONE] if _text(state(field)) == EVERYONE else []
            case "reading_people":
                observers[1] = list(state(field).get("selected_users") or ())
            case "reading_others":
                observers[2] = _lines(state(field))
            case "report":
                table[field] = str(state(field).get("selected_conversation") or "")
            case "lead" | "owner":
                table[field] = str(state(field).get("selected_user") or "")
            case "co_owners":
                table[field] = list(state(field).get("selected_users") or ())
            case "drafts":
                table[field] = bool(state(field).get("selected_options"))
            case "reminders":
                table[field] = [one for one in re.split(r"[,\n]", _text(state(field))) if one.strip()]
            case _:
                table[field] = _text(state(field))
    return table | {"team": [*chain(*team)], "observers": [*chain(*observers)]}


def _listed(table: Mapping[str, Any], key: str) -> list[list[str]]:
    """What a table names, in the parts in which a form has it."""
    named = [str(one) for one in table.get(key) or ()]
    first = [one for one in named if (_CHANNEL.fullmatch(one) if key == "team" else one == EVERYONE)]
    people = [one for one in named if _PERSON.fullmatch(one)]
    return [first, people, [one for one in named if one not in first and one not in people]]


def _input(field: str, table: Mapping[str, Any]) -> Block:
    value = table.get(field)
    element: Block
    options: Mapping[str, str]
    match field:
        case "name":
            return _line(field, "Name", value, "What people see, such as Platform daily.", optional=False)
        case "channels":
            chosen = [one[1:] for one in _listed(table, "team")[0]]
            element = {"type": "multi_conversations_select", "filter": _OURS} | _initial(
                "conversations", chosen
            )
            return _labelled(field, "Who is asked: members of channels", element)
        case "people":
            return _many_users(field, "And these people", _listed(table, "team")[1])
        case "others":
            hint = "@groups, e-mail addresses, #channels. One each line."
            return _lines_input(field, "Also asked", _listed(table, "team")[2], hint)
        case "prompts":
            return text_input(
                block_id(field), "What is asked, one prompt each line", str(value or ""),
                hint=f"What is wanted stands in braces behind it, such as {{plan; required}}. {UNDERSTOOD}.",
            )  # fmt: skip
        case "days":
            hint = "Such as every weekday, Monday and Thursday, every 2 weeks on Friday, last working day."
            return _line(field, "Days", value, hint, optional=False)
        case "at":
            element = {"type": "timepicker", "initial_time": str(value or "09:30")}
            return _labelled(
                field, "Time", element, "By everybody's own clock, unless you say so.", optional=False
            )
        case "zone":
            hint = f"Such as Europe/Lisbon for one time for all, or {EACH} for each person's own."
            return _line(field, "Time zone", value or EACH, hint, optional=False)
        case "report":
            element = {"type": "conversations_select", "filter": _OURS}
            element |= {"initial_conversation": str(value)} if value else {}
            hint = "You and I must be in it. Empty: nothing is reported."
            return _labelled(field, "Where it is reported", element, hint)
        case "readers":
            everyone = EVERYONE in (table.get("observers") or ())
            options = {
                _TEAM: "The team, the owners and those they name",
                EVERYONE: "Everybody in the workspace",
            }
            return _radio(field, "Who may read it", options, EVERYONE if everyone else _TEAM)
        case "reading_people":
            return _many_users(field, "Who else may read it", _listed(table, "observers")[1])
        case "reading_others":
            hint = "@groups, e-mail addresses, #channels. One each line."
            return _lines_input(field, "And these", _listed(table, "observers")[2], hint)
        case "lead" | "owner":
            label = "Owner" if field == "owner" else "Lead, who decides on summaries (empty: the owner)"
            element = {"type": "users_select"} | ({"initial_user": str(value)} if value else {})
            return _labelled(field, label, element, optional=field != "owner")
        case "co_owners":
            return _many_users(field, "Co-owners", list(value or ()), "They may change it like the owner.")
        case "drafts":
            option = _option("yes", "Offer people a private draft from their runs and commits")
            element = {"type": "checkboxes", "options": [option]} | (
                {"initial_options": [option]} if value else {}
            )
            return _labelled(field, "Drafts", element)
        case "reminders":
            label, hint = _TEXTS[field]
            return _line(field, label, ", ".join(value or ()), hint)
        case _ if field in _CHOICES:
            label, options = _CHOICES[field]
            return _select(field, label, options, str(value or ""))
        case _:
            label, hint = _TEXTS[field]
            return _line(field, label, value, hint)


_OURS: Block = {
    "include": ["public", "private"],
    "exclude_bot_users": True,
    "exclude_external_shared_channels": True,
}


def _text(state: Mapping[str, Any]) -> str:
    chosen = state.get("selected_option") or {}
    return str(state.get("value") or state.get("selected_time") or chosen.get("value") or "").strip()


def _lines(state: Mapping[str, Any]) -> list[str]:
    return [one.strip() for one in _text(state).splitlines() if one.strip()]


def _line(field: str, label: str, value: Any, hint: str, *, optional: bool = True) -> Block:
    return text_input(
        block_id(field), label, str(value or ""), several_lines=False, optional=optional, hint=hint
    )


def _lines_input(field: str, label: str, lines: Sequence[str], hint: str) -> Block:
    return text_input(block_id(field), label, "\n".join(lines), optional=True, hint=hint)


def _many_users(field: str, label: str, ids: Sequence[str], hint: str = "") -> Block:
    return _labelled(field, label, {"type": "multi_users_select"} | _initial("users", ids), hint)


def _initial(what: str, ids: Sequence[str]) -> Block:
    return {f"initial_{what}": list(ids)} if ids else {}


def _radio(field: str, label: str, options: Mapping[str, str], chosen: str) -> Block:
    made = {value: _option(value, text) for value, text in options.items()}
    element = {"type": "radio_buttons", "options": [*made.values()], "initial_option": made[chosen]}
    return _labelled(field, label, element, optional=False)


def _select(field: str, label: str, options: Mapping[str, str], chosen: str) -> Block:
    made = {value: _option(value, text) for value, text in options.items()}
    element: Block = {"type": "static_select", "options": [*made.values()]}
    element |= {"initial_option": made[chosen]} if chosen in made else {}
    return _labelled(field, label, element)


def _option(value: str, text: str) -> Block:
    return {"text": plain_text(text, 70), "value": value}


def _labelled(field: str, label: str, element: Block, hint: str = "", *, optional: bool = True) -> Block:
    made: Block = {
        "type": "input",
        "block_id": block_id(field),
        "label": plain_text(label, 1_900),
        "element": {**element, "action_id": block_id(field)},
        "optional": optional,
    }
    return made | ({"hint": plain_text(hint, 1_900)} if hint else {})
