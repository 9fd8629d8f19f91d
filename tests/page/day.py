"""A day of a stand-up, played in the local workspace over `examples/`: `python -m tests.page.day [FOLDER]`.

Six people of the team Tern, from Tokyo to New York, on Tuesday 10 March 2026: set up on Monday, asked in the
morning of each, answered, skipped, late and edited, summarised and posted. The bot is the one that `lore run`
starts, without a language model; its clock and the workspace's are moved by hand, half an hour a beat. The
pictures go to docs/screenshots/ (or FOLDER), each in the time zone of who looks.
"""

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from playwright.sync_api import expect

from bot.workspace import Description
from tests.page.played import Day, play
from tests.page.screenshots import EXAMPLES

MONDAY = datetime(2026, 3, 9, 15, 0, tzinfo=UTC)
TEAM = ("Hana Sato", "Jonas Lindqvist", "Lena Brandt", "Mira Okafor", "Priya Raman", "Sam Whitlock")


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
    day.until(datetime(2026, 3, 10, 19, 30, tzinfo=UTC))
    page = day.look("priya", "training", height=760)
    expect(page.locator("#channel")).to_contain_text("Updated after entries changed")
    expect(page.locator("#channel a", has_text="sam")).to_be_visible()
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


if __name__ == "__main__":
    play(Description.from_toml(EXAMPLES / "workspace.toml"), MONDAY, PARTS, sys.argv[1:])
