"""Notion's blocks and properties as Markdown: the order and nesting of a page."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Block = Mapping[str, Any]

_HEADINGS = {"heading_1": "# ", "heading_2": "## ", "heading_3": "### ", "heading_4": "#### "}
_NOTHING = frozenset(("breadcrumb", "table_of_contents", "unsupported", "template", "child_page_placeholder"))
_FILES = {"image": "image", "video": "video", "audio": "sound", "file": "file", "pdf": "PDF"}
_LINKS = frozenset(("bookmark", "embed", "link_preview"))
_LISTED = frozenset(("bulleted_list_item", "numbered_list_item", "to_do"))
_PLAIN = frozenset(("column_list", "column", "synced_block", "tab", "meeting_notes", "transcription"))
_DEEPEST = 40


@dataclass(slots=True)
class Rendered:
    """A page's text, and how many blocks of each kind could not be read."""

    text: str
    left_out: Counter[str] = field(default_factory=Counter)


def render(blocks: Sequence[Block]) -> Rendered:
    """Blocks with their `children` below them, as Markdown."""
    left_out: Counter[str] = Counter()
    text = "\n".join(_lines(blocks, left_out, 0))
    return Rendered(re.sub(r"\n{3,}", "\n\n", text).strip(), left_out)


def _lines(blocks: Sequence[Block], left_out: Counter[str], depth: int) -> Iterator[str]:
    number = 0
    before = ""
    for block in blocks:
        kind = str(block.get("type", ""))
        number = number + 1 if kind == "numbered_list_item" else 0
        if before and not (kind in _LISTED and before in _LISTED):
            yield ""
        yield from _block(kind, block, number, left_out, depth)
        before = kind


def _block(kind: str, block: Block, number: int, left_out: Counter[str], depth: int) -> Iterator[str]:
    said = block.get(kind) or {}
    words = rich_text(said.get("rich_text") or ())
    children = list(block.get("children") or ())
    if depth > _DEEPEST:
        left_out["deeper"] += 1
        return
    below = _lines(children, left_out, depth + 1)
    match kind:
        case "paragraph":
            yield words
            yield from _apart(below)
        case "heading_1" | "heading_2" | "heading_3" | "heading_4":
            yield _HEADINGS[kind] + " ".join(words.split())
            yield from _apart(below)
        case "bulleted_list_item" | "numbered_list_item" | "to_do":
            mark = {"bulleted_list_item": "- ", "numbered_list_item": f"{number}. "}.get(kind)
            mark = mark or ("- [x] " if said.get("checked") else "- [ ] ")
            yield mark + words.replace("\n", "\n" + " " * len(mark))
            indent = " " * (2 if kind == "to_do" else len(mark))
            yield from (f"{indent}{line}" if line else "" for line in below)
        case "toggle":
            yield f"**{words}**" if words else ""
            yield from _apart(below)
        case "quote" | "callout":
            icon = (said.get("icon") or {}).get("emoji", "") if kind == "callout" else ""
            inside = [" ".join(part for part in (icon, words) if part), *_apart(below)]
            yield from (f"> {line}".rstrip() for part in inside for line in part.split("\n"))
        case "code":
            yield from _code(said, words)
        case "equation":
            yield f"$$\n{said.get('expression', '')}\n$$"
        case "divider":
            yield "***"
        case "table":
            yield from _table(said, children)
        case "child_page" | "child_database":
            yield f"- {said.get('title') or 'untitled'}"
        case _ if kind in _FILES:
            caption = rich_text(said.get("caption") or ()) or str(said.get("name") or "")
            yield f"[{_FILES[kind]}: {caption}]" if caption else ""
        case _ if kind in _LINKS:
            caption = rich_text(said.get("caption") or ())
            yield _linked(caption or str(said.get("url") or ""), said.get("url"))
        case _ if kind in _PLAIN:
            yield words
            yield from _apart(below)
        case _ if kind in _NOTHING or kind == "link_to_page":
            if kind == "unsupported":
                left_out[kind] += 1
        case _:
            left_out[kind or "nameless"] += 1
            yield words
            yield from _apart(below)


def _apart(lines: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number == 0:
            yield ""
        yield line


def _code(said: Mapping[str, Any], _: str) -> Iterator[str]:
    code = "".join(str(one.get("plain_text") or "") for one in said.get("rich_text") or ())
    fence = "```"
    while fence in code:
        fence += "`"
    language = re.sub(r"[^\w+#-]", "", str(said.get("language") or "").replace(" ", "-"))
    yield fence + ("" if language in ("plain-text", "plaintext") else language)
    yield code
    yield fence


def _table(said: Mapping[str, Any], rows: Sequence[Block]) -> Iterator[str]:
    cells = [
        [rich_text(cell) for cell in (row.get("table_row") or {}).get("cells") or ()]
        for row in rows
        if row.get("type") == "table_row"
    ]
    if cells:
        header = cells.pop(0) if said.get("has_column_header") else [""] * len(cells[0])
        yield table(header, cells)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; a line end within a cell becomes a space."""
    lines = [_row(header), "|" + "---|" * len(header)]
    return "\n".join([*lines, *(_row(row) for row in rows)])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(re.sub(r"(?<!\\)\|", r"\\|", " ".join(cell.split())) for cell in cells) + " |"


def rich_text(parts: Sequence[Mapping[str, Any]]) -> str:
    """Words with their emphasis, code, equations and links as Markdown has them."""
    return "".join(_piece(part) for part in parts)


def _piece(part: Mapping[str, Any]) -> str:
    if part.get("type") == "equation":
        return f"${(part.get('equation') or {}).get('expression', '')}$"
    words = str(part.get("plain_text") or "")
    core = words.strip()
    if not core:
        return words
    lead, trail = words[: words.index(core)], words[words.index(core) + len(core) :]
    marks = part.get("annotations") or {}
    if marks.get("code"):
        core = f"`{core}`" if "`" not in core else f"`` {core} ``"
    if marks.get("bold"):
        core = f"**{core}**"
    if marks.get("italic"):
        core = f"*{core}*"
    if marks.get("strikethrough"):
        core = f"~~{core}~~"
    if part.get("type") == "text":
        core = _linked(core, part.get("href"))
    return f"{lead}{core}{trail}"


def _linked(words: str, address: object) -> str:
    address = str(address or "")
    if not address.startswith(("https://", "http://")) or words == address:
        return words
    return f"[{words}](<{address}>)" if re.search(r"[\s()<>]", address) else f"[{words}]({address})"


def plain(parts: Sequence[Mapping[str, Any]]) -> str:
    """The words alone."""
    return "".join(str(part.get("plain_text") or "") for part in parts)


def title_of(properties: Mapping[str, Any]) -> str:
    """A page's title: the one property of that type."""
    return next(
        (plain(one["title"]) for one in properties.values() if one.get("type") == "title"), ""
    ).strip()


def properties_table(properties: Mapping[str, Any]) -> str:
    """What a page of a database says of itself, but for its title and what is empty; empty when nothing."""
    rows = [
        (name, value)
        for name, one in properties.items()
        if one.get("type") != "title" and (value := _value(one))
    ]
    return table(("Property", "Value"), rows) if rows else ""


def _value(one: Mapping[str, Any]) -> str:
    kind = str(one.get("type", ""))
    value = one.get(kind)
    match kind:
        case "rich_text":
            return rich_text(value or ())
        case "number" | "url" | "email" | "phone_number" | "created_time" | "last_edited_time":
            return "" if value is None else str(value)
        case "checkbox":
            return "yes" if value else "no"
        case "select" | "status":
            return str((value or {}).get("name") or "")
        case "multi_select":
            return ", ".join(str(option.get("name") or "") for option in value or ())
        case "date":
            ends = [str(end) for end in ((value or {}).get("start"), (value or {}).get("end")) if end]
            return " – ".join(ends)
        case "people":
            return ", ".join(str(person.get("name") or "") for person in value or () if person.get("name"))
        case "created_by" | "last_edited_by":
            return str((value or {}).get("name") or "")
        case "files":
            return ", ".join(str(file.get("name") or "") for file in value or ())
        case "unique_id":
            prefix, number = (value or {}).get("prefix"), (value or {}).get("number")
            return "" if number is None else f"{prefix}-{number}" if prefix else str(number)
        case "formula":
            return _value(value) if value else ""
        case "string":
            return str(value or "")
        case "boolean":
            return "yes" if value else "no"
        case "rollup":
            return _value(value) if value else ""
        case "array":
            return ", ".join(filter(None, (_value(part) for part in value or ())))
        case _:
            return ""
