"""Numbers for leads as a message and in their Home."""

from collections.abc import Sequence
from datetime import timedelta

from bot.blocks.markdown import Fence, Item, Paragraph, Part, Run, plain
from bot.blocks.pages import Page, context, pages, plain_text
from bot.blocks.plain import one_line, shorten
from bot.blocks.rich_text import Block, rich_text
from prompts.bars import Bar, chart
from prompts.statistics import FEWEST_PEOPLE, Figures, Overview
from prompts.words import words

_BOLD = frozenset({"bold"})
_LEFT_OUT = "The rest is left out; `/lore stats csv` has all of it."
_TOO_FEW = "too few people to tell"


def stats_pages(overview: Overview) -> list[Page]:
    """All the numbers, with those of the period before in brackets."""
    now, earlier = overview.now, overview.earlier
    parts: list[Part] = [Paragraph((Run(_span(now), _BOLD), *plain(" (in brackets: as long before that)")))]
    parts += [Item((Run(f"{name}: ", _BOLD), *plain(told))) for name, told in _lines(now, earlier)]
    if weeks := overview.weeks:
        parts.append(Paragraph((Run("Questions by week, and how many had an answer", _BOLD),)))
        parts.append(Fence(_by_week(weeks)))
    if overview.sources:
        parts.append(Paragraph((Run("Most cited sources", _BOLD),)))
        parts += [Item(plain(f"{one_line(one.name)}: {_answers(one.answers)}")) for one in overview.sources]
    if overview.stale:
        parts.append(Paragraph((Run("Stale pages that answers still cite", _BOLD),)))
        parts += [Item(_stale(page.title, page.why, page.answers)) for page in overview.stale]
    groups = [[block] for block in rich_text(parts)]
    return pages([*groups, [context(words("stats_how", fewest=FEWEST_PEOPLE))]], _LEFT_OUT)


def home_blocks(overview: Overview | None) -> list[Block]:
    """The most important numbers in a lead's Home; nothing for anybody else."""
    if overview is None:
        return []
    told = _lines(overview.now, overview.earlier)
    said = "\n".join(f"{name}: {value}" for name, value in told)
    return [
        {"type": "divider"},
        {"type": "header", "text": plain_text("Numbers for leads", 140)},
        {"type": "section", "text": plain_text(said, 2_800)},
        context(f"{_span(overview.now)} (as long before that). All of it: /lore stats"),
    ]


def _lines(now: Figures, earlier: Figures) -> list[tuple[str, str]]:
    lines = [
        ("Questions", f"{now.questions:,} ({earlier.questions:,})"),
        ("Answered", f"{_share(now.answered)} ({_share(earlier.answered)})"),
        ("Helpful", _helpful(now, earlier)),
    ]
    if now.lore_s is not None and now.slowest_s is not None:
        half, most = _lasted(now.lore_s), _lasted(now.slowest_s)
        lines.append(("Time to an answer", f"half within {half}, nine in ten within {most}"))
    if now.by_people:
        lasted = "" if now.people_s is None else f", half within {_lasted(now.people_s)}"
        lines.append(("Answered by people instead", f"{now.by_people:,} ({earlier.by_people:,}){lasted}"))
    lines += [
        ("Without an answer", f"{now.gaps:,} ({earlier.gaps:,})"),
        ("Gaps closed", f"{now.closed:,} ({earlier.closed:,})"),
        ("Talks held", f"{now.held:,} ({earlier.held:,})"),
    ]
    if now.read or earlier.read:
        lines.append(("Reading groups met", f"{now.read:,} ({earlier.read:,})"))
    if now.used or earlier.used:
        lines.append(("Papers used", f"{now.used:,} ({earlier.used:,})"))
    return lines


def _helpful(now: Figures, earlier: Figures) -> str:
    if now.liked is None or now.judgements is None:
        return _TOO_FEW
    before = "" if earlier.liked is None else f" ({_share(earlier.liked)})"
    return f"{_share(now.liked)} of {now.judgements:,} judgements{before}"


def _by_week(weeks: Sequence[Figures]) -> str:
    return chart(
        [
            Bar(
                f"{one.period.start:%d %b}",
                float(one.questions),
                f"{one.questions:,}" + (f", {_share(one.answered)}" if one.questions else ""),
            )
            for one in weeks
        ]
    )


def _stale(title: str, why: str, answers: int | None) -> tuple[Run, ...]:
    cited = "" if answers is None else f", cited by {_answers(answers)}"
    told = f": {shorten(one_line(why), 200)}{cited}"
    return (Run(shorten(one_line(title), 200), frozenset({"italic"})), *plain(told))


def _answers(count: int | None) -> str:
    return "1 answer" if count == 1 else f"{count or 0:,} answers"


def _share(share: float | None) -> str:
    return "–" if share is None else f"{round(100 * share)} %"


def _span(one: Figures) -> str:
    last = one.period.end - timedelta(microseconds=1)
    return f"{one.period.start:%d %B %Y} to {last:%d %B %Y}"


def _lasted(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    for unit, length in (("minutes", 60.0), ("hours", 3_600.0)):
        if seconds < 90 * length or (unit == "hours" and seconds < 48 * length):
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds / 86_400:.0f} days"
