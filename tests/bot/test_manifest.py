"""The manifest: least scopes, each with a reason, for Socket Mode and for HTTP."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from bot.cli.app import app
from bot.listeners.places import CHANGES
from bot.manifest import AGENT, COMMANDS, EVENTS, SCOPES, lacking, manifest
from bot.workspace import description, events


def printed(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["manifest", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_socket_mode_needs_no_address() -> None:
    told = json.loads(printed())
    assert told["settings"]["socket_mode_enabled"] is True
    assert "request_url" not in json.dumps(told)
    assert told["features"]["app_home"]["home_tab_enabled"] is True
    assert "agent_view" in told["features"]
    assert "assistant_view" not in told["features"]


def test_over_http_everything_goes_to_one_address() -> None:
    told = json.loads(printed("--http", "https://lore.example.com/"))
    address = "https://lore.example.com/slack/events"
    assert told["settings"]["socket_mode_enabled"] is False
    assert told["settings"]["event_subscriptions"]["request_url"] == address
    assert told["settings"]["interactivity"]["request_url"] == address
    assert {each["url"] for each in told["features"]["slash_commands"]} == {address}


@pytest.mark.parametrize(
    "address",
    ["http://lore.example.com", "lore.example.com", "https://x.example/path", "https://a@b.example"],
)
def test_another_kind_of_address_is_refused_with_one_line(address: str) -> None:
    from knowledge.errors import SettingsError

    with pytest.raises(SettingsError, match="https address without a path"):
        CliRunner().invoke(app, ["manifest", "--http", address], catch_exceptions=False)


def test_yaml_says_the_same_and_why() -> None:
    text = printed("--yaml")
    assert yaml.safe_load(text) == json.loads(printed())
    for scope in SCOPES.values():
        [line, *_] = [line for line in text.splitlines() if line.strip().startswith(f"- {scope.name} ")]
        assert scope.why in line


def test_optional_scopes_are_some_of_all_and_what_slack_gives_is_not_among_them() -> None:
    scopes: dict[str, Any] = manifest()["oauth_config"]["scopes"]
    assert set(scopes["bot_optional"]) < set(scopes["bot"])
    assert AGENT not in scopes["bot_optional"]
    assert {"chat:write", "im:read", "users:read"}.isdisjoint(scopes["bot_optional"])


def test_every_event_has_its_scope_and_the_local_workspace_knows_all_of_it() -> None:
    asked = {events.SCOPE.get(event) for event in EVENTS} - {None}
    assert asked <= set(SCOPES)
    assert set(SCOPES) <= set(description.SCOPES)
    assert set(EVENTS) <= set(description.EVENTS)
    assert set(CHANGES) <= set(EVENTS)
    assert [name for name, _, _ in COMMANDS] == [one.command for one in description.App().commands]


def test_the_workspace_of_the_examples_has_every_command() -> None:
    examples = description.Description.from_toml(Path(__file__).parents[2] / "examples" / "workspace.toml")
    assert [one.command for one in examples.app.commands] == [name for name, _, _ in COMMANDS]


def test_lacking_names_them_in_order() -> None:
    assert lacking(frozenset(SCOPES)) == ()
    assert [scope.name for scope in lacking(frozenset(SCOPES) - {"files:read", "chat:write"})] == [
        *("chat:write", "files:read")
    ]
