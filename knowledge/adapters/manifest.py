"""What an index generation says of itself: its version, and a digest of every file that stays as built."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from knowledge.adapters.chroma import stays
from knowledge.errors import IndexDamaged

CHROMA, LEXICAL = "chroma", "lexical"
_MANIFEST = "manifest.json"

FORMAT = 2
"""Raised when the form of a generation changes: those of another form are built anew from the record."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation holds, written into it after it was probed.

    `changes` counts chunks added and removed since the last fresh build. `files` maps each file (relative
    path) to its sha256; `chroma` is the digest of what Chroma's own database says, whose file changes
    whenever it is opened.
    """

    version: int
    embedder: str
    chunks: int
    changes: int
    chroma: str
    files: dict[str, str]
    format: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Any) -> "Manifest":
        """Raises IndexDamaged for anything else than what `as_json` gives."""
        try:
            made = cls(**value)
            whole = all(isinstance(n, int) for n in (made.version, made.chunks, made.changes))
            named = all(isinstance(k, str) and isinstance(v, str) for k, v in made.files.items())
        except (TypeError, AttributeError) as error:
            raise IndexDamaged(f"not a manifest: {error}") from error
        if made.format != FORMAT:
            raise IndexDamaged(f"a generation of form {made.format}, not {FORMAT}")
        if not (whole and named and isinstance(made.embedder, str) and isinstance(made.chroma, str)):
            raise IndexDamaged("not a manifest: a field is of another type")
        return made


def read_manifest(generation: Path) -> Manifest | None:
    """The manifest of a generation; None when it was never finished or cannot be read."""
    try:
        return Manifest.from_json(json.loads((generation / _MANIFEST).read_bytes()))
    except (OSError, ValueError, RecursionError, IndexDamaged):
        return None


def write_manifest(generation: Path, manifest: Manifest) -> None:
    """Declare a generation finished, durably."""
    replace_file(generation / _MANIFEST, json.dumps(manifest.as_json()).encode())


def replace_file(path: Path, content: bytes) -> None:
    """Put new content in place of a file in one step that survives power loss."""
    new = path.with_name(f"{path.name}.new")
    with new.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
    fsync_path(path.parent)


def check_files(folder: Path, manifest: Manifest) -> None:
    """Compare every file with its digest. Raises IndexDamaged for one that is missing or changed."""
    for name, digest in manifest.files.items():
        try:
            same = _sha256(folder / name) == digest
        except OSError as error:
            raise IndexDamaged(f"{folder / name} cannot be read: {error.strerror}") from error
        if not same:
            raise IndexDamaged(f"{folder / name} is not what was built")


def fsync_path(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsynced(folder: Path) -> dict[str, str]:
    """Put everything on disk; the digests of the files that stay as they are."""
    files: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        fsync_path(path)
        if path.is_file() and path.suffix != ".lock" and stays(path):
            files[path.relative_to(folder).as_posix()] = _sha256(path)
    return files


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
