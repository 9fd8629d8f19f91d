"""`by:@ana` in a question: the person mentioned, under every name that documents give their owners."""

import re
from collections.abc import Callable

from bot.person import Person

_BY = re.compile(
    r"(?<![\w/])(?P<how>-?by:|(?:written|authored|owned|maintained|documented) by )"
    r"<@(?P<id>[UW][A-Z0-9]{2,20})(?:\|[^<>]*)?>",
    re.IGNORECASE,
)
_UNSAFE = re.compile(r"[\"“”|<>\s]+")


def owners_named(text: str, person: Callable[[str], Person | None]) -> str:
    """The message with each such mention as `by:"Ana Costa"|ana@example.org|U123…`.

    A mention of somebody whom Slack does not know stays as it is.
    """

    def named(found: "re.Match[str]") -> str:
        one = person(found["id"])
        if one is None:
            return found.group()
        names = [f'"{_UNSAFE.sub(" ", one.name).strip()}"', _UNSAFE.sub("", one.email), one.id]
        how = found["how"] if found["how"].lower().endswith("by:") else "by:"
        return how + "|".join(name for name in names if name.strip('"'))

    return _BY.sub(named, text)
