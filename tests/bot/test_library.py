"""Where papers are looked up."""

from urllib.parse import unquote, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from bot.reading.library import record_address

WORKS = "https://api.crossref.example/works/"


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60))
def test_any_printable_doi_has_an_address_below_that_of_all_records(suffix: str) -> None:
    doi = f"10.1234/{suffix}"
    address = urlsplit(record_address(WORKS, doi))
    assert (address.netloc, address.query, address.fragment) == ("api.crossref.example", "", "")
    assert unquote(address.path) == f"/works/{doi}"
