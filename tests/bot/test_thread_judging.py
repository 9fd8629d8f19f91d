"""Which threads hold an answered question, and which reply answered it."""

from typing import Any

import pytest

from bot.hearing import Myself
from bot.threads.judging import (
    Answered,
    Crowd,
    NoDocument,
    Rules,
    Standing,
    Unsure,
    Verdict,
    judge,
    might_become_one,
    question_of,
    thanked,
)

ME = Myself("U0LORE0000", "B0LORE0000", "T0HERON000")
ANA, BEN, CHLOE, GUS, MAL, OUT, BOT, WHO = (
    f"U0{name:A<8}" for name in ("ANA", "BEN", "CHLOE", "GUS", "MAL", "OUT", "BOT", "WHO")
)
STANDINGS = {
    **dict.fromkeys((ANA, BEN, CHLOE), Standing.MEMBER),
    GUS: Standing.GUEST,
    MAL: Standing.STRANGER,
    OUT: Standing.LEFT_OUT,
    BOT: Standing.MACHINE,
}
CROWD = Crowd(ME, lambda user: STANDINGS.get(user, Standing.UNKNOWN), lambda user: user == ANA)
RULES = Rules(frozenset({"white_check_mark"}), frozenset({"no_entry"}))
SIGNS = Rules(RULES.accepting, RULES.taking_out, signs=True)
ASKED = "How many GPUs does the 13B run need?"


def said(user: str, text: str, *reactions: tuple[str, str], **more: Any) -> dict[str, Any]:
    """A message; each reaction is a name and who gave it."""
    by_name: dict[str, list[str]] = {}
    for name, person in reactions:
        by_name.setdefault(name, []).append(person)
    listed = [{"name": name, "users": users, "count": len(users)} for name, users in by_name.items()]
    return {
        "type": "message",
        "user": user,
        "text": text,
        **({"reactions": listed} if listed else {}),
        **more,
    }


def thread(*messages: dict[str, Any], rules: Rules = RULES, crowd: Crowd = CROWD) -> Verdict:
    whole = [{"ts": f"17000000{number:02}.000100", **one} for number, one in enumerate(messages)]
    return judge(whole, rules, crowd)


def answer(verdict: Verdict) -> str:
    assert isinstance(verdict, Answered), verdict
    return verdict.accepted.text


OK = "white_check_mark"
QUESTION = said(BEN, ASKED)


def test_a_reply_that_somebody_else_accepted_answers() -> None:
    verdict = thread(QUESTION, said(ANA, "Eight.", (OK, BEN)), said(CHLOE, "Or nine with the spare one."))
    assert isinstance(verdict, Answered)
    assert (verdict.question, verdict.root.person) == (ASKED, BEN)
    assert (verdict.accepted.person, verdict.accepted.text) == (ANA, "Eight.")
    assert [one.person for one in verdict.others] == [CHLOE]


def test_of_several_accepted_replies_most_people_decide_then_the_latest() -> None:
    one, other = said(ANA, "Eight.", (OK, BEN)), said(CHLOE, "Nine.", (OK, BEN))
    assert answer(thread(QUESTION, one, other)) == "Nine."
    liked = said(ANA, "Eight.", (OK, BEN), (OK, CHLOE))
    assert answer(thread(QUESTION, liked, other)) == "Eight."


@pytest.mark.parametrize("user", [BEN, CHLOE])
def test_a_reaction_on_the_question_accepts_the_reply_that_is_liked_most(user: str) -> None:
    root = said(BEN, ASKED, (OK, user))
    liked = said(ANA, "Eight.", ("+1", BEN))
    assert answer(thread(root, liked, said(CHLOE, "I would guess nine."))) == "Eight."
    assert answer(thread(root, said(ANA, "Eight."), said(CHLOE, "No, nine."))) == "No, nine."


@pytest.mark.parametrize(
    "messages",
    [
        (QUESTION, said(ANA, "Eight.", (OK, ANA))),
        (QUESTION, said(ANA, "Eight.", (OK, MAL))),
        (QUESTION, said(ANA, "Eight.", (OK, WHO))),
        (QUESTION, said(ANA, "Eight.", ("eyes", BEN))),
        (QUESTION, said(BEN, "Never mind, it is eight.", (OK, ANA))),
        (QUESTION, said(ANA, "Thanks!", (OK, BEN))),
        (QUESTION, said(ANA, "Eight.")),
        (QUESTION,),
        (said(BEN, "The 13B run needs eight GPUs."), said(ANA, "Right.", (OK, BEN))),
        (said(BEN, "ok?"), said(ANA, "Fine with me.", (OK, BEN))),
        (),
    ],
)
def test_no_document(messages: tuple[dict[str, Any], ...]) -> None:
    assert isinstance(thread(*messages), NoDocument)


def test_what_lore_and_bots_said_is_never_there() -> None:
    lore = said(ME.user_id, "It needs eight.", (OK, BEN), bot_id=ME.bot_id)
    robot = said(BOT, "Build passed.", (OK, BEN))
    assert isinstance(thread(QUESTION, lore), NoDocument)
    assert isinstance(thread(QUESTION, robot), NoDocument)
    verdict = thread(QUESTION, lore, robot, said(ANA, "Eight.", (OK, BEN)))
    assert isinstance(verdict, Answered)
    assert verdict.others == ()


@pytest.mark.parametrize(
    "more",
    [
        {"subtype": "channel_join"},
        {"subtype": "tombstone"},
        {"hidden": True},
        {"is_ephemeral": True},
        {"bot_id": "B1"},
        {"app_id": "A1"},
        {"user": "USLACKBOT"},
        {"user": None},
        {"ts": ""},
    ],
)
def test_joins_deleted_and_ephemeral_messages_are_no_words_of_anybody(more: dict[str, Any]) -> None:
    assert isinstance(thread(QUESTION, said(ANA, "Eight.", (OK, BEN)) | more), NoDocument)
    assert isinstance(thread(QUESTION | more, said(ANA, "Eight.", (OK, BEN))), NoDocument)


def test_people_who_are_left_out_take_their_thread_or_their_reply_with_them() -> None:
    asked = thread(said(OUT, ASKED), said(ANA, "Eight.", (OK, BEN)))
    assert asked == NoDocument("whoever asked is left out")
    answered = thread(QUESTION, said(OUT, "Eight.", (OK, BEN)))
    assert isinstance(answered, NoDocument)
    beside = thread(QUESTION, said(OUT, "I think eight."), said(ANA, "Eight.", (OK, BEN)))
    assert isinstance(beside, Answered)
    assert beside.others == ()


def test_strangers_words_are_left_out_and_guests_count() -> None:
    assert isinstance(thread(QUESTION, said(MAL, "Eight.", (OK, BEN))), NoDocument)
    assert answer(thread(said(GUS, ASKED), said(ANA, "Eight.", (OK, GUS)))) == "Eight."
    assert answer(thread(QUESTION, said(GUS, "Eight.", (OK, BEN)))) == "Eight."


def test_an_author_whom_slack_does_not_tell_of_leaves_it_open() -> None:
    assert isinstance(thread(QUESTION, said(WHO, "Eight."), said(ANA, "Eight.", (OK, BEN))), Unsure)


@pytest.mark.parametrize("by", [BEN, ANA, CHLOE])
def test_authors_and_admins_take_a_thread_out(by: str) -> None:
    verdict = thread(QUESTION, said(ANA, "Eight.", (OK, BEN), ("no_entry", by)))
    assert isinstance(verdict, NoDocument) is (by != CHLOE)


def test_a_reaction_whose_givers_are_not_all_named_takes_it_out() -> None:
    reply = said(ANA, "Eight.", (OK, BEN), ("no_entry", CHLOE))
    reply["reactions"][1]["count"] = 2
    assert isinstance(thread(QUESTION, reply), NoDocument)


def test_only_experts_answer_where_that_is_set() -> None:
    rules = Rules(RULES.accepting, RULES.taking_out, experts=frozenset({ANA}))
    messages = (QUESTION, said(CHLOE, "Nine.", (OK, BEN), (OK, ANA)), said(ANA, "Eight.", (OK, BEN)))
    assert answer(thread(*messages, rules=rules)) == "Eight."
    assert isinstance(thread(*messages[:2], rules=rules), NoDocument)


def test_signs_of_the_person_who_asked_count_where_that_is_set() -> None:
    thanks = (QUESTION, said(ANA, "Eight."), said(BEN, "Thanks, that worked!"))
    liked = (QUESTION, said(ANA, "Eight.", ("+1::skin-tone-3", BEN)), said(CHLOE, "Nine."))
    for messages in (thanks, liked):
        assert isinstance(thread(*messages), NoDocument)
        assert answer(thread(*messages, rules=SIGNS)) == "Eight."
    of_another = (QUESTION, said(ANA, "Eight."), said(CHLOE, "Thanks, that worked!"))
    assert isinstance(thread(*of_another, rules=SIGNS), NoDocument)
    of_the_moment = (said(BEN, "Are you around for lunch today?"), *thanks[1:])
    assert isinstance(thread(*of_the_moment, rules=SIGNS), NoDocument)


@pytest.mark.parametrize(
    ("text", "is_thanks"),
    [
        ("Thanks!", True),
        ("thank you, ana", True),
        ("That worked", True),
        ("ok great, it's fixed, solved", False),
        ("Solved, cheers", True),
        ("Thanks, but it still fails", False),
        ("thanks, does that hold for 7B?", False),
        ("thanks anyway", False),
        ("I would be thankful for help", False),
        ("it has not worked", False),
    ],
)
def test_thanks(text: str, is_thanks: bool) -> None:
    assert thanked(text) is is_thanks


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (ASKED, ASKED),
        (f"<@{ANA}> hi! {ASKED} I ask for the budget.", ASKED),
        (f"<@{ME.user_id}> {ASKED}", ASKED),
        (f"Some context.\n\n> {ASKED}\nMore of it.", ASKED),
        ("The run failed again.", None),
        ("why?", None),
        ("# What is the learning rate of the 7B run?", "What is the learning rate of the 7B run?"),
        (
            "How is loss &lt; 2 reached on &amp; after step 100?",
            "How is loss < 2 reached on & after step 100?",
        ),
    ],
)
def test_the_question_is_one_sentence(text: str, question: str | None) -> None:
    assert question_of(text, ME) == question


def test_what_history_tells_decides_whether_the_replies_are_read() -> None:
    root = QUESTION | {"ts": "1700000000.000100", "reply_count": 1, "reply_users": [ANA]}
    assert might_become_one(root, ME)
    assert not might_become_one(root | {"reply_users": [BEN]}, ME)
    assert might_become_one(root | {"reply_users": [BEN], "reply_users_count": 9}, ME)
    assert not might_become_one(root | {"reply_count": 0}, ME)
    assert not might_become_one(root | {"text": "The run is done."}, ME)
