"""How sure is sure enough to answer what nobody asked Lore: precision and coverage at each confidence.

Over the sets in `../shared/data` whose questions say which have an answer, with answers made of the passages'
own sentences, as quiet help makes them. *Right* is an answer that cites a right place; *wrong* every other:
another place, or an answer to a question that has none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.evaluating import EVERYONE_READS, is_right, synced
from knowledge.adapters.eval_set import EvalQuestion, read_eval_set
from knowledge.documents import Answer, Outcome
from tests.bench.remembered import Remembered

DATA = Path(__file__).parents[3] / "shared" / "data"
SETS = ("team/eval", "abstain")
MOST_QUESTIONS = 250
"""Of each set, evenly chosen."""

STEPS = tuple(n / 100 for n in range(58, 96, 2))
MOST_WRONG = 0.10
"""The share of wrong answers among those given that quiet help may have."""

FEWEST = 10
"""Fewer answers than this say nothing of a share."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One question's outcome: how sure, whether the answer was right, whether there was one to give."""

    confidence: float
    right: bool
    answerable: bool


def main() -> None:
    if not DATA.is_dir():
        print("skipped: ../shared/data is not here")
        return
    embedder = Remembered()
    everything: list[Judged] = []
    asked = 0
    for name in SETS:
        given = read_eval_set(DATA / name)
        questions = given.questions[:: -(-len(given.questions) // MOST_QUESTIONS)]
        with synced(given, embedder) as (knowledge, _):
            outcomes = [
                knowledge.answerer.answer(one.text, EVERYONE_READS, use_model=False) for one in questions
            ]
        pairs = zip(questions, outcomes, strict=True)
        judged = [one for question, outcome in pairs if (one := judge(question, outcome)) is not None]
        everything += judged
        asked += len(questions)
        show(name, judged, len(questions))
    show("both", everything, asked)


def judge(question: EvalQuestion, outcome: Outcome) -> Judged | None:
    """None where nothing was answered, or with a warning: quiet help says nothing then."""
    if not isinstance(outcome, Answer) or outcome.notices:
        return None
    right = question.answerable and any(is_right(one, question) for one in outcome.citations)
    return Judged(outcome.confidence, right, question.answerable)


def show(name: str, judged: Sequence[Judged], asked: int) -> None:
    """A line a threshold, and the lowest threshold from which on the wrong ones stay within MOST_WRONG."""
    print(f"{name}: {asked} questions, {len(judged)} answered")
    for step in STEPS:
        said = [one for one in judged if one.confidence >= step]
        if not said:
            break
        wrong = [one for one in said if not one.right]
        unanswerable = sum(not one.answerable for one in wrong)
        print(
            f"  from {step:.2f}: {len(said) / asked:.3f} of all questions answered, "
            f"{len(wrong) / len(said):.3f} of the answers wrong "
            f"({len(wrong)} of {len(said)}, {unanswerable} to questions without an answer)"
        )
    print(f"  at most {MOST_WRONG:.0%} wrong from {threshold(judged)}")


def threshold(judged: Sequence[Judged]) -> float | None:
    """The lowest of STEPS from which on every further step with enough answers stays within MOST_WRONG."""
    good: float | None = None
    for step in reversed(STEPS):
        said = [one for one in judged if one.confidence >= step]
        if len(said) < FEWEST:
            continue
        if sum(not one.right for one in said) > MOST_WRONG * len(said):
            break
        good = step
    return good


if __name__ == "__main__":
    main()
