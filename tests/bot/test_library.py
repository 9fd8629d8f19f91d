"""Looking papers up: where they are asked for, what is not waited for, and what is taken out."""

import time
from collections.abc import Iterator
from typing import Any

import httpcore
import pytest

from bot.reading.library import PATIENCE_S, Library, NotRead, Paper
from prompts.reading import reference
from tests.ingest.web_site import Elsewhere, Reply, Site, web_site

PUBLIC = "93.184.216.34"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    really = httpcore.SyncBackend.connect_tcp
    with web_site() as made:

        def connect(self: Any, host: str, port: int, *rest: Any, **more: Any) -> httpcore.NetworkStream:
            assert (host, port) == (PUBLIC, 80)
            return really(self, "127.0.0.1", made.port, *rest, **more)

        monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
        yield made


def library() -> Library:
    names = {f"{name}.example": [PUBLIC] for name in ("arxiv", "crossref", "journal")}
    return Library(Elsewhere(names).world, "http://arxiv.example/query", "http://crossref.example/works")


def test_a_doi_is_asked_of_crossref_and_then_of_its_page(site: Site) -> None:
    record = '{"message": {"title": ["A gate"], "author": [{"given": "Jane", "family": "Doe"}]}}'
    site.routes["/works/10.1000/a(b)c"] = Reply(record, content_type="application/json")
    found = library().look_up(reference("10.1000/A(b)c"))
    assert isinstance(found, Paper)
    assert (found.title, found.authors, found.identifier) == ("A gate", ("Jane Doe",), "doi:10.1000/a(b)c")
    site.routes["/doi/10.1000/xyz"] = Reply("<html><head><title>Another gate</title></head></html>")
    found = library().look_up(reference("http://journal.example/doi/10.1000/xyz"))
    assert isinstance(found, Paper)
    assert (found.title, found.link) == ("Another gate", "http://journal.example/doi/10.1000/xyz")
    assert site.paths == ["/works/10.1000/a(b)c", "/works/10.1000/xyz", "/doi/10.1000/xyz"]
    assert not any({"authorization", "cookie"} & set(asked.headers) for asked in site.asked)


def test_nobody_is_asked_twice_or_waited_for(site: Site) -> None:
    site.routes["/busy"] = Reply(status=429, headers={"Retry-After": "90"})
    started = time.monotonic()
    assert library().look_up(reference("http://journal.example/busy")) is NotRead.UNREADABLE
    assert site.paths == ["/busy"]
    assert time.monotonic() - started < 30


def test_when_the_time_is_over_nothing_more_is_asked(site: Site) -> None:
    elsewhere = Elsewhere({"journal.example": [PUBLIC]})

    def late(_: object) -> Reply:
        elsewhere.sleep(PATIENCE_S)
        return Reply(status=302, headers={"Location": "/next"})

    site.routes["/late"] = late
    found = Library(elsewhere.world).look_up(reference("http://journal.example/late"))
    assert found is NotRead.TOO_SLOW
    assert site.paths == ["/late"]


def test_a_secret_in_what_is_read_is_taken_out(site: Site) -> None:
    token = "ghp_" + "a1B2" * 9
    site.routes["/page"] = Reply(f"<html><head><title>Gate {token}</title></head></html>")
    found = library().look_up(reference("http://journal.example/page"))
    assert isinstance(found, Paper)
    assert token not in found.title
