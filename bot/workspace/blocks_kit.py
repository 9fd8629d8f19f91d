"""Block Kit's blocks, with their limits.

https://docs.slack.dev/reference/block-kit/blocks; blocks newer than those pages as the model classes of
slack_sdk 3.47 have them (slack_sdk/models/blocks/blocks.py).
"""

from typing import Any

from bot.workspace.elements_kit import (
    ACCESSORY,
    ACTIONS,
    BUTTON,
    CONTEXT_ACTIONS,
    IMAGE,
    INPUT,
    context_element,
    plain,
    text,
)
from bot.workspace.rich_text_kit import RICH_TEXT
from bot.workspace.shapes import (
    Check,
    anything,
    boolean,
    both,
    by_type,
    list_of,
    one_of,
    shape,
    some,
    string,
    url,
)

BLOCK_ID: dict[str, Check] = {"block_id": string(255)}
TITLE = text(150)
IN_RICH_TEXT = by_type({"rich_text": RICH_TEXT})

# slack_sdk/models/blocks/blocks.py, CardBlock: one of four parts. *Assumed*: at most five buttons.
CARD = both(
    shape(
        {},
        BLOCK_ID
        | {
            "title": TITLE,
            "subtitle": TITLE,
            "body": text(200),
            "hero_image": by_type({"image": IMAGE}),
            "icon": by_type({"image": IMAGE}),
            "slack_icon": anything,
            "actions": list_of(by_type({"button": BUTTON}), 5, 1),
        },
    ),
    some("hero_image", "title", "actions", "body"),
)

TASK = shape(
    {"task_id": string(least=1), "title": string(least=1)},
    BLOCK_ID
    | {
        "status": one_of("pending", "in_progress", "complete", "error"),
        "details": IN_RICH_TEXT,
        "output": IN_RICH_TEXT,
        "sources": list_of(by_type({"url": shape({"url": url(), "text": string(least=1)})})),
    },
)

CELL = by_type(
    {
        "raw_text": shape({"text": string()}),
        "raw_number": shape({"value": anything}, {"text": string()}),
        "rich_text": RICH_TEXT,
    }
)

ANYWHERE: dict[str, Check] = {
    "section": both(
        shape(
            {},
            BLOCK_ID
            | {
                "text": text(3000),
                "fields": list_of(text(2000), 10, 1),
                "accessory": ACCESSORY,
                "expand": boolean,
            },
        ),
        some("text", "fields"),
    ),
    "divider": shape({}, BLOCK_ID),
    "image": both(
        shape(
            {"alt_text": string(2000)},
            BLOCK_ID | {"image_url": url(), "slack_file": anything, "title": plain(2000)},
        ),
        some("image_url", "slack_file"),
    ),
    "actions": shape({"elements": list_of(ACTIONS, 25, 1)}, BLOCK_ID),
    "context": shape({"elements": list_of(context_element, 10, 1)}, BLOCK_ID),
    "input": shape(
        {"label": plain(2000), "element": INPUT},
        BLOCK_ID | {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "header": shape({"text": plain(150)}, BLOCK_ID | {"level": anything}),
    "rich_text": RICH_TEXT,
    "video": shape(
        {
            "alt_text": string(),
            "title": plain(200),
            "thumbnail_url": url(),
            "video_url": url(),
        },
        BLOCK_ID
        | {
            "author_name": string(50),
            "description": plain(200),
            "provider_icon_url": url(),
            "provider_name": string(),
            "title_url": url(),
        },
    ),
    "alert": shape(
        {"text": text(3000)}, BLOCK_ID | {"level": one_of("default", "info", "warning", "error", "success")}
    ),
    "card": CARD,
    "carousel": shape({"elements": list_of(by_type({"card": CARD}), 10, 1)}, BLOCK_ID),
}

# https://docs.slack.dev/reference/block-kit/blocks/markdown-block: messages only; tables and tasks likewise.
MESSAGES_ONLY: dict[str, Check] = {
    "markdown": shape({"text": string(12_000, 1)}, BLOCK_ID),
    "context_actions": shape({"elements": list_of(CONTEXT_ACTIONS, 5, 1)}, BLOCK_ID),
    "file": shape({"external_id": string(), "source": one_of("remote")}, BLOCK_ID),
    "table": shape(
        {"rows": list_of(list_of(CELL, 20, 1), 100, 1)},
        BLOCK_ID | {"column_settings": list_of(anything, 20)},
    ),
    "task_card": TASK,
    "plan": shape({"title": string(least=1)}, BLOCK_ID | {"tasks": list_of(by_type({"task_card": TASK}))}),
}


def _container_rules(value: Any, pointer: str, out: list[str]) -> None:
    """slack_sdk/models/blocks/blocks.py, ContainerBlock: what can be folded has no divider under its header.

    *Assumed*: Slack complains as the SDK does, and wants `is_collapsible` for `default_collapsed`.
    """
    if not isinstance(value, dict):
        return
    if value.get("is_collapsible") is True and value.get("has_header_divider") is True:
        out.append(
            "has_header_divider cannot be set when is_collapsible is true"
            f" [json-pointer:{pointer}/has_header_divider]"
        )
    if value.get("default_collapsed") is True and value.get("is_collapsible") is not True:
        out.append(f"default_collapsed needs is_collapsible [json-pointer:{pointer}/default_collapsed]")


CONTAINER = both(
    shape(
        {"child_blocks": list_of(by_type(ANYWHERE | MESSAGES_ONLY), 10, 1)},
        BLOCK_ID
        | {
            "title": plain(150),
            "rich_text_title": IN_RICH_TEXT,
            "subtitle": text(150),
            "icon": by_type({"image": IMAGE}),
            "width": one_of("narrow", "standard", "wide", "full"),
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
        },
    ),
    some("title", "rich_text_title"),
    _container_rules,
)

IN_MESSAGES = by_type(ANYWHERE | MESSAGES_ONLY | {"container": CONTAINER})
IN_VIEWS = by_type(ANYWHERE)
