"""Questions that say where to search: in Slack, in short form and plain words, and without it again."""

from bot.blocks.scope import SEARCH_EVERYTHING
from bot.wiring import Knowledge
from bot.workspace import Workspace
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.dialogues.test_audiences import BUDGET
from tests.dialogues.test_streaming import QUICK

DRILL = "how long did the restore drill take for the 7B run?"


def test_a_reply_says_which_filters_held(lore: Lore) -> None:
    said = lore.reply("#general", lore.mention("ben", "#general", f"{DRILL} in:wiki after:2026-02"))
    assert "41 minutes" in said
    assert "Searched only: in wiki, since 2026-02-01." in said
    plainly = lore.reply(
        "#general", lore.mention("ben", "#general", "how long was the restore drill in the wiki?")
    )
    assert "Searched only: in wiki." in plainly


def test_a_filter_keeps_the_rest_out_and_a_button_lets_go_of_it(lore: Lore) -> None:
    ts = lore.mention("ben", "#general", f"{DRILL} before:2026-05")
    [message] = lore.replies("#general", ts)
    assert "41 minutes" not in words(message)
    assert "Searched only: before 2026-05-01." in words(message)
    lore.slack.click("chloe", "#general", message["ts"], SEARCH_EVERYTHING)
    again = lore.reply("#general", ts, count=2)
    assert "41 minutes" in again
    assert "Searched only" not in again


def test_a_mention_names_the_owner(lore: Lore) -> None:
    ana = lore.slack.person("ana").id
    ts = lore.mention("ben", "#general", f"{DRILL} by:<@{ana}>")
    said = lore.reply("#general", ts)
    assert "41 minutes" in said
    assert "Searched only: by" in said
    assert "ana@heron.example" not in said.partition("Searched only")[2].partition(".")[0]
    chloe = lore.slack.person("chloe").id
    told = lore.reply("#general", lore.mention("ben", "#general", f"{DRILL} by:<@{chloe}>"))
    assert "I know no owner" in told
    assert "41 minutes" in told


def test_a_source_that_not_all_may_read_is_as_unknown_as_any(lore: Lore) -> None:
    hidden = lore.reply("#general", lore.mention("ben", "#general", f"{DRILL} in:secrets"))
    other = lore.reply("#general", lore.mention("ben", "#general", f"{DRILL} in:nosuch"))
    assert "I know no source or folder “secrets” here" in hidden
    assert hidden.replace("secrets", "nosuch") == other
    lore.slack.slash("ben", "#general", "/ask", f"{BUDGET} in:secrets")
    mine = words(lore.private_reply("ben", "#general"))
    assert "640000" in mine
    assert "Searched only: in secrets." in mine


def test_a_private_answer_without_its_filters_stays_private(lore: Lore) -> None:
    lore.slack.slash("ben", "#general", "/ask", f"{BUDGET} in:wiki")
    first = lore.private_reply("ben", "#general")
    assert "640000" not in words(first)
    lore.slack.click("ben", "#general", first["ts"], SEARCH_EVERYTHING)
    assert "640000" in words(lore.private_reply("ben", "#general", 2))
    assert lore.slack.said_by_app("#general") == []


def test_a_guest_who_presses_gets_nothing_new(lore: Lore) -> None:
    ts = lore.mention("ben", "#general", f"{DRILL} before:2026-05")
    [message] = lore.replies("#general", ts)
    lore.slack.invite("gus", "#general")
    lore.slack.click("gus", "#general", message["ts"], SEARCH_EVERYTHING)
    assert "can't do that here" in words(lore.private_reply("gus", "#general"))
    assert len(lore.slack.said_by_app("#general", ts)) == 1


def test_filters_are_for_their_own_question_alone(lore: Lore) -> None:
    ts = lore.mention("ben", "#general", f"{DRILL} before:2026-05")
    lore.reply("#general", ts)
    lore.slack.say("ben", "#general", "and for the 13B run?", ts)
    said = lore.reply("#general", ts, count=2)
    assert "93 minutes" in said
    assert "Searched only" not in said


def test_an_answer_that_is_shown_while_it_is_written_ends_with_its_filters(
    slack: Workspace, knowledge: Knowledge
) -> None:
    with at_work(slack, knowledge, stream=QUICK) as lore:
        ts = lore.mention("ben", "#general", f"{DRILL} in:wiki")
        slack.wait_for(lambda: "Searched only: in wiki." in lore.reply("#general", ts))
        [message] = lore.replies("#general", ts)
        assert "41 minutes" in words(message)
        slack.click("chloe", "#general", message["ts"], SEARCH_EVERYTHING)
        slack.wait_for(lambda: "41 minutes" in lore.reply("#general", ts, count=2))
        assert "Searched only" not in lore.reply("#general", ts, count=2)
