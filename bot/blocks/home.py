"""The App Home and its modals, from plain data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.blocks.answers import answer_pages
from bot.blocks.citations import OPEN_PASSAGE, Look
from bot.blocks.markdown import Fence, parse
from bot.blocks.pages import context, plain_text
from bot.blocks.plain import one_line, shorten
from bot.blocks.rich_text import Block
from bot.blocks.source_list import list_blocks
from bot.blocks.standup_list import home_blocks
from bot.blocks.statistics import home_blocks as numbers_blocks
from bot.home import PRIVATE_ANSWERS, QUIET_HELP, ForAdmins, HomePage, Recent
from bot.suggesting import Prompt
from knowledge.documents import Answer
from prompts.words import words

ASK = "home_ask"
ASK_PROMPT = "home_prompt"
RECENT = "home_recent"
DELETE_FORM = "home_delete"
SETTINGS = "home_settings"
QUESTION = "question"
LONGEST_QUESTION = 2_000
OPEN, DELETE = "open", "delete"


def home_view(page: HomePage, channel: str) -> dict[str, Any]:
    """The Home; `channel` is the direct message where questions that are asked here are answered."""
    return {
        "type": "home",
        "private_metadata": channel,
        "blocks": [
            *_asking(page.prompts),
            *_recent(page.recent, page.now),
            *home_blocks(page.standups),
            *numbers_blocks(page.numbers),
            *_settings(page),
            *_sources(page),
            *(_for_admins(page.admin, page.now) if page.admin is not None else []),
        ],
    }


def closed_view() -> dict[str, Any]:
    """The Home of somebody whom Lore does not answer."""
    return {"type": "home", "blocks": [_says(words("home_closed"))]}


def ask_view(channel: str) -> dict[str, Any]:
    """The modal in which a question is written."""
    return {
        "type": "modal",
        "callback_id": ASK,
        "private_metadata": channel,
        "title": plain_text("Ask Lore", 24),
        "submit": plain_text("Ask", 24),
        "close": plain_text("Cancel", 24),
        "blocks": [
            {
                "type": "input",
                "block_id": QUESTION,
                "label": plain_text("Your question", 200),
                "hint": plain_text("The answer comes in our direct message; only you see it.", 200),
                "element": {
                    "type": "plain_text_input",
                    "action_id": QUESTION,
                    "multiline": True,
                    "max_length": LONGEST_QUESTION,
                    "focus_on_load": True,
                },
            }
        ],
    }


def said_view(title: str, text: str) -> dict[str, Any]:
    """A modal that says one thing."""
    return {
        "type": "modal",
        "title": plain_text(title, 24),
        "close": plain_text("Close", 24),
        "blocks": [_says(text)],
    }


def answer_view(question: str, answer: Answer, look: Look) -> dict[str, Any]:
    """An answer to be read again; its passages are opened where it was given."""
    pages = answer_pages(answer, lambda _n: "", look)
    blocks = [_without_buttons(block) for page in pages for block in page.blocks]
    return {
        "type": "modal",
        "title": plain_text("Your answer", 24),
        "close": plain_text("Close", 24),
        "blocks": [_says(shorten(one_line(question), 1_000)), _line(), *blocks][:100],
    }


def delete_view(question: str, hidden: str) -> dict[str, Any]:
    """Asks whether an answer is to be deleted; `hidden` names it, and the direct message of its Home."""
    return {
        "type": "modal",
        "callback_id": DELETE_FORM,
        "private_metadata": hidden,
        "title": plain_text("Delete it?", 24),
        "submit": plain_text("Delete", 24),
        "close": plain_text("Keep", 24),
        "blocks": [
            _says(shorten(one_line(question), 1_000)),
            context("The answer goes from Slack, and I keep none of its words."),
        ],
    }


def _without_buttons(block: Block) -> Block:
    accessory = block.get("accessory") or {}
    if accessory.get("action_id") != OPEN_PASSAGE:
        return block
    return {name: value for name, value in block.items() if name != "accessory"}


def _asking(prompts: Sequence[Prompt]) -> list[Block]:
    blocks = [
        _title("Ask the team’s memory"),
        {
            "type": "actions",
            "elements": [
                {
                    "type": "button",
                    "action_id": ASK,
                    "style": "primary",
                    "text": plain_text("Ask a question", 70),
                }
            ],
        },
    ]
    if prompts:
        blocks += [
            context("Or one of these; the answer comes in our direct message:"),
            {
                "type": "actions",
                "elements": [
                    {
                        "type": "button",
                        "action_id": f"{ASK_PROMPT}_{place}",
                        "text": plain_text(prompt.title, 70),
                        "value": prompt.message,
                    }
                    for place, prompt in enumerate(prompts)
                ],
            },
        ]
    return blocks


def _recent(recent: Sequence[Recent], now: datetime) -> list[Block]:
    blocks: list[Block] = [_line(), _title("Your recent questions")]
    if not recent:
        blocks.append(context("You have not asked anything yet."))
    for one in recent:
        options = [_choice("Open the answer", f"{OPEN}:{one.question_id}")] if one.said else []
        options.append(_choice("Delete it", f"{DELETE}:{one.question_id}"))
        section: Block = {
            "type": "section",
            "text": plain_text(shorten(one_line(one.text), 300), 320),
            "accessory": {"type": "overflow", "action_id": RECENT, "options": options},
        }
        said = shorten(_words(one.said), 300) if one.said else "There is no answer that I can show you now."
        place = "in a channel" if one.in_channel else "in our direct message"
        blocks += [section, context(said, f"{ago(one.asked_at, now)}, {place}")]
    return blocks


def _settings(page: HomePage) -> list[Block]:
    options = {
        PRIVATE_ANSWERS: (
            page.private_answers,
            "Answer me privately",
            "When I mention Lore in a channel, only I see the answer.",
        ),
        QUIET_HELP: (
            page.quiet_help,
            "Offer me quiet help",
            "Where a channel has it on, Lore may offer an answer to me unasked.",
        ),
    }
    boxes: dict[str, Any] = {
        "type": "checkboxes",
        "action_id": SETTINGS,
        "options": [_choice(label, name, about) for name, (_, label, about) in options.items()],
    }
    ticked = [option for option in boxes["options"] if options[option["value"]][0]]
    if ticked:
        boxes["initial_options"] = ticked
    # Slack keeps what was ticked as long as the block's id stays: another id shows what is stored.
    stored = "_".join(option["value"] for option in ticked) or "none"
    return [
        _line(),
        _title("Your settings"),
        {"type": "actions", "block_id": f"{SETTINGS}:{stored}", "elements": [boxes]},
        context(f"Your time zone is {one_line(page.zone)}, as your Slack profile has it."),
    ]


def _sources(page: HomePage) -> list[Block]:
    searched = page.searched
    if not searched.documents:
        return [_line(), _title("What I know"), context("Nothing is indexed yet that you may read.")]
    names = ", ".join(one_line(source) for source in searched.sources)
    told = f"You can ask about {searched.documents:,} documents ({searched.chunks:,} passages) in {names}."
    if page.published_at is not None:
        told += f" The last change was {ago(page.published_at, page.now)}."
    return [
        _line(),
        _title("What I know"),
        _says(told),
    ]


def _for_admins(admin: ForAdmins, now: datetime) -> list[Block]:
    listed = list_blocks(admin.cards, admin.number, admin.names, now)
    return [
        _line(),
        _title("For admins"),
        _says(f"{admin.waiting:,} waiting." if admin.waiting else "Nothing waits to be worked on."),
        *([_says(shorten(one_line(admin.trouble), 1_000))] if admin.trouble else listed),
        context("Only admins see this part."),
    ]


def _words(markdown: str) -> str:
    """What is left of a sentence of an answer without its style."""
    texts = (
        part.text if isinstance(part, Fence) else "".join(run.text for run in part.runs)
        for part in parse(markdown)
    )
    return one_line(" ".join(texts))


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that fits."""
    seconds = max(0, int((now - moment).total_seconds()))
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = seconds // length
        if count:
            return f"{count:,} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def _title(text: str) -> Block:
    return {"type": "header", "text": plain_text(text, 140)}


def _line() -> Block:
    return {"type": "divider"}


def _says(text: str) -> Block:
    return {"type": "section", "text": plain_text(text, 2_800)}


def _choice(label: str, value: str, about: str = "") -> dict[str, Any]:
    option = {"text": plain_text(label, 70), "value": value}
    return {**option, "description": plain_text(about, 70)} if about else option
