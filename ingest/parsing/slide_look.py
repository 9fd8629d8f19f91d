"""What can be seen on a slide: on the paper, large enough, and not in the colour of what is behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.parsing.ink import WHITE, Colour, colour, is_seen
from ingest.parsing.package import Package
from ingest.parsing.xml import Element

_SMALLEST = 200  # hundredths of a point
_USUAL_MAP = {"bg1": "lt1", "tx1": "dk1", "bg2": "lt2", "tx2": "dk2"}


@dataclass(frozen=True, slots=True)
class Box:
    """An area of a slide, in the format's own units."""

    left: int
    top: int
    right: int
    bottom: int

    def meets(self, other: "Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours that a theme names; an unknown one is None."""

    named: Mapping[str, Colour] = field(default_factory=dict)

    def colour(self, filling: Element | None) -> Colour | None:
        """The plain colour of a solid fill; None for any other, and for one that is changed on the way."""
        for each in filling if filling is not None and filling.tag == "a_solidFill" else ():
            if len(each):
                return None
            if each.tag == "a_srgbClr":
                return colour(each.get("val"))
            if each.tag == "a_sysClr":
                return colour(each.get("lastClr"))
            if each.tag == "a_prstClr":
                return colour(each.get("val"))
            if each.tag == "a_schemeClr":
                return self.named.get(each.get("val", ""))
        return None


@dataclass(slots=True)
class Seen:
    """One slide as it is drawn, shape on shape."""

    paper: Box
    background: Colour | None
    palette: Palette
    drawn: list[Box | None] = field(default_factory=list)

    def on_paper(self, box: Box) -> bool:
        return box.meets(self.paper)

    def draw(self, shape: Element, box: Box | None) -> None:
        """Remember what may be behind what comes later."""
        properties = shape.find("p_spPr")
        bare = properties is None or (_filling(properties) is None and shape.find("p_style") is None)
        if shape.tag in ("p_pic", "p_graphicFrame", "p_grpSp") or not bare:
            self.drawn.append(box)

    def ground(self, shape: Element, box: Box | None) -> Colour | None:
        """The colour behind the words of a shape; None where that is not known."""
        properties = shape.find("p_spPr")
        filling = _filling(properties) if properties is not None else None
        if filling is not None and filling.tag != "a_noFill":
            return self.palette.colour(filling)
        if filling is None and shape.find("p_style") is not None:
            return None
        covered = any(other is None or box is None or other.meets(box) for other in self.drawn)
        return None if covered else self.background

    def is_seen(self, properties: Element | None, ground: Colour | None) -> bool:
        """Whether a run with these properties (`a_rPr`) is seen on that ground."""
        if properties is None:
            return True
        size = properties.get("sz", "")
        if size.isdecimal() and int(size) < _SMALLEST:
            return False
        return is_seen(self.palette.colour(properties.find("a_solidFill")), ground)


def own_box(shape: Element) -> Box | None:
    """Where a shape says that it is; None for one that is where its layout says."""
    frames = (shape.find(place) for place in ("p_spPr/a_xfrm", "p_grpSpPr/a_xfrm", "p_xfrm"))
    frame = next((each for each in frames if each is not None), None)
    place, size = (frame.find("a_off"), frame.find("a_ext")) if frame is not None else (None, None)
    if place is None or size is None:
        return None
    try:
        left, top = int(place.get("x", "")), int(place.get("y", ""))
        return Box(left, top, left + max(1, int(size.get("cx", ""))), top + max(1, int(size.get("cy", ""))))
    except ValueError:
        return None


def ground_of(package: Package, name: str, slide: Element) -> tuple[Colour | None, Palette]:
    """The colour of a slide's background, None where it is no plain one, and the colours of its theme."""
    layout = package.related(name, "slideLayout")
    master = package.related(layout, "slideMaster") if layout else None
    trees = [slide, *(package.tree(part) for part in (layout, master) if part)]
    theme = package.related(master, "theme") if master else None
    mapped = trees[-1].find("p_clrMap") if master else None
    palette = _palette(package.tree(theme) if theme else None, mapped)
    for tree in trees:
        background = tree.find("p_cSld/p_bg")
        if background is None:
            continue
        properties, reference = background.find("p_bgPr"), background.find("p_bgRef")
        if properties is not None:
            return palette.colour(_filling(properties)), palette
        named = reference.find("a_schemeClr") if reference is not None else None
        plain = reference is not None and reference.get("idx") in ("1001", "1")
        return (palette.named.get(named.get("val", "")) if named is not None and plain else None), palette
    return WHITE, palette


def _palette(theme: Element | None, mapped: Element | None) -> Palette:
    named: dict[str, Colour] = {}
    scheme = theme.find("a_themeElements/a_clrScheme") if theme is not None else None
    for each in scheme if scheme is not None else ():
        for value in each:
            if (found := colour(value.get("lastClr") or value.get("val"))) is not None:
                named[each.tag.removeprefix("a_")] = found
    aliases = dict(mapped.items()) if mapped is not None else _USUAL_MAP
    return Palette({**named, **{alias: named[to] for alias, to in aliases.items() if to in named}})


def _filling(properties: Element) -> Element | None:
    kinds = ("a_noFill", "a_solidFill", "a_gradFill", "a_blipFill", "a_pattFill", "a_grpFill")
    return next((each for each in properties if each.tag in kinds), None)
