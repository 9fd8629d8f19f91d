"""Reads what arXiv, Crossref or the page behind a link say of a paper; from public places only."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from urllib.parse import quote

from ingest.parsing.converted import Part
from ingest.parsing.papers import ATOM, PAGE, RECORD
from ingest.parsing.process import convert, quick_process
from ingest.redaction import redact
from ingest.sources import Reading
from ingest.web import Denied, Fetched, Gone, Limits, Refused, Unwanted, Web, World
from ingest.web_addresses import Hosts, parsed
from ingest.web_asking import Asking, Wanted
from knowledge.errors import Unreadable
from prompts.reading import Reference

PATIENCE_S = 8.0
"""So long a lookup goes on at most; a step under way ends by the limits below."""
_LIMITS = Limits(
    connect_s=3.0, read_s=3.0, whole_s=5.0, most_bytes=3_000_000, redirects=5, tries=1, longest_wait_s=0.0
)
_PAGES = ("text/html", "application/xhtml+xml")
_RECORDS = ("application/json", "application/vnd.crossref-api-message+json")
_FEEDS = ("application/atom+xml", "application/xml", "text/xml")
_REAL = World()

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Paper:
    """What is known of a paper; each may be empty. `identifier` is as `prompts.reading.Reference` has it."""

    title: str = ""
    authors: tuple[str, ...] = ()
    abstract: str = ""
    link: str = ""
    identifier: str = ""


class NotRead(Enum):
    """Why nothing could be read; each value names the words that say so."""

    REFUSED = "paper_refused"
    UNKNOWN = "paper_unknown"
    DENIED = "paper_denied"
    NO_PAGE = "paper_no_page"
    TOO_SLOW = "paper_too_slow"
    UNREADABLE = "paper_unreadable"


@dataclass(frozen=True, slots=True)
class Library:
    """`arxiv` and `crossref` are the addresses of their public interfaces; nothing but a paper's identifier
    is sent there. Files, such as PDFs, are not fetched: their bodies are refused by their type."""

    world: World = _REAL
    arxiv: str = "https://export.arxiv.org/api/query"
    crossref: str = "https://api.crossref.org/works"

    def look_up(self, wanted: Reference) -> Paper | NotRead:
        """What the first place that knows the paper says of it; NotRead with the reason of the last one."""
        steps: list[Callable[[Web], Paper]] = []
        if wanted.scheme == "arxiv":
            steps.append(lambda web: self._of_arxiv(web, wanted.number))
        if wanted.scheme == "doi":
            steps.append(lambda web: self._of_crossref(web, wanted.number))
        if wanted.link:
            steps.append(lambda web: _of_page(web, wanted.link))
        until = self.world.monotonic() + PATIENCE_S
        why = NotRead.UNREADABLE
        for step in steps:
            try:
                web = self._web(until)
                found = step(web)
                identifier = wanted.identifier or found.identifier  # what was given counts more
                return replace(found, link=wanted.link, identifier=identifier)
            except Unreadable as error:
                late = self.world.monotonic() >= until
                why = NotRead.TOO_SLOW if late else _why(error)
                log.info("a paper could not be read: %s", error)
                if late:
                    break
        return why

    def _of_arxiv(self, web: Web, number: str) -> Paper:
        fetched = web.get(self.arxiv, {"id_list": number, "max_results": 1}, wanted=_of_type(_FEEDS))
        return _read(ATOM, fetched)

    def _of_crossref(self, web: Web, number: str) -> Paper:
        fetched = web.get(record_address(self.crossref, number), wanted=_of_type(_RECORDS))
        return _read(RECORD, fetched)

    def _web(self, until: float) -> Web:
        """The door to any public host, without credentials."""
        hosts = Hosts(anywhere=True)
        reading = Reading(stopped=lambda: self.world.monotonic() >= until)
        return Web(self.arxiv, hosts, Asking(hosts, _LIMITS, self.world, reading))


def record_address(works: str, doi: str) -> str:
    """Where the record of a DOI is, below the address of all; a DOI may hold any printable character."""
    address = parsed(works)
    path = f"{address.path.rstrip('/')}/{quote(doi, safe='/:;()._-')}"
    return str(address.copy_with(path=path))


def _of_page(web: Web, link: str) -> Paper:
    return _read(PAGE, web.get(link, headers={"accept": ", ".join(_PAGES)}, wanted=_of_type(_PAGES)))


def _read(name: str, fetched: Fetched) -> Paper:
    said = json.loads(convert("paper", [Part(name, fetched.data)], quick_process).text)
    return Paper(
        title=redact(said["title"]).text,
        authors=tuple(redact(one).text for one in said["authors"]),
        abstract=redact(said["abstract"]).text,
        identifier=said["identifier"],
    )


def _of_type(types: tuple[str, ...]) -> Wanted:
    def wanted(headers: object, _url: str) -> bool:
        kind = headers.get("content-type", "") if isinstance(headers, dict) else ""
        return str(kind).partition(";")[0].strip().lower() in types

    return wanted


def _why(error: Unreadable) -> NotRead:
    match error:
        case Refused():
            return NotRead.REFUSED
        case Gone():
            return NotRead.UNKNOWN
        case Denied():
            return NotRead.DENIED
        case Unwanted():
            return NotRead.NO_PAGE
        case _:
            return NotRead.UNREADABLE
