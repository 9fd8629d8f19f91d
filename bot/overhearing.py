"""Whether a message that is not for Lore asks something that its documents might answer: by rules."""

import re
from collections.abc import Mapping
from typing import Any

from bot.hearing import Myself, in_words, is_pleasantry
from knowledge.analysis import content_terms

SHORTEST, LONGEST = 12, 600
FEWEST_TERMS = 2

_TO_SOMEBODY = re.compile(r"<[@!]|(?<!\w)@\w")
_OPENS = re.compile(
    r"^\W*(?:(?:hi|hello|hey|so|ok|okay|quick question|question|anyone|anybody|someone|please|sorry|btw)\b"
    r"[\s,:!-]*){0,3}"
    r"(?:what|which|who|whose|where|when|why|how|is|are|was|were|do|does|did|can|could|should|would|will|has|"
    r"have|must|may)\b",
    re.IGNORECASE,
)
_OF_THE_MOMENT = re.compile(
    r"\b(?:lunch|coffee|beer|tonight|this afternoon|this morning|tomorrow|right now|today|online|around"
    r"|available|joining|join (?:us|me)|free (?:at|on|for)|up for|in the office|a minute"
    r"|(?:can|could) (?:you|someone|anyone|anybody)(?! (?:please )?(?:tell|explain|remind|point|say))"
    r"|would you|will you|are you|did you|have you|do you (?:mind|want|think)|what do you think|thoughts"
    r"|your)\b",
    re.IGNORECASE,
)


def asks_the_room(event: Mapping[str, Any], me: Myself) -> bool:
    """Whether a top-level message of a person asks a question of substance of nobody in particular.

    Replies, edits, bots' messages, messages with files and everything that names somebody are none.
    """
    if event.get("bot_id") or event.get("bot_profile") or event.get("app_id") or event.get("subtype"):
        return False
    if event.get("thread_ts") or event.get("edited") or event.get("hidden") or event.get("files"):
        return False
    text, person = event.get("text"), event.get("user")
    if not isinstance(text, str) or not isinstance(person, str) or person in (me.user_id, "USLACKBOT", ""):
        return False
    return is_question(text, me)


def is_question(text: str, me: Myself) -> bool:
    """Whether the words are a question about a matter, not to a person, about the moment, or small talk."""
    if _TO_SOMEBODY.search(text) or len(text) > LONGEST:
        return False
    return _OF_THE_MOMENT.search(_said(text, me)) is None and asks_something(text, me)


def asks_something(text: str, me: Myself) -> bool:
    """Whether the words are a question of substance, to whomever and about whenever."""
    said = _said(text, me)
    if len(said) < SHORTEST or is_pleasantry(said):
        return False
    asks = said.rstrip(" )”\"'!").endswith(("?", "？", "؟")) or (_OPENS.match(said) and "?" in said)
    return bool(asks) and len(content_terms(said)) >= FEWEST_TERMS


def _said(text: str, me: Myself) -> str:
    return " ".join(in_words(text, me, lambda user_id: user_id).split())
