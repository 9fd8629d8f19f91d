"""`/lore`, and the buttons under an answer."""

from typing import Any

import pytest
from sqlalchemy import select

from bot.delivery import slack_client
from bot.journal.tables import audit
from bot.opening import Passages
from bot.people import People
from bot.wiring import now
from tests.dialogues.lore import Lore, words
from tests.dialogues.syncing import dm_message
from tests.dialogues.test_audiences import BUDGET

DRILL = "how long did the restore drill take for the 7B run?"


def test_help_status_and_sources(lore: Lore) -> None:
    for count, (text, told) in enumerate(
        (("help", "/lore status"), ("", "/lore status"), ("nonsense", "/lore status"),
         ("status", "You can ask about 3 documents"), ("sources", "secrets")), 1
    ):  # fmt: skip
        lore.slack.slash("ben", "#general", "/lore", text)
        assert told in words(lore.private_reply("ben", "#general", count)).replace("`", "")
    lore.slack.slash("chloe", "#general", "/lore", "sources")
    said = words(lore.private_reply("chloe", "#general"))
    assert "wiki" in said
    assert "secrets" not in said


def test_an_admin_syncs_and_gets_the_report(own_lore: Lore) -> None:
    (own_lore.wiki / "new.md").write_text("# Snacks\n\nThe snack shelf is refilled on Thursdays.\n")
    (own_lore.wiki / "broken.md").write_bytes(b"\x00\x01\x02" * 100)
    own_lore.slack.slash("ana", "#general", "/lore", "sync")
    assert "our direct message" in words(own_lore.private_reply("ana", "#general"))
    dm_message(own_lore, "ana", "Sync done. ", "1 added", "1 failed")
    ts = own_lore.mention("ben", "#general", "when is the snack shelf refilled?")
    assert "Thursdays" in own_lore.reply("#general", ts)


def test_others_are_told_politely_that_they_may_not(own_lore: Lore) -> None:
    before = own_lore.knowledge.store.published()
    (own_lore.wiki / "new.md").write_text("# Snacks\n\nThe snack shelf is refilled on Thursdays.\n")
    own_lore.slack.slash("ben", "#general", "/lore", "sync")
    assert "Only admins" in words(own_lore.private_reply("ben", "#general"))
    assert own_lore.knowledge.store.published() == before
    with own_lore.knowledge.database.reading() as connection:
        [row] = connection.execute(select(audit)).all()
    assert (row.person, row.action, row.allowed) == (own_lore.slack.person("ben").id, "sync", 0)


def button(message: dict[str, Any]) -> str:
    [value] = [block["accessory"]["value"] for block in message["blocks"] if "accessory" in block][:1]
    return str(value)


def test_a_passage_opens_in_a_modal_with_the_quote_marked(lore: Lore) -> None:
    ts = lore.mention("ben", "#general", DRILL)
    [message] = lore.replies("#general", ts)
    lore.slack.click("chloe", "#general", message["ts"], "open_passage", button(message))
    [view] = lore.slack.wait_for(lambda: lore.slack.views_open("chloe"))
    bold = [
        part["text"]
        for block in view["blocks"]
        if block["type"] == "rich_text"
        for element in block["elements"]
        for part in element["elements"]
        if part.get("style", {}).get("bold")
    ]
    assert any("41 minutes" in text for text in bold)
    assert "Checkpoints" in words(view)


def test_a_passage_opens_from_a_private_answer_for_its_asker(lore: Lore) -> None:
    lore.slack.slash("ben", "#general", "/ask", BUDGET)
    message = lore.private_reply("ben", "#general")
    lore.slack.click("ben", "#general", message["ts"], "open_passage", button(message))
    [view] = lore.slack.wait_for(lambda: lore.slack.views_open("ben"))
    assert "640000" in words(view)


def test_a_button_opens_nothing_for_those_who_may_not_read_it(lore: Lore) -> None:
    ts = lore.mention("ben", "#leads", BUDGET)
    [message] = lore.replies("#leads", ts)
    lore.slack.invite("chloe", "#leads")
    lore.slack.click("chloe", "#leads", message["ts"], "open_passage", button(message))
    [view] = lore.slack.wait_for(lambda: lore.slack.views_open("chloe"))
    assert "cannot be shown" in words(view)
    assert "640000" not in words(view)


@pytest.mark.parametrize("forged", ["", ":", "x:1", "{}:0", "{}:99999999999999", "{}:-1", "{}", "{}:1:1"])
def test_a_forged_value_shows_nothing(lore: Lore, forged: str) -> None:
    ts = lore.mention("ben", "#general", DRILL)
    [message] = lore.replies("#general", ts)
    real, _, _ = button(message).partition(":")
    view = passages(lore).view(forged.format(real), lore.slack.team.id, *place(lore, "#general", "ben"))
    assert "cannot be shown" in words(view)
    assert "41 minutes" not in words(view)


def test_a_value_of_another_channel_or_team_shows_nothing(lore: Lore) -> None:
    ts = lore.mention("ben", "#leads", BUDGET)
    [message] = lore.replies("#leads", ts)
    for team, channel in ((lore.slack.team.id, "#general"), ("T00000000", "#leads")):
        view = passages(lore).view(button(message), team, *place(lore, channel, "ben"))
        assert "cannot be shown" in words(view)
    view = passages(lore).view(button(message), lore.slack.team.id, *place(lore, "#leads", "ben"))
    assert "640000" in words(view)


def passages(lore: Lore) -> Passages:
    people = People(slack_client(lore.slack.bot_token, lore.slack.api_url), now)
    return Passages(people, lore.knowledge.store, lore.knowledge.database, now)


def place(lore: Lore, channel: str, person: str) -> tuple[str, str]:
    return lore.slack.channel(channel).id, lore.slack.person(person).id
