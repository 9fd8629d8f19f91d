"""Working days: public holidays of countries and regions, and the days of the week that somebody works."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

_DAY = timedelta(days=1)
_FAR = 400


class PlaceError(ValueError):
    """A country or region whose holidays are not known; the message says which are."""


@dataclass(frozen=True, slots=True)
class WorkWeek:
    """The days of the week (0 is Monday) on which somebody works."""

    days: frozenset[int] = frozenset(range(5))

    def works(self, day: date) -> bool:
        return day.weekday() in self.days


def holiday(day: date, country: str, subdivision: str = "") -> str | None:
    """The name of the public holiday that a country, or a region of it, has or observes on a date.

    Both are named by their ISO 3166 codes (`DE`, `BY`). None where there is none, where no country is named,
    and where its holidays are not known; an unknown region has the holidays of its country.
    """
    return _of_year(country.upper(), subdivision.upper(), day.year).get(day) if country else None


def check_place(country: str, subdivision: str = "") -> None:
    """Raise `PlaceError` for a country or region whose holidays are not known."""
    regions = _known().get(country.upper())
    if regions is None:
        raise PlaceError(
            f"The holidays of “{country[:40]}” are not known. Write two letters, like DE, US or JP."
        )
    if subdivision and subdivision.upper() not in regions:
        some = f"Write one of {', '.join(regions)}." if regions else "Leave it empty."
        raise PlaceError(f"“{subdivision[:40]}” is not known as a region of {country.upper()}. {some}")


def holiday_of_all(
    day: date, places: Iterable[tuple[str, str]], company: Mapping[date, str] | None = None
) -> str | None:
    """Why nobody works: the company's day off, or a holiday of each place (country, region) there is."""
    if company and day in company:
        return company[day]
    names = [holiday(day, country, subdivision) for country, subdivision in set(places)]
    return names[0] if names and all(names) else None


def next_workday(day: date, works: Callable[[date], bool]) -> date | None:
    """The first date after `day` on which somebody works; None when there is none within a year."""
    return next((found for n in range(1, _FAR) if works(found := day + n * _DAY)), None)


@lru_cache(maxsize=1)
def _known() -> Mapping[str, Sequence[str]]:
    return holidays.list_supported_countries(include_aliases=False)


@lru_cache(maxsize=1024)
def _of_year(country: str, subdivision: str, year: int) -> Mapping[date, str]:
    """All holidays of a year by date, named in English where that is known; of an unknown region, its
    country's."""
    regions = _known().get(country)
    if regions is None:
        return {}
    region = subdivision if subdivision in regions else None
    found = holidays.country_holidays(country, subdiv=region, years=year)
    if "en_US" in found.supported_languages:
        found = holidays.country_holidays(country, subdiv=region, years=year, language="en_US")
    return dict(found)
