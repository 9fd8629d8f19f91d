"""Who reads the place decides what Lore may say there."""

from knowledge.documents import NoAnswer, Outcome
from tests.dialogues.lore import Lore, words

BUDGET = "how much is the hiring budget for the platform team?"
DRILL = "how long did the restore drill take for the 7B run?"
HIDDEN = ("640000", "Hiring", "salaries", "secrets", "restricted")


def hides(said: str) -> bool:
    return not any(word in said for word in HIDDEN) and "I found no answer" in said


def test_a_private_channel_whose_members_may_all_read_it_gets_it(lore: Lore) -> None:
    said = lore.reply("#leads", lore.mention("ben", "#leads", BUDGET))
    assert "640000 euros" in said


def test_one_member_who_may_not_read_it_keeps_it_out(lore: Lore) -> None:
    said = lore.reply("#pair", lore.mention("ben", "#pair", BUDGET))
    assert hides(said)
    assert "In a direct message I also search" in said


def test_a_direct_message_gets_what_the_person_may_read(lore: Lore) -> None:
    mine, hers = lore.slack.dm("ben"), lore.slack.dm("chloe")
    assert "640000 euros" in lore.reply(mine, lore.slack.say("ben", mine, BUDGET))
    assert hides(lore.reply(hers, lore.slack.say("chloe", hers, BUDGET)))


def test_a_public_channel_is_the_whole_workspace_even_with_three_members(lore: Lore) -> None:
    assert hides(lore.reply("#small", lore.mention("ben", "#small", BUDGET)))


def test_ask_gets_what_the_asker_may_read(lore: Lore) -> None:
    lore.slack.slash("ben", "#general", "/ask", BUDGET)
    assert "640000 euros" in words(lore.private_reply("ben", "#general"))
    lore.slack.slash("chloe", "#general", "/ask", BUDGET)
    assert hides(words(lore.private_reply("chloe", "#general")))


def test_a_private_turn_never_crosses_into_another_place(lore: Lore) -> None:
    dm = lore.slack.dm("ben")
    lore.reply(dm, lore.slack.say("ben", dm, BUDGET))
    ts = lore.mention("ben", "#general", "how many checkpoints are kept?")
    lore.reply("#general", ts)
    lore.slack.say("ben", "#general", "and how much is it for the others?", ts)
    assert "640000" not in lore.reply("#general", ts, count=2)
    _, _, history = lore.answers.asked[-1]
    assert not any("budget" in turn.text for turn in history)


def test_guests_and_shared_channels_get_a_polite_refusal_without_a_search(lore: Lore) -> None:
    places = (("ana", "#visitors"), ("gus", "#visitors"), ("ana", "#partners"), ("mallory", "#partners"))
    for person, channel in places:
        ts = lore.mention(person, channel, "how many checkpoints are kept?")
        assert "I don't answer in this place" in lore.reply(channel, ts)
        lore.slack.say(person, channel, "why not?", ts)
        assert len(lore.slack.said_by_app(channel, ts)) == 1
    dm = lore.slack.dm("gus")
    ts = lore.slack.say("gus", dm, "how many checkpoints are kept?")
    assert "I don't answer in this place" in lore.reply(dm, ts)
    assert lore.answers.asked == []


def test_a_person_who_joins_before_the_answer_is_posted_stops_it(lore: Lore) -> None:
    def chloe_joins() -> None:
        lore.slack.invite("chloe", "#leads")
        lore.slack.wait_for(lambda: lore.slack.ledger.events("member_joined_channel")[-1].acked)

    lore.answers.before = chloe_joins
    said = lore.reply("#leads", lore.mention("ben", "#leads", BUDGET))
    assert "640000" not in said
    assert "direct message" in said


def test_a_person_who_joins_before_the_answer_is_posted_learns_of_no_source(lore: Lore) -> None:
    def chloe_joins() -> None:
        lore.slack.invite("chloe", "#leads")
        lore.slack.wait_for(lambda: lore.slack.ledger.events("member_joined_channel")[-1].acked)

    def nothing_near(question: str) -> Outcome:
        _, audiences, _ = lore.answers.asked[-1]
        searched = lore.knowledge.store.searched(lore.knowledge.store.published(), audiences)
        assert "secrets" in searched.sources
        return NoAnswer(question, "Nothing comes near the question.", (), (), searched, 1)

    lore.answers.before, lore.answers.instead = chloe_joins, nothing_near
    said = lore.reply("#leads", lore.mention("ben", "#leads", "which airline flies to the moon?"))
    assert "secrets" not in said
    assert "direct message" in said


def test_a_document_that_disappears_before_posting_is_not_quoted(own_lore: Lore) -> None:
    knowledge = own_lore.knowledge

    def the_page_goes() -> None:
        own_lore.answers.after = lambda: None
        (own_lore.wiki / "checkpoints.md").unlink()
        (own_lore.wiki / "learning-rate.md").unlink()
        knowledge.syncer.sync(knowledge.settings.sources, allow_removals=True)

    own_lore.answers.after = the_page_goes
    said = own_lore.reply("#general", own_lore.mention("ben", "#general", DRILL))
    assert "41 minutes" not in said
    assert "direct message" in said


def test_when_slack_does_not_tell_who_is_there_nothing_is_used(lore: Lore) -> None:
    lore.slack.faults.error("conversations.members", "internal_error", times=None)
    ts = lore.mention("ben", "#leads", BUDGET)
    assert "I don't answer in this place" in lore.reply("#leads", ts)
    assert lore.answers.asked == []


def test_the_hidden_page_is_there_at_all(lore: Lore) -> None:
    assert lore.knowledge.store.document("secrets/salaries.md") is not None
