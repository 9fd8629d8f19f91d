"""What people said in Slack as the Markdown of a page: who said it, when, and what."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.hearing import PEOPLE_WRITE, Myself, in_words

LONGEST_TITLE = 80


def as_page(
    messages: Sequence[Mapping[str, Any]], me: Myself, name_of: Callable[[str], str]
) -> tuple[str, str]:
    """A title and a text for a page of these messages, oldest first; each with its author and date.

    What bots said is left out, unless it is the only message.
    """
    said = [message for message in messages if _by_person(message)] or list(messages[:1])
    parts = [part for message in said if (part := _part(message, me, name_of))]
    first = in_words(str(said[0].get("text") or ""), me, name_of) if said else ""
    return title_of(first), "\n\n".join(parts)


def title_of(text: str) -> str:
    """The first line of a text, at most LONGEST_TITLE characters, cut after a word."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    line = line.lstrip("#>*•- ").strip()
    if len(line) <= LONGEST_TITLE:
        return line
    return line[:LONGEST_TITLE].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _part(message: Mapping[str, Any], me: Myself, name_of: Callable[[str], str]) -> str:
    text = in_words(str(message.get("text") or ""), me, name_of).strip()
    names = [str(file.get("name") or "") for file in message.get("files") or () if file.get("name")]
    if names:
        text = f"{text}\n\nFiles: {', '.join(names)}".strip()
    if not text:
        return ""
    person = str(message.get("user") or "")
    author = name_of(person) if person else str(message.get("username") or "an app")
    return f"**{author}**, {_date(str(message.get('ts') or ''))}:\n\n{text}"


def _by_person(message: Mapping[str, Any]) -> bool:
    return not message.get("bot_id") and str(message.get("subtype") or "") in PEOPLE_WRITE


def _date(ts: str) -> str:
    try:
        at = datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return "at an unknown time"
    return f"{at.day} {at:%B %Y}"
