"""SP-20: while the chat model hangs, commands and buttons are acknowledged at once; nobody waits in vain."""

from bot.wiring import MODELS_SHARE, Knowledge, now
from bot.workspace import Workspace
from knowledge.adapters.chat_model import Prompts
from knowledge.adapters.providers import open_chat_model
from knowledge.answering import Answerer
from knowledge.writing import MODEL_FAILED
from prompts.words import template
from tests.dialogues.joined import at_work
from tests.dialogues.lore import words
from tests.dialogues.test_commands import button
from tests.providers.server import Hangs, provider, reply_of, says

DRILL = "how long did the restore drill take for the 7B run?"
DRAFT = "The last restore drill was on 12 May 2026 and took 41 minutes for the 7B run."
QUESTIONS = 30
DEADLINE_S = 6.0
LATE = "taking longer than it should"


def test_sp20_thirty_questions_wait_on_a_hanging_model_and_nothing_else_does(
    slack: Workspace, knowledge: Knowledge
) -> None:
    draft = says(reply_of([(DRAFT, [1])]))
    with provider(draft, Hangs()) as served, at_work(slack, knowledge, deadline_s=DEADLINE_S) as lore:
        model = open_chat_model(
            "openai:some-model",
            Prompts(template("answer"), template("translate_question")),
            api_key="not-a-key",
            base_url=served.url,
            deadline_s=DEADLINE_S * MODELS_SHARE,
        )
        answerer = Answerer(knowledge.generations.current, knowledge.store, knowledge.embedder, now, model)
        lore.answers.instead = lambda question: answerer.answer(question, frozenset({"everyone"}))

        [answered] = lore.replies("#general", lore.mention("ana", "#general", DRILL))
        assert "41 minutes" in words(answered)
        assert MODEL_FAILED not in words(answered)

        people = ("ana", "ben", "chloe")
        asked = [lore.mention(people[n % 3], "#general", DRILL) for n in range(QUESTIONS)]
        slack.wait_for(lambda: len(served.requests) > 1)
        assert slack.slash("ben", "#general", "/ask", DRILL).ok
        assert slack.click("ben", "#general", answered["ts"], "open_passage", button(answered)).ok
        assert slack.views_open("ben"), "the passage opened while the model hung"
        assert not any(slack.said_by_app("#general", ts) for ts in asked), "the model hung all the while"
        assert all(len(each.attempts) == 1 for each in slack.ledger.envelopes), "Slack repeated nothing"

        for ts in asked:
            said = words(slack.wait_for(lambda at=ts: slack.said_by_app("#general", at), 2 * DEADLINE_S)[0])
            assert ("41 minutes" in said and MODEL_FAILED in said) or LATE in said
        mine = words(lore.private_reply("ben", "#general"))
        assert ("41 minutes" in mine and MODEL_FAILED in mine) or LATE in mine
        assert [len(slack.said_by_app("#general", ts)) for ts in asked] == [1] * QUESTIONS
