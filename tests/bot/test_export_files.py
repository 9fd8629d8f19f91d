"""Exports as files: complete, readable, and never run by a spreadsheet."""

import csv
import io
import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.plain import clean
from bot.rituals.export_files import COLUMNS, ExportedEntry, Format, Replied, exported
from bot.rituals.exporting import Wanted, as_text, file_name

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def entry(*replies: tuple[str, str], **more: object) -> ExportedEntry:
    asked = tuple(Replied(key, f"{key}?", reply) for key, reply in replies)
    made = ExportedEntry("Daily", date(2026, 3, 2), "Ana", "U1", "given", NOON, None, False, "team", asked)
    return made if not more else ExportedEntry(**{**{n: getattr(made, n) for n in made.__slots__}, **more})  # type: ignore[arg-type]


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_csv_has_a_row_for_each_reply() -> None:
    text = exported(
        [entry(("done", "a, b\nc"), ("plan", "d")), entry(state="skipped", reason="Ill")], Format.CSV
    )
    head, first, second, third = rows(text)
    assert head == list(COLUMNS)
    assert (first[-3:], second[-3:]) == (["done", "done?", "a, b\nc"], ["plan", "plan?", "d"])
    assert (third[4], third[-1]) == ("skipped", "Ill")
    assert first[5] == "2026-03-02T12:00:00+00:00"


def test_json_has_an_entry_for_each_entry() -> None:
    [one] = json.loads(exported([entry(("done", "=1+1"))], Format.JSON))["entries"]
    assert one["replies"] == [{"prompt": "done", "question": "done?", "reply": "=1+1"}]
    assert (one["date"], one["edited_at"], one["late"]) == ("2026-03-02", None, False)


@pytest.mark.parametrize(
    "reply",
    [
        '=HYPERLINK("http://evil.example","x")',
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(1)",
        " =1",
        "\t=1",
        "\r=1",
        "＝1",
        "%0A=1",
        "|x",
    ],
)
def test_formulas_in_replies_are_shown_and_not_run(reply: str) -> None:
    [_, row] = rows(exported([entry(("done", reply))], Format.CSV))
    assert row[-1].startswith("'")


@pytest.mark.parametrize("number", ["3", "-0.25", "1000000"])
def test_numbers_stay_numbers(number: str) -> None:
    [_, row] = rows(exported([entry(("count", number))], Format.CSV))
    assert row[-1] == number


@given(st.text(max_size=200))
def test_whatever_was_replied_is_in_one_cell_that_begins_no_formula(reply: str) -> None:
    [_, row] = rows(exported([entry(("done", reply))], Format.CSV))
    assert len(row) == len(COLUMNS)
    assert row[-1].lstrip()[:1] not in ("=", "+", "@", "|", "%")
    assert clean(reply).replace("\t", " ").strip() in row[-1].replace("\r\n", "\n")


@given(st.text(max_size=200))
def test_json_gives_every_reply_back(reply: str) -> None:
    [one] = json.loads(exported([entry(("done", reply))], Format.JSON))["entries"]
    assert one["replies"][0]["reply"] == reply


@pytest.mark.parametrize(
    ("text", "name", "form"),
    [
        ("export", "", Format.CSV),
        ("export json", "", Format.JSON),
        ("export Daily sync", "Daily sync", Format.CSV),
        ("export “Daily sync” JSON", "Daily sync", Format.JSON),
    ],
)
def test_what_is_wanted_is_read_from_the_command(text: str, name: str, form: Format) -> None:
    assert Wanted.of(text) == Wanted(name, form)


def test_files_are_named_plainly() -> None:
    assert file_name(Wanted("", Format.CSV), NOON) == "stand-ups-2026-03-02.csv"
    assert file_name(Wanted("../Ünï daily!", Format.JSON), NOON) == "ünï-daily-2026-03-02.json"


@given(st.text(max_size=20_000))
def test_as_text_nothing_is_lost_between_messages(text: str) -> None:
    said = as_text("U1", text)
    shown = "".join(
        block["elements"][0]["elements"][0]["text"]
        for one in said
        for block in one.blocks
        if "elements" in block
    )
    assert "".join(shown.split()) == "".join(clean(text).split())


def test_as_text_says_that_something_was_left_out() -> None:
    last = as_text("U1", "x\n" * 50_000)[-1]
    assert "left out" in str(last.blocks[-1])
