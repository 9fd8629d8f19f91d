"""Reads a MediaWiki through its API: pages as the wiki renders them, only what changed where possible."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from ingest.parsing.frontmatter import as_time, web_address
from ingest.readers.files import Globs, as_path, too_large
from ingest.readers.mediawiki_changes import Changes
from ingest.readers.mediawiki_session import Session
from ingest.readers.naming import digest_of, fingerprint
from ingest.readers.pages import document_of, version_of
from ingest.readers.paging import Part, by_cursor
from ingest.sources import Incomplete, Item, Listed, Reading, Remember, Skipped, Source
from ingest.web import World
from knowledge.documents import Document
from knowledge.errors import Unreadable

_ABOUT_PAGES = {
    "prop": "info|revisions",
    "inprop": "url",
    "rvprop": "ids|timestamp|user|sha1|size",
}
_TITLES_AT_ONCE = 50

Page = Mapping[str, Any]


def read(source: Source, reading: Reading, world: World | None = None) -> Iterator[Listed]:
    """List the pages of a wiki's namespaces; each is fetched when it is loaded.

    Where everything that was listed last time is known and the wiki's recent changes reach back to then,
    only pages that changed are asked for. Raises Unreadable when the wiki cannot be listed at all.
    """
    yield from _Wiki(source, reading, world or World()).listed()


class _Wiki:
    """One wiki while it is read."""

    def __init__(self, source: Source, reading: Reading, world: World) -> None:
        self._source = source
        self._reading = reading
        self._session = Session.opened(source, reading, world)
        self._namespaces = self._session.namespaces(source.options["namespaces"])
        self._version = version_of(source, "rendered with anchors")
        self._globs = Globs(source)

    def listed(self) -> Iterator[Listed]:
        globs = [*self._source.include, "", *self._source.exclude]
        shape = digest_of(self._version, self._session.site, sorted(self._namespaces), globs)
        now = self._session.server_time  # the wiki's clock is the one that counts
        days = int(self._source.options["full_listing_days"])
        changes = Changes.since_last_time(self._reading, shape, now, timedelta(days=days))
        touched = changes.titles(self._session, self._reading) if changes else None
        listed: dict[str, str] = {}
        complete = True
        for one in self._all() if touched is None else self._changed(touched):
            complete = complete and not isinstance(one, Incomplete)
            if isinstance(one, Item):
                if one.path in listed:
                    continue  # it moved within the listing
                listed[one.path] = one.digest
            yield one
        if complete:
            full_at = changes.full_at if changes and touched is not None else now
            yield Remember(Changes(shape, fingerprint(listed), now, full_at).as_json())

    def _all(self) -> Iterator[Listed]:
        for number, namespace in enumerate(self._namespaces):
            try:
                for one in by_cursor(partial(self._part, namespace), self._reading):
                    yield from (one,) if isinstance(one, Incomplete) else self._page(one)
            except Unreadable as error:
                if number == 0 or self._reading.stopped():
                    raise
                yield Incomplete(f"namespace {namespace} could not be listed: {error}")

    def _part(self, namespace: int, cursor: str | None) -> Part[Page]:
        """Up to 500 pages, or 5,000 for accounts that the wiki trusts."""
        asked = {
            **_ABOUT_PAGES,
            "generator": "allpages",
            "gapnamespace": namespace,
            "gaplimit": "max",
            "gapfilterredir": "nonredirects",
        }
        pages, following = self._batch({**asked, **(json.loads(cursor) if cursor else {})})
        return Part(pages, json.dumps(following, sort_keys=True) if following else None)

    def _batch(self, asked: Mapping[str, Any]) -> tuple[list[Page], Mapping[str, Any] | None]:
        """Pages by title, and how to go on; what the wiki tells of them may come in several answers."""
        pages: dict[str, dict[str, Any]] = {}
        going_on: Mapping[str, Any] = {}
        while True:
            answer = self._session.query({**asked, **going_on})
            for page in answer.get("query", {}).get("pages", ()):
                pages.setdefault(str(page["title"]), {}).update(page)
            following = answer.get("continue")
            if following is None or answer.get("batchcomplete"):
                return [pages[title] for title in sorted(pages)], following
            if following == going_on:
                raise Unreadable("the wiki's listing goes round in circles")
            going_on = following

    def _changed(self, touched: set[str]) -> Iterator[Listed]:
        """What is known, but for the pages that changed since."""
        paths = {as_path(tuple(title.split("/"))) for title in touched}
        for path, digest in sorted(self._reading.known.items()):
            if path not in paths:
                yield Item(path, digest, partial(self._load_as_it_is, path))
        titles = sorted(touched)
        for start in range(0, len(titles), _TITLES_AT_ONCE):
            yield from self._named(titles[start : start + _TITLES_AT_ONCE])

    def _named(self, titles: Sequence[str]) -> Iterator[Item | Skipped]:
        """Pages as they are now; nothing for those that are gone, redirect, or lie outside."""
        for page in self._batch({**_ABOUT_PAGES, "titles": "|".join(titles)})[0]:
            if page.get("missing") or page.get("redirect") or page.get("invalid"):
                continue
            if page["ns"] in self._namespaces:
                yield from self._page(page)

    def _page(self, page: Page) -> Iterator[Item | Skipped]:
        path = as_path(tuple(str(page["title"]).split("/")))
        revision = (page.get("revisions") or [{}])[0]
        if page.get("contentmodel", "wikitext") != "wikitext" or not self._globs.allow(path):
            return
        if page.get("length") == 0:
            yield Skipped(path, "the page is empty")
        elif page.get("length", 0) > self._source.max_bytes:
            yield Skipped(path, too_large(page["length"], self._source.max_bytes))
        elif "revid" not in revision:
            yield Skipped(path, "the wiki does not tell which revision the page is at")
        else:
            yield Item(path, self._digest(page, revision), lambda: self._load(path, page, revision))

    def _digest(self, page: Page, revision: Mapping[str, Any]) -> str:
        """A moved or protected page gets a revision with the same text: then it is the same still."""
        return digest_of(page["pageid"], revision.get("sha1") or revision["revid"], self._version)

    def _load_as_it_is(self, path: str) -> Document:
        for one in self._named([path]):
            if isinstance(one, Skipped):
                raise Unreadable(one.reason)
            return one.load()
        raise Unreadable("the page is not in the wiki any more")

    def _load(self, path: str, page: Page, revision: Mapping[str, Any]) -> Document:
        parsed = self._session.asked(
            {
                "action": "parse",
                "oldid": revision["revid"],
                "prop": "text|categories",
                "disableeditsection": 1,
                "disabletoc": 1,
                "disablelimitreport": 1,
            }
        ).get("parse", {})
        html = str(parsed.get("text", ""))
        tags = [
            str(one["category"]).replace("_", " ")
            for one in parsed.get("categories", ())
            if not one.get("hidden")
        ]
        if tags:
            html += f"<p>Categories: {', '.join(_escaped(tag) for tag in tags)}</p>"
        return document_of(
            self._source,
            path,
            html.encode(),
            self._digest(page, revision),
            page_format="mediawiki",
            title=str(page["title"]),
            url=None if self._source.url else _address(page),
            updated_at=as_time(revision.get("timestamp")),
            owner=None if revision.get("anon") else revision.get("user"),
        )


def _address(page: Page) -> str | None:
    return web_address(page.get("canonicalurl")) or web_address(page.get("fullurl"))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
