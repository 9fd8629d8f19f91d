"""The sources as admins see them: a page of cards with buttons, in a message and on the Home."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.blocks.markdown import Paragraph, Run
from bot.blocks.modals import button
from bot.blocks.pages import MOST_BLOCK_BYTES_OF_A_PAGE, Page, context, page, plain_text
from bot.blocks.plain import one_line, shorten
from bot.blocks.rich_text import Block, rich_text, size
from bot.blocks.source_forms import REMOVE
from bot.blocks.sync_words import change_counts, count_of, duration, who_asked
from bot.journal.sync_runs import State
from bot.source_cards import Card
from bot.source_health import Health

SYNC = "source_sync"
DRY_RUN = "source_dry_run"
PAUSE = "source_pause"
RESUME = "source_resume"
HISTORY = "source_history"
ROLL_BACK = "source_roll_back"
SYNC_ALL = "sources_sync_all"
PREVIOUS, NEXT = "sources_previous", "sources_next"
ON_PAGE = ":page "
"""Stands in the ids of blocks before the number of the page that they are on."""
MOST_ON_A_PAGE = 6

_SIGNS: Mapping[Health, str] = {
    Health.OK: "✓",
    Health.SYNCING: "↻",
    Health.PAUSED: "‖",
    Health.NEVER: "○",
    Health.STALE: "!",
    Health.INCOMPLETE: "◐",
    Health.FAILING: "✕",
}


def list_page(cards: Sequence[Card], number: int, names: Mapping[str, str], now: datetime) -> Page:
    """One page of the list as a message."""
    return page(*list_blocks(cards, number, names, now))


def list_blocks(cards: Sequence[Card], number: int, names: Mapping[str, str], now: datetime) -> list[Block]:
    """Page `number` (from 0; the nearest there is) of the list; `names` are people's, by id."""
    if not cards:
        return [context("There are no sources yet: `/lore add` adds one, or [[sources]] in lore.toml.")]
    made = _packed([_card(card, names, now) for card in cards])
    last = len(made) - 1
    number = max(0, min(number, last))
    blocks = [_on_page(block, number) for group in made[number] for block in group]
    turning = [button(SYNC_ALL, "Sync all", "all")]
    if number:
        turning.append(button(PREVIOUS, "Previous", str(number - 1)))
    if number < last:
        turning.append(button(NEXT, "Next", str(number + 1)))
    foot = count_of(len(cards), "source") + (f" · page {number + 1:,} of {last + 1:,}" if last else "")
    return [*blocks, _on_page(_row("*", turning), number), context(foot)]


def _packed(groups: Sequence[list[Block]]) -> list[list[list[Block]]]:
    """The cards on as few pages as they fit, in their order."""
    made: list[list[list[Block]]] = []
    room = 0
    for group in groups:
        weight = sum(size(block) + 1 for block in group)
        if not made or weight > room or len(made[-1]) == MOST_ON_A_PAGE:
            made.append([])
            room = MOST_BLOCK_BYTES_OF_A_PAGE
        made[-1].append(group)
        room -= weight
    return made


def _on_page(block: Block, number: int) -> Block:
    """Buttons' blocks say which page they are on, so that it is the one that is shown again."""
    known = block.get("block_id")
    return block if known is None else {**block, "block_id": f"{known}{ON_PAGE}{number}"}


def _card(card: Card, names: Mapping[str, str], now: datetime) -> list[Block]:
    told = card.health.value
    if card.health is Health.PAUSED:
        told += f" by {one_line(card.paused_by)}"
    heading = Paragraph(
        (Run(f"{_SIGNS[card.health]} {one_line(card.name)}", frozenset({"bold"})), Run(f" · {told}"))
    )
    held = f"{count_of(card.documents, 'document')} · {count_of(card.chunks, 'passage')}"
    lines = [f"{one_line(card.kind)} · {held}"]
    lines.append(_newest(card, names, now))
    if card.problem:
        lines.append(shorten(one_line(card.problem), 300))
    return [*rich_text([heading]), context(*lines), _row(card.name, _buttons(card))]


def _newest(card: Card, names: Mapping[str, str], now: datetime) -> str:
    told = []
    if card.newest is not None and card.newest.ended_at is not None:
        run, ended = card.newest, card.newest.ended_at
        took = "" if run.started_at is None else f", {duration((ended - run.started_at).total_seconds())}"
        told.append(f"last sync {ago(ended, now)} ({who_asked(run, names)}{took})")
        if card.failures:
            told.append(f"{card.failures:,} could not be read")
        if card.health is Health.FAILING and card.good_at is not None:
            told.append(f"last went well {ago(card.good_at, now)}")
    else:
        told.append("no sync yet")
    if card.next_at is not None:
        told.append(f"next {_ahead(card.next_at, now)}")
    return " · ".join(told)


def _row(name: str, buttons: Sequence[Block]) -> Block:
    return {"type": "actions", "block_id": name[:180], "elements": list(buttons)}


def _buttons(card: Card) -> list[Block]:
    paused = card.health is Health.PAUSED
    buttons = [] if paused else [button(SYNC, "Sync", card.name)]
    buttons.append(button(RESUME, "Resume", card.name) if paused else button(PAUSE, "Pause", card.name))
    buttons.append(button(DRY_RUN, "Dry run", card.name))
    buttons.append(button(HISTORY, "History", card.name))
    buttons.append(button(ROLL_BACK, "Roll back …", card.name))
    if card.added:
        buttons.append(_sure(button(REMOVE, "Remove", card.name, "danger"), card.name))
    return buttons


def _sure(made: Block, name: str) -> Block:
    text = f"{shorten(one_line(name), 100)} is not read any more, and its documents go at the next sync."
    confirm = {
        "title": plain_text("Remove this source?", 90),
        "text": plain_text(text, 290),
        "confirm": plain_text("Remove", 28),
        "deny": plain_text("Keep", 28),
        "style": "danger",
    }
    return {**made, "confirm": confirm}


def ago(moment: datetime, now: datetime) -> str:
    """How long ago; of the future by a clock that was put back, just now."""
    seconds = (now - moment).total_seconds()
    return "just now" if seconds < 60 else f"{_span(seconds)} ago"


def _ahead(moment: datetime, now: datetime) -> str:
    seconds = (moment - now).total_seconds()
    return "soon" if seconds < 60 else f"in {_span(seconds)}"


def _span(seconds: float) -> str:
    days = int(seconds // 86_400)
    return f"{days:,} days" if days >= 2 else duration(seconds)


def outcome_words(state: State, report: Mapping[str, object], error: str) -> str:
    """How a sync ended for one source, in a line of its history."""
    match state:
        case State.DONE:
            return change_counts(report)
        case State.REFUSED:
            return f"{change_counts(report)}; removals refused"
        case State.FAILED:
            return f"failed: {shorten(one_line(str(report.get('unlisted') or error)), 200)}"
        case State.HELD:
            return "held back by golden questions"
        case State.CANCELLED | State.INTERRUPTED | State.WAITING | State.RUNNING:
            return state.value
