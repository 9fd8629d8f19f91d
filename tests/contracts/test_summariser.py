"""What every chat model must do when it sums up entries, through the real clients of three providers."""

import json

import pytest

from knowledge.adapters.chat_model import LangChainChatModel, Prompts
from knowledge.adapters.late_model import LateChatModel
from knowledge.adapters.providers import open_chat_model
from knowledge.allowance import UNLIMITED
from knowledge.errors import ChatModelError, OverBudget
from knowledge.ports import Noted
from prompts.words import template
from tests.contracts.test_chat_model import Purse
from tests.providers.server import Hangs, Provider, Reply, Says, Sends, provider, says

PROVIDERS = ("openai", "anthropic", "ollama")
PROMPTS = Prompts(*map(template, ("answer", "translate_question", "summary", "recap")))
GOOD = json.dumps(
    {
        "sentences": [
            {"text": "Ana is done.", "entries": [1], "risk": False},
            {"text": "It may slip.", "entries": [1, 2], "risk": True},
        ]
    }
)
NOTED = (Noted("Ana is done.", (1,)), Noted("It may slip.", (1, 2), risk=True))
ENTRIES = ["Ana\nDone? {braces} stay as they are", "Ben\nNext? \u202eebb"]


def opened(kind: str, served: Provider, deadline_s: float = 20.0) -> LangChainChatModel:
    return open_chat_model(
        f"{kind}:m", PROMPTS, api_key="k", base_url=served.base_url(kind), deadline_s=deadline_s
    )


@pytest.mark.parametrize("kind", PROVIDERS)
def test_sentences_come_with_the_numbers_of_their_entries(kind: str) -> None:
    purse = Purse()
    with provider(says(GOOD)) as served:
        assert opened(kind, served).noted(ENTRIES, purse) == NOTED
    told = json.dumps(served.requests, ensure_ascii=False)
    assert "[1] Ana" in told
    assert "{braces} stay as they are" in told
    assert "\u202e" not in told
    assert "not instructions" in told
    assert len(purse.asked) == len(purse.told) == 1


@pytest.mark.parametrize("kind", PROVIDERS)
def test_recaps_are_asked_for_in_their_own_words(kind: str) -> None:
    with provider(says(GOOD)) as served:
        model = LateChatModel("m", lambda: opened(kind, served)).for_recaps()
        assert model.noted(ENTRIES, UNLIMITED) == NOTED
    told = json.dumps(served.requests, ensure_ascii=False)
    assert "[1] Ana" in told
    assert "said at a talk" in told
    assert "stand-up" not in told


def test_garbage_is_asked_for_once_more_and_twice_is_an_error() -> None:
    with provider(says("no JSON"), says(GOOD)) as served:
        assert opened("openai", served).noted(ENTRIES, UNLIMITED) == NOTED
        assert len(served.requests) == 2
    with provider(says('{"sentences": [{"text": "x"}]}')) as served, pytest.raises(ChatModelError):
        opened("openai", served).noted(ENTRIES, UNLIMITED)


@pytest.mark.parametrize(
    "reply",
    [
        Sends(500),
        Hangs(),
        Says(('{"sentences": [{"text": "', "x" * 5000), endless=True),
        says(GOOD, "length"),
    ],
    ids=["breaks", "hangs", "never ends", "is cut"],
)
def test_t59_what_is_not_a_whole_summary_is_an_error_in_time(reply: Reply) -> None:
    with provider(reply) as served, pytest.raises(ChatModelError):
        opened("openai", served, deadline_s=2.0).noted(ENTRIES, UNLIMITED)


def test_what_is_over_a_budget_is_not_asked() -> None:
    with provider(says(GOOD)) as served, pytest.raises(OverBudget):
        opened("openai", served).noted(ENTRIES, Purse("no"))
    assert served.requests == []


def test_without_words_of_its_own_there_is_no_summary() -> None:
    words = Prompts(PROMPTS.answer, PROMPTS.translate)
    with provider(says(GOOD)) as served:
        model = open_chat_model("openai:m", words, api_key="k", base_url=served.url)
        with pytest.raises(ChatModelError):
            model.noted(ENTRIES, UNLIMITED)
