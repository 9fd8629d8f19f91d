"""Archives that would be too much, and XML that asks for more: refused before they cost anything."""

import io
import random
import resource
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.parsing.package import MOST_MEMBERS, Package
from knowledge.errors import Unreadable
from tests.ingest.offices import (
    changed,
    packed,
    paragraph,
    parts_of,
    sheets,
    slides,
    with_body,
    with_part,
    word,
)
from tests.ingest.reading import loaded, outcomes, refused, source, write

ROOT = Path(__file__).parents[2]
TOO_MUCH = "unpacked it takes more than 100 MB or 100 times its size"


def page() -> bytes:
    return with_body(paragraph("Nodes are freed at noon."))


def deflated(size: int) -> bytes:
    """A stream of so many spaces, in whole megabytes, made of one that is there again and again."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * (size >> 20) + packer.flush()


def archive(members: list[tuple[str, bytes, int]], at: list[int] | None = None) -> bytes:
    """An archive whose directory says of the sizes of its members, and where they start, what it is told."""
    body, directory = io.BytesIO(), io.BytesIO()
    for n, (name, data, size) in enumerate(members):
        fields = struct.pack("<HHHHHLLLHH", 20, 0, 8, 0, 0, 0, len(data), size, len(name), 0)
        place = struct.pack("<HHHLL", 0, 0, 0, 0, at[n] if at else body.tell())
        directory.write(b"PK\x01\x02" + struct.pack("<H", 20) + fields + place + name.encode())
        body.write(b"PK\x03\x04" + fields + name.encode() + data)
    count = min(len(members), 0xFFFF)
    end = struct.pack("<HHHHLLH", 0, 0, count, count, directory.tell(), body.tell(), 0)
    return body.getvalue() + directory.getvalue() + b"PK\x05\x06" + end


@pytest.mark.parametrize(
    "make",
    [
        lambda: word(lambda d: d.add_paragraph("x")),
        lambda: slides(lambda _: None),
        lambda: sheets(lambda _: None),
    ],
)
def test_in_04_a_part_of_a_gigabyte_is_refused(tmp_path: Path, make: Callable[[], bytes]) -> None:
    made = parts_of(make())
    main = next(name for name in made if name.endswith(("document.xml", "presentation.xml", "sheet1.xml")))
    bomb = deflated(1 << 30)
    said = [(name, zlib.compress(data)[2:-4], len(data)) for name, data in made.items() if name != main]
    assert refused(tmp_path, "a.docx", archive([*said, (main, bomb, 1 << 30)])) == TOO_MUCH
    lies = archive([*said, (main, bomb, 5000)])
    assert "damaged" in refused(tmp_path / "lies", "a.docx", lies)


def test_in_04_an_archive_in_an_archive_is_not_opened(tmp_path: Path) -> None:
    inner = packed({"deep.xml": b" " * 50_000_000})
    made = with_part(page(), "word/embeddings/inner.zip", inner)
    assert loaded(tmp_path, "a.docx", made).text == "Nodes are freed at noon.\n\nWords."


def test_in_04_parts_that_overlap_are_refused(tmp_path: Path) -> None:
    data = deflated(1 << 20)
    assert refused(tmp_path, "a.docx", archive([("a", data, 1 << 20), ("b", data, 1 << 20)], at=[0, 0])) == (
        "its parts overlap"
    )


@pytest.mark.parametrize("count", [MOST_MEMBERS + 1, 100_000])
def test_in_04_too_many_parts_are_refused(tmp_path: Path, count: int) -> None:
    said = refused(tmp_path, "a.docx", archive([(str(n), b"", 0) for n in range(count)]))
    assert said == f"it is made of more than {MOST_MEMBERS:,} parts"


def test_in_04_names_that_are_there_twice_and_other_packings_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("a", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            made.writestr("a", b"2")
    with pytest.raises(Unreadable, match="two of its parts have the same name"):
        Package(out.getvalue())
    with pytest.raises(Unreadable, match="packed in a way"):
        Package(packed({"a": b"1" * 99}, zipfile.ZIP_BZIP2))


def test_in_04_bombs_cost_little_memory_and_time() -> None:
    """All of them in a process with a quarter of a gigabyte and five seconds."""
    program = (
        "import resource, sys\n"
        "from ingest.parsing.office import convert_office\n"
        "from ingest.parsing.converted import Part\n"
        "from knowledge.errors import Unreadable\n"
        "resource.setrlimit(resource.RLIMIT_AS, (256_000_000, 256_000_000))\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (5, 5))\n"
        "try:\n"
        "    convert_office([Part('a', sys.stdin.buffer.read())])\n"
        "except Unreadable as error:\n"
        "    print(error)\n"
    )
    bomb = deflated(1 << 30)
    first = ("word/document.xml", bomb, 1 << 30)
    for data in (archive([first]), archive([("word/document.xml", bomb, 90_000_000)])):
        done = subprocess.run(
            [sys.executable, "-c", program], input=data, cwd=ROOT, capture_output=True, check=True
        )
        assert done.stdout
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


@pytest.mark.parametrize("cut", range(10, 20_000, 1999))
def test_a_document_cut_anywhere_is_refused_or_read(tmp_path: Path, cut: int) -> None:
    data = page()[:cut]
    write(tmp_path, {"a.docx": data, "b.md": "Words."})
    found = outcomes(source(tmp_path))
    assert set(found) == {"a.docx", "b.md"}
    assert isinstance(found["a.docx"], str)


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {name} "{("&" + above + ";") * 10}">'
        for above, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
TYPES = {
    "billion laughs": (LAUGHS, "&i;"),
    "quadratic": ('<!DOCTYPE x [<!ENTITY a "' + "a" * 100_000 + '">]>', "&a;" * 1000),
    "file": ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', "&a;"),
    "http": ('<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:9/a">]>', "&a;"),
    "dtd": ('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/a.dtd">', ""),
    "parameter": ('<!DOCTYPE x [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]>', ""),
}


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("part", ["word/document.xml", "word/styles.xml", "docProps/core.xml", "_rels/.rels"])
def test_in_06_xml_that_declares_a_document_type_is_refused(tmp_path: Path, kind: str, part: str) -> None:
    head, use = TYPES[kind]
    made = page()
    text = parts_of(made)[part].decode()
    start, mark, rest = text.partition("?>")
    tag, close, rest = rest.partition(">")
    made = with_part(made, part, f"{start}{mark}{head}{tag}{close}{use}{rest}")
    assert refused(tmp_path, "a.docx", made) == (
        "its XML declares a document type, which no office program writes"
    )


def test_in_06_an_entity_that_nobody_declared_is_damage(tmp_path: Path) -> None:
    made = changed(page(), "word/document.xml", "at noon", "at &noon;")
    assert refused(tmp_path, "a.docx", made).startswith("its XML is damaged")


def test_in_06_pictures_as_xml_are_not_opened(tmp_path: Path) -> None:
    picture = TYPES["file"][0] + '<svg xmlns="http://www.w3.org/2000/svg"><text>&a;</text></svg>'
    made = with_part(page(), "word/media/image1.svg", picture)
    assert loaded(tmp_path, "a.docx", made).text == "Nodes are freed at noon.\n\nWords."


def test_in_16_deep_and_wide_documents_are_bounded(tmp_path: Path) -> None:
    deep = "<w:tbl><w:tr><w:tc>" * 400 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 400
    assert refused(tmp_path, "a.docx", with_body(deep)) == "it is nested too deeply"
    wide = "<w:tbl><w:tr>" + f"<w:tc>{paragraph('x')}</w:tc>" * 5000 + "</w:tr></w:tbl>"
    assert len(loaded(tmp_path / "wide", "a.docx", with_body(wide)).text) < 50_000


def test_other_packages_and_passwords_are_told(tmp_path: Path) -> None:
    assert refused(tmp_path / "1", "a.docx", packed({"a.txt": b"x"})) == (
        "it is an archive, not an office document"
    )
    assert refused(tmp_path / "2", "a.xlsx", b"\xd0\xcf\x11\xe0" + bytes(600)).startswith("it has a password")
    assert refused(tmp_path / "3", "a.pptx", b"Words.") == "not an office document: its header is missing"


def test_in_07_an_office_document_under_another_ones_name_is_read_as_what_it_is(tmp_path: Path) -> None:
    assert loaded(tmp_path, "a.xlsx", page()).text == "Nodes are freed at noon.\n\nWords."


def test_in_04_a_part_that_is_denser_than_the_rest_is_refused_while_it_is_unpacked(tmp_path: Path) -> None:
    filling = random.Random(4).randbytes(1_000_000)
    made = with_part(page(), "word/media/image1.png", filling)
    dense = changed(made, "word/document.xml", "at noon", "at " + " " * 40_000_000 + "noon")
    assert refused(tmp_path, "a.docx", dense) == TOO_MUCH


def test_in_04_a_part_that_is_read_again_and_again_is_counted_again_and_again() -> None:
    package = Package(packed({"a": random.Random(4).randbytes(30_000_000)}, zipfile.ZIP_STORED))
    for _ in range(3):
        assert sum(map(len, package.blocks("a"))) == 30_000_000
    with pytest.raises(Unreadable, match="unpacked it takes more than 100 MB"):
        list(package.blocks("a"))
