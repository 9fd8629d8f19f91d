"""What a page, arXiv's feed or Crossref's record says of a paper: title, authors, abstract, identifier."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bs4 import BeautifulSoup, Tag
from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from ingest.parsing.converted import Converted, Part
from ingest.parsing.decoding import clean, decode
from knowledge.errors import Unreadable

ATOM, RECORD, PAGE = "paper.atom", "paper.json", "paper.html"
"""What the one part is called, by what it holds."""
MOST_AUTHORS, LONGEST_NAME, LONGEST_TITLE, LONGEST_ABSTRACT = 60, 120, 400, 6_000

_TITLES = ("citation_title", "dc.title", "dcterms.title", "og:title", "twitter:title")
_AUTHORS = ("citation_author", "dc.creator", "dcterms.creator", "citation_authors", "author")
_ABSTRACTS = (
    "citation_abstract", "dcterms.abstract", "dc.description", "og:description", "description",
)  # fmt: skip
_DOIS = ("citation_doi", "dc.identifier", "dc.identifier.doi", "prism.doi", "bepress_citation_doi")
_DOI = re.compile(r"10\.\d{4,9}/\S{1,280}")
_LEAD = re.compile(r"^(?:abstract|summary)\s?[:.]?\s+(?=\S)", re.IGNORECASE)


def convert_paper(parts: Sequence[Part]) -> Converted:
    """JSON with `title`, `authors`, `abstract` and `identifier` (`arxiv:…`, `doi:…` or nothing).

    Raises Unreadable when there is no title in it.
    """
    part = parts[0]
    readers = {ATOM: _of_atom, RECORD: _of_record}
    said = readers.get(part.name, _of_page)(part.data)
    if not said["title"]:
        raise Unreadable("no title of a paper is in it")
    return Converted(json.dumps(said))


def _of_page(data: bytes) -> dict[str, Any]:
    soup = BeautifulSoup(decode(data).text, "html.parser")
    said: dict[str, list[str]] = {}
    for tag in soup.find_all("meta"):
        name = str(tag.get("name") or tag.get("property") or "").strip().lower()
        content = str(tag.get("content") or "").strip()
        if name and content:
            said.setdefault(name, []).append(content)
    title = _first(said, _TITLES) or (soup.title.get_text(" ") if soup.title else "")
    abstract = _first(said, _ABSTRACTS)
    return _told(title, _authors(said), _flat(abstract), _identifier(said))


def _authors(said: Mapping[str, Sequence[str]]) -> list[str]:
    named = next((said[name] for name in _AUTHORS if name in said), [])
    if len(named) == 1 and ";" in named[0]:
        named = named[0].split(";")
    return [_in_order(one) for one in named]


def _in_order(name: str) -> str:
    """`Doe, Jane` the way people say it."""
    last, comma, first = name.partition(",")
    return f"{first} {last}" if comma and "," not in first else name


def _identifier(said: Mapping[str, Sequence[str]]) -> str:
    if number := _first(said, ("citation_arxiv_id",)):
        return f"arxiv:{re.sub(r'v[0-9]+$', '', number.strip().lower())}"
    for name in _DOIS:
        for content in said.get(name, ()):
            if found := _DOI.search(content):
                return f"doi:{found[0].lower()}"
    return ""


def _of_atom(data: bytes) -> dict[str, Any]:
    try:
        root = ElementTree.fromstring(data, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError):
        raise Unreadable("it cannot be parsed as XML") from None
    entry = next((one for one in root if _plain(one.tag) == "entry"), None)
    if entry is None:
        return _told("", [], "", "")
    said: dict[str, str] = {}
    authors = []
    for one in entry:
        if _plain(one.tag) == "author":
            authors += [part.text or "" for part in one if _plain(part.tag) == "name"]
        else:
            said.setdefault(_plain(one.tag), one.text or "")
    if "api/errors" in said.get("id", ""):
        return _told("", [], "", "")
    return _told(said.get("title", ""), authors, said.get("summary", ""), "")


def _of_record(data: bytes) -> dict[str, Any]:
    try:
        record = json.loads(data)
    except (ValueError, RecursionError):
        raise Unreadable("it is no JSON") from None
    message = record.get("message") if isinstance(record, dict) else None
    if not isinstance(message, dict):
        raise Unreadable("it is no record of a paper")
    titles, people = _list(message.get("title")), _list(message.get("author"))
    authors = [
        " ".join(str(one.get(part) or "") for part in ("given", "family", "name")).strip()
        for one in people
        if isinstance(one, dict)
    ]
    title = str(titles[0]) if titles else ""
    return _told(_flat(title), authors, _flat(str(message.get("abstract") or "")), "")


def _told(title: str, authors: Iterable[str], abstract: str, identifier: str) -> dict[str, Any]:
    names = [_line(name)[:LONGEST_NAME] for name in authors]
    return {
        "title": _line(title)[:LONGEST_TITLE],
        "authors": [name for name in names if name][:MOST_AUTHORS],
        "abstract": _LEAD.sub("", _line(abstract))[:LONGEST_ABSTRACT],
        "identifier": identifier,
    }


def _flat(text: str) -> str:
    """Text in which there may be tags, as words."""
    if "<" not in text:
        return text
    soup = BeautifulSoup(text, "html.parser")
    for heading in soup.find_all("jats:title"):
        if isinstance(heading, Tag):
            heading.decompose()
    return soup.get_text(" ")


def _first(said: Mapping[str, Sequence[str]], names: Iterable[str]) -> str:
    return next((said[name][0] for name in names if name in said), "")


def _line(text: str) -> str:
    return " ".join(clean(text).text.split())


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _plain(tag: Any) -> str:
    return str(tag).rpartition("}")[2]
