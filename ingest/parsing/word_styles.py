"""What a Word document's styles and numbering say of a stretch of text: heading, list, colour, hidden."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ingest.parsing.ink import WHITE, Colour, colour, is_seen
from ingest.parsing.xml import Element

_HEADING = "heading "
_SMALLEST = 4  # half points
_MOST_BASES = 20
_OFF = ("0", "false", "off")


@dataclass(frozen=True, slots=True)
class Look:
    """How a stretch of text is drawn; what is None is not known here. `size` is in half points.

    `ground_known` is false where something that is not looked at, such as a shape or a table's style, may
    colour the ground.
    """

    hidden: bool = False
    ink: Colour | None = None
    ground: Colour | None = WHITE
    size: int | None = None
    ground_known: bool = True

    @property
    def is_seen(self) -> bool:
        tiny = self.size is not None and self.size < _SMALLEST
        same = self.ground_known and not is_seen(self.ink, self.ground)
        return not (self.hidden or tiny or same)

    def with_run(self, properties: Element | None) -> "Look":
        """The look under run properties (`w_rPr`) that say more."""
        if properties is None:
            return self
        look = replace(self, hidden=_toggled(properties, "w_vanish", self.hidden))
        if (ink := properties.find("w_color")) is not None:
            look = replace(look, ink=colour(ink.get("w_val")))
        if (size := _number(properties.find("w_sz"))) is not None:
            look = replace(look, size=size)
        if (ground := properties.find("w_highlight")) is not None:
            return replace(look, ground=colour(ground.get("w_val")), ground_known=True)
        return look.with_shade(properties)

    def with_shade(self, properties: Element | None) -> "Look":
        """The look on the shaded ground that properties of a run, paragraph or cell name."""
        shade = properties.find("w_shd") if properties is not None else None
        fill = shade.get("w_fill", "auto") if shade is not None else "auto"
        if fill == "auto":
            return self
        return replace(self, ground=colour(fill), ground_known=True)


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    base: str | None
    paragraph: Element | None
    run: Element | None


@dataclass(slots=True)
class Styles:
    """The styles of a document by id."""

    by_id: dict[str, _Style] = field(default_factory=dict)
    default: Look = field(default_factory=Look)
    usual: str | None = None

    @classmethod
    def of(cls, tree: Element | None) -> "Styles":
        """The styles of a styles part; none without one."""
        made = cls()
        for style in tree if tree is not None else ():
            if style.tag == "w_docDefaults":
                made.default = made.default.with_run(style.find("w_rPrDefault/w_rPr"))
            if style.tag != "w_style":
                continue
            key = style.get("w_styleId", "")
            made.by_id[key] = _Style(
                name=_value(style.find("w_name")).lower(),
                base=_value(style.find("w_basedOn")) or None,
                paragraph=style.find("w_pPr"),
                run=style.find("w_rPr"),
            )
            if style.get("w_type") == "paragraph" and style.get("w_default") == "1":
                made.usual = key
        return made

    def look(self, above: Look, key: str | None) -> Look:
        """The look of text in a style, on whatever is around it."""
        for style in reversed(list(self._chain(key))):
            above = above.with_shade(style.paragraph).with_run(style.run)
        return above

    def level(self, properties: Element | None) -> int:
        """The heading level of a paragraph: 0 for the document's title, -1 for text."""
        if properties is not None and (own := _number(properties.find("w_outlineLvl"))) is not None:
            return own + 1 if own < 9 else -1
        for style in self._chain(_value_of(properties, "w_pStyle")):
            if style.name == "title":
                return 0
            if style.name.startswith(_HEADING) and style.name[len(_HEADING) :].isdigit():
                return int(style.name[len(_HEADING) :])
            outline = style.paragraph.find("w_outlineLvl") if style.paragraph is not None else None
            if (number := _number(outline)) is not None:
                return number + 1 if number < 9 else -1
        return -1

    def name(self, properties: Element | None) -> str:
        """The name of a paragraph's style, in small letters."""
        style = self.by_id.get(_value_of(properties, "w_pStyle") or "")
        return style.name if style else ""

    def numbering(self, properties: Element | None) -> tuple[str, int] | None:
        """The list that a paragraph is in and its depth there, by its own word or its style's."""
        places = [properties, *(style.paragraph for style in self._chain(_value_of(properties, "w_pStyle")))]
        for place in places:
            found = place.find("w_numPr") if place is not None else None
            if found is not None:
                key = _value(found.find("w_numId"))
                return (key, min(_number(found.find("w_ilvl")) or 0, 8)) if key not in ("", "0") else None
        return None

    def _chain(self, key: str | None) -> Iterator[_Style]:
        """A style and what it is based on."""
        for _ in range(_MOST_BASES):
            style = self.by_id.get(key or self.usual or "")
            if style is None:
                return
            yield style
            if style.base is None:
                return
            key = style.base


@dataclass(slots=True)
class Lists:
    """The numbering of a document, and how far each list has counted."""

    ordered: Mapping[tuple[str, int], bool] = field(default_factory=dict)
    counted: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: Element | None) -> "Lists":
        """The lists of a numbering part; all are bulleted without one."""
        if tree is None:
            return cls()
        abstract = {
            (each.get("w_abstractNumId", ""), int(level.get("w_ilvl") or 0)): _value(level.find("w_numFmt"))
            for each in tree.findall("w_abstractNum")
            for level in each.findall("w_lvl")
            if (level.get("w_ilvl") or "0").isdecimal()
        }
        ordered = {
            (each.get("w_numId", ""), depth): kind not in ("bullet", "none", "")
            for each in tree.findall("w_num")
            for (key, depth), kind in abstract.items()
            if key == _value(each.find("w_abstractNumId"))
        }
        return cls(ordered)

    def mark(self, key: str, depth: int) -> str:
        """What stands before the next item of a list: indentation and `-` or its number."""
        counts = self.counted.setdefault(key, [0] * 9)
        counts[depth] += 1
        counts[depth + 1 :] = [0] * (8 - depth)
        return " " * (4 * depth) + (f"{counts[depth]}. " if self.ordered.get((key, depth)) else "- ")


def _toggled(properties: Element, name: str, before: bool) -> bool:
    found = properties.find(name)
    return before if found is None else found.get("w_val", "1").lower() not in _OFF


def _value_of(properties: Element | None, name: str) -> str | None:
    found = properties.find(name) if properties is not None else None
    return _value(found) or None


def _value(element: Element | None) -> str:
    return element.get("w_val", "") if element is not None else ""


def _number(element: Element | None) -> int | None:
    value = _value(element)
    return int(value) if value.isdecimal() and len(value) < 7 else None
