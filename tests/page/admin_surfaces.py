"""Pictures of what admins see: syncs, sources, and how one is added; each goes on from the one before."""

from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from bot.blocks.source_forms import CHOOSE_KIND
from bot.blocks.sync_message import CANCEL

if TYPE_CHECKING:
    from tests.page.screenshots import Camera

_PATIENCE_S = 180
_PATIENCE_MS = 60_000


def progress(camera: "Camera") -> None:
    """A sync under way, in the admin's direct message."""
    write_pages(camera.place, 1_500)
    camera.slack.slash("mira", "#general", "/lore", "sync handbook")
    camera.dm_holds("mira", "a second")
    page = camera.look("mira", camera.slack.dm("mira"), width=1000, height=420)
    expect(page.locator("#channel")).to_contain_text("left")
    camera.keep(page, "sync-progress")
    dm = camera.slack.dm("mira")
    camera.slack.click("mira", dm, camera.slack.said_by_app(dm)[-1]["ts"], CANCEL)
    camera.dm_holds("mira", "was cancelled")


def report(camera: "Camera") -> None:
    """What a sync did, with what could not be read."""
    write_pages(camera.place, 40)
    (camera.place / "scan.pdf").write_bytes(b"no PDF at all")
    camera.slack.slash("mira", "#general", "/lore", "sync handbook")
    camera.dm_holds("mira", "39 added")
    page = camera.look("mira", camera.slack.dm("mira"), width=1000, height=480)
    page.locator("#channel").get_by_role("button", name="Show details").last.click()
    expect(page.get_by_role("dialog")).to_contain_text("scan.pdf", timeout=_PATIENCE_MS)
    camera.keep(page, "sync-report")
    [view] = camera.slack.views_open("mira")
    camera.slack.close_view("mira", view["id"])


def removals(camera: "Camera") -> None:
    """Most of a source is gone, and an admin is asked."""
    write_pages(camera.place, 8)
    camera.slack.slash("mira", "#general", "/lore", "sync handbook")
    camera.dm_holds("mira", "removals wait for you")
    page = camera.look("mira", camera.slack.dm("mira"), width=1000, height=620)
    camera.keep(page, "sync-removals")


def sources(camera: "Camera") -> None:
    """The sources as an admin sees them."""
    page = camera.look("mira", "random", width=1000, height=860)
    field = page.locator("#channel .composer textarea")
    field.fill("/lore sources ")
    field.press("Enter")
    expect(page.locator("#channel .message.ephemeral")).to_contain_text("handbook")
    camera.keep(page, "sources")


def adding(camera: "Camera") -> None:
    """`/lore add`: what it asks first, its forms for two kinds, and what it says of one that was tried."""
    page = camera.look("mira", "random", width=1000, height=420)
    field = page.locator("#channel .composer textarea")
    field.fill("/lore add ")
    field.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("What shall I learn from?", timeout=_PATIENCE_MS)
    camera.keep(page, "add")
    for kind in ("mediawiki", "confluence"):
        _choose(camera, kind)
        page = camera.look("mira", "random", width=1000, height=840)
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Who may be answered from it", timeout=_PATIENCE_MS)
        camera.keep(page, f"add-{kind}")
    _choose(camera, "folder")
    write_pages(camera.place, 40)
    [view] = camera.slack.views_open("mira")
    filled = {"source_name": "procedures", "option:path": str(camera.place)}
    camera.slack.submit_view("mira", view["id"], filled)
    camera.slack.wait_for(lambda: "Procedure 0" in str(camera.slack.views_open("mira")), _PATIENCE_S)
    page = camera.look("mira", "random", width=1000, height=520)
    expect(page.get_by_role("dialog")).to_contain_text("Procedure 0", timeout=_PATIENCE_MS)
    camera.keep(page, "add-tried")
    for view in camera.slack.views_open("mira"):
        camera.slack.close_view("mira", view["id"])


def _choose(camera: "Camera", kind: str) -> None:
    """The form of a kind, opened by an admin in place of what was open."""
    for view in camera.slack.views_open("mira"):
        camera.slack.close_view("mira", view["id"])
    camera.slack.slash("mira", "#random", "/lore", "add")
    camera.slack.wait_for(lambda: CHOOSE_KIND in str(camera.slack.views_open("mira")), _PATIENCE_S)
    [chooser] = camera.slack.views_open("mira")
    camera.slack.click_in_view("mira", chooser["id"], CHOOSE_KIND, kind)
    camera.slack.wait_for(lambda: "source_name" in str(camera.slack.views_open("mira")), _PATIENCE_S)


def write_pages(place: Path, count: int) -> None:
    """So many pages, and no others."""
    for old in place.iterdir():
        old.unlink()
    for number in range(count):
        text = f"# Procedure {number}\n\nStep {number} says what is done at bench {number}.\n"
        (place / f"procedure-{number:04}.md").write_text(text)


ALL = (progress, report, removals, sources, adding)
