"""What office documents have in common once they are text: properties, tables, links and titles."""

import re
from collections.abc import Sequence

from ingest.parsing.frontmatter import as_time, web_address
from ingest.parsing.package import Package

_NO_TITLE = re.compile(
    r"^(?:untitled|document ?\d*|presentation ?\d*|powerpoint presentation|book ?\d*|slide 1|template)$"
    r"|^Microsoft \w+ - |\.(?:docx?|pptx?|xlsx?)$",
    re.IGNORECASE,
)
_BLOCK_MARK = re.compile(r"^(\s{0,3})(#{1,6}(?=\s|$)|```|~~~|>|={2,}\s*$|-{2,}\s*$)", re.MULTILINE)
_PIPE = re.compile(r"(?<!\\)\|")
_MOST_COLUMNS = 60


def core_properties(package: Package) -> dict[str, str]:
    """The title and the time of the last change that a document says of itself, where it does."""
    part = package.related("", "core-properties")
    if part is None:
        return {}
    said: dict[str, str] = {}
    tree = package.tree(part)
    title = tree.findtext("dc_title")
    if title and title.strip():
        said["title"] = " ".join(title.split())
    for tag in ("dcterms_modified", "dcterms_created"):
        when = (tree.findtext(tag) or "").strip()
        if as_time(when) is not None:
            said.setdefault("updated", when)
    return said


def tidy_title(title: str | None) -> str | None:
    """A document's own title, unless a program made it up."""
    return None if not title or _NO_TITLE.search(title) else title


def escaped_start(words: str) -> str:
    """Words that begin like Markdown's own marks, as words."""
    return _BLOCK_MARK.sub(r"\1\\\2", words)


def link(words: str, address: str) -> str:
    """Words that lead to a web address."""
    target = web_address(address)
    plain = " ".join(words.split())
    if target is None or not plain or plain == target or any(mark in target for mark in "()"):
        return words
    return f"[{plain}]({target})"


def markdown_rows(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a Markdown table whose first row is the header; every word of it stays."""
    shown = [row for row in rows if any(cell.strip() for cell in row)]
    width = min(max((len(row) for row in shown), default=0), _MOST_COLUMNS)
    lines = []
    for row in shown:
        cells = [_PIPE.sub(r"\\|", " ".join(cell.split())) for cell in row]
        cells = [*cells[: width - 1], " ".join(filter(None, cells[width - 1 :]))]
        lines.append("| " + " | ".join(cells + [""] * (width - len(cells))) + " |")
    return "\n".join([*lines[:1], "|" + "---|" * width, *lines[1:]]) if lines else ""
