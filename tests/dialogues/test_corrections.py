"""Correct this: suggested, decided on by one of those who may, then shown first and marked as verified."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from bot.blocks import corrections as blocks
from bot.blocks.actions import CORRECT
from bot.journal.tables import audit
from bot.journal.verified import suggestions, verified_answers
from tests.dialogues.lore import Lore, words

KEPT = "how many checkpoints does the trainer keep?"
WARM = "for how many steps do we warm up the learning rate?"
BETTER = "The trainer keeps the last five checkpoints since 12 May 2026."


def asked(lore: Lore, person: str = "ben", channel: str = "#general", question: str = KEPT) -> dict[str, Any]:
    return lore.replies(channel, lore.mention(person, channel, question))[-1]


def suggest(lore: Lore, person: str, channel: str, ts: str, **values: str) -> None:
    assert lore.slack.click(person, channel, ts, CORRECT).ok
    [view] = lore.slack.views_open(person)
    assert lore.slack.submit_view(person, view["id"], {"text": BETTER, **values}).ok


def direct(lore: Lore, person: str, count: int = 1) -> dict[str, Any]:
    """The newest direct message from Lore."""
    return lore.replies(lore.slack.dm(person), None, count)[-1]


def press(lore: Lore, person: str, message: dict[str, Any], action_id: str) -> None:
    assert lore.slack.click(person, lore.slack.dm(person), message["ts"], action_id).ok


def approved(lore: Lore, **values: str) -> None:
    """Ben corrects an answer in #general; Ana, who owns the page, approves."""
    message = asked(lore)
    suggest(lore, "ben", "#general", message["ts"], **values)
    press(lore, "ana", direct(lore, "ana"), blocks.APPROVE)
    assert "approved your correction" in words(direct(lore, "ben"))


def test_an_approved_correction_is_shown_first_with_both_names_and_the_date(lore: Lore) -> None:
    message = asked(lore)
    suggest(lore, "ben", "#general", message["ts"], source="the change log")
    assert "I asked ana to look" in words(lore.private_reply("ben", "#general"))
    proposal = direct(lore, "ana")
    for part in (KEPT, BETTER, "keeps the last three checkpoints", "ben suggests", "Source: the change log"):
        assert part in words(proposal)
    press(lore, "ana", proposal, blocks.APPROVE)
    assert "ana approved your correction" in words(direct(lore, "ben"))
    said = words(asked(lore, "chloe", question="How many checkpoints does the trainer keep"))
    now = datetime.now(UTC)
    assert f"✓ Verified answer · written by ben, approved by ana on {now.day} {now:%B %Y}" in said
    assert said.index(BETTER) < said.index("keeps the last three checkpoints")
    [done] = lore.slack.said_by_app(lore.slack.dm("ana"))
    assert "You approved" in words(done)
    assert not any(block["type"] == "actions" for block in done["blocks"])


def test_of_two_approvers_the_first_decides_and_the_second_is_told(lore: Lore) -> None:
    message = asked(lore, "chloe", "#pair", WARM)
    suggest(lore, "chloe", "#pair", message["ts"])
    to_ben, to_ana = direct(lore, "ben"), direct(lore, "ana")
    approving = lore.slack.click_soon("ben", lore.slack.dm("ben"), to_ben["ts"], blocks.APPROVE)
    approving_too = lore.slack.click_soon("ana", lore.slack.dm("ana"), to_ana["ts"], blocks.APPROVE)
    assert approving.result().ok
    assert approving_too.result().ok
    direct(lore, "chloe")
    lore.slack.wait_for(lambda: "suggests" not in told(lore, "ben") and "suggests" not in told(lore, "ana"))
    with lore.knowledge.database.reading() as connection:
        [kept] = connection.execute(select(verified_answers)).all()
    first, second = ("ben", "ana") if kept.approver == lore.slack.person("ben").id else ("ana", "ben")
    assert "You approved" in told(lore, first)
    assert f"{first} decided before: it is approved" in told(lore, second)
    assert len(lore.slack.said_by_app(lore.slack.dm("chloe"))) == 1


def told(lore: Lore, person: str) -> str:
    return words(lore.slack.said_by_app(lore.slack.dm(person))[-1])


def test_a_second_press_of_the_same_approver_changes_nothing(lore: Lore) -> None:
    message = asked(lore)
    suggest(lore, "ben", "#general", message["ts"])
    proposal = direct(lore, "ana")
    first = lore.slack.click_soon("ana", lore.slack.dm("ana"), proposal["ts"], blocks.APPROVE)
    second = lore.slack.click_soon("ana", lore.slack.dm("ana"), proposal["ts"], blocks.APPROVE)
    assert first.result().ok
    assert second.result().ok
    direct(lore, "ben")
    lore.slack.wait_for(lambda: "decided before" in words(lore.slack.said_by_app(lore.slack.dm("ana"))[-1]))
    with lore.knowledge.database.reading() as connection:
        assert len(connection.execute(select(verified_answers)).all()) == 1


def test_it_may_be_edited_before_it_is_approved(lore: Lore) -> None:
    suggest(lore, "ben", "#general", asked(lore)["ts"])
    press(lore, "ana", direct(lore, "ana"), blocks.EDIT)
    [view] = lore.slack.views_open("ana")
    assert lore.slack.submit_view("ana", view["id"], {"text": "It keeps the last six checkpoints."}).ok
    assert "last six checkpoints" in words(direct(lore, "ben"))
    assert "last six checkpoints" in words(asked(lore, "chloe"))


def test_a_rejected_one_is_never_shown_and_its_author_hears_why(lore: Lore) -> None:
    suggest(lore, "ben", "#general", asked(lore)["ts"])
    press(lore, "ana", direct(lore, "ana"), blocks.REJECT)
    [view] = lore.slack.views_open("ana")
    assert lore.slack.submit_view("ana", view["id"], {"reason": "It is still three."}).ok
    said = words(direct(lore, "ben"))
    assert "did not take your correction over" in said
    assert "It is still three." in said
    assert "Verified" not in words(asked(lore, "chloe"))


def test_other_numbers_and_names_are_other_questions(lore: Lore) -> None:
    drill = "how long did the restore drill take for the 7B run?"
    suggest(lore, "ben", "#general", asked(lore, question=drill)["ts"])
    press(lore, "ana", direct(lore, "ana"), blocks.APPROVE)
    direct(lore, "ben")
    assert "Verified" in words(asked(lore, "chloe", question=drill))
    other = words(asked(lore, "chloe", question="how long did the restore drill take for the 13B run?"))
    assert "Verified" not in other
    assert "93 minutes" in other


def test_nobody_sees_it_who_may_not_read_what_it_corrects(lore: Lore) -> None:
    budget = "what is the hiring budget of the platform team?"
    suggest(lore, "ben", "#leads", asked(lore, "ben", "#leads", budget)["ts"])
    press(lore, "ana", direct(lore, "ana"), blocks.APPROVE)
    direct(lore, "ben")
    assert BETTER in words(asked(lore, "ana", "#leads", budget))
    assert BETTER not in words(asked(lore, "chloe", "#general", budget))
    assert BETTER not in words(asked(lore, "chloe", "#pair", budget))
    lore.slack.slash("chloe", "#general", "/lore", "verified")
    assert BETTER not in words(lore.private_reply("chloe", "#general"))


def test_it_is_sent_to_nobody_who_may_not_read_the_sources(lore: Lore) -> None:
    message = asked(lore, "ben", "#leads", "what is the hiring budget of the platform team?")
    lore.slack.change_person("ana", deleted=True)  # the only expert
    lore.slack.wait_for(lambda: all(one.acked for one in lore.slack.ledger.events("user_change")))
    suggest(lore, "ben", "#leads", message["ts"])
    assert "I can't send this to anybody" in words(lore.private_reply("ben", "#leads"))
    with lore.knowledge.database.reading() as connection:
        assert lore.slack.person("ana").id not in str(connection.execute(select(suggestions)).all())


def test_an_expired_one_is_not_shown_and_its_approver_is_asked_once(lore: Lore) -> None:
    approved(lore)
    with lore.knowledge.database.writing() as connection:
        connection.execute(update(verified_answers).values(expires_at=1.0))
    assert "Verified" not in words(asked(lore, "chloe"))
    for _ in range(3):
        lore.bot.remind(datetime.now(UTC))
    question = direct(lore, "ana", count=2)
    assert "has expired" in words(question)
    press(lore, "ana", question, blocks.RENEW)
    lore.slack.wait_for(lambda: "It holds until" in words(lore.slack.said_by_app(lore.slack.dm("ana"))[-1]))
    assert len(lore.slack.said_by_app(lore.slack.dm("ana"))) == 2
    assert BETTER in words(asked(lore, "chloe"))


def test_the_day_that_its_author_gave_is_when_it_expires(lore: Lore) -> None:
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    approved(lore, until=day.isoformat())
    with lore.knowledge.database.reading() as connection:
        [row] = connection.execute(select(verified_answers)).all()
    assert datetime.fromtimestamp(row.expires_at, UTC).date() == day


def test_a_day_that_is_over_is_not_taken(lore: Lore) -> None:
    message = asked(lore)
    lore.slack.click("ben", "#general", message["ts"], CORRECT)
    [view] = lore.slack.views_open("ben")
    shown = lore.slack.submit_view("ben", view["id"], {"text": BETTER, "until": "2020-01-01"})
    assert shown.errors == {"until": "This day is over."}


def test_it_is_listed_and_withdrawn_by_its_author(lore: Lore) -> None:
    approved(lore)
    lore.slack.slash("ben", "#general", "/lore", "verified")
    listed = lore.private_reply("ben", "#general", count=2)
    assert BETTER in words(listed)
    lore.slack.click("ben", "#general", listed["ts"], blocks.WITHDRAW)
    assert "It is withdrawn" in words(lore.private_reply("ben", "#general", count=3))
    assert "Verified" not in words(asked(lore, "chloe"))
    with lore.knowledge.database.reading() as connection:
        actions = list(connection.execute(select(audit.c.action)).scalars())
    assert actions == ["approve correction", "withdraw verified answer"]


def test_an_expired_trigger_is_told_to_the_one_who_pressed(lore: Lore) -> None:
    message = asked(lore)
    lore.slack.faults.error("views.open", "expired_trigger_id", times=1)
    assert lore.slack.click("ben", "#general", message["ts"], CORRECT).ok
    assert "Press the button once more" in words(lore.private_reply("ben", "#general"))


def test_po03_a_correction_is_literal_wherever_it_is_shown(lore: Lore) -> None:
    evil = "<!channel> <https://evil.example|five> & *all* [click](https://evil.example) ![x](https://e.example/i)"
    message = asked(lore)
    suggest(lore, "ben", "#general", message["ts"], text=evil, source="https://evil.example/?q=<!here>")
    press(lore, "ana", direct(lore, "ana"), blocks.APPROVE)
    direct(lore, "ben")
    asked(lore, "chloe")
    lore.slack.slash("ben", "#general", "/lore", "verified")
    lore.private_reply("ben", "#general", count=2)
    sent = [call.args for method in ("chat.postMessage", "chat.update", "chat.postEphemeral")
            for call in lore.slack.ledger.calls_of(method)]  # fmt: skip
    assert any("five" in str(one) for one in sent)
    for one in sent:
        assert "<!" not in one["text"]
        assert "<http" not in one["text"]
        assert "'type': 'link'" not in str(one.get("blocks"))
        assert "'type': 'broadcast'" not in str(one.get("blocks"))
        assert "mrkdwn" not in str(one.get("blocks"))
