"""How strict the check of a model's sentences is: which sentences pass at which share of words."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from knowledge import citing
from knowledge.adapters.embedding import SentenceTransformerEmbedder
from knowledge.adapters.eval_set import read_eval_set
from knowledge.analysis import analysed
from knowledge.chunking import chunk
from knowledge.documents import Passage, Scores
from knowledge.ports import Drafted
from knowledge.spans import Kind, spans
from knowledge.terms import identifiers, names

SET = Path(__file__).parents[3] / "shared" / "data" / "llm_docs"
SHARES = (0.5, 0.6, 0.67, 0.75)
NEAR = 6

Change = Callable[[str], str | None]


def main() -> None:
    """Sentences that a model wrote as answers, against the pages they were written from, against near pages
    that are not, and changed so that they are no longer true."""
    if not SET.is_dir():
        print(f"skipped: there is no {SET.name} beside the project")
        return
    cases = list(_cases())
    usual = citing.SUPPORTED
    for share in SHARES:
        citing.SUPPORTED = share
        _report(share, cases)
    citing.SUPPORTED = usual


def _report(share: float, cases: Sequence[tuple[str, list[Passage], list[Passage]]]) -> None:
    own = [(text, right) for text, right, _ in cases if _passes(text, right)]
    others = sum(_passes(text, wrong) for text, _, wrong in cases)
    print(f"share {share:.2f}: supported by their page: {len(own) / len(cases):.2f} of {len(cases)}")
    print(f"share {share:.2f}: supported by a near page: {others / len(cases):.2f}")
    for name, change in CHANGES.items():
        changed = [(new, right) for text, right in own if (new := change(text)) is not None]
        passed = sum(_passes(text, right) for text, right in changed)
        print(f"share {share:.2f}: {name} changed and let through: {passed} of {len(changed)}")


def _cases() -> Iterator[tuple[str, list[Passage], list[Passage]]]:
    given = read_eval_set(SET)
    count = SentenceTransformerEmbedder().count_tokens
    passages = [
        Passage(0, 0, part, document.id, "s", document.path, document.title, "wiki", "everyone", Scores(0))
        for document in given.documents
        for part in chunk(document, count, 256)
    ]
    terms = [frozenset(analysed(passage.chunk.text)) for passage in passages]
    for line in (SET / "queries.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        gains: Mapping[str, float] = next(one.gains for one in given.questions if one.text == row["text"])
        right = [passage for passage in passages if passage.path in gains]
        asked = frozenset(analysed(row["text"]))
        order = sorted(range(len(passages)), key=lambda n, asked=asked: -len(asked & terms[n]))  # type: ignore[misc]
        wrong = [passages[n] for n in order if passages[n].path not in gains][:NEAR]
        for answer in row["answers"]:
            for span in spans(answer):
                if span.kind is not Kind.CODE:
                    yield span.text, right, wrong


def _passes(text: str, passages: Sequence[Passage]) -> bool:
    draft = [Drafted(text, tuple(range(1, len(passages) + 1)))]
    return bool(citing.supported_claims(draft, passages))


def _number(text: str) -> str | None:
    found = re.search(r"(?<![\w.])\d+(?![\w.])", text)
    return text[: found.start()] + str(int(found.group()) + 7) + text[found.end() :] if found else None


def _negation(text: str) -> str | None:
    found = re.search(r"\b(?:is|are|should|will|can)\b", text)
    return f"{text[: found.end()]} not{text[found.end() :]}" if found else None


def _identifier(text: str) -> str | None:
    found = sorted(identifiers(text))
    return text.replace(found[0], "XQ9-77") if found else None


def _name(text: str) -> str | None:
    found = sorted(names(text))
    return text.replace(found[0], "Zebulon") if found else None


def _opposite(text: str) -> str | None:
    for one, other in (("increase", "decrease"), ("higher", "lower"), ("more", "less"), ("before", "after")):
        changed = re.sub(rf"\b{one}\b", other, text)
        if changed != text:
            return changed
    return None


CHANGES: dict[str, Change] = {
    "number": _number,
    "negation": _negation,
    "identifier": _identifier,
    "name": _name,
    "opposite": _opposite,
}
