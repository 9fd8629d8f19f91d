"""`lore search --explain` and `lore golden`: why something is found, and whether it is what should be."""

from typing import Any

from rich.console import Console
from rich.table import Table

from bot.benching import Bench, Comparison, Way, fusing_from
from bot.cli.asking import keys_of, print_scope, published_knowledge
from bot.cli.output import console, print_json, progress
from bot.searching import Explained, Seen, explain
from bot.wiring import now
from ingest.redaction import hide
from ingest.report import Progress
from knowledge.documents import Passage
from knowledge.errors import SettingsError
from knowledge.golden import GoldenScores


def explain_here(query: str, k: int, as_person: str | None, settings: list[str], *, as_json: bool) -> None:
    """Search, and print the scores of each part, what was cut, and the time of each part."""
    with published_knowledge() as knowledge:
        told = explain(
            knowledge.generations.current,
            knowledge.store,
            knowledge.embedder,
            query,
            keys_of(knowledge, as_person),
            k,
            now(),
            fusing_from(settings),
        )
    if as_json:
        print_json(_explained_as_json(told))
    else:
        _print_explained(told)


def golden_here(
    version: int | None, other: int | None, settings: list[str], passages: int, *, as_json: bool
) -> None:
    """Ask the golden questions, of one version or in one way, or compare two."""
    with published_knowledge() as knowledge:
        questions = knowledge.settings.golden
        if not questions:
            raise SettingsError(
                f"{knowledge.settings.config} lists no [[golden]] questions: add some (see docs/sources.md)."
            )
        bench = Bench(knowledge.store, knowledge.generations.current, knowledge.embedder)
        first = Way(version, passages=passages)
        if other is None and not settings:
            with progress(quiet=as_json) as on_progress:
                asked = bench.ask(
                    questions, first, lambda done: on_progress(Progress("ask", done, len(questions)))
                )
            _tell_scores(first, asked, as_json=as_json)
            return
        second = Way(version if other is None else other, fusing_from(settings), passages)
        compared = bench.compare(questions, first, second)
    if as_json:
        print_json(compared.as_json())
    else:
        _print_comparison(compared)


def _tell_scores(way: Way, scores: GoldenScores, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "way": way.in_words(),
                "questions": [
                    {
                        "question": one.question.question,
                        "expect": list(one.question.expect),
                        "rank": one.rank,
                        "found": list(one.found),
                    }
                    for one in scores.scores
                ],
                "hits": scores.hits,
                "mean_reciprocal_rank": round(scores.mean_reciprocal_rank, 4),
            }
        )
        return
    table = Table("rank", "question", "expected", box=None, pad_edge=False)
    for one in scores.scores:
        rank = "–" if one.rank is None else str(one.rank)
        table.add_row(rank, one.question.question, ", ".join(one.question.expect))
    out = console()
    out.print(table)
    out.print(
        f"{scores.hits} of {len(scores.scores)} found; mean reciprocal rank {scores.mean_reciprocal_rank:.3f}"
    )


def _print_comparison(compared: Comparison) -> None:
    table = Table("before", "after", "", "question", box=None, pad_edge=False)
    for one in compared.pairs:
        ranks = ("–" if score.rank is None else str(score.rank) for score in (one.before, one.after))
        table.add_row(*ranks, "" if one.verdict == "same" else one.verdict, one.before.question.question)
    out = console()
    out.print(f"before: {compared.first.in_words()}\nafter:  {compared.second.in_words()}\n")
    out.print(table)
    counts = ", ".join(
        f"{compared.count(verdict)} {verdict}" for verdict in ("won", "lost", "better", "worse")
    )
    before, after = compared.before, compared.after
    out.print(
        f"{counts}; found {before.hits} → {after.hits} of {len(before.scores)}; mean reciprocal rank "
        f"{before.mean_reciprocal_rank:.3f} → {after.mean_reciprocal_rank:.3f}"
    )


def _explained_as_json(told: Explained) -> dict[str, Any]:
    return {
        "version": told.version,
        "searched_for": told.searched_for,
        "filters": list(told.asked.filters),
        "remarks": list(told.asked.remarks),
        "similarity": round(told.evidence.dense, 4),
        "coverage": round(told.evidence.coverage, 4),
        "unknown": list(told.evidence.unknown),
        "confidence": round(told.evidence.score, 4),
        "needed": told.threshold,
        "weights": {
            "meaning": told.fusing.dense,
            "words": told.fusing.lexical,
            "document": told.fusing.document,
        },
        "milliseconds": {name: round(spent, 2) for name, spent in told.milliseconds.items()},
        "passages": [_seen_as_json(one) for one in told.seen],
    }


def _seen_as_json(one: Seen) -> dict[str, Any]:
    passage, scores = one.passage, one.passage.scores
    return {
        "document": passage.document_id,
        "section": passage.section,
        "score": round(scores.fused, 6),
        "meaning": scores.dense,
        "words": scores.lexical,
        "document_words": scores.document,
        "cut": one.cut or None,
        "text": _shown(passage),
    }


def _shown(passage: Passage) -> str:
    return passage.seen_through(hide).chunk.text


def _print_explained(told: Explained) -> None:
    print_scope(Console(stderr=True, highlight=False), told.asked)
    out = console()
    columns = ("", "score", "meaning", "words", "document", "where", "text")
    table = Table(*columns, box=None, pad_edge=False)
    for number, one in enumerate(told.seen, start=1):
        scores = one.passage.scores
        parts = (
            "–" if part is None else f"{part:.2f}" for part in (scores.dense, scores.lexical, scores.document)
        )
        where = " › ".join(part for part in (one.passage.document_id, one.passage.section) if part)
        begin = " ".join(_shown(one.passage).split())[:60]
        row = f"cut: {one.cut}" if one.cut else str(number)
        table.add_row(row, f"{scores.fused:.3f}", *parts, where, begin)
    out.print(table)
    fusing, evidence = told.fusing, told.evidence
    out.print(
        f"score = {fusing.dense:g} × meaning + {fusing.lexical:g} × words + {fusing.document:g} × document, "
        "each as a share of the best of its list"
    )
    unknown = f"; named and not found: {', '.join(evidence.unknown)}" if evidence.unknown else ""
    out.print(
        f"confidence {evidence.score:.2f}, an answer needs {told.threshold:.2f} (similarity "
        f"{evidence.dense:.2f}, coverage {evidence.coverage:.2f}{unknown})"
    )
    spent = ", ".join(f"{name} {value:.1f} ms" for name, value in told.milliseconds.items())
    out.print(f"version {told.version}; {spent}")
