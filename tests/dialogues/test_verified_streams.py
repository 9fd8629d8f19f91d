"""A verified answer stands first where the ordinary one is streamed, and where there is none."""

from sqlalchemy import insert

from bot.journal.verified import verified_answers
from bot.streaming import Rhythm
from bot.wiring import Knowledge
from bot.workspace import Workspace
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words

KEPT = "how many checkpoints does the trainer keep?"
BETTER = "The trainer keeps the last five checkpoints."


def verify(knowledge: Knowledge, question: str, *audience_keys: str, documents: tuple[str, ...] = ()) -> None:
    row = {
        "id": f"verified {question}"[:40],
        "state": "valid",
        "question": question,
        "text": BETTER,
        "source_url": "",
        "audience_keys": list(audience_keys),
        "documents": list(documents),
        "author": "U0000BEN1",
        "approver": "U0000ANA1",
        "approved_at": 1_780_000_000.0,
        "expires_at": 9_780_000_000.0,
    }
    with knowledge.database.writing() as connection:
        connection.execute(insert(verified_answers), row)


def test_it_stands_above_a_streamed_answer_when_that_is_done(slack: Workspace, knowledge: Knowledge) -> None:
    verify(knowledge, KEPT, "everyone")
    with at_work(slack, knowledge, stream=Rhythm()) as lore:
        ts = lore.mention("ben", "#general", KEPT)
        slack.wait_for(
            lambda: [one for one in slack.said_by_app("#general", ts) if "✓ Verified answer" in words(one)]
        )
        [message] = slack.said_by_app("#general", ts)
        said = words(message)
        assert said.index(BETTER) < said.index("keeps the last three checkpoints")


def test_it_stands_alone_where_the_documents_hold_no_answer(lore: Lore) -> None:
    question = "who won the chess tournament in Reykjavik?"
    verify(lore.knowledge, question, "everyone")
    said = lore.reply("#general", lore.mention("ben", "#general", question))
    assert BETTER in said
    assert "no other answer" in said
    assert "I found no answer" not in said


def test_without_any_audience_nobody_sees_it(lore: Lore) -> None:
    verify(lore.knowledge, KEPT)
    assert BETTER not in lore.reply("#general", lore.mention("ben", "#general", KEPT))


def test_a_follow_up_is_compared_with_what_it_carries_over(lore: Lore) -> None:
    verify(lore.knowledge, "how long did the restore drill take for the 13B run?", "everyone")
    ts = lore.mention("ben", "#general", "how long did the restore drill take for the 7B run?")
    assert BETTER not in lore.reply("#general", ts)
    lore.slack.say("ben", "#general", "and for the 13B run?", ts)
    said = lore.reply("#general", ts, count=2)
    assert "93 minutes" in said
    assert BETTER in said


def test_it_goes_with_the_documents_that_it_corrects_and_narrows_with_them(lore: Lore) -> None:
    """The budget's page is for Ana and Ben now, whoever could read it when it was corrected."""
    verify(lore.knowledge, KEPT, "everyone", documents=("secrets/salaries.md",))
    assert BETTER not in lore.reply("#general", lore.mention("ben", "#general", KEPT))
    assert BETTER in lore.reply("#leads", lore.mention("ben", "#leads", KEPT))
    verify(lore.knowledge, "who keeps the keys?", "everyone", documents=("wiki/gone.md",))
    assert BETTER not in lore.reply("#leads", lore.mention("ben", "#leads", "who keeps the keys?"))
