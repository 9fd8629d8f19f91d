"""What reading found is carried from documents to the report, bounded, and back from its JSON."""

import json

import pytest

from bot.cli.reports import print_findings
from ingest.findings import MOST_LISTED, Findings, lines_of
from knowledge.audience import EVERYONE
from knowledge.documents import Document, Redaction


def document(path: str, lines: tuple[int, ...] = (), notes: tuple[str, ...] = ()) -> Document:
    redacted = tuple(Redaction("GitHub token", line) for line in lines)
    return Document("wiki", path, "", "", EVERYONE, "", redactions=len(lines), redacted=redacted, notes=notes)


def test_findings_are_listed_by_document_and_survive_their_json(capsys: pytest.CaptureFixture[str]) -> None:
    findings = Findings()
    findings.add(document("a.md", (4, 4, 9)))
    findings.add(document("b.docx", (), ("2 hidden rows left out",)))
    assert findings.redactions == 3
    assert lines_of(findings.redacted) == {"a.md": [4, 4, 9]}
    assert Findings.from_json(json.loads(json.dumps(findings.as_json()))) == findings
    assert Findings.from_json({}) == Findings()
    print_findings(findings)
    assert capsys.readouterr().err == (
        "  secrets taken out: a.md: line 4, 9\n  noted: b.docx: 2 hidden rows left out\n"
    )


def test_all_are_counted_and_the_first_are_listed() -> None:
    findings = Findings()
    for n in range(30):
        findings.add(document(f"{n}.md", tuple(range(1, 101)), ("note",) * 100))
    assert findings.redactions == 3000
    assert len(findings.redacted) == len(findings.noted) == MOST_LISTED


def test_where_secrets_stood_does_not_make_a_document_another_one() -> None:
    assert document("a.md", (1,), ("note",)) == Document("wiki", "a.md", "", "", EVERYONE, "", redactions=1)
