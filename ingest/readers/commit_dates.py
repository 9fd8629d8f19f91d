"""When each file of a folder was last changed, as Git tells it, in one pass over the history."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_LONGEST_S = 120
_COMMIT = "\x01"
LOG = ("--no-merges", "--name-status", "-M100%", "-z", f"--format=format:{_COMMIT}%ct\x02%ae\x02%P")
"""What `git log` is asked for: whatever `changes` understands."""

_PATH = f"/usr/local/bin:/opt/homebrew/bin:{os.defpath}"


@dataclass(frozen=True, slots=True)
class Change:
    """A commit that changed a file: when it was committed, and its author's e-mail address as it says."""

    at: datetime
    author: str


def commit_dates(root: Path) -> Mapping[str, datetime]:
    """The commit date of each tracked file below `root`, by its path relative to `root`.

    Empty when the folder is in no Git repository. A pure rename does not make a file younger. Where a
    shallow clone's history ends, nothing is known: its oldest commit seems to add every file.
    """
    prefix = _git(root, "rev-parse", "--show-prefix")
    if prefix is None:
        return {}
    shallow = (_git(root, "rev-parse", "--is-shallow-repository") or "").strip() == "true"
    log = _git(root, "log", *LOG, "--", ".")
    return {path: change.at for path, change in changes(log or "", prefix.strip("\n"), shallow).items()}


def changes(log: str, prefix: str, shallow: bool) -> dict[str, Change]:
    """The last change of each file below `prefix`, by its path there, of what `git log` with LOG prints."""
    found: dict[str, Change] = {}
    now_called: dict[str, str] = {}
    change: Change | None = None
    fields = iter(log.replace("\n", "\0").split("\0"))
    for field in fields:
        if field.startswith(_COMMIT):
            seconds, author, parents = field[1:].split("\x02")
            at = datetime.fromtimestamp(int(seconds), UTC)
            change = None if shallow and not parents else Change(at, author)
        elif field.startswith("R"):
            old, new = next(fields, ""), next(fields, "")
            now_called.setdefault(old, now_called.get(new, new))
        elif field:
            name = next(fields, "")
            name = now_called.get(name, name)
            if change is not None and name.startswith(prefix):
                found.setdefault(name[len(prefix) :], change)
    return found


def _git(root: Path, *arguments: str) -> str | None:
    """Git's answer; None when there is no Git or no repository. Its own settings and hooks stay out."""
    environment = {"PATH": _PATH, "GIT_CONFIG_NOSYSTEM": "1", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    command = ["git", "-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false"]
    try:
        done = subprocess.run(
            [*command, "-C", str(root), *arguments],
            capture_output=True,
            timeout=_LONGEST_S,
            env=environment,
            check=False,
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return None
    return os.fsdecode(done.stdout) if done.returncode == 0 else None
