"""Talks as those see them who are invited: the announcement, what they are told, what they come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from zoneinfo import ZoneInfo

from bot.blocks.markdown import Paragraph, Quote, plain
from bot.blocks.modals import button
from bot.blocks.pages import Group, Page, context, page, pages
from bot.blocks.plain import clean, one_line, shorten
from bot.blocks.rich_text import Block, Element, rich_text
from bot.blocks.web_links import web_link
from prompts.attending import Facts
from prompts.calendar import zone_named
from prompts.calm import in_words
from prompts.words import words

COMING, NOT_COMING, FILE = "talk_coming", "talk_not_coming", "talk_calendar_file"
UNTITLED = "Topic to be announced"
MOST_TITLE, MOST_PLACE, MOST_NAMES, MOST_DESCRIPTION = 300, 300, 300, 1_200
_LEFT_OUT = "The rest is left out: it is too long for Slack."
_FORMAT = "{date_long_pretty} at {time}"
_LABELS = {COMING: "I'm coming", NOT_COMING: "Can't", FILE: "Calendar file"}


class Phase(Enum):
    """How far a talk is, for those who are invited."""

    COMES = "comes"
    OVER = "over"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Card:
    """A talk in the words and names of those who see it; `zone` is the organiser's, for what cannot show
    everybody their own time. Without `speakers` the floor is open, or (`sought`) somebody is looked for."""

    talk_id: str
    series: str
    title: str
    starts_at: float
    zone: str
    minutes: int
    place: str = ""
    description: str = ""
    speakers: tuple[str, ...] = ()
    sought: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a list: a talk, how one stands to it, and what can be done (action ids)."""

    card: Card
    note: str = ""
    steps: tuple[str, ...] = ()


def announcement_page(card: Card, phase: Phase, count: str) -> Page:
    """The announcement in the channel as it stands now."""
    groups: list[Block] = [_headed(card, _heading(phase))]
    if card.description.strip():
        quoted = shorten(clean(card.description).strip(), MOST_DESCRIPTION)
        groups += rich_text([Quote(plain(quoted))])
    if count:
        groups.append(context(count))
    if phase is Phase.COMES:
        groups.append(_row(card.talk_id, (COMING, NOT_COMING, FILE)))
    return page(*groups)


def told_page(lead: str, card: Card, steps: Sequence[str] = (), was: Facts | None = None) -> Page:
    """Something told about a talk; `was` is what had been told of it before."""
    first = rich_text([Paragraph(plain(lead))])
    changed = [] if was is None else _was(was, card)
    row = [_row(card.talk_id, steps)] if steps else []
    return page(*first, _headed(card, ""), *changed, *row)


def list_pages(listed: Sequence[Listed], nothing: str) -> list[Page]:
    """Talks, each with what can be done about it."""
    groups: list[Group] = []
    for one in listed:
        group = [_headed(one.card, "")]
        if one.note:
            group.append(context(one.note))
        if one.steps:
            group.append(_row(one.card.talk_id, one.steps))
        groups.append(group)
    return pages(groups or [[context(nothing)]], _LEFT_OUT)


def count_line(seats: int, waiting: int, capacity: int | None) -> str:
    """`3 of 12 places taken · 2 wait`."""
    if capacity is None:
        return "Nobody has said yet that they come." if not seats else f"{seats} come{'s' * (seats == 1)}"
    taken = f"{seats} of {max(seats, capacity)} places taken"
    return f"{taken} · {waiting} wait{'s' * (waiting == 1)}" if waiting else taken


def in_zone(at: float, zone: str) -> str:
    """`Tuesday, 3 March 2026 at 12:30 (Europe/Berlin)`."""
    known = zone_named(zone, ZoneInfo("UTC")).zone
    local = datetime.fromtimestamp(at, known)
    return f"{in_words(local.date())} at {local:%H:%M} ({known.key})"


def titled(card: Card) -> str:
    """Its title, in one line."""
    return shorten(one_line(card.title) or UNTITLED, MOST_TITLE)


def who(card: Card) -> str:
    """Who speaks, in one line."""
    if not card.speakers:
        return words("invited_speaker_sought" if card.sought else "invited_open_floor")
    names = [shorten(one_line(name), 60) for name in card.speakers]
    return "With " + (" and ".join([", ".join(names[:-1]), names[-1]]) if names[1:] else names[0])


def when(at: float, zone: str) -> Element:
    """A time that Slack shows everybody by their own clock."""
    return {"type": "date", "timestamp": int(at), "format": _FORMAT, "fallback": in_zone(at, zone)}


def _headed(card: Card, heading: str) -> Block:
    title = f"{shorten(one_line(card.series), 100)}: {titled(card)}"
    parts = [_text(heading + title, bold=True), _text("\n"), when(card.starts_at, card.zone)]
    parts += [_text(f" · {card.minutes} minutes\n{shorten(who(card), MOST_NAMES)}")]
    if where := shorten(one_line(card.place), MOST_PLACE):
        parts += [_text("\nWhere: "), _place(where, card.place)]
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": parts}]}


def _heading(phase: Phase) -> str:
    match phase:
        case Phase.COMES:
            return ""
        case Phase.OVER:
            return "Over: "
        case Phase.CANCELLED:
            return "Cancelled: "


def _was(was: Facts, card: Card) -> list[Block]:
    """What is not as it was told."""
    parts: list[Element] = []
    if was.starts_at != card.starts_at:
        parts += [_text("It was to be on "), when(was.starts_at, card.zone), _text(".\n")]
    if was.minutes != card.minutes:
        parts.append(_text(f"It was to last {was.minutes} minutes.\n"))
    if was.place != card.place:
        before = shorten(one_line(was.place), MOST_PLACE)
        parts.append(_text(f"It was to be here: {before}\n" if before else "It had no place yet.\n"))
    if was.title != card.title:
        parts.append(_text(f"It was to be about: {shorten(one_line(was.title) or UNTITLED, MOST_TITLE)}\n"))
    if not parts:
        return []
    parts[-1]["text"] = parts[-1]["text"].rstrip("\n")
    return [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": parts}]}]


def _place(shown: str, place: str) -> Element:
    """Where it is; the address of a call is linked as it stands, and leads where it says."""
    address = web_link(place.strip())
    if address is not None and address == shown:
        return {"type": "link", "url": address, "text": address}
    return _text(shown)


def _text(text: str, *, bold: bool = False) -> Element:
    return {"type": "text", "text": text} | ({"style": {"bold": True}} if bold else {})


def _row(talk_id: str, steps: Sequence[str]) -> Block:
    styles = {COMING: "primary"}
    buttons = [button(step, _LABELS[step], talk_id, styles.get(step, "")) for step in steps]
    return {"type": "actions", "elements": buttons}
