"""Runs git with nothing but what it is told: no settings, hooks, helpers, prompts or protocols of others."""

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.readers.git_remote import Remote
from ingest.redaction import redact
from knowledge.errors import Unreadable

MOST_BYTES = 2_000_000_000
_PATH = f"/usr/local/bin:/opt/homebrew/bin:{os.defpath}"
_STEP_S = 0.1
_LONGEST_READ_S = 60.0
_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.askPass=",
    "credential.helper=",
    "credential.interactive=false",
    "fetch.recurseSubmodules=false",
    "submodule.recurse=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "http.followRedirects=false",
    "http.proxy=",
    "http.lowSpeedLimit=1",
    "http.lowSpeedTime=60",
    "log.showSignature=false",
    "protocol.version=2",
    "safe.directory=*",
    "transfer.bundleURI=false",
)
_SSH = (
    "ssh", "-F", "/dev/null", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes",
    "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=10", "-o", "ServerAliveCountMax=3",
    "-o", "ForwardAgent=no", "-o", "ForwardX11=no", "-o", "PermitLocalCommand=no",
    "-o", "ClearAllForwardings=yes",
)  # fmt: skip


class GitFailed(Unreadable):
    """git ended with an error; `said` is what it wrote about it, for judging and not for people."""

    def __init__(self, reason: str, said: str = "") -> None:
        super().__init__(reason)
        self.said = said


@dataclass(frozen=True, slots=True)
class Git:
    """git in one bare repository. `remote` is what it may reach over the network, and nothing else."""

    folder: Path
    remote: Remote
    stopped: Callable[[], bool]

    def run(self, *arguments: str, longest_s: float = 60.0, given: str = "") -> bytes:
        """What a command that stays on this machine prints. Raises GitFailed, and Unreadable when stopped."""
        return self._run(arguments, self._environment(network=False), longest_s, given)

    def reach(self, *arguments: str, longest_s: float = 600.0, given: str = "") -> bytes:
        """What a command that reaches the remote prints. Raises as `run` does."""
        return self._run(arguments, self._environment(network=True), longest_s, given)

    def blobs(self) -> "Blobs":
        """Reads what is in the repository's blobs."""
        return Blobs(self._command("cat-file", "--batch"), self._environment(network=False))

    def _command(self, *arguments: str) -> list[str]:
        settings = [part for setting in (*_SETTINGS, *self.remote.settings) for part in ("-c", setting)]
        return ["git", *settings, f"--git-dir={self.folder}", *arguments]

    def _environment(self, network: bool) -> Mapping[str, str]:
        secret = list(self.remote.secret_settings.items()) if network else []
        return {
            "PATH": _PATH,
            "HOME": "/nonexistent",
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "/bin/false",
            "SSH_ASKPASS": "/bin/false",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_LFS_SKIP_SMUDGE": "1",
            "GIT_ALLOW_PROTOCOL": self.remote.scheme if network else "none",
            "GIT_SSH_VARIANT": "ssh",
            "GIT_SSH_COMMAND": " ".join(_quoted(part) for part in (*_SSH, *self.remote.ssh_options)),
            "GIT_CONFIG_COUNT": str(len(secret)),
            **{f"GIT_CONFIG_KEY_{at}": name for at, (name, _) in enumerate(secret)},
            **{f"GIT_CONFIG_VALUE_{at}": value for at, (_, value) in enumerate(secret)},
        }

    def _run(
        self, arguments: Sequence[str], environment: Mapping[str, str], longest_s: float, given: str
    ) -> bytes:
        new = tempfile.TemporaryFile
        with new() as asked, new() as out, new() as err:
            asked.write(given.encode())
            asked.seek(0)
            try:
                child = subprocess.Popen(
                    self._command(*arguments),
                    stdin=asked,
                    stdout=out,
                    stderr=err,
                    env=environment,
                    start_new_session=True,
                )
            except FileNotFoundError:
                raise GitFailed("git is not installed on this machine: install it") from None
            self._wait(child, longest_s)
            out.seek(0)
            err.seek(0)
            said = err.read(100_000).decode("utf-8", "replace")
            if child.returncode != 0:
                raise GitFailed(_reason(said), said)
            return out.read()

    def _wait(self, child: "subprocess.Popen[bytes]", longest_s: float) -> None:
        """Wait for git, and end it when it takes too long, takes too much room, or nobody wants it."""
        until = time.monotonic() + longest_s
        try:
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(_STEP_S)
                    return
                if self.stopped():
                    raise Unreadable("it was stopped")
                if time.monotonic() > until:
                    raise GitFailed(f"git took longer than {longest_s:g} s")
                if size_of(self.folder) > MOST_BYTES:
                    raise GitFailed(
                        f"the repository is larger than {MOST_BYTES / 1e9:g} GB: set `history` to less"
                    )
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


class Blobs:
    """One `git cat-file --batch`, started when first asked, for one thread; it ends when this is gone."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command = command
        self._environment = environment
        self._child: subprocess.Popen[bytes] | None = None

    def read(self, blob: str, most_bytes: int) -> bytes:
        """The bytes of a blob. Raises Unreadable when it is too large, GitFailed when it is not there."""
        child = self._started()
        timer = threading.Timer(_LONGEST_READ_S, child.kill)
        timer.start()
        try:
            return self._asked(child, blob, most_bytes)
        except BrokenPipeError:
            self.close()
            raise GitFailed("the repository's copy is damaged") from None
        finally:
            timer.cancel()

    def _asked(self, child: "subprocess.Popen[bytes]", blob: str, most_bytes: int) -> bytes:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(f"{blob}\n".encode())
        child.stdin.flush()
        header = child.stdout.readline().split()
        if len(header) != 3 or header[1] != b"blob":
            self.close()
            raise GitFailed("a file of the repository was not fetched")
        size = int(header[2])
        if size > most_bytes:
            self.close()
            raise Unreadable(
                f"too large: {size / 1e6:,.1f} MB, the limit is {most_bytes / 1e6:,.1f} MB (`max_megabytes`)"
            )
        data = child.stdout.read(size)
        child.stdout.read(1)
        if len(data) != size:
            self.close()
            raise GitFailed("the repository's copy is damaged")
        return data

    def close(self) -> None:
        """End git; a later read starts it again."""
        child, self._child = self._child, None
        if child is not None:
            _end(child)

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._child is None:
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=self._environment,
                start_new_session=True,
            )
            weakref.finalize(self, _end, self._child)
        return self._child


def size_of(folder: Path) -> int:
    """The bytes of all files below a folder, as far as they can be seen."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size
    return total


def _end(child: "subprocess.Popen[bytes]") -> None:
    for pipe in (child.stdin, child.stdout):
        with contextlib.suppress(BrokenPipeError):
            pipe.close()  # type: ignore[union-attr]
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


_REASONS = (
    (r"Authentication failed|could not read (?:Username|Password)|returned error: 40[13]|terminal prompts",
     "the server refuses access: check the token that `token` names, and that it may read the repository"),
    (r"Permission denied \(|Host key verification failed|no such identity",
     "ssh was refused: the key must be allowed to read the repository, and the host's own key must be in "
     "~/.ssh/known_hosts of who runs Lore (`ssh-keyscan` shows it)"),
    (r"returned error: 30\d|unable to update url base|redirect",
     "the repository has moved: change its address"),
    (r"Repository not found|returned error: 404|not found|does not appear to be a git repository"
     r"|does not exist|not a git repository",
     "there is no such repository, or its account may not know of it: check the address and the token"),
    (r"returned error: 429", "the server asks for patience (429): the next sync tries again"),
    (r"returned error: 5\d\d|Could not resolve|Connection (?:refused|reset)|timed out|Failed to connect"
     r"|early EOF|unexpected disconnect|Operation too slow|hung up",
     "the server cannot be reached or broke off: the next sync tries again"),
    (r"dumb http", "the server speaks only an old protocol of git, without which no part can be fetched"),
    (r"certificate|SSL", "the server's certificate is not trusted"),
    (r"No space left", "the disk is full"),
)  # fmt: skip


def _reason(said: str) -> str:
    """What to tell people, by what git wrote; a cause that is not known is told in git's own last words."""
    for pattern, reason in _REASONS:
        if re.search(pattern, said, re.IGNORECASE):
            return reason
    words = [line.removeprefix("fatal: ") for line in said.splitlines() if line.startswith("fatal: ")]
    return f"git failed: {redact(words[-1]).text[:200]}" if words else "git failed"


def _quoted(part: str) -> str:
    return "'" + part.replace("'", "'\\''") + "'"
