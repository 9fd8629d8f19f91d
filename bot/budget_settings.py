"""`[budgets]` of lore.toml: how much may be asked, and what a chat model may cost, of whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.journal.spending import Scope
from knowledge.errors import SettingsError

MILLION = 1_000_000
_LIMITS = ("calls_a_minute", "calls_a_day", "tokens_a_day", "money_a_day")


@dataclass(frozen=True, slots=True)
class Limits:
    """Calls of the chat model, its tokens (in and out) and its money, at most; None: no limit.

    A day is UTC's. `money_a_day` is in millionths of what the prices are given in.
    """

    calls_a_minute: int | None = None
    calls_a_day: int | None = None
    tokens_a_day: int | None = None
    money_a_day: int | None = None


@dataclass(frozen=True, slots=True)
class Budgets:
    """`questions_a_minute` is for each person, with a model or without. Prices are for a million tokens."""

    questions_a_minute: int = 20
    limits: Mapping[Scope, Limits] = field(
        default_factory=lambda: {
            Scope.PERSON: Limits(calls_a_minute=20, calls_a_day=500),
            Scope.CHANNEL: Limits(calls_a_minute=60, calls_a_day=2000),
            Scope.WORKSPACE: Limits(calls_a_minute=120, calls_a_day=10_000),
        }
    )
    price_in: float = 0.0
    price_out: float = 0.0

    def cost(self, tokens_in: int, tokens_out: int) -> int:
        """In millionths: a price for a million tokens is millionths a token."""
        return round(tokens_in * self.price_in + tokens_out * self.price_out)

    def at_most(self, tokens: int) -> int:
        """What so many tokens cost if all are of the dearer kind, in millionths."""
        return round(tokens * max(self.price_in, self.price_out))


def budgets(config: str, table: Mapping[str, Any]) -> Budgets:
    """Read the table (`config` is the file's name). Raises SettingsError, naming value and fix."""
    usual = Budgets()
    known = ("questions_a_minute", "price_per_million_in", "price_per_million_out", *map(str, Scope))
    for key in table:
        if key not in known:
            raise SettingsError(
                f"[budgets] in {config} has an unknown key `{key}`: known are {', '.join(sorted(known))}."
            )
    found = Budgets(
        questions_a_minute=int(_number(config, "questions_a_minute", table, usual.questions_a_minute)),
        limits={scope: _limits(config, scope, table.get(scope, {}), usual.limits[scope]) for scope in Scope},
        price_in=_number(config, "price_per_million_in", table, 0.0),
        price_out=_number(config, "price_per_million_out", table, 0.0),
    )
    priced = found.price_in or found.price_out
    if not priced and any(limits.money_a_day is not None for limits in found.limits.values()):
        raise SettingsError(
            f"[budgets] in {config} limits money but knows no price: set price_per_million_in and "
            "price_per_million_out."
        )
    return found


def _limits(config: str, scope: Scope, table: Any, usual: Limits) -> Limits:
    where = f"budgets.{scope}"
    if not isinstance(table, dict):
        raise SettingsError(f"[{where}] in {config} must be a table, not {table!r}.")
    for key in table:
        if key not in _LIMITS:
            raise SettingsError(f"[{where}] in {config} has an unknown key `{key}`: known are {_LIMITS}.")

    def limit(name: str) -> int | None:
        value = _number(config, name, table, getattr(usual, name))
        return None if value is None else int(value)

    money = _number(config, "money_a_day", table, None)
    return Limits(
        calls_a_minute=limit("calls_a_minute"),
        calls_a_day=limit("calls_a_day"),
        tokens_a_day=limit("tokens_a_day"),
        money_a_day=None if money is None else round(money * MILLION),
    )


def _number(config: str, name: str, table: Mapping[str, Any], usual: Any) -> Any:
    value = table.get(name, usual)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e15:
        raise SettingsError(f"budgets: `{name}` in {config} must be a number, 0 or more, not {value!r}.")
    return value
