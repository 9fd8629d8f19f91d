"""Saved pages to look at and to work on: the form, and the list with its buttons."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.blocks.markdown import Paragraph, Run, plain
from bot.blocks.pages import Page, context, pages, plain_text
from bot.blocks.plain import clean, one_line, shorten
from bot.blocks.rich_text import Block, rich_text
from bot.journal.saved_pages import SavedPage
from bot.kinds import CHANGE_PAGE, REMOVE_PAGE, SAVE_PAGE
from bot.saving import LONGEST_TITLE

EDIT_PAGE = "edit_page"

MOST_FIELDS = 4
FIELD = 3_000
"""The most characters that one field of a form takes."""

MOST_LISTED = 20
_TITLE, _TEXT = "title", "text"


@dataclass(frozen=True, slots=True)
class FormOf:
    """What a form is about, kept in it: a message to be saved, or (`page_id`) a page to be changed."""

    team: str = ""
    channel: str = ""
    ts: str = ""
    thread_ts: str = ""
    url: str = ""
    response_url: str = ""
    page_id: str = ""

    def as_metadata(self) -> str:
        return json.dumps({name: value for name, value in asdict(self).items() if value})

    @classmethod
    def from_metadata(cls, metadata: str) -> "FormOf":
        """Raises ValueError for anything that `as_metadata` did not make."""
        found = json.loads(metadata)
        if not isinstance(found, dict) or not found.keys() <= set(cls.__slots__):
            raise ValueError("not the metadata of a form")
        return cls(**{name: str(value) for name, value in found.items()})


def waiting_view() -> dict[str, Any]:
    """Shown while the conversation is read."""
    said = "Reading the conversation…"
    return _view("Save to knowledge", [{"type": "section", "text": plain_text(said, 200)}])


def refusal_view(why: str) -> dict[str, Any]:
    return _view("Save to knowledge", [{"type": "section", "text": plain_text(why, 2_000)}])


def form_view(about: FormOf, title: str, text: str, notes: Sequence[str]) -> dict[str, Any]:
    """The form for a page; `notes` say where it comes from and who will read it."""
    fields = list(_fields(clean(text)))
    if len(fields) > MOST_FIELDS:
        fields = fields[:MOST_FIELDS]
        kept = sum(len(field) for field in fields)
        notes = (*notes, f"It is long: the first {kept:,} of {len(clean(text)):,} characters are taken.")
    blocks = [_input(_TITLE, "Title", one_line(title)[:LONGEST_TITLE], LONGEST_TITLE, lines=False)]
    for number, field in enumerate(fields or [""]):
        label = "Text" if number == 0 else "Text, continued"
        blocks.append(_input(f"{_TEXT}{number}", label, field, FIELD, optional=number > 0))
    blocks += [context(note) for note in notes]
    name, submit = ("Change page", "Save") if about.page_id else ("Save to knowledge", "Save")
    return {
        **_view(name, blocks),
        "callback_id": CHANGE_PAGE if about.page_id else SAVE_PAGE,
        "submit": plain_text(submit, 24),
        "close": plain_text("Cancel", 24),
        "private_metadata": about.as_metadata(),
    }


def filled_in(view: Mapping[str, Any]) -> tuple[str, str]:
    """The title and the text that a form was submitted with."""
    values = (view.get("state") or {}).get("values") or {}

    def value(block_id: str) -> str:
        return str(((values.get(block_id) or {}).get(block_id) or {}).get("value") or "")

    text = "\n".join(part for number in range(MOST_FIELDS) if (part := value(f"{_TEXT}{number}")))
    return value(_TITLE).strip(), text.strip()


def problems(title: str, text: str) -> dict[str, str]:
    """What is wrong with what was filled in, by block; empty when nothing is."""
    found = {}
    if not title:
        found[_TITLE] = "Give it a title."
    if not text:
        found[f"{_TEXT}0"] = "There is nothing in it."
    return found


def list_pages(saved: Sequence[SavedPage], everybodys: bool) -> list[Page]:
    """The newest saved pages, each with its buttons; `everybodys` tells an admin's list."""
    if not saved:
        none = "You have saved nothing yet: *Save to knowledge* is in the menu of every message."
        return pages([rich_text([Paragraph(plain(none.replace("*", "")))])], "")
    whose = "saved" if everybodys else "that you saved"
    count = f"{len(saved):,} page{'s' if len(saved) > 1 else ''} {whose}"
    shown = count if len(saved) <= MOST_LISTED else f"The newest {MOST_LISTED} of {count}"
    groups = [rich_text([Paragraph((Run(shown, frozenset({"bold"})),))])]
    groups += [_listed(page) for page in saved[:MOST_LISTED]]
    return pages(groups, "")


def _listed(page: SavedPage) -> list[Block]:
    return [
        {"type": "section", "text": plain_text(one_line(page.title), 300)},
        context(shorten(f"saved/{page.path}", 200)),
        {
            "type": "actions",
            "elements": [
                _button(EDIT_PAGE, "Edit", page.id),
                _button(REMOVE_PAGE, "Delete", page.id)
                | {
                    "style": "danger",
                    "confirm": {
                        "title": plain_text("Delete this page?", 90),
                        "text": plain_text("Nobody will be answered from it any more.", 290),
                        "confirm": plain_text("Delete", 28),
                        "deny": plain_text("Keep", 28),
                    },
                },
            ],
        },
    ]


def _button(action_id: str, label: str, value: str) -> Block:
    return {"type": "button", "action_id": action_id, "text": plain_text(label, 70), "value": value}


def _view(title: str, blocks: Sequence[Block]) -> dict[str, Any]:
    return {
        "type": "modal",
        "title": plain_text(title, 24),
        "close": plain_text("Close", 24),
        "blocks": list(blocks),
    }


def _input(
    block_id: str, label: str, value: str, most: int, lines: bool = True, optional: bool = False
) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "action_id": block_id,
        "multiline": lines,
        "max_length": most,
    }
    if value:
        element["initial_value"] = value
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, 200),
        "element": element,
        "optional": optional,
    }


def _fields(text: str) -> Iterator[str]:
    """The text in stretches that each fit one field, cut at line ends where there is one late enough."""
    while len(text) > FIELD:
        cut = text.rfind("\n", FIELD * 2 // 3, FIELD)
        cut = cut if cut > 0 else FIELD
        yield text[:cut]
        text = text[cut:].removeprefix("\n")
    if text:
        yield text
