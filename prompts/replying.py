"""Replies to the prompts of a stand-up: which are asked, what was meant, what is missing; pure."""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from prompts.ritual import Prompt, ReplyKind, Role, Standup

LONGEST_REPLY = 3_000
"""What a field of a form takes in Slack; replies that are written as messages keep to it, too, so that they
can be edited in a form."""
SCALE = ("1", "2", "3", "4", "5")
YES, NO = "yes", "no"

_YES = frozenset({"yes", "y", "yep", "yeah", "true", "1", "ja", "si", "sí", "oui"})
_NO = frozenset({"no", "n", "nope", "false", "0", "2", "nein", "non"})
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_LONGEST_LINK = 2_000
_LONGEST_RUN = 300


class NotRead(ValueError):
    """What was typed is no reply to the prompt; says what is wanted."""


@dataclass(frozen=True, slots=True)
class Judged:
    """`replies` are those to prompts that are asked; `problems` say, by the key of a prompt, what is wrong
    with what was typed there, or that it is missing."""

    replies: Mapping[str, str]
    problems: Mapping[str, str] = field(default_factory=dict)


def asked(standup: Standup, replies: Mapping[str, str]) -> tuple[Prompt, ...]:
    """The prompts that are asked once these replies are given; an unasked prompt's reply asks for nothing."""
    found: list[Prompt] = []
    keys: set[str] = set()
    for prompt in standup.prompts:
        when = prompt.when
        if when is None or (when.key in keys and _same(replies.get(when.key, ""), when.equals)):
            found.append(prompt)
            keys.add(prompt.key)
    return tuple(found)


def deciding(standup: Standup) -> frozenset[str]:
    """The keys of prompts on whose replies others depend."""
    return frozenset(one.when.key for one in standup.prompts if one.when is not None)


def read(prompt: Prompt, text: str) -> str:
    """What was typed as the reply that is kept; empty where nothing was. Raises NotRead."""
    text = text.strip()
    if not text:
        return ""
    match prompt.kind:
        case ReplyKind.TEXT:
            return _of_length(text, LONGEST_REPLY)
        case ReplyKind.RUN:
            return _of_length(" ".join(text.split()), _LONGEST_RUN)
        case ReplyKind.CHOICE:
            return _one_of(text, prompt.choices)
        case ReplyKind.SCALE:
            return _one_of(text, SCALE)
        case ReplyKind.YES_NO:
            word = text.strip(" .!").lower()
            if word in _YES or word in _NO:
                return YES if word in _YES else NO
            raise NotRead("Reply yes or no.")
        case ReplyKind.NUMBER:
            return _number(text)
        case ReplyKind.LINK:
            return _link(text)


def judged(standup: Standup, typed: Mapping[str, str], shown: Collection[str] | None = None) -> Judged:
    """All that was typed, judged in the order of the prompts. What is required may be missing only where it
    was not `shown` (None: all were)."""
    replies: dict[str, str] = {}
    problems: dict[str, str] = {}
    for prompt in standup.prompts:
        if prompt not in asked(standup, replies):
            continue
        try:
            reply = read(prompt, typed.get(prompt.key, ""))
        except NotRead as error:
            problems[prompt.key] = str(error)
            continue
        if reply:
            replies[prompt.key] = reply
        elif prompt.required and (shown is None or prompt.key in shown):
            problems[prompt.key] = "This one is needed."
    return Judged(replies, problems)


def again(standup: Standup, earlier: Mapping[str, str]) -> Judged:
    """An earlier entry's replies as replies to what is asked now: what does not fit any more is left out."""
    fitting: dict[str, str] = {}
    for prompt in standup.prompts:
        try:
            fitting[prompt.key] = read(prompt, earlier.get(prompt.key, ""))
        except NotRead:
            continue
    return judged(standup, fitting)


def carried_on(standup: Standup, earlier: Mapping[str, str], blockers: Sequence[str]) -> dict[str, str]:
    """What a form begins with: the last plan where it asks what was done, and the blockers that stand."""
    plans = [earlier.get(one.key, "") for one in standup.prompts if one.role is Role.PLAN]
    plan = "\n".join(one for one in plans if one)
    texts = {Role.DONE: plan, Role.BLOCKERS: "\n".join(blockers)}
    found: dict[str, str] = {}
    for role, text in texts.items():
        first = next(
            (one for one in standup.prompts if one.role is role and one.kind is ReplyKind.TEXT), None
        )
        if first is not None and text:
            found[first.key] = text[:LONGEST_REPLY]
    return found


def options(prompt: Prompt) -> tuple[tuple[str, str], ...]:
    """Of a prompt that takes one of a few: each reply with its label; empty for others."""
    match prompt.kind:
        case ReplyKind.CHOICE:
            return tuple((one, one) for one in prompt.choices)
        case ReplyKind.YES_NO:
            return ((YES, "Yes"), (NO, "No"))
        case ReplyKind.SCALE:
            ends = {SCALE[0]: prompt.choices[0], SCALE[-1]: prompt.choices[-1]} if prompt.choices else {}
            return tuple((one, f"{one} · {ends[one]}" if one in ends else one) for one in SCALE)
        case ReplyKind.TEXT | ReplyKind.NUMBER | ReplyKind.LINK | ReplyKind.RUN:
            return ()


def _same(reply: str, wanted: str) -> bool:
    return reply.strip().casefold() == wanted.strip().casefold()


def _of_length(text: str, most: int) -> str:
    if len(text) > most:
        raise NotRead(
            f"These are {len(text):,} characters, and a reply takes {most:,} at most. Shorten it; "
            "what is longer can be linked to."
        )
    return text


def _one_of(text: str, choices: Sequence[str]) -> str:
    for one in choices:
        if _same(text, one):
            return one
    if text.isascii() and text.isdecimal() and 0 < int(text[:6]) <= len(choices):
        return choices[int(text[:6]) - 1]
    raise NotRead(f"Reply with one of these, or its number: {', '.join(choices)}.")


def _number(text: str) -> str:
    found = _NUMBER.fullmatch(text)
    if found is None or not math.isfinite(float(text)):
        raise NotRead("Reply with a number, such as 3 or 0.87.")
    return text


def _link(text: str) -> str:
    try:
        parts = urlsplit(text)
        fits = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        fits = False
    if not fits or len(text) > _LONGEST_LINK or any(one.isspace() for one in text):
        raise NotRead("Reply with one link, beginning with https://.")
    return text
