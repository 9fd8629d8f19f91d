"""What a person has open in Slack, as Slack tells it, and whether a question points at it: pure."""

import re
from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import Any

from bot.journal.personal import Viewed


class _Entity(StrEnum):
    CHANNEL = "slack#/types/channel_id"
    MESSAGE = "slack#/types/message_context"


_CHANNEL_ID = re.compile(r"[CDG][A-Z0-9]{7,20}")
_TS = re.compile(r"\d{1,12}\.\d{1,6}")
_THERE = re.compile(
    r"\b(?:this|that) (?:channel|thread|conversation|discussion)\b"
    r"|\bwhat(?:['’]s| is| are|) (?:they|people|everyone|going on|happening)\b.*\b(?:about|here|on)\b"
    r"|\b(?:going on|happening|discussed|talked about|said|asked) here\b"
    r"|^\W*(?:catch me up|what did i miss)\W*$",
    re.IGNORECASE,
)
_PERHAPS = re.compile(
    r"\b(?:this|that) (?:message|post)\b"
    r"|\b(?:what(?:['’]s| is| are)|what was) this\b"
    r"|\b(?:about|explain|summari[sz]e|sum up|tl;?dr|recap|read) (?:this|here|it)\b"
    r"|^\W*(?:tl;?dr|summari[sz]e|recap|summary)\W*$"
    r"|^\W*(?:is|are|was|does|do|can|why|how|who|where|when|what|which)\b[^.]{0,80}\b(?:this|here)\W*$",
    re.IGNORECASE,
)


class Pointing(Enum):
    """Whether a question is about what its asker looks at."""

    NOT = "not"
    PERHAPS = "perhaps"  # or about what was said just before
    SURELY = "surely"


def viewed(context: Any) -> Viewed | None:
    """What is seen, of the `context` of an event: the most relevant entity that is a conversation.

    None when there is none, or when the entities are not as Slack describes them.
    """
    entities = context.get("entities") if isinstance(context, Mapping) else None
    for entity in entities if isinstance(entities, list) else ():
        if not isinstance(entity, Mapping):
            continue
        value = entity.get("value")
        match entity.get("type"):
            case _Entity.CHANNEL if _is(_CHANNEL_ID, value):
                return Viewed(str(value))
            case _Entity.MESSAGE if isinstance(value, Mapping):
                channel, ts = value.get("channel_id"), value.get("message_ts")
                if _is(_CHANNEL_ID, channel) and _is(_TS, ts):
                    return Viewed(str(channel), str(ts))
            case _:
                continue  # a canvas, a list, or something that Slack has added since
    return None


def pointing(question: str) -> Pointing:
    """“What are they talking about?” surely points there; “what is this about?” may mean the last answer."""
    if _THERE.search(question):
        return Pointing.SURELY
    return Pointing.PERHAPS if _PERHAPS.search(question) else Pointing.NOT


def _is(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
