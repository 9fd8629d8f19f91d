"""Pictures of every surface over `examples/`, for the documents: `python -m tests.page.screenshots [NAME …]`.

The bot is the one that `lore run` starts, without a language model, in a local workspace of the team Tern;
the pages are looked at in headless Chromium. What is written goes to docs/screenshots/.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright

from bot.blocks.actions import CORRECT
from bot.workspace import Channel, Description, Workspace
from tests.page import admin_surfaces as admins
from tests.page import answer_surfaces as answers
from tests.page.conftest import ARGUMENTS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "screenshots"
EXAMPLES = ROOT / "examples"
PATIENCE_S = 180
PATIENCE_MS = 60_000
SCANS = "How long do we keep raw scans?"


class Camera:
    """The workspace with the bot in it, a browser, and where pictures go. `place` is the folder that the bot
    reads as the source *handbook*."""

    def __init__(self, slack: Workspace, browser: Any, place: Path) -> None:
        self.slack = slack
        self.place = place
        self._browser = browser

    def look(self, person: str, place: str, width: int = 1180, height: int = 760) -> Page:
        """The page as one person sees it, in a channel (or a channel's id, with a thread's ts)."""
        context = self._browser.new_context(
            color_scheme="light", locale="en-GB", viewport={"width": width, "height": height}
        )
        page: Page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{self.slack.url}/#/{person}/{place}")
        page.locator("#channel .writing:visible, #channel .joining:visible").wait_for()
        page.locator("#channel .log:not([aria-busy])").wait_for()
        return page

    def keep(self, page: Page, name: str) -> None:
        """Write the picture, with nothing hovered or blinking."""
        page.mouse.move(0, 0)
        FOLDER.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=FOLDER / f"{name}.png", animations="disabled", caret="hide")
        page.context.close()

    def ask(self, person: str, channel: str, question: str) -> str:
        """Mention Lore and wait for the answer; the thread's ts."""
        ts = self.slack.say(person, channel, f"<@{self.slack.team.app.user_id}> {question}")
        self.slack.wait_for(lambda: self.slack.said_by_app(channel, ts), PATIENCE_S)
        self.slack.wait_for(lambda: not self.slack.status(channel, ts), PATIENCE_S)
        return ts

    def dm_holds(self, person: str, words: str) -> None:
        """Wait until Lore has said something in the direct message with a person."""
        dm = self.slack.dm(person)
        said = self.slack.said_by_app
        self.slack.wait_for(lambda: any(words in str(each) for each in said(dm)), PATIENCE_S)


def answer(camera: Camera) -> None:
    """A channel's answer with its citations."""
    ts = camera.ask("priya", "#general", SCANS)
    page = camera.look("priya", f"general/{ts}", height=860)
    expect(page.locator("#thread")).to_contain_text("30 days")
    camera.keep(page, "answer")


def passage(camera: Camera) -> None:
    """The passage behind a citation."""
    ts = camera.ask("priya", "#general", SCANS)
    page = camera.look("priya", f"general/{ts}", width=1100, height=620)
    page.locator("#thread").get_by_role("button", name=re.compile("Open the passage")).first.click()
    expect(page.get_by_role("dialog")).to_contain_text("quoted words are bold")
    camera.keep(page, "passage")


def messages(camera: Camera) -> None:
    """The direct message with suggested questions."""
    camera.ask("priya", "#general", SCANS)
    camera.slack.open_home("lena", "messages")
    camera.slack.wait_for(lambda: camera.slack.prompts("lena"), PATIENCE_S)
    camera.dm_holds("lena", "Ask me anything")
    page = camera.look("lena", camera.slack.dm("lena"))
    expect(page.get_by_role("group", name="Suggestions")).to_be_visible()
    camera.keep(page, "messages")


def home(camera: Camera) -> None:
    """An admin's Home."""
    camera.ask("mira", "#general", SCANS)
    camera.ask("mira", "#training", "How do I book a GPU?")
    page = camera.look("mira", camera.slack.dm("mira"), height=960)
    page.get_by_role("tab", name="Home").click()
    expect(page.get_by_role("region", name="App Home")).to_contain_text("For admins")
    camera.keep(page, "home")


def privately(camera: Camera) -> None:
    """`/ask`: only the asker sees it."""
    page = camera.look("hana", "training", height=860)
    field = page.locator("#channel .composer textarea")
    field.fill("/ask What learning rate made the SGD run on digits diverge?")
    field.press("Enter")
    expect(page.locator("#channel .message.ephemeral")).to_contain_text("Diverged")
    camera.keep(page, "ask")


def greeting(camera: Camera) -> None:
    """Lore is invited to a channel."""
    camera.slack.add_channel(Channel("release-11", members=["sam", "jonas"], purpose="form-reader 1.1"))
    page = camera.look("sam", "release-11", height=520)
    field = page.locator("#channel .composer textarea")
    field.fill("/invite @lore ")
    field.press("Enter")
    expect(page.locator("#channel")).to_contain_text("I am Lore")
    camera.keep(page, "greeting")


def feedback(camera: Camera) -> None:
    """Why an answer did not help."""
    ts = camera.ask("sam", "#oncall", "What do I do when the disk fills?")
    page = camera.look("sam", f"oncall/{ts}", width=1100, height=640)
    page.locator("#thread").get_by_role("button", name="This answer did not help").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    camera.keep(page, "feedback")


def correction(camera: Camera) -> None:
    """Somebody suggests a better answer, and the page's owner decides."""
    ts = camera.ask("priya", "#general", SCANS)
    [message] = camera.slack.said_by_app("#general", ts)
    camera.slack.click("priya", "#general", message["ts"], CORRECT)
    [form] = camera.slack.views_open("priya")
    better = "Raw scans are kept for 30 days since August; the boxes are being changed one by one."
    camera.slack.submit_view("priya", form["id"], {"text": better, "source": "Data retention"})
    camera.dm_holds("diego", "30 days since August")
    page = camera.look("diego", camera.slack.dm("diego"), height=640)
    expect(page.locator("#channel")).to_contain_text("30 days since August")
    camera.keep(page, "correction")


def why(camera: Camera) -> None:
    """What was searched and found for an answer."""
    camera.ask("lena", "#training", "How many seeds does a comparison need?")
    page = camera.look("lena", "training", width=1000, height=560)
    field = page.locator("#channel .composer textarea")
    field.fill("/lore why ")
    field.press("Enter")
    expect(page.locator("#channel .message.ephemeral")).to_contain_text("How many seeds")
    camera.keep(page, "why")


def streaming(camera: Camera) -> None:
    """An answer while it is written."""
    camera.ask("jonas", "#oncall", "What wakes the person on call?")  # the model is loaded now
    camera.slack.faults.delay("chat.stopStream", 15.0, after=False)
    person = camera.slack.team.app.user_id
    ts = camera.slack.say("lena", "#training", f"<@{person}> How do I name an experiment?")
    camera.slack.wait_for(lambda: camera.slack.said_by_app("#training", ts), PATIENCE_S)
    page = camera.look("lena", f"training/{ts}", height=620)
    expect(page.locator("#thread .message").last).to_contain_text("[1]", timeout=PATIENCE_MS)
    camera.keep(page, "streaming")


Surfaces = dict[str, Callable[[Camera], None]]
SURFACES: Surfaces = {
    each.__name__: each
    for each in (answer, passage, messages, home, privately, greeting, feedback, correction, why)
} | {each.__name__: each for each in answers.ALL}
STREAMED: Surfaces = {streaming.__name__: streaming}
"""Those that need a bot which shows answers while they are written."""
QUIET: Surfaces = {each.__name__: each for each in answers.QUIET}
ADMINS: Surfaces = {each.__name__: each for each in admins.ALL}
"""Those of admins, with a source that is written to; each goes on from the one before."""
HANDBOOK = """
[[sources]]
kind = "folder"
name = "handbook"
path = "{}"
audience = "everyone"

[sources_in_slack]
folders = ["{}"]
secrets = ["CONFLUENCE_TOKEN"]
"""


def main(names: list[str]) -> None:
    """Take the named pictures, or all."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        sys.exit("no Chromium on this machine: install the system's chromium package")
    expect.set_options(timeout=PATIENCE_MS)  # the first question waits for the model
    with tempfile.TemporaryDirectory(prefix="lore-pictures-") as folder:
        settings = (EXAMPLES / "lore.toml").read_text().replace('path = "', f'path = "{EXAMPLES}/')
        (place := Path(folder) / "handbook").mkdir()
        admins.write_pages(place, 1)
        settings += HANDBOOK.format(place, place)
        (Path(folder) / "lore.toml").write_text(settings)
        environment = {**os.environ, "LORE_CONFIG": f"{folder}/lore.toml", "LORE_DATA_DIR": f"{folder}/data"}
        subprocess.run([sys.executable, "-m", "bot.cli", "sync"], env=environment, check=True)
        take(SURFACES, names, program, environment, place)
        (Path(folder) / "lore.toml").write_text(settings + '\n[answers]\nstream = "always"\n')
        take(STREAMED, names, program, environment, place)
        quick = '\n[quiet_help]\nchannels = ["#training"]\nwait_minutes = 0.05\nthreshold = 0.6\n'
        (Path(folder) / "lore.toml").write_text(settings + quick)
        take(QUIET, names, program, environment, place)
        (Path(folder) / "lore.toml").write_text(settings)
        take(ADMINS, names, program, environment, place)


def take(
    surfaces: Surfaces, names: list[str], program: str, environment: dict[str, str], place: Path
) -> None:
    """Take those of the surfaces that are named, or all, with one bot."""
    wanted = [name for name in surfaces if not names or name in names]
    if not wanted:
        return
    with (
        Workspace(Description.from_toml(EXAMPLES / "workspace.toml")) as slack,
        at_work(slack, environment),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        for name in wanted:
            surfaces[name](Camera(slack, browser, place))
            print(name, flush=True)
        browser.close()


class at_work:
    """`lore run` in a process of its own, joined to the workspace."""

    def __init__(self, slack: Workspace, environment: dict[str, str]) -> None:
        tokens = {
            "SLACK_API_URL": slack.api_url,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
        }
        self._slack = slack
        self._environment = environment | tokens

    def __enter__(self) -> None:
        self._process = subprocess.Popen([sys.executable, "-m", "bot.cli", "run"], env=self._environment)
        self._slack.wait_for(lambda: self._slack.connected, PATIENCE_S)

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE_S)


if __name__ == "__main__":
    main(sys.argv[1:])
