"""Git repositories: over file and over http, by commit, without ever trusting what is in them."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.readers import git_clone, git_commands
from ingest.readers.git import read
from ingest.readers.git_remote import Remote, page_address, remote_of
from ingest.sources import Item, Listed, Reading, Skipped, Source
from ingest.web import Refused
from knowledge.audience import EVERYONE
from knowledge.documents import Document
from knowledge.errors import Unreadable
from tests.ingest.git_place import GitServer, Repository, git_server
from tests.ingest.web_site import Elsewhere

PUBLIC = "93.184.216.34"


@pytest.fixture
def wiki(tmp_path: Path) -> Repository:
    """A repository with two pages and a picture."""
    repository = Repository(tmp_path / "server" / "wiki")
    repository.write(Home_md="# Home\n\nWelcome.", docs__setup_md="# Setup\n\nDo this.")
    repository.put({"docs/logo.png": os.urandom(300_000)})
    repository.commit()
    return repository


@pytest.fixture
def server(tmp_path: Path, wiki: Repository) -> Iterator[GitServer]:
    with git_server(tmp_path / "server") as one:
        yield one


def source(
    address: str, secrets: dict[str, str] | None = None, url: str | None = None, **options: Any
) -> Source:
    return Source(
        "wiki",
        "git",
        Path(),
        EVERYONE,
        "wiki",
        url=url,
        options={"repository": address, **options},
        secrets=secrets or {},
    )


def listed(of: Source, keep: Path | None = None, known: dict[str, str] | None = None) -> list[Listed]:
    return list(read(of, Reading(known=known or {}, keep=keep)))


def documents(listing: list[Listed]) -> dict[str, Document]:
    return {one.path: one.load() for one in listing if isinstance(one, Item)}


def digests(listing: list[Listed]) -> dict[str, str]:
    return {one.path: one.digest for one in listing if isinstance(one, Item)}


def test_pages_are_read_with_their_dates_and_authors(wiki: Repository, tmp_path: Path) -> None:
    wiki.write(docs__setup_md="# Setup\n\nDo that.")
    wiki.commit(author="ben@example.com")
    wiki.write(docs__bot_md="# Bot\n\nWritten by a machine.")
    wiki.commit(author="12345+ci[bot]@users.noreply.github.com")
    found = documents(listed(source(wiki.address), tmp_path / "keep"))
    assert set(found) == {"Home.md", "docs/setup.md", "docs/bot.md"}
    home, setup, bot = found["Home.md"], found["docs/setup.md"], found["docs/bot.md"]
    assert (home.title, home.owner) == ("Home", "ana@example.com")
    assert home.updated_at == datetime(2026, 1, 1, 10, 1, tzinfo=UTC)
    assert (setup.owner, setup.updated_at) == ("ben@example.com", datetime(2026, 1, 1, 10, 2, tzinfo=UTC))
    assert bot.owner is None


def test_the_history_that_was_not_fetched_says_nothing(wiki: Repository) -> None:
    wiki.write(docs__setup_md="# Setup\n\nDo that.")
    wiki.commit()
    wiki.write(docs__new_md="# New\n\nPage.")
    wiki.commit()
    found = documents(listed(source(wiki.address, history=1)))
    assert {page.updated_at for page in found.values()} == {None}
    found = documents(listed(source(wiki.address, history=2)))
    assert found["docs/new.md"].updated_at == datetime(2026, 1, 1, 10, 3, tzinfo=UTC)
    assert found["docs/setup.md"].updated_at is None
    found = documents(listed(source(wiki.address, history=0)))
    assert found["Home.md"].updated_at == datetime(2026, 1, 1, 10, 1, tzinfo=UTC)


def test_only_changed_files_are_fetched_and_nothing_when_nothing_changed(
    wiki: Repository, tmp_path: Path, server: GitServer
) -> None:
    of = source(server.address("wiki/.git"), private_network=True)
    keep = tmp_path / "keep"
    counted: list[int] = []
    first = list(read(of, Reading(keep=keep, fetched=counted.append)))
    listing_only = git_commands.size_of(keep)
    documents(first)
    assert sum(counted) > 500
    assert git_commands.size_of(keep) < 300_000, "the picture was not fetched"
    assert git_commands.size_of(keep) > listing_only
    server.asked.clear()
    assert digests(listed(of, keep)) == digests(first)
    assert all("upload-pack" in path for path, _ in server.asked)
    assert len(server.asked) == 2, "one look at where the branch is"
    wiki.write(docs__setup_md="# Setup\n\nDo that.")
    wiki.commit()
    server.asked.clear()
    again = listed(of, keep, known=digests(first))
    changed = {path for path, digest in digests(again).items() if digest != digests(first)[path]}
    assert changed == {"docs/setup.md"}
    assert "Do that." in documents(again)["docs/setup.md"].text


def test_a_renamed_page_keeps_its_digest_and_its_date(wiki: Repository) -> None:
    before = digests(listed(source(wiki.address)))
    wiki.git("mv", "Home.md", "Start.md")
    wiki.commit()
    listing = listed(source(wiki.address))
    assert digests(listing)["Start.md"] == before["Home.md"]
    assert documents(listing)["Start.md"].updated_at == datetime(2026, 1, 1, 10, 1, tzinfo=UTC)


def test_branch_folder_and_globs_choose(wiki: Repository) -> None:
    wiki.git("checkout", "--quiet", "-b", "next/one")
    wiki.write(docs__next_md="# Next\n\nPage.")
    wiki.commit()
    wiki.git("checkout", "--quiet", "main")
    assert set(digests(listed(source(wiki.address)))) == {"Home.md", "docs/setup.md"}
    of = source(wiki.address, branch="next/one", folder="/docs/")
    assert set(digests(listed(of))) == {"setup.md", "next.md"}
    chosen = Source(
        "wiki", "git", Path(), EVERYONE, "wiki", include=("docs/**",), options={"repository": wiki.address}
    )
    assert set(digests(listed(chosen))) == {"docs/setup.md"}


def test_history_that_was_rewritten_is_followed(wiki: Repository, tmp_path: Path) -> None:
    wiki.write(docs__wrong_md="# Wrong\n\nPage.")
    wiki.commit()
    keep = tmp_path / "keep"
    assert "docs/wrong.md" in documents(listed(source(wiki.address), keep))
    wiki.git("reset", "--quiet", "--hard", "HEAD~1")
    wiki.write(docs__right_md="# Right\n\nPage.")
    wiki.commit("--amend")
    wiki.git("reflog", "expire", "--expire=now", "--all")
    wiki.git("gc", "--quiet", "--prune=now")
    found = documents(listed(source(wiki.address), keep))
    assert set(found) == {"Home.md", "docs/setup.md", "docs/right.md"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"branch": "nowhere"}, "there is no branch nowhere"),
        ({"folder": "nowhere"}, "there is no folder nowhere"),
        ({"folder": "Home.md"}, "there is no folder"),
        ({"folder": "../x"}, "folder within"),
        ({"branch": "--upload-pack=touch /tmp/x"}, "no name of a branch"),
        ({"branch": "a..b"}, "no name of a branch"),
    ],
)
def test_in_23_what_is_not_in_the_repository_is_said(
    wiki: Repository, tmp_path: Path, options: dict[str, str], said: str
) -> None:
    listed(source(wiki.address), tmp_path / "keep")
    with pytest.raises(Unreadable, match=said):
        listed(source(wiki.address, **options), tmp_path / "keep")
    assert listed(source(wiki.address), tmp_path / "keep"), "what was kept still serves"


def test_in_23_a_repository_that_is_gone_or_empty_is_said(wiki: Repository, tmp_path: Path) -> None:
    empty = Repository(tmp_path / "empty")
    with pytest.raises(Unreadable, match="empty"):
        listed(source(empty.address))
    with pytest.raises(Unreadable, match="no such repository"):
        listed(source(f"file://{tmp_path}/nowhere"))


def test_in_23_without_a_token_or_with_a_wrong_one_it_is_said_what_to_check(
    server: GitServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    server.password = "very-secret-token"
    address = server.address("wiki/.git")
    for secrets in ({}, {"token": "wrong-token"}):
        with pytest.raises(Unreadable, match="check the token") as error:
            listed(source(address, secrets, private_network=True), tmp_path / "keep")
        assert "wrong-token" not in str(error.value)
    with pytest.raises(Unreadable, match="no such repository"):
        listed(source(server.address("nowhere"), {"token": server.password}, private_network=True))
    assert capfd.readouterr() == ("", "")


def test_the_token_is_in_no_argument_address_or_file(
    server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.password = "very-secret-token"
    commands: list[list[str]] = []
    really = subprocess.Popen

    def popen(command: list[str], **more: Any) -> Any:
        commands.append(command)
        return really(command, **more)

    monkeypatch.setattr(git_commands.subprocess, "Popen", popen)
    of = source(server.address("wiki/.git"), {"token": server.password}, private_network=True)
    assert set(documents(listed(of, tmp_path / "keep"))) == {"Home.md", "docs/setup.md"}
    assert commands
    assert not any("very-secret" in part for command in commands for part in command)
    for place in (tmp_path / "keep").rglob("*"):
        if place.is_file():
            assert b"very-secret" not in place.read_bytes()
    assert "very-secret" not in repr(of) + repr(remote_of(of, Elsewhere().world))


def test_in_20_a_repository_that_redirects_is_not_followed(server: GitServer, tmp_path: Path) -> None:
    with git_server(tmp_path / "server") as other:
        server.moved_to = f"http://127.0.0.1:{other.port}"
        with pytest.raises(Unreadable, match="has moved"):
            listed(source(server.address("wiki/.git"), {"token": "x"}, private_network=True))
        assert other.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/r.git", "http://0x7f.1/r", "https://[::1]/r.git", "https://localhost/r.git",
        "https://169.254.169.254/r.git", "ssh://git@127.0.0.1/r.git", "git@127.0.0.1:r.git",
        "ssh://git@10.0.0.1:22/r.git", "git@metadata.example:r.git", "https://metadata.example/r.git",
        "https://user:pass@wiki.example/r.git", "ext::sh", "fd::17", "--upload-pack=x", "/etc",
        "file:relative", "git://wiki.example/r.git", "ftp://wiki.example/r.git", "ssh://-oProxyCommand=x/r",
        "git@-oProxyCommand:x",
        "ssh://git@wiki.example/-x", "https://wiki.example/r.git\n[core]", "git@wiki.example:-x",
        "https://wiki.example/r?x=1",
    ],
)  # fmt: skip
def test_in_19_git_reaches_no_forbidden_address(address: str) -> None:
    names = {"localhost": ["127.0.0.1"], "metadata.example": ["169.254.169.254"], "wiki.example": [PUBLIC]}
    with pytest.raises(Refused):
        remote_of(source(address), Elsewhere(names).world)


def test_in_21_git_is_told_the_address_that_was_judged() -> None:
    elsewhere = Elsewhere({"wiki.example": [PUBLIC, "2606:4700::1111"]})
    over_http = remote_of(source("https://wiki.example/team/wiki.git"), elsewhere.world)
    assert over_http.settings == (f"http.curloptResolve=wiki.example:443:{PUBLIC},[2606:4700::1111]",)
    over_ssh = remote_of(source("git@wiki.example:team/wiki.git"), elsewhere.world)
    assert f"HostName={PUBLIC}" in over_ssh.ssh_options
    assert "HostKeyAlias=wiki.example" in over_ssh.ssh_options
    assert elsewhere.looked_up == ["wiki.example", "wiki.example"]


@pytest.mark.skipif(shutil.which("ssh") is None, reason="there is no ssh here")
def test_in_21_ssh_takes_the_address_and_the_name_as_they_are_given() -> None:
    elsewhere = Elsewhere({"wiki.example": [PUBLIC]})
    remote = remote_of(
        source("git@wiki.example:team/wiki.git", {"ssh_key": "/keys/wiki_ed25519"}), elsewhere.world
    )
    with pytest.raises(Refused, match="path of a file"):
        remote_of(source("git@wiki.example:x", {"ssh_key": "/a -oProxyCommand=x"}), elsewhere.world)
    command = git_commands.Git(Path("/nowhere"), remote, lambda: False)._environment(True)["GIT_SSH_COMMAND"]
    said = subprocess.run(["sh", "-c", f"{command} -G git@wiki.example"], capture_output=True, check=True)
    settings = set(said.stdout.decode().splitlines())
    assert {
        f"hostname {PUBLIC}",
        "hostkeyalias wiki.example",
        "stricthostkeychecking true",
        "batchmode yes",
        "identityfile /keys/wiki_ed25519",
        "identitiesonly yes",
        "forwardagent no",
    } <= settings


def test_in_21_git_connects_to_that_address_and_nowhere_else(server: GitServer) -> None:
    elsewhere = Elsewhere({"wiki.example": ["127.0.0.1"]})
    of = source(f"http://wiki.example:{server.port}/wiki/.git", private_network=True)
    found = [one.path for one in read(of, Reading(), elsewhere.world) if isinstance(one, Item)]
    assert found == ["Home.md", "docs/setup.md"]
    assert server.asked[0][1]["host"] == f"wiki.example:{server.port}"


def test_a_token_is_not_sent_in_the_open() -> None:
    elsewhere = Elsewhere({"wiki.example": [PUBLIC]})
    with pytest.raises(Refused, match="https"):
        remote_of(source("http://wiki.example/r.git", {"token": "x"}), elsewhere.world)


def test_links_other_repositories_and_large_files_are_not_read(wiki: Repository, tmp_path: Path) -> None:
    (wiki.folder / "link.md").symlink_to("/etc/passwd")
    (wiki.folder / "docs/up.md").symlink_to("../../outside.md")
    wiki.put(
        {
            "empty.md": "",
            "lfs.md": "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 12345\n",
            ".github/hidden.md": "# Hidden",
            "big.md": "x" * 30_000,
            ".gitattributes": "*.md filter=evil\n",
            "strange\nname.md": "# Strange\n\nPage.",
        }
    )
    wiki.git("config", "filter.evil.smudge", f"touch {tmp_path}/evil")
    wiki.commit()
    wiki.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},other")
    wiki.minutes += 1
    wiki.git("commit", "--quiet", "--message=other")
    of = Source(
        "wiki", "git", Path(), EVERYONE, "wiki", max_bytes=20_000, options={"repository": wiki.address}
    )
    listing = listed(of, tmp_path / "keep")
    told = {one.path: one.reason for one in listing if isinstance(one, Skipped)}
    assert set(told) == {"link.md", "docs/up.md", "other"}
    items = {one.path: one for one in listing if isinstance(one, Item)}
    for path, reason in {"empty.md": "empty", "lfs.md": "LFS", "big.md": "too large"}.items():
        with pytest.raises(Unreadable, match=reason):
            items.pop(path).load()
    assert set(items) == {"Home.md", "docs/setup.md", "strange\\x0aname.md"}
    assert items["strange\\x0aname.md"].load().title == "Strange"
    assert items["Home.md"].load().title == "Home", "git goes on after a file that was too large"
    assert not (tmp_path / "evil").exists()


def test_hooks_and_settings_of_a_kept_copy_and_of_others_are_not_used(
    wiki: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = tmp_path / "evil"
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(f"[core]\n\tsshCommand = touch {evil}\n\tpager = touch {evil}\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_SSH_COMMAND", f"touch {evil}")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    keep = tmp_path / "keep"
    listed(source(wiki.address), keep)
    copy = next(keep.glob("*.git"))
    hooks = copy / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("reference-transaction", "post-checkout", "pre-auto-gc"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {evil}\n")
        (hooks / name).chmod(0o755)
    wiki.write(more_md="# More\n\nWords.")
    wiki.commit()
    documents(listed(source(wiki.address), keep))
    assert not evil.exists()


def test_a_copy_that_a_killed_git_left_behind_is_mended(wiki: Repository, tmp_path: Path) -> None:
    keep = tmp_path / "keep"
    documents(listed(source(wiki.address), keep))
    copy = next(keep.glob("*.git"))
    for lock in ("shallow.lock", "config.lock", "refs/lore/tip.lock", "packed-refs.lock"):
        (copy / lock).write_text("")
    wiki.write(more_md="# More\n\nWords.")
    wiki.commit()
    assert "more.md" in documents(listed(source(wiki.address), keep))
    for pack in copy.glob("objects/pack/*.pack"):
        pack.chmod(0o644)
        pack.write_bytes(pack.read_bytes()[:40])
    wiki.write(yet_md="# Yet\n\nMore words.")
    wiki.commit()
    assert "yet.md" in documents(listed(source(wiki.address), keep))
    (copy / "HEAD").unlink()
    assert "yet.md" in documents(listed(source(wiki.address), keep))


def test_two_readings_of_one_copy_do_not_meet(wiki: Repository, tmp_path: Path) -> None:
    keep = tmp_path / "keep"
    of = source(wiki.address)
    clone = git_clone.Clone(Reading(keep=keep), remote_of(of, Elsewhere().world), 0)
    keep.mkdir()
    with clone._alone(), pytest.raises(Unreadable, match="another process"):
        listed(of, keep)


def test_a_copy_of_another_address_makes_room(wiki: Repository, tmp_path: Path) -> None:
    other = Repository(tmp_path / "other")
    other.write(a_md="# A\n\nPage.")
    other.commit()
    keep = tmp_path / "keep"
    listed(source(wiki.address), keep)
    assert set(documents(listed(source(other.address), keep))) == {"a.md"}
    assert len(list(keep.glob("*.git"))) == 1


def test_somebody_stops_it_and_too_much_is_too_much(
    wiki: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = source(wiki.address)
    remote = remote_of(of, Elsewhere().world)
    stuck = git_commands.Git(wiki.folder / ".git", remote, lambda: True)
    with pytest.raises(Unreadable, match="stopped"):
        stuck.run("-c", "alias.wait=!sleep 60", "wait")
    slow = git_commands.Git(wiki.folder / ".git", remote, lambda: False)
    with pytest.raises(Unreadable, match="longer than"):
        slow.run("-c", "alias.wait=!sleep 60", "wait", longest_s=0.2)
    monkeypatch.setattr(git_commands, "MOST_BYTES", 1_000)
    with pytest.raises(Unreadable, match="larger than"):
        slow.run("-c", "alias.wait=!sleep 60", "wait")


@pytest.mark.parametrize(
    ("address", "path", "seen_at"),
    [
        ("https://github.com/team/docs.git", "a b/x.md", "https://github.com/team/docs/blob/main/a%20b/x.md"),
        ("git@github.com:team/docs.git", "x.md", "https://github.com/team/docs/blob/main/x.md"),
        (
            "https://github.com/team/docs.wiki.git",
            "sub/My-Page.md",
            "https://github.com/team/docs/wiki/My-Page",
        ),
        ("https://gitlab.com/a/b/docs", "x.md", "https://gitlab.com/a/b/docs/-/blob/main/x.md"),
        (
            "https://gitlab.example/a/docs.wiki.git",
            "sub/page.md",
            "https://gitlab.example/a/docs/-/wikis/sub/page",
        ),
        ("https://bitbucket.org/t/docs.git", "x.md", "https://bitbucket.org/t/docs/src/main/x.md"),
        ("https://codeberg.org/t/docs.git", "x.md", "https://codeberg.org/t/docs/src/branch/main/x.md"),
        ("https://git.example/t/docs.git", "x.md", None),
    ],
)
def test_pages_lead_to_where_people_see_them(address: str, path: str, seen_at: str | None) -> None:
    class Everywhere(Elsewhere):
        """Every name is somewhere public."""

        def resolve(self, host: str, _: int) -> list[str]:
            return [PUBLIC]

    remote = remote_of(source(address), Everywhere().world)
    assert page_address(remote, "main", path) == seen_at


def test_the_sources_own_template_counts_before_that(wiki: Repository) -> None:
    found = documents(listed(source(wiki.address, url="https://pages.example/{stem}")))
    assert found["docs/setup.md"].url == "https://pages.example/docs/setup"
    wiki.write(named_md="---\nurl: https://wiki.example/named\n---\n# Named\n\nPage.")
    wiki.commit()
    assert documents(listed(source(wiki.address)))["named.md"].url == "https://wiki.example/named"


def test_a_wikis_side_bar_is_no_page(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "docs.wiki")
    repository.write(Home_md="# Home\n\nPage.", _Sidebar_md="links", _Footer_md="links")
    repository.commit()
    remote = Remote(repository.address, "file", project="team/docs.wiki")
    assert remote.is_wiki


def test_a_server_without_filters_serves_too(wiki: Repository, tmp_path: Path) -> None:
    wiki.git("config", "uploadpack.allowFilter", "false")
    assert len(documents(listed(source(wiki.address), tmp_path / "keep"))) == 2
