"""Dated entries of logbooks: where each begins, of which day it is, and that answers say so."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.audience import EVERYONE
from knowledge.chunking import chunk
from knowledge.documents import Chunk, Document
from knowledge.logbooks import entries, newest_day

LOGBOOK = Path(__file__).parents[2] / "examples" / "wiki" / "training-logbook.txt"


def days(text: str) -> list[tuple[str, date | None]]:
    return [(entry.label, entry.when) for entry in entries(text)]


def chunks(text: str) -> list[Chunk]:
    document = Document("wiki", "log.md", "Log", text, EVERYONE, "d")
    found = chunk(document, lambda texts: [len(one.split()) for one in texts], 200)
    assert [text[one.start : one.end] for one in found] == [one.text for one in found]
    assert "".join("".join(one.text.split()) for one in found) == "".join(text.split())
    return found


@pytest.mark.parametrize(
    ("first", "second", "label", "when"),
    [
        ("## 2026-03-04", "## 2026-03-05", "2026-03-04", date(2026, 3, 4)),
        ("## 2026-03-04 First spike", "## 2026-03-05", "2026-03-04", date(2026, 3, 4)),
        ("2026-03-04 14:20 - loss spike", "2026-03-05", "2026-03-04", date(2026, 3, 4)),
        ("2026-03-04T14:20:00Z: loss spike", "2026-03-05", "2026-03-04", date(2026, 3, 4)),
        ("[2026-03-04 14:20:13,305] loss spike", "2026-03-05", "2026-03-04", date(2026, 3, 4)),
        ("- **2026-03-04**: loss spike", "- **2026-03-05**: ok", "2026-03-04", date(2026, 3, 4)),
        ("2026/03/04 loss spike", "2026/03/05", "2026/03/04", date(2026, 3, 4)),
        ("Wed, 4.3.2026 - loss spike", "5.3.2026", "4.3.2026", date(2026, 3, 4)),
        ("Mar 4: loss spike", "Mar 5:", "Mar 4", None),
        ("March 4th, 2026", "March 5th", "March 4th, 2026", date(2026, 3, 4)),
        ("4 March 2026 - loss spike", "5 March", "4 March 2026", date(2026, 3, 4)),
        ("Day 12", "Day 13", "Day 12", None),
        ("Day 12: loss spike", "Day 13:", "Day 12", None),
        ("### Week 3", "### Week 4", "Week 3", None),
    ],
)
def test_entries_begin_with_a_date_in_any_of_the_usual_forms(
    first: str, second: str, label: str, when: date | None
) -> None:
    found = days(f"A log.\n\n{first}\nIt diverged.\n\n{second}\nIt did not.\n")
    assert found[0] == (label, when)
    assert len(found) == 2


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-04 only one day\n2026-03-04 still it\n",
        "March 4 was quiet.\nMarch 5 was not.\n",
        "Day 12 was hard.\nDay 13 was easy.\n",
        "```\n2026-03-04 a\n2026-03-05 b\n```\n",
        "| 2026-03-04 | a |\n| 2026-03-05 | b |\n",
        "    2026-03-04 a\n\n    2026-03-05 b\n",
        "Versions 2026-03-04 and\nsince 2026-03-05 others.\n",
        "2026-13-45 a\n2026-99-99 b\n",
        "12.5.1 a\n13.5.1 b\n",
    ],
)
def test_other_lines_are_no_entries(text: str) -> None:
    assert entries(text) == []


def test_a_year_that_is_said_once_holds_until_another_is() -> None:
    assert days("## 2026-03-04\na\nMar 6:\nb\nMar 9, 2027:\nc\nApr 1:\nd\n") == [
        ("2026-03-04", date(2026, 3, 4)),
        ("Mar 6", date(2026, 3, 6)),
        ("Mar 9, 2027", date(2027, 3, 9)),
        ("Apr 1", date(2027, 4, 1)),
    ]


def test_no_passage_is_of_two_days_and_each_says_its_day() -> None:
    text = "# Log\n\nKept by Jonas.\n\n2026-03-04 09:00 - loss spike\n2026-03-04 10:00 - fixed\n"
    text += "2026-03-05 - quiet\n\n- 2026-03-06: one\n- 2026-03-07: two\n\n## Later\n\nNothing dated.\n"
    assert [(one.section, one.text.split("\n")[0]) for one in chunks(text)] == [
        (("Log",), "# Log"),
        (("Log", "2026-03-04"), "2026-03-04 09:00 - loss spike"),
        (("Log", "2026-03-05"), "2026-03-05 - quiet"),
        (("Log", "2026-03-06"), "- 2026-03-06: one"),
        (("Log", "2026-03-07"), "- 2026-03-07: two"),
        (("Log", "Later"), "## Later"),
    ]


def test_each_entry_of_the_example_logbook_is_a_passage_of_its_day() -> None:
    text = LOGBOOK.read_text()
    assert newest_day(text) == date(2026, 6, 1)
    dated = [one for one in chunks(text) if one.section]
    assert [one.section[-1] for one in dated][:3] == ["2026-03-02", "2026-03-04", "2026-03-09"]
    assert all(one.text.startswith(one.section[-1]) for one in dated)


def test_only_a_text_that_is_made_of_entries_is_as_old_as_they_are() -> None:
    dated = "2026-03-04 - a\n2026-03-05 - b\n"
    assert newest_day(dated) == date(2026, 3, 5)
    assert newest_day("Long prose. " * 50 + "\n\n" + dated) is None
    assert newest_day("## 2026-03-04\n\nword\n\n## 2026-03-05\n\n" + "word " * 500) == date(2026, 3, 5)
    assert newest_day("Day 1: a\nDay 2: b\n") is None


@given(st.text(alphabet="2026-03-45 :\n#`*[]MarDay-|a", max_size=400))
def test_every_character_stays_in_its_place_whatever_the_dates(text: str) -> None:
    chunks(text)


def test_in_16_a_million_dated_lines_take_no_time_to_speak_of() -> None:
    text = "".join(f"2026-03-{n % 28 + 1:02d} 10:00 - step {n}\n" for n in range(50_000))
    assert len(entries(text)) == 50_000
    assert len(entries("2026-03-04 10:00 x\n" * 500_000 + "2026-03-05 y\n")) == 2
