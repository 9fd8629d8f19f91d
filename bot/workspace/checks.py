"""What Slack refuses: blocks, views, metadata and timestamps that break its rules, with its own words."""

import json
import re
from collections.abc import Iterator
from typing import Any

from bot.workspace.blocks_kit import IN_MESSAGES, IN_VIEWS
from bot.workspace.description import Json
from bot.workspace.elements_kit import plain
from bot.workspace.shapes import boolean, complain, list_of, one_of, shape, string
from bot.workspace.site import Refused

# Not documented. Reports: markdown blocks alone are refused from 13,297 characters on, 125 fewer with one
# divider (github.com/slackapi/bolt-js/issues/2509), and other measures are lower, near 10,600 bytes.
# *Assumed*, on the strict side: the UTF-8 bytes of every text in the blocks, and 125 for each block.
MOST_BYTES = 10_600
BYTES_PER_BLOCK = 125

MESSAGE = list_of(IN_MESSAGES, 50)
VIEW_PARTS = {
    "private_metadata": string(3000),
    "callback_id": string(255),
    "external_id": string(255),
}
MODAL = shape(
    {"title": plain(24), "blocks": list_of(IN_VIEWS, 100, 1)},
    VIEW_PARTS
    | {
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)
HOME = shape({"blocks": list_of(IN_VIEWS, 100)}, VIEW_PARTS)
TS = re.compile(r"\d{10}\.\d{6}")


def is_ts(value: str) -> bool:
    """Whether it looks like a message's timestamp."""
    return TS.fullmatch(value) is not None


def message_blocks(blocks: Any) -> list[Json]:
    """The blocks of a message, if Slack would take them. Raises Refused."""
    if blocks is None or blocks == []:
        return []
    problems: list[str] = []
    MESSAGE(blocks, "/blocks", problems)
    if not problems:
        _unique_ids(blocks, "/blocks", problems)
    if not problems and sum(len(each["text"]) for each in blocks if each["type"] == "markdown") > 12_000:
        complain(problems, "markdown blocks must be less than 12001 characters together", "/blocks")
    if problems:
        raise Refused.with_messages("invalid_blocks", problems)
    if sum(each["type"] == "table" for each in blocks) > 1:
        raise Refused.with_messages("invalid_blocks", ["only_one_table_allowed [json-pointer:/blocks]"])
    size = sum(len(each.encode()) for each in _texts(blocks)) + BYTES_PER_BLOCK * len(blocks)
    if size > MOST_BYTES:
        raise Refused("msg_blocks_too_long")
    return list(blocks)


def _texts(value: Any) -> Iterator[str]:
    """What people read of some blocks, and the addresses behind links."""
    if isinstance(value, dict):
        for name, each in value.items():
            if isinstance(each, str) and name in ("text", "url", "alt_text", "title"):
                yield each
            elif name not in ("value", "action_id", "block_id"):
                yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _unique_ids(blocks: list[Json], pointer: str, problems: list[str]) -> None:
    """https://docs.slack.dev/reference/block-kit/blocks: a block_id once per message or view."""
    seen: set[str] = set()
    for place, block in enumerate(blocks):
        block_id = block.get("block_id")
        if block_id and block_id in seen:
            complain(problems, "`block_id` must be unique", f"{pointer}/{place}/block_id")
        seen.add(block_id or "")
        actions = [each.get("action_id") for each in block.get("elements", []) if "action_id" in each]
        if block["type"] in ("actions", "context_actions") and len(actions) != len(set(actions)):
            complain(problems, "`action_id` must be unique within a block", f"{pointer}/{place}/elements")


def view(body: Any, kind: str | None = None) -> Json:
    """A modal or an App Home (`kind` modal, home or either), if Slack would take it. Raises Refused.

    https://docs.slack.dev/reference/views
    """
    problems: list[str] = []
    if not isinstance(body, dict):
        raise Refused.with_messages("invalid_arguments", ["must provide an object [json-pointer:/view]"])
    one_of(*([kind] if kind else ["modal", "home"]))(body.get("type"), "/view/type", problems)
    if not problems:
        (MODAL if body["type"] == "modal" else HOME)(body, "/view", problems)
    if not problems:
        _unique_ids(body["blocks"], "/view/blocks", problems)
        for place, block in enumerate(body["blocks"]):
            if block["type"] == "input" and body["type"] == "modal" and "submit" not in body:
                pointer = f"/view/blocks/{place}/input"
                complain(problems, "must define `submit` to use an `input` block in modals", pointer)
    if problems:
        raise Refused.with_messages("invalid_arguments", problems)
    return dict(body)


def metadata(value: Any) -> Json | None:
    """https://docs.slack.dev/messaging/message-metadata; *assumed*: 8,000 characters are too large."""
    if value is None:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("event_type"), str):
        raise Refused("invalid_metadata_format")
    if not isinstance(value.get("event_payload"), dict) or not value["event_type"]:
        raise Refused("invalid_metadata_format")
    if set(value) - {"event_type", "event_payload", "entities"}:
        raise Refused("invalid_metadata_schema")
    if len(json.dumps(value)) > 8_000:
        raise Refused("metadata_too_large")
    return dict(value)
