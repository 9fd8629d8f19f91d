"""What every chat model must do, shown through the real OpenAI client against a server on this machine."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from knowledge.adapters.chat_model import FAILURES, LangChainChatModel, open_chat_model
from knowledge.documents import Turn
from knowledge.errors import ChatModelError, SettingsError
from prompts.words import template
from tests.knowledge.making import passage

GOOD = json.dumps({"sentences": [{"text": "Checkpoints are kept for 30 days.", "sources": [1]}]})
PASSAGES = [passage("Checkpoints are kept for 30 days. {braces} stay as they are.", title="Storage")]


class Provider:
    """A server that speaks as much of the OpenAI protocol as one call needs; `replies` are used up in turn,
    the last one for ever."""

    def __init__(self, *replies: Callable[[BaseHTTPRequestHandler], None]) -> None:
        self.replies = list(replies)
        self.requests: list[dict[str, Any]] = []
        self.released = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.requests.append(json.loads(body))
                reply = outer.replies.pop(0) if len(outer.replies) > 1 else outer.replies[0]
                with suppress(BrokenPipeError, ConnectionResetError):
                    reply(self)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/v1"

    def __enter__(self) -> "Provider":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def says(content: str, finish: str = "stop") -> Callable[[BaseHTTPRequestHandler], None]:
    message = {"role": "assistant", "content": content}
    body = {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }
    return sends(200, json.dumps(body).encode())


def sends(status: int, body: bytes, promised: int | None = None) -> Callable[[BaseHTTPRequestHandler], None]:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(promised or len(body)))
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = True

    return reply


@contextmanager
def asked(
    *replies: Callable[[BaseHTTPRequestHandler], None], deadline_s: float = 5.0
) -> Iterator[tuple[Any, Provider]]:
    with Provider(*replies) as provider:
        yield (
            open_chat_model(
                "openai:some-model",
                template("answer"),
                api_key="not-a-key",
                base_url=provider.url,
                deadline_s=deadline_s,
            ),
            provider,
        )


def test_a_good_reply_is_a_draft() -> None:
    with asked(says(GOOD)) as (model, provider):
        draft = model.draft(
            "How long are checkpoints kept?", PASSAGES, [Turn("And {before}?"), Turn("Yes.", True)]
        )
    assert draft.sentences == (("Checkpoints are kept for 30 days.", (1,)),)
    assert model.name == "openai:some-model"
    sent = provider.requests[0]
    system, human = (message["content"] for message in sent["messages"])
    assert "{braces}" in human
    assert "Person: And {before}?" in human
    assert "[1] Storage" in human
    assert "Checkpoints" not in system
    assert sent["response_format"]["type"] == "json_schema"


def test_an_empty_list_of_sentences_is_a_good_draft() -> None:
    with asked(says('{"sentences": []}')) as (model, _):
        assert model.draft("?", PASSAGES, []).sentences == ()


GARBAGE = {
    "prose": says("Sure! Checkpoints are kept for 30 days."),
    "fenced": says(f"```json\n{GOOD}\n```"),
    "another shape": says('{"answer": "30 days"}'),
    "more than asked": says('{"sentences": [{"text": "a", "sources": [1], "link": "https://example.com"}]}'),
    "numbers as text": says('{"sentences": [{"text": "a", "sources": ["1"]}]}'),
    "half of the JSON": says(GOOD[: len(GOOD) // 2]),
    "far too long": says(json.dumps({"sentences": [{"text": "a" * 200_000, "sources": [1]}]})),
    "half a surrogate": says('{"sentences": [{"text": "\\ud83d", "sources": [1]}]}'),
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_is_asked_for_once_more(kind: str) -> None:
    with asked(GARBAGE[kind], says(GOOD)) as (model, provider):
        assert model.draft("?", PASSAGES, []).sentences
    assert len(provider.requests) == 2


@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_twice_is_an_error_of_one_line(kind: str) -> None:
    with asked(GARBAGE[kind]) as (model, provider), pytest.raises(ChatModelError) as caught:
        model.draft("?", PASSAGES, [])
    assert len(provider.requests) == 2
    assert "\n" not in str(caught.value)


FAILING = {
    "500": sends(500, b'{"error": {"message": "boom"}}'),
    "429": sends(429, b'{"error": {"message": "slow down"}}'),
    "401": sends(401, b'{"error": {"message": "no such key"}}'),
    "cut half way": sends(200, b'{"choices": [{"mess', promised=5000),
    "cut by the length": says(GOOD, finish="length"),
    "not JSON": sends(200, b"<html>gateway</html>"),
    "nothing": sends(200, b""),
}


@pytest.mark.parametrize("kind", FAILING)
def test_a_failing_provider_is_an_error_of_one_line(kind: str) -> None:
    with asked(FAILING[kind]) as (model, provider), pytest.raises(ChatModelError) as caught:
        model.draft("?", PASSAGES, [])
    assert "\n" not in str(caught.value)
    assert len(provider.requests) <= 2


def test_nobody_listening_is_an_error() -> None:
    with Provider(says(GOOD)) as provider:
        url = provider.url
    model = open_chat_model("openai:some-model", template("answer"), api_key="k", base_url=url, deadline_s=5)
    with pytest.raises(ChatModelError):
        model.draft("?", PASSAGES, [])


def test_the_deadline_holds_when_the_server_drips_for_ever() -> None:
    """The client's own timeout is for each read, so a byte now and then defeats it."""
    ended = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while not ended.wait(0.05):
            handler.wfile.write(b" ")
            handler.wfile.flush()
        handler.close_connection = True

    with asked(drip, deadline_s=0.4) as (model, _):
        with pytest.raises(ChatModelError, match=r"within 0\.4 s"):
            model.draft("?", PASSAGES, [])
        ended.set()
        _wait_for_threads()


def test_after_failures_in_a_row_the_model_is_left_alone_for_a_while() -> None:
    now = [0.0]
    with Provider(FAILING["500"]) as provider:
        opened = open_chat_model(
            "openai:m", template("answer"), api_key="k", base_url=provider.url, deadline_s=5
        )
        opened._elapsed = lambda: now[0]
        for _ in range(FAILURES + 2):
            with pytest.raises(ChatModelError):
                opened.draft("?", PASSAGES, [])
        assert len(provider.requests) == FAILURES
        provider.replies = [says(GOOD)]
        now[0] += 60
        assert opened.draft("?", PASSAGES, []).sentences


def test_words_without_a_place_for_the_question_are_refused() -> None:
    from langchain_core.language_models import FakeListChatModel

    with pytest.raises(SettingsError):
        LangChainChatModel(FakeListChatModel(responses=[""]), "fake", "Answer {passages}")


def test_an_unknown_provider_is_refused_with_its_name() -> None:
    with pytest.raises(SettingsError, match="nonsense:model"):
        open_chat_model("nonsense:model", template("answer"), api_key="k")


def _wait_for_threads() -> None:
    ends = time.monotonic() + 5
    while any(thread.name == "chat-model" for thread in threading.enumerate()) and time.monotonic() < ends:
        time.sleep(0.01)
