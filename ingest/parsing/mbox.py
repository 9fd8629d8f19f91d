"""Where the messages of a mailbox file (mbox) begin and end, and which of them are one thread."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_FROM = re.compile(rb"From \S.{0,300}\d{1,2}:\d\d.{0,60}\d{4}\s*$")
_HEADERS = re.compile(
    rb"^(message-id|in-reply-to|references)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE | re.MULTILINE
)
_KEY = re.compile(rb"<([^<>\s]{1,400})>")
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_MOST_HEADER = 64_000


@dataclass(frozen=True, slots=True)
class Letter:
    """One message: where its own bytes are in the file, their digest, its id, and those of what it answers,
    first the one that began the thread. Without an id of its own the digest stands for it."""

    start: int
    end: int
    digest: str
    key: str
    answers: tuple[str, ...]


def letters_of(blocks: Iterable[bytes]) -> Iterator[Letter]:
    """The messages of a mailbox, in its order; a `From ` line at the start or after an empty line begins one.

    What stands before the first such line is no message.
    """
    begun: _Begun | None = None
    position = 0
    blank = True
    for line in _lines(blocks):
        if blank and line.startswith(b"From ") and _FROM.match(line[:400].rstrip()):
            if begun is not None:
                yield begun.letter(position)
            begun = _Begun(position + len(line))
        elif begun is not None:
            begun.take(line)
        position += len(line)
        blank = not line.strip()
    if begun is not None:
        yield begun.letter(position)


def threads_of(letters: Sequence[Letter]) -> dict[str, list[Letter]]:
    """Messages by thread; the key of one is the id of the message that began it, whether that is here or not.

    A message joins what it answers and what it says began the thread.
    """
    above: dict[str, str] = {}

    def root(key: str) -> str:
        while above.get(key, key) != key:
            above[key] = above.get(above[key], above[key])
            key = above[key]
        return key

    for letter in letters:
        if letter.answers:
            top = root(letter.answers[0])
            for key in (letter.answers[-1], letter.key):
                if (found := root(key)) != top:
                    above[found] = top
    threads: dict[str, list[Letter]] = {}
    for letter in letters:
        threads.setdefault(root(letter.key), []).append(letter)
    return threads


def unescaped(letter: bytes) -> bytes:
    """A message as it was before a mailbox put `>` before its lines that begin with `From `."""
    return _ESCAPED.sub(rb"\1", letter)


class _Begun:
    """A message while its lines come."""

    def __init__(self, start: int) -> None:
        self._start = start
        self._hash = hashlib.sha256()
        self._head = bytearray()
        self._in_head = True

    def take(self, line: bytes) -> None:
        self._hash.update(line)
        if self._in_head:
            self._in_head = bool(line.strip()) and len(self._head) < _MOST_HEADER
            self._head += line[:_MOST_HEADER]

    def letter(self, end: int) -> Letter:
        digest = self._hash.hexdigest()
        found: dict[bytes, list[str]] = {}
        for name, value in _HEADERS.findall(bytes(self._head)):
            keys = [key.decode("ascii", "backslashreplace") for key in _KEY.findall(value)]
            found.setdefault(name.lower(), keys)
        own = (found.get(b"message-id") or [digest[:32]])[0]
        answers = [*found.get(b"references", ()), *found.get(b"in-reply-to", ())[:1]]
        others = tuple(key for key in answers if key != own)
        return Letter(self._start, end, digest, own, others)


def _lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines with their ends."""
    rest: list[bytes] = []
    for block in blocks:
        *whole, last = block.split(b"\n")
        for piece in whole:
            yield b"".join((*rest, piece, b"\n"))
            rest = []
        if last:
            rest.append(last)
    if rest:
        yield b"".join(rest)
