"""Questions to people as people see them: the form, what the person asked gets, the answer, the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.blocks.markdown import Paragraph, Part, Quote, Run, parse, plain
from bot.blocks.modals import button, form, line, text_input, tick
from bot.blocks.pages import Group, Page, context, pages, plain_text
from bot.blocks.plain import clean, one_line, shorten
from bot.blocks.rich_text import Block, rich_text
from prompts.words import words

REQUEST_FORM, ANSWER_FORM = "request", "answer_request"
ACKNOWLEDGE, ANSWER, NOT_ME = "acknowledge_request", "answer_request", "not_me"
WITHDRAW, RESOLVE, PAGE = "withdraw_request", "resolve_request", "make_a_page"
QUESTION, TEXT, KEEP = "question", "text", "keep"

MOST_LISTED = 15
_LEFT_OUT = "The rest is left out: it is too long for Slack."


@dataclass(frozen=True, slots=True)
class Asking:
    """A question to a person; names instead of ids. `waiting` counts everybody who wants to know."""

    request_id: str
    question: str
    asker: str
    place: str
    waiting: int = 1


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list; `question` is empty for those who may not read it. `mine` may be ended."""

    request_id: str
    question: str
    state: str
    expert: str
    since: datetime
    mine: bool


def request_view(metadata: str, question: str, first: str, then: Sequence[str]) -> dict[str, Any]:
    """Who is asked, and what; the asker may change the words."""
    after = f" If that does not help, I go on to {', then '.join(map(one_line, then))}." if then else ""
    return form(
        REQUEST_FORM,
        "Ask a person",
        "Ask",
        metadata,
        [
            line(f"I send this to {one_line(first)}, with your name.{after}"),
            text_input(QUESTION, "Your question", question, hint=words("request_hint")),
        ],
    )


def answer_view(metadata: str, question: str, goes_to: str, keep: str, ticked: bool) -> dict[str, Any]:
    """The form for a person's answer; `goes_to` says who will read it."""
    return form(
        ANSWER_FORM,
        "Answer",
        "Send",
        metadata,
        [
            line(f"“{shorten(one_line(question), 1_500)}”"),
            text_input(TEXT, "Your answer"),
            {"type": "context", "elements": [plain_text(goes_to, 1_000)]},
            tick(KEEP, "And then", keep, ticked=ticked),
        ],
    )


def asking_pages(asking: Asking, *, acknowledged: bool = False) -> list[Page]:
    """A question, to the one who may know."""
    asker = one_line(asking.asker)
    others = f" {asking.waiting - 1} more wait for the answer." if asking.waiting > 1 else ""
    intro = f"{asker} asks you something that I found no good answer to.{others}"
    note = f"Asked in {one_line(asking.place)}."
    steps = _steps(asking)
    if acknowledged:
        note = f"You have taken it on. {note}"
    else:
        steps.insert(0, button(ACKNOWLEDGE, "I'll look at it", asking.request_id))
    parts: list[Part] = [Paragraph(plain(intro)), _quoted(asking.question)]
    return pages(
        [*([block] for block in rich_text(parts)), [context(note)]],
        _LEFT_OUT,
        [{"type": "actions", "elements": steps}],
    )


def reminder_pages(askings: Sequence[Asking]) -> list[Page]:
    """What still waits for somebody, all in one message."""
    some = "a question waits" if len(askings) == 1 else f"{len(askings)} questions wait"
    groups: list[Group] = [[block] for block in rich_text([Paragraph(plain(f"Still {some} for you:"))])]
    for asking in askings[:5]:
        steps: Block = {"type": "actions", "elements": _steps(asking)}
        groups.append([*rich_text([_quoted(shorten(asking.question, 600))]), steps])
    return pages(groups, _LEFT_OUT)


def answered_pages(request_id: str, question: str, answer: str, name: str) -> list[Page]:
    """A person's answer, where it was asked; `PAGE` makes a page of it."""
    parts: list[Part] = [
        Paragraph((Run(f"{one_line(name)} answered:", frozenset({"bold"})),)),
        _quoted(shorten(question, 600)),
        *parse(clean(answer)),
    ]
    foot = [{"type": "actions", "elements": [button(PAGE, "Make it a page", request_id)]}]
    return pages([[block] for block in rich_text(parts)], _LEFT_OUT, foot)


def done_pages(text: str, question: str = "") -> list[Page]:
    """What stands in place of a question once it is dealt with."""
    parts: list[Part] = [Paragraph(plain(text)), *([_quoted(question)] if question else [])]
    return pages([[block] for block in rich_text(parts)], _LEFT_OUT)


def list_pages(listed: Sequence[Listed], now: datetime) -> list[Page]:
    """What waits for people, with its age; one's own may be ended."""
    groups: list[Group] = []
    for one in listed[:MOST_LISTED]:
        text = f"“{shorten(one_line(one.question), 500)}”" if one.question else words("request_unseen")
        group: list[Block] = [{"type": "section", "text": plain_text(text, 700)}]
        group.append(context(f"{one.state} · with {one_line(one.expert)} · {age(one.since, now)}"))
        if one.mine:
            steps = [button(RESOLVE, "Solved", one.request_id), button(WITHDRAW, "Withdraw", one.request_id)]
            group.append({"type": "actions", "elements": steps})
        groups.append(group)
    if not groups:
        groups.append([context(words("no_requests"))])
    elif len(listed) > MOST_LISTED:
        groups.append([context(f"{len(listed) - MOST_LISTED} more are not listed.")])
    return pages(groups, _LEFT_OUT)


def age(since: datetime, now: datetime) -> str:
    """Since when it waits: `3 hours`, `2 days`."""
    hours = max(0, int((now - since).total_seconds() // 3600))
    if hours < 1:
        return "less than an hour"
    if hours < 48:
        return f"{hours} hour{'s' if hours > 1 else ''}"
    return f"{hours // 24} days"


def _steps(asking: Asking) -> list[Block]:
    return [
        button(ANSWER, "Answer…", asking.request_id, "primary"),
        button(NOT_ME, "Not me", asking.request_id),
    ]


def _quoted(text: str) -> Part:
    return Quote(plain(shorten(clean(text).strip(), 2_000)))
