"""The help of a room names what both kinds of series can do."""

import pytest

from prompts.words import words


@pytest.mark.parametrize("name", ["learn_help", "reading_help"])
@pytest.mark.parametrize(
    "command", ["move 2026", "change", "cancel", "poll DATE TIME", "ask @", "swap @", "with @"]
)
def test_what_both_kinds_of_series_can_do_is_in_the_help_of_both(name: str, command: str) -> None:
    assert f"`{command}" in words(name)
