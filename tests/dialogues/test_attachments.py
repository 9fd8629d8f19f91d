"""Whole conversations about attached files: read for one question, cited exactly, else said why not."""

import json
import time

import pytest
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import select

from bot import attachments, fetching
from bot.journal.tables import questions
from tests.dialogues.lore import Lore
from tests.ingest.pdfs import pdf, text
from tests.ingest.web_site import web_site

NOTES = b"""# Post-mortem of the Kestrel run

## Cause
The Kestrel run diverged at step 41300 because the data loader repeated shard 17.

## Remedy
We skipped 200 batches after step 41000 and restarted from the checkpoint of step 40500.
"""
QUESTION = "Why did the Kestrel run diverge?"


LOSS = "The final loss of the kestrel run is 2.31."


def two_pages(canvas: Canvas) -> None:
    text(canvas, 760, "There is nothing on this page.")
    canvas.showPage()
    text(canvas, 760, LOSS)


ONE_PAGE = pdf(lambda canvas: text(canvas, 760, LOSS))
TWO_PAGES = pdf(two_pages)
LOCKED = pdf(lambda canvas: text(canvas, 760, LOSS), password="heron")


def ask(
    lore: Lore, text: str, *files: tuple[str, bytes], person: str = "ben", channel: str = "#general"
) -> str:
    return lore.slack.attach(person, channel, f"<@{lore.slack.team.app.user_id}> {text}", list(files))


def test_a_file_answers_with_its_exact_words(lore: Lore) -> None:
    ts = ask(lore, QUESTION, ("kestrel.md", NOTES))
    said = lore.reply("#general", ts)
    assert "diverged at step 41300 because the data loader repeated shard 17" in said
    assert "your file kestrel.md › Post-mortem of the Kestrel run › Cause" in said
    assert "I read kestrel.md for this question only." in said


def test_nothing_of_a_file_is_kept_in_the_record(lore: Lore) -> None:
    lore.reply("#general", ask(lore, QUESTION, ("kestrel.md", NOTES)))
    with lore.knowledge.database.reading() as connection:
        [outcome] = connection.execute(select(questions.c.outcome)).scalars()
    assert outcome["citations"][0]["source"] == "your file"
    assert "your file" not in lore.knowledge.store.holdings(lore.knowledge.store.published())
    # Without the file nothing is known of it.
    assert "41300" not in lore.reply("#general", lore.mention("ben", "#general", QUESTION))


def test_the_index_is_asked_beside_the_file(lore: Lore) -> None:
    ts = ask(lore, "When was the last restore drill?", ("kestrel.md", NOTES))
    assert "12 May 2026" in lore.reply("#general", ts)


def test_a_follow_up_in_the_thread_still_has_the_file(lore: Lore) -> None:
    ts = ask(lore, QUESTION, ("kestrel.md", NOTES))
    lore.reply("#general", ts)
    lore.slack.say("ben", "#general", "And how many batches were skipped after step 41000?", ts)
    assert "200 batches" in lore.reply("#general", ts, 2)


def test_a_file_without_words_is_read_and_asked_about(lore: Lore) -> None:
    dm = lore.slack.dm("ben")
    ts = lore.slack.attach("ben", dm, "", [("kestrel.md", NOTES)])
    assert "I have read kestrel.md" in lore.reply(dm, ts)
    assert "shard 17" in lore.reply(dm, lore.slack.say("ben", dm, QUESTION))


def test_what_the_file_says_as_a_whole(lore: Lore) -> None:
    ts = ask(lore, "please summarise the attached file", ("kestrel.md", NOTES))
    assert "your file kestrel.md" in lore.reply("#general", ts)


@pytest.mark.parametrize(
    ("name", "data", "part"),
    [
        ("run.csv", b"kestrel run,final loss\nkestrel,2.31\n", "2.31"),
        ("run.json", json.dumps({"kestrel": {"final loss": 2.31}}).encode(), "2.31"),
        ("run.py", b"# settings of the kestrel run\nKESTREL_FINAL_LOSS = 2.31\n", "2.31"),
        (
            "run.ipynb",
            json.dumps(
                {
                    "cells": [{"cell_type": "markdown", "metadata": {}, "source": [LOSS]}],
                    "nbformat": 4,
                    "nbformat_minor": 5,
                    "metadata": {},
                }
            ).encode(),
            "2.31",
        ),
        ("run.pdf", ONE_PAGE, "2.31"),
    ],
)
def test_files_of_every_kind_are_read(lore: Lore, name: str, data: bytes, part: str) -> None:
    said = lore.reply("#general", ask(lore, "What is the final loss of the kestrel run?", (name, data)))
    assert part in said
    assert f"your file {name}" in said


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("chart.png", b"\x89PNG\r\n\x1a\n", "images are not read"),
        ("talk.mp4", b"\0" * 20, "sound and films are not read"),
        ("plan.docx", b"PK\x03\x04", "the archive that it is in is cut off"),
        ("plan.doc", b"\xd0\xcf", "Old Word files are not read yet"),
        ("notes.md", b"\x89PNG\r\n\x1a\n rest", "the contents are a PNG image, not what the name says"),
        ("paper.pdf", b"this is no pdf at all", "not a PDF"),
        ("paper.pdf", b"%PDF-1.7\nbroken", "the PDF is damaged"),
        ("paper.pdf", LOCKED, "the PDF is encrypted"),
        ("empty.md", b"   \n", "the file is empty"),
        ("data.bin", b"\0\1\2", "files of this type are not read"),
        ("noise.txt", bytes(range(256)) * 40, "the contents are not text"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_the_rest_answered(
    lore: Lore, name: str, data: bytes, reason: str
) -> None:
    ts = ask(lore, "When was the last restore drill?", (name, data))
    said = lore.reply("#general", ts)
    assert f"I did not read {name}" in said
    assert reason in said
    assert "12 May 2026" in said


def test_a_huge_file_is_never_fetched(lore: Lore) -> None:
    file = lore.slack.new_file("ben", "huge.pdf", b"%PDF-1.7", size=100_000_000)
    ts = lore.slack.attach(
        "ben", "#general", f"<@{lore.slack.team.app.user_id}> When was the last restore drill?", [file]
    )
    said = lore.reply("#general", ts)
    assert "it is too large: 100.0 MB, the limit is 20 MB" in said
    assert not lore.slack.ledger.calls_of("url_private")


def test_a_file_that_lies_about_its_size_is_cut_off(lore: Lore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST_BYTES", 1_000)
    file = lore.slack.new_file("ben", "huge.md", b"x" * 5_000, size=10)
    ts = lore.slack.attach(
        "ben", "#general", f"<@{lore.slack.team.app.user_id}> When was the last restore drill?", [file]
    )
    assert "I did not read huge.md: it is larger than 0 MB" in lore.reply("#general", ts)


def test_op03_five_hundred_files_are_limited_politely(lore: Lore) -> None:
    files = [(f"note-{n}.md", b"# Note\n\nNothing here.\n") for n in range(500)]
    said = lore.reply("#general", ask(lore, "When was the last restore drill?", *files))
    assert "I read the first 5 and left 495 unread" in said
    assert "12 May 2026" in said
    assert len(lore.slack.ledger.calls_of("url_private")) == 5


def test_a_deleted_file_is_said_to_be_deleted(lore: Lore) -> None:
    file = lore.slack.new_file("ben", "gone.md", NOTES)
    lore.slack.hold_events()
    ts = lore.slack.attach("ben", "#general", f"<@{lore.slack.team.app.user_id}> {QUESTION}", [file])
    lore.slack.delete_file(file.id)
    lore.slack.release_events(lambda held: held)
    assert "I did not read gone.md: it was deleted" in lore.reply("#general", ts)


def test_without_the_scope_the_fix_is_said(lore: Lore) -> None:
    lore.slack.team.app.scopes.remove("files:read")
    said = lore.reply("#general", ask(lore, "When was the last restore drill?", ("kestrel.md", NOTES)))
    assert "adds the scope files:read" in said
    assert "12 May 2026" in said


def test_the_token_goes_to_no_other_host(lore: Lore) -> None:
    with web_site() as evil:
        redirect = lore.slack.faults.redirect("url_private", f"{evil.address}/steal")
        said = lore.reply("#general", ask(lore, QUESTION, ("kestrel.md", NOTES)))
        assert (redirect.hits, evil.asked) == (1, [])
    assert "I did not read kestrel.md: Slack asks me to sign in for it" in said


def test_a_slow_or_broken_file_host_costs_seconds_not_the_answer(
    lore: Lore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "SILENCE_S", 0.2)
    lore.slack.faults.delay("url_private", 5.0)
    said = lore.reply("#general", ask(lore, "When was the last restore drill?", ("kestrel.md", NOTES)))
    assert "I did not read kestrel.md: Slack did not hand it out just now" in said
    assert "12 May 2026" in said


def test_a_sign_in_page_is_not_taken_for_the_file(lore: Lore) -> None:
    lore.slack.faults.html("url_private")
    said = lore.reply("#general", ask(lore, QUESTION, ("kestrel.md", NOTES)))
    assert "I did not read kestrel.md: Slack asks me to sign in" in said


def test_a_name_is_never_a_path_and_two_of_one_name_differ(lore: Lore) -> None:
    other = NOTES.replace(b"shard 17", b"shard 18")
    ts = ask(lore, QUESTION, ("../../etc/passwd.md", NOTES), ("passwd.md", other))
    said = lore.reply("#general", ts)
    assert ".." not in said
    assert "I read passwd.md, passwd.md (2) for this question only." in said


def test_a_formula_in_a_table_stays_text(lore: Lore) -> None:
    data = b"kestrel run,final loss\n\"=cmd|'/c calc'!A1\",2.31\nkestrel,2.05\n"
    said = lore.reply("#general", ask(lore, "What is the final loss of the kestrel run?", ("t.csv", data)))
    assert "2.05" in said


def test_secrets_of_a_file_are_not_repeated(lore: Lore) -> None:
    key = "hf_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3f"
    data = NOTES + f"\n## Token\nThe token of the Kestrel run is {key} as of today.\n".encode()
    said = lore.reply("#general", ask(lore, "What is the token of the Kestrel run?", ("kestrel.md", data)))
    assert key not in said
    assert "kestrel.md: 1 secrets are left out" in said


def test_what_a_file_says_to_the_model_or_to_slack_is_only_text(lore: Lore) -> None:
    data = b"# Kestrel\n\nThe Kestrel run diverged, <!channel> see <https://evil.example|here>.\n"
    ts = ask(lore, "Why did the Kestrel run diverge?", ("kestrel.md", data))
    [message] = lore.replies("#general", ts)
    assert "<!channel>" not in message["text"]
    assert "evil.example" not in json.dumps([b for b in message["blocks"] if b.get("type") == "link"])


def test_a_private_channels_file_is_for_its_members(lore: Lore) -> None:
    lore.reply("#leads", ask(lore, QUESTION, ("kestrel.md", NOTES), channel="#leads"))
    with lore.knowledge.database.reading() as connection:
        [outcome] = connection.execute(select(questions.c.outcome)).scalars()
    leads = lore.slack.channel("#leads").id
    assert outcome["citations"][0]["audience_key"] == json.dumps([f"#{leads}"])


def test_a_large_text_is_read_to_a_limit_and_says_so(lore: Lore) -> None:
    data = NOTES + b"word " * 90_000
    started = time.monotonic()
    said = lore.reply("#general", ask(lore, QUESTION, ("kestrel.md", data)))
    assert "only its first 400,000 characters are read" in said
    assert "shard 17" in said
    assert time.monotonic() - started < 60


def test_pages_are_named(lore: Lore) -> None:
    said = lore.reply(
        "#general", ask(lore, "What is the final loss of the kestrel run?", ("run.pdf", TWO_PAGES))
    )
    assert "your file/run.pdf, page 2" in said
