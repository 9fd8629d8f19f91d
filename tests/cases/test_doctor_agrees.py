"""What keeps `lore run` from starting is what `lore doctor` finds, and the other way round (OP-07)."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.app import app
from bot.cli.slack_findings import clock_finding
from bot.workspace import Workspace
from bot.workspace.description import SCOPES, Description

SOURCE = '[[sources]]\nname = "wiki"\npath = "pages"\naudience = "everyone"\n'
Environment = dict[str, str]


@pytest.fixture
def slack() -> Iterator[Workspace]:
    with Workspace() as workspace:
        yield workspace


def team(folder: Path, slack: Workspace, toml: str = SOURCE) -> Environment:
    """The environment of a bot that could start."""
    (folder / "pages").mkdir()
    (folder / "pages" / "a.md").write_text("# A page\n\nIt says something.\n")
    (folder / "lore.toml").write_text(toml)
    return {
        "LORE_CONFIG": str(folder / "lore.toml"),
        "LORE_DATA_DIR": str(folder / "data"),
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
    }


def run(environment: Mapping[str, str]) -> tuple[int, str]:
    """Exit code and last line of `lore run`, which must end by itself."""
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "run"],
        env={**os.environ, **environment, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr.strip().splitlines()[-1]


def doctor(environment: Mapping[str, str]) -> tuple[int, dict[str, str]]:
    """Exit code of `lore doctor`, and what it finds wrong, by part."""
    done = CliRunner().invoke(app, ["doctor", "--json"], env=dict(environment), catch_exceptions=False)
    findings = json.loads(done.stdout)
    return done.exit_code, {one["part"]: one["said"] for one in findings if not one["ok"]}


def without(name: str) -> Callable[[Environment], object]:
    return lambda environment: environment.pop(name)


def with_toml(text: str) -> Callable[[Environment], object]:
    return lambda environment: Path(environment["LORE_CONFIG"]).write_text(text)


@pytest.mark.parametrize(
    ("spoil", "part", "code", "told"),
    [
        (with_toml("a = "), "settings", 2, "not valid TOML"),
        (with_toml("admin = []\n" + SOURCE), "settings", 2, "did you mean `admins`?"),
        (without("SLACK_APP_TOKEN"), "settings", 2, "SLACK_APP_TOKEN is not set"),
        (lambda env: env.update(SLACK_BOT_TOKEN="xoxb-1-wrong"), "SLACK_BOT_TOKEN", 2, "invalid_auth"),
        (lambda env: env.update(SLACK_APP_TOKEN="xapp-1-wrong"), "SLACK_APP_TOKEN", 2, "invalid_auth"),
        (
            with_toml(SOURCE + '[embedding]\nmodel = "nowhere/no-such-model"\n'),
            "embedding model",
            1,
            "nowhere/no-such-model",
        ),
    ],
    ids=["bad TOML", "unknown key", "one token", "wrong bot token", "wrong app token", "no model"],
)
def test_op07_what_keeps_run_from_starting_is_what_doctor_finds(
    tmp_path: Path,
    slack: Workspace,
    spoil: Callable[[Environment], object],
    part: str,
    code: int,
    told: str,
) -> None:
    environment = team(tmp_path, slack)
    spoil(environment)
    ended, line = run(environment)
    assert (ended, told in line) == (code, True), line
    ended, wrong = doctor(environment)
    assert ended == 1
    assert told in wrong[part]


def test_op07_without_any_token_run_says_how_to_get_them_and_doctor_that_they_are_needed(
    tmp_path: Path, slack: Workspace
) -> None:
    environment = team(tmp_path, slack)
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"):
        del environment[name]
    ended, line = run(environment)
    assert (ended, "lore manifest" in line) == (2, True)
    done = CliRunner().invoke(app, ["doctor"], env=environment)
    assert "no tokens are set: `lore run` needs them" in done.stdout


def without_scope(name: str) -> Description:
    return Description.from_dict({"app": {"scopes": [scope for scope in SCOPES if scope != name]}})


def test_op07_a_missing_scope_is_named_by_both(tmp_path: Path) -> None:
    with Workspace(without_scope("im:read")) as slack:
        environment = team(tmp_path, slack)
        ended, line = run(environment)
        assert (ended, "lacks im:read:" in line) == (2, True), line
        ended, wrong = doctor(environment)
    assert ended == 1
    assert "whose direct message it is" in wrong["scope im:read"]
    assert "there is no: direct messages" in wrong["scope im:read"]
    assert "lore manifest" in wrong["scope im:read"]


def test_op07_without_an_optional_scope_lore_runs_and_doctor_says_what_lacks(tmp_path: Path) -> None:
    with Workspace(without_scope("groups:read")) as slack:
        environment = team(tmp_path, slack)
        assert doctor(environment) == (0, {})
        printed = CliRunner().invoke(app, ["doctor"], env=environment).stdout
        assert "lack  scope groups:read: missing (who is in a private channel), so there is no:" in printed
        starts(environment, slack)


def test_op07_a_chat_model_that_is_wrong_is_found_as_such(tmp_path: Path, slack: Workspace) -> None:
    model = '[answers]\nmodel = "openai:nothing"\nbase_url = "http://127.0.0.1:9/v1"\n'
    environment = team(tmp_path, slack, SOURCE + model) | {"OPENAI_API_KEY": "key"}
    _, wrong = doctor(environment)
    assert set(wrong) == {"chat model"}


def test_op07_a_clock_that_is_wrong_is_found() -> None:
    here = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
    told = {
        "Tue, 01 Sep 2026 12:00:30 GMT": (True, False),
        "Tue, 01 Sep 2026 11:58:00 GMT": (True, True),
        "Tue, 01 Sep 2026 12:10:00 GMT": (False, True),
        "no time at all": (True, False),
    }
    for said, (well, lacks) in told.items():
        found = clock_finding({"Date": said}, here)
        assert (found.well, found.lacks) == (well, lacks), said


def test_op07_what_doctor_finds_well_runs(tmp_path: Path, slack: Workspace) -> None:
    environment = team(tmp_path, slack)
    assert doctor(environment) == (0, {})
    starts(environment, slack)


def starts(environment: Environment, slack: Workspace) -> None:
    """`lore run` connects, and ends well when it is told to."""
    bot = subprocess.Popen([sys.executable, "-m", "bot.cli", "run"], env={**os.environ, **environment})
    try:
        slack.wait_for(lambda: slack.connected == 1, 30)
    finally:
        bot.terminate()
        assert bot.wait(60) == 0


def test_another_embedding_model_leaves_quiet_help_off_and_both_say_so(
    tmp_path: Path, slack: Workspace
) -> None:
    environment = team(tmp_path, slack, SOURCE + '[embedding]\nmodel = "nowhere/no-such-model"\n')
    printed = CliRunner().invoke(app, ["doctor"], env=environment).stdout
    [told] = [line for line in printed.splitlines() if "quiet help" in line]
    assert told.startswith("lack")
    assert "[quiet_help] threshold" in told
    command = [sys.executable, "-m", "bot.cli", "run"]
    offline = {**os.environ, **environment, "HF_HUB_OFFLINE": "1"}
    with subprocess.Popen(command, env=offline, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "quiet help is off" in process.stderr.readline()
        process.kill()
