"""Presentations as Markdown: a page and a section for each slide, with its words, tables and notes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingest.parsing.converted import Converted
from ingest.parsing.decoding import clean
from ingest.parsing.ink import Colour
from ingest.parsing.office_text import core_properties, escaped_start, link, markdown_rows, tidy_title
from ingest.parsing.package import Package, Relation
from ingest.parsing.slide_look import Box, Palette, Seen, ground_of, own_box
from ingest.parsing.xml import Element
from knowledge.errors import Unreadable

MOST_SLIDES = 2_000
_TITLES = ("title", "ctrTitle")
_AROUND = ("dt", "ftr", "sldNum", "hdr")
_LISTS = ("body", "obj", "subTitle", "")
_ON = ("1", "true")


@dataclass(slots=True)
class _Left:
    """What was left out, for the notes."""

    slides: int = 0
    shapes: int = 0
    words: int = 0
    comments: int = 0
    invisible: int = 0

    def notes(self) -> list[str]:
        said = {
            "{} hidden slides left out": self.slides,
            "{} hidden shapes left out": self.shapes,
            "{} stretches of text that cannot be seen left out": self.words,
            "comments of {} slides left out": self.comments,
            "invisible characters removed from {} slides": self.invisible,
        }
        return [words.format(count) for words, count in said.items() if count]


def convert_slides(package: Package, main: str, tree: Element) -> Converted:
    """Convert the presentation whose main part is `main`, parsed as `tree`. Raises Unreadable."""
    relations = package.relations(main)
    listed = [relations.get(each.get("r_id", "")) for each in tree.findall("p_sldIdLst/p_sldId")]
    names = [one.target for one in listed if one is not None and one.target in package]
    if len(names) > MOST_SLIDES:
        raise Unreadable(f"the presentation has {len(names):,} slides, the limit is {MOST_SLIDES:,}")
    paper = _paper(tree)
    left = _Left()
    pages: list[int] = []
    parts: list[str] = []
    position = 0
    first_title = None
    for number, name in enumerate(names, 1):
        slide = _Slide(package, name, paper, left)
        title, blocks = slide.read()
        heading = f"## Slide {number}" + (f": {title}" if title else "")
        cleaned = clean("\n\n".join((heading, *blocks)))
        left.invisible += bool(cleaned.notes)
        pages.append(position)
        parts.append(cleaned.text.strip() + "\n\n" if title or blocks else "")
        position += len(parts[-1])
        first_title = first_title or title
    if not any(parts):
        raise Unreadable("there is nothing in it that can be seen")
    said = core_properties(package)
    front = {"updated": said["updated"]} if "updated" in said else {}
    return Converted(
        "".join(parts),
        title=first_title or tidy_title(said.get("title")),
        pages=pages,
        front=front,
        notes=left.notes(),
    )


def _paper(tree: Element) -> Box:
    """The area of a slide."""
    size = tree.find("p_sldSz")
    wide, high = (size.get("cx", ""), size.get("cy", "")) if size is not None else ("", "")
    return Box(
        0, 0, int(wide) if wide.isdecimal() else 12_192_000, int(high) if high.isdecimal() else 6_858_000
    )


class _Slide:
    def __init__(self, package: Package, name: str, paper: Box, left: _Left) -> None:
        self._package = package
        self._name = name
        self._tree = package.tree(name)
        self._relations: Mapping[str, Relation] = package.relations(name)
        self._left = left
        self._seen = Seen(paper, *ground_of(package, name, self._tree))
        self._title = ""

    def read(self) -> tuple[str, list[str]]:
        """The slide's title and its blocks; nothing of a slide that is not shown."""
        if self._tree.get("show") in ("0", "false"):
            self._left.slides += 1
            return "", []
        self._left.comments += any(one.kind == "comments" for one in self._relations.values())
        shapes = self._tree.find("p_cSld/p_spTree")
        blocks = [block for block in self._shapes(shapes) if block.strip()] if shapes is not None else []
        return self._title, [*blocks, *self._notes()]

    @property
    def palette(self) -> Palette:
        return self._seen.palette

    def _shapes(self, parent: Element, inside: Box | None = None) -> Iterator[str]:
        for shape in parent:
            if shape.tag == "mc_AlternateContent":
                for choice in shape[:1]:
                    yield from self._shapes(choice, inside)
                continue
            named = next((each.find("p_cNvPr") for each in shape if each.tag.startswith("p_nv")), None)
            if named is not None and named.get("hidden") in _ON:
                self._left.shapes += 1
                continue
            box = inside or own_box(shape)
            if box is not None and not self._seen.on_paper(box):
                self._left.shapes += 1
                continue
            described = " ".join((named.get("descr", "") if named is not None else "").split())
            match shape.tag:
                case "p_sp" | "p_cxnSp":
                    yield from self._words(shape, box)
                case "p_grpSp":
                    yield from self._shapes(shape, box)
                case "p_graphicFrame":
                    yield from self._graphic(shape)
                case "p_pic" if described:
                    yield f"[image: {described}]"
                case _:
                    pass
            self._seen.draw(shape, box)

    def _words(self, shape: Element, box: Box | None) -> Iterator[str]:
        body = shape.find("p_txBody")
        placeholder = shape.find("p_nvSpPr/p_nvPr/p_ph")
        kind = placeholder.get("type", "") if placeholder is not None else "box"
        if body is None or kind in _AROUND:
            return
        ground = self._seen.ground(shape, box)
        lines = list(self._paragraphs(body, ground, listed=kind in _LISTS))
        if kind in _TITLES and not self._title:
            self._title = " ".join(" ".join(line for _, line in lines).split())
            return
        listed = len(lines) > 1 and any(mark for mark, _ in lines)
        yield ("\n" if listed else "\n\n").join((mark if listed else "") + line for mark, line in lines)

    def _paragraphs(self, body: Element, ground: Colour | None, listed: bool) -> Iterator[tuple[str, str]]:
        """Each paragraph with what marks it as an item of a list."""
        for paragraph in body.findall("a_p"):
            properties = paragraph.find("a_pPr")
            words = "".join(self._runs(paragraph, ground)).strip()
            if not words:
                continue
            level = properties.get("lvl", "0") if properties is not None else "0"
            bulleted = properties is not None and any(
                properties.find(tag) is not None for tag in ("a_buChar", "a_buAutoNum", "a_buBlip")
            )
            plain = properties is not None and properties.find("a_buNone") is not None
            depth = int(level) if level.isdecimal() and len(level) == 1 else 0
            if bulleted or (listed and not plain):
                yield "    " * depth + "- ", words.replace("\n", " ")
            else:
                yield "", escaped_start(words)

    def _runs(self, paragraph: Element, ground: Colour | None) -> Iterator[str]:
        for run in paragraph:
            if run.tag == "a_br":
                yield "\n"
            elif run.tag in ("a_r", "a_fld"):
                words = run.findtext("a_t") or ""
                properties = run.find("a_rPr")
                if words.strip() and not self._seen.is_seen(properties, ground):
                    self._left.words += 1
                    continue
                leads = properties.find("a_hlinkClick") if properties is not None else None
                relation = self._relations.get(leads.get("r_id", "")) if leads is not None else None
                yield link(words, relation.target) if relation is not None and relation.external else words
            elif run.tag.startswith("m_") or run.tag == "mc_AlternateContent":
                yield "".join(part.text or "" for part in run.iter("m_t"))

    def _graphic(self, frame: Element) -> Iterator[str]:
        table = frame.find("a_graphic/a_graphicData/a_tbl")
        if table is not None:
            rows = [
                [
                    " ".join(line for _, line in self._paragraphs(body, None, listed=False))
                    for body in row.findall("a_tc/a_txBody")
                ]
                for row in table.findall("a_tr")
            ]
            yield markdown_rows(rows)
        for chart in frame.iter("c_chart"):
            yield from self._chart(chart.get("r_id", ""))
        for drawing in frame.iter("dgm_relIds"):
            yield from self._diagram(drawing.get("r_dm", ""))

    def _chart(self, key: str) -> Iterator[str]:
        """A chart as the table that it shows, from the values stored with it."""
        relation = self._relations.get(key)
        if relation is None or relation.target not in self._package:
            return
        tree = self._package.tree(relation.target)
        title = " ".join("".join(part.text or "" for part in tree.iterfind("c_chart/c_title//a_t")).split())
        yield f"Chart: {title}" if title else "Chart:"
        series = [
            (
                _points(each, "c_tx"),
                _points(each, "c_cat") or _points(each, "c_xVal"),
                _points(each, "c_val") or _points(each, "c_yVal"),
            )
            for each in tree.iter("c_ser")
        ]
        if not series:
            return
        names = ["", *(next(iter(name.values()), f"series {n}") for n, (name, _, _) in enumerate(series, 1))]
        places = sorted({place for _, _, values in series for place in values})[:_MOST_POINTS]
        labels = next((categories for _, categories, _ in series if categories), {})
        yield markdown_rows(
            [
                names,
                *(
                    [labels.get(place, str(place + 1)), *(values.get(place, "") for _, _, values in series)]
                    for place in places
                ),
            ]
        )

    def _diagram(self, key: str) -> Iterator[str]:
        relation = self._relations.get(key)
        if relation is None or relation.target not in self._package:
            return
        for point in self._package.tree(relation.target).iter("dgm_pt"):
            words = " ".join("".join(part.text or "" for part in point.iter("a_t")).split())
            if words:
                yield f"- {words}"

    def _notes(self) -> Iterator[str]:
        part = self._package.related(self._name, "notesSlide")
        if part is None:
            return
        for shape in self._package.tree(part).iter("p_sp"):
            placeholder = shape.find("p_nvSpPr/p_nvPr/p_ph")
            body = shape.find("p_txBody")
            if placeholder is None or placeholder.get("type") != "body" or body is None:
                continue
            lines = [line for _, line in self._paragraphs(body, None, listed=False)]
            if lines:
                yield "Notes: " + "\n\n".join(lines)


_MOST_POINTS = 200


def _points(series: Element, tag: str) -> dict[int, str]:
    """The stored values of one part of a series by their place."""
    part = series.find(tag)
    found = {}
    for point in part.iter("c_pt") if part is not None else ():
        place = point.get("idx", "")
        if place.isdecimal() and len(place) < 7:
            found[int(place)] = " ".join((point.findtext("c_v") or "").split())
    return found
