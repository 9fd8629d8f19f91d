"""Lines of a crontab, read as cron reads them: 0 and 7 are Sunday, 1-5 is Monday to Friday."""

from datetime import time

from prompts.patterns import EVERY_DAY, MonthDay, Monthly, RuleError, Weekly

_DAY_NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ALL = "*"


def read_crontab(text: str) -> tuple[Weekly | Monthly, time]:
    """The days of a line of five fields, and the time of day that it names.

    Raises `RuleError` for lines that run more than once a day, and for those that name days of the month
    and of the week, which cron takes for either.
    """
    fields = text.lower().split()
    if len(fields) != 5:
        raise RuleError("A crontab line has five fields, from the minute to the weekday: `0 9 * * 1-5`.")
    minute, hour, day, month, weekday = fields
    if not (minute.isdecimal() and hour.isdecimal() and int(minute) < 60 and int(hour) < 24):
        raise RuleError("A crontab line must begin with one minute and one hour, like `0 9 * * 1-5`.")
    at = time(int(hour), int(minute))
    if day != _ALL and weekday != _ALL:
        raise RuleError(
            "A crontab line with days of the month and of the week means either of them: put * for one of the"
            " two, and set up a second stand-up for the other."
        )
    months = tuple(sorted(_field(month, 1, 12, _MONTH_NAMES, 1))) if month != _ALL else ()
    if day != _ALL:
        numbers = sorted(_field(day, 1, 31, (), 0))
        return Monthly(tuple(MonthDay(number) for number in numbers), months=months), at
    if months:
        raise RuleError("A crontab line with months needs a day of the month, like `0 9 1 1,7 *`.")
    days = EVERY_DAY if weekday == _ALL else _weekdays(weekday)
    return Weekly(days), at


def _weekdays(field: str) -> frozenset[int]:
    """Days of the week with 0 for Monday, of a field with 0 or 7 for Sunday."""
    return frozenset((number - 1) % 7 for number in _field(field, 0, 7, _DAY_NAMES, 0))


def _field(field: str, least: int, most: int, names: tuple[str, ...], first: int) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        begin, _, end = span.partition("-")
        if span == _ALL:
            begin, end = str(least), str(min(most, 6) if names is _DAY_NAMES else most)
        elif step and not end:
            end = str(most)
        low, high = _number(begin, names, first), _number(end or begin, names, first)
        if names is _DAY_NAMES and high == 0 and low:
            high = 7
        by = int(step[:3]) if step.isdecimal() and int(step[:3]) else 1 if not step else None
        if low is None or high is None or by is None or not least <= low <= high <= most:
            raise RuleError(f"“{part[:40]}” can't be read in a crontab line; there it is {least} to {most}.")
        found.update(range(low, high + 1, by))
    return found


def _number(text: str, names: tuple[str, ...], first: int) -> int | None:
    if text in names:
        return names.index(text) + first
    return int(text) if text.isdecimal() and len(text) < 3 else None
