"""Who the admins are, as lore.toml names them."""

from typing import Any

import pytest

from bot.admin_settings import AdminSettings, admin_settings
from knowledge.errors import SettingsError


def test_a_list_or_a_table() -> None:
    people = frozenset({"ana@heron.example", "U0123ABCD", "@ml-leads"})
    assert admin_settings("lore.toml", sorted(people)) == AdminSettings(people)
    table = {"people": sorted(people), "channel": "#lore-admins"}
    assert admin_settings("lore.toml", table) == AdminSettings(people, "#lore-admins")
    assert admin_settings("lore.toml", {"channel": "C0123ABCD"}) == AdminSettings(channel="C0123ABCD")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (["mira"], "e-mail addresses or Slack user ids"),
        (["@"], "not '@'"),
        ([3], "not 3"),
        ({"people": ["ana@heron.example"], "chanel": "#x"}, "unknown key `chanel`"),
        ({"channel": "lore"}, 'must be "#channel"'),
    ],
)
def test_mistakes_get_a_line_that_says_how_to_mend_them(value: Any, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        admin_settings("lore.toml", value)
