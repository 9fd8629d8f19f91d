"""Text that stays as it is: Markdown, plain text and YAML."""

from collections.abc import Sequence

from ingest.parsing.converted import Converted, Part
from ingest.parsing.decoding import decode


def convert_text(parts: Sequence[Part]) -> Converted:
    """The file's own text, cleaned, line for line."""
    decoded = decode(parts[0].data)
    return Converted(decoded.text, lines_are_the_files=True, notes=decoded.notes)


def convert_yaml(parts: Sequence[Part]) -> Converted:
    """YAML as a block of code: its shape is its meaning."""
    decoded = decode(parts[0].data)
    return Converted(fenced(decoded.text, "yaml"), notes=decoded.notes)


def fenced(code: str, language: str = "") -> str:
    """Code between fences longer than any inside it."""
    ticks = "```"
    while ticks in code:
        ticks += "`"
    return f"{ticks}{language}\n{code.rstrip()}\n{ticks}"
