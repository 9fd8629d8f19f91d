"""The one door to chat models: LangChain asks; here the deadline is kept and the reply is read strictly."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge.adapters.breaker import Breaker
from knowledge.adapters.model_calls import Calls, NoReply
from knowledge.adapters.reply_reading import Reply, ReplyReader
from knowledge.adapters.summary_reading import LONGEST_NOTES, Notes, material, notes_in
from knowledge.allowance import Allowance
from knowledge.documents import Passage, Turn
from knowledge.errors import ChatModelError, OverBudget, SettingsError
from knowledge.ports import Drafted, Noted
from knowledge.terms import without_unsafe_characters

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk
    from langchain_core.prompts import ChatPromptTemplate
    from langchain_core.runnables import Runnable

ATTEMPTS = 2
SHORTEST_CALL_S = 1.0
TRANSLATION_S = 5.0
LONGEST_TRANSLATION = 1000
PASSAGES = 8
LONGEST_MATERIAL = 16_000
TURNS = 6
LONGEST_TURN = 500
BYTES_A_TOKEN = 3  # rather too few: what is counted before a call must not be less than what it takes
BETWEEN = "\n---\n"
ENDED_WELL = frozenset({"", "stop", "end_turn", "stop_sequence", "tool_use", "tool_calls"})

T = TypeVar("T")


class _Question(BaseModel):
    """A question in another language."""

    model_config = ConfigDict(extra="forbid", strict=True)

    question: str = Field(description="the question in the language asked for, names and numbers unchanged")


@dataclass(frozen=True, slots=True)
class Prompts:
    """What a model is told. Each has two parts with a line `---` between them: the instructions, and what is
    asked: in `answer` with `{history}`, `{passages}` and `{question}`, in `translate` with `{language}` and
    `{question}`, in `summary` and `recap` with `{entries}`. Nothing in those is ever read as a template.
    Without words for a summary or a recap there is none."""

    answer: str
    translate: str
    summary: str = ""
    recap: str = ""


@dataclass(frozen=True, slots=True)
class _Piece:
    """What a chunk of a stream adds: text, tokens in and out so far if it tells, and why it was the last."""

    text: str
    tokens: tuple[int, int] | None
    ended: str


class LangChainChatModel:
    """A `ChatModel` over any LangChain chat model that can follow a JSON schema by `method`.

    `deadline_s` holds for a whole draft, a second attempt included, even when the client hangs. `most_tokens`
    is what the model was told to write at most. After some failures in a row the model is left alone for a
    while (see `Breaker`).
    """

    def __init__(
        self,
        model: "BaseChatModel",
        name: str,
        prompts: Prompts,
        deadline_s: float = 20.0,
        method: str = "json_schema",
        most_tokens: int = 1000,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._deadline_s = deadline_s
        self._most_tokens = most_tokens
        self._elapsed = elapsed
        self._answer = prompt_of("answer", prompts.answer, {"history", "passages", "question"})
        self._translate = prompt_of("translate_question", prompts.translate, {"language", "question"})
        self._write = _structured(model, Reply, method)
        self._put = _structured(model, _Question, method)
        self._summary = prompt_of("summary", prompts.summary, {"entries"}) if prompts.summary else None
        self._recap = prompt_of("recap", prompts.recap, {"entries"}) if prompts.recap else None
        self._note = _structured(model, Notes, method)
        self._calls: Calls[_Piece] = Calls(name, elapsed)
        self._breaker = Breaker(elapsed)
        with _no_tracing():
            pass  # loads what the first question would wait for

    @property
    def name(self) -> str:
        return self._name

    def draft(
        self, question: str, passages: Sequence[Passage], history: Sequence[Turn], allowance: Allowance
    ) -> Generator[Drafted]:
        """Sentences with the numbers of passages, as written, each as soon as it is complete.

        A reply that is not as asked is asked for once more if nothing of it was given yet.
        """
        values = {"history": _said(history), "passages": _material(passages), "question": question}
        return self._guarded(self._attempts(self._answer, values, allowance))

    def translated(self, question: str, language: str, allowance: Allowance) -> str:
        values = {"language": language, "question": question}
        [text] = self._guarded(self._translation(values, allowance))
        return text

    def noted(self, entries: Sequence[str], allowance: Allowance) -> tuple[Noted, ...]:
        """A summary of these entries; as many of them are shown to the model as there is room for."""
        return self._noted(self._summary, entries, allowance)

    def recapped(self, entries: Sequence[str], allowance: Allowance) -> tuple[Noted, ...]:
        """The same of what was said of a talk: its notes, then messages about it."""
        return self._noted(self._recap, entries, allowance)

    def _noted(
        self, prompt: "ChatPromptTemplate | None", entries: Sequence[str], allowance: Allowance
    ) -> tuple[Noted, ...]:
        if prompt is None:
            raise ChatModelError(f"{self._name} has no words to be asked for a summary with")
        [noted] = self._guarded(self._summed_up(prompt, {"entries": material(entries)}, allowance))
        return noted

    def _guarded(self, written: Iterator[T]) -> Generator[T]:
        if not self._breaker.lets_through():
            raise ChatModelError(f"{self._name} failed several times in a row and is left alone for a while")
        try:
            yield from written
        except OverBudget:
            raise
        except ChatModelError:
            self._breaker.failed()
            raise
        self._breaker.worked()

    def _attempts(
        self, prompt: "ChatPromptTemplate", values: dict[str, str], allowance: Allowance
    ) -> Iterator[Drafted]:
        ends = self._elapsed() + min(self._deadline_s, allowance.seconds())
        for attempt in range(1, ATTEMPTS + 1):
            reader = ReplyReader()
            given = False
            try:
                for piece in self._pieces(self._write, prompt, values, ends, allowance):
                    for sentence in reader.feed(piece):
                        given = True
                        yield sentence
                yield from reader.end()
                return
            except ValueError as error:
                if given or attempt == ATTEMPTS:
                    raise ChatModelError(f"{self._name} did not write an answer: {error}") from error

    def _translation(self, values: dict[str, str], allowance: Allowance) -> Iterator[str]:
        ends = self._elapsed() + min(TRANSLATION_S, self._deadline_s, allowance.seconds())
        text = ""
        for piece in self._pieces(self._put, self._translate, values, ends, allowance):
            text += piece
            if len(text) > LONGEST_TRANSLATION + len(values["question"]) * 4:
                raise ChatModelError(f"{self._name} did not end its translation")
        try:
            yield _Question.model_validate_json(text).question
        except ValidationError as error:
            raise ChatModelError(f"{self._name} did not write a translation") from error

    def _summed_up(
        self, prompt: "ChatPromptTemplate", values: dict[str, str], allowance: Allowance
    ) -> Iterator[tuple[Noted, ...]]:
        ends = self._elapsed() + min(self._deadline_s, allowance.seconds())
        for attempt in range(1, ATTEMPTS + 1):
            text = ""
            try:
                for piece in self._pieces(self._note, prompt, values, ends, allowance):
                    text += piece
                    if len(text) > LONGEST_NOTES:
                        raise ValueError(f"the reply is longer than {LONGEST_NOTES:,} characters")
                yield notes_in(text)
                return
            except ValueError as error:
                if attempt == ATTEMPTS:
                    raise ChatModelError(f"{self._name} did not write a summary: {error}") from error

    def _pieces(
        self,
        model: "Runnable[Any, AIMessageChunk]",
        prompt: "ChatPromptTemplate",
        values: dict[str, str],
        ends: float,
        allowance: Allowance,
    ) -> Iterator[str]:
        """The reply's text as it comes; ValueError when the model itself says that it is cut.

        Counts what the call takes: what the provider says, else an estimate; nothing when it refused.
        """
        left = ends - self._elapsed()
        if left < SHORTEST_CALL_S:
            raise OverBudget("There was no time left to ask the language model.")
        messages = prompt.format_messages(**values)  # `invoke` would be traced
        tokens_in = sum(len(str(message.content).encode()) for message in messages) // BYTES_A_TOKEN + 1
        estimated = tokens_in + self._most_tokens
        refused = allowance.refused(estimated)
        if refused is not None:
            raise OverBudget(refused)
        told: tuple[int, int] | None = None
        written = 0

        try:
            for piece in self._calls.stream(lambda: _untraced(model, messages), left):
                told = piece.tokens or told
                written += len(piece.text.encode("utf-8", "replace"))
                yield piece.text
                if piece.ended not in ENDED_WELL:
                    raise ValueError(f"the reply ended with {piece.ended}")
        except NoReply:
            told = 0, 0
            raise
        finally:
            allowance.took(estimated, *(told or (tokens_in, written // BYTES_A_TOKEN + 1)))


def prompt_of(name: str, template: str, wanted: set[str]) -> "ChatPromptTemplate":
    """Instructions and what is asked, as a LangChain template. Raises SettingsError naming what is wrong."""
    from langchain_core.prompts import ChatPromptTemplate

    instructions, line, asked = template.partition(BETWEEN)
    if not line:
        raise SettingsError(f"{name}.md needs a line --- between its instructions and what is asked")
    try:
        prompt = ChatPromptTemplate.from_messages([("system", instructions), ("human", asked)])
    except (ValueError, KeyError, IndexError) as error:
        raise SettingsError(f"{name}.md has a brace too many (write {{{{ for one): {error}") from error
    if set(prompt.input_variables) != wanted:
        places = ", ".join(f"{{{place}}}" for place in sorted(wanted))
        raise SettingsError(f"{name}.md must have the places {places} and no others")
    return prompt


def _no_tracing() -> AbstractContextManager[None]:
    from langsmith import tracing_context

    return tracing_context(enabled=False)


def _structured(
    model: "BaseChatModel", schema: type[BaseModel], method: str
) -> "Runnable[Any, AIMessageChunk]":
    """The model bound to a schema, without the parser behind it: the reply is read here, piece by piece."""
    from langchain_core.runnables import RunnableSequence

    more = {"strict": True} if model.__class__.__name__ == "ChatOpenAI" and method == "json_schema" else {}
    try:
        chain = model.with_structured_output(schema.model_json_schema(), method=method, **more)
    except NotImplementedError:
        chain = None
    if not isinstance(chain, RunnableSequence):
        raise SettingsError("this kind of chat model does not follow a schema in a way that Lore can read")
    return chain.first


def _untraced(model: "Runnable[Any, AIMessageChunk]", messages: Any) -> Iterator[_Piece]:
    with _no_tracing():
        for chunk in model.stream(messages, config={"callbacks": []}):
            yield _piece_of(chunk)
            # LangChain puts all chunks together when a stream is left, which takes seconds for a long one.
            chunk.content, chunk.tool_call_chunks = "", []


def _piece_of(chunk: "AIMessageChunk") -> _Piece:
    """The text is the arguments of the tool that stands for the schema, or plain text."""
    text = "".join(call["args"] or "" for call in chunk.tool_call_chunks) or str(chunk.text)
    usage = chunk.usage_metadata
    tokens = (usage["input_tokens"], usage["output_tokens"]) if usage else None
    reasons = (chunk.response_metadata.get(key) for key in ("finish_reason", "stop_reason", "done_reason"))
    ended = next((str(reason)[:40] for reason in reasons if reason is not None), "")
    return _Piece(text, tokens, ended)


def _said(history: Sequence[Turn]) -> str:
    said = [
        f"{'Lore' if turn.by_lore else 'Person'}: {' '.join(turn.text.split())[:LONGEST_TURN]}"
        for turn in history[-TURNS:]
    ]
    return "Earlier in this conversation:\n" + "\n".join(said) + "\n\n" if said else ""


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
