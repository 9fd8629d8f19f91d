"""Templates of stand-ups: those that Lore brings, and what is wrong with a file is said."""

import pytest

from prompts.prompt_lines import read_prompts
from prompts.ritual import Role
from prompts.standup_tables import standup_of
from prompts.standup_templates import TemplateError, packaged_templates, read_template


def test_the_packaged_ones_are_whole_stand_ups() -> None:
    found = packaged_templates()
    assert set(found) == {
        "daily",
        "research-spike",
        "training-run-watch",
        "weekly-goals",
        "on-call-hand-over",
    }
    for one in found.values():
        made = standup_of({"name": one.title, "team": ["#any"], **one.table})
        assert {Role.DONE, Role.PLAN, Role.BLOCKERS} <= {prompt.role for prompt in made.prompts}
        assert one.about


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("What is next?", "between two lines"),
        ("---\ntitle: A\n---\n", "at least one"),
        ("---\nteam: #a\n---\n- What?", "no setting of a template"),
        ("---\nwindow\n---\n- What?", "no setting of a template"),
        ("---\nwindow: long\n---\n- What?", "no span"),
        ("---\ndays: never\n---\n- What?", "."),
        ("---\ndrafts: perhaps\n---\n- What?", "true or false"),
        ("---\ntitle: A\n---\n- What? {odd}", "not understood"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(text: str, said: str) -> None:
    with pytest.raises(TemplateError, match=said):
        read_template("mine", text)


def test_headings_and_windows_line_ends_are_fine() -> None:
    found = read_template(
        "mine", "---\r\ntitle: Mine\r\nreminders: 1h, 30m\r\n---\r\n# Prompts\r\n\r\n- What?\r\n"
    )
    assert (found.title, found.table["reminders"]) == ("Mine", ["1h", "30m"])
    assert [one.text for one in read_prompts(found.table["prompts"])] == ["What?"]
