"""How golden questions are scored, and what counts as a drop."""

from knowledge.audience import EVERYONE, Audience
from knowledge.documents import Chunk, Passage, Scores
from knowledge.golden import GoldenQuestion, GoldenScore, GoldenScores, dropped, rank, readable, score
from knowledge.retrieval import Fit, Retrieved
from tests.records import LEADS, RESEARCH


def passage(number: int, document: str, text: str) -> Passage:
    chunk = Chunk(0, text, (), 0, len(text), 1)
    return Passage(
        number, number, chunk, document, "wiki", document, document, "wiki", "everyone", Scores(1.0)
    )


FOUND = [
    passage(1, "wiki/a.md", "Warm up for\n  2,000 steps."),
    passage(2, "wiki/b.md", "Batch size 64."),
    passage(3, "wiki/a.md", "Then decay."),
]


def test_a_document_or_exact_words_must_be_among_the_passages() -> None:
    assert rank(["wiki/a.md"], FOUND) == 1
    assert rank(["Warm up for 2,000 steps"], FOUND) == 1
    assert rank(["warm up for 2,000 steps"], FOUND) is None, "exact words are exact"
    assert rank(["wiki/c.md"], FOUND) is None
    assert rank(["wiki/a"], FOUND) is None
    assert rank([], FOUND) is None


def test_everything_expected_must_be_found_and_the_last_of_it_is_the_place() -> None:
    assert rank(["wiki/a.md", "Batch size 64"], FOUND) == 2
    assert rank(["Then decay.", "wiki/b.md"], FOUND) == 3
    assert rank(["wiki/a.md", "wiki/c.md"], FOUND) is None


def test_readers_are_those_who_are_named() -> None:
    keys = [EVERYONE.key, RESEARCH.key, LEADS.key, Audience().key]
    assert readable(keys, EVERYONE) == {EVERYONE.key}
    assert readable(keys, RESEARCH) == {EVERYONE.key, RESEARCH.key}
    both = Audience(principals=RESEARCH.principals | LEADS.principals)
    assert readable(keys, both) == {EVERYONE.key, RESEARCH.key, LEADS.key}


class Finds:
    """Finds the same for everything, and remembers as whom it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, frozenset[str], int]] = []

    def retrieve(self, question: str, audiences: frozenset[str], k: int) -> Retrieved:
        self.asked.append((question, audiences, k))
        return Retrieved(FOUND[:k], Fit(1.0, 1.0), question)


def test_scores_are_of_each_question_in_order() -> None:
    finds = Finds()
    questions = [GoldenQuestion("one?", ("wiki/b.md",)), GoldenQuestion("two?", ("none",), RESEARCH)]
    scores = score(questions, finds, [EVERYONE.key, RESEARCH.key], k=2)
    assert [(one.rank, one.found) for one in scores.scores] == [
        (2, ("wiki/a.md", "wiki/b.md")),
        (None, ("wiki/a.md", "wiki/b.md")),
    ]
    assert (scores.hits, scores.mean_reciprocal_rank) == (1, 0.25)
    assert finds.asked == [
        ("one?", frozenset({EVERYONE.key}), 2),
        ("two?", frozenset({EVERYONE.key, RESEARCH.key}), 2),
    ]
    assert GoldenScores(()).mean_reciprocal_rank == 0


def test_a_drop_is_a_hit_that_became_a_miss() -> None:
    first, second, third, fourth = (GoldenQuestion(f"{n}?", ("wiki/a.md",)) for n in range(4))

    def scored(**ranks: int | None) -> GoldenScores:
        questions = {"a": first, "b": second, "c": third, "d": fourth}
        return GoldenScores(tuple(GoldenScore(questions[name], at, ()) for name, at in ranks.items()))

    before, after = scored(a=1, b=1, c=None), scored(a=12, b=None, c=None, d=None)
    assert [(then.rank, now.question) for then, now in dropped(before, after)] == [(1, second)]
