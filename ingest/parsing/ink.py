"""Whether text of one colour on a ground of another can be seen."""

import re

LEAST_CONTRAST = 10
"""Of 255: what is drawn with less is nothing that an eye finds; light grey on white has 40."""

_HEX = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})(?:ff)?", re.IGNORECASE)
_RGB = re.compile(r"rgba?\((\d{1,3}),(\d{1,3}),(\d{1,3})(?:,[\d.]+)?\)", re.IGNORECASE)
_NAMED = {
    "white": (255, 255, 255), "black": (0, 0, 0), "red": (255, 0, 0), "lime": (0, 255, 0),
    "green": (0, 128, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0), "cyan": (0, 255, 255),
    "aqua": (0, 255, 255), "magenta": (255, 0, 255), "fuchsia": (255, 0, 255), "gray": (128, 128, 128),
    "grey": (128, 128, 128), "silver": (192, 192, 192), "snow": (255, 250, 250), "ivory": (255, 255, 240),
    "whitesmoke": (245, 245, 245), "ghostwhite": (248, 248, 255), "darkblue": (0, 0, 128),
    "darkcyan": (0, 128, 128), "darkgreen": (0, 128, 0), "darkmagenta": (128, 0, 128),
    "darkred": (128, 0, 0), "darkyellow": (128, 128, 0), "darkgray": (128, 128, 128),
    "lightgray": (192, 192, 192),
}  # fmt: skip

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)


def colour(said: str | None) -> Colour | None:
    """A colour as documents spell it (`FFF`, `#ffffff`, `rgb(…)`, `white`); None when it is no plain one."""
    text = "".join((said or "").split()).lower()
    if text in _NAMED:
        return _NAMED[text]
    if plain := _HEX.fullmatch(text):
        digits = plain[1] if len(plain[1]) == 6 else "".join(digit * 2 for digit in plain[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if found := _RGB.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    return None


def is_seen(ink: Colour | None, paper: Colour | None) -> bool:
    """Whether the two differ enough; what is not known is taken to be seen."""
    if ink is None or paper is None:
        return True
    return max(abs(one - other) for one, other in zip(ink, paper, strict=True)) >= LEAST_CONTRAST
