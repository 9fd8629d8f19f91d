"""A stand-up in the tests' workspace, and what people do with what they are asked."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from bot.blocks.standup_entries import ANSWER
from bot.journal import entries, rituals
from bot.journal.entries import Entry
from bot.journal.rituals import Ritual
from bot.workspace.interactions import Shown
from prompts.ritual import Prompt, Role, Standup
from tests.bot.block_rules import texts
from tests.dialogues.lore import Lore, words
from tests.fakes import FakeClock

DAY = date(2026, 3, 2)
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PROMPTS = (
    Prompt("done", "What did you do?", role=Role.DONE, required=True),
    Prompt("plan", "What is next?", role=Role.PLAN),
    Prompt("blockers", "What holds you up?", role=Role.BLOCKERS),
)


def set_up(lore: Lore, name: str = "Daily", *people: str, **settings: Any) -> Ritual:
    """A stand-up of these people (of Ana and Ben, where none are named), each weekday at 09:00 of their own
    clock, that Ana looks after."""
    team = tuple(lore.slack.person(one).id for one in people or ("ana", "ben"))
    standup = Standup(name, team, settings.pop("prompts", PROMPTS), "weekdays", time(9), **settings)
    ritual = Ritual(standup, owner=lore.slack.person("ana").id)
    with lore.knowledge.database.writing() as connection:
        rituals.put(connection, ritual, lore.slack.team.clock())
    return ritual


def change(lore: Lore, ritual: Ritual, **changes: Any) -> None:
    """Change a ritual: its `state` and the like, or its settings."""
    own = {name: changes.pop(name) for name in ("state", "paused_until") if name in changes}
    changed = replace(ritual, settings=replace(ritual.settings, **changes), **own)
    with lore.knowledge.database.writing() as connection:
        rituals.put(connection, changed, lore.slack.team.clock())


def asked(lore: Lore, clock: FakeClock, at: datetime = NINE) -> None:
    """It is this time, and everybody whose time it is has been asked."""
    lore.at(clock, at.replace(hour=at.hour - 1))
    lore.at(clock, at)


def standing(lore: Lore, person: str) -> list[dict[str, Any]]:
    """Prompts, reminders and what was given, as they stand in the direct message with a person."""
    said = lore.slack.said_by_app(lore.slack.dm(person))
    return [one for one in said if f"'{ANSWER}'" in str(one.get("blocks"))]


def prompt(lore: Lore, person: str) -> dict[str, Any]:
    """The newest of them."""
    return standing(lore, person)[-1]


def press(lore: Lore, person: str, action_id: str, value: Any = None) -> Shown:
    """Use something in the newest prompt to a person."""
    dm = lore.slack.dm(person)
    return lore.slack.click(person, dm, prompt(lore, person)["ts"], action_id, value)


def opened(lore: Lore, person: str) -> dict[str, Any]:
    """The form after *Answer*."""
    assert press(lore, person, ANSWER).ok
    return top(lore, person)


def top(lore: Lore, person: str, having: str = "") -> dict[str, Any]:
    """The modal on top, once these words stand in it."""

    def look() -> dict[str, Any] | None:
        views = lore.slack.views_open(person)
        return views[-1] if views and having in shown_in(views[-1]) else None

    return lore.slack.wait_for(look) or {}


def shown_in(view: dict[str, Any]) -> str:
    """All that a person reads in a modal, and what stands in its fields."""
    labels = [str((block.get("label") or {}).get("text")) for block in view["blocks"]]
    filled = [
        str(block["element"].get("initial_value", "")) for block in view["blocks"] if "element" in block
    ]
    return "\n".join([*texts(view["blocks"]), *labels, *filled])


def send(lore: Lore, person: str, view: dict[str, Any], replies: Mapping[str, Any], **more: Any) -> Shown:
    """Send a form with these replies, by the keys of the prompts; `consent` may be given."""
    values = {f"reply:{key}": reply for key, reply in replies.items()}
    values |= {f"standup_{name}": value for name, value in more.items()}
    return lore.slack.submit_view(person, view["id"], values)


def give(lore: Lore, person: str, replies: Mapping[str, Any], **more: Any) -> None:
    """Answer the newest prompt."""
    shown = send(lore, person, opened(lore, person), replies, **more)
    assert shown.ok, shown
    lore.settle()


def entry(lore: Lore, ritual: Ritual, person: str, slot: date = DAY) -> Entry | None:
    with lore.knowledge.database.reading() as connection:
        return entries.entry_of(connection, ritual.id, slot, lore.slack.person(person).id)


def in_dm(lore: Lore, person: str) -> list[str]:
    """The words of prompts, reminders and what was given."""
    return [words(one) for one in standing(lore, person)]


def told(lore: Lore, person: str) -> str:
    """The newest words in the direct message with a person."""
    return words(lore.slack.said_by_app(lore.slack.dm(person))[-1])
