"""Lists the threads of a mailbox file (mbox), each a document; reads of the file what belongs to one."""

import hashlib
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from ingest.parsing.converted import Part
from ingest.parsing.formats import named_format
from ingest.parsing.mbox import Letter, letters_of, threads_of
from ingest.readers.files import Found, as_path, blocks_of, read_stretches, too_large
from ingest.readers.pages import document_of_parts
from ingest.sources import Item, Skipped, Source
from knowledge.documents import Document
from knowledge.errors import Unreadable

MOST_MESSAGES = 500
_LONGEST_KEY = 120
_READABLE = "@.+-_=$~!'(),:; "


def threads(source: Source, found: Found, version: str) -> Iterator[Item | Skipped]:
    """A document for each thread of a mailbox, in the order in which they begin there."""
    if found.size > source.max_bytes:
        yield skipped(found.path, too_large(found.size, source.max_bytes))
        return
    try:
        letters = list(letters_of(blocks_of(source, found.parts)))
    except Unreadable as error:
        yield skipped(found.path, str(error))
        return
    if not letters:
        empty = "the file is empty" if found.size == 0 else "not a mailbox: no message begins in it"
        yield skipped(found.path, empty)
    for key, thread in threads_of(letters).items():
        yield _listed(source, found, key, thread, version)


def skipped(path: str, reason: str) -> Skipped:
    """What was not read; of a mailbox, all that is known of it stays."""
    return Skipped(f"{path}/" if named_format(path) == "mbox" else path, reason)


def thread_path(mailbox: str, key: str) -> str:
    """The stable path of a thread: its mailbox, and the id of the message that began it."""
    name = quote(key, safe=_READABLE)
    if len(name) > _LONGEST_KEY or name.strip(". ") != name:
        name = f"{name[:_LONGEST_KEY].strip('. ')}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    return f"{mailbox}/{as_path((name,))}"


def _listed(source: Source, found: Found, key: str, thread: Sequence[Letter], version: str) -> Item | Skipped:
    path = thread_path(found.path, key)
    if len(thread) > MOST_MESSAGES:
        return Skipped(path, f"the thread has {len(thread):,} messages, the limit is {MOST_MESSAGES}")
    digests = [letter.digest for letter in thread]
    digest = hashlib.sha256(repr((digests, version)).encode()).hexdigest()
    return Item(path, digest, lambda: _load(source, found, path, thread, digest))


def _load(source: Source, found: Found, path: str, thread: Sequence[Letter], digest: str) -> Document:
    stretches = read_stretches(source, found.parts, [(letter.start, letter.end) for letter in thread])
    for data, letter in zip(stretches, thread, strict=True):
        if hashlib.sha256(data).hexdigest() != letter.digest:
            raise Unreadable("the mailbox has changed since it was listed: it is read at the next sync")
    return document_of_parts(source, path, "thread", [Part(found.path, data) for data in stretches], digest)
