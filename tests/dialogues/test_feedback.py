"""👍, 👎 and deleting: what people think of answers is kept, what they delete is gone."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from bot.blocks.actions import DELETE, FEEDBACK
from bot.journal.feedback import feedback
from bot.journal.tables import audit, inbox, outbox, questions
from tests.dialogues.lore import Lore, words

DRILL = "how long did the restore drill take for the 7B run?"


def judgements(lore: Lore) -> Sequence[Row[Any]]:
    with lore.knowledge.database.reading() as connection:
        return connection.execute(select(feedback)).all()


def judged(lore: Lore, count: int = 1) -> Sequence[Row[Any]]:
    return lore.slack.wait_for(lambda: found if len(found := judgements(lore)) == count else None) or []


def value(message: dict[str, Any], side: str) -> str:
    """The value of a side of the feedback buttons."""
    [element] = [
        each for block in message["blocks"] for each in block.get("elements", ())
        if each.get("type") == "feedback_buttons"
    ]  # fmt: skip
    return str(element[f"{side}_button"]["value"])


def asked(lore: Lore, channel: str = "#general") -> dict[str, Any]:
    [message] = lore.replies(channel, lore.mention("ben", channel, DRILL))
    return message


def test_the_last_click_counts_for_each_person_and_a_second_one_changes_nothing(lore: Lore) -> None:
    message = asked(lore)
    good, bad = value(message, "positive"), value(message, "negative")
    for person, chosen in (("ben", bad), ("ben", good), ("ben", good), ("chloe", good), ("chloe", good)):
        assert lore.slack.click(person, "#general", message["ts"], FEEDBACK, chosen).ok
    lore.slack.wait_for(lambda: [row.helped for row in judgements(lore)] == [1, 1])
    assert {row.person for row in judgements(lore)} == {lore.slack.person(one).id for one in ("ben", "chloe")}
    assert lore.is_quiet("#general", message["thread_ts"], count=1)
    assert lore.slack.ephemerals("ben", "#general") == []


def test_a_thumb_down_asks_why_and_the_reason_is_kept(lore: Lore) -> None:
    message = asked(lore)
    lore.slack.click("ben", "#general", message["ts"], FEEDBACK, value(message, "negative"))
    [view] = lore.slack.views_open("ben")
    shown = lore.slack.submit_view(
        "ben", view["id"], {"why": "outdated", "comment": "It was *moved* <!here>"}
    )
    assert shown.ok
    [thanks] = lore.slack.views_open("ben")
    assert "Thank you" in words(thanks)
    lore.slack.wait_for(lambda: [row.why for row in judgements(lore)] == ["outdated"])
    [row] = judgements(lore)
    assert (row.helped, row.comment) == (0, "It was *moved* <!here>")


def test_why_may_be_left_out(lore: Lore) -> None:
    message = asked(lore)
    lore.slack.click("ben", "#general", message["ts"], FEEDBACK, value(message, "negative"))
    [view] = lore.slack.views_open("ben")
    assert lore.slack.submit_view("ben", view["id"]).ok
    [row] = judged(lore)
    assert (row.helped, row.why, row.comment) == (0, "", "")


def test_an_expired_trigger_keeps_the_judgement(lore: Lore) -> None:
    message = asked(lore)
    lore.slack.faults.error("views.open", "expired_trigger_id", times=1)
    assert lore.slack.click("ben", "#general", message["ts"], FEEDBACK, value(message, "negative")).ok
    [row] = judged(lore)
    assert row.helped == 0
    assert lore.slack.views_open("ben") == []


def test_a_private_answer_is_judged_by_its_asker(lore: Lore) -> None:
    lore.slack.slash("ben", "#general", "/ask", DRILL)
    message = lore.private_reply("ben", "#general")
    assert lore.slack.click("ben", "#general", message["ts"], FEEDBACK, value(message, "positive")).ok
    [row] = judged(lore)
    assert row.person == lore.slack.person("ben").id


def test_the_asker_deletes_an_answer_and_no_word_of_it_is_kept(lore: Lore) -> None:
    message = asked(lore)
    lore.slack.click("chloe", "#general", message["ts"], FEEDBACK, value(message, "positive"))
    judged(lore)
    assert lore.slack.click("ben", "#general", message["ts"], DELETE).ok
    lore.slack.wait_for(lambda: lore.slack.said_by_app("#general", message["thread_ts"]) == [])
    with lore.knowledge.database.reading() as connection:
        [question] = connection.execute(select(questions)).all()
        rows = [*connection.execute(select(outbox)), *connection.execute(select(inbox))]
        [entry] = connection.execute(select(audit)).all()
    assert (question.text, question.outcome, question.passages) == ("", {"outcome": "deleted"}, [])
    assert not any("41 minutes" in str(row) or "restore drill" in str(row) for row in rows)
    assert (entry.person, entry.action, entry.subject) == (
        lore.slack.person("ben").id, "delete answer", question.id,
    )  # fmt: skip
    assert [row.helped for row in judgements(lore)] == [1]


def test_others_do_not_delete_it_and_an_admin_does(lore: Lore) -> None:
    message = asked(lore)
    lore.slack.click("chloe", "#general", message["ts"], DELETE)
    assert "Only the one who asked" in words(lore.private_reply("chloe", "#general"))
    assert len(lore.slack.said_by_app("#general", message["thread_ts"])) == 1
    lore.slack.click("ana", "#general", message["ts"], DELETE)
    lore.slack.wait_for(lambda: lore.slack.said_by_app("#general", message["thread_ts"]) == [])


def test_a_private_answer_is_deleted_too(lore: Lore) -> None:
    lore.slack.slash("ben", "#general", "/ask", DRILL)
    message = lore.private_reply("ben", "#general")
    lore.slack.click("ben", "#general", message["ts"], DELETE)
    lore.slack.wait_for(lambda: lore.slack.ephemerals("ben", "#general") == [])


def test_feedback_on_an_answer_that_is_deleted_meanwhile(lore: Lore) -> None:
    message = asked(lore)
    lore.slack.hold_events()
    good = value(message, "positive")
    soon = lore.slack.click_soon("chloe", "#general", message["ts"], FEEDBACK, good)
    with lore.knowledge.database.writing() as connection:
        connection.execute(questions.update().values(text="", outcome={"outcome": "deleted"}, passages=[]))
    lore.slack.release_events()
    assert soon.result().ok
    [view] = lore.slack.views_open("chloe")
    assert "not there any more" in words(view)
    assert judgements(lore) == []
