"""A private answer goes to a channel once, credited, and only if everyone there may read what it rests on."""

from typing import Any

import pytest
from sqlalchemy import select

from bot.blocks.actions import MENU
from bot.blocks.sharing import CHANNEL, SHARE_FORM
from bot.journal.tables import audit, questions
from bot.messages import Message
from bot.outbox import LateCheck
from tests.dialogues.lore import Lore, words
from tests.dialogues.test_audiences import BUDGET, HIDDEN
from tests.dialogues.test_why import option, plain

DRILL = "how long did the restore drill take for the 7B run?"
REFUSED = "can't share that there"


def asked(lore: Lore, person: str, channel: str, question: str) -> dict[str, Any]:
    lore.slack.slash(person, channel, "/ask", question)
    return lore.private_reply(person, channel)


def share(lore: Lore, person: str, channel: str, message: dict[str, Any]) -> None:
    lore.slack.click(person, channel, message["ts"], MENU, option(message, "share_in_channel"))


def shared(lore: Lore, channel: str, count: int = 1) -> dict[str, Any]:
    return lore.slack.wait_for(lambda: said if len(said := lore.slack.said_by_app(channel)) >= count else [])[
        -1
    ]


def test_an_answer_is_shared_with_its_question_and_who_shared_it(lore: Lore) -> None:
    share(lore, "ben", "#general", asked(lore, "ben", "#general", f"{DRILL} in:wiki"))
    message = shared(lore, "#general")
    said = plain(message)
    assert "Shared by ben, who asked: how long did the restore drill take for the 7B run?" in said
    assert "41 minutes" in said
    assert "in:wiki" not in said
    assert "Searched only" not in said
    assert "<@" not in str(message)
    assert lore.slack.person("ben").id not in str(message["blocks"])


def test_what_is_shared_can_be_opened_explained_and_gone_on_from(lore: Lore) -> None:
    share(lore, "ben", "#general", asked(lore, "ben", "#general", DRILL))
    message = shared(lore, "#general")
    [value, *_] = [block["accessory"]["value"] for block in message["blocks"] if "accessory" in block]
    lore.slack.click("chloe", "#general", message["ts"], "open_passage", value)
    [view] = lore.slack.wait_for(lambda: lore.slack.views_open("chloe"))
    assert "41 minutes" in words(view)
    lore.slack.click("chloe", "#general", message["ts"], MENU, option(message, "show_passages"))
    assert "93 minutes" in lore.reply("#general", message["ts"], count=2)
    lore.slack.slash("chloe", "#general", "/lore", f"why {message['ts']}")
    assert "Question: how long did the restore drill" in plain(lore.private_reply("chloe", "#general"))


def test_it_is_shared_once(lore: Lore) -> None:
    message = asked(lore, "ben", "#general", DRILL)
    for _ in range(3):
        share(lore, "ben", "#general", message)
    assert "shared there already" in words(lore.private_reply("ben", "#general", 2))
    lore.private_reply("ben", "#general", 3)
    assert len(lore.slack.said_by_app("#general")) == 1


@pytest.mark.parametrize("channel", ["#general", "#pair"])
def test_what_not_everyone_there_may_read_is_refused_without_naming_it(lore: Lore, channel: str) -> None:
    message = asked(lore, "ben", channel, BUDGET)
    assert "640000" in words(message)
    share(lore, "ben", channel, message)
    told = words(lore.private_reply("ben", channel, 2))
    assert REFUSED in told
    assert not any(hidden in told for hidden in HIDDEN[:-1])
    assert lore.slack.said_by_app(channel) == []
    with lore.knowledge.database.reading() as connection:
        [row] = connection.execute(select(audit).where(audit.c.action == "share")).all()
    assert row.allowed == 0


def test_where_everyone_may_read_it_is_shared(lore: Lore) -> None:
    share(lore, "ben", "#leads", asked(lore, "ben", "#leads", BUDGET))
    assert "640000" in words(shared(lore, "#leads"))


def test_rights_lost_between_the_answer_and_the_click(lore: Lore) -> None:
    message = asked(lore, "ben", "#leads", BUDGET)
    lore.slack.invite("chloe", "#leads")
    lore.slack.wait_for(lambda: lore.slack.ledger.events("member_joined_channel")[-1].acked)
    share(lore, "ben", "#leads", message)
    assert REFUSED in words(lore.private_reply("ben", "#leads", 2))
    assert lore.slack.said_by_app("#leads") == []


def test_a_shared_page_that_is_gone_is_not_shared(own_lore: Lore) -> None:
    lore = own_lore
    message = asked(lore, "ben", "#general", DRILL)
    (lore.wiki / "checkpoints.md").unlink()
    lore.knowledge.syncer.sync(lore.knowledge.settings.sources, allow_removals=True, wait_s=60)
    share(lore, "ben", "#general", message)
    assert REFUSED in words(lore.private_reply("ben", "#general", 2))
    assert lore.slack.said_by_app("#general") == []


def test_a_reader_who_joins_before_it_is_posted_keeps_it_out(lore: Lore) -> None:
    message = asked(lore, "ben", "#leads", BUDGET)

    def chloe_joins_before(check: LateCheck) -> LateCheck:
        def joins_first(outgoing: Message) -> Message | None:
            if outgoing.aside:
                lore.slack.invite("chloe", "#leads")
                lore.slack.wait_for(lambda: lore.slack.ledger.events("member_joined_channel")[-1].acked)
            return check(outgoing)

        return joins_first

    for bot in lore.bots:
        bot.delivery.outbox._late_check = chloe_joins_before(bot.delivery.outbox._late_check)
    share(lore, "ben", "#leads", message)
    dm = lore.slack.dm("ben")
    assert REFUSED in lore.reply(dm, None)
    assert lore.slack.said_by_app("#leads") == []


def test_from_a_direct_message_a_channel_is_asked_for(lore: Lore) -> None:
    dm = lore.slack.dm("ben")
    [message] = lore.replies(dm, lore.slack.say("ben", dm, DRILL))
    share(lore, "ben", dm, message)
    [view] = lore.slack.wait_for(lambda: lore.slack.views_open("ben"))
    assert view["callback_id"] == SHARE_FORM
    lore.slack.submit_view("ben", view["id"], {CHANNEL: lore.slack.channel("#small").id})
    said = plain(shared(lore, "#small"))
    assert "Shared by ben, who asked: how long did the restore drill" in said
    assert "41 minutes" in said


@pytest.mark.parametrize(
    ("channel", "question"),
    [("#pair", BUDGET), ("#general", BUDGET), ("#partners", DRILL), ("#visitors", DRILL)],
)
def test_a_channel_that_must_not_have_it_is_refused(lore: Lore, channel: str, question: str) -> None:
    dm = lore.slack.dm("ben")
    ts = lore.slack.say("ben", dm, question)
    [message] = lore.replies(dm, ts)
    share(lore, "ben", dm, message)
    [view] = lore.slack.wait_for(lambda: lore.slack.views_open("ben"))
    lore.slack.submit_view("ben", view["id"], {CHANNEL: lore.slack.channel(channel).id}, forged=True)
    assert REFUSED in lore.reply(dm, ts, count=2)
    assert lore.slack.said_by_app(channel) == []


def test_a_channel_that_the_sharer_is_not_in_is_refused(lore: Lore) -> None:
    dm = lore.slack.dm("chloe")
    ts = lore.slack.say("chloe", dm, DRILL)
    [message] = lore.replies(dm, ts)
    share(lore, "chloe", dm, message)
    [view] = lore.slack.wait_for(lambda: lore.slack.views_open("chloe"))
    leads = lore.slack.channel("#leads").id
    lore.slack.submit_view("chloe", view["id"], {CHANNEL: leads}, forged=True)
    assert REFUSED in lore.reply(dm, ts, count=2)
    assert lore.slack.said_by_app("#leads") == []


def test_the_journal_keeps_nothing_of_where_the_asker_alone_may_search(lore: Lore) -> None:
    share(lore, "ben", "#general", asked(lore, "ben", "#general", f"{DRILL} -in:secrets"))
    shared(lore, "#general")
    with lore.knowledge.database.reading() as connection:
        rows = connection.execute(select(questions).where(questions.c.ts == "shared")).all()
    assert len(rows) == 1
    assert "secrets" not in str(rows[0].outcome)
