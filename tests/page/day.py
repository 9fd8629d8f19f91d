"""A day of a stand-up, played in the local workspace over `examples/`: `python -m tests.page.day [FOLDER]`.

Six people of the team Tern, from Tokyo to New York, on Tuesday 10 March 2026: set up on Monday, asked in the
morning of each, answered, skipped, late and edited, summarised and posted. The bot is the one that `lore run`
starts, without a language model; its clock and the workspace's are moved by hand, half an hour a beat. The
pictures go to docs/screenshots/ (or FOLDER), each in the time zone of who looks.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect, sync_playwright
from sqlalchemy import func, select

from bot.delivery import slack_client
from bot.in_slack import InSlack
from bot.journal.tables import inbox, outbox
from bot.rituals.repositories import named
from bot.settings import load_settings
from bot.socket_mode import SocketMode
from bot.sources_now import from_the_file
from bot.sync_desk import Syncs
from bot.sync_runs import SyncRuns
from bot.syncing import Syncing
from bot.wiring import Knowledge, open_knowledge
from bot.workspace import Description, Workspace
from tests.fakes import FakeClock
from tests.ingest.test_commits import commit, git
from tests.page.conftest import ARGUMENTS
from tests.page.screenshots import EXAMPLES, FOLDER, PATIENCE_MS, PATIENCE_S

MONDAY = datetime(2026, 3, 9, 15, 0, tzinfo=UTC)
BEAT = timedelta(minutes=30)
TEAM = ("Hana Sato", "Jonas Lindqvist", "Lena Brandt", "Mira Okafor", "Priya Raman", "Sam Whitlock")
COMMITS = (
    (datetime(2026, 3, 9, 13, 5, tzinfo=UTC), "Shift the digits by two pixels in training"),
    (datetime(2026, 3, 9, 16, 40, tzinfo=UTC), "Log the accuracy of every class"),
)


@dataclass
class Day:
    """The workspace, the bot in it, their clock, and a browser; `pictures` is where pictures go."""

    slack: Workspace
    bot: InSlack
    knowledge: Knowledge
    clock: FakeClock
    browser: Any
    pictures: Path

    def until(self, moment: datetime) -> None:
        """Let time pass, a beat of the heartbeat every half hour."""
        while self.clock() < moment:
            self.settle()
            self.clock.move(min(moment, _next_beat(self.clock())))
            self.bot.keep_rituals(self.clock())
            self.slack.expire_statuses()
        self.settle()

    def settle(self) -> None:
        """Wait until everything taken in is worked off and everything due is said."""

        def idle() -> bool:
            waits = select(func.count()).where(inbox.c.state.in_(("queued", "claimed")))
            speaks = select(func.count()).where(outbox.c.state.in_(("queued", "sending", "unsure")))
            with self.knowledge.database.reading() as connection:
                return not any(connection.execute(busy).scalar() for busy in (waits, speaks))

        self.slack.wait_for(idle, PATIENCE_S)

    def look(self, person: str, place: str, width: int = 1100, height: int = 760) -> Page:
        """The page as one person sees it, in their time zone, at this hour."""
        context = self.browser.new_context(
            color_scheme="light",
            locale="en-GB",
            timezone_id=self.slack.person(person).tz,
            viewport={"width": width, "height": height},
        )
        page: Page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.clock.set_fixed_time(self.clock())
        page.goto(f"{self.slack.url}/#/{person}/{place}")
        page.locator("#channel .writing:visible, #channel .joining:visible").wait_for()
        page.locator("#channel .log:not([aria-busy])").wait_for()
        return page

    def dm(self, person: str, width: int = 1100, height: int = 760) -> Page:
        """Somebody's direct message with Lore."""
        return self.look(person, self.slack.dm(person), width, height)

    def picture(self, page: Page, name: str) -> None:
        """Write the picture, with nothing hovered or blinking."""
        page.mouse.move(0, 0)
        self.pictures.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=self.pictures / f"{name}.png", animations="disabled", caret="hide")

    def keep(self, page: Page, name: str) -> None:
        """Write the picture, and look no more."""
        self.picture(page, name)
        page.context.close()

    def type(self, page: Page, text: str) -> None:
        """Type into the channel's field, and send."""
        field = page.locator("#channel .composer textarea")
        field.fill(f"{text} ")
        field.press("Enter")

    def form(self, page: Page, title: str | re.Pattern[str]) -> Locator:
        """The modal of this title, once it is there."""
        found = page.get_by_role("dialog", name=title)
        expect(found).to_be_visible()
        return found

    def answer(
        self, person: str, replies: dict[str, str], button: str = "Answer", send: str = "Send"
    ) -> None:
        """Press a button of the newest prompt, fill the form in by the words of its prompts, and send it."""
        page = self.dm(person)
        page.locator("#channel").get_by_role("button", name=button, exact=True).last.click()
        form = self.form(page, "Your stand-up")
        for words, reply in replies.items():
            form.get_by_role("textbox", name=re.compile(words)).fill(reply)
        form.get_by_role("button", name=send, exact=True).click()
        expect(form).to_have_count(0)
        page.context.close()
        self.settle()


def _next_beat(now: datetime) -> datetime:
    return datetime.fromtimestamp((now.timestamp() // BEAT.total_seconds() + 1) * BEAT.total_seconds(), UTC)


def set_up(day: Day) -> None:
    """Monday afternoon in London: Mira sets the stand-up up, looks at its next dates, and saves it."""
    page = day.look("mira", "training", height=980)
    day.type(page, "/standup new")
    templates = day.form(page, "Set up a stand-up")
    expect(templates).to_contain_text("Daily")
    day.picture(page, "standup-templates")
    templates.get_by_role("button", name="Begin").first.click()
    form = page.get_by_role("dialog", name="Set up a stand-up").filter(has=page.get_by_label("Name"))
    form.get_by_role("textbox", name="Name").fill("Training daily")
    people = form.get_by_role("group", name=re.compile("And these people"))
    for name in TEAM:
        people.get_by_role("checkbox", name=name).check()
    form.get_by_role("combobox", name=re.compile("Where it is reported")).select_option(label="#training")
    form.get_by_role("radio", name=re.compile("Everybody")).check()
    form.locator(".dialog-body").evaluate("body => body.scrollTo(0, 0)")
    day.picture(page, "standup-form")
    form.get_by_role("button", name="Preview").click()
    preview = day.form(page, "Training daily")
    preview.get_by_role("button", name="More settings").click()
    more = day.form(page, "More settings")
    more.get_by_role("textbox", name=re.compile("Time to reply")).fill("4h")
    more.get_by_role("checkbox", name=re.compile("private draft")).check()
    more.get_by_role("button", name="Preview").click()
    preview = day.form(page, "Training daily")
    expect(preview).to_contain_text("Asia/Tokyo")
    day.picture(page, "standup-preview")
    preview.get_by_role("button", name="Save").click()
    saved = day.form(page, "Stand-up")
    expect(saved).to_contain_text("Training daily")
    saved.get_by_role("button", name="Close", exact=True).last.click()
    page.context.close()
    for person in ("hana", "jonas", "lena", "mira", "priya", "sam"):
        day.slack.open_home(person, "messages")  # whoever comes there for the first time is greeted
    day.settle()
    page = day.look("jonas", "training")
    day.type(page, "/standup drafts on")
    expect(page.locator("#channel .message.ephemeral")).to_contain_text("on")
    page.context.close()
    day.settle()


def hana(day: Day) -> None:
    """Half past nine in Tokyo, when it is night in London: Hana answers."""
    day.until(datetime(2026, 3, 10, 0, 40, tzinfo=UTC))
    page = day.dm("hana", height=560)
    expect(page.locator("#channel")).to_contain_text("Training daily")
    day.picture(page, "standup-prompt")
    page.locator("#channel").get_by_role("button", name="Answer", exact=True).last.click()
    form = day.form(page, "Your stand-up")
    form.get_by_role("textbox", name=re.compile("get done")).fill(
        "Scored the shifted digits: the wide net loses 3 points, the forest 9."
    )
    form.get_by_role("textbox", name=re.compile("next")).fill("Write the evaluation up for the release.")
    page.set_viewport_size({"width": 1100, "height": 860})
    day.picture(page, "standup-entry")
    form.get_by_role("button", name="Send", exact=True).click()
    expect(form).to_have_count(0)
    page.context.close()
    day.settle()


def priya(day: Day) -> None:
    """Half past nine in Kolkata: Priya waits for Jonas."""
    day.until(datetime(2026, 3, 10, 4, 20, tzinfo=UTC))
    day.answer(
        "priya",
        {
            "get done": "Relabelled 200 scans of the second clinic.",
            "next": "Check the labels of the third clinic.",
            "in your way": "@jonas the second GPU is taken, and my export needs it.",
        },
    )


def berlin(day: Day) -> None:
    """Half past nine in Berlin: Lena is away; Jonas hears what Priya waits for, and has a draft."""
    day.until(datetime(2026, 3, 10, 8, 0, tzinfo=UTC))
    page = day.look("lena", "training")
    day.type(page, "/status :palm_tree: On holiday until Thursday")
    day.slack.wait_for(lambda: day.slack.person("lena").status_text)
    day.type(page, "/standup away until 2026-03-12")
    expect(page.locator("#channel .message.ephemeral")).to_contain_text("away")
    page.context.close()
    day.until(datetime(2026, 3, 10, 8, 20, tzinfo=UTC))
    page = day.dm("jonas", height=680)
    expect(page.locator("#channel")).to_contain_text("GPU")
    day.keep(page, "standup-blocker")
    day.until(datetime(2026, 3, 10, 8, 40, tzinfo=UTC))
    page = day.dm("jonas", height=640)
    expect(page.locator("#channel")).to_contain_text("draft")
    day.picture(page, "standup-draft-offered")
    page.locator("#channel").get_by_role("button", name="Use this draft").last.click()
    form = day.form(page, "Your stand-up")
    expect(form.get_by_role("textbox", name=re.compile("get done"))).to_have_value(
        re.compile("Shift the digits")
    )
    form.get_by_role("textbox", name=re.compile("next")).fill("Free the second GPU, then the noise runs.")
    page.set_viewport_size({"width": 1100, "height": 860})
    day.picture(page, "standup-draft")
    form.get_by_role("button", name="Send", exact=True).click()
    expect(form).to_have_count(0)
    page.context.close()
    day.settle()


def london(day: Day) -> None:
    """Half past nine in London: Mira skips today. Hana corrects herself before the end of her day."""
    day.answer("hana", {"get done": "Scored the shifted digits: the wide net loses 4 points, the forest 9."},
               button="Edit", send="Save")  # fmt: skip
    day.until(datetime(2026, 3, 10, 9, 40, tzinfo=UTC))
    page = day.dm("mira")
    page.locator("#channel").get_by_role("button", name="Skip today").last.click()
    page.context.close()
    day.settle()
    day.until(datetime(2026, 3, 10, 10, 0, tzinfo=UTC))


def report(day: Day) -> None:
    """The thread in #training fills as people answer."""
    [root] = [one for one in day.slack.said_by_app("#training") if one.get("reply_count")][-1:]
    page = day.look("mira", f"training/{root['ts']}", width=1280, height=900)
    expect(page.locator("#thread")).to_contain_text("wide net")
    day.keep(page, "standup-report")


def summary(day: Day) -> None:
    """When the last time is up, Mira gets a draft of the summary, and posts it."""
    day.until(datetime(2026, 3, 10, 18, 0, tzinfo=UTC))
    page = day.dm("mira", height=900)
    expect(page.locator("#channel").get_by_role("button", name="Post", exact=True)).to_be_visible()
    day.picture(page, "standup-summary-draft")
    page.locator("#channel").get_by_role("button", name="Post", exact=True).last.click()
    page.context.close()
    day.settle()
    day.until(datetime(2026, 3, 10, 18, 10, tzinfo=UTC))


def late(day: Day) -> None:
    """Sam answers from New York when his time is up; the posted summary takes it in."""
    day.answer("sam", {"get done": "Told the clinics of the new release.", "next": "Prices of the next one."})
    day.until(datetime(2026, 3, 10, 19, 0, tzinfo=UTC))
    page = day.look("priya", "training", height=760)
    expect(page.locator("#channel")).to_contain_text("Updated after entries changed")
    day.keep(page, "standup-summary")


def why(day: Day) -> None:
    """Lena asks why she got none, and when she is asked next."""
    page = day.look("lena", "general", height=760)
    day.type(page, "/standup why")
    expect(page.locator("#channel .message.ephemeral").last).to_contain_text("Training daily")
    day.keep(page, "standup-why")


PARTS: tuple[Callable[[Day], None], ...] = (
    set_up, hana, priya, berlin, london, report, summary, late, why,
)  # fmt: skip


def prepare(folder: Path) -> None:
    """The settings over `examples/` with a repository of Jonas's, and the sources synced."""
    repository = folder / "trainer"
    repository.mkdir()
    git(repository, "init", "--quiet")
    for at, subject in COMMITS:
        commit(repository, subject, at, email="jonas@tern.example")
    settings = (EXAMPLES / "lore.toml").read_text().replace('path = "', f'path = "{EXAMPLES}/')
    (folder / "lore.toml").write_text(f'{settings}\n[rituals]\nrepositories = ["{repository}"]\n')
    os.environ |= {"LORE_CONFIG": f"{folder}/lore.toml", "LORE_DATA_DIR": f"{folder}/data"}
    subprocess.run([sys.executable, "-m", "bot.cli", "sync"], check=True)


@contextmanager
def joined(slack: Workspace, clock: FakeClock) -> Iterator[tuple[InSlack, Knowledge]]:
    """What `lore run` makes, on another clock and without its heartbeat."""
    settings = load_settings()
    client = slack_client(slack.bot_token, slack.api_url)
    knowledge = open_knowledge(settings, clock=clock, slack=client)
    knowledge.warm_up()
    listed = from_the_file(knowledge.database)
    bot = InSlack(
        client=client,
        connect=lambda app, _: SocketMode(app, slack.app_token, client),
        database=knowledge.database,
        store=knowledge.store,
        answers=knowledge.answerer,
        syncs=Syncs(
            runs=SyncRuns(knowledge.database, clock),
            syncing=Syncing(knowledge.syncer, lambda: listed().sources),
            sources=listed,
            holdings=knowledge.store.holdings,
        ),
        index_saved=lambda: knowledge.index_saved(listed().sources),
        forget_slack=lambda: knowledge.forget_slack(listed().sources),
        admins=settings.admins,
        clock=clock,
        embedder=knowledge.embedder,
        trusting=settings.trust,
        repositories=named(
            settings.repositories, settings.config.parent, settings.data_dir, lambda: listed().sources
        ),
    )
    bot.start()
    slack.wait_for(lambda: slack.connected, PATIENCE_S)
    try:
        yield bot, knowledge
    finally:
        bot.stop()
        knowledge.close()


def main(arguments: list[str]) -> None:
    """Play the whole day."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        sys.exit("no Chromium on this machine: install the system's chromium package")
    with tempfile.TemporaryDirectory(prefix="lore-day-") as folder:
        prepare(Path(folder))
        play(program, Path(arguments[0]) if arguments else FOLDER)


def play(program: str, pictures: Path) -> None:
    """Every part of the day in its order."""
    clock = FakeClock(MONDAY, flowing=True)
    expect.set_options(timeout=PATIENCE_MS)
    with (
        Workspace(Description.from_toml(EXAMPLES / "workspace.toml"), clock=clock.seconds) as slack,
        joined(slack, clock) as (bot, knowledge),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        day = Day(slack, bot, knowledge, clock, browser, pictures)
        for part in PARTS:
            print(f"{clock():%a %H:%M} UTC  {part.__name__}: {str(part.__doc__).strip()}", flush=True)
            part(day)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
