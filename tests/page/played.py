"""What a day is played in: the workspace with the bot in it, one clock for both, and a browser."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
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

BEAT = timedelta(minutes=30)
COMMITS = (
    (datetime(2026, 3, 9, 13, 5, tzinfo=UTC), "Shift the digits by two pixels in training"),
    (datetime(2026, 3, 9, 16, 40, tzinfo=UTC), "Log the accuracy of every class"),
)
"""Those of Jonas, in a repository that drafts may look at."""


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


def play(
    team: Description, start: datetime, parts: Sequence[Callable[[Day], None]], arguments: Sequence[str]
) -> None:
    """Every part in its order; pictures go to the folder named in `arguments`, or to that of the docs."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        sys.exit("no Chromium on this machine: install the system's chromium package")
    pictures = Path(arguments[0]) if arguments else FOLDER
    clock = FakeClock(start, flowing=True)
    expect.set_options(timeout=PATIENCE_MS)
    with tempfile.TemporaryDirectory(prefix="lore-played-") as folder:
        prepare(Path(folder))
        with (
            Workspace(team, clock=clock.seconds) as slack,
            joined(slack, clock) as (bot, knowledge),
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
            day = Day(slack, bot, knowledge, clock, browser, pictures)
            for part in parts:
                what = str(part.__doc__).strip()
                print(f"{clock():%a %d %b %H:%M} UTC  {part.__name__}: {what}", flush=True)
                part(day)
            browser.close()
