"""Messages as they were looked at and found good; `python -m tests.golden.pages` writes them anew."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.blocks.answers import answer_pages, no_answer_pages
from bot.blocks.citations import Look
from bot.blocks.pages import Page
from bot.blocks.passages import passage_view
from bot.blocks.reports import report_pages, status_pages
from bot.replies import in_markdown
from ingest.report import Failure, SyncReport
from knowledge.documents import Answer, Citation, NoAnswer, Searched, Sentence
from prompts.words import words

FOLDER = Path(__file__).parent
LOOK = Look(
    now=datetime(2026, 9, 1, 9, 0, tzinfo=UTC),
    origins=frozenset({"https://wiki.example.org"}),
    owners={"U0000ADA1": "Ada"},
)

RETENTION = Citation(
    n=1,
    document_id="wiki/checkpoints.md",
    source="wiki",
    path="checkpoints.md",
    title="Checkpoints",
    section="Checkpoints › Retention",
    quote="The trainer keeps the last three checkpoints of every run.",
    start=40,
    end=98,
    audience_key="everyone",
    line=9,
    updated_at=datetime(2026, 6, 1, tzinfo=UTC),
    owner="U0000ADA1",
)
DRILL = Citation(
    n=2,
    document_id="wiki/drills/restore.md",
    source="wiki",
    path="drills/restore.md",
    title="Restore drills",
    section="May",
    quote="restore of `run-7b` took **41 minutes**",
    start=0,
    end=40,
    audience_key="everyone",
    page=3,
    url="https://wiki.example.org/drills/restore",
    superseded_by="drills/2027.md",
    status="deprecated",
)
ANSWER = Answer(
    question="how many checkpoints are kept, and how long does a restore take?",
    sentences=(
        Sentence("The trainer keeps the **last three** checkpoints of every run.", (1,)),
        Sentence("A restore of `run-7b` took 41 minutes.", (2,)),
        Sentence("```\ntrainer --keep 3\n```", (1, 2)),
    ),
    citations=(RETENTION, DRILL),
    passages=(),
    searched=Searched(34, 120, ("wiki", "runs")),
    version=7,
    writer="extractive",
    notices=("“Restore drills” is superseded by drills/2027.md.",),
)
NO_ANSWER = NoAnswer(
    question="who won the chess tournament?",
    reason="Nothing that I found states the answer.",
    nearest=(RETENTION,),
    passages=(),
    searched=Searched(34, 1_200, ("wiki", "runs")),
    version=7,
)
REPORT = SyncReport(3, 2, 1, 0, 1_028, (Failure("wiki/old.pdf", "the PDF is encrypted"),), 41, 3.21, 8)


def reference(n: int) -> str:
    return f"0123456789abcdef:{n}"


def as_json(made: list[Page]) -> Any:
    return [{"text": page.text, "blocks": list(page.blocks)} for page in made]


CASES: dict[str, Callable[[], Any]] = {
    "answer": lambda: as_json(answer_pages(ANSWER, reference, LOOK)),
    "no_answer": lambda: as_json(no_answer_pages(NO_ANSWER, reference, LOOK, private=False)),
    "passage": lambda: passage_view(RETENTION, "Before.\n\n" + RETENTION.quote + " After.", 31, LOOK),
    "report": lambda: as_json(report_pages(REPORT)),
    "status": lambda: as_json(status_pages(7, Searched(34, 120, ("wiki",)), 2)),
    "help": lambda: as_json(in_markdown(words("help"))),
    "apology": lambda: as_json(in_markdown(words("apology", error_id="1a2b3c4d"))),
}


def rendered(name: str) -> str:
    return json.dumps(CASES[name](), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for case in CASES:
        (FOLDER / f"{case}.json").write_text(rendered(case), encoding="utf-8")
