"""Blocks, views and metadata beyond Slack's limits are refused in its words; the limits themselves pass."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackObjectFormationError
from slack_sdk.models import blocks as models

from bot.workspace import Workspace, checks
from bot.workspace.site import Refused

Json = dict[str, Any]


def plain(text: str = "x") -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "x") -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "x", **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text)} | more


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain("Go"), "action_id": "go"} | more


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def complaints(blocks: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        checks.message_blocks(blocks)
    assert caught.value.error == "invalid_blocks"
    found: list[str] = caught.value.more["errors"]
    return found


TAKEN = [
    [section("x" * 3000)],
    [section(fields=[mrkdwn("y" * 2000)] * 3)],
    [{"type": "divider"}] * 50,
    [{"type": "header", "text": plain("x" * 150)}],
    [{"type": "context", "elements": [mrkdwn()] * 10}],
    [{"type": "markdown", "text": "x" * 10_000}],
    [actions(*[button(action_id=f"a{n}") for n in range(25)])],
    [actions(button(text=plain("x" * 75), value="v" * 2000, url="https://example.org/" + "u" * 2900))],
    [section(block_id="b" * 255)],
    [rich({"type": "text", "text": "a", "style": {"bold": True}}, {"type": "user", "user_id": "U1"})],
    [rich({"type": "link", "url": "https://example.org", "text": "here"}, {"type": "emoji", "name": "tada"})],
    [
        {
            "type": "context_actions",
            "elements": [
                {
                    "type": "feedback_buttons",
                    "action_id": "f",
                    "positive_button": {"text": plain("Good"), "value": "+"},
                    "negative_button": {"text": plain("Bad"), "value": "-"},
                }
            ],
        }
    ],
    [
        {
            "type": "table",
            "rows": [[{"type": "raw_text", "text": "a"}, {"type": "raw_text", "text": "b"}]] * 100,
        }
    ],
    [
        {
            "type": "container",
            "title": plain("Sources"),
            "child_blocks": [section()] * 10,
            "is_collapsible": True,
        }
    ],
    [{"type": "alert", "level": "warning", "text": mrkdwn("Old")}],
    [{"type": "card", "title": plain("x" * 150), "body": plain("y" * 200), "actions": [button()] * 5}],
    [
        {
            "type": "context_actions",
            "elements": [
                {
                    "type": "icon_button",
                    "icon": "trash",
                    "text": plain("Delete"),
                    "action_id": f"a{n}",
                    "visible_to_user_ids": ["U1"] * 10,
                }
                for n in range(5)
            ],
        }
    ],
]

REFUSED = [
    (
        [{"type": "alert", "level": "loud", "text": plain()}],
        "must be a valid enum value: default, info, warning, error, success",
        "/blocks/0/level",
    ),
    (
        [{"type": "card", "subtitle": plain()}],
        "must define either `hero_image` or `title` or `actions` or `body`",
        "/blocks/0/type",
    ),
    ([{"type": "card", "body": plain("x" * 201)}], "must be less than 201 characters", "/blocks/0/body/text"),
    (
        [{"type": "container", "child_blocks": [section()]}],
        "must define either `title` or `rich_text_title`",
        "/blocks/0/type",
    ),
    (
        [{"type": "container", "title": plain(), "child_blocks": [section()] * 11}],
        "no more than 10 items allowed",
        "/blocks/0/child_blocks",
    ),
    (
        [
            {
                "type": "container",
                "title": plain(),
                "child_blocks": [section()],
                "is_collapsible": True,
                "has_header_divider": True,
            }
        ],
        "has_header_divider cannot be set when is_collapsible is true",
        "/blocks/0/has_header_divider",
    ),
    (
        [{"type": "context_actions", "elements": [button()]}],
        "unsupported type: button",
        "/blocks/0/elements/0/type",
    ),
    ([section("x" * 3001)], "must be less than 3001 characters", "/blocks/0/text/text"),
    ([{"type": "section"}], "must define either `text` or `fields`", "/blocks/0/type"),
    ([section("")], "must be more than 0 characters", "/blocks/0/text/text"),
    ([section(fields=[mrkdwn()] * 11)], "no more than 10 items allowed", "/blocks/0/fields"),
    ([section(fields=[mrkdwn("x" * 2001)])], "must be less than 2001 characters", "/blocks/0/fields/0/text"),
    ([{"type": "divider"}] * 51, "no more than 50 items allowed", "/blocks"),
    ([{"type": "table", "rows": []}], "no fewer than 1 items allowed", "/blocks/0/rows"),
    ([{"type": "chart"}], "unsupported type: chart", "/blocks/0/type"),
    ([{}], "missing required field: type", "/blocks/0"),
    ({"type": "divider"}, "must provide an array", "/blocks"),
    (["x"], "must provide an object", "/blocks/0"),
    ([section(colour="red")], "invalid additional property: colour", "/blocks/0"),
    ([{"type": "header", "text": mrkdwn()}], "unsupported type: mrkdwn", "/blocks/0/text/type"),
    (
        [{"type": "header", "text": plain("x" * 151)}],
        "must be less than 151 characters",
        "/blocks/0/text/text",
    ),
    (
        [{"type": "context", "elements": [mrkdwn()] * 11}],
        "no more than 10 items allowed",
        "/blocks/0/elements",
    ),
    ([{"type": "markdown", "text": "x" * 12_001}], "must be less than 12001 characters", "/blocks/0/text"),
    (
        [actions(*[button(action_id=str(n)) for n in range(26)])],
        "no more than 25 items allowed",
        "/blocks/0/elements",
    ),
    ([actions(button(), button())], "`action_id` must be unique within a block", "/blocks/0/elements"),
    (
        [actions(button(text=plain("x" * 76)))],
        "must be less than 76 characters",
        "/blocks/0/elements/0/text/text",
    ),
    ([actions(button(value="x" * 2001))], "must be less than 2001 characters", "/blocks/0/elements/0/value"),
    (
        [actions(button(url="https://e.org/" + "x" * 3000))],
        "must be less than 3001 characters",
        "/blocks/0/elements/0/url",
    ),
    ([actions(button(url="javascript:alert(1)"))], "invalid url", "/blocks/0/elements/0/url"),
    (
        [actions(button(action_id="a" * 256))],
        "must be less than 256 characters",
        "/blocks/0/elements/0/action_id",
    ),
    (
        [actions(button(style="loud"))],
        "must be a valid enum value: primary, danger",
        "/blocks/0/elements/0/style",
    ),
    ([section(block_id="b" * 256)], "must be less than 256 characters", "/blocks/0/block_id"),
    ([section(block_id="b"), section(block_id="b")], "`block_id` must be unique", "/blocks/1/block_id"),
    ([rich({"type": "text"})], "missing required field: text", "/blocks/0/elements/0/elements/0"),
    (
        [rich({"type": "text", "text": ""})],
        "must be more than 0 characters",
        "/blocks/0/elements/0/elements/0/text",
    ),
    (
        [rich({"type": "shout", "text": "x"})],
        "unsupported type: shout",
        "/blocks/0/elements/0/elements/0/type",
    ),
    ([rich({"type": "link", "text": "x"})], "missing required field: url", "/blocks/0/elements/0/elements/0"),
    (
        [{"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}],
        "unsupported type: text",
        "/blocks/0/elements/0/type",
    ),
]


@pytest.mark.parametrize("blocks", TAKEN)
def test_what_slack_takes(blocks: Any) -> None:
    assert checks.message_blocks(blocks) == blocks


@pytest.mark.parametrize(("blocks", "complaint", "pointer"), REFUSED)
def test_what_slack_refuses(blocks: Any, complaint: str, pointer: str) -> None:
    assert f"{complaint} [json-pointer:{pointer}]" in complaints(blocks)


def test_a_message_too_long_as_a_whole_is_refused() -> None:
    three = [section("x" * 3000)] * 3
    assert checks.message_blocks(three)
    for blocks in ([*three, section("x" * 1500)], [section("é" * 3000)] * 2):
        with pytest.raises(Refused, match="msg_blocks_too_long"):
            checks.message_blocks(blocks)


FIELDS = ["type", "text", "elements", "blocks", "fields", "element"]
KINDS = ["section", "rich_text", "actions", "context"]


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    block = st.fixed_dictionaries(
        {"type": st.sampled_from(KINDS)}, optional={"text": inner, "elements": inner, "fields": inner}
    )
    return st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4) | block


PLAIN = st.none() | st.booleans() | st.integers() | st.text(max_size=5)


@given(st.lists(nested(st.recursive(PLAIN, nested, max_leaves=12)), max_size=3))
def test_no_json_breaks_the_checks(anything: Any) -> None:
    for check in (checks.message_blocks, checks.view, checks.metadata):
        for value in (anything, {"type": "modal", "blocks": anything}):
            with contextlib.suppress(Refused):
                check(value)


@given(st.integers(1, 3100))
def test_slack_sdks_own_models_agree_on_limits(length: int) -> None:
    """Its validators know the section's limit; ours must say the same."""
    model = models.SectionBlock(text=models.MarkdownTextObject(text="x" * length))
    try:
        model.validate_json()
        refusal = None
    except SlackObjectFormationError as problem:
        refusal = problem
    if refusal is None:
        assert checks.message_blocks([model.to_dict()])
    else:
        assert complaints([section("x" * length)])


MODAL = {
    "type": "modal",
    "title": plain("x" * 24),
    "submit": plain("Save"),
    "private_metadata": "p" * 3000,
    "blocks": [
        {"type": "input", "label": plain(), "element": {"type": "plain_text_input", "action_id": "a"}}
    ],
}

BAD_VIEWS = [
    ({"title": plain("x" * 25)}, "must be less than 25 characters", "/view/title/text"),
    ({"private_metadata": "p" * 3001}, "must be less than 3001 characters", "/view/private_metadata"),
    ({"callback_id": "p" * 256}, "must be less than 256 characters", "/view/callback_id"),
    ({"blocks": [section()] * 101}, "no more than 100 items allowed", "/view/blocks"),
    ({"blocks": [{"type": "markdown", "text": "x"}]}, "unsupported type: markdown", "/view/blocks/0/type"),
    ({"type": "page"}, "must be a valid enum value: modal, home", "/view/type"),
]


@pytest.mark.parametrize(("change", "complaint", "pointer"), BAD_VIEWS)
def test_views_that_slack_refuses(change: Json, complaint: str, pointer: str) -> None:
    assert checks.view(MODAL)
    with pytest.raises(Refused) as caught:
        checks.view(MODAL | change)
    assert caught.value.error == "invalid_arguments"
    assert f"{complaint} [json-pointer:{pointer}]" in caught.value.more["errors"]


def test_a_modal_with_inputs_needs_a_submit_button() -> None:
    without = {name: value for name, value in MODAL.items() if name != "submit"}
    with pytest.raises(Refused) as caught:
        checks.view(without)
    assert "must define `submit`" in caught.value.more["errors"][0]


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ("x", "invalid_metadata_format"),
        ({"event_type": "a"}, "invalid_metadata_format"),
        ({"event_type": "a", "event_payload": {}, "more": 1}, "invalid_metadata_schema"),
        ({"event_type": "a", "event_payload": {"k": "x" * 8000}}, "metadata_too_large"),
    ],
)
def test_metadata_that_slack_refuses(metadata: Any, error: str) -> None:
    with pytest.raises(Refused, match=error):
        checks.metadata(metadata)


def test_refusals_reach_the_client_with_their_details(slack: Workspace, client: WebClient) -> None:
    def error(**args: Any) -> Any:
        with pytest.raises(SlackApiError) as caught:
            client.chat_postMessage(channel="#general", **args)
        return caught.value.response

    refused = error(text="x", blocks=[section("x" * 3001)])
    assert refused["error"] == "invalid_blocks"
    assert refused["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    ]
    assert error(text="x", blocks="{not json")["error"] == "invalid_blocks_format"
    assert error(text="x", markdown_text="y")["error"] == "markdown_text_conflict"
    attachments = [{"text": "a", "fallback": "a"}] * 101
    assert error(text="x", attachments=attachments)["error"] == "too_many_attachments"
    assert error(text="x", thread_ts="yesterday")["error"] == "invalid_thread_ts"
    assert slack.messages("general") == []
    assert [call.ok for call in slack.ledger.calls_of("chat.postMessage")] == [False] * 5
    assert len(client.chat_postMessage(channel="#general", text="x" * 40_010)["message"]["text"]) == 40_000
