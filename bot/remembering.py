"""An outcome as the journal keeps it, so that it can be replayed and its citations opened later."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from bot.journal.records import Question
from knowledge.documents import (
    Answer,
    Citation,
    NoAnswer,
    Outcome,
    Passage,
    Scores,
    Searched,
    Sentence,
    Trace,
)


def outcome_as_json(outcome: Outcome) -> dict[str, Any]:
    """What was said and what it rests on."""
    match outcome:
        case Answer():
            return {
                "outcome": "answer",
                "sentences": [asdict(sentence) for sentence in outcome.sentences],
                "citations": [_citation_as_json(citation) for citation in outcome.citations],
                "writer": outcome.writer,
                "notices": list(outcome.notices),
                **_circumstances(outcome),
            }
        case NoAnswer():
            return {
                "outcome": "no_answer",
                "reason": outcome.reason,
                "citations": [_citation_as_json(citation) for citation in outcome.nearest],
                **_circumstances(outcome),
            }


def passages_as_json(outcome: Outcome) -> list[dict[str, Any]]:
    """Which passages were found, in order, with their scores and where they begin."""
    return [_passage_as_json(passage) for passage in outcome.passages]


def cited(outcome: Outcome) -> tuple[Citation, ...]:
    """All citations that are shown."""
    match outcome:
        case Answer():
            return outcome.citations
        case NoAnswer():
            return outcome.nearest


def citation_of(question: Question, n: int) -> Citation | None:
    """The citation with this number."""
    for kept in question.outcome.get("citations", ()):
        if kept["n"] == n:
            updated_at = kept["updated_at"]
            return Citation(**{**kept, "updated_at": updated_at and datetime.fromisoformat(updated_at)})
    return None


def chunk_of(question: Question, citation: Citation) -> int | None:
    """The id of the passage that holds the citation's quote."""
    for kept in question.passages:
        if (
            kept["document_id"] == citation.document_id
            and kept["start"] <= citation.start
            and citation.end <= kept["end"]
        ):
            return int(kept["chunk_id"])
    return None


def answer_of(question: Question) -> Answer | None:
    """The answer as it was given, without its passages; None where there was none."""
    kept = question.outcome
    if kept.get("outcome") != "answer" or not kept.get("sentences"):
        return None
    return Answer(
        question=question.text,
        sentences=tuple(
            Sentence(str(one["text"]), tuple(map(int, one["citations"]))) for one in kept["sentences"]
        ),
        citations=citations_of(question),
        passages=(),
        searched=searched_of(question),
        version=question.index_version or 0,
        writer=str(kept.get("writer") or ""),
        notices=tuple(kept.get("notices") or ()),
        confidence=float(kept.get("confidence") or 0.0),
        trace=trace_of(question),
    )


def citations_of(question: Question) -> tuple[Citation, ...]:
    """All citations that were shown."""
    numbers = [int(kept["n"]) for kept in question.outcome.get("citations", ())]
    found = (citation_of(question, n) for n in numbers)
    return tuple(citation for citation in found if citation is not None)


def searched_of(question: Question) -> Searched:
    """What was looked through; nothing where an older record does not tell."""
    kept = question.outcome.get("searched") or {}
    return Searched(
        int(kept.get("documents") or 0), int(kept.get("chunks") or 0), tuple(kept.get("sources") or ())
    )


def trace_of(question: Question) -> Trace:
    """How the outcome came about; what an older record does not tell is empty."""
    kept = question.outcome.get("trace") or {}
    known: dict[str, Any] = {"asked": question.text}
    known |= {field.name: kept[field.name] for field in fields(Trace) if field.name in kept}
    known |= {name: tuple(known[name]) for name in ("filters", "remarks", "unknown") if name in known}
    return Trace(**known)


def scores_of(kept: Mapping[str, Any]) -> Scores:
    """The scores of a passage as kept."""
    told = kept.get("scores") or {}
    known: dict[str, Any] = {name: told[name] for name in Scores.__slots__ if name in told}
    return Scores(**({"fused": 0.0} | known))


def _circumstances(outcome: Outcome) -> dict[str, Any]:
    """What `/lore why` tells beside what was said."""
    trace = asdict(outcome.trace)
    return {
        "searched": asdict(outcome.searched),
        "confidence": outcome.confidence,
        "trace": {**trace, "milliseconds": dict(outcome.trace.milliseconds)},
    }


def _citation_as_json(citation: Citation) -> dict[str, Any]:
    updated_at = citation.updated_at
    return {**asdict(citation), "updated_at": updated_at.isoformat() if updated_at else None}


def _passage_as_json(passage: Passage) -> dict[str, Any]:
    return {
        "chunk_id": passage.chunk_id,
        "document_id": passage.document_id,
        "start": passage.chunk.start,
        "end": passage.chunk.end,
        "scores": asdict(passage.scores),
    }
