"""Whether answers helped: kept for each person and answer; the last click counts."""

from bot.blocks.feedback import REASONS
from bot.journal.feedback import Judgement, Reason
from bot.journal.work import Done, Item
from bot.pressing import subject_of


def judged(item: Item) -> Done:
    """A click on 👍 or 👎. Nothing is said: Slack shows the click itself."""
    return Done(record=(Judgement(subject_of(item), item.person, bool(item.payload.get("helped"))),))


def reasoned(item: Item) -> Done:
    """Why it did not help."""
    why = str(item.payload.get("why") or "")
    known = why if why in REASONS else ""
    return Done(record=(Reason(subject_of(item), item.person, known, item.text),))
