"""The line below a prompt that says that a draft is there; the draft itself is shown in the form alone."""

from bot.journal.drafts import Draft
from bot.messages import Block
from prompts.drafting import counted

USE_DRAFT = "standup_use_draft"
"""Opens the form with the draft filled in; the button's value is `value_of` the draft."""


def draft_blocks(draft: Draft) -> tuple[Block, ...]:
    """What it is made of, and the button that opens the form with it."""
    made_of = counted(draft.runs, draft.commits)
    told = f"I have a draft from your {made_of}. Only you see it, and nothing is sent until you send it."
    return (
        {"type": "context", "elements": [{"type": "plain_text", "text": told, "emoji": False}]},
        {
            "type": "actions",
            "elements": [
                {
                    "type": "button",
                    "action_id": USE_DRAFT,
                    "text": {"type": "plain_text", "text": "Use this draft"},
                    "value": value_of(draft),
                }
            ],
        },
    )


def value_of(draft: Draft) -> str:
    """`ritual slot`, the slot in ISO: `Draft` of the person who presses."""
    return f"{draft.ritual_id} {draft.slot.isoformat()}"
