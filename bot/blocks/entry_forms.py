"""The form in which somebody replies to the prompts of a stand-up, and what was put into it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.blocks.markdown import Paragraph, Part, Run, plain
from bot.blocks.modals import MOST_LABEL_BYTES, choice, form, line, text_input
from bot.blocks.pages import context, plain_text
from bot.blocks.plain import one_line, shorten
from bot.blocks.rich_text import Block, rich_text
from prompts.replying import LONGEST_REPLY, NotRead, asked, deciding, options, read
from prompts.ritual import Consent, Prompt, ReplyKind, Standup
from prompts.slots import said

ENTRY_FORM = "standup_entry"
WAITING_FORM = "standup_waiting"
CHOOSE = "standup_choose"
REPLY = "standup_reply"
CONSENT = "standup_consent"
REPLY_TO = "reply:"
"""Before the key of a prompt, this is its block's id."""

CONSENTS = {
    Consent.NOBODY: "Nobody",
    Consent.TEAM: "The team",
    Consent.EVERYONE: "Everybody in the workspace",
}
TITLE = "Your stand-up"
_SAVE = "Save"
_MOST_RADIO = 6


@dataclass(frozen=True, slots=True)
class About:
    """What a form is about: `begun` is the id of the opening. It comes back in `private_metadata`."""

    ritual_id: str
    slot: date
    begun: str = ""

    @property
    def metadata(self) -> str:
        return json.dumps({"ritual": self.ritual_id, "slot": self.slot.isoformat(), "begun": self.begun})

    @property
    def value(self) -> str:
        return value_of(self.ritual_id, self.slot)

    @classmethod
    def from_metadata(cls, text: str) -> "About | None":
        try:
            known = json.loads(text)
            return cls(str(known["ritual"]), date.fromisoformat(known["slot"]), str(known["begun"]))
        except (ValueError, KeyError, TypeError):
            return None

    @classmethod
    def from_value(cls, text: str) -> "About | None":
        """What a button is about, from its value."""
        ritual_id, _, slot = text.partition(" ")
        try:
            return cls(ritual_id, date.fromisoformat(slot))
        except ValueError:
            return None


def value_of(ritual_id: str, slot: date) -> str:
    """The value of every button about an entry; whose it is, Slack says."""
    return f"{ritual_id} {slot.isoformat()}"


@dataclass(frozen=True, slots=True)
class EntryForm:
    """A form to show: `replies` are filled in, `notes` stand above all. `edits` an entry that was given."""

    about: About
    standup: Standup
    replies: Mapping[str, str] = field(default_factory=dict)
    consent: Consent = Consent.TEAM
    edits: bool = False
    notes: Sequence[str] = ()


def entry_view(shown: EntryForm) -> dict[str, Any]:
    """The modal, with the prompts that are asked once its replies are given."""
    standup, decide = shown.standup, deciding(shown.standup)
    name, day = one_line(standup.name), said(shown.about.slot)
    head: list[Part] = [Paragraph((Run(name, frozenset({"bold"})), *plain(f" · {day}")))]
    blocks: list[Block] = [*rich_text(head)]
    if shown.notes:
        blocks.append(context(*(one_line(note) for note in shown.notes[:8])))
    for prompt in asked(standup, shown.replies):
        made = _input(prompt, shown.replies.get(prompt.key, ""))
        if prompt.key in decide and options(prompt):
            made["dispatch_action"] = True
        blocks.append(made)
    labels = {one.value: text for one, text in CONSENTS.items()}
    consent = choice(CONSENT, "Who may find it in my answers later?", labels)
    chosen = next(one for one in consent["element"]["options"] if one["value"] == shown.consent.value)
    consent["element"]["initial_option"] = chosen
    blocks.append(consent)
    return form(ENTRY_FORM, TITLE, _SAVE if shown.edits else "Send", shown.about.metadata, blocks)


def edits(view: Mapping[str, Any]) -> bool:
    """Whether a form that was shown is for changing an entry that was given."""
    return (view.get("submit") or {}).get("text") == _SAVE


def waiting_view() -> dict[str, Any]:
    """Shown at once, while it is looked up which stand-up is meant."""
    return said_view("One moment …")


def said_view(text: str) -> dict[str, Any]:
    """Words in place of the form."""
    return {
        "type": "modal",
        "callback_id": WAITING_FORM,
        "title": plain_text(TITLE, 24),
        "close": plain_text("Close", 24),
        "blocks": [line(text)],
    }


def chooser(names: Mapping[str, str]) -> Block:
    """Which of several stand-ups: names by ritual id."""
    made = [
        {"text": plain_text(shorten(one_line(name), 70), 70), "value": ritual_id}
        for ritual_id, name in list(names.items())[:100]
    ]
    return {
        "type": "section",
        "block_id": CHOOSE,
        "text": plain_text("Which stand-up is it for?", 200),
        "accessory": {"type": "static_select", "action_id": CHOOSE, "options": made},
    }


def choosing_view(names: Mapping[str, str], metadata: str) -> dict[str, Any]:
    return said_view("") | {"blocks": [chooser(names)], "private_metadata": metadata}


def typed_in(view: Mapping[str, Any], standup: Standup) -> dict[str, str]:
    """What stands in the fields that are shown, by the keys of their prompts; empty fields are there, too."""
    values = (view.get("state") or {}).get("values") or {}
    found: dict[str, str] = {}
    for block in view.get("blocks") or ():
        block_id = str(block.get("block_id") or "")
        prompt = standup.prompt(block_id.removeprefix(REPLY_TO)) if block_id.startswith(REPLY_TO) else None
        if prompt is not None:
            found[prompt.key] = typed(prompt, (values.get(block_id) or {}).get(REPLY) or {})
    return found


def typed(prompt: Prompt, state: Mapping[str, Any]) -> str:
    """What was typed or chosen in a prompt's element."""
    if not options(prompt):
        text = str(state.get("value") or "")
        return text.encode("utf-8", "replace").decode("utf-8")  # Slack's JSON may hold half a character
    number = str((state.get("selected_option") or {}).get("value") or "")
    replies = [reply for reply, _ in options(prompt)]
    return replies[int(number)] if number.isdecimal() and int(number[:6]) < len(replies) else ""


def chosen_consent(view: Mapping[str, Any], otherwise: Consent) -> Consent:
    """Who may find the entry, as was chosen."""
    state = (((view.get("state") or {}).get("values") or {}).get(CONSENT) or {}).get(CONSENT) or {}
    value = str((state.get("selected_option") or {}).get("value") or "")
    return Consent(value) if value in {one.value for one in Consent} else otherwise


def _input(prompt: Prompt, value: str) -> Block:
    block_id, optional = REPLY_TO + prompt.key, not prompt.required
    match prompt.kind:
        case ReplyKind.TEXT | ReplyKind.RUN:
            several = prompt.kind is ReplyKind.TEXT
            made = text_input(block_id, prompt.text, value, several_lines=several, optional=optional)
            made["element"] |= {"action_id": REPLY, "max_length": LONGEST_REPLY}
            return made
        case ReplyKind.NUMBER:
            element: Block = {"type": "number_input", "action_id": REPLY, "is_decimal_allowed": True}
            element |= _initial(prompt, value)
        case ReplyKind.LINK:
            element = {"type": "url_text_input", "action_id": REPLY} | _initial(prompt, value)
        case ReplyKind.CHOICE | ReplyKind.SCALE | ReplyKind.YES_NO:
            element = _few(prompt, value)
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(prompt.text, MOST_LABEL_BYTES),
        "element": element,
        "optional": optional,
    }


def _initial(prompt: Prompt, value: str) -> Block:
    """What stands in a field that takes no more than one kind of thing: Slack refuses a form with another."""
    try:
        fitting = read(prompt, value)
    except NotRead:
        return {}
    return {"initial_value": fitting} if fitting else {}


def _few(prompt: Prompt, value: str) -> Block:
    """One of a few; what is chosen comes back as its number."""
    made = [
        {"text": plain_text(shorten(label, 70), 70), "value": str(number)}
        for number, (_, label) in enumerate(options(prompt))
    ]
    kind = "radio_buttons" if len(made) <= _MOST_RADIO else "static_select"
    element: Block = {"type": kind, "action_id": REPLY, "options": made}
    known = [reply for reply, _ in options(prompt)]
    return element | ({"initial_option": made[known.index(value)]} if value in known else {})
