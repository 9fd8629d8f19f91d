"""Whole conversations about message shortcuts: answered in private; saved, asked about, changed, removed."""

from typing import Any

import pytest
from sqlalchemy import select

from bot.journal.saved_pages import SavedPage, pages
from bot.journal.tables import audit, questions
from tests.dialogues.lore import Lore, words

TIP = "The zebra cluster needs NCCL_IB_HCA set to mlx5_3 or all-reduce hangs."
ASK_TIP = "What does the zebra cluster need NCCL_IB_HCA set to?"


def saved(lore: Lore) -> list[SavedPage]:
    with lore.knowledge.database.reading() as connection:
        return list(pages(connection))


def form(lore: Lore, person: str, channel: str, ts: str) -> dict[str, Any]:
    """The form of *Save to knowledge*, filled in."""
    assert lore.slack.shortcut(person, channel, ts, "save_to_knowledge").ok

    def look() -> dict[str, Any] | None:
        views = lore.slack.views_open(person)
        return views[-1] if views and "Reading the conversation" not in str(views[-1]["blocks"]) else None

    return lore.slack.wait_for(look) or {}


def value(view: dict[str, Any], block_id: str) -> str:
    [block] = [block for block in view["blocks"] if block.get("block_id") == block_id]
    return str(block["element"].get("initial_value", ""))


def save(lore: Lore, person: str, channel: str, text: str) -> SavedPage:
    """Say something and save it as it stands; the page, once it is in the index."""
    before = len(saved(lore))
    version = lore.knowledge.store.published()
    ts = lore.slack.say("ana", channel, text)
    view = form(lore, person, channel, ts)
    assert lore.slack.submit_view(person, view["id"]).ok
    lore.slack.wait_for(lambda: len(saved(lore)) > before)
    lore.slack.wait_for(lambda: lore.knowledge.store.published() > version, 60)
    return saved(lore)[0]


def test_answer_this_answers_whoever_asked_and_nobody_else(lore: Lore) -> None:
    ts = lore.slack.say("ana", "#small", "When was the last restore drill?")
    assert lore.slack.shortcut("ben", "#small", ts, "answer_this").ok
    assert "12 May 2026" in words(lore.private_reply("ben", "#small"))
    assert lore.slack.said_by_app("#small") == []
    assert lore.slack.ephemerals("ana", "#small") == []


def test_answer_this_works_where_lore_is_not_a_member(lore: Lore) -> None:
    lore.slack.kick("lore", "#small")
    ts = lore.slack.say("ana", "#small", "When was the last restore drill?")
    assert lore.slack.shortcut("ben", "#small", ts, "answer_this").ok
    assert "12 May 2026" in words(lore.private_reply("ben", "#small"))


def test_answer_this_reads_the_messages_files(lore: Lore) -> None:
    text = b"# Kestrel\n\nThe Kestrel run diverged at step 41300 because the loader repeated shard 17.\n"
    ts = lore.slack.attach("ana", "#small", "Why did the Kestrel run diverge?", [("kestrel.md", text)])
    assert lore.slack.shortcut("ben", "#small", ts, "answer_this").ok
    assert "shard 17" in words(lore.private_reply("ben", "#small"))


def test_after_answer_this_the_thread_is_still_peoples_own(lore: Lore) -> None:
    ts = lore.slack.say("ana", "#small", "When was the last restore drill?")
    lore.slack.shortcut("ben", "#small", ts, "answer_this")
    lore.private_reply("ben", "#small")
    lore.slack.say("ana", "#small", "And for the 13B run?", ts)
    assert lore.is_quiet("#small", ts, 0)


def test_what_is_saved_is_answered_from_with_its_link_and_owner(own_lore: Lore) -> None:
    lore = own_lore
    page = save(lore, "ben", "#general", TIP)
    assert page.owner == lore.slack.person("ben").id
    said = lore.reply("#general", lore.mention("chloe", "#general", ASK_TIP))
    assert "mlx5_3" in said
    assert "owner ben" in said
    assert page.url.startswith(f"{lore.slack.url}/archives/")
    told = words(lore.private_reply("ben", "#general"))
    assert "Everyone in this workspace may be answered from it." in told


def test_a_form_shows_who_said_it_where_it_is_from_and_who_will_read_it(own_lore: Lore) -> None:
    lore = own_lore
    ts = lore.slack.say("ana", "#leads", "How do we set NCCL on zebra?")
    lore.slack.say("ben", "#leads", TIP, ts)
    view = form(lore, "ben", "#leads", ts)
    text = value(view, "text0")
    assert value(view, "title") == "How do we set NCCL on zebra?"
    assert text.index("**ana**") < text.index("How do we set") < text.index("**ben**") < text.index("mlx5_3")
    shown = words(view)
    assert "From #leads." in shown
    assert "Only members of #leads are answered from it." in shown


def test_what_was_said_in_private_stays_there(own_lore: Lore) -> None:
    lore = own_lore
    page = save(lore, "ben", "#leads", TIP)
    assert page.audience == f'["#{lore.slack.channel("#leads").id}"]'
    assert "mlx5_3" in lore.reply("#leads", lore.mention("ana", "#leads", ASK_TIP))
    assert "mlx5_3" not in lore.reply("#general", lore.mention("ben", "#general", ASK_TIP))
    dm = lore.slack.dm("chloe")
    assert "mlx5_3" not in lore.reply(dm, lore.slack.say("chloe", dm, ASK_TIP))


@pytest.mark.parametrize("channel", ["#visitors", "#partners"])
def test_where_guests_or_others_read_nothing_is_saved(lore: Lore, channel: str) -> None:
    ts = lore.slack.say("ana", channel, TIP)
    view = form(lore, "ana", channel, ts)
    assert "nothing of it is saved" in words(view)
    assert "submit" not in view or view["submit"] is None
    assert saved(lore) == []


def test_a_guest_saves_nothing(lore: Lore) -> None:
    ts = lore.slack.say("ana", "#visitors", TIP)
    view = form(lore, "gus", "#visitors", ts)
    assert "Only full members" in words(view)


def test_a_channel_shared_while_the_form_is_open_is_not_saved(lore: Lore) -> None:
    ts = lore.slack.say("ana", "#general", TIP)
    view = form(lore, "ben", "#general", ts)
    lore.slack.share_channel("#general")
    lore.slack.wait_for(lambda: any(each.acked for each in lore.slack.ledger.events("channel_shared")))
    assert lore.slack.submit_view("ben", view["id"]).ok
    assert "This is not saved" in words(lore.private_reply("ben", "#general"))
    assert saved(lore) == []


def test_an_empty_form_is_sent_back(lore: Lore) -> None:
    ts = lore.slack.say("ana", "#general", TIP)
    view = form(lore, "ben", "#general", ts)
    shown = lore.slack.submit_view("ben", view["id"], {"title": "   ", "text0": "x"})
    assert shown.errors == {"title": "Give it a title."}
    assert saved(lore) == []


def test_secrets_are_taken_out_and_said(own_lore: Lore) -> None:
    lore = own_lore
    key = "hf_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3f"
    page = save(lore, "ben", "#general", f"{TIP} The token is {key} for now.")
    assert key not in page.text
    assert page.redactions == 1
    assert "1 secret(s) were taken out" in words(lore.private_reply("ben", "#general"))


def test_a_long_conversation_fills_several_fields_and_comes_back_whole(own_lore: Lore) -> None:
    lore = own_lore
    text = "\n".join(f"Line {n}: {'word ' * 40}" for n in range(40))
    ts = lore.slack.say("ana", "#general", text)
    view = form(lore, "ben", "#general", ts)
    fields = [value(view, block["block_id"]) for block in view["blocks"] if block.get("type") == "input"][1:]
    assert len(fields) > 1
    assert all(len(field) <= 3000 for field in fields)
    assert lore.slack.submit_view("ben", view["id"]).ok
    lore.slack.wait_for(lambda: saved(lore))
    assert "Line 39" in saved(lore)[0].text


def buttons(lore: Lore, person: str) -> dict[str, Any]:
    """The list of `/lore pages`."""
    seen = len(lore.slack.ephemerals(person, "#general"))
    assert lore.slack.slash(person, "#general", "/lore", "pages").ok
    return lore.private_reply(person, "#general", seen + 1)


def test_the_owner_changes_a_page_and_answers_follow(own_lore: Lore) -> None:
    lore = own_lore
    page = save(lore, "ben", "#general", TIP)
    listed = buttons(lore, "ben")
    assert page.title in words(listed)
    lore.slack.click("ben", "#general", listed["ts"], "edit_page", page.id)
    [view] = lore.slack.wait_for(lambda: lore.slack.views_open("ben"))
    version = lore.knowledge.store.published()
    shown = lore.slack.submit_view(
        "ben", view["id"], {"title": "Zebra", "text0": TIP.replace("mlx5_3", "mlx5_7")}
    )
    assert shown.ok
    lore.slack.wait_for(lambda: lore.knowledge.store.published() > version, 60)
    [after] = saved(lore)
    assert (after.path, after.title) == (page.path, "Zebra")
    assert "mlx5_7" in lore.reply("#general", lore.mention("chloe", "#general", ASK_TIP))


def test_a_removed_page_answers_nobody(own_lore: Lore) -> None:
    lore = own_lore
    page = save(lore, "ben", "#general", TIP)
    version = lore.knowledge.store.published()
    listed = buttons(lore, "ben")
    lore.slack.click("ben", "#general", listed["ts"], "remove_page", page.id)
    lore.slack.wait_for(lambda: not saved(lore))
    lore.slack.wait_for(lambda: lore.knowledge.store.published() > version, 60)
    assert "mlx5_3" not in lore.reply("#general", lore.mention("chloe", "#general", ASK_TIP))
    with lore.knowledge.database.reading() as connection:
        rows = connection.execute(
            select(audit.c.person, audit.c.action, audit.c.subject).order_by(audit.c.id)
        )
        assert [tuple(row) for row in rows] == [
            (page.owner, "save page", f"saved/{page.path}"),
            (page.owner, "remove page", f"saved/{page.path}"),
        ]


def test_others_neither_see_nor_change_a_page_but_admins_who_may_read_it_do(own_lore: Lore) -> None:
    lore = own_lore
    page = save(lore, "ben", "#general", TIP)
    assert "saved nothing yet" in words(buttons(lore, "chloe"))
    listed = buttons(lore, "ana")
    assert page.title in words(listed)
    lore.slack.click("ana", "#general", listed["ts"], "remove_page", page.id)
    lore.slack.wait_for(lambda: not saved(lore))


def test_an_admin_who_may_not_read_a_page_does_not_see_it(own_lore: Lore) -> None:
    lore = own_lore
    lore.slack.change_person("chloe", is_admin=True)
    page = save(lore, "ben", "#leads", TIP)
    assert page.title not in words(buttons(lore, "chloe"))


def test_a_sync_of_all_sources_keeps_what_was_saved(own_lore: Lore) -> None:
    lore = own_lore
    save(lore, "ben", "#general", TIP)
    report = lore.knowledge.syncer.sync(lore.knowledge.settings.sources, wait_s=60)
    assert report.removed == 0
    assert "mlx5_3" in lore.reply("#general", lore.mention("chloe", "#general", ASK_TIP))


def test_questions_asked_by_shortcut_are_kept_as_private_ones(lore: Lore) -> None:
    ts = lore.slack.say("ana", "#small", "When was the last restore drill?")
    lore.slack.shortcut("ben", "#small", ts, "answer_this")
    lore.private_reply("ben", "#small")
    with lore.knowledge.database.reading() as connection:
        [asked] = connection.execute(select(questions)).all()
    assert (asked.person, asked.ts, asked.thread_ts) == (lore.slack.person("ben").id, "", "")
