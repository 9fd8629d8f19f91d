"""Reads a chat model's reply while it is still being written: a sentence as soon as its braces close."""

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from knowledge.ports import Drafted

LONGEST_REPLY = 40_000


class WrittenSentence(BaseModel):
    """One fact."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str = Field(description="one sentence that states one fact of one passage, in the passage's words")
    sources: list[int] = Field(description="the number of the passage that states it")
    translation: str = Field(
        description="the same sentence in the question's language, or empty when the text is in it already"
    )


class Reply(BaseModel):
    """Sentences that answer the question, each with the number of the passage that it rests on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    sentences: list[WrittenSentence]


class ReplyReader:
    """Takes the JSON of a `Reply` piece by piece and gives each sentence once, when it is complete.

    Every key of a sentence must be there, so one that is still being written is never taken for a whole one.
    ValueError says that the reply is not what was asked for.
    """

    def __init__(self, longest: int = LONGEST_REPLY) -> None:
        self._longest = longest
        self._text = ""
        self._given = 0

    def feed(self, piece: str) -> list[Drafted]:
        """The sentences that this piece completes."""
        self._text += piece
        if len(self._text) > self._longest:
            raise ValueError(f"the reply is longer than {self._longest:,} characters")
        if "}" not in piece:
            return []
        return self._new(_sentences_of(self._text[: self._text.rindex("}") + 1]))

    def end(self) -> list[Drafted]:
        """The sentences that are left, once the reply has ended; it must be whole now."""
        try:
            reply = Reply.model_validate_json(self._text)
        except ValidationError as error:
            raise ValueError(f"{error.error_count()} things in the reply are not as asked") from error
        return self._new(reply.sentences)

    def _new(self, sentences: list[WrittenSentence]) -> list[Drafted]:
        new = sentences[self._given :]
        self._given += len(new)
        return [Drafted(one.text, tuple(one.sources), one.translation) for one in new]


def _sentences_of(beginning: str) -> list[WrittenSentence]:
    """The complete sentences in the beginning of a reply."""
    read = from_json(beginning, allow_partial=True)
    items = read.get("sentences", []) if isinstance(read, dict) else None
    if not isinstance(items, list):
        raise ValueError("the reply is not a list of sentences")
    complete: list[WrittenSentence] = []
    for item in items:
        try:
            complete.append(WrittenSentence.model_validate(item))
        except ValidationError:
            break  # still being written, or wrong: the end will tell
    return complete
