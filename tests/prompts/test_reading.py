"""Papers as people name them: identifiers in links and sentences, authors, and how near they are."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.reading import (
    Near,
    Reference,
    authors_of,
    described,
    fit,
    fit_words,
    names,
    reference,
    same_paper,
    use_words,
)


@pytest.mark.parametrize(
    ("text", "identifier", "link", "title"),
    [
        ("2401.00001", "arxiv:2401.00001", "https://arxiv.org/abs/2401.00001", ""),
        ("arXiv:2401.00001v2", "arxiv:2401.00001", "https://arxiv.org/abs/2401.00001v2", ""),
        ("arXiv 0704.0001", "arxiv:0704.0001", "https://arxiv.org/abs/0704.0001", ""),
        (
            "https://arxiv.org/pdf/2401.00001v3.pdf",
            "arxiv:2401.00001",
            "https://arxiv.org/abs/2401.00001v3",
            "",
        ),
        (
            "http://export.arxiv.org/abs/2401.00001/",
            "arxiv:2401.00001",
            "https://arxiv.org/abs/2401.00001",
            "",
        ),
        (
            "https://arxiv.org/abs/hep-th/9901001",
            "arxiv:hep-th/9901001",
            "https://arxiv.org/abs/hep-th/9901001",
            "",
        ),
        ("math.GT/0309136v1", "arxiv:math/0309136", "https://arxiv.org/abs/math/0309136v1", ""),
        ("arxiv.org/abs/2401.00001", "arxiv:2401.00001", "https://arxiv.org/abs/2401.00001", ""),
        ("10.48550/arXiv.2105.12345", "arxiv:2105.12345", "https://arxiv.org/abs/2105.12345", ""),
        (
            "https://doi.org/10.48550/ARXIV.2105.12345",
            "arxiv:2105.12345",
            "https://arxiv.org/abs/2105.12345",
            "",
        ),
        ("doi: 10.1000/182.", "doi:10.1000/182", "https://doi.org/10.1000/182", ""),
        (
            "see <https://doi.org/10.1016/S0140-6736(05)12345-6|this> please",
            "doi:10.1016/s0140-6736(05)12345-6",
            "https://doi.org/10.1016/S0140-6736(05)12345-6",
            "",
        ),
        (
            "https://dl.example/doi/pdf/10.1145/3442188.3445922?download=true#page=2",
            "doi:10.1145/3442188.3445922",
            "https://dl.example/doi/pdf/10.1145/3442188.3445922?download=true",
            "",
        ),
        (
            "https://journal.example/doi/10.1145/3442188.3445922/full",
            "doi:10.1145/3442188.3445922",
            "https://journal.example/doi/10.1145/3442188.3445922/full",
            "",
        ),
        (
            "The budget of a gate (arXiv:2401.00001).",
            "arxiv:2401.00001",
            "https://arxiv.org/abs/2401.00001",
            "The budget of a gate",
        ),
        ("A gate, and its budget https://x.example/a.", "", "https://x.example/a", "A gate, and its budget"),
        ("Version 2401.00001 of the wiki", "", "", "Version 2401.00001 of the wiki"),
        ("2413.00001", "", "", ""),
        ("2401.000011", "", "", ""),
        ("http://[::1", "", "", "http://[::1"),
        ("", "", "", ""),
    ],
)
def test_what_people_write_names_a_paper(text: str, identifier: str, link: str, title: str) -> None:
    assert reference(text) == Reference(identifier, link, title)


_MONTHS = st.builds("{:02}{:02}".format, st.integers(7, 40), st.integers(1, 12))
_NEW = st.builds("{}.{:05}".format, _MONTHS, st.integers(0, 99_999))
_OLD = st.builds(
    "{}/{}{:03}".format, st.sampled_from(["hep-th", "cs", "q-bio", "cond-mat"]), _MONTHS, st.integers(0, 999)
)
_AROUND = st.text(string.ascii_letters + " ,()éß", max_size=30)


@given(
    st.one_of(_NEW, _OLD),
    st.one_of(st.just(""), st.builds("v{}".format, st.integers(1, 99))),
    _AROUND,
    _AROUND,
)
def test_an_arxiv_id_is_found_however_it_is_written(
    number: str, version: str, before: str, behind: str
) -> None:
    for written in (
        f"arXiv:{number}{version}",
        f"https://arxiv.org/abs/{number}{version}",
        f"https://arxiv.org/pdf/{number}{version}.pdf",
        f"<https://arxiv.org/abs/{number}{version}|a paper>",
    ):
        found = reference(f"{before} {written} {behind}")
        assert found.identifier == f"arxiv:{number}"
        assert found.link == f"https://arxiv.org/abs/{number}{version}"


_SUFFIX = st.text(string.ascii_letters + string.digits + "-._;()/:", min_size=1, max_size=40)


@given(st.integers(1000, 999_999_999), _SUFFIX, st.sampled_from([".", ",", ").", "”", "; "]))
def test_a_doi_is_found_without_the_marks_behind_it(registrant: int, suffix: str, mark: str) -> None:
    suffix = suffix.strip("./:;()-_") or "x"
    if suffix.count("(") != suffix.count(")") or "arxiv" in suffix.lower():
        suffix = "x1"
    doi = f"10.{registrant}/{suffix}"
    for written in (f"doi:{doi}", f"(see {doi}", f"https://doi.org/{doi}"):
        found = reference(f"{written}{mark}")
        assert found.identifier == f"doi:{doi.lower()}"
        assert found.link.startswith("https://doi.org/10.")


@given(st.text(max_size=300))
def test_whatever_is_written_is_read_and_links_are_of_the_web(text: str) -> None:
    found = reference(text)
    assert found.link == "" or found.link.lower().startswith(("http://", "https://"))
    assert not any(character in found.link for character in " <>\n")
    again = reference(found.link)
    assert again.link == found.link


def test_one_paper_is_known_by_its_identifier_its_address_or_its_title() -> None:
    one = {"identifier": "arxiv:2401.00001", "link": "https://arxiv.org/abs/2401.00001v1"}
    later = {"identifier": "arxiv:2401.00001", "link": "https://arxiv.org/abs/2401.00001v2"}
    assert same_paper(one, "A gate", later, "Something else entirely")
    assert same_paper({"link": "http://www.X.example/a/"}, "A", {"link": "https://x.example/a#b"}, "B")
    assert same_paper({}, "The budget of a gate", {}, "the BUDGET of a gate!")
    assert not same_paper({}, "The budget of a gate", {}, "The cost of a cache")


def test_authors_are_read_as_they_are_typed_and_named_briefly() -> None:
    assert authors_of("Jane Doe, Max Muster and Yi Wu") == ("Jane Doe", "Max Muster", "Yi Wu")
    assert authors_of("Doe, Jane; Muster, Max") == ("Doe, Jane", "Muster, Max")
    assert authors_of("Jane Doe\nMax Muster\n") == ("Jane Doe", "Max Muster")
    assert authors_of(" ") == ()
    assert names(["A", "B"]) == "A and B"
    assert names(["A", "B", "C", "D", "E"]) == "A, B, C and 2 more"
    paper = {"authors": ["A", "B"], "link": "https://x.example"}
    assert described("Because.", paper) == "A and B\nhttps://x.example\nBecause."


def test_one_document_that_happens_to_be_near_makes_no_paper_near() -> None:
    def near(document: str, likeness: float) -> Near:
        return Near(document, f"Page {document}", "everyone", likeness)

    one = fit([near("a", 0.9), near("a", 0.2), near("b", 0.1)], [], 0.5)
    many = fit([near("a", 0.7), near("b", 0.6), near("c", 0.55), near("d", 0.5)], [0.6, 0.4], 0.5)
    assert many.score > one.score
    assert [each.document_id for each in one.documents] == ["a"]
    assert [each.document_id for each in many.documents] == ["a", "b", "c"]
    assert many.questions == 1
    assert fit_words(["A", "B"], 1) == "Near to what we work on: “A”, “B” and 1 recent question"
    assert "nothing of ours" in fit_words([], 0)


@given(st.lists(st.floats(-1, 1)), st.lists(st.floats(-1, 1)))
def test_a_score_is_between_nothing_and_one(documents: list[float], questions: list[float]) -> None:
    near = [Near(str(n), str(n), "everyone", likeness) for n, likeness in enumerate(documents)]
    made = fit(near, questions, 0.5)
    assert 0.0 <= made.score <= 1.0
    assert len(made.documents) <= 3
    assert list(made.documents) == sorted(made.documents, key=lambda one: -one.likeness)


def test_what_became_of_it_is_counted_in_the_same_order() -> None:
    assert use_words(["no", "yes", "not yet", "yes"]) == "Did we use it? 2 yes · 1 not yet · 1 no"
    assert use_words([]) == ""
