"""What every chat model must do, shown through the real clients of three providers against a local server."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from knowledge.adapters.breaker import FAILURES, PAUSE_S
from knowledge.adapters.chat_model import LangChainChatModel, Prompts
from knowledge.adapters.providers import open_chat_model
from knowledge.adapters.reply_reading import LONGEST_REPLY
from knowledge.allowance import UNLIMITED
from knowledge.documents import Turn
from knowledge.errors import ChatModelError, OverBudget, SettingsError
from knowledge.ports import Drafted
from prompts.words import template
from tests.knowledge.making import passage
from tests.providers.protocols import USAGE
from tests.providers.server import Hangs, Provider, Reply, Says, Sends, nobody, provider, reply_of, says

PROVIDERS = ("openai", "anthropic", "ollama")
PROMPTS = Prompts(template("answer"), template("translate_question"))
FIRST, SECOND = "Checkpoints are kept for 30 days.", "The café “Zoë” opens at 8 🙂."
GOOD = reply_of([(FIRST, [1]), (SECOND, [1])])
BOTH = [Drafted(FIRST, (1,)), Drafted(SECOND, (1,))]
PASSAGES = [passage("Checkpoints are kept for 30 days. {braces} stay as they are.", title="Storage")]


class Purse:
    """An allowance that notes what it is told."""

    def __init__(self, refusal: str | None = None, left: float = 60.0) -> None:
        self.refusal = refusal
        self.left = left
        self.asked: list[int] = []
        self.told: list[tuple[int, int, int]] = []

    def seconds(self) -> float:
        return self.left

    def refused(self, tokens: int) -> str | None:
        self.asked.append(tokens)
        return self.refusal

    def took(self, estimated: int, tokens_in: int, tokens_out: int) -> None:
        self.told.append((estimated, tokens_in, tokens_out))


def opened(kind: str, served: Provider, deadline_s: float = 20.0, **more: Any) -> LangChainChatModel:
    return open_chat_model(
        f"{kind}:some-model",
        PROMPTS,
        api_key="not-a-key",
        base_url=served.base_url(kind),
        deadline_s=deadline_s,
        **more,
    )


@contextmanager
def asked(
    kind: str, *replies: Reply, deadline_s: float = 20.0, **more: Any
) -> Iterator[tuple[LangChainChatModel, Provider]]:
    with provider(*replies) as served:
        yield opened(kind, served, deadline_s, **more), served


def drafted(model: LangChainChatModel, allowance: Any = UNLIMITED) -> list[Drafted]:
    return list(model.draft("How long?", PASSAGES, [], allowance))


def before_it_failed(model: LangChainChatModel) -> list[Drafted]:
    """What came before the error that must come, of one line and without the passages."""
    got: list[Drafted] = []
    with pytest.raises(ChatModelError) as caught:
        got.extend(iter_into(got, model))
    assert "\n" not in str(caught.value)
    assert "braces" not in str(caught.value)
    return got


def iter_into(got: list[Drafted], model: LangChainChatModel) -> Iterator[Drafted]:
    for sentence in model.draft("How long?", PASSAGES, [], UNLIMITED):
        got.append(sentence)
    yield from ()


@pytest.mark.parametrize("kind", PROVIDERS)
def test_a_good_reply_is_a_draft(kind: str) -> None:
    with asked(kind, says(GOOD)) as (model, served):
        history = [Turn("And {before}?"), Turn("Yes.", True)]
        assert list(model.draft("How long?", PASSAGES, history, UNLIMITED)) == BOTH
    assert model.name == f"{kind}:some-model"
    sent = json.dumps(served.requests[0], ensure_ascii=False)
    for told in ("{braces}", "Person: And {before}?", "[1] Storage", "memory of an AI team"):
        assert told in sent
    assert served.requests[0]["stream"] is True


@pytest.mark.parametrize("kind", PROVIDERS)
def test_each_provider_is_held_to_the_schema_in_its_own_way(kind: str) -> None:
    with asked(kind, says(GOOD)) as (model, served):
        drafted(model)
    sent = served.requests[0]
    match kind:
        case "openai":
            assert sent["response_format"]["type"] == "json_schema"
            assert sent["response_format"]["json_schema"]["strict"] is True
        case "anthropic":
            assert sent["tool_choice"]["name"] == sent["tools"][0]["name"] == "Reply"
        case "ollama":
            assert set(sent["format"]["properties"]) == {"sentences"}


@pytest.mark.parametrize(
    ("kind", "method"),
    [("openai", "function_calling"), ("anthropic", "json_schema"), ("openai", "json_mode")],
)
def test_the_way_can_be_chosen(kind: str, method: str) -> None:
    with asked(kind, says(GOOD), method=method) as (model, served):
        assert drafted(model) == BOTH
    assert ("tools" in served.requests[0]) == (method == "function_calling")


@pytest.mark.parametrize("kind", PROVIDERS)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_sentence_comes_as_soon_as_it_is_complete(kind: str, size: int) -> None:
    """The second is held back until the first has been read."""
    with asked(kind, says(GOOD, size=size)) as (model, _):
        assert drafted(model) == BOTH
    stuck = Says((GOOD[: GOOD.index("The café")], "…"), cut_after=None, pause_s=0.05, endless=False)
    with asked(kind, stuck, deadline_s=5.0) as (model, _):
        draft = model.draft("How long?", PASSAGES, [], UNLIMITED)
        assert next(draft) == BOTH[0]
        draft.close()


@pytest.mark.parametrize("kind", PROVIDERS)
def test_an_empty_list_of_sentences_is_a_good_draft(kind: str) -> None:
    with asked(kind, says('{"sentences": []}')) as (model, _):
        assert drafted(model) == []


GARBAGE = {
    "prose": says("Sure! Checkpoints are kept for 30 days."),
    "fenced": says(f"```json\n{GOOD}\n```"),
    "another shape": says('{"answer": "30 days"}'),
    "a list": says('["30 days"]'),
    "numbers as text": says('{"sentences": [{"text": "a", "sources": ["1"], "translation": ""}]}'),
    "without a source": says('{"sentences": [{"text": "a", "translation": ""}]}'),
    "half of the JSON": says(GOOD[:30]),
    "half a surrogate": says('{"sentences": [{"text": "\\ud83d", "sources": [1], "translation": ""}]}'),
    "nothing at all": Says(()),
    "blanks": says(" \n" * 100),
    "deeply nested": says("[" * 5000),
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_sp23_garbage_is_asked_for_once_more(kind: str) -> None:
    with asked("openai", GARBAGE[kind], says(GOOD)) as (model, served):
        assert drafted(model) == BOTH
    assert len(served.requests) == 2


@pytest.mark.parametrize("provider_name", PROVIDERS)
@pytest.mark.parametrize("kind", ["prose", "another shape", "nothing at all"])
def test_sp23_garbage_twice_is_an_error(kind: str, provider_name: str) -> None:
    with asked(provider_name, GARBAGE[kind]) as (model, served):
        assert before_it_failed(model) == []
    assert len(served.requests) == 2


@pytest.mark.parametrize("kind", PROVIDERS)
def test_sp23_more_keys_than_asked_for_are_not_taken(kind: str) -> None:
    link = {"text": FIRST, "sources": [1], "translation": "", "link": "https://example.com"}
    with asked(kind, says(json.dumps({"sentences": [link]}))) as (model, _):
        assert before_it_failed(model) == []


@pytest.mark.parametrize("kind", PROVIDERS)
def test_sp23_ten_megabytes_are_not_read_to_the_end(kind: str) -> None:
    """Ten megabytes in one sentence: the client is left as soon as it is more than a reply may be."""
    endless = Says(('{"sentences": [{"text": "', "a" * 1000), endless=True)
    with asked(kind, endless) as (model, _):
        assert before_it_failed(model) == []
        _wait_for_threads()


@pytest.mark.parametrize("kind", PROVIDERS)
def test_sp22_a_stream_that_never_ends_is_ended(kind: str) -> None:
    sentence = json.dumps({"text": FIRST, "sources": [1], "translation": ""})
    with asked(kind, Says((sentence + ", ",), endless=True)) as (model, _):
        before_it_failed(model)
    beginning = Says(('{"sentences": [', *[f"{sentence}, "] * (LONGEST_REPLY // len(sentence) + 10)))
    with asked(kind, beginning) as (model, _):
        got = before_it_failed(model)
    assert 100 < len(got) < LONGEST_REPLY / len(sentence)


SMILE = "🙂".encode()
CUTS = {
    "after no token": says(GOOD, cut_after=0),
    "after some": says(GOOD, cut_after=4),
    "inside a frame": says(GOOD, cut_after=1, inside=b"days"),
    "inside a character": says(GOOD, size=len(GOOD) - 10, cut_after=0, inside=SMILE),
}


@pytest.mark.parametrize("provider_name", PROVIDERS)
@pytest.mark.parametrize("kind", CUTS)
def test_sp22_a_cut_stream_gives_whole_sentences_and_an_error(kind: str, provider_name: str) -> None:
    with asked(provider_name, CUTS[kind]) as (model, served):
        got = before_it_failed(model)
    assert got in ([], BOTH[:1])
    assert len(served.requests) <= 2, "a stream that broke is not begun anew without end"


@pytest.mark.parametrize("kind", PROVIDERS)
def test_sp22_a_reply_cut_by_its_length_is_no_whole_reply(kind: str) -> None:
    with asked(kind, says(GOOD[:-20], finish="length")) as (model, _):
        assert before_it_failed(model) == BOTH[:1]


@pytest.mark.parametrize("provider_name", PROVIDERS)
@pytest.mark.parametrize("status", [400, 401, 403, 429, 500, 503])
def test_sp21_a_provider_that_refuses_is_an_error_and_costs_nothing(status: int, provider_name: str) -> None:
    with asked(provider_name, Sends(status)) as (model, served):
        purse = Purse()
        with pytest.raises(ChatModelError) as caught:
            drafted(model, purse)
    assert "\n" not in str(caught.value)
    assert "not-a-key" not in str(caught.value)
    assert len(served.requests) == 1, "the client tries nothing again by itself"
    assert [told[1:] for told in purse.told] == [(0, 0)]


@pytest.mark.parametrize("provider_name", PROVIDERS)
@pytest.mark.parametrize("body", [b"<html>gateway</html>", b"", b"\xff\xfe\x00"])
def test_sp21_a_gateway_that_answers_something_else_is_an_error(body: bytes, provider_name: str) -> None:
    with asked(provider_name, Sends(200, body)) as (model, _):
        before_it_failed(model)


@pytest.mark.parametrize("kind", PROVIDERS)
def test_sp21_nobody_listening_is_an_error(kind: str) -> None:
    served = Provider([], port=nobody())
    assert before_it_failed(opened(kind, served)) == []


@pytest.mark.parametrize("kind", PROVIDERS)
def test_sp20_the_deadline_holds_when_the_provider_hangs(kind: str) -> None:
    """Ours or the client's own, which is set to the same moment."""
    told = pytest.raises(ChatModelError, match=r"within|timed out")
    with asked(kind, Hangs(), deadline_s=1.2) as (model, _), told:
        drafted(model)


@pytest.mark.parametrize("kind", PROVIDERS)
def test_sp20_the_deadline_holds_when_the_provider_drips_for_ever(kind: str) -> None:
    """The client's own timeout is for each read, so a piece now and then defeats it."""
    with asked(kind, Says((" ",), endless=True, pause_s=0.05), deadline_s=1.2) as (model, _):
        with pytest.raises(ChatModelError, match="within"):
            drafted(model)
        _wait_for_threads()


def test_what_is_left_of_the_questions_time_is_all_there_is() -> None:
    with asked("openai", Hangs()) as (model, served):
        with pytest.raises(ChatModelError, match=r"within 1\.\d s"):
            drafted(model, Purse(left=1.2))
        with pytest.raises(OverBudget, match="time"):
            drafted(model, Purse(left=0.5))
    assert len(served.requests) == 1


def test_a_refused_allowance_asks_nobody() -> None:
    with asked("openai", says(GOOD)) as (model, served), pytest.raises(OverBudget, match="spent"):
        drafted(model, Purse(refusal="The budget is spent."))
    assert served.requests == []


@pytest.mark.parametrize("kind", PROVIDERS)
def test_what_a_call_took_is_told(kind: str) -> None:
    purse = Purse()
    with asked(kind, says(GOOD)) as (model, _):
        drafted(model, purse)
    [(estimated, tokens_in, tokens_out)] = purse.told
    assert purse.asked == [estimated]
    assert tokens_in + tokens_out < estimated
    if kind != "openai":  # another server that speaks OpenAI's protocol is not asked for its count
        assert (tokens_in, tokens_out) == USAGE


def test_sp21_after_failures_in_a_row_the_model_is_left_alone_until_one_call_works() -> None:
    now = [0.0]
    with provider(Sends(500)) as served:
        model = opened("openai", served)
        model._breaker._elapsed = lambda: now[0]
        for _ in range(FAILURES + 5):
            before_it_failed(model)
        assert len(served.requests) == FAILURES
        now[0] += PAUSE_S
        for _ in range(3):
            before_it_failed(model)
        assert len(served.requests) == FAILURES + 1, "one tries, the others wait for what becomes of it"
        served.replies = [says(GOOD)]
        now[0] += PAUSE_S
        assert drafted(model) == BOTH
        assert drafted(model) == BOTH


@pytest.mark.parametrize("kind", PROVIDERS)
def test_a_question_is_translated(kind: str) -> None:
    with asked(kind, says('{"question": "How long?"}')) as (model, served):
        assert model.translated("Wie lange?", "English", UNLIMITED) == "How long?"
        assert "English" in json.dumps(served.requests[0])
    for garbage in (says("How long?"), says('{"question": "' + "a" * 9000 + '"}'), Says(())):
        with asked(kind, garbage) as (model, _), pytest.raises(ChatModelError):
            model.translated("Wie lange?", "English", UNLIMITED)


def test_openai_itself_is_asked_not_to_keep_anything() -> None:
    from knowledge.adapters.providers import _options

    assert _options("openai", "k", None, 5.0)["store"] is False


@pytest.mark.parametrize(
    "words",
    [
        "Answer {passages}\n---\n{question}",
        "Answer\n---\n{history}{passages}{question}{more}",
        "Answer {history}{passages}{question}",
        "Answer\n---\n{history}{passages}{question} {",
    ],
)
def test_words_without_their_places_are_refused(words: str) -> None:
    with pytest.raises(SettingsError, match=r"answer\.md"):
        open_chat_model("openai:m", Prompts(words, PROMPTS.translate), api_key="k")


def test_a_model_that_follows_no_schema_is_refused() -> None:
    from langchain_core.language_models import FakeListChatModel

    with pytest.raises(SettingsError):
        LangChainChatModel(FakeListChatModel(responses=[""]), "fake", PROMPTS)


def test_an_unknown_provider_is_refused_with_its_name() -> None:
    with pytest.raises(SettingsError, match="nonsense:model"):
        open_chat_model("nonsense:model", PROMPTS, api_key="k")


def _wait_for_threads() -> None:
    ends = time.monotonic() + 10
    while any(thread.name == "chat-model" for thread in threading.enumerate()):
        assert time.monotonic() < ends, "a client was left behind though its stream was ended"
        time.sleep(0.01)
