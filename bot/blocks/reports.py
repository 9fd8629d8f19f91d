"""What a sync did, and what there is to know, as messages."""

from collections.abc import Sequence

from bot.blocks.markdown import Item, Paragraph, Part, Run, plain
from bot.blocks.pages import Page, context, pages
from bot.blocks.plain import one_line, shorten
from bot.blocks.rich_text import rich_text
from ingest.report import SyncReport
from knowledge.documents import Searched

MOST_FAILURES = 50
_LEFT_OUT = "The rest is left out; `lore sync --json` prints all of it."


def report_pages(report: SyncReport) -> list[Page]:
    """Counts, then every failure with its reason (the first MOST_FAILURES)."""
    counts = (
        f"{report.added:,} added, {report.changed:,} changed, {report.moved:,} moved, "
        f"{report.removed:,} removed, {report.kept:,} kept."
    )
    parts: list[Part] = [Paragraph((Run("Sync done. ", frozenset({"bold"})), Run(counts)))]
    if report.failed:
        parts.append(
            Paragraph(plain(f"{len(report.failed):,} could not be read; what was known of them stays:"))
        )
    for failure in report.failed[:MOST_FAILURES]:
        path, reason = shorten(one_line(failure.path), 300), shorten(one_line(failure.reason), 500)
        parts.append(Item((Run(path, frozenset({"code"})), Run(f" {reason}"))))
    if len(report.failed) > MOST_FAILURES:
        parts.append(Paragraph(plain(f"… and {len(report.failed) - MOST_FAILURES:,} more.")))
    cost = f"{report.chunks_embedded:,} passages embedded · {report.seconds:,.1f} seconds"
    footer = f"Version {report.version} · {cost}"
    return pages([*([block] for block in rich_text(parts)), [context(footer)]], _LEFT_OUT)


def status_pages(version: int, searched: Searched, waiting: int) -> list[Page]:
    """What the asker may search now; `waiting` is how many questions wait for their turn."""
    if version == 0:
        told = "Nothing is indexed yet: an admin can start `/lore sync`."
    else:
        told = (
            f"You can ask about {searched.documents:,} documents ({searched.chunks:,} passages). "
            f"Version {version} of the index; {waiting:,} waiting."
        )
    return pages([[block] for block in rich_text([Paragraph(plain(told))])], _LEFT_OUT)


def sources_pages(sources: Sequence[str]) -> list[Page]:
    """The sources of which the asker may read something."""
    if not sources:
        return pages(
            [[block] for block in rich_text([Paragraph(plain("There is no source that you may read."))])], ""
        )
    parts: list[Part] = [Paragraph(plain("What you may read comes from:"))]
    parts += [Item(plain(one_line(source))) for source in sorted(sources)]
    return pages([[block] for block in rich_text(parts)], _LEFT_OUT)
