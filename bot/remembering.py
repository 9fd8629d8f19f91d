"""An outcome as the journal keeps it, so that it can be replayed and its citations opened later."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.journal.records import Question
from knowledge.documents import Answer, Citation, NoAnswer, Outcome, Passage


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
            }
        case NoAnswer():
            return {
                "outcome": "no_answer",
                "reason": outcome.reason,
                "citations": [_citation_as_json(citation) for citation in outcome.nearest],
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
