"""The report of a stand-up and its summary as people see them; names are words, and only code links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from bot.blocks.markdown import Item, Paragraph, Part, Run, plain
from bot.blocks.modals import LONGEST_INPUT, button, form, line, text_input, tick
from bot.blocks.pages import MOST_BLOCK_BYTES_OF_A_PAGE, Page, context, page, pages
from bot.blocks.plain import one_line, shorten
from bot.blocks.rich_text import Block, rich_text, size
from bot.blocks.standup_entries import reply_parts
from bot.journal.entries import Entry
from prompts.ritual import Standup
from prompts.slots import said
from prompts.summary import By, Line, Section, Summary, as_text, fitted
from prompts.words import words

POST, EDIT, REGENERATE, POST_PLAIN = (
    "standup_summary_post",
    "standup_summary_edit",
    "standup_summary_again",
    "standup_summary_plain",
)
EDIT_FORM, TEXT, AT_ONCE = "standup_summary", "text", "at_once"

MOST_NAMES = 40
MOST_LINES = 40
MOST_NAME_BYTES = 80
ROOM = MOST_BLOCK_BYTES_OF_A_PAGE - 1_200
_LEFT_OUT = "The rest is left out: it is too long for Slack."
_BOLD = frozenset({"bold"})
_ITALIC = frozenset({"italic"})


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who is how far, by name. `late` are some of those who answered; `closed` says that it is over."""

    answered: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    away: tuple[str, ...] = ()
    closed: bool = False

    @property
    def asked(self) -> int:
        """How many might have answered."""
        return len(self.answered) + len(self.skipped) + len(self.waiting)


@dataclass(frozen=True, slots=True)
class Told:
    """What a summary is told with: the ritual's name and date, who answered, the authors of entries and the
    links to them (where there is something to link to), and the lead's name."""

    name: str
    slot: date
    attendance: Attendance
    authors: Mapping[int, str] = field(default_factory=dict)
    links: Mapping[int, str] = field(default_factory=dict)
    lead: str = ""


def head_page(name: str, slot: date, attendance: Attendance) -> Page:
    """The first message of a report: who is how far; what they wrote stands in its thread."""
    over = " · closed" if attendance.closed else ""
    parts: list[Part] = [Paragraph((Run(one_line(name), _BOLD), *plain(f" · {said(slot)}{over}")))]
    parts += [Item(runs) for runs in _who(attendance)]
    return page(*rich_text(parts), context(words("standup_report_hint")))


def entry_pages(entry: Entry, standup: Standup, name: str) -> list[Page]:
    """What somebody gave, as many messages as it takes."""
    marks = [mark for mark, on in (("late", entry.late), ("edited", entry.edited_at is not None)) if on]
    more = plain(f" · {', '.join(marks)}") if marks else ()
    parts: list[Part] = [Paragraph((Run(_short(name), _BOLD), *more)), *reply_parts(entry, standup)]
    return pages([[block] for block in rich_text(parts)], _LEFT_OUT)


def summary_page(summary: Summary, told: Told, notes: Sequence[str] = (), foot: Sequence[Block] = ()) -> Page:
    """A summary in one message: where there is not room for all of it, the longest parts say how much is
    left out. Every line ends with the names of those whose entries it rests on, linked to them."""
    head: list[Part] = [
        Paragraph((Run(_short(told.name), _BOLD), *plain(f" · {said(told.slot)} · summary"))),
        *(Item(runs) for runs in _who(told.attendance)),
    ]
    below = (
        [context(*[one for one in (*notes, summary.note) if one][:9])] if any((*notes, summary.note)) else []
    )
    most = MOST_LINES
    while True:
        sections = fitted(summary.sections, most)
        blocks = rich_text([*head, *(part for one in sections for part in _section(one, told))])
        if most == 0 or sum(map(size, (*blocks, *below, *foot))) <= ROOM:
            return page(*blocks, *below, *foot)
        most -= 1


def short_page(text: str, told: Told) -> Page:
    """What is said where there is nothing to sum up."""
    parts: list[Part] = [
        Paragraph((Run(_short(told.name), _BOLD), *plain(f" · {said(told.slot)}"))),
        Paragraph(plain(text)),
        *(Item(runs) for runs in _who(replace(told.attendance, answered=(), skipped=()))),
    ]
    return page(*rich_text(parts))


def draft_steps(occurrence_id: int, *, modelled: bool) -> list[Block]:
    """What the lead may do with a draft; `modelled`: there is a model that could write another."""
    value = str(occurrence_id)
    steps = [button(POST, "Post", value, "primary"), button(EDIT, "Edit", value)]
    steps += (
        [button(REGENERATE, "Regenerate", value), button(POST_PLAIN, "Post plain", value)] if modelled else []
    )
    return [{"type": "actions", "elements": steps}]


def edit_view(
    metadata: str, told: Told, summary: Summary | None, where: str, *, at_once: bool
) -> dict[str, Any]:
    """The form for a summary in the lead's own words; lines that are left as they are keep their links."""
    text = (
        ""
        if summary is None
        else as_text(replace(summary, sections=fitted(summary.sections, MOST_LINES)), LONGEST_INPUT)
    )
    blocks: list[Block] = [
        line(words("standup_summary_form", name=_short(told.name), day=said(told.slot))),
        text_input(TEXT, "Summary", text),
    ]
    if not at_once:
        blocks.append(tick(AT_ONCE, "And then", shorten(f"Post it {where}", 70), ticked=True))
    return form(EDIT_FORM, "Summary", "Post" if at_once else "Save", metadata, blocks)


def _section(section: Section, told: Told) -> list[Part]:
    more = f" ({section.left_out} more in the entries)" if section.left_out else ""
    title = (Run(_short(section.title), _BOLD), *plain(more)) if section.title else ()
    return [*([Paragraph(title)] if title else []), *(Item(_line(one, told)) for one in section.lines)]


def _line(one: Line, told: Told) -> tuple[Run, ...]:
    text = plain(shorten(one_line(one.text), 600))
    if one.by is By.LEAD:
        return (*text, Run(f" — {_short(told.lead)}", _ITALIC)) if told.lead else text
    by: dict[str, Run] = {}
    for entry in one.entries:
        name = _short(told.authors.get(entry, ""))
        link = told.links.get(entry)
        if name and (name not in by or (link and by[name].url is None)):
            by[name] = Run(name, url=link)
    runs: list[Run] = []
    for run in by.values():
        runs += [Run(", " if runs else " — "), run]
    return (*text, *runs)


def _who(attendance: Attendance) -> list[tuple[Run, ...]]:
    late = {*attendance.late}
    answered = [f"{name} (late)" if name in late else name for name in attendance.answered]
    waiting = "No answer" if attendance.closed else "Waiting for"
    lists = (
        (f"{len(answered)} of {attendance.asked} answered", answered),
        ("Skipped", attendance.skipped),
        (waiting, attendance.waiting),
        ("Away", attendance.away),
    )
    return [
        plain(f"{title}{': ' if names else ''}{_listed(names)}")
        for at, (title, names) in enumerate(lists)
        if names or (at == 0 and attendance.asked)
    ]


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(_short(name) for name in names[:MOST_NAMES])
    return f"{shown} and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else shown


def _short(name: str) -> str:
    return shorten(one_line(name), MOST_NAME_BYTES)
