"""Reads the pages and databases of Notion that were shared with an integration, through its API."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ingest.parsing.frontmatter import as_time, web_address
from ingest.parsing.notion import properties_table, render, title_of
from ingest.readers.files import Globs
from ingest.readers.naming import digest_of, path_of
from ingest.readers.notion_api import API_VERSION, Notion
from ingest.readers.pages import document_of, version_of
from ingest.sources import Incomplete, Item, Listed, Reading, Skipped, Source
from ingest.web import Denied, Gone, World
from knowledge.documents import Document
from knowledge.errors import Unreadable

_ID = re.compile(r"([0-9a-f]{32})$|([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})$")
_SETTLED = timedelta(minutes=2)
_DEEPEST = 60

Page = Mapping[str, Any]
Parent = Mapping[str, Any]


def read(source: Source, reading: Reading, world: World | None = None) -> Iterator[Listed]:
    """List the pages that the integration may see, or those below the pages and databases that are named.

    A page that is known and no longer listed is asked for by its id before it counts as gone: Notion's search
    does not promise to list everything. Raises Unreadable when nothing can be listed.
    """
    yield from _Listing(source, reading, world or World()).listed()


class _Listing:
    """One workspace while it is listed."""

    def __init__(self, source: Source, reading: Reading, world: World) -> None:
        self._source = source
        self._reading = reading
        self._clock = world.clock
        self._notion = Notion(source, reading, world)
        self._globs = Globs(source)
        self._version = version_of(source, API_VERSION)
        self._databases = [_id("databases", one) for one in source.options["databases"]]
        self._roots = {*self._databases, *(_id("pages", one) for one in source.options["pages"])}
        self._pages: dict[str, Page] = {}
        self._above: dict[str, tuple[str, Parent]] = {}

    def listed(self) -> Iterator[Listed]:
        missing: list[Incomplete] = []
        for one in self._found():
            if isinstance(one, Incomplete):
                missing.append(one)
            elif not _in_trash(one):
                self._pages.setdefault(_plain_id(one["id"]), one)
        known = {_id_in(path): path for path in self._reading.known}
        for page_id in sorted(known.keys() - self._pages.keys()):
            yield from self._asked_for(page_id, known[page_id])
        for page_id in sorted(self._pages):
            yield from self._placed(page_id, known.get(page_id))
        yield from missing

    def _found(self) -> Iterator[Page | Incomplete]:
        yield from self._notion.search()
        for database in self._databases:
            try:
                yield from self._notion.rows(database)
            except (Gone, Denied) as error:
                yield Incomplete(
                    f"database {database} cannot be read: {error}; share it with the integration"
                )

    def _asked_for(self, page_id: str, path: str) -> Iterator[Skipped]:
        """A page that is known and was not listed: it is listed after all, gone, or not to be judged."""
        try:
            page = self._notion.page(page_id)
        except Gone:
            return
        except Unreadable as error:
            if self._reading.stopped():
                raise
            yield Skipped(path, str(error))
            return
        if not _in_trash(page):
            self._pages[page_id] = page

    def _placed(self, page_id: str, known: str | None) -> Iterator[Item | Skipped]:
        page = self._pages[page_id]
        title = title_of(page.get("properties") or {}) or "untitled"
        try:
            titles, roots = self._chain(page)
        except Unreadable as error:
            if self._reading.stopped():
                raise
            yield Skipped(
                known or path_of([_last(title, page_id)]), f"what it stands below is not told: {error}"
            )
            return
        if self._roots and not self._roots & {page_id, *roots}:
            return
        path = path_of([*titles, _last(title, page_id)])
        if self._globs.allow(path):
            yield Item(path, self._digest(page), lambda: self._load(path, page_id))

    def _chain(self, page: Page) -> tuple[list[str], set[str]]:
        """The titles above a page, outermost first, and the ids of everything above it."""
        titles: list[str] = []
        ids: set[str] = set()
        walked: set[str] = set()
        parent: Parent = page.get("parent") or {}
        while (kind := str(parent.get("type", "workspace"))) != "workspace":
            one = _plain_id(parent.get(kind))
            if one in walked or len(walked) > _DEEPEST:
                break
            walked.add(one)
            ids |= {one, _plain_id(parent.get("database_id"))} - {""}
            title, parent = self._one_above(kind, one)
            titles += [title] if title else []
        return titles[::-1], ids

    def _one_above(self, kind: str, one: str) -> tuple[str, Parent]:
        if kind == "page_id" and one in self._pages:
            page = self._pages[one]
            return title_of(page.get("properties") or {}), page.get("parent") or {}
        if one not in self._above:
            try:
                self._above[one] = self._notion.above(kind, one)
            except (Gone, Denied):
                self._above[one] = ("", {})  # above what was shared with the integration
        return self._above[one]

    def _digest(self, page: Page) -> str:
        """Times of edits are whole minutes: within that minute, nothing is settled."""
        edited = as_time(page.get("last_edited_time"))
        settled = edited is not None and self._now() - edited > _SETTLED
        fresh = "" if settled else self._now().isoformat()
        return digest_of(_plain_id(page["id"]), page.get("last_edited_time"), fresh, self._version)

    def _now(self) -> datetime:
        return self._clock()

    def _load(self, path: str, page_id: str) -> Document:
        page = self._notion.page(page_id)
        if _in_trash(page):
            raise Unreadable("it is in the trash since it was listed")
        digest = self._digest(page)
        properties = page.get("properties") or {}
        rendered = render(self._notion.blocks(page_id))
        text = "\n\n".join(part for part in (properties_table(properties), rendered.text) if part)
        notes: tuple[str, ...] = ()
        if rendered.left_out:
            named = ", ".join(f"{kind} ({count})" for kind, count in sorted(rendered.left_out.items()))
            notes = (f"blocks that Notion does not give: {named}",)
        document = document_of(
            self._source,
            path,
            text.encode(),
            digest,
            page_format="markdown",
            title=title_of(properties) or "untitled",
            url=None if self._source.url else web_address(page.get("url")),
            updated_at=as_time(page.get("last_edited_time")),
            owner=self._notion.name_of(page.get("last_edited_by")),
            notes=notes,
        )
        return replace(document, lines_are_the_files=False)


def _in_trash(page: Page) -> bool:
    return bool(page.get("in_trash") or page.get("archived"))


def _plain_id(one: object) -> str:
    return str(one or "").replace("-", "").lower()


def _last(title: str, page_id: str) -> str:
    return f"{title[:80].strip()} {page_id}"


def _id_in(path: str) -> str:
    return path[-32:]


def _id(key: str, said: str) -> str:
    """The id in what an admin copied: an id or an address. Raises Unreadable."""
    found = _ID.search(said.split("?")[0].split("#")[0].rstrip("/").lower())
    if found is None:
        raise Unreadable(f"`{key}` holds {said!r}: give the address of a page or database, or its id")
    return _plain_id(found[0])
