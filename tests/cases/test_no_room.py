"""Full, read-only and impossible data folders, with the real command line and bot (ST-08, ST-09)."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.workspace import Workspace
from tests.cases.mounting import mount_of

PAGE = "# Backups\n\nBackups of the label store run every night at 02:30 and are kept for {days} days.\n"
QUESTION = "How long are backups of the label store kept?"
LORE = f"{sys.executable} -m bot.cli"


@pytest.fixture
def team(tmp_path: Path) -> dict[str, str]:
    """One page to sync, and the environment that names it."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "backups.md").write_text(PAGE.format(days=35))
    (tmp_path / "lore.toml").write_text('[[sources]]\nname = "wiki"\npath = "pages"\naudience = "everyone"\n')
    return {**os.environ, "LORE_CONFIG": str(tmp_path / "lore.toml"), "LORE_DATA_DIR": str(tmp_path / "data")}


def on_a_disk(team: dict[str, str], options: str, script: str) -> str:
    """What a shell script prints beside a small file system of its own, which is the data folder."""
    folder = Path(team["LORE_DATA_DIR"])
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", f"{mount_of(folder, options)} || exit 99\n{script}"],
        env=team,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode != 99, said
    assert "Traceback" not in said
    assert "[SQL" not in said
    return said


def test_st08_a_sync_on_a_full_disk_is_one_line_and_what_was_published_answers(team: dict[str, str]) -> None:
    page = Path(team["LORE_CONFIG"]).parent / "pages" / "backups.md"
    changed = PAGE.format(days=90)
    said = on_a_disk(
        team,
        "size=4m",
        f"""
        {LORE} sync || exit 1
        printf '%s' '{changed}' > {page}
        dd if=/dev/zero of=$LORE_DATA_DIR/filler bs=4k 2>/dev/null
        truncate -s -200K $LORE_DATA_DIR/filler
        {LORE} sync 2>&1; echo "full: exit $?"
        {LORE} ask '{QUESTION}' 2>&1
        rm $LORE_DATA_DIR/filler
        {LORE} sync 2>&1; echo "room: exit $?"
        """,
    )
    during, after = said.split("full: exit 1\n")
    [failure] = [line for line in during.splitlines() if line.startswith("lore: ")]
    assert "full" in failure or "No space" in failure
    assert "35 days" in after, "what was published before still answers"
    assert "0 added, 1 changed" in after
    assert "room: exit 0" in after


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("size=1m,ro", "cannot write in the data folder"),
        ("size=1m,nr_inodes=3", "is there room in the data folder?"),
        ("size=8k", "is there room in the data folder?"),
    ],
    ids=["read-only", "no inodes", "no bytes"],
)
def test_st09_a_folder_that_takes_nothing_is_one_line(team: dict[str, str], options: str, told: str) -> None:
    said = on_a_disk(team, options, f'{LORE} sync; echo "exit $?"').splitlines()
    assert said[0] == "exit 1"
    assert len(said) == 2
    assert said[1].startswith("lore: ")
    assert told in said[1]


@pytest.mark.parametrize("folder", ["/proc/lore", "/dev/null/lore"])
def test_st09_a_folder_that_cannot_be_made_is_one_line(team: dict[str, str], folder: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "ask", "anything"],
        env={**team, "LORE_DATA_DIR": folder},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"lore: cannot make the data folder {folder}: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can limit another process")
def test_st08_a_running_bot_without_room_acknowledges_nothing_and_recovers(
    team: dict[str, str], tmp_path: Path
) -> None:
    subprocess.run([sys.executable, "-m", "bot.cli", "sync"], env=team, check=True, capture_output=True)
    with Workspace(ack_seconds=3.0, redelivery=tuple(0.5 * n for n in range(100))) as slack:
        environment = {
            **team,
            "SLACK_API_URL": slack.api_url,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
        }
        bot = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "run"], env=environment, stderr=subprocess.PIPE, text=True
        )
        try:
            ask_before_during_and_after(slack, bot.pid)
        finally:
            bot.send_signal(signal.SIGTERM)
            _, logged = bot.communicate(timeout=240)
    assert "ALERT the journal cannot be written, so nothing is acknowledged" in logged
    assert "the journal can be written again" in logged
    assert bot.returncode == 0


def ask_before_during_and_after(slack: Workspace, pid: int) -> None:
    me = slack.team.app.user_id
    first = slack.say("ana", "#general", f"<@{me}> {QUESTION}")
    slack.wait_for(lambda: slack.said_by_app("#general", first), 60)

    room = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, room[1]))
    second = slack.say("ana", "#general", f"<@{me}> {QUESTION}")
    mine = [each for each in slack.ledger.events() if each.payload["event"].get("ts") == second]
    slack.wait_for(lambda: all(len(each.attempts) >= 2 for each in mine), 60)
    assert not any(each.acked for each in mine)
    assert not slack.said_by_app("#general", second)

    resource.prlimit(pid, resource.RLIMIT_FSIZE, room)
    said = slack.wait_for(lambda: slack.said_by_app("#general", second), 60)
    slack.wait_for(lambda: all(each.acked for each in mine), 60)
    assert len(said) == 1
