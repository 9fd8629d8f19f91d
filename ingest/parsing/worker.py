"""The process that parses: limited in memory, time and files, without network; one request after another.

The limits and the wall (`wall.py`) are the kernel's; a hook of Python's own refuses what Python would do.
A message is a line of JSON and then the bytes whose sizes the line gives. It ends when its input ends.
"""

import importlib
import json
import os
import resource
import sys
from dataclasses import fields
from typing import Any

from ingest.parsing import wall
from ingest.parsing.converted import Part
from knowledge.errors import Unreadable

_OPEN_FILES = 64
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_FORBIDDEN = (
    "socket.", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "os.kill",
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod",
    "os.chown", "os.utime", "shutil.", "subprocess.", "pty.", "ftplib.", "http.", "smtplib.", "urllib.",
)  # fmt: skip


def main(converters: str, memory_bytes: int) -> None:
    """Answer requests on stdin until it ends, with `convert` of the module named `converters`."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    _limit(memory_bytes)
    convert = importlib.import_module(converters).convert
    while line := requests.readline():
        request = json.loads(line)
        parts = [Part(part["name"], requests.read(part["size"])) for part in request["parts"]]
        _allow_cpu(request["cpu_s"])
        body = json.dumps(_answer(convert, request["format"], parts)).encode()
        answers.write(b"%d\n" % len(body))
        answers.write(body)
        answers.flush()


def _answer(convert: Any, kind: str, parts: list[Part]) -> dict[str, Any]:
    try:
        converted = convert(kind, parts)
        return {"converted": {each.name: getattr(converted, each.name) for each in fields(converted)}}
    except Unreadable as error:
        return {"unreadable": str(error)}
    except MemoryError:
        return {"unreadable": "parsing it takes too much memory", "exhausted": True}
    except RecursionError:
        return {"unreadable": "it is nested too deeply"}
    except Exception as error:  # noqa: BLE001 - any parser may fail in any way on a hostile file
        return {"unreadable": f"it cannot be parsed ({type(error).__name__})"}


def _limit(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    wall.build()  # where there is none, `lore doctor` says so
    sys.addaudithook(_forbid)


def _forbid(event: str, arguments: tuple[Any, ...]) -> None:
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING
    if writes or event.startswith(_FORBIDDEN):
        raise PermissionError(f"a parser may not use {event}")


def _allow_cpu(seconds: int) -> None:
    """The kernel counts a process's whole life; each request may use `seconds` more."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + seconds + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (until, hard))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
