"""Block Kit's elements and composition objects, with their limits.

https://docs.slack.dev/reference/block-kit/block-elements and
https://docs.slack.dev/reference/block-kit/composition-objects; fields newer than those pages as the model
classes of slack_sdk 3.47 have them (slack_sdk/models/blocks/block_elements.py).
"""

from typing import Any

from bot.workspace.rich_text_kit import RICH_TEXT
from bot.workspace.shapes import (
    Check,
    anything,
    boolean,
    both,
    by_type,
    like,
    list_of,
    number,
    one_of,
    shape,
    some,
    string,
    url,
)


def plain(most: int, least: int = 1) -> Check:
    """A plain_text object of so many characters."""
    return by_type({"plain_text": shape({"text": string(most, least)}, {"emoji": boolean})})


def text(most: int, least: int = 1) -> Check:
    """A plain_text or mrkdwn object of so many characters."""
    return by_type(
        {
            "plain_text": shape({"text": string(most, least)}, {"emoji": boolean}),
            "mrkdwn": shape({"text": string(most, least)}, {"verbatim": boolean}),
        }
    )


ACTION_ID = string(255, 1)
CONFIRM = shape(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
OPTION = shape({"text": text(75), "value": string(150, 1)}, {"description": text(75), "url": url()})
OPTION_GROUP = shape({"label": plain(75), "options": list_of(OPTION, 100, 1)})
INTERACTIVE: dict[str, Check] = {"action_id": ACTION_ID, "confirm": CONFIRM}
CHOOSER: dict[str, Check] = INTERACTIVE | {"placeholder": plain(150), "focus_on_load": boolean}
IDS = list_of(string())

BUTTON = shape(
    {"text": plain(75)},
    INTERACTIVE
    | {
        "url": url(),
        "value": string(2000),
        "style": one_of("primary", "danger"),
        "accessibility_label": string(75),
        "visible_to_user_ids": IDS,
        "agent_prompt": anything,
        "agent_prompt_display": anything,
        "alt_text": string(2000),
    },
)
IMAGE = both(
    shape({"alt_text": string(2000)}, {"image_url": url(), "slack_file": anything}),
    some("image_url", "slack_file"),
)
WITH_OPTIONS = some("options", "option_groups")
# https://docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element#button-object-fields
FEEDBACK_BUTTON = shape({"text": plain(75), "value": string(2000)}, {"accessibility_label": string(75)})


def _select(more: dict[str, Check], required: dict[str, Check] | None = None, many: bool = False) -> Check:
    extra = more | ({"max_selected_items": number(1)} if many else {})
    return shape(required or {}, CHOOSER | extra)


OPTIONS: dict[str, Check] = {"options": list_of(OPTION, 100), "option_groups": list_of(OPTION_GROUP, 100)}
ONE: dict[str, Check] = {"initial_option": OPTION}
SOME: dict[str, Check] = {"initial_options": list_of(OPTION)}
TYPED: dict[str, Check] = {"initial_value": string(), "dispatch_action_config": anything}

# https://docs.slack.dev/reference/block-kit/composition-objects/conversation-filter-object
FILTER = both(
    shape(
        {},
        {
            "include": list_of(one_of("im", "mpim", "private", "public"), least=1),
            "exclude_external_shared_channels": boolean,
            "exclude_bot_users": boolean,
        },
    ),
    some("include", "exclude_external_shared_channels", "exclude_bot_users"),
)

SELECTS: dict[str, Check] = {
    "static_select": both(_select(OPTIONS | ONE), WITH_OPTIONS),
    "external_select": _select(ONE | {"min_query_length": number(0)}),
    "users_select": _select({"initial_user": string()}),
    "conversations_select": _select(
        {
            "initial_conversation": string(),
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": FILTER,
        }
    ),
    "channels_select": _select({"initial_channel": string(), "response_url_enabled": boolean}),
    "multi_static_select": both(_select(OPTIONS | SOME, many=True), WITH_OPTIONS),
    "multi_external_select": _select(SOME | {"min_query_length": number(0)}, many=True),
    "multi_users_select": _select({"initial_users": IDS}, many=True),
    "multi_conversations_select": _select(
        {"initial_conversations": IDS, "default_to_current_conversation": boolean, "filter": FILTER},
        many=True,
    ),
    "multi_channels_select": _select({"initial_channels": IDS}, many=True),
}

# https://docs.slack.dev/reference/block-kit/block-elements/date-picker-element: YYYY-MM-DD;
# …/time-picker-element: HH:mm in 24 hours. *Assumed*: the wording.
PICKERS: dict[str, Check] = {
    "datepicker": shape({}, CHOOSER | {"initial_date": like(r"\d{4}-\d\d-\d\d", "a date YYYY-MM-DD")}),
    "timepicker": shape(
        {}, CHOOSER | {"initial_time": like(r"([01]\d|2[0-3]):[0-5]\d", "a time HH:mm"), "timezone": string()}
    ),
    "datetimepicker": shape({}, CHOOSER | {"initial_date_time": number(0)}),
    "checkboxes": shape({"options": list_of(OPTION, 10, 1)}, CHOOSER | SOME),
    "radio_buttons": shape({"options": list_of(OPTION, 10, 1)}, CHOOSER | ONE),
}

OVERFLOW = shape({"options": list_of(OPTION, 5, 1)}, INTERACTIVE | {"alt_text": string(2000)})
ICON_BUTTON = shape(
    {"icon": string(least=1), "text": plain(75)},
    INTERACTIVE
    | {
        "value": string(2000),
        "accessibility_label": string(75),
        "visible_to_user_ids": list_of(string(), 10),
    },
)
FEEDBACK_BUTTONS = shape(
    {"positive_button": FEEDBACK_BUTTON, "negative_button": FEEDBACK_BUTTON}, {"action_id": ACTION_ID}
)
WORKFLOW_BUTTON = shape(
    {"text": plain(75), "workflow": anything},
    INTERACTIVE | {"style": anything, "accessibility_label": string(75)},
)

NUMBER = like(r"-?\d+(\.\d+)?", "a number in a string")

INPUTS: dict[str, Check] = {
    "plain_text_input": shape(
        {},
        CHOOSER
        | TYPED
        | {"multiline": boolean, "min_length": number(0, 3000), "max_length": number(1, 3000)},
    ),
    "rich_text_input": shape(
        {},
        CHOOSER
        | {
            "initial_value": by_type({"rich_text": RICH_TEXT}),
            "dispatch_action_config": anything,
            "max_lines": number(),
            "min_lines": number(),
        },
    ),
    "email_text_input": shape({}, CHOOSER | TYPED),
    "url_text_input": shape({}, CHOOSER | TYPED),
    # https://docs.slack.dev/reference/block-kit/block-elements/number-input-element: numbers in strings
    "number_input": shape(
        {"is_decimal_allowed": boolean},
        CHOOSER | TYPED | {"initial_value": NUMBER, "min_value": NUMBER, "max_value": NUMBER},
    ),
    "file_input": shape({}, CHOOSER | {"filetypes": IDS, "max_files": number(1, 10)}),
}

ACTIONS = by_type(
    SELECTS
    | PICKERS
    | {"button": BUTTON, "overflow": OVERFLOW, "workflow_button": WORKFLOW_BUTTON}
    | {"rich_text_input": INPUTS["rich_text_input"]}
)
ACCESSORY = by_type(
    SELECTS
    | PICKERS
    | {"button": BUTTON, "overflow": OVERFLOW, "workflow_button": WORKFLOW_BUTTON, "image": IMAGE}
)
INPUT = by_type(SELECTS | PICKERS | INPUTS)
CONTEXT_ACTIONS = by_type({"feedback_buttons": FEEDBACK_BUTTONS, "icon_button": ICON_BUTTON})


def context_element(value: Any, pointer: str, out: list[str]) -> None:
    """Text or an image; text in a context block has 2,000 characters (*assumed*; Slack's page gives none)."""
    by_type(
        {
            "plain_text": shape({"text": string(2000, 1)}, {"emoji": boolean}),
            "mrkdwn": shape({"text": string(2000, 1)}, {"verbatim": boolean}),
            "image": IMAGE,
        }
    )(value, pointer, out)
