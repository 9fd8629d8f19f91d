"""Why an answer was given: what was searched, what was found with which scores, and what today would say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.blocks.answers import sentence_blocks
from bot.blocks.markdown import Item, Paragraph, Part, Run, Runs, plain
from bot.blocks.pages import Group, Page, context, pages, plain_text
from bot.blocks.plain import one_line, shorten
from bot.blocks.rich_text import rich_text
from knowledge.documents import Passage, Scores, Searched, Sentence, Trace

REPLAY = "replay_question"
"""The action id of the button that asks again; its value is the question's id."""

MOST_PASSAGES = 12
_BOLD = frozenset({"bold"})
_LEFT_OUT = "The rest is left out: it is too long for Slack."


@dataclass(frozen=True, slots=True)
class Told:
    """What this viewer may be told of a question.

    `found` are the passages that they may read, with their scores then; `hidden` says that there were others.
    """

    question_id: str
    question: str
    outcome: str
    writer: str
    searched: Searched
    trace: Trace
    confidence: float
    found: Sequence[tuple[Passage, Scores]]
    hidden: bool
    version: int | None
    milliseconds: Mapping[str, int]
    notices: Sequence[str] = ()


def why_pages(told: Told) -> list[Page]:
    """The explanation, and a button that asks again."""
    parts: list[Part] = [
        _line("Question", told.question),
        _line("Searched", _searched(told.searched)),
    ]
    if told.trace.filters:
        parts.append(_line("Filters", ", ".join(told.trace.filters)))
    parts += [Item(plain(shorten(one_line(remark), 500))) for remark in told.trace.remarks]
    if told.trace.searched_for not in ("", told.question):
        parts.append(_line("Searched for", told.trace.searched_for))
    parts.append(_line("Outcome", told.outcome))
    parts.append(_line("Confidence", _confidence(told)))
    parts += [_line("Notice", notice) for notice in told.notices]
    groups: list[Group] = [[block] for block in rich_text(parts)]
    groups += [[block] for block in rich_text(_passages(told))]
    groups.append([context(_footer(told))])
    return pages(groups, _LEFT_OUT, [_again(told.question_id)])


@dataclass(frozen=True, slots=True)
class Difference:
    """What asking again has changed. `new` and `lost` are titles of documents that the viewer may read."""

    outcome: str
    changed: bool
    new: Sequence[str]
    lost: Sequence[str]
    lost_others: bool
    sentences: Sequence[Sentence]
    sources: Mapping[int, str]
    version: int
    before: int | None
    confidence: float
    threshold: float


def replay_pages(difference: Difference) -> list[Page]:
    """What today's index would say, beside what was said."""
    same = "The answer would be another now." if difference.changed else "The answer would be the same now."
    parts: list[Part] = [Paragraph((Run(same, _BOLD),)), _line("Outcome now", difference.outcome)]
    parts += [_line("Found now, not then", ", ".join(difference.new))] if difference.new else []
    parts += [_line("Found then, not now", ", ".join(difference.lost))] if difference.lost else []
    if difference.lost_others:
        parts.append(Paragraph(plain("Other pages that were found then are gone, or you may not read them.")))
    groups: list[Group] = [[block] for block in rich_text(parts)]
    groups += [[block] for block in sentence_blocks(difference.sentences)]
    groups += [[context(f"{n}. {title}")] for n, title in difference.sources.items()]
    index = f"Index version {difference.version}"
    then = f", then {difference.before}" if difference.before is not None else ""
    sure = f"confidence {difference.confidence:.2f}, {difference.threshold:.2f} is needed"
    return pages([*groups, [context(f"{index}{then} · {sure}")]], _LEFT_OUT)


def _line(name: str, text: str) -> Item:
    return Item((Run(f"{name}: ", _BOLD), Run(shorten(one_line(text), 900))))


def _searched(searched: Searched) -> str:
    if not searched.documents:
        return "nothing, or it was not kept"
    names = f" in {', '.join(searched.sources)}" if searched.sources else ""
    return f"{searched.documents:,} documents ({searched.chunks:,} passages){names}"


def _confidence(told: Told) -> str:
    trace = told.trace
    sure = f"{told.confidence:.2f}"
    if not trace.threshold:
        return sure
    unknown = ", ".join(f"“{one}”" for one in trace.unknown[:5])
    parts = [f"similarity {trace.similarity:.2f}", f"coverage {trace.coverage:.2f}"]
    parts += [f"named and not found: {unknown}"] if unknown else []
    return f"{sure}, an answer needs {trace.threshold:.2f} ({'; '.join(parts)})"


def _passages(told: Told) -> list[Part]:
    if not told.found:
        return [Paragraph(plain("There is no passage that I may show you here."))]
    parts: list[Part] = [Paragraph((Run("Passages", _BOLD), Run(", best first:")))]
    for number, (passage, scores) in enumerate(told.found[:MOST_PASSAGES], start=1):
        parts.append(Item(_found(passage, scores), number=number))
    if told.hidden:
        parts.append(Paragraph(plain("Others are gone, or you may not read them now.")))
    return parts


def _found(passage: Passage, scores: Scores) -> Runs:
    name = " › ".join(part for part in (passage.title, passage.section) if part)
    raw = (("meaning", scores.dense), ("words", scores.lexical), ("document", scores.document))
    parts = [f"{what} {value:.2f}" if value is not None else f"{what} –" for what, value in raw]
    where = shorten(one_line(passage.document_id), 200)
    return (
        Run(shorten(one_line(name), 200)),
        Run(f" ({where}): "),
        Run(f"{scores.fused:.2f}", _BOLD),
        Run(f" = {', '.join(parts)}"),
    )


def _footer(told: Told) -> str:
    version = f"Index version {told.version}" if told.version is not None else "Index version unknown"
    took = [f"{name} {value:,} ms" for name, value in told.milliseconds.items()]
    writer = f"written by {told.writer}" if told.writer else "nothing written"
    return " · ".join([version, writer, *took])


def _again(question_id: str) -> dict[str, object]:
    button = {
        "type": "button",
        "action_id": REPLAY,
        "text": plain_text("Replay on today's index", 70),
        "value": question_id,
        "accessibility_label": "Ask the same question again and compare",
    }
    return {"type": "actions", "elements": [button]}
