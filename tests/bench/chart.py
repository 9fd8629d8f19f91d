"""A chart of lines over time as SVG, by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 800, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 50, 60
COLOURS = ("#1d70b8", "#d4351c", "#00703c")
MOST_POINTS = 800


@dataclass(frozen=True)
class Line:
    """Points (x, y), in the order of x."""

    name: str
    points: Sequence[tuple[float, float]]


def chart(
    title: str, x_name: str, y_name: str, lines: Sequence[Line], marks: Sequence[tuple[float, str]] = ()
) -> str:
    """The picture; `marks` are moments on the x axis with a word each."""
    most_x = max((x for line in lines for x, _ in line.points), default=1) or 1
    most_y = _round(max((y for line in lines for _, y in line.points), default=1) or 1)

    def at(x: float, y: float) -> tuple[float, float]:
        across = LEFT + x / most_x * (WIDTH - LEFT - RIGHT)
        return round(across, 1), round(HEIGHT - BOTTOM - y / most_y * (HEIGHT - TOP - BOTTOM), 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        _text(LEFT, 20, title, size=15),
        _text(LEFT, TOP - 10, y_name),
        _text(WIDTH - RIGHT, HEIGHT - 12, x_name, anchor="end"),
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        (left, y), (right, _) = at(0, share * most_y), at(most_x, 0)
        parts.append(f'<line x1="{left}" y1="{y}" x2="{right}" y2="{y}" stroke="#ddd"/>')
        parts.append(_text(LEFT - 8, y + 4, f"{share * most_y:,.0f}", anchor="end"))
        x, low = at(share * most_x, 0)
        parts.append(_text(x, low + 18, f"{share * most_x:,.0f}", anchor="middle"))
    for row, (moment, word) in enumerate(marks, 1):
        (x, low), (_, high) = at(max(0.0, moment), 0), at(0, most_y)
        parts.append(f'<line x1="{x}" y1="{low}" x2="{x}" y2="{high}" stroke="#888" stroke-dasharray="4 3"/>')
        last = x > 0.9 * WIDTH
        parts.append(
            _text(x - 4 if last else x + 4, high + 14 * row, word, anchor="end" if last else "start")
        )
    for n, line in enumerate(lines):
        step = max(1, len(line.points) // MOST_POINTS)
        points = " ".join(f"{x},{y}" for x, y in (at(*point) for point in line.points[::step]))
        colour = COLOURS[n % len(COLOURS)]
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(_text(LEFT + 170 * n, HEIGHT - 12, f"— {line.name}", colour=colour))
    return "\n".join([*parts, "</svg>", ""])


def _text(
    x: float, y: float, words: str, *, anchor: str = "start", size: int = 12, colour: str = "black"
) -> str:
    place = f'x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" fill="{colour}"'
    return f"<text {place}>{escape(words)}</text>"


def _round(value: float) -> float:
    """The next value with one digit and a half."""
    scale = 1.0
    while scale * 10 <= value:
        scale *= 10
    return next(part * scale for part in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if part * scale >= value)
