"""Reads the pages of a web site, found by its links or its sitemap, as its robots.txt allows."""

import hashlib
import json
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ingest.parsing.converted import Part
from ingest.parsing.frontmatter import as_time
from ingest.parsing.process import convert
from ingest.readers.files import Globs
from ingest.readers.pages import document_of, version_of
from ingest.readers.site_addresses import (
    Scope,
    Traps,
    joined,
    looks_like_a_page,
    plain,
    same_but_for_query,
)
from ingest.readers.site_pages import Fetching, Page
from ingest.readers.site_robots import Robots
from ingest.sources import Incomplete, Item, Listed, Reading, Skipped, Source
from ingest.web import Gone, Limits, Refused, Unwanted, Web, World
from ingest.web_addresses import Url
from knowledge.documents import Document
from knowledge.errors import Unreadable

_LIMITS = Limits(per_second=5.0, at_once=10)
_MOST_SITEMAPS = 200
_MOST_TOLD = 5
_FEW = 5
_LOGIN = 3


def read(source: Source, reading: Reading, world: World | None = None) -> Iterator[Listed]:
    """List the pages of a site; those whose words are known are not parsed again.

    Raises Unreadable when the site cannot be listed as a whole: its robots.txt, its first page or its
    sitemap cannot be had, or it answers with one and the same page everywhere.
    """
    options = source.options
    authorization = source.secrets.get("authorization")
    web = Web.of(
        source,
        reading,
        headers={"authorization": authorization} if authorization else None,
        hosts=options.get("hosts", ()),
        world=world or World(),
        limits=_LIMITS,
    )
    scope = Scope.of(str(options["address"]), options.get("hosts", ()))
    fetching = Fetching(web, reading.keep, source.max_bytes, bool(options.get("trust_lastmod", False)))
    yield from _Crawl(source, scope, Robots(web), fetching, reading.found).listed()


@dataclass(slots=True)
class _Crawl:
    """One reading of a site: what is still to be fetched, and what was met; `tell` hears how many pages."""

    source: Source
    scope: Scope
    robots: Robots
    fetching: Fetching
    tell: Callable[[int], None]
    waiting: deque[tuple[Url, int, str]] = field(default_factory=deque)
    seen: set[Url] = field(default_factory=set)
    found: dict[Url, tuple[str, Page]] = field(default_factory=dict)
    led_to: Counter[Url] = field(default_factory=Counter)
    traps: Traps = field(default_factory=Traps)
    told: list[Skipped] = field(default_factory=list)
    blind: int = 0

    def listed(self) -> Iterator[Listed]:
        """Fetch all pages, then list them. Raises Unreadable when there is nothing to rely on."""
        if self.by_links:
            self._begin_with(self.scope.start, 0)
        else:
            yield from self._begin_with_sitemaps()
        most_pages = int(self.source.options.get("most_pages", 2000))
        tried = 0
        try:
            while self.waiting and tried < most_pages:
                tried += 1
                yield from self._visit(*self.waiting.popleft())
        except Unreadable:
            self.fetching.interrupted()
            raise
        self.fetching.finish()
        if self.waiting:
            yield Incomplete(f"only the first {most_pages} pages are read (`most_pages`)")
        if self.blind:
            yield Incomplete(f"{self.blind} pages could not be fetched, and what they lead to is not known")
        yield from self._logged_out()
        yield from self.told
        yield from self._items()

    @property
    def by_links(self) -> bool:
        """Whether pages are found by following links from the first one."""
        return bool(self.source.options.get("find", "links") == "links")

    @property
    def depth(self) -> int:
        """How many links away from the first page is read."""
        return int(self.source.options.get("depth", 5))

    def _begin_with(self, url: Url, depth: int, lastmod: str = "") -> None:
        if url not in self.seen:
            self.seen.add(url)
            self.waiting.append((url, depth, lastmod))

    def _visit(self, url: Url, depth: int, lastmod: str) -> Iterator[Listed]:
        """Fetch one page and note where it leads. Raises Unreadable when that page is the first one."""
        first = self.by_links and not self.found and url in (self.scope.start, _as_folder(self.scope.start))
        try:
            if not self.robots.allows(url):
                if first:
                    raise Unreadable(f"robots.txt does not let Lore read {url}")
                return
            self.fetching.web.wait(self.robots.delay_s(url))
            page = self.fetching.page(str(url), lastmod)
            there = plain(page.url)
            if there != url and not self.robots.allows(there):
                return
        except (Gone, Refused, Unwanted) as error:
            folder = _as_folder(url)
            if first and isinstance(error, Gone) and folder not in self.seen:
                self._begin_with(folder, depth)
            elif first:
                raise
            return
        except Unreadable as error:
            if first or self.fetching.web.stopped():
                raise
            yield from self._failed(url, depth, error)
            return
        if not self.scope.holds(there):
            if first:
                raise Unreadable(f"{url} leads to {there}: make that the address if it is meant")
            return
        if there != url:
            self.led_to[there] += 1
            self.seen.add(there)
        self.found.setdefault(there, (str(url), page))
        self.tell(len(self.found))
        self._follow(page, there, depth)

    def _failed(self, url: Url, depth: int, error: Unreadable) -> Iterator[Skipped]:
        """A page that cannot be had stays, and where it led the last time is followed."""
        before = self.fetching.known.of(str(url))
        place = plain(before.url) if before else url
        yield Skipped(self.scope.path_of(place), str(error))
        if before is not None:
            self._follow(before, place, depth)
        elif self.by_links and depth < self.depth:
            self.blind += 1

    def _follow(self, page: Page, url: Url, depth: int) -> None:
        """Put the links of a page that belong to the source in the queue."""
        if depth >= self.depth:
            return
        base = (joined(url, page.base) if page.base else None) or url
        for link in (*page.links, page.canonical):
            there = joined(base, link) if link else None
            if there is None or there in self.seen or not self.scope.holds(there):
                continue
            if not looks_like_a_page(there):
                continue
            reason = self.traps.why(there)
            if reason is None:
                self._begin_with(there, depth + 1)
            else:
                self.seen.add(there)
                if len(self.told) < _MOST_TOLD:
                    self.told.append(Skipped(self.scope.path_of(there), reason))

    def _begin_with_sitemaps(self) -> Iterator[Listed]:
        """Put what the sitemaps name in the queue. Raises Unreadable when none of them can be read."""
        start = self.scope.start
        named = list(self.source.options.get("sitemaps", ())) or self.robots.sitemaps(start)
        waiting = deque(named or [str(start.copy_with(raw_path=b"/sitemap.xml"))])
        met: set[str] = set()
        failures: list[Unreadable] = []
        while waiting and len(met) < _MOST_SITEMAPS:
            place = waiting.popleft()
            if place in met:
                continue
            met.add(place)
            try:
                data = self.fetching.web.get(place).data
                said = json.loads(convert("sitemap", [Part(place, data)]).text)
            except Unreadable as error:
                failures.append(error)
                continue
            waiting.extend(said["sitemaps"])
            for address, lastmod in said["pages"]:
                url = joined(start, address)
                if url is not None and self.scope.holds(url) and looks_like_a_page(url):
                    self._begin_with(url, self.depth, lastmod)
        if failures and len(failures) == len(met):
            raise failures[0]
        if failures or waiting:
            reason = f"a sitemap cannot be read: {failures[0]}" if failures else "there are too many sitemaps"
            yield Incomplete(reason)

    def _logged_out(self) -> Iterator[Incomplete]:
        """A site that leads many pages to one, or answers with one everywhere, does not show its pages."""
        for there, count in self.led_to.most_common(1):
            if count >= _LOGIN and count * 5 > len(self.fetching.pages):
                self.found.pop(there, None)
                yield Incomplete(f"{count} addresses lead to {there}: is a login missing?")
        digests = Counter(page.digest for _, page in self.found.values())
        for _, count in digests.most_common(1):
            if count > _FEW and count * 2 > len(self.found):
                raise Unreadable(
                    f"{count} of {len(self.found)} addresses answer with the same page: nothing is changed"
                )

    def _items(self) -> Iterator[Item | Skipped]:
        """The pages that are listed: one for each page, whatever the number of its addresses."""
        version = version_of(self.source)
        globs = Globs(self.source)
        met: set[tuple[str, str]] = set()
        for url in sorted(self.found, key=lambda url: (len(str(url)), str(url))):
            asked, page = self.found[url]
            path = self.scope.path_of(url)
            same = (same_but_for_query(url), page.digest)
            if page.noindex or same in met or self._is_elsewhere(url, page) or not globs.allow(path):
                continue
            met.add(same)
            yield Item(path, _digest(page, version), self._load_of(path, asked, page, version))

    def _is_elsewhere(self, url: Url, page: Page) -> bool:
        """Whether the address that the page calls its own one was fetched too, and is the same page."""
        own = joined(url, page.canonical) if page.canonical else None
        if own is None or own == url or own not in self.found:
            return False
        other = self.found[own][1]
        back = joined(own, other.canonical) if other.canonical else None
        return other.digest == page.digest and not other.noindex and back != url

    def _load_of(self, path: str, asked: str, page: Page, version: str) -> "_Load":
        return _Load(self.source, self.fetching, path, asked, page, version)


@dataclass(frozen=True, slots=True)
class _Load:
    """Makes the document of a page that was listed."""

    source: Source
    fetching: Fetching
    path: str
    asked: str
    page: Page
    version: str

    def __call__(self) -> Document:
        page, data = self.fetching.again(self.asked, self.page)
        return document_of(
            self.source,
            self.path,
            data,
            _digest(page, self.version),
            page_format=page.page_format,
            url=str(plain(page.url)),
            updated_at=as_time(page.changed_at),
        )


def _as_folder(url: Url) -> Url:
    """The same address with a slash at its end, without which some servers do not know it."""
    return url if url.path.endswith("/") else url.copy_with(raw_path=url.raw_path.partition(b"?")[0] + b"/")


def _digest(page: Page, version: str) -> str:
    return hashlib.sha256(f"{page.digest}\n{version}".encode()).hexdigest()
