"""A copy of a repository's pages: one branch, without the files that are not read, kept for the next sync."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.readers.commit_dates import LOG, Change, changes
from ingest.readers.git_commands import Git, GitFailed, size_of
from ingest.readers.git_remote import Remote, checked_branch
from ingest.sources import Reading
from knowledge.errors import StoreError, Unreadable

_TIP = "refs/lore/tip"
_ALL = 2_147_483_647
_AT_ONCE = 2_000
_DAMAGED = ("bad object", "corrupt", "missing", "unable to read", "unresolved deltas", "shallow", "damaged")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a tree: its names below the folder, its mode, and the blob that holds it."""

    parts: tuple[str, ...]
    mode: str
    blob: str


class Clone:
    """A bare repository in a folder: only `update` and `fetch` reach the network."""

    def __init__(self, reading: Reading, remote: Remote, history: int) -> None:
        keep = reading.keep
        if keep is None:
            temporary = tempfile.mkdtemp(prefix="lore-git-")
            weakref.finalize(self, shutil.rmtree, temporary, ignore_errors=True)
            keep = Path(temporary)
        name = hashlib.sha256(remote.address.encode()).hexdigest()[:16]
        self._keep = keep
        self._git = Git(keep / f"{name}.git", remote, reading.stopped)
        self._fetched = reading.fetched
        self._blobs = self._git.blobs()
        self._depth = history or _ALL
        self.branch = ""

    def update(self, branch: str | None) -> None:
        """Fetch the branch (the default one where none is named) as it is now, without files.

        Raises Unreadable: then what was fetched before is as it was. Raises StoreError when nothing can be
        kept.
        """
        try:
            self._updated(branch)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StoreError(f"the repository cannot be kept in {self._keep}: {reason}") from None

    def _updated(self, branch: str | None) -> None:
        self._keep.mkdir(parents=True, exist_ok=True)
        with self._alone():
            for other in self._keep.glob("*.git"):  # of an address that the source had before
                if other != self._git.folder:
                    shutil.rmtree(other, ignore_errors=True)
            try:
                self._update(branch)
            except GitFailed as error:
                if not any(word in error.said.lower() for word in _DAMAGED):
                    raise
                shutil.rmtree(self._git.folder, ignore_errors=True)
                self._update(branch)

    def entries(self, folder: str) -> Iterator[Entry]:
        """All files below a folder, in the order of their names. Raises Unreadable when it is not there."""
        try:
            tree = self._git.run("rev-parse", "--verify", "--quiet", f"{_TIP}:{folder}").decode().strip()
            listed = self._git.run("ls-tree", "-r", "-z", "--full-tree", tree)
        except GitFailed:
            raise Unreadable(f"there is no folder {folder or '/'} on the branch {self.branch}") from None
        for line in listed.split(b"\0"):
            if line:
                about, _, name = line.partition(b"\t")
                mode, _, blob = about.decode().split()
                yield Entry(tuple(os.fsdecode(name).split("/")), mode, blob)

    def changes(self, folder: str) -> dict[str, Change]:
        """Who changed each file below a folder last, and when, as far as the history was fetched."""
        shallow = (self._git.folder / "shallow").exists()
        said = self._git.run("log", *LOG, _TIP, "--", folder or ".", longest_s=120.0)
        return changes(os.fsdecode(said), f"{folder}/" if folder else "", shallow)

    def fetch(self, blobs: Iterable[str]) -> None:
        """Fetch files that are not here yet, many in one go. Raises Unreadable."""
        lacking = sorted(self._lacking(set(blobs)))
        for at in range(0, len(lacking), _AT_ONCE):
            given = "".join(f"{blob}\n" for blob in lacking[at : at + _AT_ONCE])
            self._fetch("--stdin", "origin", settings=("fetch.negotiationAlgorithm=noop",), given=given)

    def read(self, blob: str, most_bytes: int) -> bytes:
        """The bytes of a file. Raises Unreadable, and GitFailed when it was not fetched."""
        return self._blobs.read(blob, most_bytes)

    def _update(self, branch: str | None) -> None:
        git = self._git
        self._prepared()
        wanted = f"refs/heads/{checked_branch(branch)}" if branch else "HEAD"
        said = git.reach("ls-remote", "--symref", "origin", wanted, longest_s=60.0).decode("utf-8", "replace")
        tip, self.branch = _tip(said, wanted)
        if self._is_here(tip):
            return
        self._fetch("--force", f"--depth={self._depth}", "origin", f"+refs/heads/{self.branch}:{_TIP}")
        (git.folder / "lore-depth").write_text(str(self._depth))

    def _fetch(self, *what: str, settings: Sequence[str] = (), given: str = "") -> None:
        before = size_of(self._git.folder)
        try:
            self._git.reach(
                *(part for setting in settings for part in ("-c", setting)),
                *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no"),
                *("--filter=blob:none", *what),
                given=given,
            )
        finally:
            self._fetched(max(0, size_of(self._git.folder) - before))
            self._forget_filter()
            self._blobs.close()

    def _forget_filter(self) -> None:
        """Else git would fetch whatever is missing by itself, again and again where it is damaged."""
        for key in ("promisor", "partialclonefilter"):
            with contextlib.suppress(GitFailed):
                self._git.run("config", "--unset-all", f"remote.origin.{key}")

    def _prepared(self) -> None:
        """A repository to fetch into, without what a killed git left behind."""
        folder = self._git.folder
        if not (folder / "HEAD").exists():
            shutil.rmtree(folder, ignore_errors=True)
            self._git.run("init", "--quiet", "--bare", "--template=", str(folder))
        for lock in folder.rglob("*.lock"):
            lock.unlink(missing_ok=True)
        for part in folder.glob("objects/pack/tmp_*"):
            part.unlink(missing_ok=True)
        self._git.run("config", "remote.origin.url", self._git.remote.address)
        self._forget_filter()

    def _is_here(self, tip: str) -> bool:
        """Whether this very commit was fetched, with as much history as is wanted now."""
        try:
            here = self._git.run("rev-parse", "--verify", "--quiet", _TIP).decode().strip()
            return here == tip and (self._git.folder / "lore-depth").read_text() == str(self._depth)
        except (GitFailed, OSError):
            return False

    def _lacking(self, blobs: set[str]) -> set[str]:
        said = self._git.run("rev-list", "--objects", "--missing=print", "--no-walk", _TIP, longest_s=120.0)
        lacking = {line[1:] for line in said.decode("utf-8", "replace").splitlines() if line.startswith("?")}
        return blobs & lacking

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time changes the copy. Raises Unreadable when another one does."""
        with open(self._keep / "lock", "a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Unreadable("another process reads the repository just now") from None
            yield


def _tip(said: str, wanted: str) -> tuple[str, str]:
    """The commit at a branch, and the branch's name, by what `git ls-remote --symref` says."""
    branch = wanted.removeprefix("refs/heads/") if wanted != "HEAD" else ""
    tip = ""
    for line in said.splitlines():
        value, _, name = line.partition("\t")
        if name == wanted and value.startswith("ref: refs/heads/"):
            branch = value.removeprefix("ref: refs/heads/")
        elif name == wanted:
            tip = value
    if not tip or not branch:
        raise Unreadable(
            f"there is no branch {branch} in the repository"
            if branch
            else "the repository is empty, or has no default branch: then name a `branch`"
        )
    return tip, checked_branch(branch)
