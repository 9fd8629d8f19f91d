"""Who committed what to a repository on this machine: git's log in a process with limits."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest.redaction import redact

LONGEST_S = 10.0
MOST_BYTES = 1_000_000
MOST_COMMITS = 2_000
"""So many of the newest commits are looked at, whoever made them."""

_FIELD = "\x1f"
_FORMAT = _FIELD.join(("%H", "%ct", "%ae", "%s"))
_PATH = f"/usr/local/bin:/opt/homebrew/bin:{os.defpath}"
_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "log.showSignature=false",
    "safe.directory=*",
)
_ENVIRONMENT = {
    "PATH": _PATH,
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
}


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: its id, when it was committed, and its first line with secrets taken out."""

    id: str
    at: datetime
    subject: str


def commits_by(
    repository: Path, emails: Collection[str], since: datetime, until: datetime
) -> Sequence[Commit] | None:
    """The commits on any branch whose author's address is one of these (in small letters), merges left out,
    the newest first; None when git could not tell in time.

    The address is what the commit says: git proves nothing of it.
    """
    printed = _log(repository, since)
    if printed is None:
        return None
    found: list[Commit] = []
    for line in printed.split("\0"):
        fields = line.split(_FIELD)
        if len(fields) != 4 or not fields[1].isdigit() or fields[2].lower() not in emails:
            continue
        at = datetime.fromtimestamp(int(fields[1]), UTC)
        if since < at <= until:
            found.append(Commit(fields[0], at, redact(fields[3]).text))
    return found


def _log(repository: Path, since: datetime) -> str | None:
    settings = [part for one in _SETTINGS for part in ("-c", one)]
    asked = ("log", "--exclude=refs/stash", "--all", "--no-merges", "-z", f"--format=format:{_FORMAT}")
    limits = (f"--max-count={MOST_COMMITS}", f"--since=@{int(since.timestamp())}")
    try:
        child = subprocess.Popen(
            ["git", *settings, "-C", str(repository), *asked, *limits, "--"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            start_new_session=True,
        )
    except OSError:
        return None
    timer = threading.Timer(LONGEST_S, _end, (child,))
    timer.start()
    try:
        assert child.stdout is not None
        with child.stdout:
            printed = child.stdout.read(MOST_BYTES)
            cut = bool(child.stdout.read(1))
        if cut:
            _end(child)
        ended_well = child.wait() == 0
    finally:
        timer.cancel()
        _end(child)
    if not (ended_well or cut):
        return None
    text = printed.decode("utf-8", "replace")
    return text.rpartition("\0")[0] if cut else text


def _end(child: "subprocess.Popen[bytes]") -> None:
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
