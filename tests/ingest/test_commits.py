"""Commits by their author's address: exactly theirs, within limits, whatever a repository holds."""

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest import commits
from ingest.commits import commits_by

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ANA = frozenset({"ana@heron.example"})


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    place = tmp_path / "trainer"
    place.mkdir()
    git(place, "init", "--quiet", "--initial-branch=main")
    return place


def git(place: Path, *arguments: str, at: datetime = MONDAY, email: str = "ana@heron.example") -> None:
    """Run git with nobody's settings, as this person and at this time."""
    said = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}
    for role in ("AUTHOR", "COMMITTER"):
        said |= {f"GIT_{role}_NAME": "x", f"GIT_{role}_EMAIL": email, f"GIT_{role}_DATE": at.isoformat()}
    subprocess.run(["git", "-C", str(place), *arguments], env=said, check=True, capture_output=True)


def commit(place: Path, subject: str, at: datetime = MONDAY, email: str = "ana@heron.example") -> None:
    git(place, "commit", "--quiet", "--allow-empty", "-m", subject, at=at, email=email)


def subjects(place: Path, since: datetime = MONDAY - DAY, until: datetime = MONDAY + DAY) -> list[str]:
    found = commits_by(place, ANA, since, until)
    assert found is not None
    return [one.subject for one in found]


def test_ones_own_commits_of_a_stretch_of_time_the_newest_first(repository: Path) -> None:
    commit(repository, "Too old", MONDAY - 2 * DAY)
    commit(repository, "First", MONDAY - timedelta(hours=2))
    commit(repository, "Somebody else's", email="ben@heron.example")
    commit(repository, "Like mine", email="ana@heron.example.org")
    commit(repository, "Second", email="Ana@Heron.example")
    assert subjects(repository) == ["Second", "First"]
    assert subjects(repository, since=MONDAY) == []


def test_branches_count_and_merges_and_stashes_do_not(repository: Path) -> None:
    (repository / "a").write_text("1")
    git(repository, "add", "a")
    commit(repository, "Base")
    git(repository, "checkout", "--quiet", "-b", "side")
    commit(repository, "On a branch")
    git(repository, "checkout", "--quiet", "main")
    commit(repository, "On main")
    git(repository, "merge", "--quiet", "--no-ff", "-m", "Merge side", "side")
    (repository / "a").write_text("2")
    git(repository, "stash")
    assert sorted(subjects(repository)) == ["Base", "On a branch", "On main"]


def test_what_looks_like_a_field_or_a_secret_in_a_subject_does_no_harm(repository: Path) -> None:
    commit(repository, "Odd \x1f0\x1fben@heron.example\x1fsubject")
    commit(repository, "Use AKIAIOSFODNN7EXAMPLE for the bucket")
    [found] = subjects(repository)
    assert "AKIA" not in found
    assert "redacted" in found


def test_no_repository_is_not_no_commits(tmp_path: Path, repository: Path) -> None:
    assert commits_by(tmp_path, ANA, MONDAY - DAY, MONDAY) is None
    assert commits_by(tmp_path / "nowhere", ANA, MONDAY - DAY, MONDAY) is None
    assert commits_by(repository, ANA, MONDAY - DAY, MONDAY) == []


def test_more_than_enough_is_cut_at_a_whole_commit(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        commit(repository, f"Number {number}", MONDAY + timedelta(minutes=number))
    monkeypatch.setattr(commits, "MOST_BYTES", 250)
    found = subjects(repository)
    assert 0 < len(found) < 6
    assert found == [f"Number {5 - at}" for at in range(len(found))]


def test_a_repositorys_own_settings_run_nothing(repository: Path, tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    commit(repository, "Harmless")
    for name in ("core.fsmonitor", "core.pager", "gpg.program", "core.sshCommand"):
        git(repository, "config", name, f"touch {touched}")
    git(repository, "config", "log.showSignature", "true")
    assert subjects(repository) == ["Harmless"]
    assert not touched.exists()


def test_git_that_takes_too_long_is_ended(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "bin"
    slow.mkdir()
    (slow / "git").write_text("#!/bin/sh\nsleep 600\n")
    (slow / "git").chmod(0o700)
    monkeypatch.setitem(commits._ENVIRONMENT, "PATH", f"{slow}:{os.environ['PATH']}")
    monkeypatch.setenv("PATH", f"{slow}:{os.environ['PATH']}")
    monkeypatch.setattr(commits, "LONGEST_S", 0.2)
    assert commits_by(repository, ANA, MONDAY - DAY, MONDAY) is None
