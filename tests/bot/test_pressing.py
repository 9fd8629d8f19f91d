"""Presses carry ids, and an id counts only for those who were shown what it names."""

from pathlib import Path
from typing import Any

import pytest

from bot.blocks.actions import CORRECT, ENABLED, MENU, SHORTER, answer_actions, no_answer_actions, pressed
from bot.journal import records
from bot.journal.migrate import migrate
from bot.journal.records import Question
from bot.pressing import from_form, from_press, hidden, opened, visible_question
from knowledge.adapters.database import open_database
from tests.bot.block_rules import assert_block

BODY: dict[str, Any] = {
    "team": {"id": "T1"},
    "user": {"id": "U1"},
    "trigger_id": "1.2.3",
    "response_url": "https://hooks.example/1",
    "container": {"channel_id": "C1", "message_ts": "5.0", "thread_ts": "4.0", "is_ephemeral": False},
}


def question(question_id: str, channel: str = "C1", ts: str = "1.0", person: str = "U1") -> Question:
    return Question("T1", channel, ts, ts, person, "how?", {"outcome": "answer"}, (), 1, id=question_id)


def test_an_id_counts_where_it_was_shown_and_a_private_one_for_its_asker(tmp_path: Path) -> None:
    database = open_database(tmp_path / "lore.db")
    migrate(database)
    with database.writing() as connection:
        for one in (question("open"), question("private", ts="")):
            records.write(connection, one, None, 1.0)
    for found, expected in (
        (visible_question(database, "open", "T1", "C1", "U2"), "open"),
        (visible_question(database, "open", "T1", "C2", "U1"), None),
        (visible_question(database, "open", "T2", "C1", "U1"), None),
        (visible_question(database, "private", "T1", "C1", "U1"), "private"),
        (visible_question(database, "private", "T1", "C1", "U2"), None),
        (visible_question(database, "nothing", "T1", "C1", "U1"), None),
    ):
        assert (None if found is None else found.id) == expected
    database.close()


def test_a_form_is_answered_where_the_button_was_pressed() -> None:
    view = {"private_metadata": hidden(BODY, "abc")}
    press, form = from_press(BODY, "request", "abc"), from_form({**BODY, "view": view}, "request", "text")
    assert (
        (form.channel, form.ts, form.thread_ts)
        == (press.channel, press.ts, press.thread_ts)
        == ("C1", "5.0", "4.0")
    )
    assert form.conversation == press.conversation == "about abc"
    assert form.text == "text"


@pytest.mark.parametrize("metadata", ["", "nonsense", "[]", "7", "null"])
def test_a_form_with_other_metadata_is_about_nothing(metadata: str) -> None:
    assert opened({"view": {"private_metadata": metadata}}) == {}


def test_every_button_under_an_answer_is_taken_and_says_nothing() -> None:
    for blocks in (answer_actions("a" * 32, shareable=True), no_answer_actions("a" * 32)):
        for block in blocks:
            assert_block(block, frozenset())
    assert answer_actions("a", enabled=()) == []
    assert "delete_answer" in ENABLED


def test_a_choice_from_the_menu_is_the_button_it_stands_for() -> None:
    assert pressed({"action_id": CORRECT, "value": "q"}) == (CORRECT, "q")
    assert pressed({"action_id": MENU, "selected_option": {"value": f"{SHORTER}:q"}}) == (SHORTER, "q")
    assert pressed({"action_id": MENU, "selected_option": {"value": "evil:q"}}) == ("", "")
    assert pressed({"action_id": MENU}) == ("", "")
