"""A chat model whose client is loaded beside everything else: Slack is not to wait for it."""

import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.allowance import Allowance
from knowledge.documents import Passage, Turn
from knowledge.errors import ChatModelError, SettingsError
from knowledge.ports import Drafted, Noted

if TYPE_CHECKING:
    from knowledge.adapters.chat_model import LangChainChatModel


class LateChatModel:
    """A `ChatModel` named `name` that is opened by `begin` when it is first wanted, or by `warm_up`."""

    def __init__(self, name: str, begin: Callable[[], "LangChainChatModel"]) -> None:
        self._name = name
        self._begin = begin
        self._opened: LangChainChatModel | None = None
        self._opening = threading.Lock()

    @property
    def name(self) -> str:
        return self._name

    def warm_up(self) -> "LangChainChatModel":
        """Load what the first question would otherwise wait for. Raises SettingsError."""
        with self._opening:
            if self._opened is None:
                self._opened = self._begin()
            return self._opened

    def draft(
        self, question: str, passages: Sequence[Passage], history: Sequence[Turn], allowance: Allowance
    ) -> Generator[Drafted]:
        return self._model().draft(question, passages, history, allowance)

    def translated(self, question: str, language: str, allowance: Allowance) -> str:
        return self._model().translated(question, language, allowance)

    def noted(self, entries: Sequence[str], allowance: Allowance) -> tuple[Noted, ...]:
        return self._model().noted(entries, allowance)

    def for_recaps(self) -> "ForRecaps":
        """The same model, to be asked for recaps of talks."""
        return ForRecaps(self)

    def recapped(self, entries: Sequence[str], allowance: Allowance) -> tuple[Noted, ...]:
        return self._model().recapped(entries, allowance)

    def _model(self) -> "LangChainChatModel":
        try:
            return self.warm_up()
        except SettingsError as error:
            raise ChatModelError(str(error)) from error


@dataclass(frozen=True, slots=True)
class ForRecaps:
    """A `Summariser` that sums up what was said of a talk instead of what was entered in a stand-up."""

    model: LateChatModel

    @property
    def name(self) -> str:
        return self.model.name

    def noted(self, entries: Sequence[str], allowance: Allowance) -> tuple[Noted, ...]:
        return self.model.recapped(entries, allowance)
