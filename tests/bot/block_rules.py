"""What must hold of every message that Lore renders, whatever text went in."""

import json
import re
from collections.abc import Iterator
from typing import Any

from slack_sdk.models.blocks import Block

from bot.blocks.pages import Page

PLACES = {"text": 3_000, "label": 75}
STYLES = {"bold", "italic", "strike", "code"}
NEVER = {chr(code) for code in (*range(9), 11, 12, *range(14, 32), *range(127, 160))} | set(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)


def assert_page(page: Page, origins: frozenset[str] = frozenset()) -> None:
    """Slack takes it, within a safe margin; only the elements we know are in it; links go where they may."""
    assert 1 <= len(page.blocks) <= 50
    wire = json.dumps(page.blocks, ensure_ascii=False)
    assert len(wire.encode()) + len(page.text.encode()) <= 9_000
    assert not NEVER & set(wire)
    assert page.text.strip()
    assert_fallback(page.text)
    for block in page.blocks:
        assert_block(block, origins)


def assert_fallback(text: str) -> None:
    """Nothing in the fallback text can link, ping or break an entity."""
    assert len(text.encode()) <= 2_000
    assert "<" not in text
    assert ">" not in text
    assert not NEVER & set(text)
    assert text.count("&") == sum(text.count(entity) for entity in ("&amp;", "&lt;", "&gt;"))


def assert_block(block: Any, origins: frozenset[str]) -> None:
    Block.parse(dict(block)).to_dict()  # slack_sdk's own limits; raises SlackObjectFormationError
    match block["type"]:
        case "rich_text":
            assert block["elements"]
            for element in block["elements"]:
                assert_element(element, origins)
        case "section":
            assert set(block) <= {"type", "text", "accessory"}
            assert_plain(block["text"], 3_000)
            if "accessory" in block:
                assert_button(block["accessory"])
        case "context":
            assert 1 <= len(block["elements"]) <= 10
            for element in block["elements"]:
                assert_plain(element, 2_000)
        case "actions" | "context_actions":
            for element in block["elements"]:
                assert_button(element)
        case other:
            raise AssertionError(f"a block of type {other}")


def assert_element(element: Any, origins: frozenset[str]) -> None:
    assert element["elements"]
    match element["type"]:
        case "rich_text_section" | "rich_text_quote":
            for part in element["elements"]:
                assert_text(part, origins)
        case "rich_text_preformatted":
            for part in element["elements"]:
                assert part["type"] == "text"
                assert_text(part, origins)
        case "rich_text_list":
            assert element["style"] in ("bullet", "ordered")
            assert 0 <= element["indent"] <= 8
            for item in element["elements"]:
                assert item["type"] == "rich_text_section"
                assert_element(item, origins)
        case other:
            raise AssertionError(f"an element of type {other}")


def assert_text(part: Any, origins: frozenset[str]) -> None:
    if part["type"] == "date":
        assert set(part) <= {"type", "timestamp", "format", "fallback", "style"}
        return
    if part["type"] == "user":
        assert set(part) == {"type", "user_id"}
        assert re.fullmatch(r"[UW][A-Z0-9]{7,20}", part["user_id"])
        return
    assert 1 <= len(part["text"]) <= 3_000
    assert set(part.get("style", ())) <= STYLES
    match part["type"]:
        case "text":
            assert set(part) <= {"type", "text", "style"}
        case "link":
            assert any(part["url"].startswith(origin + "/") for origin in origins)
            assert len(part["url"]) <= 3_000
            assert part["url"].isascii()
        case other:
            raise AssertionError(f"a part of type {other}")


def assert_plain(text: Any, most: int) -> None:
    assert text["type"] == "plain_text"
    assert text["emoji"] is False
    assert 1 <= len(text["text"]) <= most


def assert_button(button: Any) -> None:
    """A button, or one of the elements that are several; what they carry says nothing."""
    assert 0 < len(button["action_id"]) <= 255
    match button["type"]:
        case "button" | "icon_button":
            parts = [button]
        case "feedback_buttons":
            parts = [button["positive_button"], button["negative_button"]]
        case "overflow":
            parts = button["options"]
        case other:
            raise AssertionError(f"an element of type {other}")
    for part in parts:
        assert_plain(part["text"], 75)
        assert re.fullmatch(r"[a-z0-9_:]{1,150}", part["value"])
        assert len(part.get("accessibility_label", "")) <= 75
        assert "url" not in part


def texts(blocks: Any) -> Iterator[str]:
    """Every text of some blocks in reading order, as people see it."""
    for block in blocks:
        match block:
            case {"type": "plain_text" | "text" | "link", "text": str(text)}:
                yield text
            case {"type": "date", "fallback": str(text)}:
                yield text
            case {"type": "button" | "icon_button"}:
                continue
            case {"text": dict(text)}:
                yield from texts([text])
            case {"elements": elements}:
                yield from texts(elements)
