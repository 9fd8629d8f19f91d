"""Reads a folder of questions with known answers: corpus.jsonl, queries.jsonl, qrels.tsv."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from knowledge.audience import EVERYONE
from knowledge.documents import Document
from knowledge.errors import SettingsError
from knowledge.evaluation import Range

SOURCE = "eval"


@dataclass(frozen=True, slots=True)
class EvalQuestion:
    """A question with what is known of it.

    `gains` maps the right documents' ids to their worth. `answers` are accepted answers in a few words;
    `excerpts` the stretches of documents that hold the answer, with their text.
    """

    id: str
    text: str
    answerable: bool = True
    gains: Mapping[str, float] = field(default_factory=dict)
    answers: tuple[str, ...] = ()
    excerpts: tuple[tuple[Range, str], ...] = ()


@dataclass(frozen=True, slots=True)
class EvalSet:
    """Documents (their `path` is the corpus id) and questions."""

    documents: tuple[Document, ...]
    questions: tuple[EvalQuestion, ...]


def read_eval_set(folder: Path) -> EvalSet:
    """Raises SettingsError when a file is missing or a line is not what docs/evaluation.md describes."""
    documents = tuple(_document(row) for row in _rows(folder / "corpus.jsonl"))
    gains = _gains(folder / "qrels.tsv")
    questions = tuple(_question(row, gains) for row in _rows(folder / "queries.jsonl"))
    return EvalSet(documents, questions)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_lines(path), 1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise SettingsError(f"{path}, line {number}: not JSON ({error})") from error
        if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in ("id", "text")):
            raise SettingsError(f'{path}, line {number}: needs "id" and "text"')
        yield row


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read {path}: {error}; see docs/evaluation.md") from error
    return [line for line in text.split("\n") if line.strip()]


def _document(row: dict[str, Any]) -> Document:
    text = row["text"]
    return Document(
        source=SOURCE,
        path=row["id"],
        title=str(row.get("title") or row["id"]),
        text=text,
        audience=EVERYONE,
        digest=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        url=row.get("url") or None,
    )


def _question(row: dict[str, Any], gains: Mapping[str, Mapping[str, float]]) -> EvalQuestion:
    right = gains.get(row["id"], {})
    return EvalQuestion(
        id=row["id"],
        text=row["text"],
        answerable=bool(row.get("answerable", True)),
        gains=right,
        answers=tuple(str(answer) for answer in row.get("answers") or ()),
        excerpts=tuple(_excerpt(one, row, right) for one in row.get("excerpts") or ()),
    )


def _excerpt(excerpt: dict[str, Any], row: dict[str, Any], right: Mapping[str, float]) -> tuple[Range, str]:
    document = excerpt.get("file") or row.get("corpus_id") or next(iter(right), "")
    try:
        return Range(str(document), int(excerpt["start_index"]), int(excerpt["end_index"])), excerpt[
            "content"
        ]
    except (KeyError, TypeError, ValueError) as error:
        reason = "an excerpt needs content, start_index and end_index"
        raise SettingsError(f"question {row['id']}: {reason}") from error


def _gains(path: Path) -> dict[str, dict[str, float]]:
    gains: dict[str, dict[str, float]] = {}
    for number, line in enumerate(_lines(path)[1:], 2):
        try:
            question, document, score = line.split("\t")
            gains.setdefault(question, {})[document] = float(score)
        except ValueError as error:
            raise SettingsError(f"{path}, line {number}: needs three columns, the last a number") from error
    return gains
