"""E-mail: one message or a mailbox of threads, without quoted replies, signatures and what nobody sees."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest

from ingest.parsing.replies import trimmed
from ingest.readers import read
from ingest.sources import Item, Skipped
from knowledge.documents import Document
from knowledge.errors import Unreadable
from tests.ingest.offices import paragraph, with_body
from tests.ingest.pdfs import HANDBOOK
from tests.ingest.reading import loaded, outcomes, refused, source, write

SENT = datetime(2026, 3, 4, 10, 12, tzinfo=UTC)


def letter(
    words: str = "Book a node.",
    subject: str = "Booking",
    sender: str = "Mira Chen <mira@tern.example>",
    key: str = "<one@tern.example>",
    answers: str = "",
    sent: datetime = SENT,
    html: str | None = None,
) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "Team <team@tern.example>", subject
    made["Date"], made["Message-ID"] = format_datetime(sent), key
    if answers:
        made["References"] = answers
        made["In-Reply-To"] = answers.split()[-1]
    made.set_content(words)
    if html is not None:
        made.add_alternative(html, subtype="html")
    return made


def test_a_message_is_a_page_with_its_sender_and_date(tmp_path: Path) -> None:
    document = loaded(tmp_path, "mail/booking.eml", letter(subject="Re: Büchung der Knoten").as_bytes())
    assert document.text == (
        "# Büchung der Knoten\n\n## Mira Chen, 2026-03-04 10:12\n\n"
        "From: Mira Chen (mira@tern.example); To: Team\n\nBook a node."
    )
    assert document.title == "Büchung der Knoten"
    assert document.updated_at == SENT
    assert document.owner == "mira@tern.example"
    assert document.path == "mail/booking.eml"


def test_the_html_of_a_message_counts_and_what_it_hides_does_not(tmp_path: Path) -> None:
    html = (
        '<div style="display:none">HIDDEN</div><table role="presentation"><tr><td><h1>Quotas</h1>'
        "<p>Two <b>nodes</b>.</p></td></tr></table><table><tr><th>a</th><th>b</th></tr>"
        "<tr><td>1</td><td>2</td></tr></table>"
    )
    document = loaded(tmp_path, "a.eml", letter("HIDDEN in the other part", html=html).as_bytes())
    assert "HIDDEN" not in document.text
    assert "### Quotas\n\nTwo **nodes**.\n\n| a | b |\n| --- | --- |\n| 1 | 2 |" in document.text
    assert document.notes == ("1 hidden parts left out",)


def test_attachments_are_named_and_read_where_their_format_is(tmp_path: Path) -> None:
    made = letter()
    made.add_attachment(HANDBOOK, maintype="application", subtype="pdf", filename="hand/book.pdf")
    made.add_attachment(
        with_body(paragraph("Deep words.")),
        maintype="application",
        subtype="octet-stream",
        filename="plan.docx",
    )
    made.add_attachment("a,b\n1,2\n", subtype="csv", filename="table.csv")
    made.add_attachment(b"\x89PNG\r\n", maintype="image", subtype="png", filename="chart.png")
    made.add_attachment(b"PK\x03\x04", maintype="application", subtype="zip", filename="all.zip")
    made.add_attachment("---\naudience: '#leads'\n---\nLEADS", filename="leads.md")
    document = loaded(tmp_path, "a.eml", made.as_bytes())
    assert "### Attachment: book.pdf\n\n#### GPU handbook" in document.text
    assert "### Attachment: plan.docx\n\nDeep words." in document.text
    assert "### Attachment: table.csv\n\nA table of 1 row" in document.text
    assert "### Attachment: all.zip\n\n(not read)" in document.text
    assert "LEADS" not in document.text
    assert document.notes == (
        "attachment chart.png not read: files of this type are not read",
        "attachment all.zip not read: archive files are not read yet",
        "attachment leads.md not read: it names its own readers",
    )


def test_messages_in_messages_are_read_three_deep(tmp_path: Path) -> None:
    made = letter("Words of level 5.", subject="Level 5")
    for depth in range(4, 0, -1):
        outer = letter(f"Words of level {depth}.", subject=f"Level {depth}")
        outer.add_attachment(made)
        made = outer
    document = loaded(tmp_path, "a.eml", made.as_bytes())
    assert "Words of level 3." in document.text
    assert "Words of level 4." not in document.text
    assert document.notes == ("attachment Level 4 not read: it is a message in a message in a message",)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Yes.\n\nOn Wed, 4 Mar 2026 at 10:12, Mira Chen <m@tern.example> wrote:\n> Book?\n> Now?\n", "Yes."),
        ("Ja.\n\nAm 04.03.26 um 10:12 schrieb Mira Chen:\n>\n> Buchen?\n>> Nie.\n\n", "Ja."),
        ("Yes.\n\nOn Wed, 4 Mar 2026 at 10:12, Mira Chen\n<m@tern.example> wrote:\n\n> Book?", "Yes."),
        ("Oui.\n\nLe mer. 4 mars 2026 à 10:12, Mira a écrit :\n> Quoi ?", "Oui."),
        ("Yes.\n-----Original Message-----\nFrom: Mira\nBook?", "Yes."),
        (
            "Yes.\n\n________________________________\nFrom: Mira Chen <m@tern.example>\n"
            "Sent: Wednesday, March 4, 2026 10:12\nTo: Team\nSubject: Booking\n\nBook?",
            "Yes.",
        ),
        (
            "**Yes.**\n\n**From:** Mira <m@x.example>\n**Sent:** March 4, 2026\n**Subject:** B\n\nOld",
            "**Yes.**",
        ),
        ("Book it.\n-- \nMira Chen\nTern", "Book it."),
        ("Book it.\n\nSent from my iPhone", "Book it."),
        ("> Book?\n\nYes.\n\n> When?\n\nNow.", "> Book?\n\nYes.\n\n> When?\n\nNow."),
        ("> All of it is a quote.", "> All of it is a quote."),
        ("From: the start\nwe agreed\nTo: the end", "From: the start\nwe agreed\nTo: the end"),
        ("One.\n\n--\n\nTwo.\n" + "More.\n" * 20, "One.\n\n--\n\nTwo.\n" + "More.\n" * 19 + "More."),
    ],
)
def test_quoted_replies_and_signatures_are_cut(text: str, own: str) -> None:
    assert trimmed(text).text == own


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"Just words.", "not an e-mail: it has no header of one"),
        (HANDBOOK, "not an e-mail: it has no header of one"),
        (letter("").as_bytes(), "there is no text in the message"),
        (
            b"From: a@b.example\nContent-Type: multipart/encrypted; boundary=x\n\n--x\n\nv\n--x--\n",
            "the message is encrypted",
        ),
        (
            b"From: a@b.example\nContent-Type: application/pkcs7-mime; name=smime.p7m\n\nMIAG",
            "the message is encrypted",
        ),
    ],
)
def test_what_is_no_readable_message_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    assert refused(tmp_path, "a.eml", data) == reason


def test_odd_encodings_and_headers_are_read(tmp_path: Path) -> None:
    raw = (
        b"From: =?utf-8?q?M=C3=ADra?= <mira@tern.example>\nSubject: =?x-none?b?AAAA?= =?utf-8?b?S8O8aGw=?=\n"
        b"Date: never\nContent-Type: text/plain; charset=no-such\nContent-Transfer-Encoding: 8bit\n\n"
        + "Größer als früher, über Nacht. ".encode("cp1252")
        * 9
    )
    document = loaded(tmp_path, "a.eml", raw)
    assert "Größer als früher" in document.text
    assert "## Míra" in document.text
    assert document.updated_at is None
    flowed = b"From: a@b.example\nContent-Type: text/plain; format=flowed\n\nOne \nline.\n"
    assert loaded(tmp_path / "b", "a.eml", flowed).text.endswith("One line.")


def mailbox(*letters: EmailMessage) -> bytes:
    return b"".join(
        b"From mira@tern.example Wed Mar  4 10:12:00 2026\n"
        + made.as_bytes().replace(b"\nFrom ", b"\n>From ")
        + b"\n"
        for made in letters
    )


FIRST = letter("Book a node?\n\nFrom here on nights are cheap.")
SECOND = letter(
    "Yes.\n\nOn Wed Mira wrote some time ago:\n> Book a node?",
    "Re: Booking", "Jon <jon@tern.example>", "<two@tern.example>", "<one@tern.example>",
    SENT.replace(hour=11),
)  # fmt: skip
OTHER = letter("Scratch is full.", "Scratch", key="<three/../x@tern.example>")


def test_a_thread_of_a_mailbox_is_a_document(tmp_path: Path) -> None:
    found = outcomes(source(write(tmp_path, {"team.mbox": mailbox(FIRST, OTHER, SECOND)})))
    assert list(found) == ["team.mbox/one@tern.example", "team.mbox/three%2F..%2Fx@tern.example"]
    thread = found["team.mbox/one@tern.example"]
    assert isinstance(thread, Document)
    assert thread.text == (
        "# Booking\n\n## Mira Chen, 2026-03-04 10:12\n\nFrom: Mira Chen (mira@tern.example); To: Team\n\n"
        "Book a node?\n\nFrom here on nights are cheap.\n\n"
        "## Jon, 2026-03-04 11:12\n\nFrom: Jon (jon@tern.example); To: Team\n\nYes."
    )
    assert thread.updated_at == SENT.replace(hour=11)
    assert thread.owner == "mira@tern.example"


def test_a_new_message_changes_its_thread_alone_and_a_copy_changes_nothing(tmp_path: Path) -> None:
    def digests(*letters: EmailMessage) -> dict[str, str]:
        items = read(source(write(tmp_path, {"team.mbox": mailbox(*letters)})))
        return {one.path: one.digest for one in items if isinstance(one, Item)}

    before, after = digests(FIRST, OTHER), digests(FIRST, OTHER, SECOND)
    assert before.keys() == after.keys()
    assert [path for path in before if before[path] != after[path]] == ["team.mbox/one@tern.example"]
    answer_alone = digests(SECOND)
    assert list(answer_alone) == ["team.mbox/one@tern.example"]
    write(tmp_path, {"team.mbox": mailbox(FIRST, FIRST)})
    (thread,) = outcomes(source(tmp_path)).values()
    assert isinstance(thread, Document)
    assert thread.text.count("Book a node?") == 1


def test_a_mailbox_that_cannot_be_read_removes_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a.mbox": b"No message.\n", "b.mbox": b"", "c.mbox": mailbox(FIRST)})
    (tmp_path / "d.mbox").symlink_to(tmp_path / "c.mbox")
    listed = list(read(source(tmp_path)))
    assert [(one.path, one.reason) for one in listed if isinstance(one, Skipped)] == [
        ("a.mbox/", "not a mailbox: no message begins in it"),
        ("b.mbox/", "the file is empty"),
        ("d.mbox/", "a symbolic link: links are not followed"),
    ]


def test_in_11_a_mailbox_that_changes_after_the_listing_is_never_a_mix(tmp_path: Path) -> None:
    items = list(read(source(write(tmp_path, {"team.mbox": mailbox(FIRST, SECOND)}))))
    write(tmp_path, {"team.mbox": mailbox(OTHER, FIRST, SECOND)})
    for item in items:
        assert isinstance(item, Item)
        with pytest.raises(Unreadable, match="the mailbox has changed since it was listed"):
            item.load()


def test_in_10_ids_of_messages_cannot_lead_out_of_their_mailbox(tmp_path: Path) -> None:
    keys = ["<../../etc/passwd@x>", "<" + "x" * 300 + "@x>", "<..>", "<a b>", "</>", "<\u202egnp@x>"]
    letters = [letter(key="<x@y>").as_bytes().replace(b"<x@y>", key.encode()) for key in keys]
    data = b"".join(b"From x Wed Mar  4 10:12:00 2026\n" + each + b"\n" for each in letters)
    found = outcomes(source(write(tmp_path, {"team.mbox": data})))
    assert len(found) == len(keys)
    for path in found:
        mailbox_name, slash, rest = path.partition("/")
        assert (mailbox_name, slash) == ("team.mbox", "/")
        assert "/" not in rest
        assert rest not in (".", "..")
        assert rest.isprintable()
        assert len(rest) < 200
