"""What a summary of a stand-up is: sections of lines, each of which names the entries that it rests on."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from prompts.ritual import Role

MOST_LINE = 280


class By(StrEnum):
    """Whose words a line is made of: those of the entries themselves, a language model's, or the lead's."""

    ENTRY = "entry"
    MODEL = "model"
    LEAD = "lead"


@dataclass(frozen=True, slots=True)
class Said:
    """One reply of an entry, with the words of its prompt."""

    prompt: str
    text: str
    role: Role = Role.NONE


@dataclass(frozen=True, slots=True)
class Given:
    """An entry as a summary reads it. `before` are the replies of the same person's last entry, whose id is
    `before_id`."""

    id: int
    name: str
    replies: tuple[Said, ...]
    before: tuple[Said, ...] = ()
    before_id: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence or item, and the ids of the entries that it rests on; a lead's own rests on none."""

    text: str
    entries: tuple[int, ...] = ()
    by: By = By.ENTRY


@dataclass(frozen=True, slots=True)
class Section:
    """Lines that belong together. `left_out` counts those of its kind that there was no room for."""

    title: str
    lines: tuple[Line, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """The sections in reading order; `note` says what is to be known about how it was made."""

    sections: tuple[Section, ...] = ()
    note: str = ""

    @property
    def lines(self) -> Iterator[Line]:
        return (line for section in self.sections for line in section.lines)

    @property
    def entries(self) -> frozenset[int]:
        """The ids of all entries that it rests on."""
        return frozenset(entry for line in self.lines for entry in line.entries)

    def without(self, entries: Collection[int]) -> "Summary":
        """The same without every line that rests on one of these entries."""
        gone = frozenset(entries)
        kept = (
            replace(section, lines=tuple(line for line in section.lines if not gone & {*line.entries}))
            for section in self.sections
        )
        return replace(self, sections=tuple(section for section in kept if section.lines))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, which `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Summary":
        return cls(tuple(map(_section, data["sections"])), data["note"])


def _section(data: Mapping[str, Any]) -> Section:
    lines = (Line(one["text"], tuple(one["entries"]), By(one["by"])) for one in data["lines"])
    return Section(data["title"], tuple(lines), data["left_out"])


def as_text(summary: Summary, most: int) -> str:
    """The summary as somebody edits it, section by section, at most so many characters; whole lines only."""
    written: list[str] = []
    room = most
    for section in summary.sections:
        for line in (f"{section.title}:", *(f"- {one.text}" for one in section.lines)):
            if len(line) + 1 > room:
                return "\n".join(written)
            written.append(line)
            room -= len(line) + 1
    return "\n".join(written)


def edited(text: str, before: Summary | None) -> Summary:
    """What a lead wrote. A line that stood there already, word for word, keeps the entries it rests on; every
    other one is the lead's own. A line that ends with a colon and has no dash before it begins a section."""
    known = {} if before is None else {_same(line.text): line for line in before.lines}
    sections: list[Section] = []
    title, lines = "", list[Line]()

    def close() -> None:
        if lines:
            sections.append(Section(title, tuple(lines)))

    for written in text.splitlines():
        line = written.strip()
        if not line:
            continue
        if line.endswith(":") and not line.startswith(("-", "•", "*")):
            close()
            title, lines = line.removesuffix(":").strip(), []
            continue
        line = line.lstrip("-•* ").strip()
        if line:
            lines.append(known.get(_same(line)) or Line(line, by=By.LEAD))
    close()
    return Summary(tuple(sections))


def _same(text: str) -> str:
    return " ".join(text.split())


def fitted(sections: Sequence[Section], most: int) -> tuple[Section, ...]:
    """At most so many lines in all: the longest sections give some up, and say how many."""
    kept = list(sections)
    for _ in range(max(0, sum(len(one.lines) for one in kept) - most)):
        place = max(range(len(kept)), key=lambda at: len(kept[at].lines))
        one = kept[place]
        kept[place] = replace(one, lines=one.lines[:-1], left_out=one.left_out + 1)
    return tuple(one for one in kept if one.lines)
