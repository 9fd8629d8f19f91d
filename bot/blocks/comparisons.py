"""Two askings of the golden questions, side by side, as messages."""

from bot.benching import Comparison, Pair
from bot.blocks.markdown import Item, Paragraph, Part, Run, plain
from bot.blocks.pages import Page, context, pages
from bot.blocks.plain import one_line, shorten
from bot.blocks.rich_text import rich_text

_LEFT_OUT = "The rest is left out; `lore golden --json` prints all of it."
_FIRST = ("lost", "worse", "won", "better", "same")


def comparison_pages(compared: Comparison) -> list[Page]:
    """What each question's rank was and is, those that lost first; no document is named."""
    before, after = compared.before, compared.after
    said = (
        f"{compared.first.in_words()} → {compared.second.in_words()}: found {before.hits} → {after.hits} of "
        f"{len(before.scores)}, mean reciprocal rank {before.mean_reciprocal_rank:.3f} → "
        f"{after.mean_reciprocal_rank:.3f}."
    )
    parts: list[Part] = [Paragraph((Run(said, frozenset({"bold"})),))]
    ordered = sorted(compared.pairs, key=lambda one: _FIRST.index(one.verdict))
    parts += [Item(plain(_said(one))) for one in ordered]
    counts = " · ".join(f"{compared.count(verdict)} {verdict}" for verdict in _FIRST)
    return pages([*([block] for block in rich_text(parts)), [context(counts)]], _LEFT_OUT)


def _said(one: Pair) -> str:
    then, now = ("–" if score.rank is None else str(score.rank) for score in (one.before, one.after))
    verdict = "" if one.verdict == "same" else f" ({one.verdict})"
    return f"{then} → {now}{verdict}: {shorten(one_line(one.before.question.question), 300)}"
