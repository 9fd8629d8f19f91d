"""`[[golden]]` in lore.toml."""

from pathlib import Path
from typing import Any

import pytest

from bot.golden_settings import golden_questions
from bot.settings import golden_now, load_settings
from knowledge.audience import EVERYONE, Audience
from knowledge.errors import SettingsError
from knowledge.golden import GoldenQuestion

GOOD = {"question": "How long do we warm up?", "expect": ["wiki/lr.md", "2,000 steps"]}


def test_questions_are_read_with_what_must_be_found() -> None:
    tables = [GOOD, {"question": " Who leads? ", "expect": "wiki/team.md", "audience": ["#leads"]}]
    assert golden_questions("lore.toml", tables) == (
        GoldenQuestion("How long do we warm up?", ("wiki/lr.md", "2,000 steps"), EVERYONE),
        GoldenQuestion("Who leads?", ("wiki/team.md",), Audience(principals=frozenset({"#leads"}))),
    )


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        (["a question"], "must be a table"),
        ([{**GOOD, "expects": []}], "has an unknown key `expects`: known are question, expect, audience"),
        ([{"expect": ["a"]}], "`question` is what is asked, in quotes, not None"),
        ([{**GOOD, "question": "  "}], "`question` is what is asked"),
        ([{**GOOD, "expect": []}], "`expect` lists what must be found"),
        ([{**GOOD, "expect": ["a", 1]}], "`expect` lists what must be found"),
        ([{**GOOD, "expect": [" "]}], "`expect` lists what must be found"),
        ([{**GOOD, "audience": "leads"}], "`audience` says as whom it is asked"),
        ([GOOD, GOOD], r"\[\[golden\]\] number 2 in lore.toml asks what another asks"),
        ([{**GOOD, "question": str(n)} for n in range(501)], "500 are the most"),
    ],
)
def test_a_wrong_value_is_told_with_its_place(tables: list[Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        golden_questions("lore.toml", tables)


def test_they_are_read_anew_for_every_sync(tmp_path: Path) -> None:
    file = tmp_path / "lore.toml"
    file.write_text('[[golden]]\nquestion = "Which?"\nexpect = ["wiki/a.md"]\n')
    settings = load_settings({"LORE_CONFIG": str(file)})
    assert [one.question for one in settings.golden] == ["Which?"]
    file.write_text('[[golden]]\nquestion = "Who?"\nexpect = ["wiki/a.md"]\n')
    assert [one.question for one in golden_now(settings)] == ["Who?"]
    file.unlink()
    assert golden_now(settings) == settings.golden
