"""Days and pings as people see them: the form of one's own settings, why one was asked, and the trends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.blocks.markdown import Item, Paragraph, Part, Run, plain
from bot.blocks.modals import button, form, line, text_input
from bot.blocks.pages import Page, pages, plain_text
from bot.blocks.plain import one_line
from bot.blocks.rich_text import Block, rich_text
from prompts.calm import DAY_NAMES, ReplyBy
from prompts.participation import LEAST_PEOPLE
from prompts.words import words

ME_FORM = "standup_me"
ZONE, DAYS, COUNTRY, QUIET, PINGS, REPLY_BY = "zone", "days", "country", "quiet", "pings", "reply_by"
WEEKLY, STOP, KEEP = "standup_weekly", "standup_stop", "standup_keep"

_LEFT_OUT = "The rest is left out: it is too long for Slack."
_REPLY_BY = {ReplyBy.FORM: "In a form", ReplyBy.MESSAGE: "In the direct message, one after the other"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the form begins with: one's own settings as texts ("" where one has none), and what holds then."""

    zone: str
    zone_else: str
    days: frozenset[int]
    country: str
    country_else: str
    quiet: str
    pings: str
    reply_by: ReplyBy


@dataclass(frozen=True, slots=True)
class Explained:
    """Why somebody was or was not asked: lines about today by ritual, what comes next, what was said lately,
    and `how` they are asked."""

    today: Sequence[tuple[str, str]]
    coming: Sequence[str]
    ledger: Sequence[str]
    how: str


@dataclass(frozen=True, slots=True)
class Trend:
    """Participation in a ritual by week, the newest first; `note` stands instead where nothing is shown."""

    name: str
    weeks: Sequence[str]
    note: str = ""


def me_view(metadata: str, shown: Shown) -> dict[str, Any]:
    """One's own settings, each empty for what holds for everybody."""
    return form(
        ME_FORM,
        "How I am asked",
        "Keep",
        metadata,
        [
            line(words("me_intro")),
            _text(ZONE, "Time zone", shown.zone, f"Such as Europe/Berlin. Empty: {shown.zone_else}."),
            _days(shown.days),
            _text(
                COUNTRY,
                "Country or region of your public holidays",
                shown.country,
                f"Such as DE or DE-BY. Empty: {shown.country_else or 'no public holidays'}.",
            ),
            _text(QUIET, "Quiet hours", shown.quiet, "Nothing is said to you then. 00:00-00:00: none."),
            _text(PINGS, "Messages a day at most", shown.pings, "Of stand-ups and reminders together."),
            _reply_by(shown.reply_by),
        ],
    )


def explained_pages(explained: Explained) -> list[Page]:
    """`/standup why`."""
    parts: list[Part] = [_title("Today")]
    for name, sentence in explained.today:
        parts.append(Item((Run(one_line(name), frozenset({"bold"})), Run(f": {sentence}"))))
    if not explained.today:
        parts.append(Item(plain(words("why_no_ritual"))))
    parts.append(_title("What comes next"))
    parts += [Item(plain(one_line(one))) for one in explained.coming or ("Nothing.",)]
    parts.append(_title("What was said lately"))
    parts += [Item(plain(one_line(one))) for one in explained.ledger or ("Nothing.",)]
    parts.append(Paragraph(plain(explained.how)))
    return pages([[block] for block in rich_text(parts)], _LEFT_OUT)


def trends_pages(trends: Sequence[Trend]) -> list[Page]:
    """`/standup trends`: of teams, never of a person."""
    parts: list[Part] = []
    for trend in trends:
        parts.append(_title(trend.name))
        parts += [Item(plain(one)) for one in trend.weeks]
        if trend.note:
            parts.append(Item(plain(trend.note)))
    if not parts:
        parts.append(Paragraph(plain(words("trends_none"))))
    parts.append(Paragraph(plain(words("trends_how", least=LEAST_PEOPLE))))
    return pages([[block] for block in rich_text(parts)], _LEFT_OUT)


def proposal_pages(ritual_id: str, text: str, *, often: bool) -> list[Page]:
    """To the owner of a ritual that fewer and fewer take part in; `often`: more than once a week."""
    weekly = [button(WEEKLY, "Once a week", ritual_id, "primary")] if often else []
    steps = [
        *weekly,
        button(STOP, "Stop it", ritual_id),
        button(KEEP, "Leave it as it is", ritual_id),
    ]
    foot: list[Block] = [{"type": "actions", "elements": steps}]
    return pages([[block] for block in rich_text([Paragraph(plain(text))])], _LEFT_OUT, foot)


def said_pages(text: str) -> list[Page]:
    """A sentence as it is."""
    return pages([[block] for block in rich_text([Paragraph(plain(text))])], _LEFT_OUT)


def _title(text: str) -> Part:
    return Paragraph((Run(one_line(text), frozenset({"bold"})),))


def _text(block_id: str, label: str, value: str, hint: str) -> Block:
    return text_input(block_id, label, value, several_lines=False, optional=True, hint=hint)


def _days(chosen: frozenset[int]) -> Block:
    options = {number: _option(str(number), name) for number, name in enumerate(DAY_NAMES)}
    element: dict[str, Any] = {
        "type": "checkboxes",
        "action_id": DAYS,
        "options": list(options.values()),
    }
    if chosen:
        element["initial_options"] = [options[number] for number in sorted(chosen)]
    hint = "On other days you are not asked. None: every day that a stand-up is on."
    return _input(DAYS, "Days that you work", element, hint)


def _reply_by(chosen: ReplyBy) -> Block:
    options: Mapping[ReplyBy, Block] = {one: _option(one.value, text) for one, text in _REPLY_BY.items()}
    element = {
        "type": "radio_buttons",
        "action_id": REPLY_BY,
        "options": list(options.values()),
        "initial_option": options[chosen],
    }
    return _input(REPLY_BY, "How you reply", element, "")


def _option(value: str, text: str) -> Block:
    return {"text": plain_text(text, 70), "value": value}


def _input(block_id: str, label: str, element: Block, hint: str) -> Block:
    made: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, 100),
        "element": element,
        "optional": True,
    }
    return made | ({"hint": plain_text(hint, 150)} if hint else {})
