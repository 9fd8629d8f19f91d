"""In Chromium: people talk with each other and with the bot."""

import re
import threading
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bot.workspace import Workspace

pytestmark = pytest.mark.page


def say(page: Page, text: str, pane: str = "#channel") -> None:
    field = page.locator(f"{pane} .composer textarea")
    field.fill(text)
    field.press("Enter")


def message(page: Page, text: str, pane: str = "#channel") -> Any:
    return page.locator(f"{pane} .message").filter(has_text=text)


def test_a_question_is_answered_in_its_thread_with_citations_that_open(
    slack: Workspace, heard: list[Any], visit: Any, picture: Any
) -> None:
    page = visit("ana")
    say(page, "@lore when is the restore drill?")
    root = message(page, "when is the restore drill?")
    expect(root.locator(".mention")).to_have_text("@lore")
    root.get_by_role("button", name="1 reply").click()

    answer = page.locator("#thread .message", has_text="first Tuesday").last
    expect(answer.locator(".badge")).to_have_text("app")
    expect(answer.locator("ul ul > li")).to_have_text(["checksums", "row counts"])
    expect(answer.locator("pre code")).to_contain_text('region: str = "standby"')
    link = answer.get_by_role("link", name="the drill page")
    assert [link.get_attribute(each) for each in ("target", "rel")] == ["_blank", "noreferrer noopener"]
    expect(answer.get_by_role("button", name=re.compile("Open the passage"))).to_have_count(2)
    picture(page, "answer-light")

    answer.get_by_role("button", name="Open the passage of citation 1").click()
    modal = page.get_by_role("dialog", name="Source 1")
    expect(modal.locator("b")).to_contain_text("The restore drill is on the first Tuesday")
    picture(page, "passage-light")
    page.keyboard.press("Escape")
    expect(modal).to_have_count(0)
    assert slack.views_open("ana") == []


def test_a_status_is_shown_while_the_bot_works(
    slack: Workspace, heard: list[Any], looking_up: threading.Event, visit: Any, picture: Any
) -> None:
    looking_up.clear()
    page = visit("ana")
    say(page, "@lore look it up please")
    root = message(page, "look it up please")
    expect(root.locator(".status")).to_have_text("Lore is looking it up…")
    root.hover()
    root.get_by_role("button", name="Reply in thread").click()
    expect(page.locator("#thread .foot .status")).to_have_text("Lore is looking it up…")
    picture(page, "status-light")
    looking_up.set()
    expect(message(page, "first Tuesday", "#thread")).to_have_count(1)
    expect(page.locator(".status")).to_have_count(0)


def test_a_reply_in_the_thread_and_others_see_it_live(slack: Workspace, visit: Any) -> None:
    ts = slack.say("ana", "#general", "Who runs the drill?")
    slack.say("ben", "#general", "Dev does", thread_ts=ts)
    ana, ben = visit("ana"), visit("ben")
    message(ana, "Who runs").get_by_role("button", name="1 reply").click()
    say(ana, "Thanks\nBen", "#thread")
    expect(message(ana, "Thanks", "#thread")).to_have_count(1)
    expect(message(ben, "Who runs").get_by_role("button", name="2 replies")).to_be_visible()
    assert slack.messages("#general", ts)[-1]["text"] == "Thanks\nBen"


def test_another_person_sees_what_they_may_see(slack: Workspace, visit: Any) -> None:
    slack.say("ana", "#leads", "for leads only")
    page = visit("ana", "leads")
    expect(message(page, "for leads only")).to_be_visible()
    page.get_by_role("button", name="You are Ana Costa").click()
    page.get_by_role("combobox", name="Find a person").fill("gus")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="You are Gus Lindqvist")).to_be_visible()
    expect(page.locator("#sidebar .who .badge")).to_have_text("guest")
    expect(page.locator("#sidebar section").first.get_by_role("link")).to_have_text(["#visitors"])
    expect(message(page, "for leads only")).to_have_count(0)


def test_an_ephemeral_is_seen_by_one_person_only(slack: Workspace, heard: list[Any], visit: Any) -> None:
    ben, ana = visit("ben"), visit("ana")
    field = ben.locator("#channel .composer textarea")
    field.press_sequentially("/as")
    option = ben.get_by_role("option", name="/ask [question]")
    expect(option).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(field).to_have_value("/ask ")
    expect(ben.locator("#channel .hint")).to_have_text("/ask [question] — Ask in private")
    field.press_sequentially("restore drills")
    field.press("Enter")

    reply = message(ben, "Privately")
    expect(reply.locator(".private")).to_contain_text("Only visible to you")
    expect(reply.locator("b", has_text="restore drills")).to_be_visible()
    say(ana, "anything new?")
    expect(message(ana, "anything new?")).to_be_visible()
    expect(message(ana, "Privately")).to_have_count(0)


def test_what_slack_says_of_commands_that_fail(slack: Workspace, visit: Any) -> None:
    page = visit("ben")
    say(page, "/nothing here")
    warning = page.locator("#channel .composer .warning")
    expect(warning).to_contain_text("/nothing is not a valid command")
    expect(page.locator("#channel .composer textarea")).to_have_value("/nothing here")
    say(page, "/ask anyone there?")
    expect(warning).to_contain_text("dispatch_failed")
    expect(page.locator("#channel .absent")).to_have_text("Lore is not connected")


def test_own_messages_are_edited_and_deleted(slack: Workspace, visit: Any) -> None:
    slack.say("ana", "#general", "not mine")
    page = visit("ben")
    say(page, "tell @ana about #training & <that>")
    expect(message(page, "about")).to_be_visible()
    page.locator("#channel .composer textarea").press("ArrowUp")
    editor = page.get_by_role("textbox", name="Edit message")
    expect(editor).to_have_value("tell @ana about #training & <that>")
    editor.fill("changed @ana")
    editor.press("Enter")
    changed = message(page, "changed")
    expect(changed.locator(".edited")).to_have_text("(edited)")
    expect(changed.locator(".mention")).to_have_text("@ana")

    message(page, "not mine").hover()
    message(page, "not mine").get_by_role("button", name="More actions").click()
    expect(page.get_by_role("menuitem")).to_have_text(
        ["Copy link", "Answer this (Lore)", "Save to knowledge (Lore)", "Propose as a topic (Lore)"]
    )
    page.keyboard.press("Escape")
    changed.hover()
    changed.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Delete message").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(changed).to_have_count(0)
    assert [each["text"] for each in slack.messages("#general")] == ["not mine"]


def test_reactions(slack: Workspace, visit: Any) -> None:
    ts = slack.say("ana", "#general", "done")
    page = visit("ben")
    slack.react("ana", "#general", ts, "tada")
    chip = page.get_by_role("button", name="tada, 1: Ana Costa")
    chip.click()
    expect(page.get_by_role("button", name="tada, 2: Ana Costa, Ben Okafor")).to_have_attribute(
        "aria-pressed", "true"
    )
    message(page, "done").hover()
    message(page, "done").get_by_role("button", name="Add reaction").click()
    page.get_by_role("menuitem", name="eyes").click()
    expect(page.get_by_role("button", name="eyes, 1: Ben Okafor")).to_be_visible()


def test_what_is_unread_is_marked_until_it_is_seen(slack: Workspace, visit: Any) -> None:
    slack.say("ana", "#training", "before the page was open")
    page = visit("ben")
    training = page.locator("#sidebar").get_by_role("link", name="training")
    random = page.locator("#sidebar").get_by_role("link", name="random")
    expect(training).to_have_class(re.compile("unread"))
    expect(random).not_to_have_class(re.compile("unread"))
    slack.say("ana", "#random", "@ben look")
    expect(random.locator(".count")).to_have_text("1")
    random.click()
    expect(message(page, "look").locator(".mention.me")).to_have_text("@ben")
    page.locator("#sidebar").get_by_role("link", name="general").click()
    expect(random).not_to_have_class(re.compile("unread"))


def test_the_dm_with_the_bot_and_joining_a_channel(slack: Workspace, heard: list[Any], visit: Any) -> None:
    page = visit("ben")
    page.locator("#sidebar").get_by_role("button", name="Lore").click()
    expect(page.locator("#channel h2")).to_have_text("Lore")
    say(page, "hello there")
    expect(message(page, "You said: hello there")).to_be_visible()
    expect(page.locator("#thread .message").first).to_contain_text("hello there")
    page.get_by_role("tab", name="Home").click()
    expect(page.get_by_role("region", name="App Home")).to_contain_text("Ask the team")

    page.get_by_role("button", name="Browse channels").click()
    page.get_by_role("option", name="#visitors").click()
    page.get_by_role("button", name="Join channel").click()
    say(page, "I am in")
    expect(message(page, "I am in")).to_be_visible()


def test_a_permalink_leads_to_its_message(slack: Workspace, visit: Any) -> None:
    ts = slack.say("ana", "#training", "here it is")
    page = visit("ben")
    page.goto(f"{slack.url}/archives/{slack.channel('training').id}/p{ts.replace('.', '')}")
    expect(message(page, "here it is")).to_have_class(re.compile("pointed-at"))


def test_the_page_comes_back_when_the_workspace_does(browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    with Workspace() as slack:
        port = int(slack.url.rpartition(":")[2])
        page.goto(f"{slack.url}/#/ben/general")
        slack.say("ana", "#general", "first life")
        expect(message(page, "first life")).to_be_visible()
    expect(page.locator("#notice")).to_contain_text("Reconnecting")
    with Workspace(port=port) as slack:
        expect(page.locator("#notice")).to_be_hidden(timeout=15000)
        slack.say("ana", "#general", "second life")
        expect(message(page, "second life")).to_be_visible()
        expect(message(page, "first life")).to_have_count(0)
        context.close()
