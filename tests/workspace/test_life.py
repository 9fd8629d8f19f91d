"""A workspace starts, stops and is described cleanly."""

import socket
import threading
from pathlib import Path

import pytest
from slack_sdk import WebClient

from bot.workspace import Description, DescriptionError, NotThere, Workspace


def test_stopping_leaves_no_thread_and_no_port() -> None:
    before = set(threading.enumerate())
    slack = Workspace().start()
    port = int(slack.url.rpartition(":")[2])
    assert WebClient(slack.bot_token, base_url=slack.api_url).api_test()["ok"]
    slack.stop()
    slack.stop()
    assert set(threading.enumerate()) == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_stopping_ends_calls_that_hang() -> None:
    slack = Workspace().start()
    slack.faults.hang("api.test", times=None)
    problems: list[Exception] = []

    def call() -> None:
        try:
            WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[]).api_test()
        except Exception as problem:  # noqa: BLE001 - any will do, as long as it ends
            problems.append(problem)

    caller = threading.Thread(target=call)
    caller.start()
    slack.wait_for(lambda: slack.ledger.calls_of("api.test"))
    slack.stop()
    caller.join(5)
    assert not caller.is_alive()
    assert problems


def test_a_taken_port_is_told() -> None:
    with Workspace() as slack, pytest.raises(OSError, match="in use"):
        Workspace(port=int(slack.url.rpartition(":")[2])).start()


def test_ids_stay_and_tokens_change() -> None:
    one, two = Workspace(), Workspace()
    assert one.person("ana").id == two.person("ana").id
    assert one.channel("general").id == two.channel("general").id
    assert one.bot_token != two.bot_token
    assert one.bot_token.startswith("xoxb-")
    assert one.app_token.startswith("xapp-1-A")


def test_a_team_described_in_toml(tmp_path: Path) -> None:
    file = tmp_path / "workspace.toml"
    file.write_text(
        """
        [team]
        name = "Kestrel"
        domain = "kestrel"
        [[people]]
        name = "ida"
        is_admin = true
        [[people]]
        name = "guest"
        is_ultra_restricted = true
        [[channels]]
        name = "lab"
        [[channels]]
        name = "ops"
        private = true
        members = ["ida"]
        [[groups]]
        handle = "leads"
        members = ["ida"]
        [app]
        commands = [{ command = "/ask" }]
        """
    )
    slack = Workspace(Description.from_toml(file))
    assert slack.person("ida").email == "ida@kestrel.example"
    assert slack.channel("lab").people == [slack.person("ida").id, slack.team.app.user_id]
    assert slack.channel("ops").people == [slack.person("ida").id]
    with pytest.raises(NotThere, match="nobody"):
        slack.person("nobody")
    file.write_text("[team")
    with pytest.raises(DescriptionError, match="not TOML"):
        Description.from_toml(file)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({"persons": []}, "unknown key 'persons'"),
        ({"people": [{"name": "a", "role": "b"}]}, "people: unknown key 'role'"),
        ({"people": [{"real_name": "a"}]}, "missing 1 required"),
        ({"people": [{"name": "a"}, {"name": "a"}]}, "'a' is given twice"),
        ({"people": [{"name": "lore"}]}, "'lore' is given twice"),
        ({"channels": [{"name": "lab", "members": ["zoe"]}]}, "lab: nobody is called 'zoe'"),
    ],
)
def test_mistakes_in_a_description_are_named(data: dict[str, object], complaint: str) -> None:
    with pytest.raises(DescriptionError, match=complaint):
        Description.from_dict(data)


def test_what_is_not_seen_in_time_is_an_error(slack: Workspace) -> None:
    with pytest.raises(TimeoutError):
        slack.wait_for(lambda: slack.messages("general"), timeout=0.05)
    threading.Timer(0.05, slack.say, ("ana", "general", "now")).start()
    assert slack.wait_for(lambda: slack.messages("general"))
