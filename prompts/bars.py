"""Small charts as lines of a fixed width: each a label, a bar and words; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 16
LONGEST_LABEL = 28
_EIGHTHS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True, slots=True)
class Bar:
    """`value` is drawn as a share of the largest there is, `words` stand behind it; None draws nothing."""

    label: str
    value: float | None
    words: str = ""


def chart(bars: Sequence[Bar], width: int = WIDTH) -> str:
    """The bars as lines; negative and endless values are drawn as nothing. Empty without bars."""
    drawn = [_length(one.value) for one in bars]
    most = max(drawn, default=0.0)
    labels = [_cut(one.label) for one in bars]
    column = max(map(len, labels), default=0)
    lines = (
        f"{label:<{column}} {_bar(length / most if most else 0.0, width)} {one.words}".rstrip()
        for label, length, one in zip(labels, drawn, bars, strict=True)
    )
    return "\n".join(lines)


def _length(value: float | None) -> float:
    return value if value is not None and 0.0 < value < float("inf") else 0.0


def _bar(share: float, width: int) -> str:
    eighths = round(share * width * 8)
    if share > 0.0:
        eighths = max(eighths, 1)
    full, rest = divmod(eighths, 8)
    drawn = "█" * full + (_EIGHTHS[rest] if rest else "")
    return f"{drawn:<{width}}"


def _cut(label: str) -> str:
    label = " ".join(label.split())
    return label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1].rstrip() + "…"
