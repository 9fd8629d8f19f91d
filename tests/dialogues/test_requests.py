"""Ask a person: the one who may know is asked, and everybody who asked gets the answer."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update

from bot.blocks import requests as blocks
from bot.blocks.actions import ASK_A_PERSON
from bot.inbox import Received
from bot.journal.requests import pings, request_askers, requests
from bot.journal.saved_pages import saved_pages
from bot.journal.verified import verified_answers
from tests.dialogues.lore import Lore, words

CHESS = "who won the chess tournament in Reykjavik?"
MAGNUS = "Magnus from the platform team won it, 7 to 2."


def asked(
    lore: Lore, person: str = "ben", channel: str = "#general", question: str = CHESS
) -> dict[str, Any]:
    return lore.replies(channel, lore.mention(person, channel, CHESS))[-1]


def ask_a_person(lore: Lore, person: str, channel: str, message: dict[str, Any], text: str = "") -> None:
    assert lore.slack.click(person, channel, message["ts"], ASK_A_PERSON).ok
    [view] = lore.slack.views_open(person)
    assert lore.slack.submit_view(person, view["id"], {"question": text} if text else {}).ok


def direct(lore: Lore, person: str, count: int = 1) -> dict[str, Any]:
    return lore.replies(lore.slack.dm(person), None, count)[-1]


def answer(lore: Lore, person: str, message: dict[str, Any], text: str = MAGNUS, **more: Any) -> None:
    assert lore.slack.click(person, lore.slack.dm(person), message["ts"], blocks.ANSWER).ok
    [view] = lore.slack.views_open(person)
    assert lore.slack.submit_view(person, view["id"], {"text": text, **more}).ok


def put_to_ana(lore: Lore) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ben's question in #general, and what Ana, the expert, got."""
    message = asked(lore)
    ask_a_person(lore, "ben", "#general", message)
    return message, direct(lore, "ana")


def states(lore: Lore) -> list[str]:
    with lore.knowledge.database.reading() as connection:
        return list(connection.execute(select(requests.c.state)).scalars())


def test_a_question_goes_to_a_person_and_the_answer_comes_back_to_its_thread(lore: Lore) -> None:
    message = asked(lore)
    assert lore.slack.click("ben", "#general", message["ts"], ASK_A_PERSON).ok
    [view] = lore.slack.views_open("ben")
    assert "I send this to ana" in words(view)
    assert lore.slack.submit_view("ben", view["id"], {"question": "Who won the chess cup in Reykjavik?"}).ok
    assert "I asked ana" in words(lore.private_reply("ben", "#general"))
    question = direct(lore, "ana")
    assert "ben asks you something" in words(question)
    assert "Who won the chess cup in Reykjavik?" in words(question)
    assert lore.slack.click("ana", lore.slack.dm("ana"), question["ts"], blocks.ACKNOWLEDGE).ok
    lore.slack.wait_for(lambda: states(lore) == ["acknowledged"])
    lore.slack.wait_for(lambda: "You have taken it on" in words(direct(lore, "ana")))
    answer(lore, "ana", question)
    said = lore.reply("#general", message["thread_ts"], count=2)
    assert "ana answered:" in said
    assert MAGNUS in said
    assert states(lore) == ["answered"]
    lore.slack.wait_for(lambda: "Everybody who asked gets your answer" in words(direct(lore, "ana")))


def test_whoever_asks_it_later_sees_it_as_verified(lore: Lore) -> None:
    _, question = put_to_ana(lore)
    answer(lore, "ana", question)
    lore.slack.wait_for(lambda: states(lore) == ["answered"])
    said = words(asked(lore, "chloe"))
    assert "✓ Verified answer · written by ana on" in said
    assert MAGNUS in said


def test_it_is_kept_for_nobody_when_whoever_answers_does_not_want_it(lore: Lore) -> None:
    _, question = put_to_ana(lore)
    answer(lore, "ana", question, keep=[])
    lore.slack.wait_for(lambda: states(lore) == ["answered"])
    with lore.knowledge.database.reading() as connection:
        assert connection.execute(select(verified_answers)).all() == []


def test_everybody_who_asks_the_same_is_joined_and_told(lore: Lore) -> None:
    first, question = put_to_ana(lore)
    dm = lore.slack.dm("chloe")
    ts = lore.slack.say("chloe", dm, "Who won the chess tournament in Reykjavik")
    ask_a_person(lore, "chloe", dm, lore.replies(dm, ts)[0])
    assert "you will get the answer too" in lore.reply(dm, ts, count=2).lower()
    later = asked(lore, "ana", "#small")  # asked me alone, and got no answer
    with lore.knowledge.database.reading() as connection:
        assert len(connection.execute(select(requests)).all()) == 1
        assert len(connection.execute(select(request_askers)).all()) == 2
    assert len(lore.slack.said_by_app(lore.slack.dm("ana"))) == 1
    assert lore.slack.click("ana", lore.slack.dm("ana"), question["ts"], blocks.ANSWER).ok
    [view] = lore.slack.views_open("ana")
    assert "#general and one person directly" in words(view)
    assert lore.slack.submit_view("ana", view["id"], {"text": MAGNUS}).ok
    assert MAGNUS in lore.reply("#general", first["thread_ts"], count=2)
    assert MAGNUS in lore.reply(dm, ts, count=3)
    assert MAGNUS in lore.reply("#small", later["thread_ts"], count=2)


def test_other_numbers_are_another_question(lore: Lore) -> None:
    ask_a_person(lore, "ben", "#general", asked(lore), "Who won the chess cup of 2025?")
    direct(lore, "ana")
    ask_a_person(lore, "chloe", "#general", asked(lore, "chloe"), "Who won the chess cup of 2026?")
    direct(lore, "ana", count=2)
    assert states(lore) == ["open", "open"]


def test_not_me_asks_the_next_expert_and_the_last_one_ends_it(lore: Lore) -> None:
    message = asked(lore, "chloe", "#pair")
    ask_a_person(lore, "chloe", "#pair", message)
    to_ana = direct(lore, "ana")
    assert lore.slack.click("ana", lore.slack.dm("ana"), to_ana["ts"], blocks.NOT_ME).ok
    to_ben = direct(lore, "ben")
    assert CHESS in words(to_ben)
    assert lore.slack.click("ben", lore.slack.dm("ben"), to_ben["ts"], blocks.NOT_ME).ok
    assert "Nobody whom I asked could answer" in words(direct(lore, "chloe"))
    assert states(lore) == ["unanswered"]


def test_a_second_answer_is_told_that_there_is_one(lore: Lore) -> None:
    message = asked(lore, "chloe", "#pair")
    ask_a_person(lore, "chloe", "#pair", message)
    to_ana = direct(lore, "ana")
    assert lore.slack.click("ana", lore.slack.dm("ana"), to_ana["ts"], blocks.ANSWER).ok
    [view] = lore.slack.views_open("ana")
    first = lore.slack.submit_view_soon("ana", view["id"], {"text": MAGNUS})
    assert first.result().ok  # over HTTP both would be worked on at once, in any order
    second = lore.slack.click_soon("ana", lore.slack.dm("ana"), to_ana["ts"], blocks.NOT_ME)
    assert second.result().ok
    lore.reply("#pair", message["thread_ts"], count=2)
    assert states(lore) == ["answered"]
    assert lore.slack.said_by_app(lore.slack.dm("ben")) == []


def test_a_private_question_is_answered_in_private(lore: Lore) -> None:
    lore.slack.slash("ben", "#general", "/ask", CHESS)
    ask_a_person(lore, "ben", "#general", lore.private_reply("ben", "#general"))
    question = direct(lore, "ana")
    assert "Asked in private" in words(question)
    answer(lore, "ana", question)
    assert MAGNUS in words(direct(lore, "ben"))
    assert lore.slack.said_by_app("#general") == []
    with lore.knowledge.database.reading() as connection:
        assert connection.execute(select(verified_answers)).all() == [], "not unless she says so"


def test_the_answer_is_withheld_where_strangers_read_along_meanwhile(lore: Lore) -> None:
    message, question = put_to_ana(lore)
    lore.slack.share_channel("#general")
    lore.slack.wait_for(lambda: all(one.acked for one in lore.slack.ledger.events("channel_shared")))
    answer(lore, "ana", question)
    said = lore.reply("#general", message["thread_ts"], count=2)
    assert MAGNUS not in said
    assert "can't tell who reads along" in said


def test_it_becomes_a_page_that_can_be_asked_about(own_lore: Lore) -> None:
    lore = own_lore
    message, question = put_to_ana(lore)
    answer(lore, "ana", question)
    said = lore.replies("#general", message["thread_ts"], count=2)[-1]
    for _ in range(2):
        assert lore.slack.click("ben", "#general", said["ts"], blocks.PAGE).ok
    assert "saved as a page before" in words(lore.private_reply("ben", "#general", count=3))
    with lore.knowledge.database.reading() as connection:
        [page] = connection.execute(select(saved_pages)).all()
    assert (page.owner, page.audience, page.text) == (lore.slack.person("ana").id, "everyone", MAGNUS)


def let_pass(lore: Lore, hours: float) -> None:
    """Everything was that much longer ago; then the heart beats."""
    earlier = hours * 3600
    with lore.knowledge.database.writing() as connection:
        then = {"turn_at": requests.c.turn_at - earlier, "reminded_at": requests.c.reminded_at - earlier}
        connection.execute(update(requests).values(then))
        connection.execute(update(pings).values(at=pings.c.at - earlier))
    lore.bot.remind(datetime.now(UTC))


def test_reminded_once_a_day_then_the_next_is_asked(lore: Lore) -> None:
    ask_a_person(lore, "chloe", "#pair", asked(lore, "chloe", "#pair"))
    direct(lore, "ana")
    for hours in (1, 20, 4, 1, 12):
        let_pass(lore, hours)
    assert "Still a question waits for you" in words(direct(lore, "ana", count=2))
    assert lore.slack.said_by_app(lore.slack.dm("ben")) == []
    for hours in (12, 1, 10):
        let_pass(lore, hours)
    assert CHESS in words(direct(lore, "ben"))
    assert len(lore.slack.said_by_app(lore.slack.dm("ana"))) == 2
    for hours in (20, 20, 20):
        let_pass(lore, hours)
    assert "Nobody whom I asked could answer" in words(direct(lore, "chloe"))
    assert len(lore.slack.said_by_app(lore.slack.dm("ben"))) == 2
    assert states(lore) == ["unanswered"]


def test_requests_are_listed_with_their_age_and_ended_by_the_asker(lore: Lore) -> None:
    put_to_ana(lore)
    lore.slack.slash("ben", "#general", "/lore", "requests")
    listed = lore.private_reply("ben", "#general", count=2)
    assert CHESS in words(listed)
    assert "open · with ana · less than an hour" in words(listed)
    lore.slack.slash("chloe", "#general", "/lore", "requests")
    assert "No question waits" in words(lore.private_reply("chloe", "#general"))
    assert lore.slack.click("ben", "#general", listed["ts"], blocks.WITHDRAW).ok
    lore.slack.wait_for(lambda: states(lore) == ["withdrawn"])


def test_what_was_asked_where_an_admin_cannot_read_stays_unseen(lore: Lore) -> None:
    lore.slack.slash("chloe", "#pair", "/ask", CHESS)
    ask_a_person(lore, "chloe", "#pair", lore.private_reply("chloe", "#pair"))
    direct(lore, "ana")
    lore.slack.change_person("ben", is_admin=True)
    lore.slack.wait_for(lambda: all(one.acked for one in lore.slack.ledger.events("user_change")))
    lore.slack.slash("ben", "#general", "/lore", "requests")
    said = words(lore.private_reply("ben", "#general"))
    assert CHESS not in said
    assert "asked where you cannot read" in said
    assert "with ana" in said


def test_forged_ids_of_others_do_nothing(lore: Lore) -> None:
    put_to_ana(lore)
    with lore.knowledge.database.reading() as connection:
        request_id = str(connection.execute(select(requests.c.id)).scalar_one())
    chloe = lore.slack.person("chloe").id
    for step in ("answer", "not me", "acknowledge", "withdraw", "page", "nonsense"):
        forged = Received(
            kind="request_step",
            keys=frozenset(),
            team=lore.slack.team.id,
            channel=lore.slack.dm("chloe"),
            person=chloe,
            text="Evil.",
            conversation=f"about {request_id}",
            payload={"subject": request_id, "step": step},
        )
        lore.bot.delivery.inbox.receive(forged)
    assert "not yours to do" in words(direct(lore, "chloe", count=6))
    assert states(lore) == ["open"]


def test_po03_a_persons_answer_is_literal_wherever_it_is_shown(lore: Lore) -> None:
    evil = "<!channel> <@U0000ADA1> <https://evil.example|win> [click](https://evil.example) & more"
    message = asked(lore)
    ask_a_person(lore, "ben", "#general", message, f"Is this right? {evil}")
    question = direct(lore, "ana")
    answer(lore, "ana", question, evil)
    lore.reply("#general", message["thread_ts"], count=2)
    sent = [
        call.args
        for method in ("chat.postMessage", "chat.update", "chat.postEphemeral", "views.open")
        for call in lore.slack.ledger.calls_of(method)
    ]
    assert len(sent) > 4
    for one in sent:
        assert "<!" not in str(one.get("text"))
        assert "<http" not in str(one.get("text"))
        shown = str(one.get("blocks") or one.get("view"))
        assert not any(kind in shown for kind in ("'type': 'link'", "'broadcast'", "'user'", "mrkdwn"))


def test_sp11_a_direct_message_whose_fate_is_unknown_is_said_once(lore: Lore) -> None:
    message = asked(lore)
    ana = lore.slack.person("ana").id
    lore.slack.faults.drop("chat.postMessage", after=True, where=lambda args: args["channel"] == ana)
    ask_a_person(lore, "ben", "#general", message)
    direct(lore, "ana")
    lore.slack.wait_for(lambda: len(lore.slack.ledger.calls_of("conversations.history")) >= 1)
    assert lore.is_quiet(lore.slack.dm("ana"), None, count=1)
    lore.slack.faults.drop("chat.postMessage", where=lambda args: args["channel"] == ana)
    ask_a_person(lore, "chloe", "#general", asked(lore, "chloe"), "And who won the chess cup of 2021?")
    direct(lore, "ana", count=2)


def test_slack_is_away_for_a_while_and_nothing_is_lost(lore: Lore) -> None:
    message, question = put_to_ana(lore)
    for method in ("chat.postMessage", "chat.update", "chat.postEphemeral"):
        lore.slack.faults.status(method, 503, times=2)
    answer(lore, "ana", question)
    assert MAGNUS in lore.reply("#general", message["thread_ts"], count=2)
    assert states(lore) == ["answered"]
