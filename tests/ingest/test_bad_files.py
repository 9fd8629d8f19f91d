"""Bad input through the folder reader: emptiness, encodings, sizes, names, links and files that change."""

import os
import socket
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.parsing.decoding import clean, decode
from ingest.readers import read
from ingest.sources import Item
from knowledge.documents import Document
from knowledge.errors import Unreadable
from tests.ingest.pdfs import HANDBOOK
from tests.ingest.reading import loaded, outcomes, refused, source, write

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
TRAINED = "Обучение модели заняло два часа. " * 9
WORDS = "Große Läufe über Nacht: Überprüfung nötig, größer als früher.\n" * 5


@pytest.mark.parametrize(
    "data", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b" \n\t\r\n", b"\n", b"\0", "\u200b".encode()]
)
@pytest.mark.parametrize("name", ["a.md", "a.html", "a.rst", "a.csv"])
def test_in_02_a_file_with_nothing_in_it_is_skipped_with_a_reason(
    tmp_path: Path, data: bytes, name: str
) -> None:
    assert refused(tmp_path, name, data) == "the file is empty"


def test_in_02_one_byte_is_a_page(tmp_path: Path) -> None:
    assert loaded(tmp_path, "a.md", b"x").text == "x"


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.md", PNG, "the contents are a PNG image, not what the name says"),
        ("a.pdf", PNG, "the contents are a PNG image, not what the name says"),
        (
            "a.md",
            b"PK\x03\x04" + bytes(100),
            "the contents are a ZIP archive or an office document",
        ),
        ("a.txt", bytes(range(256)) * 20, "the contents are not text"),
        ("a.html", b"\x7fELF" + bytes(500), "the contents are a program, not what the name says"),
        ("a.pdf", b"# Not a PDF", "not a PDF: its header is missing"),
    ],
)
def test_in_07_contents_win_over_the_name_and_nothing_binary_becomes_text(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    assert refused(tmp_path, name, data).startswith(reason)


def test_in_07_html_and_pdf_under_another_name_are_read_as_what_they_are(tmp_path: Path) -> None:
    page = b"\n<!-- saved --><!DOCTYPE html><html><h1>Page</h1><nav>Menu</nav>Words</html>"
    assert loaded(tmp_path, "a.txt", page).text == "# Page\n\nWords"
    assert loaded(tmp_path / "b", "a.md", HANDBOOK).pages != ()
    polyglot = b"<html><body>" + HANDBOOK + b"</body></html>"
    assert loaded(tmp_path / "c", "a.html", polyglot).title == "GPU handbook"


@pytest.mark.parametrize(
    ("data", "text", "note"),
    [
        (WORDS.encode("cp1252"), WORDS, "read as Windows-1252"),
        (WORDS.encode("utf-16-le"), WORDS, "read as UTF-16"),
        (WORDS.encode("utf-16-be"), WORDS, "read as UTF-16"),
        (WORDS.encode("utf-16"), WORDS, "read as UTF-16"),
        (WORDS.encode("utf-8-sig"), WORDS, None),
        (TRAINED.encode("cp1251"), TRAINED, "cp1251"),
        (WORDS.encode() + b"\xff", WORDS + "\ufffd", "some characters could"),
        (b"one\0 two\x07\nthree\x1b[0m", "one two\nthree[0m", None),
        (b"a\xed\xa0\x80b" + WORDS.encode() * 3, "a\ufffd\ufffd\ufffdb" + WORDS * 3, "some characters could"),
        ("a\u2028b\x0cc\x85d\r\ne\rf".encode(), "a b c d\ne\nf", None),
    ],
)
def test_in_08_any_encoding_is_decoded_with_a_note(
    tmp_path: Path, data: bytes, text: str, note: str | None
) -> None:
    document = loaded(tmp_path, "a.md", data)
    assert document.text == text
    assert any(note in said for said in document.notes) if note else document.notes == ()
    document.text.encode()


@given(st.text(max_size=300))
def test_cleaning_keeps_lines_and_leaves_what_can_be_stored(text: str) -> None:
    cleaned = clean(text).text
    assert cleaned.count("\n") == text.replace("\r\n", "\n").replace("\r", "\n").count("\n")
    assert cleaned.splitlines() == cleaned.removesuffix("\n").split("\n") * bool(cleaned)
    assert clean(cleaned).text == cleaned
    assert not any(unicodedata.category(character) == "Cs" for character in cleaned)
    cleaned.encode()


@given(st.binary(max_size=300))
def test_decoding_never_fails_in_another_way(data: bytes) -> None:
    try:
        text = decode(data).text
    except Unreadable:
        return
    assert text.strip()
    text.encode()


def test_in_03_a_file_above_the_limit_is_refused_without_being_read(tmp_path: Path) -> None:
    for name in ("text.md", "table.csv", "page.html"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(5_000_000_000)
    write(tmp_path, {"small.md": "Words."})
    found = outcomes(source(tmp_path))
    assert isinstance(found.pop("small.md"), Document)
    assert set(found.values()) == {"too large: 5,000.0 MB, the limit is 20.0 MB (`max_megabytes`)"}


def test_in_03_a_sparse_file_below_the_limit_is_no_text(tmp_path: Path) -> None:
    with (tmp_path / "text.md").open("wb") as file:
        file.truncate(3_000_000)
    assert outcomes(source(tmp_path)) == {"text.md": "the contents are not text"}


def test_in_03_a_long_line_and_a_long_table_are_read(tmp_path: Path) -> None:
    line = "word " * 400_000
    rows = b"".join(b"%d,%d\n" % (n, n % 7) for n in range(200_000))
    found = outcomes(source(write(tmp_path, {"line.txt": line, "table.csv": b"step,loss\n" + rows})))
    assert found["line.txt"].text == line
    assert found["table.csv"].text.startswith("A table of 200,000 rows and 2 columns: step, loss.")
    assert len(found["table.csv"].text) < 1000


def test_in_09_nothing_outside_the_folder_is_read_and_nothing_hangs(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"secret.md": "Outside.", "folder/deep.md": "Outside."})
    root = write(tmp_path / "root", {"page.md": "Inside.", "sub/page.md": "Inside too."})
    (root / "passwd.md").symlink_to("/etc/passwd")
    (root / "environ.txt").symlink_to("/proc/self/environ")
    (root / "loop").symlink_to(root)
    (root / "up").symlink_to(outside)
    (root / "link.md").symlink_to(root / "page.md")
    os.mkfifo(root / "pipe.md")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(root / "socket.md"))
        found = outcomes(source(root))
    assert {path: outcome.text for path, outcome in found.items() if isinstance(outcome, Document)} == {
        "page.md": "Inside.",
        "sub/page.md": "Inside too.",
    }
    link, other = "a symbolic link: links are not followed", "not a file but a pipe, socket or device"
    assert {path: outcome for path, outcome in found.items() if isinstance(outcome, str)} == {
        "passwd.md": link,
        "environ.txt": link,
        "link.md": link,
        "pipe.md": other,
        "socket.md": other,
    }


@pytest.mark.parametrize("swapped", ["sub", "sub/page.md"])
def test_in_09_a_folder_swapped_for_a_link_after_the_listing_is_not_followed(
    tmp_path: Path, swapped: str
) -> None:
    outside = write(tmp_path / "outside", {"page.md": "Outside."})
    root = write(tmp_path / "root", {"sub/page.md": "Inside."})
    (item,) = read(source(root))
    (root / swapped).rename(tmp_path / "away")
    (root / swapped).symlink_to(outside if swapped == "sub" else outside / "page.md")
    assert isinstance(item, Item)
    with pytest.raises(Unreadable, match="the file cannot be opened"):
        item.load()


def test_in_10_odd_names_give_stable_ids_that_can_be_shown(tmp_path: Path) -> None:
    nfd = unicodedata.normalize("NFD", "über.md")
    names = [
        "-rf.md",
        "a\nb.md",
        "a\u202egnp.md",
        "..md.md",
        "...md",
        "Case.md",
        "case.md",
        nfd,
        "x" * 252 + ".md",
    ]
    for name in names:
        (tmp_path / name).write_text("Words.")
    with open(os.fsencode(tmp_path) + b"/bad\xff.md", "w") as file:
        file.write("Words.")
    found = outcomes(source(tmp_path))
    assert set(found) == {
        *("-rf.md", "a\\x0ab.md", "a\\u202egnp.md", "Case.md", "case.md", "über.md", "x" * 252 + ".md"),
        "bad\\xff.md",
    }
    assert all(path.isprintable() and isinstance(document, Document) for path, document in found.items())


def test_in_10_names_that_differ_only_in_bytes_are_one_id_and_reported(tmp_path: Path) -> None:
    for form in ("NFC", "NFD"):
        (tmp_path / unicodedata.normalize(form, "über.md")).write_text(form)
    listed = list(read(source(tmp_path)))
    assert [one.path for one in listed] == ["über.md", "über.md"]
    assert sum(isinstance(one, Item) for one in listed) == 1
    assert "another file has this name too, spelt in other bytes" in repr(listed)


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        (lambda path: path.unlink(), "the file cannot be opened: No such file or directory"),
        (lambda path: os.truncate(path, 0), "the file is empty"),
        (lambda path: path.write_text("Other words."), "Other words."),
        (lambda path: os.truncate(path, 30_000_000), "too large: 30.0 MB"),
        (lambda path: (path.unlink(), os.mkfifo(path)), "not a regular file any more"),
        (lambda path: (path.unlink(), path.mkdir()), "not a regular file any more"),
    ],
)
def test_in_11_a_file_that_changes_after_the_listing_is_never_a_mix(
    tmp_path: Path, change: Callable[[Path], object], outcome: str
) -> None:
    (item,) = read(source(write(tmp_path, {"a.md": "First words."})))
    change(tmp_path / "a.md")
    assert isinstance(item, Item)
    try:
        document = item.load()
    except Unreadable as error:
        reason = str(error)
    else:
        reason = document.text
        (again,) = read(source(tmp_path))
        assert document.digest == again.digest != item.digest
    assert reason.startswith(outcome)


def test_a_folder_that_is_not_there_is_an_error_of_the_source(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"source wiki: .*/gone cannot be read \(No such file"):
        list(read(source(tmp_path / "gone")))


def test_patterns_choose_what_is_read(tmp_path: Path) -> None:
    names = ["a.md", "docs/b.md", "docs/deep/c.md", "docs/deep/d.txt", "drafts/e.md", "docs/drafts/f.md"]
    write(tmp_path, dict.fromkeys(names, "Words."))

    def chosen(include: tuple[str, ...], exclude: tuple[str, ...] = ()) -> list[str]:
        return list(outcomes(source(tmp_path, include=include, exclude=exclude)))

    assert chosen((), ("drafts",)) == ["a.md", "docs/b.md", "docs/deep/c.md", "docs/deep/d.txt"]
    assert chosen(("docs/*.md",)) == ["docs/b.md"]
    assert chosen(("docs/**/*.md",), ("docs/drafts/",)) == ["docs/b.md", "docs/deep/c.md"]
    assert chosen(("*.txt", "a.md")) == ["a.md", "docs/deep/d.txt"]
