"""Whole syncs over a network: whatever a site or a repository does, a failed fetch deletes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ingest.readers import git, website
from ingest.sources import Listed, Reading, Source
from tests.ingest.git_place import Repository, git_server
from tests.ingest.web_site import Elsewhere, Reply, Site, source_at
from tests.sources import Team

PAGES = 21


@dataclass
class Fetching(Team):
    """A team whose sources are read over a network."""

    of: list[Source] = field(default_factory=list)

    def sources(self) -> list[Source]:
        return self.of

    def read(self, of: Source, reading: Reading) -> Iterator[Listed]:
        reader = {"website": website.read, "git": git.read}[of.kind]
        return reader(of, reading, Elsewhere().world)


@pytest.fixture
def guide(site: Site) -> Site:
    """A site of so many pages that losing a fifth of them is noticed."""
    site.page("/", "Home.", *(f"/p{at}" for at in range(PAGES - 1)))
    for at in range(PAGES - 1):
        site.page(f"/p{at}", f"Page {at}. Words of page {at}.")
    return site


def team_of(tmp_path: Path, *sources: Source) -> Fetching:
    return Fetching(tmp_path / "data", of=list(sources), remote=frozenset(one.name for one in sources))


def broken(status: int, **headers: str) -> Callable[[Site], None]:
    def spoil(site: Site) -> None:
        for path in list(site.routes):
            site.routes[path] = Reply("", status, {name.replace("_", "-"): v for name, v in headers.items()})

    return spoil


def half_broken(site: Site) -> None:
    for at in range(0, PAGES - 1, 2):
        site.routes[f"/p{at}"] = Reply("", (403, 500, 401, 429)[at % 4], {"Retry-After": "100000"})


def everything_is_a_login(site: Site) -> None:
    for at in range(PAGES - 1):
        site.routes[f"/p{at}"] = Reply(status=302, headers={"Location": "/login"})
    site.page("/login", "Sign in.")


def everything_is_one_page(site: Site) -> None:
    for path in list(site.routes):
        site.page(path, "Down for maintenance.", *(f"/p{at}" for at in range(PAGES - 1)))


def robots_cannot_be_had(site: Site) -> None:
    site.routes["/robots.txt"] = Reply("", 503)


def no_links(site: Site) -> None:
    site.page("/", "Home.")


def metadata(site: Site) -> None:
    for path in list(site.routes):
        site.routes[path] = Reply(status=302, headers={"Location": "http://169.254.169.254/latest/"})


SPOILT = (
    broken(500), broken(503, Retry_After="86400"), broken(429), broken(401), broken(403), broken(404),
    half_broken, everything_is_a_login, everything_is_one_page, robots_cannot_be_had, no_links, metadata,
)  # fmt: skip


def test_in_23_nothing_is_deleted_because_a_site_fails(guide: Site, tmp_path: Path) -> None:
    team = team_of(tmp_path, source_at(guide.address))
    assert team.sync()["added"] == PAGES
    fine, before = dict(guide.routes), set(team.seen())
    for spoil in SPOILT:
        spoil(guide)
        report = team.sync()
        assert report["removed"] == 0
        assert report["failed"], "and somebody is told"
        assert set(team.seen()) == before
        guide.routes.clear()
        guide.routes.update(fine)
    report = team.sync()
    assert (report["added"], report["removed"], report["failed"]) == (0, 0, [])


def test_a_site_is_followed_page_by_page(guide: Site, tmp_path: Path) -> None:
    team = team_of(tmp_path, source_at(guide.address))
    assert team.sync()["added"] == PAGES
    assert team.sync()["kept"] == PAGES
    guide.page("/p1", "Page 1. Other words.")
    guide.page("/p2", "Page 2. Words of page 2.", "/p2/new")
    guide.page("/p2/new", "A new page.")
    del guide.routes["/p3"]
    report = team.sync()
    assert {key: report[key] for key in ("added", "changed", "removed", "failed")} == {
        "added": 1,
        "changed": 2,
        "removed": 1,
        "failed": [],
    }


def test_the_same_site_with_other_tokens_is_kept(guide: Site, tmp_path: Path) -> None:
    team = team_of(tmp_path, source_at(guide.address))
    team.sync()
    for path, page in list(guide.routes.items()):
        assert isinstance(page, Reply)
        guide.routes[path] = Reply(f"<!-- {path} nonce -->{page.body!s}")
    report = team.sync()
    assert (report["kept"], report["changed"]) == (PAGES, 0)


@pytest.fixture
def wiki(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "server" / "wiki")
    repository.put({f"docs/p{at}.md": f"# Page {at}\n\nWords of page {at}." for at in range(PAGES)})
    repository.commit()
    return repository


def git_source(address: str, **options: Any) -> Source:
    return source_at("", "git", repository=address, history=0, **options)


@pytest.mark.parametrize("how", ["gone", "denied", "moved", "no branch", "no folder"])
def test_in_23_nothing_is_deleted_because_a_repository_fails(
    wiki: Repository, tmp_path: Path, how: str
) -> None:
    with git_server(tmp_path / "server") as server:
        of = git_source(server.address("wiki/.git"), folder="docs", branch="main")
        team = team_of(tmp_path, of)
        assert team.sync()["added"] == PAGES
        if how == "gone":
            wiki.folder.rename(tmp_path / "server" / "elsewhere")
        elif how == "denied":
            server.password = "x"
        elif how == "moved":
            server.moved_to = "http://127.0.0.1:1"
        elif how == "no branch":
            wiki.git("branch", "--move", "other")
        else:
            wiki.git("mv", "docs", "pages")
            wiki.commit()
        report = team.sync()
        assert (report["removed"], report["kept"]) == (0, PAGES)
        assert report["failed"]


def test_a_repository_is_followed_commit_by_commit(wiki: Repository, tmp_path: Path) -> None:
    team = team_of(tmp_path, git_source(wiki.address))
    assert team.sync()["added"] == PAGES
    assert team.sync()["kept"] == PAGES
    wiki.git("mv", "docs/p1.md", "docs/q1.md")
    wiki.put({"docs/p2.md": "# Page 2\n\nOther words.", "docs/p30.md": "# Page 30\n\nNew."})
    (wiki.folder / "docs/p3.md").unlink()
    wiki.commit()
    report = team.sync()
    assert [report[key] for key in ("added", "changed", "moved", "removed")] == [1, 1, 1, 1]
    assert report["chunks_embedded"] == 3
    wiki.git("reset", "--quiet", "--hard", "HEAD~1")
    report = team.sync()
    assert [report[key] for key in ("added", "changed", "moved", "removed")] == [1, 1, 1, 1]
    wiki.git("checkout", "--quiet", "--orphan", "new")
    wiki.git("rm", "-rq", "--cached", ".")
    wiki.git("clean", "-fdq")
    wiki.put({"README.md": "# Empty\n\nAll is gone."})
    wiki.commit()
    wiki.git("branch", "--force", "main", "new")
    wiki.git("checkout", "--quiet", "main")
    report = team.sync()
    assert (report["removed"], report["added"]) == (0, 1), "so many removals are asked about"
