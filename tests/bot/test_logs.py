"""Nothing that comes from outside can forge a line of the log or steer the terminal that shows it."""

import logging

from hypothesis import given
from hypothesis import strategies as st

from bot.logs import LiteralFormatter

SEEN = LiteralFormatter("%(levelname)s %(message)s")
HOSTILE = st.text(
    st.sampled_from("ab \n\r\t\x00\x07\x08\x1b[31m]0;\u202e\u2066\u200f\u2028\x85\ud800\U000e0041")
    | st.characters()
)


def formatted(text: str, error: BaseException | None = None) -> str:
    raised = None if error is None else (type(error), error, error.__traceback__)
    record = logging.LogRecord("lore", logging.INFO, "x.py", 1, "said %s", (text,), raised)
    return SEEN.format(record)


@given(HOSTILE)
def test_po06_a_message_is_one_line_without_control_characters(text: str) -> None:
    line = formatted(text)
    assert line.startswith("INFO said ")
    assert len(line.splitlines()) == 1
    assert not any(ord(one) < 32 and one != "\t" for one in line)
    assert not set(line) & {"\x7f", "\x9b", "\u202e", "\u2066", "\u200f", "\U000e0041"}
    line.encode()


@given(HOSTILE)
def test_po06_an_error_steers_no_terminal(text: str) -> None:
    try:
        raise ValueError(text)
    except ValueError as error:
        said = formatted("it failed", error)
    assert "ValueError" in said
    assert not any(ord(one) < 32 and one not in "\t\n" for one in said)
    assert "\u202e" not in said
