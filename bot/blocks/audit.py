"""The audit as an admin reads it in Slack."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.blocks.pages import Page, context, pages
from bot.blocks.plain import one_line, shorten
from bot.blocks.source_list import ago
from bot.journal.audits import Act

_LEFT_OUT = "The rest is left out; `lore audit` prints all of it."


def audit_pages(acts: Sequence[Act], names: Mapping[str, str], now: datetime) -> list[Page]:
    """Who did what to what, or was refused it; `names` maps ids of people and places to their names."""
    groups = [[context(*_said(act, names, now))] for act in acts]
    return pages(groups or [[context("Nobody has done anything yet that is audited.")]], _LEFT_OUT)


def _said(act: Act, names: Mapping[str, str], now: datetime) -> tuple[str, ...]:
    who = names.get(act.person, act.person) or "Slack"
    what = act.action if act.allowed else f"was refused: {act.action}"
    of = f" ({shorten(one_line(act.subject), 300)})" if act.subject else ""
    where = names.get(act.place, act.place)
    place = f" from {one_line(where)}" if where else ""
    return (f"{ago(act.at, now)}: {one_line(who)}: {one_line(what)}{of}{place}",)
