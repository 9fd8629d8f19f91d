"""Converters that misbehave, for the parsing process to survive; the format says how."""

import ctypes
import os
import signal
import socket
import struct
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from ingest.parsing.converted import Converted, Part


def convert(kind: str, parts: Sequence[Part]) -> Converted:
    """Do what the format says; anything else is read as it is."""
    misbehave = _WAYS.get(kind)
    if misbehave is not None:
        misbehave()
    return Converted(b"".join(part.data for part in parts).decode())


def _segfault() -> None:
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    signal.raise_signal(signal.SIGSEGV)


def _loop() -> None:
    while True:
        pass


def _sleep() -> None:
    signal.pause()


def _eat() -> None:
    hoard = [bytes(1 << 26) for _ in range(1000)]
    del hoard


def _recurse(depth: int = 0) -> int:
    return _recurse(depth + 1) + 1


def _connect_natively() -> None:
    """What a library does that is not written in Python."""
    libc = ctypes.CDLL(None, use_errno=True)
    made = libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
    address = struct.pack("=H", socket.AF_INET) + struct.pack(">H4B8x", 9, 127, 0, 0, 1)
    if made < 0 or libc.connect(made, address, len(address)):
        raise OSError(ctypes.get_errno(), "it is refused")


def _run_natively() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.execl(b"/bin/true", b"true", None)
    raise OSError(ctypes.get_errno(), "it is refused")


_WAYS: dict[str, Callable[[], object]] = {
    "segfault": _segfault,
    "exit": lambda: os._exit(3),
    "loop": _loop,
    "sleep": _sleep,
    "memory": _eat,
    "recursion": _recurse,
    "error": lambda: dict[str, str]()["key"],
    "network": lambda: socket.create_connection(("127.0.0.1", 9)),
    "native network": _connect_natively,
    "native program": _run_natively,
    "fork": os.fork,
    "program": lambda: subprocess.run(["true"], check=True),
    "chatter": lambda: print("12345\n" * 10),
    "write": lambda: Path("poison").write_text("x"),
    "password": lambda: os.write(1, b"9\n{}"),
}
