"""The one door to chat models: LangChain asks; here the deadline is kept and the reply is read strictly."""

import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge.documents import Passage, Turn
from knowledge.errors import ChatModelError, SettingsError
from knowledge.ports import Draft
from knowledge.terms import without_unsafe_characters

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import Runnable

ATTEMPTS = 2
LONGEST_REPLY = 40_000
PASSAGES = 8
LONGEST_MATERIAL = 16_000
TURNS = 6
LONGEST_TURN = 500
AT_ONCE = 8
FAILURES = 3
PAUSE_S = 30.0
BETWEEN = "\n---\n"


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    text: str = Field(description="one sentence that states one fact of one passage")
    sources: list[int] = Field(description="the number of the passage that states it")


class _Reply(BaseModel):
    """Sentences that answer the question, each with the number of the passage that it rests on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    sentences: list[_Written]


class LangChainChatModel:
    """A `ChatModel` over any LangChain chat model that can follow a JSON schema.

    `template` has two parts with a line `---` between them: the instructions, and what is asked, with
    `{history}`, `{passages}` and `{question}`. Nothing in those three is ever read as a template.
    `deadline_s` holds for a whole draft, a second attempt included, even when the client hangs: the call runs
    in a thread that is left behind. After `FAILURES` failures in a row the model is not asked for `PAUSE_S`.
    """

    def __init__(
        self,
        model: "BaseChatModel",
        name: str,
        template: str,
        deadline_s: float = 20.0,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        from langchain_core.prompts import ChatPromptTemplate

        instructions, _, asked = template.partition(BETWEEN)
        prompt = ChatPromptTemplate.from_messages([("system", instructions), ("human", asked)])
        if set(prompt.input_variables) != {"history", "passages", "question"}:
            raise SettingsError("the words for the chat model need {history}, {passages} and {question}")
        self._chain: Runnable[dict[str, str], Any] = prompt | model.with_structured_output(
            _Reply.model_json_schema(), method="json_schema", include_raw=True
        )
        self._name = name
        self._deadline_s = deadline_s
        self._elapsed = elapsed
        self._room = threading.BoundedSemaphore(AT_ONCE)
        self._failures = 0
        self._closed_until = float("-inf")

    @property
    def name(self) -> str:
        return self._name

    def draft(self, question: str, passages: Sequence[Passage], history: Sequence[Turn]) -> Draft:
        """Sentences with the numbers of passages, as written: nothing in them has been checked yet.

        Raises ChatModelError when the model fails, is too late, is paused, or twice returns something else.
        """
        if self._elapsed() < self._closed_until:
            raise ChatModelError(
                f"{self._name} failed {FAILURES} times in a row and is left alone for a while"
            )
        try:
            draft = self._within_deadline(_values(question, passages, history))
        except ChatModelError:
            self._failures += 1
            if self._failures >= FAILURES:
                self._closed_until = self._elapsed() + PAUSE_S
            raise
        self._failures = 0
        return draft

    def _within_deadline(self, values: dict[str, str]) -> Draft:
        ends = self._elapsed() + self._deadline_s
        for attempt in range(1, ATTEMPTS + 1):
            message = self._call(values, ends - self._elapsed())
            try:
                return _read(message)
            except ValueError as error:
                if attempt == ATTEMPTS:
                    raise ChatModelError(f"{self._name} did not write an answer: {error}") from error
        raise AssertionError("unreachable")

    def _call(self, values: dict[str, str], seconds: float) -> Any:
        """The model's message; waits no longer than `seconds`, whatever the client does."""
        if not self._room.acquire(blocking=False):
            raise ChatModelError(f"{self._name} has {AT_ONCE} calls open that do not end; try again later")
        done: Queue[tuple[Any, Exception | None]] = Queue(maxsize=1)

        def work() -> None:
            try:
                done.put((self._chain.invoke(values, config={"callbacks": []})["raw"], None))
            except Exception as error:  # noqa: BLE001  whatever a provider's client raises is its failure
                done.put((None, error))
            finally:
                self._room.release()

        threading.Thread(target=work, name="chat-model", daemon=True).start()
        try:
            message, error = done.get(timeout=max(seconds, 0.0))
        except Empty:
            raise ChatModelError(f"{self._name} did not answer within {self._deadline_s:g} s") from None
        if error is not None:
            raise ChatModelError(f"{self._name} failed: {_one_line(error)}") from error
        return message


def open_chat_model(
    name: str, template: str, *, api_key: str, base_url: str | None = None, deadline_s: float = 20.0
) -> LangChainChatModel:
    """The chat model `provider:model` (such as `openai:gpt-4o-mini`), through `init_chat_model`.

    `base_url` names another server that speaks the provider's protocol. Raises SettingsError when the
    provider is unknown or its package is not installed.
    """
    from langchain.chat_models import init_chat_model

    more: dict[str, Any] = {"base_url": base_url} if base_url else {}
    try:
        model = init_chat_model(
            name,
            temperature=0,
            max_retries=0,
            timeout=deadline_s,
            max_tokens=1000,
            api_key=api_key,
            **more,
        )
    except (ImportError, ValueError) as error:
        raise SettingsError(f"cannot use the chat model {name}: {_one_line(error)}") from error
    return LangChainChatModel(model, name, template, deadline_s)


def _values(question: str, passages: Sequence[Passage], history: Sequence[Turn]) -> dict[str, str]:
    said = [
        f"{'Lore' if turn.by_lore else 'Person'}: {' '.join(turn.text.split())[:LONGEST_TURN]}"
        for turn in history[-TURNS:]
    ]
    before = "Earlier in this conversation:\n" + "\n".join(said) + "\n\n" if said else ""
    return {"history": before, "passages": _material(passages), "question": question}


def _material(passages: Sequence[Passage]) -> str:
    """The passages, numbered as the reply shall name them, as many as fit."""
    shown: list[str] = []
    room = LONGEST_MATERIAL
    for number, passage in enumerate(passages[:PASSAGES], start=1):
        head = " › ".join(part for part in (passage.title, passage.section) if part)
        text = without_unsafe_characters(f"[{number}] {head}\n{passage.chunk.text}")
        if shown and len(text) > room:
            break
        shown.append(text[:room])
        room -= len(text)
    return "\n\n".join(shown)


def _read(message: Any) -> Draft:
    """The draft in a model's message; ValueError when it is cut, too long or anything but the schema."""
    content = message.content
    if not isinstance(content, str) or len(content) > LONGEST_REPLY:
        raise ValueError("the reply is not a text of a sane length")
    if message.response_metadata.get("finish_reason") not in (None, "stop"):
        raise ValueError("the reply was cut")
    try:
        reply = _Reply.model_validate_json(content)
    except ValidationError as error:
        raise ValueError(f"{error.error_count()} things in the reply are not as asked") from error
    return Draft(tuple((sentence.text, tuple(sentence.sources)) for sentence in reply.sentences))


def _one_line(error: Exception) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:200]
