"""Section for admins: sources that fail, or were not read when they should have been."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.digests.sections import Entry, Part, Reader, Window
from bot.source_cards import Card
from bot.source_health import Health
from ingest.redaction import hide
from knowledge.errors import LoreError
from prompts.digest import cut

_AMISS = (Health.FAILING, Health.INCOMPLETE, Health.STALE)


def for_admins(reader: Reader) -> bool:
    return reader.admin


@dataclass(frozen=True, slots=True)
class FailingSources:
    """Builds the section; what began to fail within the window is a reason to send it."""

    cards: Callable[[], Sequence[Card]]

    def build(self, reader: Reader, window: Window) -> Part | None:
        if not reader.admin:
            return None
        try:
            found = self.cards()
        except LoreError as error:
            return Part([Entry(cut(hide(str(error))), title="The sources cannot be told")])
        amiss = [one for one in found if one.health in _AMISS or one.failures]
        news = any(_is_news(one, window) for one in amiss)
        return Part([_entry(one) for one in amiss], news) if amiss else None


def _is_news(card: Card, window: Window) -> bool:
    ended = None if card.newest is None else card.newest.ended_at
    return ended is not None and window.holds(ended)


def _entry(card: Card) -> Entry:
    said = [card.health.value] if card.health in _AMISS else []
    if card.problem:
        said.append(cut(hide(card.problem), 160))
    if card.failures:
        said.append(f"{card.failures:,} could not be read")
    good = "never read without trouble" if card.good_at is None else f"last good on {card.good_at:%d %B}"
    return Entry("; ".join(said), title=card.name, details=(good,))
