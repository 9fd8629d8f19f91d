"""`[[standups]]` in lore.toml: what may stand there, and what is said of what may not."""

from datetime import time
from pathlib import Path
from typing import Any

import pytest

from bot.ritual_settings import ADMINS, EVERYONE, ritual_settings
from bot.settings import load_settings
from knowledge.errors import SettingsError

CONFIG = Path("lore.toml")
DAILY: dict[str, Any] = {
    "name": "Daily",
    "owner": "ana@heron.example",
    "team": ["#small"],
    "template": "daily",
}


def read(*tables: Any, prompts_dir: Path | None = None, **rituals: Any) -> Any:
    return ritual_settings(CONFIG, {"standups": list(tables), "rituals": rituals}, prompts_dir)


def test_a_template_is_where_a_table_begins() -> None:
    [found] = read({**DAILY, "at": "10:15", "co_owners": ["U012345678"]}).standups
    assert (found.settings.name, found.settings.at, found.settings.rule) == (
        "Daily",
        time(10, 15),
        "every weekday",
    )
    assert [one.key for one in found.settings.prompts] == ["done", "plan", "blockers"]
    assert (found.owner, found.co_owners) == ("ana@heron.example", ("U012345678",))


def test_who_may_set_up_is_everybody_or_admins() -> None:
    assert read().set_up_by == EVERYONE
    assert read(set_up_by="admins").set_up_by == ADMINS
    with pytest.raises(SettingsError, match=r"rituals\.set_up_by"):
        read(set_up_by="me")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("Daily", r"must be \[\[standups\]\] tables"),
        ({}, "`name`: Give it a name"),
        ({**DAILY, "owner": None}, "`owner` must be"),
        ({**DAILY, "owner": "ana"}, "`owner` must be"),
        ({**DAILY, "owner": ["a@b.example", "c@d.example"]}, "`owner` must be"),
        ({**DAILY, "co_owners": [7]}, "`co_owners` must be"),
        ({**DAILY, "template": "dayly"}, "`template` must be one of daily, "),
        ({**DAILY, "zone": "Europe/Berln"}, "`zone`: .* did you mean Europe/Berlin"),
        ({**DAILY, "dayz": "every day"}, "`dayz`: .* did you mean days"),
        ({**DAILY, "name": "x" * 10_000}, "`name`: This name has 10,000"),
    ],
)
def test_what_is_wrong_is_told_with_its_number_and_key(table: Any, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as told:
        read(table)
    assert len(str(told.value)) < 1_000


def test_two_of_a_name_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"number 2 .* rename one"):
        read(DAILY, {**DAILY, "name": "DAILY"})


def test_a_team_puts_templates_of_its_own_beside_and_in_place_of_ours(tmp_path: Path) -> None:
    (tmp_path / "standups").mkdir()
    (tmp_path / "standups" / "daily.md").write_text(
        "---\ntitle: Ours\ndays: every day\nat: 08:00\n---\n- What?\n"
    )
    (tmp_path / "standups" / "demo.md").write_text(
        "---\ndays: every Friday\nat: 15:00\n---\n- What will you show?\n"
    )
    found = read({**DAILY, "template": "demo"}, prompts_dir=tmp_path)
    assert found.standups[0].settings.rule == "every Friday"
    assert found.templates["daily"].title == "Ours"
    assert "weekly-goals" in found.templates
    (tmp_path / "standups" / "demo.md").write_text("What?")
    with pytest.raises(SettingsError, match=r"demo\.md is no template"):
        read(prompts_dir=tmp_path)


def test_lore_toml_is_read_with_it(tmp_path: Path) -> None:
    config = tmp_path / "lore.toml"
    config.write_text(
        '[rituals]\nset_up_by = "admins"\n\n[[standups]]\nname = "Daily"\nowner = "ana@heron.example"\n'
        'team = ["#small"]\ndays = "Monday and Thursday"\nat = "09:30"\n'
        'prompts = ["What is next? {plan; required}", "Stuck? {yes/no}"]\n'
    )
    found = load_settings({"LORE_CONFIG": str(config)}).rituals
    assert found.set_up_by == ADMINS
    assert [one.key for one in found.standups[0].settings.prompts] == ["plan", "stuck"]
