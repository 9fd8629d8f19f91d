"""Without a model, the sentences that answer are chosen from the passages as they stand."""

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.citing import Claim
from knowledge.documents import Passage, Scores
from knowledge.extracting import MOST_CHARACTERS, extract, term_weights
from knowledge.spans import spans
from knowledge.terms import content_terms
from tests.fakes import HashEmbedder
from tests.knowledge.making import passage

EMBEDDER = HashEmbedder()


def chosen(question: str, *passages: Passage) -> tuple[Claim, ...]:
    weights = term_weights(content_terms(question), lambda terms: dict.fromkeys(terms, 1), 10)
    return extract(question, passages, weights, EMBEDDER)


def texts(question: str, *passages: Passage) -> list[str]:
    return [claim.text for claim in chosen(question, *passages)]


def test_the_sentence_that_holds_the_number_asked_for_is_chosen() -> None:
    page = passage("Scratch is a fast disk. Unused files on scratch go after 30 days. Ask Ada for more room.")
    assert texts("After how many days do unused files on scratch go?", page) == [
        "Unused files on scratch go after 30 days."
    ]


def test_an_item_is_said_with_what_introduces_it_and_that_only_once() -> None:
    page = passage("Kinds of loss spikes:\n\n- fast recovering spikes\n- slow recovering spikes\n")
    assert texts("Which kinds of loss spikes are there?", page)[:2] == [
        "Kinds of loss spikes: fast recovering spikes",
        "slow recovering spikes",
    ] or texts("Which kinds of loss spikes are there?", page)[:3] == [
        "Kinds of loss spikes:",
        "fast recovering spikes",
        "slow recovering spikes",
    ]


def test_a_procedure_is_told_by_its_numbered_steps_all_of_them() -> None:
    page = passage(
        "Rolling back a release costs a few points.\n\n"
        "1. Pin the release in the registry.\n2. Roll back one box.\n3. Look at it for two minutes.\n"
    )
    assert texts("How do we roll back a release?", page)[-3:] == [
        "Pin the release in the registry.",
        "Roll back one box.",
        "Look at it for two minutes.",
    ]


def test_a_row_is_read_with_its_columns_and_rests_on_its_header_too() -> None:
    page = passage(
        "| limit | value |\n|---|---|\n| review response | one day |\n| change size | 1000 lines |\n"
    )
    (claim, *_) = chosen("What is the limit of change size?", page)
    assert claim.text == "limit: change size; value: 1000 lines"
    assert len(claim.parts) == 2


def test_a_sentence_that_points_back_brings_the_one_before_it() -> None:
    page = passage(
        "We use stochastic weight averaging. It lowers the validation loss of transformers by a little."
    )
    assert texts("What lowers the validation loss of transformers?", page) == [
        "We use stochastic weight averaging.",
        "It lowers the validation loss of transformers by a little.",
    ]


def test_a_reason_after_the_statement_comes_along() -> None:
    page = passage("We do not release nearest neighbour models. The model is the data. Lunch is at noon.")
    assert texts("Why do we not release nearest neighbour models?", page)[:2] == [
        "We do not release nearest neighbour models.",
        "The model is the data.",
    ]


def test_code_follows_the_sentence_that_introduces_it() -> None:
    page = passage(
        "Start the next job of the array like this:\n\n```\nsbatch --array=1-10%1 train.slurm\n```\n"
    )
    found = texts("How do I start the next job of the array?", page)
    assert any("sbatch --array=1-10%1 train.slurm" in text for text in found)
    assert found[0].startswith("Start the next job of the array like this:")


def test_the_same_sentence_of_two_pages_is_said_once() -> None:
    pages = [passage("Unused files go after 30 days.", document=f"wiki/{name}.md") for name in "ab"]
    assert len(texts("When do unused files go?", *pages)) == 1


def test_pages_that_contradict_are_both_heard() -> None:
    one = passage("Raw scans are kept for 90 days, and then a job removes them.", document="wiki/a.md")
    two = passage("| what | kept for |\n|---|---|\n| raw scans | 30 days |\n", document="wiki/b.md")
    found = " ".join(texts("How long are raw scans kept?", one, two))
    assert "90 days" in found
    assert "30 days" in found


def test_nothing_is_chosen_from_headings_and_pictures_alone() -> None:
    assert texts("What is this?", passage("# Heading\n\n![x](y.png)\n")) == []


SCRAPS = st.lists(
    st.sampled_from(
        [
            "# H\n",
            "- loss is 3.2\n",
            "Loss spikes recover. ",
            "It helps: \n",
            "| loss | 2 |\n",
            "|---|---|\n",
            "```\nx\n",
        ]
    )
    | st.text(max_size=10),
    max_size=12,
).map("".join)


@settings(max_examples=60)
@given(
    st.lists(SCRAPS, max_size=4),
    st.sampled_from(["Why does the loss spike?", "How many?", "Which loss spikes?", ""]),
)
def test_every_chosen_sentence_is_a_span_of_its_passage(scraps: list[str], question: str) -> None:
    pages = [
        passage(text or " ", document=f"wiki/{n}.md", start=n * 1000, scores=Scores(1.0 - n / 10))
        for n, text in enumerate(scraps)
    ]
    for claim in chosen(question, *pages):
        assert claim.parts
        for part in claim.parts:
            chunk = pages[part.passage].chunk
            known = {(span.start, span.end) for span in spans(chunk.text, chunk.start)}
            headers = {
                (span.lead.start, span.lead.end)
                for span in spans(chunk.text, chunk.start)
                if span.lead is not None
            }
            assert (part.start, part.end) in known | headers


@settings(max_examples=30)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=12))
def test_an_answer_stays_short(sizes: list[int]) -> None:
    """However many long sentences fit the question, about six hundred characters of them are said."""
    sentences = [f"Loss spikes of run {n} recover {'slowly ' * size}again." for n, size in enumerate(sizes)]
    found = texts("Do loss spikes recover?", passage(" ".join(sentences)))
    assert len(found) == 1 or sum(map(len, found)) <= MOST_CHARACTERS
