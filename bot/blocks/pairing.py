"""Pairing as people see it: introductions, the question afterwards, the list and its form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.blocks.markdown import Item, Part, parse, plain
from bot.blocks.modals import button, form, line
from bot.blocks.pages import MOST_TEXT_BYTES, Group, Page, context, page, pages, plain_text
from bot.blocks.plain import clean, escape, escaped_bytes, one_line, shorten
from bot.blocks.rich_text import Block, Element, rich_text
from prompts.calendar import zone_named
from prompts.calm import DAY_NAMES, in_words
from prompts.pairing import PairingKind, Role
from prompts.words import words

JOIN, LEAVE, REPLY, MANAGE, FORM = "pair_join", "pair_leave", "pair_reply", "pair_manage", "pair_form"
"""Action ids (`JOIN` and `MANAGE` with more behind them), and the callback id of the form."""
KIND, CHANNEL, WEEKS, DAY, AT = "pair_kind", "pair_channel", "pair_weeks", "pair_day", "pair_at"
EDIT, PAUSE, RESUME, END = "edit", "pause", "resume", "end"
_ACTS = {EDIT: "Edit", PAUSE: "Pause", RESUME: "Resume", END: "End"}

NAMES = {
    PairingKind.COFFEE: "Coffee",
    PairingKind.MENTORING: "Mentoring",
    PairingKind.MODELLING: "Pair modelling",
}
FOR = {
    PairingKind.COFFEE: "a coffee",
    PairingKind.MENTORING: "mentoring",
    PairingKind.MODELLING: "pair modelling",
}
_KINDS = {
    PairingKind.COFFEE: "Coffee: get to know each other",
    PairingKind.MENTORING: "Mentoring: mentors meet mentees",
    PairingKind.MODELLING: "Pair modelling: look at models together",
}
_WEEKS = {"1": "Every week", "2": "Every 2 weeks", "3": "Every 3 weeks", "4": "Every 4 weeks"}
_REPLIES = {"met": "We met", "planned": "It's planned", "no": "Not this time"}
_FORMAT = "{date_long_pretty} at {time}"
MOST_NAME, MOST_STARTER = 150, 1_000
_LEFT_OUT = "The rest is left out: it is too long for Slack."
_ROLES = {Role.EITHER: "Join", Role.MENTOR: "Join as a mentor", Role.MENTEE: "Join as a mentee"}


@dataclass(frozen=True, slots=True)
class Introduction:
    """Who meets for what: `names` of all of them; `meets_at` (Unix seconds) as a proposal, `zone` for what
    cannot show everybody their own time, and `starter` to talk about first. `partner_ids` are those who are
    shown as people to write to, where there is no conversation of them all."""

    kind: PairingKind
    names: tuple[str, ...]
    meets_at: float | None
    zone: str
    starter: str
    partner_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the list: a pairing in words, how the reader stands to it, and what they may do with it."""

    pairing_id: str
    kind: PairingKind
    title: str
    state: str
    mine: str = ""
    taking_part: bool = False
    acts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """What the form holds to begin with."""

    kind: PairingKind = PairingKind.COFFEE
    channel: str = ""
    weeks: int = 2
    day: int = 0
    at: str = "10:00"


def introduction_page(one: Introduction) -> Page:
    """What those who are paired are told, together or (with `partner_ids`) each alone."""
    names, begun = _together(one.names), shorten(clean(one.starter), MOST_STARTER)
    if one.partner_ids:
        lead: list[Element] = [_text(f"You are paired with {names} for {FOR[one.kind]} this time: ")]
        for person in one.partner_ids:
            lead += [{"type": "user", "user_id": person}, _text(" ")]
        said = f"You are paired with {names} for {FOR[one.kind]} this time."
    else:
        said = f"{names}: you are paired for {FOR[one.kind]} this time."
        lead = [_text(said)]
    if one.meets_at is None:
        when = words("pair_no_hours")
        time: list[Element] = [_text(when)]
    else:
        wall = datetime.fromtimestamp(one.meets_at, UTC).astimezone(
            zone_named(one.zone, ZoneInfo("UTC")).zone
        )
        fallback = f"{in_words(wall.date())} at {wall:%H:%M} ({one.zone})"
        when = f"How about {fallback}? {words('pair_within_hours')}"
        date = {"type": "date", "timestamp": int(one.meets_at), "format": _FORMAT, "fallback": fallback}
        time = [_text("How about "), date, _text(f"? {words('pair_within_hours')}")]
    sections = [_section(lead), _section(time), *([_section([_text(begun)])] if begun else [])]
    block: Block = {"type": "rich_text", "elements": sections}
    text = shorten("\n".join([said, when, begun]), MOST_TEXT_BYTES, escaped_bytes)
    return Page(escape(text), (block, context(words("pair_how_out"))))


def did_you_meet_page(pair_id: str, names: Sequence[str], kind: PairingKind) -> Page:
    """Asks one of them, with a button for each reply."""
    who = _together(names)
    asked = f"Did you and {who} meet for {FOR[kind]}?"
    row = [button(f"{REPLY}_{said}", label, f"{said}:{pair_id}") for said, label in _REPLIES.items()]
    return page(line(asked), {"type": "actions", "elements": row}, context(words("pair_why_asked")))


def said_page(text: str, *foot: Block) -> Page:
    """Words of ours, with what may be pressed under them."""
    return page(*rich_text(parse(text)), *foot)


def join_row(pairing_id: str, kind: PairingKind) -> Block:
    """Buttons to take part with; in mentoring as what."""
    roles = (Role.MENTOR, Role.MENTEE, Role.EITHER) if kind is PairingKind.MENTORING else (Role.EITHER,)
    labels = _ROLES | {Role.EITHER: "Join as either" if len(roles) > 1 else "Join"}
    row = [button(f"{JOIN}_{role.value}", labels[role], f"{role.value}:{pairing_id}") for role in roles]
    return {"type": "actions", "elements": row}


def list_pages(listed: Sequence[Shown]) -> list[Page]:
    """All that somebody may take part in."""
    groups: list[Group] = []
    for one in listed:
        group: list[Block] = [line(one.title)]
        group.append(context(" · ".join(filter(None, (one.state, one.mine)))))
        row: list[Block] = []
        if one.taking_part:
            row.append(button(LEAVE, "Leave", one.pairing_id))
        elif RESUME not in one.acts:
            row += join_row(one.pairing_id, one.kind)["elements"]
        row += [button(f"{MANAGE}_{act}", _ACTS[act], f"{act}:{one.pairing_id}") for act in one.acts]
        group.append({"type": "actions", "elements": row})
        groups.append(group)
    return pages(groups or [[context(words("pair_none"))]], _LEFT_OUT)


def why_pages(lines: Sequence[str]) -> list[Page]:
    """Why somebody was or was not paired, pairing by pairing."""
    parts: list[Part] = [Item(plain(one)) for one in lines]
    return pages([[block] for block in rich_text(parts)], _LEFT_OUT)


def setup_view(metadata: str, filled: Filled, *, new: bool = True) -> dict[str, Any]:
    """The form: what for, where, and when. The kind and the channel of one that is there stay."""
    blocks: list[Block] = []
    if new:
        element: Block = {
            "type": "conversations_select",
            "filter": {
                "include": ["public", "private"],
                "exclude_bot_users": True,
                "exclude_external_shared_channels": True,
            },
        }
        element |= {"initial_conversation": filled.channel} if filled.channel else {}
        blocks.append(
            _select(KIND, "What for", {one.value: text for one, text in _KINDS.items()}, filled.kind)
        )
        hint = "You and I must be in it. Who wants to take part joins with a button there."
        blocks.append(_input(CHANNEL, "Channel", element, hint))
    days = {str(number): name for number, name in enumerate(DAY_NAMES)}
    blocks.append(_select(WEEKS, "How often", _WEEKS, str(filled.weeks)))
    blocks.append(_select(DAY, "Day", days, str(filled.day)))
    hint = "By your own clock. People hear of each other then, or when nobody of them has quiet hours."
    blocks.append(_input(AT, "Time", {"type": "timepicker", "initial_time": filled.at}, hint))
    return form(FORM, "Pairing", "Save", metadata, blocks)


def _select(block_id: str, label: str, options: dict[str, str], chosen: str) -> Block:
    made = {value: {"text": plain_text(text, 70), "value": value} for value, text in options.items()}
    element: Block = {"type": "static_select", "options": [*made.values()]}
    element |= {"initial_option": made[chosen]} if chosen in made else {}
    return _input(block_id, label, element)


def _input(block_id: str, label: str, element: Block, hint: str = "") -> Block:
    made: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, 1_900),
        "element": {**element, "action_id": block_id},
    }
    return made | ({"hint": plain_text(hint, 1_900)} if hint else {})


def _section(elements: Sequence[Element]) -> Element:
    return {"type": "rich_text_section", "elements": [*elements]}


def _text(text: str) -> Element:
    return {"type": "text", "text": text}


def _together(names: Sequence[str]) -> str:
    """`Ana, Ben and Chloe`, each in one line and not too long."""
    shown = [shorten(one_line(name), MOST_NAME) or "somebody" for name in names]
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))
