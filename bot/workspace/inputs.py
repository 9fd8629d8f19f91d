"""What people put into elements, as payloads carry it: `actions` and `state.values`.

https://docs.slack.dev/reference/interaction-payloads/block_actions-payload and
https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload#view_submission
"""

from collections.abc import Iterator
from typing import Any

from bot.workspace import filling
from bot.workspace.description import Json
from bot.workspace.team import Team

# Which key of the state or action an element's value goes under.
VALUE_KEY = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "rich_text_input": "rich_text_value",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
    "multi_users_select": "selected_users",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "overflow": "selected_option",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
}


def elements(block: Json) -> Iterator[Json]:
    """Everything in a block that may be used, with containers' and cards' contents."""
    if block["type"] in ("actions", "context_actions"):
        yield from block["elements"]
    if block.get("accessory"):
        yield block["accessory"]
    if block["type"] == "input":
        yield block["element"]
    for inner in block.get("child_blocks", []):
        yield from elements(inner)
    if block["type"] == "carousel":
        for card in block["elements"]:
            yield from card.get("actions", [])
    if block["type"] == "card":
        yield from block.get("actions", [])


def _option(element: Json, value: str) -> Json:
    groups = element.get("option_groups") or [{"options": element.get("options", [])}]
    for group in groups:
        for option in group["options"]:
            if option["value"] == value:
                return dict(option)
    return {"text": {"type": "plain_text", "text": value, "emoji": True}, "value": value}


def entered(element: Json, value: Any) -> Json:
    """An element's state: its type and, under the key that Slack uses, what was chosen or typed."""
    kind = element["type"]
    key = VALUE_KEY.get(kind)
    if key is None:
        return {"type": kind}
    if value is not None and key == "selected_option":
        value = _option(element, value)
    elif value is not None and key == "selected_options":
        value = [_option(element, each) for each in value]
    elif key.endswith("s") and value is None:
        value = []
    return {"type": kind, key: value}


def action(element: Json, block: Json, value: Any, action_ts: str) -> Json:
    """One entry of a block_actions payload's `actions`."""
    body = {
        "type": element["type"],
        "action_id": element.get("action_id", ""),
        "block_id": block.get("block_id", ""),
        "action_ts": action_ts,
    }
    match element["type"]:
        case "button" | "icon_button" | "workflow_button":
            body |= {key: element[key] for key in ("text", "value", "style") if key in element}
        # Every click is told, also a second one on the same button; that one is taken back is never told
        # (github.com/slackapi/bolt-python/issues/1435).
        case "feedback_buttons":
            chosen = element[
                "negative_button" if value == element["negative_button"].get("value") else "positive_button"
            ]
            body |= {"text": chosen["text"], "value": chosen.get("value")}
        case _:
            body |= entered(element, value)
    return body


def _given(block: Json, element: Json, values: Json) -> Any:
    """What was put in, else the element's own initial value."""
    for name in (element.get("action_id"), block.get("block_id")):
        if name in values:
            return values[name]
    key = VALUE_KEY.get(element["type"], "")
    initial = element.get(
        key.replace("selected_", "initial_") if key.startswith("selected") else "initial_value"
    )
    if key == "selected_option" and initial:
        return initial["value"]
    if key == "selected_options" and initial:
        return [option["value"] for option in initial]
    return initial


def state(view: Json, values: Json) -> Json:
    """`state.values` of a view: block_id → action_id → what was put in."""
    filled: Json = {}
    for block in view["blocks"]:
        for element in elements(block):
            if element["type"] in VALUE_KEY and element["type"] != "overflow":
                given = entered(element, _given(block, element, values))
                filled.setdefault(block["block_id"], {})[element.get("action_id", "")] = given
    return filled


def problems(team: Team, user: str, view: Json, values: Json) -> dict[str, str]:
    """What Slack's own client complains of before it submits, by block_id. *Assumed* wording."""
    found: dict[str, str] = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        given = _given(block, block["element"], values)
        if given in (None, "", []):
            if not block.get("optional"):
                found[block["block_id"]] = filling.REQUIRED
        elif (wrong := filling.complaint(team, user, block["element"], given)) is not None:
            found[block["block_id"]] = wrong
    return found
