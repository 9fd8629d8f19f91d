"""Locks between processes: an OS lock on a file that says who holds it and what for."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from knowledge.errors import Busy, StoreError

_POLL_S = 0.1


@contextmanager
def held(path: Path, purpose: str, wait_s: float = 0.0) -> Iterator[None]:
    """Hold the lock at `path` for the time of the block; the OS lets go of it when the process dies.

    Raises Busy, naming the process that holds it and what for, when it is not free within `wait_s`
    seconds; StoreError when the file cannot be made.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"cannot make the lock file {path}: {error.strerror}") from error
    try:
        _take(descriptor, path, purpose, wait_s)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()} {purpose}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)  # lets go of the lock


def _take(descriptor: int, path: Path, purpose: str, wait_s: float) -> None:
    until = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise Busy(_refusal(descriptor, path, purpose)) from None
            time.sleep(_POLL_S)
        except OSError as error:
            raise StoreError(f"cannot lock {path}: {error.strerror}") from error
        else:
            return


def _refusal(descriptor: int, path: Path, purpose: str) -> str:
    holder = os.pread(descriptor, 400, 0).decode(errors="replace").strip()
    pid, _, doing = holder.partition(" ")
    who = f"process {pid} ({doing})" if pid.isdigit() else "another process"
    return f"cannot {purpose}: {who} holds {path}; wait for it or stop it"
