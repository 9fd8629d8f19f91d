"""What stands above an answer that somebody shares, and the modal that asks where."""

from typing import Any

from bot.blocks.markdown import Quote, plain
from bot.blocks.pages import Group, context, plain_text
from bot.blocks.plain import one_line, shorten
from bot.blocks.rich_text import rich_text

SHARE_FORM = "share_form"
CHANNEL = "channel"
_MOST_QUESTION_BYTES = 900


def shared_by(name: str, question: str) -> list[Group]:
    """Who shares, by name and without a ping, and what was asked."""
    asked = shorten(one_line(question), _MOST_QUESTION_BYTES)
    credit = context(f"Shared by {shorten(one_line(name), 100)}, who asked:")
    return [[credit, *(rich_text([Quote(plain(asked))]) if asked else [])]]


def where_view(metadata: str) -> dict[str, Any]:
    """The modal for an answer in a direct message; `metadata` comes back with it."""
    return {
        "type": "modal",
        "callback_id": SHARE_FORM,
        "private_metadata": metadata,
        "title": plain_text("Share the answer", 24),
        "submit": plain_text("Share", 24),
        "close": plain_text("Cancel", 24),
        "blocks": [
            {
                "type": "input",
                "block_id": CHANNEL,
                "label": plain_text("Channel", 100),
                "hint": plain_text("Everyone who reads it must be allowed to read the sources.", 300),
                "element": {
                    "type": "conversations_select",
                    "action_id": CHANNEL,
                    "filter": {
                        "include": ["public", "private"],
                        "exclude_external_shared_channels": True,
                        "exclude_bot_users": True,
                    },
                },
            }
        ],
    }
