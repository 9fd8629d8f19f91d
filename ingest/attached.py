"""One file that somebody attached becomes a document: in the sandbox, without secrets, for one question."""

from datetime import datetime
from pathlib import PurePosixPath

from ingest.parsing.converted import Converted, Part
from ingest.parsing.formats import actual_format, named_format, why_not_read
from ingest.parsing.process import convert, quick_process
from ingest.parsing.text import fenced
from ingest.readers.files import as_path
from ingest.redaction import redact_pages
from knowledge.audience import Audience
from knowledge.documents import Document
from knowledge.errors import Unreadable

MOST_CHARACTERS = 400_000
LONGEST_NAME = 120

_CODE = {
    ".py": "python", ".pyi": "python", ".js": "javascript", ".mjs": "javascript", ".ts": "typescript",
    ".tsx": "tsx", ".jsx": "jsx", ".java": "java", ".kt": "kotlin", ".go": "go", ".rs": "rust", ".c": "c",
    ".h": "c", ".cc": "cpp", ".cpp": "cpp", ".hpp": "cpp", ".cu": "cuda", ".cs": "csharp", ".rb": "ruby",
    ".php": "php", ".swift": "swift", ".scala": "scala", ".r": "r", ".jl": "julia", ".lua": "lua",
    ".pl": "perl", ".sh": "bash", ".bash": "bash", ".zsh": "bash", ".ps1": "powershell", ".sql": "sql",
    ".css": "css", ".scss": "scss", ".toml": "toml", ".ini": "ini", ".cfg": "ini", ".conf": "ini",
    ".env": "ini", ".xml": "xml", ".diff": "diff", ".patch": "diff", ".dockerfile": "dockerfile",
    ".tf": "terraform", ".proto": "protobuf", ".m": "matlab", ".tex": "latex",
}  # fmt: skip
_CODE_NAMES = {"dockerfile": "dockerfile", "makefile": "makefile", "procfile": "", "jenkinsfile": "groovy"}
_IMAGES = frozenset(
    (".png", ".jpg", ".jpeg", ".gif", ".webp", ".heic", ".bmp", ".tif", ".tiff", ".svg", ".ico")
)
_SOUNDS = frozenset((".mp3", ".m4a", ".wav", ".ogg", ".mp4", ".mov", ".webm", ".avi", ".mkv"))


def why_never_read(name: str, mimetype: str) -> str | None:
    """Why a file of this name and kind is not even fetched; None for one that may be read."""
    ending = PurePosixPath(name).suffix.lower()
    if ending in _IMAGES or (mimetype.startswith("image/") and named_format(name) is None):
        return "images are not read, there is no model that sees"
    if ending in _SOUNDS or mimetype.startswith(("audio/", "video/")):
        return "sound and films are not read"
    if _format(name, mimetype) is None:
        return why_not_read(name) or "files of this type are not read"
    return None


def plain_name(name: str) -> str:
    """The last part of a file's name, with nothing in it that could be taken for a path or not be seen."""
    last = PurePosixPath(name.replace("\\", "/")).name.lstrip(".") or "file"
    return as_path((last,))[:LONGEST_NAME]


def document_of(
    source: str,
    path: str,
    name: str,
    mimetype: str,
    data: bytes,
    audience: Audience,
    url: str | None = None,
    updated_at: datetime | None = None,
) -> Document:
    """The document `source/path` for a file's bytes, whatever its name says they are.

    Its first MOST_CHARACTERS are kept; `notes` say so, and what else a reader should know. Raises Unreadable.
    """
    converted = _converted(_format(name, mimetype) or "text", name, data)
    notes = list(converted.notes)
    if len(converted.text) > MOST_CHARACTERS:
        notes.append(f"only its first {MOST_CHARACTERS:,} characters are read")
    kept = [at for at in converted.pages if at < MOST_CHARACTERS]
    redacted, pages = redact_pages(converted.text[:MOST_CHARACTERS], kept)
    if not redacted.text.strip():
        raise Unreadable("there is no text in it")
    return Document(
        source=source,
        path=path,
        title=f"{source} {path}",
        text=redacted.text,
        audience=audience,
        digest="",
        kind="file",
        pages=pages,
        lines_are_the_files=converted.lines_are_the_files,
        url=url,
        updated_at=updated_at,
        redactions=redacted.count,
        redacted=redacted.found,
        notes=tuple(notes),
    )


def _format(name: str, mimetype: str) -> str | None:
    """The format that name and type promise; a code's language as `code:python`."""
    place = PurePosixPath(name)
    if (known := named_format(name)) is not None:
        return known
    language = _CODE.get(place.suffix.lower(), _CODE_NAMES.get(place.name.lower()))
    if language is not None:
        return f"code:{language}"
    if why_not_read(name) is None and mimetype.startswith("text/"):
        return "text"
    return None


def _converted(kind: str, name: str, data: bytes) -> Converted:
    named, colon, language = kind.partition(":")
    actual = actual_format("text" if colon else named, data)
    if colon and actual == "text":
        text = convert("text", [Part(name, data)])
        return Converted(fenced(text.text, language), notes=text.notes)
    return convert(actual, [Part(name, data)], quick_process)
