"""A digest as one message and as a letter, and the form in which it is set up: pure."""

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.blocks.citations import Look, link
from bot.blocks.markdown import Fence, Item, Paragraph, Part, Run, plain
from bot.blocks.modals import button, form, line, text_input
from bot.blocks.pages import MOST_BLOCK_BYTES_OF_A_PAGE, MOST_BLOCKS, Page, context, page, plain_text
from bot.blocks.plain import clean, one_line, shorten
from bot.blocks.rich_text import Block, rich_text, size
from bot.digests.sections import Entry
from prompts.words import words

DIGEST_FORM = "digest_form"
TURN_OFF, TURN_ON, SETTINGS = "digest_off", "digest_on", "digest_settings"
MAIL_ON, MAIL_OFF = "digest_mail_on", "digest_mail_off"
"""Action ids; the value of each is the id of the digest."""
DAYS, AT, SECTIONS, WAY, ZONE = "digest_days", "digest_at", "digest_sections", "digest_way", "digest_zone"
IN_SLACK, BY_MAIL, BOTH = "slack", "mail", "both"

MOST_ENTRIES = 8
MOST_IN_A_LETTER = 40
LONGEST = 4_000
_BOLD = frozenset({"bold"})
_ITALIC = frozenset({"italic"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A section as it is told."""

    title: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Told:
    """A whole digest: `title` above it, `notes` below it, small."""

    title: str
    sections: Sequence[Shown]
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the form begins with. `way` is empty for a channel's digest, `zone` for a person's."""

    days: str
    at: str
    offered: Mapping[str, str]
    sections: Sequence[str]
    way: str = ""
    mail_works: bool = False
    zone: str = ""


def digest_page(told: Told, look: Look, digest: str = "", *, by_mail: bool = False) -> Page:
    """One message, whatever is in it: what does not fit is counted, section by section.

    With a `digest` (its id) the buttons stand below that turn it off and change it; those that send it to
    each reader `by_mail` as well, where that can be, are everybody's.
    """
    foot = [context(_line(note, 300)) for note in told.notes[:3]]
    if digest:
        buttons = [button(SETTINGS, "Settings", digest), button(TURN_OFF, "Turn this off", digest)]
        if by_mail:
            buttons += [
                button(MAIL_ON, "Also to me by e-mail", digest),
                button(MAIL_OFF, "No more letters", digest),
            ]
        foot.append({"type": "actions", "elements": buttons})
    for parts in _ever_shorter(_shortened(told), look):
        blocks = rich_text(parts)
        if _fits([*blocks, *foot]):
            break
    return page(*blocks, *foot)


def preview_page(told: Told, look: Look, introduction: str) -> Page:
    """The same, under a sentence that says what it is."""
    shown = digest_page(told, look)
    blocks = (line(introduction), {"type": "divider"}, *shown.blocks)
    return Page(shown.text, blocks)


def turned_off_page(text: str, digest: str) -> Page:
    """That it is off, with a way back."""
    return page(line(text), {"type": "actions", "elements": [button(TURN_ON, "Turn it on again", digest)]})


def letter_text(told: Told, foot: str) -> str:
    """The digest in plain words."""
    lines = [one_line(told.title), ""]
    for section in told.sections:
        lines += [one_line(section.title).upper(), ""]
        for entry in section.entries[:MOST_IN_A_LETTER]:
            lines.append("- " + ": ".join(filter(None, (one_line(entry.title), one_line(entry.words)))))
            lines += [f"  {one_line(detail)}" for detail in entry.details]
            lines += [f"    {one}" for one in clean(entry.lines).splitlines()]
        lines += [*_left_out(section, MOST_IN_A_LETTER), ""]
    return "\n".join([*lines, *map(one_line, told.notes), "", foot])


def letter_html(told: Told, look: Look, foot: str) -> str:
    """The digest as HTML in which every word is escaped and only addresses that may be linked are links."""
    parts = [f"<h2>{_escaped(told.title)}</h2>"]
    for section in told.sections:
        parts.append(f"<h3>{_escaped(section.title)}</h3><ul>")
        parts += [_html_entry(entry, look) for entry in section.entries[:MOST_IN_A_LETTER]]
        parts.append("</ul>")
        parts += [f"<p>{_escaped(one)}</p>" for one in _left_out(section, MOST_IN_A_LETTER)]
    parts += [f"<p><i>{_escaped(note)}</i></p>" for note in told.notes]
    return "\n".join([*parts, f"<p>{_escaped(foot)}</p>"])


def settings_view(title: str, chosen: Chosen, metadata: str) -> dict[str, Any]:
    """The form of one digest."""
    at: Block = {"type": "timepicker", "action_id": AT, "initial_time": chosen.at}
    blocks: list[Block] = [
        line(title),
        text_input(
            DAYS,
            "On which days",
            chosen.days,
            several_lines=False,
            hint="Such as every Monday, every weekday, daily, every 2 weeks on Friday.",
        ),
        _input(AT, "At", at),
    ]
    if chosen.offered:
        blocks.append(_sections(chosen))
    if chosen.way:
        blocks.append(_way(chosen))
    else:
        hint = "Such as Europe/Berlin."
        blocks.append(text_input(ZONE, "Time zone", chosen.zone, several_lines=False, hint=hint))
    return form(DIGEST_FORM, "Digest", "Keep", metadata, blocks)


# within


def _ever_shorter(told: Told, look: Look) -> Iterator[list[Part]]:
    """With fewer and fewer entries of each section, then in a few words each, then with fewer sections."""
    for most in (MOST_ENTRIES, 5, 3, 2, 1):
        yield _parts(told, told.sections, look, most, brief=False)
    for count in range(len(told.sections), -1, -1):
        yield _parts(told, told.sections[:count], look, 1, brief=True)


def _parts(told: Told, sections: Sequence[Shown], look: Look, most: int, *, brief: bool) -> list[Part]:
    parts: list[Part] = [Paragraph((Run(told.title, _BOLD),))]
    for section in sections:
        parts.append(Paragraph((Run(section.title, _BOLD),)))
        for entry in section.entries[:most]:
            parts += _brief(entry, look) if brief else _entry(entry, look)
        parts += [Item((Run(left_out, _ITALIC),)) for left_out in _left_out(section, most)]
    if left := len(told.sections) - len(sections):
        parts.append(Paragraph((Run(f"and {left} more sections", _ITALIC),)))
    return parts


def _shortened(told: Told) -> Told:
    """As much of everything as may be shown at most, in single lines."""
    sections = [
        Shown(
            _line(section.title, 100),
            [
                *map(_shortened_entry, section.entries[:MOST_ENTRIES]),
                *section.entries[MOST_ENTRIES:],
            ],
        )
        for section in told.sections
    ]
    return Told(_line(told.title, 200), sections)


def _shortened_entry(entry: Entry) -> Entry:
    rows = clean(entry.lines[:LONGEST]).splitlines()[:12]
    return replace(
        entry,
        words=_line(entry.words, 500),
        title=_line(entry.title, 200),
        details=[_line(detail, 300) for detail in entry.details[:4]],
        lines="\n".join(row[:70] for row in rows).strip("\n"),
    )


def _line(text: str, most: int) -> str:
    return shorten(one_line(text[:LONGEST]), most)


def _left_out(section: Shown, most: int) -> list[str]:
    left = len(section.entries) - most
    return [f"and {left} more"] if left > 0 else []


def _entry(entry: Entry, look: Look) -> Iterator[Part]:
    yield _head(entry, link(entry.url, look))
    for detail in entry.details:
        yield Item(plain(detail), indent=1)
    if entry.lines.strip():
        yield Fence(entry.lines)


def _brief(entry: Entry, look: Look) -> list[Part]:
    short = replace(entry, title=_line(entry.title, 100), words=_line(entry.words, 100))
    return [_head(short, link(entry.url, look))]


def _head(entry: Entry, url: str | None) -> Part:
    if not entry.title:
        return Item((Run(entry.words or "–", url=url),))
    return Item((Run(entry.title, _BOLD, url), *([Run(f": {entry.words}")] if entry.words else [])))


def _fits(blocks: Sequence[Block]) -> bool:
    weight = sum(size(block) + 1 for block in blocks)
    return len(blocks) <= MOST_BLOCKS and weight <= MOST_BLOCK_BYTES_OF_A_PAGE


def _html_entry(entry: Entry, look: Look) -> str:
    name, said = _escaped(entry.title), _escaped(entry.words)
    head = f"<b>{name}</b>" if name else said
    url = link(entry.url, look)
    if url is not None:
        head = f'<a href="{html.escape(url, quote=True)}">{head}</a>'
    rest = f": {said}" if name and said else ""
    details = "".join(f"<br><i>{_escaped(one)}</i>" for one in entry.details)
    chart = f"<pre>{html.escape(clean(entry.lines))}</pre>" if entry.lines.strip() else ""
    return f"<li>{head}{rest}{details}{chart}</li>"


def _escaped(text: str) -> str:
    return html.escape(one_line(text))


def _sections(chosen: Chosen) -> Block:
    options = {name: _option(name, title) for name, title in chosen.offered.items()}
    element: Block = {
        "type": "multi_static_select",
        "action_id": SECTIONS,
        "options": [*options.values()],
        "placeholder": plain_text("Sections", 70),
    }
    ticked = [options[name] for name in chosen.sections if name in options]
    return _input(SECTIONS, "What is in it", element | ({"initial_options": ticked} if ticked else {}))


def _way(chosen: Chosen) -> Block:
    ways = {IN_SLACK: "Here in Slack", BY_MAIL: "By e-mail", BOTH: "Both"}
    options = {value: _option(value, text) for value, text in ways.items()}
    element: Block = {
        "type": "radio_buttons",
        "action_id": WAY,
        "options": [*options.values()],
        "initial_option": options[chosen.way],
    }
    hint = "" if chosen.mail_works else words("digest_no_mail")
    return _input(WAY, "How you get it", element, hint)


def _option(value: str, text: str) -> Block:
    return {"text": plain_text(text, 70), "value": value}


def _input(block_id: str, label: str, element: Block, hint: str = "") -> Block:
    made: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, 100),
        "element": element,
        "optional": False,
    }
    return made | ({"hint": plain_text(hint, 150)} if hint else {})
