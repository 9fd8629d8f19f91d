"""Workbooks: a section for each visible sheet, tables bounded, cached values, nothing that is hidden."""

import io
import re
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from openpyxl.styles import Font, PatternFill

from tests.ingest.offices import parts_of, sheets, with_part
from tests.ingest.reading import loaded, refused


def budget(workbook: Any) -> None:
    first = workbook.active
    first.title = "Budget 2026"
    first["B2"] = "GPU hours by team"
    for row in (["Team", "Hours", "Share", "Since"], ["Vision", 120, 0.125, date(2026, 1, 31)]):
        first.append(["", *row])
    first["D4"].number_format = "0.0%"
    first.append([])
    first.append(["", "Note", "Nights count half."])
    second = workbook.create_sheet("Rates")
    second["A1"], second["B1"] = "node", "euro"
    second["A2"], second["B2"] = "a100", 2.5
    second["A3"], second["B3"] = "h100", 1234567.0


def test_each_sheet_is_a_section_with_its_tables(tmp_path: Path) -> None:
    made = sheets(budget)
    said = parts_of(made)["docProps/core.xml"].decode()
    when = re.sub(r"(<dcterms:modified[^>]*>)[^<]*", r"\g<1>2026-03-04T10:12:00Z", said)
    document = loaded(tmp_path, "budget.xlsx", with_part(made, "docProps/core.xml", when))
    assert document.text == (
        "## Budget 2026\n\nGPU hours by team\n\n"
        "A table of 1 row and 4 columns: Team, Hours, Share, Since.\n\n"
        "| Team | Hours | Share | Since |\n|---|---|---|---|\n| Vision | 120 | 12.5% | 2026-01-31 |\n\n"
        "Note: Nights count half.\n\n"
        "## Rates\n\nA table of 2 rows and 2 columns: node, euro.\n\n"
        "| node | euro |\n|---|---|\n| a100 | 2.5 |\n| h100 | 1234567 |\n\n"
        "- euro: lowest 2.5, highest 1234567, last 1234567"
    )
    assert document.updated_at == datetime(2026, 3, 4, 10, 12, tzinfo=UTC)
    assert document.notes == ()


def test_formulas_give_their_stored_value_and_are_told_where_there_is_none(tmp_path: Path) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as workbook:
        sheet = workbook.add_worksheet("Sums")
        sheet.write_row(0, 0, ["what", "sum", "when"])
        sheet.write_row(1, 0, ["all"])
        sheet.write_formula(1, 1, "=SUM(1,2)", None, 3)
        sheet.write_formula(1, 2, '=CONCATENATE("a","b")', None, "ab")
    document = loaded(tmp_path, "a.xlsx", out.getvalue())
    assert "| all | 3 | ab |" in document.text
    assert "SUM" not in document.text
    assert document.notes == ()

    def unsaved(workbook: Any) -> None:
        workbook.active.append(["what", "sum"])
        workbook.active.append(["all", "=SUM(1,2)"])

    document = loaded(tmp_path / "b", "a.xlsx", sheets(unsaved))
    assert "| all |  |" in document.text
    assert document.notes == ("1 formulas without a stored value left out of the sheet Sheet",)


def test_in_17_hidden_sheets_rows_columns_and_cells_are_left_out(tmp_path: Path) -> None:
    def hiding(workbook: Any) -> None:
        shown = workbook.active
        for row in (
            ["name", "HIDDEN column", "hours"],
            ["a", "HIDDEN", 1],
            ["HIDDEN", "HIDDEN", 2],
            ["b", "HIDDEN", 3],
        ):
            shown.append(row)
        shown.append(["HIDDEN", "", "HIDDEN"])
        shown["A5"].font = Font(color="FFFFFFFF")
        shown["C5"].number_format = ";;;"
        shown.append(["white", "", "on red"])
        shown["A6"].font = Font(color="FFFFFFFF")
        shown["A6"].fill = PatternFill("solid", fgColor="FFAA0000")
        shown.row_dimensions[3].hidden = True
        shown.column_dimensions["B"].hidden = True
        for state in ("hidden", "veryHidden"):
            other = workbook.create_sheet(f"HIDDEN {state}")
            other["A1"] = "HIDDEN"
            other.sheet_state = state

    document = loaded(tmp_path, "a.xlsx", sheets(hiding))
    assert "HIDDEN" not in document.text
    assert document.text == (
        "## Sheet\n\nA table of 3 rows and 2 columns: name, hours.\n\n"
        "| name | hours |\n|---|---|\n| a | 1 |\n| b | 3 |\n| white | on red |\n\n"
        "- hours: lowest 1, highest 3, last 3"
    )
    assert document.notes == (
        "2 hidden sheets left out",
        "1 hidden rows left out of the sheet Sheet",
        "1 hidden columns left out of the sheet Sheet",
        "2 cells that cannot be seen left out of the sheet Sheet",
    )


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (date(2024, 2, 29), "dd/mm/yyyy", "2024-02-29"),
        (date(1900, 1, 1), "dd/mm/yyyy", "1900-01-01"),
        (datetime.fromisoformat("2024-02-29T13:05:07"), "yyyy-mm-dd hh:mm:ss", "2024-02-29 13:05:07"),
        (time(13, 5), "hh:mm", "13:05"),
        (45351, '"day "0', "45351"),
        (45351, "[$-409]d mmm yyyy", "2024-02-29"),
        (0.5, "0%", "50%"),
        (0.1 + 0.2, "General", "0.3"),
        (True, "General", "TRUE"),
        ("#N/A", "General", "#N/A"),
        (1.5, "[h]:mm", "1.5"),
    ],
)
def test_numbers_are_said_as_the_sheet_shows_them(tmp_path: Path, value: Any, code: str, shown: str) -> None:
    def one(workbook: Any) -> None:
        workbook.active.append(["a", "b"])
        workbook.active.append(["x", value])
        workbook.active["B2"].number_format = code

    assert f"| x | {shown} |" in loaded(tmp_path, "a.xlsx", sheets(one)).text


def test_workbooks_that_count_from_1904_are_read(tmp_path: Path) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"date_1904": True}) as workbook:
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write(1, 0, "x")
        sheet.write_datetime(1, 1, date(2024, 2, 29), day)
    assert b"date1904" in parts_of(out.getvalue())["xl/workbook.xml"]
    assert "| x | 2024-02-29 |" in loaded(tmp_path, "a.xlsx", out.getvalue()).text


def test_long_sheets_are_bounded(tmp_path: Path) -> None:
    def long(workbook: Any) -> None:
        workbook.active.append(["step", "loss"])
        for n in range(5000):
            workbook.active.append([n, 1 / (n + 1)])

    text = loaded(tmp_path, "a.xlsx", sheets(long)).text
    assert text.startswith("## Sheet\n\nA table of 5,000 rows and 2 columns: step, loss.")
    assert len(text) < 1500


def test_a_workbook_without_words_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, "a.xlsx", sheets(lambda _: None)) == "there is nothing in it that can be seen"
