"""What lore.toml says of audiences holds from the first answer on, and at each sync of a running bot."""

import os
import subprocess
import sys
from pathlib import Path

from bot.workspace import Workspace
from tests.dialogues.lore import words

SOURCE = '[[sources]]\nname = "wiki"\npath = "pages"\naudience = {}\n'
PAGE = "# Budget\n\nThe hiring budget of the platform team is 640000 euros in 2027.\n"
QUESTION = "How much is the hiring budget of the platform team?"


def lore(environment: dict[str, str], *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "bot.cli", *arguments], env={**os.environ, **environment})


def test_audiences_are_those_of_lore_toml_as_it_is_now(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "budget.md").write_text(PAGE)
    toml = tmp_path / "lore.toml"
    toml.write_text(SOURCE.format('"everyone"'))
    with Workspace() as slack:
        environment = {
            "LORE_CONFIG": str(toml),
            "LORE_DATA_DIR": str(tmp_path / "data"),
            "SLACK_API_URL": slack.api_url,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
        }

        def asked() -> str:
            ts = slack.say("ana", "#general", f"<@{slack.team.app.user_id}> {QUESTION}")
            return words(slack.wait_for(lambda: slack.said_by_app("#general", ts), 90)[0])

        assert lore(environment, "sync").wait(90) == 0
        toml.write_text(SOURCE.format('["nobody@heron.example"]'))
        bot = lore(environment, "run")
        try:
            slack.wait_for(lambda: slack.connected == 1, 60)
            assert "640000" not in asked(), "narrowed while the bot was away"

            toml.write_text(SOURCE.format('"everyone"'))
            assert slack.slash("ana", "#general", "/lore", "sync").ok
            dm = slack.dm("ana")
            slack.wait_for(lambda: any("Sync done" in words(one) for one in slack.said_by_app(dm)), 90)
            assert "640000" in asked(), "the bot's own sync reads lore.toml as it is now"
        finally:
            bot.terminate()
            assert bot.wait(60) == 0
