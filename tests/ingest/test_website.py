"""Web sites: what is found and read of them, what never ends, what fails, and what is not asked for twice."""

import gzip
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.parsing.converted import Part
from ingest.parsing.process import convert
from ingest.readers.site_addresses import Scope, Traps, joined, looks_like_a_page, plain
from ingest.readers.website import read
from ingest.sources import Incomplete, Item, Listed, Reading, Skipped
from ingest.web import Refused
from knowledge.documents import Document
from knowledge.errors import Unreadable
from tests.ingest.web_site import Asked, Elsewhere, Reply, Site, source_at


def listed(
    site: Site, keep: Path | None = None, known: dict[str, str] | None = None, **options: Any
) -> list[Listed]:
    source = source_at(options.pop("address", site.address), **options)
    return list(read(source, Reading(known=known or {}, keep=keep), Elsewhere().world))


def documents(listing: list[Listed]) -> dict[str, Document]:
    return {one.path: one.load() for one in listing if isinstance(one, Item)}


def paths(listing: list[Listed]) -> set[str]:
    return {one.path for one in listing if isinstance(one, Item)}


def digests(listing: list[Listed]) -> dict[str, str]:
    return {one.path: one.digest for one in listing if isinstance(one, Item)}


def cut(listing: list[Listed]) -> list[str]:
    return [one.reason for one in listing if isinstance(one, Incomplete)]


@pytest.fixture
def guide(site: Site) -> Site:
    """A guide of four pages, and things around them."""
    site.page(
        "/guide/", "Welcome to the guide.", "install.html", "/guide/usage/", "../blog/", "logo.png", "#top"
    )
    site.page("/guide/install.html", "Install it first.", "/guide/", "notes.md")
    site.page(
        "/guide/usage/",
        "Use it then.",
        "../install.html?utm_source=x#again",
        "mailto:a@b.example",
        "javascript:x",
    )
    site.page("/blog/", "A blog, which is not of the guide.", "/guide/hidden.html")
    site.page("/guide/hidden.html", "Nobody of the guide links here.")
    site.routes["/guide/notes.md"] = Reply("# Notes\n\nSome words.", content_type="text/markdown")
    return site


def test_pages_at_and_below_the_address_are_read_once_each(guide: Site) -> None:
    found = documents(listed(guide, address=f"{guide.address}/guide/"))
    assert set(found) == {
        "guide/index.html",
        "guide/install.html",
        "guide/usage/index.html",
        "guide/notes.md",
    }
    page = found["guide/usage/index.html"]
    assert (page.title, page.url) == ("Use it then", f"{guide.address}/guide/usage/")
    assert "Use it then." in page.text
    assert found["guide/notes.md"].title == "Notes"
    fetched = [path for path in guide.paths if path != "/robots.txt"]
    assert len(fetched) == len(set(fetched)) == 4, "bodies are fetched once"


def test_pages_are_counted_as_they_are_fetched(guide: Site) -> None:
    told: list[int] = []
    found = read(source_at(guide.address + "/guide/"), Reading(found=told.append), Elsewhere().world)
    next(iter(found))
    assert told == [1, 2, 3, 4]


def test_globs_choose_among_the_pages(guide: Site) -> None:
    source = source_at(f"{guide.address}/guide/")
    chosen = type(source)(
        source.name, source.kind, source.path, source.audience, source.document_kind,
        include=("guide/*.html",), exclude=("guide/install.html",), options=source.options,
    )  # fmt: skip
    assert paths(list(read(chosen, Reading()))) == {"guide/index.html"}


def test_the_same_site_is_listed_the_same_and_unchanged_pages_are_not_sent_again(
    guide: Site, tmp_path: Path
) -> None:
    def tagged(asked: Asked) -> Reply:
        if asked.headers.get("if-none-match") == '"7"':
            return Reply("", 304, {"ETag": '"7"'})
        return Reply("<h1>Tagged</h1><p>Words.</p><a href='usage/'>on</a>", headers={"ETag": '"7"'})

    guide.routes["/guide/"] = tagged
    first = listed(guide, tmp_path, address=f"{guide.address}/guide/")
    guide.asked.clear()
    again = listed(guide, tmp_path, address=f"{guide.address}/guide/")
    assert digests(first) == digests(again)
    assert guide.asked[1].headers["if-none-match"] == '"7"'
    assert documents(again)["guide/index.html"].title == "Tagged", "it is fetched when it is wanted after all"


def test_words_count_and_tokens_of_each_answer_do_not(site: Site, tmp_path: Path) -> None:
    served = iter(range(100))

    def page(words: str) -> None:
        site.routes["/"] = lambda _: Reply(
            f"<head><meta name=csrf content={next(served)}></head><h1>One</h1><p>{words}</p>"
        )

    page("Words.")
    first = digests(listed(site, tmp_path))
    assert digests(listed(site, tmp_path)) == first
    page("Other words.")
    assert digests(listed(site, tmp_path)) != first


def test_the_kept_pages_only_save_work(guide: Site, tmp_path: Path) -> None:
    first = digests(listed(guide, tmp_path, address=f"{guide.address}/guide/"))
    for broken in ("", "[1, 2]", '{"shape": 1, "pages": {"x": {}}}', '{"shape": 1, "pages": 3}'):
        (tmp_path / "pages.json").write_text(broken)
        assert digests(listed(guide, tmp_path, address=f"{guide.address}/guide/")) == first


def test_a_page_that_changed_since_it_was_listed_is_read_as_it_is(guide: Site, tmp_path: Path) -> None:
    address = f"{guide.address}/guide/"
    for path in ("/guide/", "/guide/install.html", "/guide/usage/"):
        words = f"Words of {path}."
        guide.page(path, words, "/guide/install.html", "/guide/usage/", ETag='"1"')
        page = guide.routes[path]
        guide.routes[path] = lambda asked, page=page: (
            Reply("", 304) if asked.headers.get("if-none-match") == '"1"' else page
        )
    listed(guide, tmp_path, address=address)
    listing = listed(guide, tmp_path, address=address)
    guide.page("/guide/install.html", "Install it otherwise.")
    page = documents(listing)["guide/install.html"]
    assert "otherwise" in page.text
    now = digests(listed(guide, None, address=f"{guide.address}/guide/install.html"))
    assert page.digest == now["guide/install.html"]


def test_what_a_page_asks_of_robots_is_done(site: Site) -> None:
    site.page("/", "Home.", "/hidden", "/last", "/header")
    site.page("/hidden", "Not for an index.", "/beyond", head='<meta name="robots" content="noindex">')
    site.page("/last", "No links from here.", "/unreached", head='<meta name="ROBOTS" content="nofollow">')
    site.page("/header", "Not for an index either.", X_Robots_Tag="noindex")
    site.page("/beyond", "Beyond.")
    site.page("/unreached", "Unreached.")
    site.routes["/"] = Reply(str(site.routes["/"].body) + '<a rel="nofollow" href="/edit">edit</a>')  # type: ignore[union-attr]
    assert paths(listed(site)) == {"index.html", "last", "beyond"}
    assert "/edit" not in site.paths


def test_in_22_robots_txt_is_kept_to(site: Site) -> None:
    site.routes["/robots.txt"] = Reply(
        "User-agent: *\nDisallow: /private\nDisallow: /*.pdf$\nAllow: /private/open\nCrawl-delay: 2",
        content_type="text/plain",
    )
    site.page("/", "Home.", "/private/a", "/private/open", "/x.pdf", "/b")
    for path in ("/private/a", "/private/open", "/b"):
        site.page(path, f"Page {path}.")
    elsewhere = Elsewhere()
    found = list(read(source_at(site.address), Reading(), elsewhere.world))
    assert paths(found) == {"index.html", "private/open", "b"}
    assert set(site.paths) == {"/robots.txt", "/", "/private/open", "/b"}
    assert elsewhere.waited == pytest.approx(6, abs=0.5)


def test_in_22_a_redirect_leads_around_no_rule(site: Site) -> None:
    site.routes["/robots.txt"] = Reply("User-agent: *\nDisallow: /private", content_type="text/plain")
    site.page("/", "Home.", "/door")
    site.routes["/door"] = Reply(status=302, headers={"Location": "/private/a"})
    site.page("/private/a", "Private.")
    assert paths(listed(site)) == {"index.html"}


def test_in_22_a_robots_txt_that_cannot_be_had_allows_nothing(site: Site) -> None:
    site.page("/", "Home.")
    site.routes["/robots.txt"] = Reply("broken", 500)
    with pytest.raises(Unreadable, match=r"robots\.txt"):
        listed(site)
    assert "/" not in site.paths
    site.routes["/robots.txt"] = Reply("User-agent: *\nDisallow: /", content_type="text/plain")
    with pytest.raises(Unreadable, match="does not let Lore"):
        listed(site)


def test_in_22_a_hostile_robots_txt_takes_no_time(site: Site) -> None:
    site.page("/", "Home.", "/" + "a" * 900)
    site.routes["/robots.txt"] = Reply(
        "User-agent: *\nDisallow: /" + "*a" * 400 + "$", content_type="text/plain"
    )
    assert paths(listed(site)) == {"index.html"}


def test_in_22_a_calendar_without_end_ends(site: Site) -> None:
    def month(asked: Asked) -> Reply:
        number = int(asked.path.partition("=")[2] or 0)
        links = "".join(
            f'<a href="/calendar?month={n}">{n}</a>' for n in (number - 1, number + 1, number + 12)
        )
        return Reply(f"<h1>Month {number}</h1><p>Words of {number}.</p>{links}")

    site.page("/", "Home.", "/calendar", "/guide")
    site.page("/guide", "A guide.")
    site.routes["/calendar"] = month
    listing = listed(site, depth=50)
    assert {"index.html", "guide"} < paths(listing)
    assert len(paths(listing)) <= 53
    assert any("question mark" in one.reason for one in listing if isinstance(one, Skipped))


def test_in_22_links_that_grow_for_ever_are_not_followed(site: Site) -> None:
    class Growing(dict[str, Any]):
        """Every path is a page with a link one level below it."""

        def get(self, path: str, default: Any = None) -> Any:
            if path == "/robots.txt":
                return default
            return Reply(
                f"<h1>Page {path}</h1><p>Words of {path}.</p><a href='{path.rstrip('/')}/a/b'>on</a>"
            )

    site.routes = Growing()
    listing = listed(site, depth=100)
    assert len(paths(listing)) <= 4
    assert any("repeats itself" in one.reason for one in listing if isinstance(one, Skipped))


def test_in_22_depth_and_pages_are_capped_and_a_cut_crawl_says_so(site: Site) -> None:
    for at in range(30):
        site.page("/" if not at else f"/p{at}", f"Page {at}.", f"/p{at + 1}")
    listing = listed(site, depth=3)
    assert (paths(listing), cut(listing)) == ({"index.html", "p1", "p2", "p3"}, [])
    listing = listed(site, depth=100, most_pages=10)
    assert len(paths(listing)) == 10
    assert "only the first 10 pages" in cut(listing)[0]


def test_in_22_a_page_cannot_lead_the_crawl_elsewhere(
    site: Site, other_site: Site, connections: list[str]
) -> None:
    site.page(
        "/",
        "Home.",
        f"{other_site.address}/x",
        "http://169.254.169.254/latest/",
        "//evil.example/",
        "file:///etc/passwd",
        "/out",
        "/..%2f..%2fetc/passwd",
        head=f'<base href="http://evil.example/"><link rel="canonical" href="{other_site.address}/">',
    )
    site.routes["/out"] = Reply(status=302, headers={"Location": f"{other_site.address}/x"})
    site.page("/a", "Another.")
    assert paths(listed(site)) == {"index.html"}
    assert not other_site.asked
    assert set(connections) == {"127.0.0.1"}


def test_in_22_an_attackers_path_on_an_allowed_host_is_a_page_like_others(
    site: Site, other_site: Site
) -> None:
    evil = "/evil/%3Cscript%3E/..%5c/x?next=http://169.254.169.254/&a=../../etc"
    site.page("/", "Home.", f"{other_site.address}{evil}")
    other_site.routes[evil] = Reply("<h1>Evil</h1><p>Words.</p>")
    other_site.routes["/evil/%3Cscript%3E/..%5C/x?next=http://169.254.169.254/&a=../../etc"] = (
        other_site.routes[evil]
    )
    found = documents(listed(site, hosts=[f"127.0.0.1:{other_site.port}"]))
    for path in found:
        assert not path.startswith(("/", "."))
        assert ".." not in path.split("/")


def test_other_hosts_on_the_list_belong_to_the_source(site: Site, other_site: Site) -> None:
    site.page("/", "Home.", f"{other_site.address}/x")
    other_site.page("/x", "Elsewhere.")
    found = documents(listed(site, hosts=[f"127.0.0.1:{other_site.port}"]))
    assert {page.url for page in found.values()} == {f"{site.address}/", f"{other_site.address}/x"}


def test_one_page_with_many_addresses_is_one(site: Site) -> None:
    head = f'<link rel="canonical" href="{site.address}/page">'
    site.page(
        "/", "Home.", "/page", "/page?print=1", "/page/", "/copy", "/old", "/page;jsessionid=12?PHPSESSID=3"
    )
    for path in ("/page", "/page/", "/copy"):
        site.page(path, "A page.", head=head)
    site.routes["/old"] = Reply(status=301, headers={"Location": "/page"})
    assert paths(listed(site)) == {"index.html", "page"}


def test_a_site_that_calls_every_page_its_home_is_not_lost(site: Site) -> None:
    head = f'<link rel="canonical" href="{site.address}/">'
    site.page("/", "Home.", "/a", "/b", head=head)
    site.page("/a", "Page a.", head=head)
    site.page("/b", "Page b.", head=head)
    assert paths(listed(site)) == {"index.html", "a", "b"}


def test_the_type_decides_and_what_is_not_read_is_not_fetched(site: Site) -> None:
    site.page("/", "Home.", "/latin", "/film", "/text", "/rst", "/table.csv", "/json", "/lie")
    site.routes["/latin"] = Reply(
        "<h1>Größe</h1><p>Wörter</p>".encode("latin-1"), content_type="text/html; charset=latin-1"
    )
    site.routes["/film"] = Reply(b"x" * 1000, content_type="video/mp4")
    site.routes["/text"] = Reply("Plain words.", content_type="text/plain")
    site.routes["/rst"] = Reply("Title\n=====\n\nWords.", content_type="text/x-rst")
    site.routes["/table.csv"] = Reply("a,b\n1,2\n", content_type="text/csv")
    site.routes["/json"] = Reply("{}", content_type="application/json")
    site.routes["/lie"] = Reply(b"\x89PNG\r\n\x1a\n" + b"\0" * 50, content_type="text/html")
    listing = listed(site)
    found = documents([one for one in listing if isinstance(one, Item) and one.path != "lie"])
    assert {"latin", "text", "rst", "table.csv"} < set(found)
    assert "Größe" in found["latin"].text
    assert "| 1 | 2 |" in found["table.csv"].text
    assert not {"film", "json"} & paths(listing)
    lies = [one for one in listing if isinstance(one, Item) and one.path == "lie"]
    with pytest.raises(Unreadable, match="PNG"):
        lies[0].load()


def test_in_23_a_page_that_fails_stays_and_the_rest_is_read(site: Site, tmp_path: Path) -> None:
    site.page("/", "Home.", "/a", "/b")
    site.page("/a", "Page a.", "/c")
    site.page("/b", "Page b.")
    site.page("/c", "Page c.")
    assert paths(listed(site, tmp_path)) == {"index.html", "a", "b", "c"}
    site.routes["/a"] = Reply("broken", 500)
    listing = listed(site, tmp_path)
    assert paths(listing) == {"index.html", "b", "c"}, "where it led the last time is known"
    assert [one.path for one in listing if isinstance(one, Skipped)] == ["a"]
    assert cut(listing) == []
    assert "not known" in cut(listed(site))[0], "without that, the listing is not whole"


def test_in_23_a_page_behind_a_redirect_that_fails_stays(site: Site, tmp_path: Path) -> None:
    site.page("/", "Home.", "/old")
    site.routes["/old"] = Reply(status=301, headers={"Location": "/page"})
    site.page("/page", "A page.")
    assert paths(listed(site, tmp_path)) == {"index.html", "page"}
    site.routes["/old"] = Reply("broken", 500)
    listing = listed(site, tmp_path)
    assert [one.path for one in listing if isinstance(one, Skipped)] == ["page"]


@pytest.mark.parametrize(
    "reply", [Reply("", 500), Reply("", 403), Reply("", 404), Reply("x", content_type="video/mp4")]
)
def test_in_23_a_first_page_that_fails_is_the_whole_source(site: Site, reply: Reply) -> None:
    site.routes["/"] = reply
    with pytest.raises(Unreadable):
        listed(site)


def test_in_23_a_site_that_shows_one_page_everywhere_changes_nothing(site: Site) -> None:
    site.page("/", "Home.", *(f"/p{at}" for at in range(12)))
    for at in range(12):
        site.page(f"/p{at}", "We are down for maintenance.")
    with pytest.raises(Unreadable, match="the same page"):
        listed(site)


def test_in_23_a_site_that_wants_a_login_is_not_taken_for_an_empty_one(site: Site) -> None:
    site.page("/", "Home.", *(f"/p{at}" for at in range(12)))
    for at in range(12):
        site.routes[f"/p{at}"] = Reply(status=302, headers={"Location": "/login"})
    site.page("/login", "Sign in.")
    assert any("login" in reason for reason in cut(listed(site)))


def test_a_page_that_is_gone_is_not_listed(site: Site) -> None:
    site.page("/", "Home.", "/a", "/gone")
    site.page("/a", "Page a.")
    listing = listed(site)
    assert paths(listing) == {"index.html", "a"}
    assert len(listing) == 2


def test_an_address_that_the_server_knows_only_with_a_slash_is_found(site: Site) -> None:
    site.page("/guide/", "Home.", "a")
    site.page("/guide/a", "Page a.")
    assert paths(listed(site, address=f"{site.address}/guide")) == {"guide/index.html", "guide/a"}
    del site.routes["/guide/"]
    with pytest.raises(Unreadable, match="not there"):
        listed(site, address=f"{site.address}/guide")


def test_what_a_stopped_crawl_learned_is_kept(site: Site, tmp_path: Path) -> None:
    for at in range(20):
        site.page("/" if not at else f"/p{at}", f"Page {at}.", f"/p{at + 1}")
        page = site.routes["/" if not at else f"/p{at}"]
        site.routes["/" if not at else f"/p{at}"] = lambda asked, page=page: (
            Reply("", 304) if "if-none-match" in asked.headers else replace(page, headers={"ETag": '"1"'})
        )
    reading = Reading(keep=tmp_path, stopped=lambda: len(site.asked) > 10)
    with pytest.raises(Unreadable, match="stopped"):
        list(read(source_at(site.address, depth=100), reading, Elsewhere().world))
    site.asked.clear()
    assert len(paths(listed(site, tmp_path, depth=100))) == 20
    assert sum("if-none-match" in asked.headers for asked in site.asked) >= 9


def test_a_start_that_leads_out_of_the_source_is_told(site: Site, other_site: Site) -> None:
    site.routes["/"] = Reply(status=302, headers={"Location": f"{other_site.address}/home"})
    other_site.page("/home", "Home.")
    with pytest.raises(Unreadable):
        listed(site)
    site.routes["/guide"] = Reply(status=302, headers={"Location": "/other"})
    site.page("/other", "Other.")
    with pytest.raises(Unreadable, match="make that the address"):
        listed(site, address=f"{site.address}/guide")


def sitemap(site: Site, *entries: tuple[str, str]) -> str:
    rows = "".join(
        f"<url><loc>{site.address}{path}</loc><lastmod>{when}</lastmod></url>" for path, when in entries
    )
    return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'


def test_a_sitemap_names_the_pages_and_when_they_changed(site: Site) -> None:
    site.routes["/robots.txt"] = Reply(f"Sitemap: {site.address}/index.xml", content_type="text/plain")
    site.routes["/index.xml"] = Reply(
        f"<sitemapindex><sitemap><loc>{site.address}/one.xml.gz</loc></sitemap>"
        f"<sitemap><loc>{site.address}/two.txt</loc></sitemap></sitemapindex>"
    )
    packed = gzip.compress(sitemap(site, ("/a", "2026-01-02"), ("/b", "2026-02-03T04:05:06Z")).encode())
    site.routes["/one.xml.gz"] = Reply(packed, content_type="application/gzip")
    site.routes["/two.txt"] = Reply(f"{site.address}/c\nhttp://evil.example/d\n", content_type="text/plain")
    for path in ("/a", "/b", "/c"):
        site.page(path, f"Page {path}.", "/unlisted")
    site.page("/unlisted", "Not in the sitemap.")
    found = documents(listed(site, find="sitemap"))
    assert set(found) == {"a", "b", "c"}
    assert str(found["a"].updated_at) == "2026-01-02 00:00:00+00:00"
    assert str(found["b"].updated_at) == "2026-02-03 04:05:06+00:00"


def test_dates_of_a_sitemap_that_is_trusted_save_questions(site: Site, tmp_path: Path) -> None:
    site.routes["/sitemap.xml"] = Reply(sitemap(site, ("/a", "2026-01-02"), ("/b", "2026-01-02")))
    site.page("/a", "Page a.")
    site.page("/b", "Page b.")
    options = {"find": "sitemap", "trust_lastmod": True}
    first = digests(listed(site, tmp_path, **options))
    site.asked.clear()
    site.routes["/sitemap.xml"] = Reply(sitemap(site, ("/a", "2026-01-02"), ("/b", "2026-03-01")))
    assert digests(listed(site, tmp_path, **options)) == first
    assert set(site.paths) == {"/robots.txt", "/sitemap.xml", "/b"}


def test_in_23_a_sitemap_that_fails_removes_nothing(site: Site) -> None:
    site.page("/a", "Page a.")
    site.routes["/sitemap.xml"] = Reply("broken", 500)
    with pytest.raises(Unreadable):
        listed(site, find="sitemap")
    site.routes["/good.xml"] = Reply(sitemap(site, ("/a", "")))
    both = [f"{site.address}/good.xml", f"{site.address}/sitemap.xml"]
    listing = listed(site, find="sitemap", sitemaps=both)
    assert paths(listing) == {"a"}
    site.routes["/more.xml"] = Reply(sitemap(site, ("/a", ""), ("/", ""), ("/gone", "")))
    site.routes["/"] = Reply("broken", 500)
    found = listed(site, find="sitemap", sitemaps=[f"{site.address}/more.xml"])
    assert paths(found) == {"a"}
    assert [one.path for one in found if isinstance(one, Skipped)] == ["index.html"]
    assert "a sitemap cannot be read" in cut(listing)[0]


@pytest.mark.parametrize(
    "hostile",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><urlset><url><loc>&a;</loc></url></urlset>',
        b"<html><body>Sign in</body></html>",
        b"<urlset><url>",
        b"",
        gzip.compress(b"\0" * 60_000_000),
        b"\x1f\x8b nonsense",
    ],
)  # fmt: skip
def test_a_hostile_sitemap_is_none(hostile: bytes) -> None:
    with pytest.raises(Unreadable):
        convert("sitemap", [Part("sitemap.xml", hostile)])


def test_credentials_go_to_the_site_alone(site: Site, other_site: Site) -> None:
    site.page("/", "Home.", f"{other_site.address}/x")
    other_site.page("/x", "Elsewhere.")
    source = source_at(site.address, hosts=[f"127.0.0.1:{other_site.port}"])
    known = type(source)(
        source.name, source.kind, source.path, source.audience, source.document_kind,
        options=source.options, secrets={"authorization": "Bearer secret"},
    )  # fmt: skip
    assert len(paths(list(read(known, Reading())))) == 2
    assert {asked.headers.get("authorization") for asked in site.asked} == {"Bearer secret"}
    assert {asked.headers.get("authorization") for asked in other_site.asked} == {None}


def test_somebody_stops_the_crawl(site: Site) -> None:
    for at in range(50):
        site.page("/" if not at else f"/p{at}", f"Page {at}.", f"/p{at + 1}")
    reading = Reading(stopped=lambda: len(site.asked) > 5)
    with pytest.raises(Unreadable, match="stopped"):
        list(read(source_at(site.address, depth=100), reading, Elsewhere().world))
    assert len(site.asked) <= 7


@given(st.text(max_size=60))
def test_any_link_is_an_address_of_the_web_or_none(link: str) -> None:
    base = plain("https://wiki.example/guide/")
    scope = Scope.of("https://wiki.example/guide", ())
    there = joined(base, link)
    if there is not None:
        assert there.scheme in ("http", "https")
        assert plain(str(there)) == there
        looks_like_a_page(there)
        Traps().why(there)
        if scope.holds(there):
            path = scope.path_of(there)
            assert path
            assert not path.startswith("/")
            assert not path.endswith("/")
            assert not {"..", "."} & set(path.split("/"))


@pytest.mark.parametrize(
    "address", ["https://wiki.example/a/%2e%2e/%2e%2e/x", "https://wiki.example/a/..%2fx"]
)
def test_hidden_steps_upwards_are_not_followed(address: str) -> None:
    try:
        assert ".." not in plain(address).path
    except Refused:
        return
