"""Reads the pages of Confluence spaces; who may read a page at Confluence decides who may read it here."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ingest.parsing.converted import Part
from ingest.parsing.formats import named_format, why_not_read
from ingest.parsing.frontmatter import as_time, web_address
from ingest.readers.confluence_api import Above, Attachment, Cloud, Confluence, DataCenter, Page, Space
from ingest.readers.confluence_attached import Attached, attached_in, comments_of
from ingest.readers.files import Globs, too_large
from ingest.readers.naming import digest_of, distinct, path_of
from ingest.readers.pages import document_of, document_of_parts, version_of
from ingest.readers.restrictions import Matching, Named, Unclear, nobody
from ingest.sources import Incomplete, Item, Listed, Reading, Skipped, Source, Withheld
from ingest.web import Denied, Gone, Web, World
from knowledge.audience import Audience
from knowledge.documents import Document
from knowledge.errors import Unreadable

_DEEPEST = 100
_FILES_OF_CLOUD = ("api.media.atlassian.com", "media-cdn.atlassian.com")


def read(source: Source, reading: Reading, world: World | None = None) -> Iterator[Listed]:
    """List the pages of a source's spaces with their versions and readers; a page's text is fetched later.

    Raises Unreadable when not even the spaces can be listed.
    """
    site = _site(source, reading, world or World())
    yield from _Listing(source, reading, site).listed()


def _site(source: Source, reading: Reading, world: World) -> Confluence:
    address, token, user = str(source.options["address"]), source.secrets["token"], source.options["user"]
    cloud = source.options["edition"] == "cloud"
    if cloud and not urlsplit(address).path and urlsplit(address).netloc.endswith(".atlassian.net"):
        address += "/wiki"
    if address.startswith("http:") and not source.options["private_network"]:
        raise Unreadable("a token is not sent over http: write the site's address with https")
    if cloud and not user:
        raise Unreadable(
            "`user` is missing: Confluence Cloud wants the e-mail address of the token's account"
        )
    pair = base64.b64encode(f"{user}:{token}".encode()).decode()
    authorization = f"Basic {pair}" if user else f"Bearer {token}"
    hosts = _FILES_OF_CLOUD if cloud else ()
    web = Web.of(source, reading, address, {"authorization": authorization}, hosts, world)
    return Cloud(web, reading) if cloud else DataCenter(web, reading)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page stands: the titles above it, outermost first, and all restrictions that hold for it."""

    above: tuple[str, ...]
    restrictions: tuple[Named, ...]


class _Listing:
    """One site while it is listed."""

    def __init__(self, source: Source, reading: Reading, site: Confluence) -> None:
        self._source = source
        self._reading = reading
        self._site = site
        self._matching = Matching.of(source)
        self._globs = Globs(source)
        self._version = version_of(source, "storage")
        self._wanted = bool(source.options["comments"]), bool(source.options["attachments"])

    def listed(self) -> Iterator[Listed]:
        keys: Sequence[str] = self._source.options["spaces"]
        missing = set(keys)
        for one in self._site.spaces(keys):
            if isinstance(one, Incomplete):
                yield one
                continue
            missing.discard(one.key)
            try:
                yield from self._space(one)
            except Unreadable as error:
                if self._reading.stopped():
                    raise
                yield Skipped(f"{path_of([one.key])}/", f"the space cannot be listed: {error}")
        for key in sorted(missing):
            yield Skipped(f"{path_of([key])}/", "there is no such space, or the account may not see it")

    def _space(self, space: Space) -> Iterator[Listed]:
        pages: dict[str, Page] = {}
        for one in self._site.pages(space):
            if isinstance(one, Incomplete):
                yield one
            else:
                pages[one.id] = one
        attached = attached_in(self._site, space, *self._wanted)
        yield from attached.incomplete
        tree = _Tree(self._site, pages, self._site.restrictions(space))
        places: dict[str, _Place | Unreadable] = {}
        for page in pages.values():
            try:
                places[page.id] = tree.place(page)
            except Unreadable as error:
                if self._reading.stopped():
                    raise
                places[page.id] = error
        found = {page_id: place for page_id, place in places.items() if isinstance(place, _Place)}
        paths = distinct(self._named(space, pages, found, attached))
        for page_id, place in places.items():
            files = [one for one in attached.attachments.get(page_id, ()) if _expected(one.name)]
            if isinstance(place, Unreadable):
                yield from self._unplaced(space, (pages[page_id].title,), place)
                for file in files:
                    yield from self._unplaced(space, (pages[page_id].title, file.name), place)
                continue
            if self._globs.allow(paths[page_id]):
                states = attached.comments.get(page_id, [])
                yield self._page(pages[page_id], paths[page_id], place, states)
            for file in files:
                if self._globs.allow(paths[file.id]):
                    yield self._file(file, paths[file.id], place)

    @staticmethod
    def _named(
        space: Space, pages: Mapping[str, Page], found: Mapping[str, _Place], attached: Attached
    ) -> Iterator[tuple[str, str]]:
        """The ids of pages and of their files, each with its path; a file stands below its page."""
        for page_id, place in found.items():
            titles = (space.key, *place.above, pages[page_id].title)
            yield page_id, path_of(titles)
            for file in attached.attachments.get(page_id, ()):
                yield file.id, path_of((*titles, file.name))

    def _unplaced(self, space: Space, titles: Sequence[str], error: Unreadable) -> Iterator[Listed]:
        """What has readers that cannot be told: nobody's where they are kept secret, else as it was.

        `titles` are the page's, and the file's where it is one.
        """
        end = path_of(titles)
        known = [path for path in self._reading.known if path.startswith(f"{path_of([space.key])}/")]
        paths = [path for path in known if path.endswith(f"/{end}")] or [path_of((space.key, *titles))]
        kind = Withheld if isinstance(error, Denied | Gone | Unclear) else Skipped
        for path in paths:
            yield kind(path, f"who may read it cannot be told: {error}")

    def _page(self, page: Page, path: str, place: _Place, comments: list[list[object]]) -> Item | Withheld:
        audience = self._matching.readers(self._source, place.restrictions)
        if place.restrictions and nobody(audience):
            return Withheld(path, self._matching.why_nobody(self._source, place.restrictions))
        restricted = [one.key for one in place.restrictions]
        digest = digest_of(
            page.id, page.version, restricted, audience.key, self._version, *filter(None, (comments,))
        )
        return Item(path, digest, lambda: self._load(page, path, digest, audience, bool(comments)), audience)

    def _file(self, file: Attachment, path: str, place: _Place) -> Listed:
        """A file has the readers of its page."""
        audience = self._matching.readers(self._source, place.restrictions)
        if place.restrictions and nobody(audience):
            return Withheld(path, self._matching.why_nobody(self._source, place.restrictions))
        if named_format(file.name) is None:
            return Skipped(path, why_not_read(file.name) or "files of this type are not read")
        if file.size > self._source.max_bytes:
            return Skipped(path, too_large(file.size, self._source.max_bytes))
        restricted = [one.key for one in place.restrictions]
        digest = digest_of(file.id, file.version, restricted, audience.key, self._version)
        return Item(path, digest, lambda: self._load_file(file, path, digest, audience), audience)

    def _load_file(self, file: Attachment, path: str, digest: str, audience: Audience) -> Document:
        data = self._site.file(file, self._source.max_bytes)
        return document_of(
            self._source,
            path,
            data,
            digest,
            name=file.name,
            url=None if self._source.url else self._address(file.address),
            updated_at=as_time(file.when),
            owner=file.author,
            audience=audience,
        )

    def _load(self, page: Page, path: str, digest: str, audience: Audience, commented: bool) -> Document:
        body = self._site.body(page.id)
        if body.version != page.version:
            raise Unreadable("it was edited while its space was read: the next sync reads it")
        data = body.storage.encode()
        comments = comments_of(self._site, page.id) if commented else b""
        if len(data) + len(comments) > self._source.max_bytes:
            raise Unreadable(too_large(len(data) + len(comments), self._source.max_bytes))
        if body.labels:
            data += f"<p>Labels: {', '.join(body.labels)}</p>".encode()
        parts = [Part(path, data), *([Part("comments", comments)] if comments else [])]
        return document_of_parts(
            self._source,
            path,
            "confluence",
            parts,
            digest,
            title=page.title,
            url=None if self._source.url else self._address(page.address),
            updated_at=as_time(page.when),
            owner=self._site.name_of(page),
            audience=audience,
        )

    def _address(self, address: str | None) -> str | None:
        return web_address(f"{self._site.base}{address}") if address else None


def _expected(name: str) -> bool:
    """Whether a person would expect a file of this name to be read: images, say, are not even told of."""
    return named_format(name) is not None or why_not_read(name) is not None


class _Tree:
    """What stands above each page of a space, and whom that lets read."""

    def __init__(
        self, site: Confluence, pages: Mapping[str, Page], restrictions: Mapping[str, Named | None]
    ) -> None:
        self._site = site
        self._pages = pages
        self._restrictions = dict(restrictions)
        self._others: dict[tuple[str, str], Above] = {}

    def place(self, page: Page) -> _Place:
        """Raises Unreadable when what stands above it, or who may read that, cannot be told."""
        above: list[str] = []
        restrictions = [self._restriction(page.id)]
        parent = page.parent
        while parent is not None:
            if len(above) > _DEEPEST:
                raise Unreadable("it stands below itself")
            one = self._above(parent)
            above.append(one.title)
            restrictions.append(self._restriction(parent[0]))
            parent = one.parent
        return _Place(tuple(reversed(above)), tuple(one for one in restrictions if one is not None))

    def _above(self, parent: tuple[str, str]) -> Above:
        page = self._pages.get(parent[0])
        if page is not None:
            return Above(page.title, page.parent)
        if parent not in self._others:
            self._others[parent] = self._site.above(parent)
        return self._others[parent]

    def _restriction(self, content_id: str) -> Named | None:
        if content_id not in self._restrictions:
            self._restrictions[content_id] = self._site.restriction(content_id)
        return self._restrictions[content_id]
