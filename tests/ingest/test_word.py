"""Word documents: headings, lists, tables and notes as a reader sees them, and nothing that one does not."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.offices import changed, packed, paragraph, parts_of, with_body, with_part, word
from tests.ingest.reading import loaded, refused

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def handbook(document: Any) -> None:
    document.core_properties.modified = datetime.fromisoformat("2026-03-04T10:12")
    document.add_heading("GPU handbook", 0)
    document.add_paragraph("Book a node in the calendar.")
    document.add_heading("Quotas", 1)
    document.add_paragraph("Each person may hold:")
    document.add_paragraph("two nodes", style="List Bullet")
    document.add_paragraph("one of them at night", style="List Bullet 2")
    document.add_paragraph("Ask first", style="List Number")
    document.add_paragraph("Then book", style="List Number")
    document.add_heading("Limits", 2)
    table = document.add_table(2, 2)
    for n, words in enumerate(["Node", "Hours | day", "a100", "12"]):
        table.cell(n // 2, n % 2).text = words


def test_headings_lists_and_tables_are_markdown(tmp_path: Path) -> None:
    document = loaded(tmp_path, "guides/gpu.docx", word(handbook))
    assert document.text == (
        "# GPU handbook\n\nBook a node in the calendar.\n\n## Quotas\n\nEach person may hold:\n\n"
        "- two nodes\n- one of them at night\n1. Ask first\n2. Then book\n\n"
        "### Limits\n\n| Node | Hours \\| day |\n|---|---|\n| a100 | 12 |"
    )
    assert document.title == "GPU handbook"
    assert document.updated_at == datetime(2026, 3, 4, 10, 12, tzinfo=UTC)
    assert not document.lines_are_the_files
    assert document.notes == ()


def test_deleted_words_are_out_and_inserted_ones_are_in(tmp_path: Path) -> None:
    body = (
        '<w:p><w:r><w:t>Nodes are freed at </w:t></w:r><w:del w:id="1"><w:r><w:delText>noon</w:delText></w:r>'
        '</w:del><w:ins w:id="2"><w:r><w:t>midnight</w:t></w:r></w:ins><w:r><w:t>.</w:t></w:r></w:p>'
        '<w:moveFrom w:id="3"><w:p><w:r><w:t>MOVED AWAY</w:t></w:r></w:p></w:moveFrom>'
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:p/></w:tc></w:tr>"
        '<w:tr><w:trPr><w:del w:id="4"/></w:trPr><w:tc><w:p><w:r><w:t>GONE</w:t></w:r></w:p></w:tc></w:tr>'
        "</w:tbl>"
    )
    document = loaded(tmp_path, "a.docx", with_body(body))
    assert document.text.startswith("Nodes are freed at midnight.\n\n| a |  |")
    assert "noon" not in document.text
    assert "GONE" not in document.text
    assert "MOVED" not in document.text
    assert document.notes == ("3 deleted or moved stretches left out",)


HIDDEN = [
    ("", "<w:vanish/>"),
    ("", '<w:color w:val="FFFFFF"/>'),
    ("", '<w:color w:val="fefefe"/>'),
    ("", '<w:sz w:val="1"/>'),
    ("", '<w:color w:val="FF0000"/><w:highlight w:val="red"/>'),
    ('<w:shd w:val="clear" w:fill="112233"/>', '<w:color w:val="112233"/>'),
]
SHOWN = [
    ("", '<w:vanish w:val="0"/>'),
    ("", '<w:color w:val="808080"/>'),
    ("", '<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="000000"/>'),
    ('<w:shd w:val="clear" w:fill="1F3864"/>', '<w:color w:val="FFFFFF"/>'),
    ("", '<w:sz w:val="12"/>'),
]


@pytest.mark.parametrize(("properties", "run"), HIDDEN)
def test_in_17_words_that_cannot_be_seen_are_left_out(tmp_path: Path, properties: str, run: str) -> None:
    document = loaded(tmp_path, "a.docx", with_body(paragraph("HIDDEN", properties, run)))
    assert document.text == "Words."
    assert document.notes == ("1 stretches of text that cannot be seen left out",)


@pytest.mark.parametrize(("properties", "run"), SHOWN)
def test_words_that_are_seen_are_read(tmp_path: Path, properties: str, run: str) -> None:
    document = loaded(tmp_path, "a.docx", with_body(paragraph("SHOWN", properties, run)))
    assert document.text == "SHOWN\n\nWords."
    assert document.notes == ()


def test_in_17_a_style_can_hide_and_a_cell_can_show(tmp_path: Path) -> None:
    made = with_body(
        paragraph("HIDDEN", '<w:pStyle w:val="Ghost"/>')
        + '<w:tbl><w:tr><w:tc><w:tcPr><w:shd w:fill="1F3864"/></w:tcPr>'
        + paragraph("SHOWN", run='<w:color w:val="FFFFFF"/>')
        + "</w:tc><w:tc>"
        + paragraph("HIDDEN", run='<w:color w:val="FFFFFF"/>')
        + "</w:tc></w:tr></w:tbl>"
    )
    ghost = (
        '<w:style w:type="paragraph" w:styleId="Pale"><w:name w:val="Pale"/><w:rPr><w:vanish/></w:rPr>'
        '</w:style><w:style w:type="paragraph" w:styleId="Ghost"><w:name w:val="Ghost"/>'
        '<w:basedOn w:val="Pale"/></w:style>'
    )
    document = loaded(
        tmp_path, "a.docx", changed(made, "word/styles.xml", "</w:styles>", ghost + "</w:styles>")
    )
    assert "SHOWN" in document.text
    assert "HIDDEN" not in document.text
    assert document.notes == ("2 stretches of text that cannot be seen left out",)


def test_footnotes_follow_their_paragraph_and_comments_are_left_out(tmp_path: Path) -> None:
    body = '<w:p><w:r><w:t>Two nodes</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
    made = with_body(body)
    relations = "word/_rels/document.xml.rels"
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    more = (
        f'<Relationship Id="rF" Type="{kinds}/footnotes" Target="footnotes.xml"/>'
        f'<Relationship Id="rC" Type="{kinds}/comments" Target="comments.xml"/></Relationships>'
    )
    made = changed(made, relations, "</Relationships>", more)
    words = paragraph("Three at night.")
    note = f'<w:footnotes xmlns:w="{W}"><w:footnote w:id="2">{words}</w:footnote></w:footnotes>'
    comment = f'<w:comments xmlns:w="{W}"><w:comment w:id="0">{paragraph("SECRET")}</w:comment></w:comments>'
    made = with_part(with_part(made, "word/footnotes.xml", note), "word/comments.xml", comment)
    document = loaded(tmp_path, "a.docx", made)
    assert document.text == "Two nodes[^1]\n\n[^1]: Three at night.\n\nWords."
    assert document.notes == ("1 comments left out",)


def test_links_fields_boxes_and_pictures_give_their_words(tmp_path: Path) -> None:
    box = (
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    )
    body = (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE SECRET</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>Page 7</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        f"<w:r><mc:AlternateContent {box}><mc:Choice><w:drawing><wps:txbx><w:txbxContent>"
        f"{paragraph('In a box')}</w:txbxContent></wps:txbx></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><w:txbxContent>{paragraph('In a box')}</w:txbxContent></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
        f"<w:sdt><w:sdtContent>{paragraph('In a control')}</w:sdtContent></w:sdt>"
        f"{paragraph('# no heading')}"
    )
    document = loaded(tmp_path, "a.docx", with_body(body))
    assert document.text == "Page 7\n\nIn a box\n\nIn a control\n\n\\# no heading\n\nWords."


def test_an_empty_document_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, "a.docx", word(lambda _: None)) == "there is no text in it that can be seen"


def test_strict_documents_are_read(tmp_path: Path) -> None:
    made = word(handbook)
    strict = {
        name: content.replace(W.encode(), b"http://purl.oclc.org/ooxml/wordprocessingml/main")
        for name, content in parts_of(made).items()
    }
    assert loaded(tmp_path, "a.docx", packed(strict)).title == "GPU handbook"
