"""The one message of a sync: live progress first, then what it did and what it asks of admins."""

from collections.abc import Mapping, Sequence

from bot.blocks.markdown import Item, Paragraph, Part, plain
from bot.blocks.markdown import Run as Words
from bot.blocks.modals import button
from bot.blocks.pages import Page, context, pages, plain_text
from bot.blocks.plain import one_line, shorten
from bot.blocks.rich_text import Block, rich_text
from bot.blocks.sync_words import (
    asked,
    change_counts,
    duration,
    named,
    of_people,
    progress_words,
    total_counts,
)
from bot.journal.sync_runs import OfSource, Run, State
from bot.source_health import lacking
from bot.sync_progress import ALL, stages
from bot.sync_runs import LEFT

CANCEL = "sync_cancel"
FAILURES = "sync_failures"
REMOVE = "sync_remove"
KEEP = "sync_keep"
PUBLISH = "sync_publish"
LEAVE = "sync_leave"
AGAIN = "sync_again"
PLAN = "sync_plan"
MOST_SOURCES = 12
MOST_QUESTIONS = 5
_LEFT_OUT = "The rest is left out."

_HEADINGS: Mapping[State, str] = {
    State.DONE: "Sync done. ",
    State.REFUSED: "Sync done, but removals wait for you. ",
    State.HELD: "Nothing was published: golden questions would be answered worse. ",
    State.FAILED: "The sync failed. ",
    State.CANCELLED: "The sync was cancelled. ",
    State.INTERRUPTED: "The sync was interrupted. ",
}


def sync_page(run: Run, names: Mapping[str, str]) -> Page:
    """The message as it is to be now; `names` maps user ids to how people are called."""
    if run.active:
        return _page(_under_way(run), _foot(run, names), [_actions([_cancel(run)])])
    return _page(_ended(run, names), _foot(run, names), _decisions(run))


def _page(parts: Sequence[Part], foot: str, buttons: Sequence[Block]) -> Page:
    body = pages([[block] for block in rich_text(list(parts))], _LEFT_OUT)[0]
    blocks = (*body.blocks, context(foot), *buttons)
    return Page(body.text, blocks)


def _bold(text: str) -> Words:
    return Words(text, frozenset({"bold"}))


def _under_way(run: Run) -> list[Part]:
    heading = "Dry run of " if run.wanted.dry_run else "Syncing "
    parts: list[Part] = [Paragraph((_bold(heading + named(run.wanted.sources)),))]
    if run.cancelled_by:
        return [*parts, Paragraph(plain("It is being cancelled …"))]
    known = stages(run.progress)
    if not known:
        waits = "It waits for its turn." if run.state is State.WAITING else "It begins …"
        return [*parts, Paragraph(plain(waits))]
    for source, stage in list(known.items())[-MOST_SOURCES:]:
        told = progress_words(stage)
        whose = one_line(source) + ": " if source != ALL else ""
        parts.append(Item((_bold(whose), Words(told)) if whose else plain(told)))
    return parts


def _ended(run: Run, names: Mapping[str, str]) -> list[Part]:
    if run.wanted.dry_run and run.state is State.DONE:
        return _of_plan(run)
    heading = _bold(_heading(run))
    match run.state:
        case State.FAILED:
            return [Paragraph((heading, Words(shorten(one_line(run.error), 1_000)))), *_known_stays()]
        case State.CANCELLED:
            who = names.get(run.cancelled_by, run.cancelled_by)
            kept = (
                f"{one_line(who)} stopped it. Nothing was published; what was fetched and embedded is kept."
            )
            return [Paragraph((heading, Words(kept)))]
        case State.INTERRUPTED:
            kept = (
                "Lore was stopped meanwhile. What was fetched and embedded is kept; you can start it again."
            )
            return [Paragraph((heading, Words(kept)))]
        case _:
            parts: list[Part] = [Paragraph((heading, Words(total_counts(run.report, _failures(run)))))]
            parts += _of_sources(run)
            parts += _held(run) if run.state is State.HELD else []
            parts += _secrets(run)
            return parts


def _heading(run: Run) -> str:
    if run.state is State.DONE and any(lacking(one.report) for one in run.of_sources.values()):
        return "Sync done, but not everything could be listed. "
    return _HEADINGS[run.state]


def _known_stays() -> list[Part]:
    return [Paragraph(plain("What was published before still answers."))]


def _of_sources(run: Run) -> list[Part]:
    told = {name: one for name, one in run.of_sources.items() if one.report}
    if len(told) == 1 and not _is_troubled(next(iter(told.values()))):
        return []
    troubled = sorted(told, key=lambda name: (not _is_troubled(told[name]), name))
    parts: list[Part] = [_of_source(name, told[name]) for name in troubled[:MOST_SOURCES]]
    if len(troubled) > MOST_SOURCES:
        parts.append(Paragraph(plain(f"… and {len(troubled) - MOST_SOURCES:,} more sources.")))
    return parts


def _failures(run: Run) -> int:
    return sum(len(one.report.get("failed") or ()) for one in run.of_sources.values())


def _is_troubled(one: OfSource) -> bool:
    return any(one.report.get(key) for key in ("failed", "refused", "unlisted", "incomplete"))


def _of_source(name: str, one: OfSource) -> Item:
    report = one.report
    told = [change_counts(report)]
    if report.get("unlisted"):
        told = [f"could not be read: {shorten(one_line(str(report['unlisted'])), 300)}"]
    if refused := report.get("refused"):
        told.append(
            f"{refused['removals']:,} of {refused['documents']:,} documents are gone there; they stay until "
            "an admin says that this is meant"
        )
    if failed := report.get("failed"):
        told.append(f"{len(failed):,} could not be read; what was known of them stays")
    if incomplete := report.get("incomplete"):
        why = shorten(one_line(str(incomplete[0])), 300)
        lost = f"not everything could be listed, so nothing was removed: {why}"
        told.append(why if report.get("goes_on") else lost)
    return Item((_bold(f"{one_line(name)}: "), Words("; ".join(told))))


def _held(run: Run) -> list[Part]:
    held = run.report.get("held") or {}
    questions = held.get("questions") or []
    parts: list[Part] = [
        Paragraph(plain(f"{len(questions):,} of {held.get('asked', 0):,} questions would find less:"))
    ]
    for one in questions[:MOST_QUESTIONS]:
        parts.append(Item(plain(f"“{shorten(one_line(str(one['question'])), 300)}”")))
    if len(questions) > MOST_QUESTIONS:
        parts.append(Paragraph(plain(f"… and {len(questions) - MOST_QUESTIONS:,} more.")))
    return parts


def _redactions(run: Run) -> int:
    found = (one.report.get("findings") or {} for one in run.of_sources.values())
    return sum(int(one.get("redactions") or 0) for one in found)


def _secrets(run: Run) -> list[Part]:
    if not (count := _redactions(run)):
        return []
    said = "secret was" if count == 1 else "secrets were"
    return [Paragraph(plain(f"{count:,} {said} taken out before anything was stored; details show where."))]


def _of_plan(run: Run) -> list[Part]:
    parts: list[Part] = [Paragraph((_bold("Dry run: "), Words("nothing was changed. A sync would:")))]
    for name, one in list(run.of_sources.items())[:MOST_SOURCES]:
        report = one.report
        if report.get("unlisted"):
            told = f"not read it: {shorten(one_line(str(report['unlisted'])), 300)}"
        else:
            counts = ((key, len(report.get(key) or ())) for key in ("add", "change", "move", "remove"))
            told = ", ".join(f"{key} {count:,}" for key, count in counts if count) or "change nothing"
            told += f" and keep {int(report.get('keep') or 0):,}"
            if refused := report.get("refused"):
                told += f"; it would ask before it removes {refused['removals']:,}"
        parts.append(Item((_bold(f"{one_line(name)}: "), Words(told))))
    return parts


def _foot(run: Run, names: Mapping[str, str]) -> str:
    told = [asked(run, names)]
    if run.started_at and run.ended_at:
        told.append(duration((run.ended_at - run.started_at).total_seconds()))
    if embedded := run.report.get("chunks_embedded"):
        told.append(f"{embedded:,} passages embedded")
    if run.version and not run.active:
        told.append(f"version {run.version}")
    if run.decision == LEFT:
        left = "keeps them" if run.state is State.REFUSED else "leaves it"
        told.append(f"{of_people(run.decided_by, names)} {left}")
    return " · ".join(told)


def _decisions(run: Run) -> list[Block]:
    """What can be pressed now; what was decided is not asked again."""
    buttons: list[Block] = []
    open_question = not run.decision
    if run.state is State.REFUSED and open_question:
        buttons += [button(REMOVE, "Remove them …", run.id, "danger"), button(KEEP, "Keep them", run.id)]
    if run.state is State.HELD and open_question:
        buttons += [
            _sure(button(PUBLISH, "Publish anyway", run.id, "danger")),
            button(LEAVE, "Leave it", run.id),
        ]
    again = (State.FAILED, State.CANCELLED, State.INTERRUPTED)
    if run.state in again and open_question:
        buttons.append(button(AGAIN, "Start again", run.id))
    if run.wanted.dry_run and run.state is State.DONE:
        buttons.append(button(PLAN, "Show all", run.id))
    elif has_details(run):
        buttons.append(button(FAILURES, "Show details", run.id))
    return [_actions(buttons)] if buttons else []


def has_details(run: Run) -> bool:
    """Whether there is more to tell than the message does."""
    troubled = any(_is_troubled(one) for one in run.of_sources.values())
    return bool(troubled or run.report.get("failed") or run.report.get("held") or _redactions(run))


def _cancel(run: Run) -> Block:
    return button(CANCEL, "Cancel", run.id)


def _sure(made: Block) -> Block:
    confirm = {
        "title": plain_text("Publish it anyway?", 90),
        "text": plain_text("Answers to those questions get worse. You can roll back.", 290),
        "confirm": plain_text("Publish", 28),
        "deny": plain_text("Not now", 28),
        "style": "danger",
    }
    return {**made, "confirm": confirm}


def _actions(buttons: Sequence[Block]) -> Block:
    return {"type": "actions", "elements": list(buttons)}
