"""The kernel's wall around the parsing process: a seccomp filter that refuses sockets and programs.

Python's own hook (`worker.py`) sees what Python does; a PDF library that a file has taken over is not Python.
Run as a program, this tries the wall out and prints why there is none.
"""

import ctypes
import errno
import os
import struct
import sys

_SET_SECCOMP, _SET_NO_NEW_PRIVILEGES, _FILTER = 22, 38, 2
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_CALL_AT, _MACHINE_AT = 0, 4
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.EPERM
_X32 = 0x40000000  # another way to number the same calls

MACHINES = {
    "x86_64": (0xC000003E, (41, 53, 59, 322, 101, 310, 311, 438, 425)),
    "aarch64": (0xC00000B7, (198, 199, 221, 281, 117, 270, 271, 438, 425)),
}
"""How the kernel marks the calls of a machine, and its numbers there of those that are refused.

These are socket, socketpair, execve, execveat, ptrace, process_vm_readv, process_vm_writev, pidfd_getfd
(which takes another process's sockets) and io_uring_setup (which makes calls without calling).
"""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def build(machine: str | None = None) -> str | None:
    """Have the kernel refuse this process, and all it starts, sockets and programs from now on.

    Returns why there is no wall where the kernel or the `machine` (this one's name) has none: then nothing is
    changed. Call it while there is one thread.
    """
    if sys.platform != "linux":
        return "only Linux has one"
    name = machine or os.uname().machine
    if name not in MACHINES or sys.maxsize < 2**32:
        return f"none is known for {name}"
    code = _filter(*MACHINES[name])
    program = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(
        _SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0
    ):
        return f"the kernel refuses it ({os.strerror(ctypes.get_errno())})"
    return None


def _filter(machine: int, refused: tuple[int, ...]) -> bytes:
    """In the kernel's own language: eight bytes an instruction, which may skip the next one if not true."""
    steps = [
        (_LOAD, 0, 0, _MACHINE_AT),
        (_IF_EQUAL, 1, 0, machine),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, _CALL_AT),
        (_IF_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _REFUSE),
    ]
    for call in refused:
        steps += [(_IF_EQUAL, 0, 1, call), (_RETURN, 0, 0, _REFUSE)]
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _tried() -> str | None:
    """Why there is no wall, also where one was built that lets a socket through."""
    why = build()
    if why is None and ctypes.CDLL(None).socket(2, 1, 0) >= 0:
        return "the kernel took it and lets sockets through"
    return why


if __name__ == "__main__":
    sys.stdout.write(_tried() or "")
