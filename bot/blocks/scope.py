"""What a question's filters did: one line above the answer, with a way to let go of them."""

from bot.blocks.pages import Group, context, plain_text
from bot.blocks.plain import one_line, shorten
from knowledge.documents import Trace

SEARCH_EVERYTHING = "search_everything"
"""The action id of the button that asks again without filters; its value is the question's id."""

MOST_REMARKS = 5
_MOST_BYTES = 900


def scope(trace: Trace, question_id: str) -> list[Group]:
    """Which filters held, and what could not be done; nothing where the question had no filters."""
    told: list[Group] = []
    if trace.filters:
        words = plain_text(f"Searched only: {', '.join(trace.filters)}.", _MOST_BYTES)
        button = {
            "type": "button",
            "action_id": SEARCH_EVERYTHING,
            "text": plain_text("Search everything", 70),
            "value": question_id,
            "accessibility_label": "Ask again without the filters",
        }
        told.append([{"type": "section", "text": words, "accessory": button}])
    remarks = trace.remarks[:MOST_REMARKS]
    return [*told, *([context(shorten(one_line(f"⚠ {remark}"), _MOST_BYTES))] for remark in remarks)]
