"""Folders to read, and what the real reader makes of them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.readers import read
from ingest.sources import Item, Source
from knowledge.audience import EVERYONE
from knowledge.documents import Document
from knowledge.errors import Unreadable


def source(path: Path, kind: str = "folder", **fields: Any) -> Source:
    made = Source("wiki", kind, path, EVERYONE, "run" if kind == "runs" else "wiki")
    return replace(made, **fields)


def write(root: Path, files: Mapping[str, str | bytes | object]) -> Path:
    """Write files below a folder: text, bytes, or anything else as JSON."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(content, str | bytes):
            content = json.dumps(content)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def outcomes(of: Source) -> dict[str, Document | str]:
    """Each path of a source with its document, or the reason why there is none."""
    found: dict[str, Document | str] = {}
    for one in read(of):
        assert one.path not in found
        if isinstance(one, Item):
            try:
                found[one.path] = one.load()
                assert found[one.path].digest == one.digest
            except Unreadable as error:
                found[one.path] = str(error)
        else:
            found[one.path] = one.reason
    return found


def loaded(root: Path, name: str, content: str | bytes | object, **fields: Any) -> Document:
    """The one document that a folder with one file gives."""
    found = outcomes(source(write(root, {name: content}), **fields))
    assert list(found) == [name]
    document = found[name]
    assert isinstance(document, Document), document
    return document


def refused(root: Path, name: str, content: str | bytes | object, **fields: Any) -> str:
    """Why the one file of a folder is not read."""
    found = outcomes(source(write(root, {name: content}), **fields))
    assert list(found) == [name]
    reason = found[name]
    assert isinstance(reason, str), reason
    return reason
