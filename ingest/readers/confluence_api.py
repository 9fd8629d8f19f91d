"""Questions to Confluence's two REST APIs, v2 of Cloud and v1 of Data Center, answered in one form."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ingest.parsing.frontmatter import web_address
from ingest.readers.paging import Part, by_cursor, by_offset
from ingest.readers.restrictions import Named, Unclear
from ingest.sources import Incomplete, Reading
from ingest.web import Denied, Gone, Web
from knowledge.errors import Unreadable

_RESTRICTIONS = "restrictions.read.restrictions.user,restrictions.read.restrictions.group"
_KINDS_ABOVE = {"folder": "folders", "whiteboard": "whiteboards", "database": "databases", "embed": "embeds"}
_SEARCH = "rest/api/content/search"
_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Space:
    """A space: its key, and the id that Cloud has for it."""

    key: str
    id: str


@dataclass(frozen=True, slots=True)
class Above:
    """What stands above a page: `parent` is the id and type of the next above, None at the top."""

    title: str
    parent: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page as listed. `version` counts its edits; `address` is relative to the site; `author` is who owns
    or last edited it, as the API names people."""

    id: str
    title: str
    version: int
    when: str | None
    author: str | None
    address: str | None
    parent: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Body:
    """A page's own text in storage format, at the version that it has."""

    version: int
    storage: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a page. `size` is in bytes; `download` and `address` are relative to the site."""

    id: str
    page_id: str
    name: str
    version: int
    size: int
    when: str | None
    author: str | None
    download: str | None
    address: str | None


class Confluence(ABC):
    """One site, through either API; `base` is the address at which people see it."""

    def __init__(self, web: Web, reading: Reading) -> None:
        self.web = web
        self.reading = reading
        self.base = web.address

    @abstractmethod
    def spaces(self, keys: Sequence[str]) -> Iterator[Space | Incomplete]:
        """The spaces with these keys, or all that are not personal. Raises Unreadable."""

    @abstractmethod
    def pages(self, space: Space) -> Iterator[Page | Incomplete]:
        """The current pages of a space. Raises Unreadable."""

    @abstractmethod
    def restrictions(self, space: Space) -> Mapping[str, Named | None]:
        """Whom pages let read, as far as it is told of many at once; None: whoever sees the space."""

    @abstractmethod
    def above(self, one: tuple[str, str]) -> Above:
        """What stands above pages and is none of the listed pages. Raises Unreadable."""

    @abstractmethod
    def name_of(self, page: Page) -> str | None:
        """The e-mail address or the name of a page's author, where Confluence tells it."""

    @abstractmethod
    def body(self, page_id: str) -> Body:
        """Raises Unreadable."""

    @abstractmethod
    def search(self, cql: str, expand: str) -> Iterator[Mapping[str, Any] | Incomplete]:
        """All content that Confluence's search finds, in the form of v1. Raises Unreadable."""

    @abstractmethod
    def file(self, attachment: Attachment, most_bytes: int) -> bytes:
        """The bytes of an attachment as it is now. Raises Unreadable."""

    def restriction(self, content_id: str) -> Named | None:
        """Whom one page or folder itself lets read. Raises Unreadable."""
        said = self.web.json(
            f"rest/api/content/{content_id}/restriction/byOperation/read",
            {"expand": "restrictions.user,restrictions.group"},
        )
        return named(said)


class Cloud(Confluence):
    """Confluence Cloud: pages through v2; restrictions and people, which v2 lacks, through v1."""

    def __init__(self, web: Web, reading: Reading) -> None:
        super().__init__(web, reading)
        self._names: dict[str, str | None] = {}

    def spaces(self, keys: Sequence[str]) -> Iterator[Space | Incomplete]:
        asked = {"limit": 250, "status": "current", "keys": ",".join(keys) or None}
        for one in by_cursor(lambda cursor: self._part("api/v2/spaces", asked, cursor), self.reading):
            if isinstance(one, Incomplete):
                yield one
            elif keys or one.get("type") != "personal":
                yield Space(str(one["key"]), str(one["id"]))

    def pages(self, space: Space) -> Iterator[Page | Incomplete]:
        path, asked = f"api/v2/spaces/{space.id}/pages", {"limit": 250, "status": "current", "depth": "all"}
        for one in by_cursor(lambda cursor: self._part(path, asked, cursor), self.reading):
            yield one if isinstance(one, Incomplete) else self._page(one)

    def restrictions(self, space: Space) -> Mapping[str, Named | None]:
        found: dict[str, Named | None] = {}
        for one in self.search(f'space = "{space.key}" and type = page', _RESTRICTIONS):
            if not isinstance(one, Incomplete) and "read" in (one.get("restrictions") or {}):
                with suppress(Unclear):  # then each is asked for alone
                    found[str(one["id"])] = named(one["restrictions"]["read"])
        return found

    def search(self, cql: str, expand: str) -> Iterator[Mapping[str, Any] | Incomplete]:
        asked = {"cql": cql, "limit": _AT_ONCE if "body" in expand else 100, "expand": expand}
        return by_cursor(lambda cursor: self._part(_SEARCH, asked, cursor), self.reading)

    def file(self, attachment: Attachment, most_bytes: int) -> bytes:
        """Where it leads, the token does not go along."""
        path = f"rest/api/content/{attachment.page_id}/child/attachment/{attachment.id}/download"
        return self.web.get(path, most_bytes=most_bytes).data

    def name_of(self, page: Page) -> str | None:
        if page.author is not None and page.author not in self._names:
            try:
                said = self.web.json("rest/api/user", {"accountId": page.author})
                self._names[page.author] = said.get("email") or said.get("displayName")
            except (Gone, Denied):
                self._names[page.author] = None
        return self._names.get(page.author or "")

    def above(self, one: tuple[str, str]) -> Above:
        content_id, kind = one
        said = self.web.json(f"api/v2/{_KINDS_ABOVE.get(kind, 'pages')}/{content_id}")
        return Above(str(said.get("title") or ""), _parent(said))

    def body(self, page_id: str) -> Body:
        said = self.web.json(f"api/v2/pages/{page_id}", {"body-format": "storage", "include-labels": "true"})
        labels = (said.get("labels") or {}).get("results") or ()
        return Body(
            int(said["version"]["number"]),
            str(said["body"]["storage"]["value"]),
            tuple(str(one["name"]) for one in labels),
        )

    def _page(self, one: Mapping[str, Any]) -> Page:
        version = one["version"]
        return Page(
            id=str(one["id"]),
            title=str(one["title"]),
            version=int(version["number"]),
            when=version.get("createdAt"),
            author=one.get("ownerId") or version.get("authorId"),
            address=(one.get("_links") or {}).get("webui"),
            parent=_parent(one),
        )

    def _part(self, path: str, asked: Mapping[str, Any], cursor: str | None) -> Part[Mapping[str, Any]]:
        """One part; its cursor is the question that the link to the next part holds."""
        said = self.web.json(path, {**asked, **dict(parse_qsl(cursor or ""))})
        links = said.get("_links") or {}
        self.base = web_address(links.get("base")) or self.base
        following = links.get("next")
        return Part(said["results"], urlsplit(str(following)).query if following else None)


class DataCenter(Confluence):
    """Confluence Data Center and Server: everything through v1."""

    def __init__(self, web: Web, reading: Reading) -> None:
        super().__init__(web, reading)
        self._above: dict[str, Above] = {}
        self._restrictions: dict[str, Named | None] = {}

    def spaces(self, keys: Sequence[str]) -> Iterator[Space | Incomplete]:
        asked = {
            "status": "current",
            "limit": 500,
            **({"spaceKey": list(keys)} if keys else {"type": "global"}),
        }
        for one in by_offset(
            lambda start: self._part("rest/api/space", asked, start), lambda one: one["key"], self.reading
        ):
            yield one if isinstance(one, Incomplete) else Space(str(one["key"]), str(one["id"]))

    def pages(self, space: Space) -> Iterator[Page | Incomplete]:
        asked = {
            "spaceKey": space.key,
            "type": "page",
            "status": "current",
            "limit": _AT_ONCE,
            "expand": f"version,ancestors,{_RESTRICTIONS}",
        }
        for one in by_offset(
            lambda start: self._part("rest/api/content", asked, start), lambda one: one["id"], self.reading
        ):
            yield one if isinstance(one, Incomplete) else self._page(one)

    def restrictions(self, _: Space) -> Mapping[str, Named | None]:
        return self._restrictions

    def search(self, cql: str, expand: str) -> Iterator[Mapping[str, Any] | Incomplete]:
        asked = {"cql": cql, "limit": _AT_ONCE, "expand": expand}
        return by_offset(lambda start: self._part(_SEARCH, asked, start), lambda one: one["id"], self.reading)

    def file(self, attachment: Attachment, most_bytes: int) -> bytes:
        if not attachment.download or "://" in attachment.download:
            raise Unreadable("Confluence does not tell where the file can be fetched")
        return self.web.get(attachment.download, most_bytes=most_bytes).data

    def above(self, one: tuple[str, str]) -> Above:
        if one[0] not in self._above:
            raise Unreadable("Confluence does not tell what the page stands below")
        return self._above[one[0]]

    def name_of(self, page: Page) -> str | None:
        return page.author

    def body(self, page_id: str) -> Body:
        asked = {"expand": "body.storage,version,metadata.labels"}
        said = self.web.json(f"rest/api/content/{page_id}", asked)
        labels = ((said.get("metadata") or {}).get("labels") or {}).get("results") or ()
        return Body(
            int(said["version"]["number"]),
            str(said["body"]["storage"]["value"]),
            tuple(str(one["name"]) for one in labels),
        )

    def _page(self, one: Mapping[str, Any]) -> Page:
        """A page; what it says of those above it and of its readers is noted on the way."""
        parent: tuple[str, str] | None = None
        for above in one.get("ancestors") or ():  # the outermost first
            self._above.setdefault(str(above["id"]), Above(str(above.get("title") or ""), parent))
            parent = (str(above["id"]), "page")
        if "read" in (one.get("restrictions") or {}):
            with suppress(Unclear):  # then it is asked for alone
                self._restrictions[str(one["id"])] = named(one["restrictions"]["read"])
        version = one["version"]
        by = version.get("by") or {}
        return Page(
            id=str(one["id"]),
            title=str(one["title"]),
            version=int(version["number"]),
            when=version.get("when"),
            author=by.get("displayName") or by.get("username"),
            address=(one.get("_links") or {}).get("webui"),
            parent=parent,
        )

    def _part(self, path: str, asked: Mapping[str, Any], start: int) -> Part[Mapping[str, Any]]:
        said = self.web.json(path, {**asked, "start": start})
        links = said.get("_links") or {}
        self.base = web_address(links.get("base")) or self.base
        return Part(said["results"], "more" if links.get("next") else None, said.get("totalSize"))


def named(read: Mapping[str, Any]) -> Named | None:
    """Whom the restriction of reading names; None where there is none. Raises Unclear."""
    try:
        users = read["restrictions"]["user"]
        groups = read["restrictions"]["group"]
        people = [one for one in users["results"] if isinstance(one, dict)]
        if not (people or groups["results"] or users.get("size") or groups.get("size")):
            return None
        return Named(
            e_mails=frozenset(str(one["email"]) for one in people if one.get("email")),
            people=frozenset(_account(one) for one in people if not one.get("email")),
            groups=frozenset(str(one["name"]) for one in groups["results"]),
        )
    except (KeyError, TypeError):
        raise Unclear("Confluence does not tell who may read it") from None


def _account(person: Mapping[str, Any]) -> str:
    return str(person.get("accountId") or person.get("username") or person.get("userKey") or "unknown")


def _parent(one: Mapping[str, Any]) -> tuple[str, str] | None:
    return (str(one["parentId"]), str(one.get("parentType") or "page")) if one.get("parentId") else None
