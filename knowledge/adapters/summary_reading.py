"""What a chat model is shown of the entries of a stand-up, and how its reply is read: strictly."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge.ports import Noted
from knowledge.terms import without_unsafe_characters

LONGEST_NOTES = 40_000
LONGEST_MATERIAL = 24_000
LONGEST_ENTRY = 2_000


class Note(BaseModel):
    """One fact."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str = Field(description="one short sentence: one fact of one entry, in the entry's words")
    entries: list[int] = Field(description="the numbers of the entries that state it")
    risk: bool = Field(description="whether the entry speaks of something that may go wrong")


class Notes(BaseModel):
    """Sentences that sum up the entries, each with the numbers of the entries that it rests on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    sentences: list[Note]


def notes_in(text: str) -> tuple[Noted, ...]:
    """The sentences of a whole reply. Raises ValueError when it is not what was asked for."""
    try:
        notes = Notes.model_validate_json(text)
    except ValidationError as error:
        raise ValueError(f"{error.error_count()} things in the reply are not as asked") from error
    return tuple(Noted(one.text, tuple(one.entries), one.risk) for one in notes.sentences)


def material(entries: Sequence[str]) -> str:
    """The entries, numbered as the reply shall name them, as many as fit."""
    shown: list[str] = []
    room = LONGEST_MATERIAL
    for number, entry in enumerate(entries, start=1):
        text = f"[{number}] {without_unsafe_characters(entry)[:LONGEST_ENTRY]}"
        if len(text) > room:
            break
        shown.append(text)
        room -= len(text)
    return "\n\n".join(shown)
