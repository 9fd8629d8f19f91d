"""Pages of a web site as they were fetched: what is known of each since last time, and bodies kept aside."""

import hashlib
import json
import os
import tempfile
import threading
import weakref
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from ingest.parsing.converted import Part
from ingest.parsing.formats import named_format
from ingest.parsing.process import convert
from ingest.web import Fetched, Web
from knowledge.errors import StoreError, Unreadable

_SHAPE = 1
_KEPT_EVERY = 200
_JUST_NOW = timedelta(minutes=5)
_FORMATS = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/pdf": "pdf",
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
    "text/x-rst": "rst",
    "text/prs.fallenstein.rst": "rst",
    "text/csv": "table",
    "text/tab-separated-values": "table",
    "application/x-ipynb+json": "notebook",
}
_BY_NAME = ("", "text/plain", "application/octet-stream", "binary/octet-stream")


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it was last fetched.

    `digest` covers what is read of it: of an HTML page its words, so that tokens and times which change with
    every answer make no difference. `links` and `canonical` are as the page spells them,
    `changed_at` is a date or a time.
    """

    url: str
    digest: str
    body: str
    page_format: str
    etag: str = ""
    modified: str = ""
    lastmod: str = ""
    links: tuple[str, ...] = ()
    base: str = ""
    canonical: str = ""
    noindex: bool = False
    changed_at: str = ""


class Known:
    """The pages of the last reading, in a file of the folder `keep`; empty where there is none."""

    def __init__(self, keep: Path | None) -> None:
        self._file = None if keep is None else keep / "pages.json"
        self.pages: dict[str, Page] = {}
        try:
            said = json.loads(self._file.read_text()) if self._file else {}
            if said.get("shape") == _SHAPE:
                for asked, page in said["pages"].items():
                    self.pages[asked] = Page(**{**page, "links": tuple(page["links"])})
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            self.pages = {}  # what is kept only saves work

    def of(self, address: str) -> Page | None:
        """What is known of the page that an address led to."""
        return self.pages.get(address)

    def keep(self, pages: Mapping[str, Page]) -> None:
        """Know these the next time. Whatever hinders that is no error: then all is fetched again."""
        if self._file is None:
            return
        said = {"shape": _SHAPE, "pages": {asked: asdict(page) for asked, page in pages.items()}}
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            part = self._file.with_suffix(".part")
            part.write_text(json.dumps(said))
            os.replace(part, self._file)
        except OSError:
            return


class Bodies:
    """Bytes of pages between listing and loading, in one nameless file; safe to use from several threads."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when this is gone
        self._places: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()
        weakref.finalize(self, self._file.close)

    def put(self, address: str, data: bytes) -> None:
        """Raises StoreError when there is no room for it."""
        try:
            with self._lock:
                start = self._file.seek(0, os.SEEK_END)
                self._file.write(data)
                self._file.flush()
                self._places[address] = (start, len(data))
        except OSError as error:
            room = tempfile.gettempdir()
            raise StoreError(f"there is no room for fetched pages in {room}: {error.strerror}") from None

    def get(self, address: str) -> bytes | None:
        with self._lock:
            place = self._places.get(address)
            if place is None:
                return None
            self._file.seek(place[0])
            return self._file.read(place[1])


class Fetching:
    """Fetches the pages of one reading: a body once, and only when it is not what is known."""

    def __init__(self, web: Web, keep: Path | None, most_bytes: int, trust_lastmod: bool) -> None:
        self.web = web
        self.bodies = Bodies()
        self.known = Known(keep)
        self.pages: dict[str, Page] = {}
        self._most_bytes = most_bytes
        self._trust_lastmod = trust_lastmod

    def page(self, address: str, lastmod: str = "") -> Page:
        """The page at an address, asked for only when it may have changed. Raises as `Web.get` does."""
        before = self.known.of(address)
        if before and self._trust_lastmod and lastmod and lastmod == before.lastmod:
            page = before
        else:
            conditions = (
                {"if-none-match": before.etag, "if-modified-since": before.modified} if before else {}
            )
            fetched = self._fetched(address, {name: value for name, value in conditions.items() if value})
            if fetched.status == 304 and before is None:
                raise Unreadable(f"{address} answered 304, which was not asked for")
            page = before if fetched.status == 304 and before else self._read(fetched, before, lastmod)
        self.pages[address] = page
        if len(self.pages) % _KEPT_EVERY == 0:
            self.interrupted()
        return page

    def again(self, address: str, page: Page) -> tuple[Page, bytes]:
        """A page that was listed, with its body; as it is now where the body was not fetched then.

        Raises as `Web.get` does, and Unreadable when the address leads elsewhere now.
        """
        data = self.bodies.get(page.url)
        if data is not None:
            return page, data
        fetched = self._fetched(address, {})
        if fetched.url != page.url:
            raise Unreadable("its address leads elsewhere since it was listed")
        return self._read(fetched, page, page.lastmod), recoded(fetched)

    def finish(self) -> None:
        """Keep what was learned for the next reading, and forget pages that were not met."""
        self.known.keep(self.pages)

    def interrupted(self) -> None:
        """Keep what was learned so far, and what was known of other pages."""
        self.known.keep({**self.known.pages, **self.pages})

    def _fetched(self, address: str, conditions: Mapping[str, str]) -> Fetched:
        return self.web.get(
            address,
            headers={"accept": "text/html,application/xhtml+xml,application/pdf,text/*;q=0.9", **conditions},
            most_bytes=self._most_bytes,
            wanted=lambda headers, url: page_format(headers.get("content-type", ""), url) is not None,
        )

    def _read(self, fetched: Fetched, before: Page | None, lastmod: str) -> Page:
        form = page_format(fetched.content_type, fetched.url)
        if form is None:
            raise Unreadable(f"{fetched.content_type} is not read")
        data = recoded(fetched)
        body = hashlib.sha256(data).hexdigest()
        self.bodies.put(fetched.url, data)
        modified = fetched.headers.get("last-modified", "")
        page = Page(
            fetched.url,
            digest=body,
            body=body,
            page_format=form,
            etag=fetched.headers.get("etag", ""),
            modified=modified,
            lastmod=lastmod,
            noindex="noindex" in fetched.headers.get("x-robots-tag", "").lower(),
            changed_at=lastmod or _changed_at(modified, fetched.headers.get("date", "")),
        )
        if form != "html":
            return page
        if before is not None and (before.body, before.url) == (body, fetched.url):
            known = replace(before, etag=page.etag, modified=modified, lastmod=lastmod)
            return replace(known, changed_at=page.changed_at)
        said = json.loads(convert("links", [Part(fetched.url, data)]).text)
        return replace(
            page,
            digest=_digest_of_words(fetched.url, data),
            links=tuple(said["links"]),
            base=said["base"],
            canonical=said["canonical"],
            noindex=page.noindex or said["noindex"],
        )


def page_format(content_type: str, url: str) -> str | None:
    """The format of an answer by its type, by its name where the type says nothing; None when not read."""
    media = content_type.partition(";")[0].strip().lower()
    if media in _BY_NAME:
        name = url.partition("?")[0].rstrip("/").rpartition("/")[2]
        return named_format(name) or ("text" if media == "text/plain" else None)
    return _FORMATS.get(media)


def recoded(fetched: Fetched) -> bytes:
    """The body, in UTF-8 where the answer names another encoding that fits it."""
    _, mark, rest = fetched.headers.get("content-type", "").lower().partition("charset=")
    charset = rest.partition(";")[0].strip(" \"'")
    if not mark or charset in ("utf-8", "utf8") or fetched.data.startswith((b"\xef\xbb\xbf", b"\xff\xfe")):
        return fetched.data
    try:
        return b"\xef\xbb\xbf" + fetched.data.decode(charset).encode()
    except (UnicodeError, LookupError):
        return fetched.data


def _changed_at(modified: str, answered: str) -> str:
    """When a page was changed; "" where the server makes it for every answer, and so says "now"."""
    try:
        when, now = parsedate_to_datetime(modified), parsedate_to_datetime(answered)
        return when.isoformat() if now - when > _JUST_NOW else ""
    except (ValueError, TypeError):
        return ""


def _digest_of_words(url: str, data: bytes) -> str:
    """What a page says, whatever else its bytes hold; of a page that says nothing, its bytes."""
    try:
        converted = convert("html", [Part(url, data)])
    except Unreadable:
        return hashlib.sha256(data).hexdigest()
    said = json.dumps([converted.title, converted.text, dict(converted.front)])
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
