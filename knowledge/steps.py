"""What an answerer tells of its work while it is at it, step by step, for people who wait."""

from collections.abc import Callable
from dataclasses import dataclass

from knowledge.documents import Citation, Sentence


@dataclass(frozen=True, slots=True)
class Searching:
    """So many documents of these sources are searched: those that everyone who reads the answer may read."""

    documents: int
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """So many passages were found and are read; the titles of their documents, best first."""

    passages: int
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Writing:
    """Somebody writes now: a chat model by its name, or `extractive`."""

    writer: str


@dataclass(frozen=True, slots=True)
class Written:
    """One checked sentence with the citations it rests on, numbered as in the final answer.

    Sentences are only ever appended.
    """

    sentence: Sentence
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class FellBack:
    """The writer failed; the sources' own sentences are given instead, and this says so."""

    notice: str


Step = Searching | Reading | Writing | Written | FellBack
Hear = Callable[[Step], None]
"""Told of each step as it happens. What it raises ends the answer."""


def ignore(_step: Step) -> None:
    """Nobody listens."""
