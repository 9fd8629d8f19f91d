"""`lore ask`, `lore search` and `lore eval`: the answering code, from the command line."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.cli.output import print_json, progress
from bot.settings import load_settings
from bot.wiring import Knowledge, now, open_knowledge
from knowledge.audience import WHOLE_WORKSPACE, Readers, readable_keys
from knowledge.documents import Answer, Citation, NoAnswer, Outcome, Passage, Trace
from knowledge.errors import SettingsError, StoreError
from knowledge.narrowing import Narrowed


def ask_here(question: str, as_person: str | None, *, as_json: bool) -> None:
    """Answer one question on the terminal, from what this person (or everyone) may read."""
    with published_knowledge() as knowledge:
        started = time.perf_counter()
        outcome = knowledge.answerer.answer(question, keys_of(knowledge, as_person))
        elapsed_ms = round((time.perf_counter() - started) * 1000)
    if as_json:
        print_json(outcome_as_json(outcome, elapsed_ms))
    else:
        _print_outcome(Console(highlight=False), outcome)


def search_here(query: str, k: int, as_person: str | None, *, as_json: bool) -> None:
    """List the passages that a question finds."""
    with published_knowledge() as knowledge:
        asked, found = knowledge.search(query, keys_of(knowledge, as_person), k)
    print_scope(Console(stderr=True, highlight=False), asked)
    if as_json:
        print_json([_passage_as_json(passage) for passage in found])
        return
    table = Table("score", "document", "section", "line", "text", box=None, pad_edge=False)
    for passage in found:
        begin = " ".join(passage.chunk.text.split())[:80]
        line = str(passage.chunk.line) if passage.lines_are_the_files else ""
        table.add_row(f"{passage.scores.fused:.3f}", passage.document_id, passage.section, line, begin)
    Console(highlight=False, markup=False).print(table)


def evaluate_here(folder: Path, *, as_json: bool) -> None:
    """Measure the code that answers on a folder of questions."""
    from bot.evaluating import evaluate

    if not (folder / "queries.jsonl").is_file():
        raise SettingsError(
            f"{folder} holds no queries.jsonl: name a folder as docs/evaluation.md describes it."
        )
    with progress(quiet=as_json) as on_progress:
        figures = evaluate(folder, on_progress=on_progress).as_json()
    if as_json:
        print_json(figures)
        return
    for name, value in figures.items():
        print(f"{name:22} {value if isinstance(value, int) else f'{value:.4g}'}")


def outcome_as_json(outcome: Outcome, elapsed_ms: int) -> dict[str, Any]:
    """The outcome as scripts rely on it."""
    match outcome:
        case Answer():
            kind, citations = "answer", outcome.citations
            sentences = [{"text": one.text, "citations": list(one.citations)} for one in outcome.sentences]
            more: dict[str, Any] = {"notices": list(outcome.notices), "writer": outcome.writer}
        case NoAnswer():
            kind, citations, sentences = "no_answer", (), []
            more = {
                "reason": outcome.reason,
                "searched": {
                    "documents": outcome.searched.documents,
                    "chunks": outcome.searched.chunks,
                    "sources": list(outcome.searched.sources),
                },
                "nearest": [_citation_as_json(citation) for citation in outcome.nearest],
            }
    return {
        "outcome": kind,
        "sentences": sentences,
        "citations": [_citation_as_json(citation) for citation in citations],
        "elapsed_ms": elapsed_ms,
        "index_version": outcome.version,
        "filters": list(outcome.trace.filters),
        "remarks": list(outcome.trace.remarks),
        **more,
    }


def _citation_as_json(citation: Citation) -> dict[str, Any]:
    return {
        "n": citation.n,
        "title": citation.title,
        "section": citation.section,
        "quote": citation.quote,
        "path": citation.path,
        "source": citation.source,
        "url": citation.url,
        "line": citation.line,
        "page": citation.page,
        "owner": citation.owner,
        "updated_at": citation.updated_at.isoformat() if citation.updated_at else None,
    }


def _passage_as_json(passage: Passage) -> dict[str, Any]:
    return {
        "path": passage.path,
        "source": passage.source,
        "title": passage.title,
        "section": passage.section,
        "text": passage.chunk.text,
        "score": round(passage.scores.fused, 6),
        "line": passage.chunk.line if passage.lines_are_the_files else None,
    }


def print_scope(console: Console, asked: Trace | Narrowed) -> None:
    """What the question's filters did."""
    if asked.filters:
        console.print(f"Searched only: {', '.join(asked.filters)}.", markup=False)
    for remark in asked.remarks:
        console.print(f"! {remark}", markup=False)


def _print_outcome(console: Console, outcome: Outcome) -> None:
    print_scope(console, outcome.trace)
    match outcome:
        case Answer():
            for sentence in outcome.sentences:
                marks = "".join(f"[{n}]" for n in sentence.citations)
                console.print(f"{sentence.text} {marks}", markup=False)
            console.print()
            for citation in outcome.citations:
                _print_citation(console, citation)
            for notice in outcome.notices:
                console.print(f"! {notice}", markup=False)
        case NoAnswer():
            searched = outcome.searched
            console.print(outcome.reason, markup=False)
            console.print(
                f"Searched {searched.documents} documents in {', '.join(searched.sources)}.", markup=False
            )
            if outcome.nearest:
                console.print("\nNearest:")
            for citation in outcome.nearest:
                _print_citation(console, citation)


def _print_citation(console: Console, citation: Citation) -> None:
    place = f"{citation.source}/{citation.path}" + (f":{citation.line}" if citation.line else "")
    age = f"{citation.updated_at:%Y-%m-%d}" if citation.updated_at else "age unknown"
    facts = ", ".join(fact for fact in (place, age, citation.owner, citation.url) if fact)
    title = " › ".join(part for part in (citation.title, citation.section) if part)
    console.print(f"{citation.n}. {title} ({facts})", markup=False)
    console.print(f"   “{' '.join(citation.quote.split())}”", markup=False)


@contextmanager
def published_knowledge() -> Iterator[Knowledge]:
    """What is published, or one line that says to sync first."""
    knowledge = open_knowledge(load_settings(), repair=False)
    try:
        if knowledge.store.published() == 0:
            raise StoreError("nothing is indexed yet: run `lore sync` first")
        yield knowledge
    finally:
        knowledge.close()


def keys_of(knowledge: Knowledge, as_person: str | None) -> frozenset[str]:
    """What this person may read, or everyone."""
    keys = knowledge.store.audience_keys(knowledge.store.published())
    readers, members = _reading(knowledge, as_person)
    return readable_keys(keys, readers, members)


def _reading(
    knowledge: Knowledge, as_person: str | None
) -> tuple[Readers, Callable[[str], frozenset[str] | None]]:
    """Who reads, and who is in what: Slack knows with tokens; without, only people who are named."""
    if as_person is None:
        return WHOLE_WORKSPACE, lambda _principal: None
    settings = knowledge.settings
    if settings.tokens is None:
        print(
            "lore: without Slack tokens only documents for everyone, or that name this very person, are read",
            file=sys.stderr,
        )
        person = frozenset({as_person})
        same = as_person.casefold()
        return Readers(people=person), lambda principal: person if principal.casefold() == same else None
    from bot.delivery import slack_client
    from bot.people import People
    from bot.token_now import bot_token

    token = bot_token(settings, knowledge.database)
    people = People(slack_client(token, settings.slack_api_url), now)
    ids = people.members(as_person)
    if not ids or not all(people.is_full_member(user_id) for user_id in ids):
        raise SettingsError(
            f"Slack knows no full member {as_person}: give a Slack user id or an e-mail address."
        )
    return Readers(people=ids), people.members
