"""Pictures of what goes on from a question: people who know, saved pages, files, filters, quiet help."""

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from bot.blocks.actions import CORRECT
from bot.blocks.corrections import APPROVE
from bot.manifest import SAVE_TO_KNOWLEDGE

if TYPE_CHECKING:
    from tests.page.screenshots import Camera

_PATIENCE_S = 180
SCANS = "How long do we keep raw scans?"
SEEDS = "How many seeds does a comparison need?"
KEPT = "Raw scans are kept for 30 days since August; the boxes are being changed one by one."
NEEDLES = "Who has the key to the scanner room in Porto?"
KEY = "Ines at the front desk of the Porto office has it. Ask her the day before; she starts at 08:00."
LABELS = """Labels of rejected pages
They go to the holding bucket, not to the bin. Diego empties it on the first Monday of the month, after Hana \
has drawn her sample of 200."""
NOTES = b"""# Retraining, 12 November

## What we changed
Batch size went from 64 to 96, because the new loader keeps up.

## What came of it
Accuracy on the held-out forms rose from 0.941 to 0.948. An epoch takes 11 minutes instead of 16.
"""


def person(camera: "Camera") -> None:
    """A question goes to a person who may know; the answer comes back to its thread."""
    ts = camera.ask("sam", "#training", NEEDLES)
    page = camera.look("sam", f"training/{ts}", height=640)
    page.locator("#thread").get_by_role("button", name="Ask a person").click()
    expect(page.get_by_role("dialog")).to_contain_text("with your name")
    camera.keep(page, "person-request")
    slack = camera.slack
    [form] = slack.views_open("sam")
    slack.submit_view("sam", form["id"])
    expert = slack.wait_for(lambda: _asked_person(camera), _PATIENCE_S)
    page = camera.look(expert, slack.dm(expert), height=640)
    page.locator("#channel").get_by_role("button", name="Answer…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("#training")
    dialog.get_by_role("textbox").first.fill(KEY)
    camera.keep(page, "person-answer")
    [form] = slack.views_open(expert)
    slack.submit_view(expert, form["id"], {"text": KEY})
    page = camera.look("sam", f"training/{ts}", height=640)
    expect(page.locator("#thread")).to_contain_text("Ines at the front desk")
    camera.keep(page, "person-answered")


def _asked_person(camera: "Camera") -> str:
    for name in ("mira", "jonas", "diego", "hana", "priya", "lena"):
        if "asks you something" in str(camera.slack.said_by_app(camera.slack.dm(name))):
            return name
    return ""


def verified(camera: "Camera") -> None:
    """A correction that the page's owner approved stands above the ordinary answer."""
    slack = camera.slack
    ts = camera.ask("priya", "#training", SCANS)
    [message] = slack.said_by_app("#training", ts)
    slack.click("priya", "#training", message["ts"], CORRECT)
    [form] = slack.views_open("priya")
    slack.submit_view("priya", form["id"], {"text": KEPT, "source": "Data retention"})
    camera.dm_holds("diego", "30 days since August")
    proposal = slack.said_by_app(slack.dm("diego"))[-1]
    slack.click("diego", slack.dm("diego"), proposal["ts"], APPROVE)
    camera.dm_holds("priya", "approved your correction")
    ts = camera.ask("lena", "#training", SCANS)
    page = camera.look("lena", f"training/{ts}", height=860)
    expect(page.locator("#thread")).to_contain_text("Verified answer")
    page.locator("#thread .log").evaluate("log => log.scrollTop = 0")
    camera.keep(page, "verified")


def saving(camera: "Camera") -> None:
    """What somebody said becomes a page."""
    slack = camera.slack
    ts = slack.say("hana", "#general", LABELS)
    slack.shortcut("priya", "#general", ts, SAVE_TO_KNOWLEDGE)
    slack.wait_for(lambda: "Reading the" not in str(slack.views_open("priya")), _PATIENCE_S)
    page = camera.look("priya", "general", height=760)
    expect(page.get_by_role("dialog")).to_contain_text("Save")
    camera.keep(page, "save")
    [form] = slack.views_open("priya")
    slack.close_view("priya", form["id"])


def answer_this(camera: "Camera") -> None:
    """The menu of any message, and the answer that one person sees."""
    camera.slack.say("sam", "#random", "Cake in the kitchen. Also: how do I book a GPU these days?")
    page = camera.look("lena", "random", height=560)
    row = page.locator("#channel .message", has_text="book a GPU").last
    row.hover()
    row.get_by_role("button", name="More actions").click()
    expect(page.get_by_role("menu")).to_contain_text("Answer this")
    camera.keep(page, "answer-this")


def sharing(camera: "Camera") -> None:
    """A private answer is shared with the channel."""
    slack = camera.slack
    slack.slash("hana", "#training", "/ask", SEEDS)
    page = camera.look("hana", "training", height=820)
    private = page.locator("#channel .message.ephemeral", has_text="seeds").last
    expect(private).to_be_visible()
    private.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Share in channel").click()
    shown = page.locator("#channel .message:not(.ephemeral)", has_text="Shared by")
    expect(shown).to_be_visible()
    camera.keep(page, "shared")


def going_on(camera: "Camera") -> None:
    """Shorter, the passages in full, what else there is."""
    ts = camera.ask("jonas", "#training", SCANS)
    page = camera.look("jonas", f"training/{ts}", height=940)
    thread = page.locator("#thread")
    thread.get_by_role("button", name="More", exact=True).first.click()
    page.get_by_role("menuitem", name="Shorter").click()
    expect(thread.locator(".message")).to_have_count(3)
    thread.get_by_role("button", name="What else?").first.click()
    expect(thread.locator(".message")).to_have_count(4)
    camera.keep(page, "going-on")


def attached(camera: "Camera") -> None:
    """A question about a file that is attached to it."""
    slack = camera.slack
    question = f"<@{slack.team.app.user_id}> what was the batch size before, and what is it now?"
    ts = slack.attach("lena", "#training", question, [("retraining.md", NOTES)])
    slack.wait_for(lambda: slack.said_by_app("#training", ts), _PATIENCE_S)
    page = camera.look("lena", f"training/{ts}", height=640)
    expect(page.locator("#thread")).to_contain_text("from 64 to 96")
    camera.keep(page, "attached")


def filters(camera: "Camera") -> None:
    """A question that says where to search."""
    ts = camera.ask("diego", "#oncall", f"{SCANS} in:wiki after:2026-07")
    page = camera.look("diego", f"oncall/{ts}", height=760)
    expect(page.locator("#thread")).to_contain_text("Search everything")
    camera.keep(page, "filters")


def quiet_help(camera: "Camera") -> None:
    """Nobody answered for a while, and Lore is sure; only whoever asked sees it."""
    camera.slack.say("sam", "#training", SEEDS)
    camera.slack.wait_for(lambda: camera.slack.ephemerals("sam", "#training"), _PATIENCE_S)
    page = camera.look("sam", "training", height=860)
    expect(page.locator("#channel .message.ephemeral")).to_contain_text("help me like this")
    camera.keep(page, "quiet-help")


ALL: tuple[Any, ...] = (
    person, verified, saving, answer_this, sharing, going_on, attached, filters,
)  # fmt: skip
QUIET: tuple[Any, ...] = (quiet_help,)
"""Those that need a channel which wants quiet help, and little patience."""
