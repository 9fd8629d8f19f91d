"""A stand-up as a table of plain values, as lore.toml, templates and forms have it, and back."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import time, timedelta
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from prompts.prompt_lines import PromptError, read_prompts, written
from prompts.recurrence import Rule, RuleError
from prompts.ritual import Prompt, Standup
from prompts.spans import SpanError, read_span, span

EACH = "each"
"""The zone of a stand-up that comes in each person's own."""

KEYS = (
    "name", "team", "prompts", "days", "at", "zone", "window", "late", "reminders", "report", "form",
    "summary", "lead", "observers", "consent", "on_holiday", "on_leave", "escalate_after", "drafts",
)  # fmt: skip
LONGEST_NAME = 60
MOST_NAMED = 50
MOST_REMINDERS = 3

_NOT_IN_NAMES = frozenset('<>@#`*{}[]\\|"')
_PLACE = re.compile(r"#[^\s#@<>]{1,80}")
_PERSON = re.compile(r"[UW][A-Z0-9]{7,20}|[^@\s<>]{1,64}@[^@\s<>]{1,190}")
_GROUP = re.compile(r"@[^\s@#<>]{1,80}")
_AT = re.compile(r"([01]?[0-9]|2[0-3])[:.h]([0-5][0-9])")
_ZONE = re.compile(r"(?!posix|right|localtime|Factory)[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+){0,2}")
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)

E = TypeVar("E", bound=StrEnum)


class StandupError(ValueError):
    """A value that cannot be; `key` names it, and the message says what can."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def standup_of(table: Mapping[str, Any], before: Sequence[Prompt] = ()) -> Standup:
    """The stand-up that a table says; what it does not say is as usual. Raises StandupError.

    A time that is named with the `days` counts. `before` are the prompts that it had: they keep their keys.
    """
    for key in table:
        if key not in KEYS:
            near = get_close_matches(key, KEYS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(KEYS)}."
            raise StandupError(key, f"{key[:40]} is not a setting of a stand-up: {hint}")
    usual, name = Standup("", (), (), "", time()), name_of(table.get("name"))
    window = _length(table, "window", usual.window, 15 * _MINUTE, 7 * _DAY)
    rule = _rule(table.get("days"))
    return Standup(
        name=name,
        team=_named(table, "team", (_PLACE, _GROUP, _PERSON), "#channels, @groups and people", needed=True),
        prompts=_prompts(table.get("prompts"), before),
        rule=rule.text,
        at=rule.at or _time(table.get("at")),
        zone=_zone(table.get("zone", EACH)),
        window=window,
        late=_length(table, "late", usual.late, timedelta(0), _DAY),
        reminders=_reminders(table, usual.reminders, window),
        report=_place(table.get("report", "")),
        form=_one_of(table, "form", usual.form),
        summary=_one_of(table, "summary", usual.summary),
        lead=_person(table, "lead"),
        observers=_named(table, "observers", (_PLACE, _GROUP, _PERSON, re.compile("everyone")),
                         "#channels, @groups, people, or everyone"),
        consent=_one_of(table, "consent", usual.consent),
        on_holiday=_one_of(table, "on_holiday", usual.on_holiday),
        on_leave=_one_of(table, "on_leave", usual.on_leave),
        escalate_after=_length(table, "escalate_after", usual.escalate_after, _DAY, 60 * _DAY),
        drafts=_yes_no(table, "drafts"),
    )  # fmt: skip


def table_of(standup: Standup) -> dict[str, Any]:
    """The table that `standup_of` reads as this stand-up."""
    return {
        "name": standup.name,
        "team": [*standup.team],
        "prompts": written(standup.prompts),
        "days": standup.rule,
        "at": f"{standup.at:%H:%M}",
        "zone": standup.zone or EACH,
        "window": span(standup.window),
        "late": span(standup.late),
        "reminders": [span(one) for one in standup.reminders],
        "report": standup.report,
        "form": standup.form.value,
        "summary": standup.summary.value,
        "lead": standup.lead,
        "observers": [*standup.observers],
        "consent": standup.consent.value,
        "on_holiday": standup.on_holiday.value,
        "on_leave": standup.on_leave.value,
        "escalate_after": span(standup.escalate_after),
        "drafts": standup.drafts,
    }


def name_of(value: Any) -> str:
    """A name as it is kept. Raises StandupError."""
    text = " ".join(unicodedata.normalize("NFC", _text("name", value)).split())
    if not text:
        raise StandupError("name", "Give it a name, such as Platform daily.")
    if len(text) > LONGEST_NAME:
        raise StandupError(
            "name", f"This name has {len(text):,} characters; {LONGEST_NAME} are the most that can be read."
        )
    if odd := sorted(_NOT_IN_NAMES & set(text)):
        raise StandupError("name", f"A name is plain words, without {' '.join(odd)} in it.")
    if not text.isprintable() or not any(letter.isalnum() for letter in text):
        raise StandupError("name", "A name is letters and digits that can be seen.")
    return text


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same to a person who types them."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _text(key: str, value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise StandupError(key, f"This must be text, not {value!r:.60}.")
    return value.strip()


def _texts(key: str, value: Any) -> list[str]:
    listed = [value] if isinstance(value, str) else list(value or ()) if _is_list(value) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise StandupError(key, f"This must be a list of texts, not {value!r:.60}.")
    return list(dict.fromkeys(one.strip() for one in listed if one.strip()))


def _is_list(value: Any) -> bool:
    return value is None or isinstance(value, list | tuple)


def _named(
    table: Mapping[str, Any],
    key: str,
    shapes: tuple[re.Pattern[str], ...],
    what: str,
    *,
    needed: bool = False,
) -> tuple[str, ...]:
    found = _texts(key, table.get(key))
    for one in found:
        if not any(shape.fullmatch(one) for shape in shapes):
            raise StandupError(
                key, f"{one[:60]} is not understood: name {what} (by e-mail address or Slack user id)."
            )
    if needed and not found:
        raise StandupError(key, f"Say who is asked: {what}.")
    if len(found) > MOST_NAMED:
        raise StandupError(
            key, f"These are {len(found):,}; name at most {MOST_NAMED}, or a channel or group."
        )
    return tuple(found)


def _prompts(value: Any, before: Sequence[Prompt]) -> tuple[Prompt, ...]:
    lines = value if isinstance(value, str) else _texts("prompts", value)
    try:
        return read_prompts(lines, before)
    except PromptError as error:
        raise StandupError("prompts", str(error)) from None


def _rule(value: Any) -> Rule:
    text = _text("days", value)
    if not text:
        raise StandupError("days", "Say on which days, such as every weekday, or Monday and Thursday.")
    try:
        return Rule.read(text)
    except RuleError as error:
        raise StandupError("days", str(error)) from None


def _time(value: Any) -> time:
    found = _AT.fullmatch(_text("at", value))
    if found is None:
        told = f", not {value!r:.20}" if value else ""
        raise StandupError("at", f"Say at which time, such as 09:30{told}.")
    return time(int(found[1]), int(found[2]))


def _zone(value: Any) -> str:
    name = _text("zone", value)
    if name.lower() in ("", EACH):
        return ""
    try:
        if _ZONE.fullmatch(name):
            return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    hint = _did_you_mean(name, available_timezones())
    raise StandupError("zone", f"{name[:60]} is no time zone{hint}; or {EACH}, for each person's own.")


def _did_you_mean(name: str, known: set[str]) -> str:
    cities: dict[str, str] = {}
    for one in sorted(known):
        if "/" in one and not one.startswith(("Etc/", "SystemV/", "US/", "posix/", "right/")):
            cities.setdefault(one.rpartition("/")[2].lower(), one)
    wanted = name.strip().replace(" ", "_").lower()
    near = get_close_matches(wanted, [one.lower() for one in known], n=1, cutoff=0.75)
    city = get_close_matches(wanted.rpartition("/")[2], cities, n=1, cutoff=0.7)
    exact = {one.lower(): one for one in known}
    found = exact[near[0]] if near else cities[city[0]] if city else ""
    return f": did you mean {found}?" if found else ": write one such as Europe/Lisbon"


def _length(
    table: Mapping[str, Any], key: str, usual: timedelta, least: timedelta, most: timedelta
) -> timedelta:
    if table.get(key) in (None, ""):
        return usual
    length = _span(key, table[key])
    if not least <= length <= most:
        raise StandupError(key, f"This must be between {span(least)} and {span(most)}, not {span(length)}.")
    return length


def _span(key: str, value: Any) -> timedelta:
    try:
        return read_span(_text(key, value))
    except (SpanError, OverflowError) as error:
        raise StandupError(key, str(error)) from None


def _reminders(
    table: Mapping[str, Any], usual: tuple[timedelta, ...], window: timedelta
) -> tuple[timedelta, ...]:
    value = table.get("reminders")
    if value is None:
        return tuple(one for one in usual if one < window)
    listed = value.split(",") if isinstance(value, str) else value
    found = sorted({_span("reminders", one) for one in _texts("reminders", listed)}, reverse=True)
    if len(found) > MOST_REMINDERS:
        raise StandupError("reminders", f"At most {MOST_REMINDERS} reminders: nobody reads the fourth.")
    if wrong := [one for one in found if not 5 * _MINUTE <= one < window]:
        raise StandupError(
            "reminders",
            f"{span(wrong[0])} before the end is not within the {span(window)} that people have: say between "
            f"5m and less than {span(window)}.",
        )
    return tuple(found)


def _place(value: Any) -> str:
    text = _text("report", value)
    if text and not re.fullmatch(r"#[^\s#@<>]{1,80}|[CG][A-Z0-9]{7,20}", text):
        raise StandupError("report", f"{text[:60]} is no channel: write #name, or leave it out.")
    return text


def _person(table: Mapping[str, Any], key: str) -> str:
    text = _text(key, table.get(key))
    if text and not _PERSON.fullmatch(text):
        raise StandupError(key, f"{text[:60]} is nobody: write an e-mail address or a Slack user id.")
    return text


def _one_of(table: Mapping[str, Any], key: str, usual: E) -> E:
    value = _text(key, table.get(key))
    if not value:
        return usual
    kind = type(usual)
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(one.value for one in kind)
        raise StandupError(key, f"This is one of {known}, not {value[:40]}.") from None


def _yes_no(table: Mapping[str, Any], key: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise StandupError(key, f"This is true or false, not {value!r:.40}.")
    return value
