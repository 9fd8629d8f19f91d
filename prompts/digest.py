"""How changes read in a digest: few words, then the sentences themselves; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from prompts.changes import MOST_SAID, Difference, Said

MOST_SHOWN = 4
LONGEST = 220


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of one thing: `words` in one line, `details` below."""

    words: str
    details: tuple[str, ...] = ()


def told_of_new(title: str, said: Sequence[Said], how: str = "new") -> Told:
    """A page that was not there before, or could not be read here: what it is about, and how it begins."""
    heads = [head for head in dict.fromkeys(one.section for one in said) if head and head != title]
    about = f"{how}, with {listed([quoted(head) for head in heads[:4]])}" if heads else how
    first = next((one.text for one in said if not one.text.startswith("code: ")), "")
    return Told(about, (cut(first),) if first else ())


def told_of_change(change: Difference) -> Told:
    """A page that is not as it was: the sentences that are new, stand in place of others, or are gone."""
    details = [f"{_under(one.section)}{cut(one.text)} (was: {cut(one.was)})" for one in change.reworded]
    details += [f"{_under(one.section)}{cut(one.text)}" for one in change.added]
    details += [f"{_under(one.section)}no longer: {cut(one.text)}" for one in change.removed]
    counts = (
        (len(change.reworded), "changed"),
        (len(change.added), "new"),
        (len(change.removed), "gone"),
    )
    told = [f"{count}{'' if count < MOST_SAID else ' or more'} {what}" for count, what in counts if count]
    words = ([change.status] if change.status else []) + ([f"sentences: {listed(told)}"] if told else [])
    left = len(details) - MOST_SHOWN
    shown = details[:MOST_SHOWN] + ([f"and {left} more"] if left > 0 else [])
    return Told("; ".join(words) or "changed", tuple(shown))


def listed(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def quoted(text: str) -> str:
    return f"“{cut(text, 60)}”"


def cut(text: str, most: int = LONGEST) -> str:
    """The text in one line, cut at a word."""
    flat = " ".join(text.split())
    if len(flat) <= most:
        return flat
    return flat[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _under(section: str) -> str:
    return f"{cut(section, 60)}: " if section else ""
