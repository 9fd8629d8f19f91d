"""A test of a stand-up: its prompt as somebody will get it, to whoever sets it up; nothing of it is kept."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.blocks.pages import Page, context
from bot.blocks.rich_text import Block
from bot.blocks.standup_entries import Asking, prompt_pages
from bot.blocks.standup_setup import ONLY_A_TEST
from bot.journal.rituals import Ritual
from bot.messages import Message
from bot.pressing import to_person
from bot.rituals.availability import Availability
from bot.rituals.opening import until_words
from knowledge.ports import Clock
from prompts.planning import deadline, preview
from prompts.words import words


@dataclass(frozen=True, slots=True)
class Trial:
    """Makes the test: no occurrence, no delivery and no entry comes of it, and its buttons only say so."""

    availability: Availability
    clock: Clock

    def messages(self, ritual: Ritual, person: str) -> tuple[Message, ...]:
        """The prompt of the next date, in a direct message."""
        standup, zone = ritual.settings, self.availability.profile(person, ritual).zone
        coming = preview(standup, [zone], self.clock(), 1)
        at = coming[0].utc if coming else self.clock() + timedelta(days=1)
        slot = coming[0].slot if coming else at.astimezone(zone).date()
        until = until_words(deadline(standup, at).timestamp(), zone.key)
        said = prompt_pages(Asking(ritual.id, slot, standup, until))
        first = context(words("standup_test", time=f"{at.astimezone(zone):%H:%M}"))
        shown = [Page(page.text, tuple(_harmless(block) for block in page.blocks)) for page in said]
        shown[0] = Page(f"{first['elements'][0]['text']}\n{shown[0].text}", (first, *shown[0].blocks))
        return to_person(person, shown)


def _harmless(block: Block) -> Block:
    """The same block; what may be pressed in it says that it is a test."""
    if block["type"] != "actions":
        return block
    elements: list[dict[str, Any]] = [
        {**element, "action_id": f"{ONLY_A_TEST}_{place}"} | ({"value": "test"} if "value" in element else {})
        for place, element in enumerate(block["elements"])
    ]
    return {"type": "actions", "elements": elements}
