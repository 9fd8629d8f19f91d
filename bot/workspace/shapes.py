"""A small language for saying what JSON must look like, with complaints worded as Slack words them.

A check takes a value, the JSON pointer to it and the list that complaints go to. The wording follows what
the Web API answers (`response_metadata.messages`); a wording marked *assumed* has not been seen there.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any, str, list[str]], None]


def complain(out: list[str], text: str, pointer: str) -> None:
    out.append(f"{text} [json-pointer:{pointer}]")


def string(most: int | None = None, least: int = 0) -> Check:
    """A string of `least` to `most` characters."""

    def check(value: Any, pointer: str, out: list[str]) -> None:
        if not isinstance(value, str):
            complain(out, "must provide a string", pointer)
        elif most is not None and len(value) > most:
            complain(out, f"must be less than {most + 1} characters", pointer)
        elif len(value) < least:
            complain(out, f"must be more than {least - 1} characters", pointer)

    return check


def like(pattern: str, what: str) -> Check:
    """A string of this shape. *Assumed* wording."""

    def check(value: Any, pointer: str, out: list[str]) -> None:
        if not isinstance(value, str):
            complain(out, "must provide a string", pointer)
        elif not re.fullmatch(pattern, value):
            complain(out, f"must be {what}", pointer)

    return check


def url(most: int = 3000) -> Check:
    """A web or mail address. *Assumed* wording for a wrong scheme."""
    length = string(most, 1)

    def check(value: Any, pointer: str, out: list[str]) -> None:
        before = len(out)
        length(value, pointer, out)
        if len(out) == before and not value.startswith(
            ("http://", "https://", "mailto:", "slack://", "tel:")
        ):
            complain(out, "invalid url", pointer)

    return check


def boolean(value: Any, pointer: str, out: list[str]) -> None:
    """True or false."""
    if not isinstance(value, bool):
        complain(out, "must provide a boolean", pointer)


def anything(value: Any, pointer: str, out: list[str]) -> None:
    """Not checked here."""


def number(least: int | None = None, most: int | None = None) -> Check:
    """A whole number between two bounds."""

    def check(value: Any, pointer: str, out: list[str]) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            complain(out, "must provide a number", pointer)
        elif (least is not None and value < least) or (most is not None and value > most):
            complain(out, f"must be between {least} and {most}", pointer)

    return check


def one_of(*values: str) -> Check:
    """One of these strings."""

    def check(value: Any, pointer: str, out: list[str]) -> None:
        if value not in values:
            complain(out, f"must be a valid enum value: {', '.join(values)}", pointer)

    return check


def list_of(item: Check, most: int | None = None, least: int = 0) -> Check:
    """An array whose items all pass."""

    def check(value: Any, pointer: str, out: list[str]) -> None:
        if not isinstance(value, list):
            complain(out, "must provide an array", pointer)
            return
        if most is not None and len(value) > most:
            complain(out, f"no more than {most} items allowed", pointer)
        if len(value) < least:
            complain(out, f"no fewer than {least} items allowed", pointer)
        for place, each in enumerate(value):
            item(each, f"{pointer}/{place}", out)

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these fields and no others; `type` is always allowed."""
    optional = optional or {}

    def check(value: Any, pointer: str, out: list[str]) -> None:
        if not isinstance(value, dict):
            complain(out, "must provide an object", pointer)
            return
        for name in required:
            if name not in value:
                complain(out, f"missing required field: {name}", pointer)
        for name, each in value.items():
            known = required.get(name) or optional.get(name)
            if known is not None:
                known(each, f"{pointer}/{name}", out)
            elif name != "type":
                complain(out, f"invalid additional property: {name}", pointer)

    return check


def by_type(kinds: Mapping[str, Check]) -> Check:
    """An object whose `type` says which check it must pass."""

    def check(value: Any, pointer: str, out: list[str]) -> None:
        if not isinstance(value, dict):
            complain(out, "must provide an object", pointer)
        elif "type" not in value:
            complain(out, "missing required field: type", pointer)
        elif not isinstance(value["type"], str) or value["type"] not in kinds:
            complain(out, f"unsupported type: {value['type']}", f"{pointer}/type")
        else:
            kinds[value["type"]](value, pointer, out)

    return check


def both(*checks: Check) -> Check:
    """All of these checks."""

    def check(value: Any, pointer: str, out: list[str]) -> None:
        for each in checks:
            each(value, pointer, out)

    return check


def some(*names: str) -> Check:
    """At least one of these fields is there: worded as for sections without text and fields."""

    def check(value: Any, pointer: str, out: list[str]) -> None:
        if isinstance(value, dict) and not any(value.get(name) for name in names):
            wanted = " or ".join(f"`{name}`" for name in names)
            complain(out, f"must define either {wanted}", f"{pointer}/type")

    return check
