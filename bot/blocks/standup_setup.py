"""Forms in which a stand-up is set up: where to begin, who is asked what and when, and what comes of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.blocks.modals import MOST_TITLE_BYTES, button, date, form, line
from bot.blocks.pages import context, plain_text
from bot.blocks.plain import one_line, shorten
from bot.blocks.rich_text import Block
from bot.blocks.standup_fields import FIRST, MORE, block_id, field_of, inputs
from prompts.ritual import Prompt, ReplyKind
from prompts.standup_templates import Template

STANDUP_FORM, MORE_FORM, PREVIEW_FORM, PAUSE_FORM = (
    "standup_form",
    "standup_more",
    "standup_preview",
    "standup_pause",
)
"""Callback ids of the first form, of more settings, of the preview that saves, and of a pause."""
BEGIN, CHANGE, SET_MORE, TEST = (
    "standup_begin",
    "standup_change",
    "standup_set_more",
    "standup_test",
)
"""Action ids: a template that is chosen, and *Change*, *More settings* and *Send a test to me*."""
UNTIL = "standup_until"
ONLY_A_TEST = "standup_only_a_test"
"""How the action ids of a test begin: whatever is pressed in it says that it is one."""

MOST_ZONES = 8
_KINDS = {
    ReplyKind.TEXT: "",
    ReplyKind.YES_NO: "yes or no",
    ReplyKind.NUMBER: "a number",
    ReplyKind.LINK: "a link",
    ReplyKind.RUN: "a run",
}


@dataclass(frozen=True, slots=True)
class InZone:
    """The next dates as people in one zone see them; `names` are theirs."""

    zone: str
    names: tuple[str, ...]
    dates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a draft comes to, in words: `facts` are sentences, `notes` what may surprise."""

    name: str
    when: str
    zones: tuple[InZone, ...]
    prompts: tuple[Prompt, ...]
    facts: tuple[str, ...]
    notes: tuple[str, ...] = ()


def title(text: str) -> str:
    """A name as a modal's title can hold it."""
    return shorten(one_line(text), MOST_TITLE_BYTES)


def waiting_view(metadata: str, text: str = "One moment…", external_id: str = "") -> dict[str, Any]:
    """Shown at once, while something is looked up; `external_id` is how it is found again."""
    view = said_view(text) | {"private_metadata": metadata}
    return view | ({"external_id": external_id} if external_id else {})


def said_view(text: str) -> dict[str, Any]:
    """A modal that says one thing."""
    return {
        "type": "modal",
        "title": plain_text("Stand-up", MOST_TITLE_BYTES),
        "close": plain_text("Close", MOST_TITLE_BYTES),
        "blocks": [line(text.replace("`", ""))],
    }


def templates_view(templates: Iterable[Template], metadata: str) -> dict[str, Any]:
    """Asks what to begin with."""
    blocks: list[Block] = [line("What shall it be like? Everything can be changed in the next step.")]
    for one in templates:
        text = f"{one_line(one.title)}: {one_line(one.about)}" if one.about else one_line(one.title)
        # Slack wants every value to have a character.
        accessory = button(BEGIN, "Begin", f"template:{one.name}")
        blocks.append(
            {"type": "section", "text": plain_text(shorten(text, 900), 1_000), "accessory": accessory}
        )
    shown = said_view("") | {"blocks": blocks[:40], "private_metadata": metadata}
    return shown | {"title": plain_text("Set up a stand-up", MOST_TITLE_BYTES)}


def first_view(table: Mapping[str, Any], metadata: str, key: str = "", trouble: str = "") -> dict[str, Any]:
    """The first form; `trouble` stands above the input of the setting that it is about."""
    blocks = _with_trouble(inputs(FIRST, table), FIRST, key, trouble)
    return form(STANDUP_FORM, "Set up a stand-up", "Preview", metadata, blocks)


def more_view(table: Mapping[str, Any], metadata: str, key: str = "", trouble: str = "") -> dict[str, Any]:
    """More settings, each as usual until it is changed."""
    blocks = _with_trouble(inputs(MORE, table), MORE, key, trouble)
    return form(MORE_FORM, "More settings", "Preview", metadata, blocks)


def preview_view(preview: Preview, metadata: str) -> dict[str, Any]:
    """What would be saved: its next dates, its prompts, and who reads what."""
    blocks: list[Block] = [line(preview.when)]
    for zone in preview.zones[:MOST_ZONES]:
        who = shorten(", ".join(map(one_line, zone.names)), 200)
        heading = f"{zone.zone.replace('_', ' ')} ({who})" if who else zone.zone.replace("_", " ")
        blocks.append(context(f"{heading}: {' · '.join(zone.dates)}"))
    if len(preview.zones) > MOST_ZONES:
        blocks.append(context(f"And {len(preview.zones) - MOST_ZONES} more time zones."))
    blocks += [context(f"⚠ {shorten(one_line(note), 900)}") for note in preview.notes[:6]]
    asked = "\n".join(f"{number}. {_asked(one)}" for number, one in enumerate(preview.prompts, 1))
    blocks += [line(asked), {"type": "divider"}]
    blocks += [context(shorten(one_line(fact), 900)) for fact in preview.facts]
    buttons = [
        button(CHANGE, "Change", "change"),
        button(SET_MORE, "More settings", "more"),
        button(TEST, "Send a test to me", "test"),
    ]
    blocks.append({"type": "actions", "elements": buttons})
    return form(PREVIEW_FORM, title(preview.name), "Save", metadata, blocks)


def pause_view(metadata: str) -> dict[str, Any]:
    """Asks until when it is paused."""
    blocks = [
        line("Nobody is asked while it is paused, and what is being gathered now ends."),
        date(UNTIL, "It begins again on", hint="Empty: when somebody resumes it."),
    ]
    return form(PAUSE_FORM, "Pause", "Pause", metadata, blocks)


def block_for(key: str, among: Sequence[str]) -> str | None:
    """The block of a form that a wrong setting is told at; None where the form has none for it."""
    field = field_of(key, among)
    return None if field is None else block_id(field)


def _with_trouble(blocks: list[Block], among: Sequence[str], key: str, trouble: str) -> list[Block]:
    if not trouble:
        return blocks
    wanted = block_for(key, among)
    place = next((place for place, one in enumerate(blocks) if one["block_id"] == wanted), 0)
    top = [line("⚠ Something is to be changed below.")] if place > 2 else []
    return [*top, *blocks[:place], line(f"⚠ {trouble}"), *blocks[place:]]


def _asked(prompt: Prompt) -> str:
    match prompt.kind:
        case ReplyKind.CHOICE:
            kind = f"one of {', '.join(prompt.choices)}"
        case ReplyKind.SCALE:
            kind = f"from {' to '.join(prompt.choices)}"
        case _:
            kind = _KINDS[prompt.kind]
    marks = [kind, "required" if prompt.required else ""]
    marks.append(f"if {prompt.when.key} is {prompt.when.equals}" if prompt.when is not None else "")
    said = "; ".join(filter(None, marks))
    return one_line(prompt.text) + (f" ({one_line(said)})" if said else "")
