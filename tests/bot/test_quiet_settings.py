"""`[quiet_help]` of lore.toml: off by default, and wrong values are told in one line with the fix."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.quiet_settings import QuietSettings, quiet_settings
from bot.settings import load_settings
from knowledge.errors import SettingsError


def test_it_is_off_and_private_by_default() -> None:
    settings = quiet_settings("lore.toml", {})
    assert settings == QuietSettings()
    assert (settings.channels, settings.aloud, settings.wait) == (frozenset(), False, timedelta(minutes=2))


def test_everything_can_be_said(tmp_path: Path) -> None:
    table = '[quiet_help]\nchannels = ["#training", "C0123456789"]\nwait_minutes = 0.5\nmost_a_day = 3\n'
    (tmp_path / "lore.toml").write_text(table + 'shown_to = "channel"\n')
    settings = load_settings({"LORE_CONFIG": str(tmp_path / "lore.toml")}).quiet_help
    assert settings == QuietSettings(frozenset({"#training", "C0123456789"}), timedelta(seconds=30), 3, True)


@pytest.mark.parametrize(
    ("more", "threshold"),
    [
        ("", 0.8),
        ('[embedding]\nmodel = "packaged"\n', 0.8),
        ('[embedding]\nmodel = "intfloat/e5-small-v2"\n', None),
        ('[embedding]\nmodel = "intfloat/e5-small-v2"\n[quiet_help]\nthreshold = 0.9\n', 0.9),
        ("[quiet_help]\nthreshold = 1\n", 1),
    ],
)
def test_what_was_measured_holds_for_the_packaged_model_alone(
    tmp_path: Path, more: str, threshold: float | None
) -> None:
    (tmp_path / "lore.toml").write_text(more)
    assert load_settings({"LORE_CONFIG": str(tmp_path / "lore.toml")}).quiet_help.threshold == threshold


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"channels": ["training"]}, "quiet_help.channels"),
        ({"channels": [7]}, "quiet_help.channels"),
        ({"channels": ["# two words"]}, "quiet_help.channels"),
        ({"wait_minutes": 0}, "quiet_help.wait_minutes"),
        ({"wait_minutes": True}, "quiet_help.wait_minutes"),
        ({"most_a_day": -1}, "quiet_help.most_a_day"),
        ({"shown_to": "everyone"}, "quiet_help.shown_to"),
        ({"threshold": 0}, "quiet_help.threshold"),
        ({"threshold": 80}, "quiet_help.threshold"),
    ],
)
def test_wrong_values_are_named(table: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError, match=named.replace(".", r"\.")):
        quiet_settings("lore.toml", table)


@pytest.mark.parametrize("name", ["saved", "Saved", "your file"])
def test_names_that_lore_itself_uses_are_reserved(tmp_path: Path, name: str) -> None:
    (tmp_path / "lore.toml").write_text(f'[[sources]]\nname = "{name}"\npath = "."\naudience = "everyone"\n')
    with pytest.raises(SettingsError, match="Lore itself has a source of that name"):
        load_settings({"LORE_CONFIG": str(tmp_path / "lore.toml")})
