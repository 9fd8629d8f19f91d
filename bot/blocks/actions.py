"""The buttons under an answer, of all features: opaque values only, and a button only when it works."""

from collections.abc import Collection, Mapping
from typing import Any

from bot.blocks.pages import plain_text
from bot.blocks.rich_text import Block

FEEDBACK = "feedback"
DELETE = "delete_answer"
CORRECT = "correct_this"
ASK_A_PERSON = "ask_a_person"
WHAT_ELSE = "what_else"
SHORTER = "shorter"
SHOW_PASSAGES = "show_passages"
SHARE = "share_in_channel"
WHY = "why_this_answer"
MENU = "answer_menu"
"""The action id of the menu that holds what the row has no room for."""

HELPED, DID_NOT_HELP = "helped", "did_not_help"

ENABLED = frozenset({FEEDBACK, DELETE, CORRECT, ASK_A_PERSON, WHAT_ELSE, SHORTER, SHOW_PASSAGES, SHARE, WHY})
"""The actions whose handlers are registered; nothing else is shown."""

_LABELS: Mapping[str, str] = {
    CORRECT: "Correct this",
    ASK_A_PERSON: "Ask a person",
    WHAT_ELSE: "What else?",
    SHORTER: "Shorter",
    SHOW_PASSAGES: "Show passages",
    SHARE: "Share in channel",
    WHY: "Why this answer?",
}
_MOST_LABEL_BYTES = 70


def answer_actions(
    question_id: str, *, shareable: bool = False, enabled: Collection[str] = ENABLED
) -> list[Block]:
    """The blocks under an answer: feedback and delete, then a row of buttons with a menu at its end.

    `shareable` tells an answer that only the asker sees.
    """
    menu = [SHORTER, SHOW_PASSAGES, *([SHARE] if shareable else []), WHY]
    return [
        *_judging(question_id, enabled),
        *_row(question_id, [CORRECT, ASK_A_PERSON, WHAT_ELSE], menu, enabled),
    ]


def no_answer_actions(question_id: str, *, enabled: Collection[str] = ENABLED) -> list[Block]:
    """The blocks under an honest non-answer."""
    return _row(question_id, [ASK_A_PERSON, SHOW_PASSAGES], [WHY], enabled)


def pressed(action: Mapping[str, Any]) -> tuple[str, str]:
    """What was pressed, of an entry of a payload's `actions`: an action id and a question's id.

    A choice from the menu counts as the button it stands for. Both are empty where the entry is not ours.
    """
    if action.get("action_id") == MENU:
        name, _, question_id = str((action.get("selected_option") or {}).get("value") or "").partition(":")
        return (name, question_id) if name in _LABELS else ("", "")
    return str(action.get("action_id") or ""), str(action.get("value") or "")


def _judging(question_id: str, enabled: Collection[str]) -> list[Block]:
    elements: list[Block] = []
    if FEEDBACK in enabled:
        elements.append(
            {
                "type": "feedback_buttons",
                "action_id": FEEDBACK,
                "positive_button": {
                    "text": plain_text("Helpful", _MOST_LABEL_BYTES),
                    "accessibility_label": "This answer helped",
                    "value": f"{HELPED}:{question_id}",
                },
                "negative_button": {
                    "text": plain_text("Not helpful", _MOST_LABEL_BYTES),
                    "accessibility_label": "This answer did not help",
                    "value": f"{DID_NOT_HELP}:{question_id}",
                },
            }
        )
    if DELETE in enabled:
        elements.append(
            {
                "type": "icon_button",
                "action_id": DELETE,
                "icon": "trash",
                "text": plain_text("Delete", _MOST_LABEL_BYTES),
                "accessibility_label": "Delete this answer",
                "value": question_id,
                "confirm": {
                    "title": plain_text("Delete this answer?", 90),
                    "text": plain_text("It goes from Slack, and I keep none of its words.", 290),
                    "confirm": plain_text("Delete", 28),
                    "deny": plain_text("Keep", 28),
                    "style": "danger",
                },
            }
        )
    return [{"type": "context_actions", "elements": elements}] if elements else []


def _row(question_id: str, shown: list[str], in_menu: list[str], enabled: Collection[str]) -> list[Block]:
    elements = [_button(name, question_id) for name in shown if name in enabled]
    options = [
        {"text": plain_text(_LABELS[name], _MOST_LABEL_BYTES), "value": f"{name}:{question_id}"}
        for name in in_menu
        if name in enabled
    ]
    if options:
        elements.append({"type": "overflow", "action_id": MENU, "options": options})
    return [{"type": "actions", "elements": elements}] if elements else []


def _button(name: str, question_id: str) -> Block:
    return {
        "type": "button",
        "action_id": name,
        "text": plain_text(_LABELS[name], _MOST_LABEL_BYTES),
        "value": question_id,
    }
