"""What is asked of a speaker after a talk, the draft that comes of it, and the recap as a channel sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.blocks.markdown import Item, Paragraph, Part, Run, Runs, plain
from bot.blocks.modals import button, form, line, text_input
from bot.blocks.pages import Group, Page, context, pages, plain_text
from bot.blocks.plain import one_line
from bot.blocks.rich_text import Block, rich_text
from bot.blocks.web_links import linked
from prompts.words import words

ADD, NOTHING, POST, EDIT, LEAVE, WITHDRAW = (
    f"recap_{name}" for name in ("add", "nothing", "post", "edit", "leave", "withdraw")
)
"""Action ids; the value of each is a talk's id."""
MATERIALS_FORM, EDIT_FORM = "recap_materials", "recap_edited"
RECORDING, SLIDES, NOTES, TEXT = "recap_recording", "recap_slides", "recap_notes", "recap_text"
MOST_LISTED = 8
_LEFT_OUT = "The rest is left out: it is too long for Slack."


@dataclass(frozen=True, slots=True)
class Shown:
    """A recap as people read it: `day` in words, `speakers` by name (or empty), `text` in lines; addresses as
    they were given, or empty; `paper` is the address of what was read."""

    title: str
    day: str
    speakers: str
    text: str
    recording: str = ""
    slides: str = ""
    paper: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A talk whose recap somebody may write, and how far that is."""

    talk_id: str
    title: str
    day: str
    state: str


def asking_pages(talk_id: str, text: str) -> list[Page]:
    """What the speaker is asked for."""
    steps = [
        button(ADD, "Add notes and links…", talk_id, "primary"),
        button(NOTHING, "Nothing to add", talk_id),
    ]
    return _with_steps(rich_text([Paragraph(plain(text))]), steps)


def materials_view(
    metadata: str, title: str, known: Mapping[str, str], meanwhile: Sequence[str] = ()
) -> dict[str, Any]:
    """The form for recording, slides and notes, with what was given before; `meanwhile` is what somebody else
    has given since it was opened."""
    return form(
        MATERIALS_FORM,
        "After the talk",
        "Draft the recap",
        metadata,
        [
            *map(line, meanwhile),
            line(words("recap_form", title=one_line(title))),
            text_input(
                NOTES,
                "Your notes",
                known.get(NOTES, ""),
                optional=True,
                hint="The recap is drafted from these and from the thread under the announcement.",
            ),
            text_input(
                RECORDING,
                "Address of the recording",
                known.get(RECORDING, ""),
                several_lines=False,
                optional=True,
            ),
            text_input(
                SLIDES, "Address of the slides", known.get(SLIDES, ""), several_lines=False, optional=True
            ),
        ],
    )


def edit_view(
    metadata: str, title: str, text: str, where: str, meanwhile: Sequence[str] = ()
) -> dict[str, Any]:
    """The form in which a recap is edited; `where` names the place that it is posted in, `meanwhile` is what
    somebody else has made of it since it was opened."""
    return form(
        EDIT_FORM,
        "Recap",
        "Post it",
        metadata,
        [
            *map(line, meanwhile),
            line(f"“{one_line(title)}”. It is posted in {one_line(where)} as you send it."),
            text_input(TEXT, "The recap", text, hint="A line that ends with a colon begins a section."),
        ],
    )


def draft_pages(shown: Shown, intro: str, talk_id: str) -> list[Page]:
    """A draft, for whoever may post it."""
    steps = [
        button(POST, "Post it", talk_id, "primary"),
        button(EDIT, "Edit and post…", talk_id),
        button(LEAVE, "Leave it", talk_id),
    ]
    groups: list[Group] = [[context(one_line(intro))], *_recap(shown)]
    return pages(groups, _LEFT_OUT, [{"type": "actions", "elements": steps}])


def recap_pages(shown: Shown) -> list[Page]:
    """The recap, as its channel reads it: one message, which says so where it is not all of it."""
    made = pages([*_recap(shown), [context(words("recap_foot"))]], _LEFT_OUT)
    first = made[0]
    return made if len(made) == 1 else [Page(first.text, (*first.blocks, context(_LEFT_OUT)))]


def settled_pages(text: str, shown: Shown | None = None) -> list[Page]:
    """What stands in place of something that is dealt with."""
    groups: list[Group] = [[block] for block in rich_text([Paragraph(plain(text))])]
    return pages([*groups, *(() if shown is None else _recap(shown))], _LEFT_OUT)


def overtaken_pages(
    meanwhile: Sequence[str], typed: Sequence[str], action_id: str, talk_id: str
) -> list[Page]:
    """What somebody else has written meanwhile, what was typed and not kept, and the form for it."""
    said = [*meanwhile, words("recap_typed"), *filter(None, typed)]
    groups: list[Group] = [rich_text([Paragraph(plain(one))]) for one in said]
    again = button(action_id, "Open it again…", talk_id)
    return pages(groups, _LEFT_OUT, [{"type": "actions", "elements": [again]}])


def list_pages(listed: Sequence[Listed]) -> list[Page]:
    """Talks that were held, the newest first, with what can be done."""
    groups: list[Group] = []
    for one in listed[:MOST_LISTED]:
        text = f"“{one_line(one.title)}”, {one.day} · {_STATES.get(one.state, 'no recap yet')}"
        first = button(EDIT, "Edit the recap…", one.talk_id)
        again = button(ADD, "Add notes and links…", one.talk_id)
        steps = {
            "posted": [first, again, button(WITHDRAW, "Withdraw it", one.talk_id, "danger")],
            "draft": [first, again],
            "withdrawn": [first, again],
        }.get(one.state, [again])
        groups.append(
            [{"type": "section", "text": plain_text(text, 700)}, {"type": "actions", "elements": steps}]
        )
    if not groups:
        groups.append(rich_text([Paragraph(plain(words("recap_none")))]))
    return pages(groups, _LEFT_OUT)


_STATES = {"posted": "recap posted", "draft": "recap drafted", "withdrawn": "recap withdrawn"}


def _recap(shown: Shown) -> list[Group]:
    by = f" with {one_line(shown.speakers)}" if shown.speakers else ""
    head: list[Part] = [
        Paragraph((Run(f"Recap: {one_line(shown.title)}", frozenset({"bold"})),)),
        Paragraph(plain(f"{shown.day}{by}")),
    ]
    parts: list[Part] = [*head, *_lines(shown.text)]
    links = [
        linked(label, address)
        for label, address in (
            ("Recording", shown.recording),
            ("Slides", shown.slides),
            ("What was read", shown.paper),
        )
        if address
    ]
    if links:
        parts.append(Paragraph(_joined(links)))
    return [[block] for block in rich_text(parts)]


def _lines(text: str) -> list[Part]:
    """Each line as it stands: a heading where it ends with a colon and has no dash before it; or an item."""
    parts: list[Part] = []
    for written in text.splitlines():
        said = written.strip()
        if said.endswith(":") and not said.startswith(("-", "•", "*")):
            parts.append(Paragraph((Run(said.removesuffix(":"), frozenset({"bold"})),)))
        elif bare := said.lstrip("-•* ").strip():
            parts.append(Item(plain(bare)))
    return parts


def _joined(runs: Sequence[Run]) -> Runs:
    return tuple(part for n, run in enumerate(runs) for part in ((Run(" · "), run) if n else (run,)))


def _with_steps(blocks: Sequence[Block], steps: list[Block]) -> list[Page]:
    return pages([[block] for block in blocks], _LEFT_OUT, [{"type": "actions", "elements": steps}])
