"""A recap of a talk, out of the speaker's notes and what was said in its thread, and out of nothing else."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from knowledge.ports import Noted
from knowledge.terms import content_terms
from prompts.points import points, shortened
from prompts.summary import By, Given, Line, Said, Section, Summary
from prompts.summary_check import MOST_SENTENCES, Checker

NOTES = 1
"""The number of the notes among the sources; messages of the thread have the numbers after it."""
MOST_OF_NOTES = 20
MOST_OF_THREAD = 6
MOST_ASKED = 3
FEWEST_TERMS = 3
WIDEST = 3

FROM_NOTES, FROM_THREAD, ASKED = SECTIONS = ("What was said", "From the thread", "Asked in the thread")

_IS_ASKED = re.compile(r"[?？؟]\W*$")


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of the thread as somebody reads it, and the name of who wrote it."""

    name: str
    text: str


def entries(notes: str, thread: Sequence[Heard], speakers: str) -> list[str]:
    """The sources as a model is shown them, numbered from 1 in this order: data, not instructions."""
    return [f"{speakers}\nNotes: {notes}", *(f"{one.name}\nSaid in the thread: {one.text}" for one in thread)]


def plain_recap(title: str, notes: str, thread: Sequence[Heard]) -> Summary:
    """What the notes say, then what of the thread is about the same, each in its own words."""
    topic = set(content_terms(f"{title} {notes}"))
    noted = [Line(one, (NOTES,)) for one in _said(notes)[:MOST_OF_NOTES]]
    pieces = [
        (number, heard.name, piece) for number, heard in _numbered(thread) for piece in _said(heard.text)
    ]
    asked = [Line(f"{name}: {piece}", (number,)) for number, name, piece in pieces if _IS_ASKED.search(piece)]
    near = [
        (len(topic & set(content_terms(piece))), Line(f"{name}: {piece}", (number,)))
        for number, name, piece in pieces
        if not _IS_ASKED.search(piece) and len(content_terms(piece)) >= FEWEST_TERMS
    ]
    best = sorted((one for one in near if one[0]), key=lambda one: -one[0])[:MOST_OF_THREAD]
    told = [line for score, line in near if (score, line) in best]
    return Summary(_sections(noted, told, asked))


def checked_recap(
    drafted: Iterable[Noted],
    title: str,
    notes: str,
    thread: Sequence[Heard],
    speakers: str,
    people: Collection[str],
) -> Summary | None:
    """What a model wrote, as far as the notes or a message of the thread say it; None when nothing is left.
    What was asked in the thread stands there in its own words."""
    sources = [_source(NOTES, speakers, notes)]
    sources += [_source(number, heard.name, heard.text) for number, heard in _numbered(thread)]
    checker = Checker(sources, people)
    kept = [noted for noted, _ in zip(drafted, range(MOST_SENTENCES), strict=False)]
    lines = [line for noted in kept if (line := checker.line(noted)) is not None]
    if not lines:
        return None
    of_notes = [line for line in lines if NOTES in line.entries]
    of_thread = [line for line in lines if NOTES not in line.entries]
    asked = [
        line
        for section in plain_recap(title, notes, thread).sections
        if section.title == ASKED
        for line in section.lines
    ]
    return Summary(_sections(of_notes, of_thread, asked))


def by_model(recap: Summary) -> bool:
    """Whether any of its lines is a model's."""
    return any(line.by is By.MODEL for line in recap.lines)


def _source(number: int, name: str, text: str) -> Given:
    """A source whose every stretch of a few neighbouring sentences may support a line by itself."""
    pieces = _said(text)
    windows = [
        " ".join(pieces[first : first + wide])
        for first in range(len(pieces))
        for wide in range(1, WIDEST + 1)
        if first + wide <= len(pieces)
    ]
    return Given(number, name, tuple(Said("", window) for window in windows))


def _said(text: str) -> list[str]:
    """The single things that a text says, line by line and sentence by sentence."""
    found = [
        point.text
        for part in text.split("\n")
        if part.strip()
        for point in points(Given(0, "", (Said("", part),)))
    ]
    return [shortened(one) for one in found]


def _numbered(thread: Sequence[Heard]) -> Iterable[tuple[int, Heard]]:
    return enumerate(thread, start=NOTES + 1)


def _sections(notes: Sequence[Line], thread: Sequence[Line], asked: Sequence[Line]) -> tuple[Section, ...]:
    found = (
        Section(FROM_NOTES, tuple(notes)),
        Section(FROM_THREAD, tuple(thread)),
        Section(ASKED, tuple(asked[:MOST_ASKED]), max(0, len(asked) - MOST_ASKED)),
    )
    return tuple(section for section in found if section.lines)
