"""What a message means, before anything is done about it: for Lore or not, a question, a call for help."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.blocks.plain import clean

LONGEST_MESSAGE = 100_000
LONGEST_QUESTION = 2_000
LONGEST_PLEASANTRY = 80
PEOPLE_WRITE = frozenset({"", "file_share", "thread_broadcast", "me_message"})


@dataclass(frozen=True, slots=True)
class Myself:
    """The bot, as messages name it: its user id and its bot id; `team` is its workspace."""

    user_id: str
    bot_id: str = ""
    team: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing is to be done, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Addressed:
    """A message to Lore: it is mentioned, or this is a direct message."""

    text: str
    direct: bool


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A reply that would go on with a question, if Lore has been asked in its thread."""

    text: str
    thread_ts: str


Heard = Ignored | Addressed | FollowUp

_TOKEN = re.compile(r"<([^<>\n]{1,4000})>")
_TO_SOMEBODY = re.compile(r"\s*<[@!]")
_ASKS = re.compile(
    r"^\W*(?:and|but|or|so|then|also|what|which|who|whose|whom|where|when|why|how|is|are|was|were|do|does|did|can|"
    r"could|should|would|will|has|have|may|must|show|list|tell|explain|give|compare|find|same)\b"
    r"|[?？؟⁇⸮]",
    re.IGNORECASE,
)
_PLEASANTRY = re.compile(
    r"^\W*(?:(?:many |no )?thanks?(?: you)?(?: (?:so|very) much)?|thx|ty|cheers|ok(?:ay)?|k|great|nice|cool|"
    r"perfect|awesome|super|good|got it|makes sense|i see|lgtm|yes|no|yep|nope|\+1|done|hi|hello|hey|"
    r"good (?:morning|bot))"
    r"(?:[\s,!.:)]+(?:lore|all|everyone|again|so much|a lot|thanks|thank you|got it|that helps|perfect))*"
    r"\W*$",
    re.IGNORECASE,
)
_HELP = re.compile(r"^\W*(?:/?help|help me|usage|commands|what can you do|who are you)\W*$", re.IGNORECASE)
_EMOJI = re.compile(r":[a-z0-9_+'-]+:", re.IGNORECASE)


def hear(message: Mapping[str, Any], channel_type: str, me: Myself) -> Heard:
    """Judge a message as the Events API gives it (of an edit: its new form)."""
    text, person = message.get("text"), message.get("user")
    if message.get("bot_id") or message.get("bot_profile") or message.get("app_id"):
        return Ignored("written by a bot")
    if str(message.get("subtype") or "") not in PEOPLE_WRITE or message.get("hidden"):
        return Ignored("not written by a person")
    if not isinstance(text, str) or not isinstance(person, str) or not person or not message.get("ts"):
        return Ignored("nobody, nothing or nowhere")
    if person in (me.user_id, "USLACKBOT"):
        return Ignored("written by a bot")
    if len(text) > LONGEST_MESSAGE:
        return Ignored("longer than Slack lets people write")
    mentioned = message.get("type") == "app_mention" or bool(_mention_of(me).search(text))
    if mentioned or channel_type == "im":
        return Addressed(text, direct=channel_type == "im")
    thread_ts = message.get("thread_ts")
    if not isinstance(thread_ts, str) or thread_ts == message["ts"]:
        return Ignored("not addressed")
    if _TO_SOMEBODY.match(text):
        return Ignored("said to somebody else")
    if is_pleasantry(text) or not _ASKS.search(_EMOJI.sub(" ", text)):
        return Ignored("asks nothing")
    return FollowUp(text, thread_ts)


def is_pleasantry(text: str) -> bool:
    """Whether nothing is said but thanks, a greeting, a yes or a no."""
    return len(text) <= LONGEST_PLEASANTRY and bool(_PLEASANTRY.match(_EMOJI.sub(" ", text)))


def _mention_of(me: Myself) -> re.Pattern[str]:
    return re.compile(rf"<@{re.escape(me.user_id)}(?:\|[^<>]*)?>")


@dataclass(frozen=True, slots=True)
class Help:
    """They want to know what Lore can do; an empty mention asks the same."""


@dataclass(frozen=True, slots=True)
class Pleasantry:
    """Thanks, or a greeting."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in plain words; `characters` is how long it was before it was shortened."""

    text: str
    characters: int

    @property
    def shortened(self) -> bool:
        return self.characters > len(self.text)


Meant = Help | Pleasantry | Asked


def understand(text: str, me: Myself, name_of: Callable[[str], str]) -> Meant:
    """What the words of a message to Lore mean; `name_of` gives a name for a user id."""
    said = " ".join(in_words(text, me, name_of).split())
    if not _EMOJI.sub("", said).strip(" \t.,:;!-–—?") or _HELP.match(said):
        return Help()
    if is_pleasantry(said):
        return Pleasantry()
    return Asked(_begin(said), len(said))


def in_words(text: str, me: Myself, name_of: Callable[[str], str]) -> str:
    """Slack's own notation as a person reads it; mentions of Lore are left out."""

    def word(match: re.Match[str]) -> str:
        body, _, label = match.group(1).partition("|")
        if body.startswith("@"):
            return "" if body[1:] == me.user_id else f"@{label or name_of(body[1:])}"
        if body.startswith("#"):
            return f"#{label or body[1:]}"
        if body.startswith("!"):
            return label or f"@{body[1:].partition('^')[0]}"
        return label or body.removeprefix("mailto:")

    plain = _TOKEN.sub(word, text)
    return clean(plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def _begin(said: str) -> str:
    if len(said) <= LONGEST_QUESTION:
        return said
    return said[:LONGEST_QUESTION].rsplit(" ", 1)[0]
