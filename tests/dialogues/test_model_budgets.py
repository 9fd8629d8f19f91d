"""Conversations with a chat model that costs something, that is away, and with people who ask too much."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.budget_settings import Budgets, Limits
from bot.journal.spending import Scope
from bot.wiring import Knowledge, now
from bot.workspace import Workspace
from knowledge.adapters.breaker import FAILURES
from knowledge.adapters.chat_model import Prompts
from knowledge.adapters.providers import open_chat_model
from knowledge.answering import Answerer
from knowledge.writing import MODEL_FAILED
from prompts.words import template
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.providers.server import Provider, Reply, Sends, provider, reply_of, says

DRILL = "how long did the restore drill take for the 7B run?"
TRUE = "The last restore drill was on 12 May 2026 and took 41 minutes for the 7B run."


@contextmanager
def with_model(
    slack: Workspace, knowledge: Knowledge, reply: Reply, **more: Any
) -> Iterator[tuple[Lore, Provider]]:
    with provider(reply) as served, at_work(slack, knowledge, **more) as lore:
        prompts = Prompts(template("answer"), template("translate_question"))
        model = open_chat_model("openai:m", prompts, api_key="k", base_url=served.url)
        answerer = Answerer(knowledge.generations.current, knowledge.store, knowledge.embedder, now, model)
        lore.answers.answerer = answerer
        yield lore, served


def test_op04_a_budget_that_is_spent_makes_answers_extractive_and_the_admins_hear_of_it_once(
    slack: Workspace, knowledge: Knowledge
) -> None:
    spare = Limits()
    limits = {Scope.PERSON: spare, Scope.CHANNEL: spare, Scope.WORKSPACE: Limits(calls_a_day=1)}
    with with_model(slack, knowledge, says(reply_of([(TRUE, [1])])), budgets=Budgets(limits=limits)) as (
        lore,
        served,
    ):
        assert "spent" not in lore.reply("#general", lore.mention("ben", "#general", DRILL))
        for _ in range(2):
            said = lore.reply("#general", lore.mention("ben", "#general", DRILL))
            assert "41 minutes" in said
            assert "budget for the workspace is spent" in said
        told = slack.wait_for(lambda: slack.said_by_app(slack.dm("ana")))
        assert len(served.requests) == 1
    assert len(told) == 1
    assert "the whole workspace" in words(told[0])
    assert "calls a day" in words(told[0])


def test_sp21_while_the_model_is_away_every_question_is_answered_with_a_notice(
    slack: Workspace, knowledge: Knowledge
) -> None:
    with with_model(slack, knowledge, Sends(503)) as (lore, served):
        for number in range(FAILURES + 3):
            said = lore.reply("#general", lore.mention("ben", "#general", f"{DRILL} {'?' * number}"))
            assert "41 minutes" in said
            assert MODEL_FAILED in said
        assert len(served.requests) == FAILURES


def test_op01_who_asks_without_end_is_told_so_once_and_others_are_answered(
    slack: Workspace, knowledge: Knowledge
) -> None:
    with at_work(slack, knowledge, budgets=Budgets(questions_a_minute=3)) as lore:
        asked = [lore.mention("ben", "#general", f"{DRILL} {number}") for number in range(12)]
        mine = lore.mention("chloe", "#general", DRILL)
        assert "41 minutes" in lore.reply("#general", mine)
        said = [slack.said_by_app("#general", ts) for ts in asked]
        slow = [words(each[0]) for each in said if each and "within a minute" in words(each[0])]
    assert 1 <= len(slow) <= 2, "once in each minute of the clock"


def test_op03_a_question_of_100_kilobytes_is_cut_and_answered(slack: Workspace, knowledge: Knowledge) -> None:
    """Slack takes messages of 40,000 characters; a command's text is as long as somebody makes it."""
    long = DRILL + " please tell me more" * 5000
    with with_model(slack, knowledge, says(reply_of([(TRUE, [1])]))) as (lore, served):
        assert "characters" in lore.reply("#general", lore.mention("ben", "#general", long[:30_000]))
        assert slack.slash("ben", "#general", "/ask", long).ok
        assert "characters" in words(lore.private_reply("ben", "#general"))
        assert all(len(str(request)) < 40_000 for request in served.requests)
