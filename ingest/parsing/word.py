"""Word documents as Markdown: what a reader of the final document sees, and nothing else of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ingest.parsing.converted import Converted
from ingest.parsing.decoding import clean
from ingest.parsing.office_text import core_properties, escaped_start, link, markdown_rows, tidy_title
from ingest.parsing.package import Package, Relation
from ingest.parsing.word_styles import Lists, Look, Styles
from ingest.parsing.xml import Element
from knowledge.errors import Unreadable

_DELETED = ("w_del", "w_moveFrom")
_WRAPPERS = (
    "w_ins", "w_moveTo", "w_smartTag", "w_customXml", "w_sdtContent", "w_fldSimple", "w_bdo", "w_dir",
    "m_oMathPara", "m_oMath",
)  # fmt: skip
_BLANK_LINES = re.compile(r"\n{3,}")
_CONTENTS = re.compile(r"toc \d|toc heading|table of contents|contents heading")


@dataclass(slots=True)
class _Left:
    """What was left out, for the notes."""

    hidden: int = 0
    deleted: int = 0
    comments: int = 0
    imported: int = 0

    def notes(self) -> list[str]:
        said = {
            "{} stretches of text that cannot be seen left out": self.hidden,
            "{} deleted or moved stretches left out": self.deleted,
            "{} comments left out": self.comments,
            "{} imported parts not read": self.imported,
        }
        return [words.format(count) for words, count in said.items() if count]


@dataclass(slots=True)
class _Paragraph:
    """The words of a paragraph so far, and what comes after it: notes and text boxes."""

    words: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    in_field: list[bool] = field(default_factory=list)


def convert_word(package: Package, main: str, tree: Element) -> Converted:
    """Convert the document whose main part is `main`, parsed as `tree`. Raises Unreadable."""
    return _Word(package, main, tree).converted()


class _Word:
    def __init__(self, package: Package, main: str, tree: Element) -> None:
        self._package = package
        self._body = tree.find("w_body")
        if self._body is None:
            raise Unreadable("the Word document has no body")
        self._relations: Mapping[str, Relation] = package.relations(main)
        self._styles = Styles.of(self._part(main, "styles"))
        self._lists = Lists.of(self._part(main, "numbering"))
        self._notes = {
            kind: {note.get("w_id", ""): note for note in self._part(main, kind + "s") or ()}
            for kind in ("footnote", "endnote")
        }
        self._left = _Left()
        self._left.comments = len(self._part(main, "comments") or ())
        self._titled = False
        self._numbered = 0
        self._heading: str | None = None

    def _part(self, main: str, kind: str) -> Element | None:
        name = self._package.related(main, kind)
        return self._package.tree(name) if name else None

    def converted(self) -> Converted:
        assert self._body is not None
        said = core_properties(self._package)
        text = "\n\n".join(block for block in self._blocks(self._body, self._styles.default) if block.strip())
        cleaned = clean(_BLANK_LINES.sub("\n\n", text))
        if not cleaned.text.strip():
            raise Unreadable("there is no text in it that can be seen")
        title = self._heading or tidy_title(said.get("title"))
        front = {"updated": said["updated"]} if "updated" in said else {}
        notes = (*self._left.notes(), *cleaned.notes)
        return Converted(cleaned.text.strip("\n"), title=title, front=front, notes=notes)

    def _blocks(self, parent: Element, look: Look) -> Iterator[str]:
        """Paragraphs and tables, list items that follow each other joined."""
        items: list[str] = []
        for child in self._children(parent):
            block, is_item = self._block(child, look)
            if is_item:
                items.append(block)
                continue
            if items and block.strip():
                yield "\n".join(items)
                items = []
            if block:
                yield block
        if items:
            yield "\n".join(items)

    def _children(self, parent: Element) -> Iterator[Element]:
        """The paragraphs and tables in a body, cell or box, through whatever is wrapped around them."""
        for child in parent:
            if child.tag in ("w_p", "w_tbl"):
                yield child
            elif child.tag == "w_sdt":
                gallery = child.find("w_sdtPr/w_docPartObj/w_docPartGallery")
                if gallery is None or gallery.get("w_val") != "Table of Contents":
                    yield from (
                        inner for part in child.findall("w_sdtContent") for inner in self._children(part)
                    )
            elif child.tag in _WRAPPERS:
                yield from self._children(child)
            elif child.tag in _DELETED:
                self._left.deleted += 1
            elif child.tag == "w_altChunk":
                self._left.imported += 1
            elif child.tag == "mc_AlternateContent":
                yield from self._children(_chosen(child))

    def _block(self, child: Element, look: Look) -> tuple[str, bool]:
        """A paragraph or table as Markdown, and whether it is an item of a list."""
        if child.tag == "w_tbl":
            return self._table(child, look), False
        properties = child.find("w_pPr")
        if _CONTENTS.fullmatch(self._styles.name(properties)):
            return "", False
        paragraph = self._paragraph(child, look)
        words = "".join(paragraph.words).strip()
        after = "\n\n".join(paragraph.after)
        level = self._styles.level(properties)
        listed = self._styles.numbering(properties)
        if not words:
            return after, False
        if level >= 0:
            return "\n\n".join(filter(None, (self._headed(words, level), after))), False
        if listed is not None:
            mark = self._lists.mark(*listed)
            indent = "\n" + " " * len(mark)
            return mark + "\n\n".join(filter(None, (words, after))).replace("\n", indent), True
        return "\n\n".join(filter(None, (escaped_start(words), after))), False

    def _headed(self, words: str, level: int) -> str:
        line = " ".join(words.split())
        if level == 0:
            self._titled = True
        if self._heading is None and level <= 1:
            self._heading = line
        return "#" * min(max(1, level + self._titled), 6) + " " + line

    def _paragraph(self, element: Element, look: Look) -> _Paragraph:
        properties = element.find("w_pPr")
        style = properties.find("w_pStyle") if properties is not None else None
        look = self._styles.look(look, style.get("w_val") if style is not None else None)
        paragraph = _Paragraph()
        self._inline(element, look.with_shade(properties), paragraph)
        return paragraph

    def _inline(self, parent: Element, look: Look, into: _Paragraph) -> None:
        for child in parent:
            if child.tag == "w_r":
                self._run(child, look, into)
            elif child.tag == "w_hyperlink":
                self._link(child, look, into)
            elif child.tag == "w_sdt":
                for content in child.findall("w_sdtContent"):
                    self._inline(content, look, into)
            elif child.tag in _WRAPPERS:
                self._inline(child, look, into)
            elif child.tag in _DELETED:
                self._left.deleted += 1
            elif child.tag == "mc_AlternateContent":
                self._inline(_chosen(child), look, into)
            elif child.tag.startswith("m_"):
                into.words += [part.text or "" for part in child.iter("m_t")]

    def _link(self, element: Element, look: Look, into: _Paragraph) -> None:
        inner = _Paragraph(in_field=into.in_field)
        self._inline(element, look, inner)
        relation = self._relations.get(element.get("r_id", ""))
        address = relation.target if relation is not None and relation.external else ""
        into.words.append(link("".join(inner.words), address))
        into.after += inner.after

    def _run(self, run: Element, look: Look, into: _Paragraph) -> None:
        properties = run.find("w_rPr")
        style = properties.find("w_rStyle") if properties is not None else None
        if style is not None:
            look = self._styles.look(look, style.get("w_val"))
        look = look.with_run(properties)
        words: list[str] = []
        for child in run:
            words += self._in_run(child, look, into)
        text = "".join(words)
        if text.strip() and not look.is_seen:
            self._left.hidden += 1
        else:
            into.words.append(text)

    def _in_run(self, child: Element, look: Look, into: _Paragraph) -> Iterator[str]:
        match child.tag:
            case "w_t" if not any(into.in_field):
                yield child.text or ""
            case "w_tab" | "w_ptab":
                yield " "
            case "w_br" | "w_cr":
                yield "\n"
            case "w_noBreakHyphen":
                yield "-"
            case "w_fldChar":
                self._field(child.get("w_fldCharType", ""), into)
            case "w_footnoteReference" | "w_endnoteReference" if look.is_seen:
                yield from self._note(child, into)
            case "w_drawing" | "w_pict" | "w_object" | "mc_AlternateContent":
                yield from self._drawing(child, look, into)
            case _:
                pass

    def _field(self, kind: str, into: _Paragraph) -> None:
        """A field is its code, which nobody sees, then what it shows."""
        if kind == "begin":
            into.in_field.append(True)
        elif kind == "separate" and into.in_field:
            into.in_field[-1] = False
        elif kind == "end" and into.in_field:
            into.in_field.pop()

    def _note(self, reference: Element, into: _Paragraph) -> Iterator[str]:
        kind = reference.tag.removeprefix("w_").removesuffix("Reference")
        note = self._notes[kind].pop(reference.get("w_id", ""), None)
        if note is None:
            return
        self._numbered += 1
        number = self._numbered
        words = " ".join(" ".join(self._blocks(note, self._styles.default)).split())
        if words:
            yield f"[^{number}]"
            into.after.append(f"[^{number}]: {words}")

    def _drawing(self, element: Element, look: Look, into: _Paragraph) -> Iterator[str]:
        """The words of pictures, shapes and boxes; what is behind a shape is not known."""
        if element.tag == "mc_AlternateContent":
            element = _chosen(element)
        properties = next(element.iter("wp_docPr"), None)
        if properties is not None and properties.get("hidden") in ("1", "true"):
            self._left.hidden += 1
            return
        boxes = list(_outermost(element, "w_txbxContent"))
        inside = replace(look, ground_known=False, ink=None)
        for box in boxes:
            into.after += [block for block in self._blocks(box, inside) if block.strip()]
        described = " ".join((properties.get("descr", "") if properties is not None else "").split())
        if described and not boxes:
            yield f"[image: {described}]"

    def _table(self, table: Element, look: Look) -> str:
        if table.find("w_tblPr/w_tblStyle") is not None:
            look = replace(look, ground_known=False)
        look = look.with_shade(table.find("w_tblPr"))
        rows = []
        for row in _rows(table):
            properties = row.find("w_trPr")
            if properties is not None and properties.find("w_del") is not None:
                self._left.deleted += 1
            elif properties is not None and properties.find("w_hidden") is not None:
                self._left.hidden += 1
            else:
                rows.append(list(self._cells(row, look)))
        if len(rows) == 1 and len(rows[0]) == 1:
            return rows[0][0]  # a frame around text, not a table
        return markdown_rows(rows)

    def _cells(self, row: Element, look: Look) -> Iterator[str]:
        for cell in _through(row, "w_tc"):
            properties = cell.find("w_tcPr")
            joined = properties.find("w_vMerge") if properties is not None else None
            span = properties.find("w_gridSpan") if properties is not None else None
            width = span.get("w_val", "1") if span is not None else "1"
            goes_on = joined is not None and joined.get("w_val") != "restart"
            blocks = list(self._blocks(cell, look.with_shade(properties)))
            yield "" if goes_on else "\n\n".join(block for block in blocks if block.strip())
            yield from [""] * (min(int(width), 64) - 1 if width.isdecimal() else 0)


def _rows(table: Element) -> Iterator[Element]:
    yield from _through(table, "w_tr")


def _through(parent: Element, tag: str) -> Iterator[Element]:
    """Children of one kind, through content controls and insertions."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag == "w_sdt" or child.tag in _WRAPPERS:
            yield from _through(child, tag)


def _outermost(element: Element, tag: str) -> Iterator[Element]:
    """Elements of one kind below an element that are not inside another such, of each choice the first."""
    for child in _chosen(element) if element.tag == "mc_AlternateContent" else element:
        if child.tag == tag:
            yield child
        else:
            yield from _outermost(child, tag)


def _chosen(alternatives: Element) -> Element:
    """What a program that knows everything shows of alternatives: the first choice, else the fallback."""
    for tag in ("mc_Choice", "mc_Fallback"):
        if (found := alternatives.find(tag)) is not None:
            return found
    return Element("none")
