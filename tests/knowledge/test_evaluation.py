"""The metrics, against values worked out by hand and against scikit-learn's."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score, roc_auc_score

from knowledge.evaluation import (
    Range,
    auroc,
    excerpt_scores,
    holds_every,
    merged,
    ndcg,
    percentile,
    recall,
    reciprocal_rank,
)

RIGHT = {"a": 1.0, "b": 1.0}


def test_ranking_by_hand():
    ranked = ["x", "a", "y", "b"]
    ideal = 1 + 1 / math.log2(3)
    assert ndcg(ranked, RIGHT) == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / ideal)
    assert recall(ranked, RIGHT, 2) == 0.5
    assert recall(ranked, RIGHT, 10) == 1
    assert reciprocal_rank(ranked, RIGHT) == 0.5
    assert reciprocal_rank(["x"] * 10 + ["a"], RIGHT) == 0


def test_nothing_right_or_nothing_found_is_zero():
    assert ndcg([], RIGHT) == ndcg(["a"], {}) == recall([], RIGHT, 5) == reciprocal_rank([], RIGHT) == 0


@given(st.lists(st.integers(0, 3), min_size=2, max_size=12), st.randoms())
def test_ndcg_as_scikit_learn_has_it(gains, random):
    order = list(range(len(gains)))
    random.shuffle(order)
    scores = [0.0] * len(gains)
    for place, number in enumerate(order):
        scores[number] = -float(place)
    expected = ndcg_score([gains], [scores], k=10) if any(gains) else 0.0
    found = ndcg([str(number) for number in order], {str(n): float(gain) for n, gain in enumerate(gains)})
    assert found == pytest.approx(expected)


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=15), st.lists(st.integers(0, 5), min_size=1, max_size=15)
)
def test_auroc_as_scikit_learn_has_it(answerable, unanswerable):
    labels = [1] * len(answerable) + [0] * len(unanswerable)
    assert auroc(answerable, unanswerable) == pytest.approx(roc_auc_score(labels, answerable + unanswerable))


def test_auroc_needs_both_kinds():
    assert auroc([1.0], []) is None
    assert auroc([], [1.0]) is None


def test_excerpts_by_hand():
    found = [Range("d", 0, 100), Range("d", 50, 150), Range("other", 0, 50)]
    scores = excerpt_scores(found, [Range("d", 90, 110), Range("d", 300, 320)])
    assert scores.recall == pytest.approx(20 / 40)
    assert scores.precision == pytest.approx(20 / 250)
    assert scores.iou == pytest.approx(20 / (250 + 40 - 20))


def test_no_excerpts_or_no_passages():
    assert excerpt_scores([], [Range("d", 0, 5)]).recall == 0
    assert excerpt_scores([Range("d", 0, 5)], []).precision == 0


def test_evidence_may_lie_over_the_seam_of_two_passages():
    excerpt = [Range("d", 90, 110)]
    assert holds_every([Range("d", 0, 100), Range("d", 102, 200)], excerpt)
    assert not holds_every([Range("d", 0, 100), Range("d", 105, 200)], excerpt)
    assert not holds_every([Range("e", 0, 200)], excerpt)


RANGES = st.lists(
    st.tuples(st.sampled_from("de"), st.integers(0, 60), st.integers(0, 20)).map(
        lambda one: Range(one[0], one[1], one[1] + one[2])
    ),
    max_size=8,
)


def characters(ranges):
    return {(one.document, at) for one in ranges for at in range(one.start, one.end)}


@given(RANGES, RANGES)
def test_scores_count_characters(found, wanted):
    scores = excerpt_scores(found, wanted)
    both = len(characters(found) & characters(wanted))
    assert scores.recall == pytest.approx(both / (len(characters(wanted)) or 1))
    assert characters(merged(found)) == characters(found)


def test_percentiles_are_values_that_occurred():
    times = [float(n) for n in range(1, 101)]
    assert percentile(times, 0.5) == 50
    assert percentile(times, 0.95) == 95
    assert percentile([], 0.5) == 0
