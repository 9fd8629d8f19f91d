"""A sentence stands only when an exact span of a cited passage supports it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.citing import Claim, Part, cite, nearest_citations, objections, supported_claims
from knowledge.ports import Drafted
from tests.knowledge.making import passage

SOURCE = (
    "A checkpoint is saved in 40 secs, which is about half an iteration. "
    "The learning rate dropped to 5.842E-05 from 5.999E-05 in Experiment Six. "
    "Throughput increased by 2% after the move. fp16 is not recommended for the 104B model, but bf16 is."
)


@pytest.mark.parametrize(
    "sentence",
    [
        "A checkpoint is saved in 40 seconds.",
        "Saving a checkpoint takes 40s, about half an iteration.",
        "Throughput increased by 2 percent.",
        "The learning rate dropped to 0.00005842 from 0.00005999.",
        "fp16 is not recommended for the 104B model.",
        "The move increased throughput by 2%.",
    ],
)
def test_what_the_source_says_is_supported(sentence: str) -> None:
    (claim,) = supported_claims([Drafted(sentence, (1,))], [passage(SOURCE)])
    assert claim.text == sentence


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("A checkpoint is saved in 41 seconds.", "another number"),
        ("A checkpoint is saved in 40 minutes.", "another unit"),
        ("A checkpoint is not saved in 40 seconds.", "a negation"),
        ("Throughput decreased by 2%.", "the opposite"),
        ("fp16 is recommended for the 104B model.", "no negation"),
        ("bf8 is not recommended for the 104B model.", "another identifier"),
        ("The learning rate dropped to 5.999E-05 from 5.842E-05.", "swapped numbers"),
        ("A checkpoint is saved in 40 seconds by Mallory.", "a name"),
        ("A checkpoint is saved in 40 seconds, see https://evil.example/?q=1.", "a link"),
        ("Kubernetes clusters should be patched weekly by administrators.", "something else"),
        ("It is.", "nothing at all"),
        ("A checkpoint is saved in 40 seconds. " * 30, "too long"),
        ("", "empty"),
    ],
)
def test_what_the_source_does_not_say_is_dropped(sentence: str, why: str) -> None:
    assert supported_claims([Drafted(sentence, (1,))], [passage(SOURCE)]) == ()


def test_objections_are_told_in_words() -> None:
    assert objections("The run took 50 hours.", "The run took 40 hours.") == [
        "the number 50 is not in the source"
    ]


@pytest.mark.parametrize("sources", [(), (0,), (2,), (-1,), (10**30,)])
def test_a_source_number_that_is_not_there_supports_nothing(sources: tuple[int, ...]) -> None:
    assert supported_claims([Drafted("A checkpoint is saved in 40 secs.", sources)], [passage(SOURCE)]) == ()


def test_only_the_cited_passage_counts() -> None:
    pages = [passage("Nothing of interest is written here."), passage(SOURCE)]
    sentence = "A checkpoint is saved in 40 seconds."
    assert supported_claims([Drafted(sentence, (1,))], pages) == ()
    (claim,) = supported_claims([Drafted(sentence, (1, 2))], pages)
    assert claim.parts[0].passage == 1


def test_two_passages_never_support_one_sentence_together() -> None:
    pages = [passage("OPT used 1024 accelerators."), passage("BLOOM used 384 accelerators.")]
    sentence = "OPT used 1024 accelerators, BLOOM used 384 accelerators."
    assert supported_claims([Drafted(sentence, (1, 2))], pages) == ()


def test_the_quote_is_the_exact_span_with_its_line() -> None:
    text = "# Storage\n\nFirst line here.\nFiles are **deleted** after\n30 days. Other things follow."
    page = passage(text, start=100, line=11)
    claims = supported_claims([Drafted("Files are deleted after 30 days.", (1,))], [page])
    sentences, (citation,) = cite(claims, [page])
    assert citation.quote == "Files are **deleted** after\n30 days."
    assert text[citation.start - 100 : citation.end - 100] == citation.quote
    assert citation.line == 14
    assert sentences[0].citations == (1,)


def test_close_quotes_of_one_passage_share_a_number_and_far_ones_do_not() -> None:
    text = "One thing holds. Another thing holds. " + "x" * 1000 + " The last thing holds."
    page = passage(text)
    claims = [
        Claim("One thing holds.", (Part(0, 0, 16),)),
        Claim("Another thing holds.", (Part(0, 17, 37),)),
        Claim("The last thing holds.", (Part(0, len(text) - 21, len(text)),)),
    ]
    sentences, citations = cite(claims, [page])
    assert [sentence.citations for sentence in sentences] == [(1,), (1,), (2,)]
    assert [citation.quote for citation in citations] == [text[:37], "The last thing holds."]


def test_a_converted_document_has_no_line() -> None:
    _, (citation,) = cite([Claim("x", (Part(0, 0, 4),))], [passage("text", lines_are_the_files=False)])
    assert citation.line is None


@pytest.mark.parametrize(
    ("url", "anchor", "address"),
    [
        ("https://wiki.example/Recipe", "Learning_rate", "https://wiki.example/Recipe#Learning_rate"),
        ("https://wiki.example/Recipe", "Prüfung_2", "https://wiki.example/Recipe#Pr%C3%BCfung_2"),
        ("https://wiki.example/Recipe", "a%20b<c>|", "https://wiki.example/Recipe#a%2520b%3Cc%3E%7C"),
        ("https://wiki.example/Recipe#top", "Rates", "https://wiki.example/Recipe#top"),
        ("https://wiki.example/Recipe", None, "https://wiki.example/Recipe"),
        (None, "Rates", None),
    ],
)
def test_a_citation_leads_to_the_heading_above_the_passage(
    url: str | None, anchor: str | None, address: str | None
) -> None:
    warm_up = passage("Warm up for 2,000 steps.", url=url, anchor=anchor)
    (citation,) = nearest_citations([warm_up], 1)
    assert citation.url == address


def test_the_nearest_documents_are_quoted_once_each() -> None:
    pages = [
        passage("One. Two.", document="wiki/a.md"),
        passage("Three.", document="wiki/a.md"),
        passage("Four."),
    ]
    assert [citation.quote for citation in nearest_citations(pages, 3)] == ["One.", "Four."]


WORDS = st.lists(
    st.sampled_from(
        ["loss", "rose", "not", "40", "41", "seconds", "fp16", "bf16", "run", "Paris", "the", ".", "but"]
    ),
    max_size=25,
)


@given(WORDS.map(" ".join), WORDS.map(" ".join))
def test_a_supported_sentence_has_no_number_or_identifier_of_its_own(sentence: str, source: str) -> None:
    for claim in supported_claims([Drafted(sentence, (1,))], [passage(source or "x")]):
        assert all(
            word in source for word in claim.text.split() if word in ("40", "41", "fp16", "bf16", "Paris")
        )


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 10)), min_size=1, max_size=8))
def test_every_quote_is_a_stretch_of_its_document_and_every_sentence_has_one(
    cuts: list[tuple[int, int]],
) -> None:
    page = passage("0123456789" * 10, start=50)
    claims = [Claim("x", (Part(0, 50 + start, 50 + min(start + size, 100)),)) for start, size in cuts]
    sentences, citations = cite(claims, [page])
    known = {citation.n: citation for citation in citations}
    assert sorted(known) == list(range(1, len(known) + 1))
    for claim, sentence in zip(claims, sentences, strict=True):
        (citation,) = (known[n] for n in sentence.citations)
        assert citation.start <= claim.parts[0].start < claim.parts[0].end <= citation.end
        assert citation.quote == page.chunk.text[citation.start - 50 : citation.end - 50]
