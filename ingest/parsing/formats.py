"""Which format a file is in, by its contents first and its name second, and what converts it."""

import re
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import PurePosixPath

from ingest.parsing.converted import Converted, Part
from knowledge.errors import Unreadable

BY_ENDING = {
    ".md": "markdown", ".markdown": "markdown", ".mdx": "markdown", ".mkd": "markdown",
    ".txt": "text", ".text": "text", ".log": "text",
    ".html": "html", ".htm": "html", ".xhtml": "html",
    ".rst": "rst", ".rest": "rst",
    ".ipynb": "notebook",
    ".pdf": "pdf",
    ".csv": "table", ".tsv": "table",
    ".json": "records", ".jsonl": "records", ".ndjson": "records",
    ".yaml": "yaml", ".yml": "yaml",
    ".docx": "office", ".docm": "office", ".dotx": "office",
    ".pptx": "office", ".pptm": "office", ".ppsx": "office", ".potx": "office",
    ".xlsx": "office", ".xlsm": "office", ".xltx": "office",
    ".eml": "mail", ".mbox": "mbox",
}  # fmt: skip
_TEXT_NAMES = {"readme", "changelog", "notes", "authors", "contributing", "todo", "news", "history"}
_NOT_READ_YET = {
    ".doc": "Old Word", ".ppt": "Old PowerPoint", ".xls": "Old Excel", ".xlsb": "Binary Excel",
    ".odt": "OpenDocument", ".ods": "OpenDocument", ".odp": "OpenDocument",
    ".rtf": "Rich Text", ".epub": "EPUB", ".org": "Org", ".adoc": "AsciiDoc", ".tex": "LaTeX",
    ".pages": "Pages", ".parquet": "Parquet", ".msg": "Outlook message", ".pst": "Outlook mailbox",
    ".zip": "archive", ".gz": "archive", ".tgz": "archive", ".tar": "archive",
}  # fmt: skip

_MAGIC = (
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a media file"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"PK\x05\x06", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"SQLite format 3\x00", "a database"),
    (b"PAR1", "a Parquet file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x80\x04\x95", "a pickle"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"OggS", "a media file"),
    (b"ID3", "a media file"),
)
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s{0,1000}(?:<\?xml[^>]{0,200}>\s{0,100})?"
    rb"(?:<!--(?:(?!-->).){0,2000}-->\s{0,100}){0,5}(?:<!doctype\s+html|<html[\s>])",
    re.IGNORECASE | re.DOTALL,
)

_MAIL = ("mail", "mbox")
_CONVERTERS = {
    "markdown": "text:convert_text",
    "text": "text:convert_text",
    "yaml": "text:convert_yaml",
    "html": "html:convert_html",
    "rst": "rst:convert_rst",
    "notebook": "notebook:convert_notebook",
    "pdf": "pdf:convert_pdf",
    "table": "tabular:convert_table",
    "records": "tabular:convert_records",
    "run": "runs:convert_run",
    "office": "office:convert_office",
    "mail": "mail:convert_mail",
    "mbox": "mail:convert_mbox",
    "thread": "mail:convert_thread",
    "links": "links:convert_links",
    "sitemap": "sitemap:convert_sitemap",
    "paper": "papers:convert_paper",
    "mediawiki": "mediawiki:convert_mediawiki",
    "confluence": "confluence:convert_confluence",
}


def named_format(path: str) -> str | None:
    """The format that a file's name promises; None when Lore does not read such files."""
    place = PurePosixPath(path)
    if not place.suffix and place.stem.lower() in _TEXT_NAMES:
        return "text"
    return BY_ENDING.get(place.suffix.lower())


def why_not_read(path: str) -> str | None:
    """A reason for the report where a person would expect a file of this name to be read."""
    kind = _NOT_READ_YET.get(PurePosixPath(path).suffix.lower())
    return f"{kind} files are not read yet" if kind else None


def actual_format(named: str, data: bytes) -> str:
    """The format that the bytes are in, whatever the name promises.

    Raises Unreadable when they are something that is not read, or not what only its name says it is.
    """
    if named == "office":
        return _office(data)
    if named in _MAIL:
        return named
    if b"%PDF-" in data[:1024]:
        return "pdf"
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise Unreadable(f"the contents are {what}, not what the name says")
    if named == "pdf":
        raise Unreadable("not a PDF: its header is missing")
    return "html" if named != "html" and _HTML.match(data) else named


def _office(data: bytes) -> str:
    """Which office document it is, the archive says when it is opened (in the sandbox)."""
    if data.startswith(b"PK\x03\x04"):
        return "office"
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("it has a password, or is an old office document: save it anew without one")
    raise Unreadable("not an office document: its header is missing")


def convert(kind: str, parts: Sequence[Part]) -> Converted:
    """Convert with the module that the format names, imported only now. Raises Unreadable."""
    module, _, name = _CONVERTERS[kind].partition(":")
    converter: Callable[[Sequence[Part]], Converted] = getattr(
        import_module(f"ingest.parsing.{module}"), name
    )
    return converter(parts)
