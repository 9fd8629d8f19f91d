"""`[experts]` and `[trust]` of lore.toml: read, or refused in one line that names value and fix."""

from datetime import timedelta
from typing import Any

import pytest

from bot.trust_settings import trust_settings
from knowledge.errors import SettingsError


def test_experts_keep_their_order_and_one_needs_no_list() -> None:
    table = {"experts": {"default": "ada@example.com", "#training": ["U012ABCDE", "@leads"]}}
    settings = trust_settings("lore.toml", table)
    assert settings.experts == {"default": ("ada@example.com",), "#training": ("U012ABCDE", "@leads")}
    assert settings.verified_for == timedelta(days=180)


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"experts": {"training": ["ada@example.com"]}}, "`training`"),
        ({"experts": {"default": ["Ada"]}}, "'Ada'"),
        ({"experts": {"default": [7]}}, "7"),
        ({"trust": {"verified_days": 0}}, "trust.verified_days"),
        ({"trust": {"remind_hours": True}}, "trust.remind_hours"),
    ],
)
def test_what_is_wrong_is_named(table: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError, match=named) as caught:
        trust_settings("lore.toml", table)
    assert "\n" not in str(caught.value)
