"""docs/cases.md names tests that are there and that say which case they show."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIST = (ROOT / "docs/cases.md").read_text()
ROWS = [
    (case, path, test)
    for case, rest in re.findall(r"^\| ((?:[A-Z]{2}-|T)\d\d) (.*)$", LIST, re.M)
    for path, test in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", rest)
]
DEMANDED = {
    *(f"SP-{n:02}" for n in range(1, 31)),
    *(f"ST-{n:02}" for n in (1, 3, *range(5, 21))),
    *(f"IN-{n:02}" for n in range(1, 31)),
    *(f"T{n:02}" for n in (*range(1, 46), *range(47, 74))),
    *(f"T{n}" for n in (63, 65, 66, 67, 68, 69, 70, 71, 72, 73)),
    *(
        *(f"SC-{n:02}" for n in range(1, 15)),
        *(f"AZ-{n:02}" for n in (25, 26, 27, 30, 31)),
        *(f"PO-{n:02}" for n in (1, 2, *range(3, 11))),
        *(f"PV-{n:02}" for n in (6, 7, 8, 11)),
        "PV-14",
        *(f"OP-{n:02}" for n in range(1, 8)),
    ),
}


def test_every_case_is_on_the_list() -> None:
    assert {case for case, _, _ in ROWS} == DEMANDED


@pytest.mark.parametrize(("case", "path", "test"), ROWS, ids=[f"{row[0]} {row[2]}"[:60] for row in ROWS])
def test_the_test_is_there_and_names_its_case(case: str, path: str, test: str) -> None:
    assert f"def {test}(" in (ROOT / path).read_text()
    kind, number = case[:2].strip("0123456789").lower(), case[-2:]
    assert re.search(rf"(^|_){kind}_?{number}(_|$)", test)
