"""The modal that asks why an answer did not help."""

from typing import Any

from bot.blocks.modals import choice, form, notice, text_input
from prompts.words import words

REASON_FORM = "feedback_reason"
WHY, COMMENT = "why", "comment"
REASONS = {
    "wrong": "It is wrong",
    "outdated": "It is out of date",
    "beside": "Not what I asked",
    "source": "A source is missing",
    "other": "Something else",
}


def reason_view(metadata: str) -> dict[str, Any]:
    """Everything in it may be left out."""
    return form(
        REASON_FORM,
        "What went wrong?",
        "Send",
        metadata,
        [
            choice(WHY, "The answer", REASONS, optional=True),
            text_input(COMMENT, "In your words", optional=True, hint=words("feedback_hint")),
        ],
    )


def thanks_view() -> dict[str, Any]:
    return notice("Thank you", words("feedback_thanks"))


def gone_view() -> dict[str, Any]:
    return notice("This answer", words("answer_gone"))
