"""Stand-up entries as their person sees them: the prompt, the reminder, what was given, the last few."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.blocks.entry_forms import CONSENTS, value_of
from bot.blocks.markdown import Item, Paragraph, Part, Quote, Run, plain
from bot.blocks.modals import button
from bot.blocks.pages import Group, Page, context, pages, plain_text
from bot.blocks.plain import clean, one_line, shorten
from bot.blocks.rich_text import Block, rich_text
from bot.journal.entries import GIVEN, SKIPPED, Entry
from prompts.replying import asked
from prompts.ritual import Consent, Standup
from prompts.slots import said
from prompts.words import words

ANSWER, SKIP, SAME, AWAY = "standup_answer", "standup_skip", "standup_same", "standup_away"
WITHDRAW, IN_THREAD, SEND = "standup_withdraw", "standup_in_thread", "standup_send"
AWAY_FROM = "away:"
"""Before the value of a button, this is the id of the block with the date until which somebody is away."""

_LEFT_OUT = "The rest is left out: it is too long for Slack."
_BOLD = frozenset({"bold"})
_MOST_OF_A_CARD = 4_500


@dataclass(frozen=True, slots=True)
class Asking:
    """A stand-up that asks somebody; `until` says in words until when, `note` why it is late, or what looks
    like leave. `same` offers to repeat the last entry."""

    ritual_id: str
    slot: date
    standup: Standup
    until: str = ""
    note: str = ""
    same: bool = False


def prompt_pages(asking: Asking, more: Sequence[Mapping[str, Any]] = ()) -> list[Page]:
    """What somebody is asked, with all they can do about it; `more` stands before the buttons."""
    parts: list[Part] = [
        Paragraph((Run(one_line(asking.standup.name), _BOLD), *plain(f" · {said(asking.slot)}"))),
        *(Item(plain(shorten(one_line(one.text), 300))) for one in asked(asking.standup, {})),
    ]
    notes = [context(one_line(each)) for each in (asking.until, asking.note) if each]
    foot = [*notes, *map(dict, more), _steps(asking.ritual_id, asking.slot, same=asking.same)]
    return pages([[block] for block in rich_text(parts)], _LEFT_OUT, foot)


def reminder_pages(asking: Asking) -> list[Page]:
    """That there is still time."""
    text = words("entry_reminder", name=one_line(asking.standup.name), day=said(asking.slot))
    notes = [context(one_line(each)) for each in (asking.until, asking.note) if each]
    value = value_of(asking.ritual_id, asking.slot)
    steps = [button(ANSWER, "Answer", value, "primary"), button(SKIP, "Skip today", value)]
    foot = [*notes, {"type": "actions", "elements": steps}]
    return pages([[block] for block in rich_text([Paragraph(plain(text))])], _LEFT_OUT, foot)


def card_pages(entry: Entry, standup: Standup, notes: Iterable[str] = ()) -> list[Page]:
    """What somebody gave, skipped or withdrew, in place of the prompt."""
    parts: list[Part] = [Paragraph(plain(_headline(entry, standup)))]
    below = [*notes]
    if entry.state == GIVEN:
        most = max(200, _MOST_OF_A_CARD // max(1, len(entry.replies)))
        parts += reply_parts(entry, standup, most)
        if any(shorten(clean(one), most) != clean(one) for one in entry.replies.values()):
            below.append(words("entry_shown_shorter"))
    if entry.state == GIVEN:
        below.insert(0, f"Who may find it in my answers: {consent_words(entry.consent)}.")
    groups: list[Group] = [[block] for block in rich_text(parts)]
    foot: list[Block] = [context(*map(one_line, below[:8]))] if below else []
    return pages(groups, _LEFT_OUT, [*foot, _after(entry)])


def reply_parts(entry: Entry, standup: Standup, most: int = 1_000_000) -> list[Part]:
    """Each prompt that was replied to, and the reply as it was typed, up to `most` bytes: it links and pings
    nothing."""
    known = {prompt.key: prompt.text for prompt in standup.prompts}
    keys = [
        *(key for key in known if key in entry.replies),
        *(key for key in entry.replies if key not in known),
    ]
    parts: list[Part] = []
    for key in keys:
        parts.append(Paragraph((Run(one_line(known.get(key, key)), _BOLD),)))
        parts.append(Quote(plain(shorten(clean(entry.replies[key]), most))))
    return parts or [Paragraph(plain("Without any words."))]


def mine_pages(given: Sequence[tuple[Entry, Standup]]) -> list[Page]:
    """Somebody's own last entries, each with what can be done about it."""
    groups: list[Group] = []
    for entry, standup in given:
        parts: list[Part] = [Paragraph(plain(_headline(entry, standup)))]
        if entry.state == GIVEN:
            first = " · ".join(one_line(reply) for reply in entry.replies.values())
            parts.append(Quote(plain(shorten(first, 300) or "–")))
            parts.append(Paragraph(plain(f"Found by: {consent_words(entry.consent)}.")))
        groups.append([*rich_text(parts), _after(entry)])
    return pages(groups or [[context(words("entry_no_entries"))]], _LEFT_OUT)


def consent_words(consent: Consent) -> str:
    """Who may find an entry, within a sentence."""
    return CONSENTS[consent][0].lower() + CONSENTS[consent][1:]


def _headline(entry: Entry, standup: Standup) -> str:
    name, day = one_line(standup.name), said(entry.slot)
    if entry.state == GIVEN:
        edited = ", edited" if entry.edited_at is not None else ""
        late = ", after its time was up" if entry.late else ""
        return f"You gave this for {name}, {day}{late}{edited}."
    if entry.state == SKIPPED:
        because = f" ({one_line(entry.reason)})" if entry.reason else ""
        return f"You left out {name}, {day}{because}."
    return f"You withdrew what you gave for {name}, {day}."


def _steps(ritual_id: str, slot: date, *, same: bool) -> Block:
    value = value_of(ritual_id, slot)
    elements: list[Block] = [button(ANSWER, "Answer", value, "primary"), button(SKIP, "Skip today", value)]
    if same:
        elements.append(button(SAME, "Same as yesterday", value))
    elements.append(
        {
            "type": "datepicker",
            "action_id": AWAY,
            "placeholder": plain_text("I'm away until …", 140),
        }
    )
    return {"type": "actions", "block_id": AWAY_FROM + value, "elements": elements}


def _after(entry: Entry) -> Block:
    value = value_of(entry.ritual_id, entry.slot)
    if entry.state != GIVEN:
        return {"type": "actions", "elements": [button(ANSWER, "Answer after all", value)]}
    gone = button(WITHDRAW, "Withdraw", value)
    gone["confirm"] = {
        "title": plain_text("Withdraw this entry?", 90),
        "text": plain_text("Its words go from the report, the summary and my answers; I keep none.", 290),
        "confirm": plain_text("Withdraw", 28),
        "deny": plain_text("Keep", 28),
        "style": "danger",
    }
    return {"type": "actions", "elements": [button(ANSWER, "Edit", value), gone]}
