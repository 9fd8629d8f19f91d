"""Places as the shared suite of remote readers sees them: what can be done there, and what can go wrong."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ingest.readers import KINDS, confluence, drive, mediawiki, notion
from ingest.sources import Listed, Reading, Source
from knowledge.audience import EVERYONE, Audience
from tests.ingest.web_site import Elsewhere
from tests.protocols.confluence import TOKEN, USER, ConfluenceServer
from tests.protocols.drive import ROOT, DriveServer, key_of, user
from tests.protocols.mediawiki import MediaWikiServer
from tests.protocols.notion import TOKEN as NOTION_TOKEN
from tests.protocols.notion import NotionServer, block
from tests.protocols.server import Answer, Protocol


def source_of(
    kind: str, secrets: dict[str, str] | None = None, audience: Audience = EVERYONE, **options: Any
) -> Source:
    """A source of a kind on this machine, with the defaults of its settings."""
    defaults = {field.key: field.default for field in KINDS[kind].fields}
    given = {**defaults, "private_network": True, **options}
    return Source("team", kind, Path(), audience, "wiki", options=given, secrets=secrets or {})


class Place(ABC):
    """A place of some kind at which pages can be written.

    `listing` and `page` are patterns of the requests for a part of a listing and for one page's text.
    """

    listing: str
    page: str

    def __init__(self, server: Protocol) -> None:
        self.server = server
        self.elsewhere = Elsewhere()
        self.source = source_of("mediawiki", address="http://127.0.0.1:1")

    @abstractmethod
    def begin(self, address: str) -> None:
        """The server answers at this address now."""

    @abstractmethod
    def read(self, reading: Reading) -> Iterable[Listed]: ...

    @abstractmethod
    def put(self, title: str, text: str) -> None:
        """Make or edit a page."""

    @abstractmethod
    def remove(self, title: str) -> None: ...

    def restrict(self, title: str, e_mails: list[str]) -> None:
        """From now on only these people may read a page."""
        raise NotImplementedError

    @abstractmethod
    def emptied(self, answer: Answer) -> Answer:
        """The same part of a listing without its entries, though with what leads to the next."""

    @abstractmethod
    def circling(self, answer: Answer) -> Answer:
        """The same part of a listing, leading to a part that was there before."""


class MediaWikiPlace(Place):
    listing, page = "generator=allpages", "action=parse"

    def __init__(self) -> None:
        self.wiki = MediaWikiServer()
        super().__init__(self.wiki)

    def begin(self, address: str) -> None:
        self.source = source_of("mediawiki", address=f"{address}/w")

    def read(self, reading: Reading) -> Iterable[Listed]:
        return mediawiki.read(self.source, reading, self.elsewhere.world)

    def put(self, title: str, text: str) -> None:
        self.wiki.put(title, f"<p>{text}</p>")

    def remove(self, title: str) -> None:
        self.wiki.delete(title)

    def emptied(self, answer: Answer) -> Answer:
        body = {key: value for key, value in answer.body.items() if key != "query"}
        return Answer({**body, "batchcomplete": True, "continue": {"gapcontinue": "z", "continue": "||"}})

    def circling(self, answer: Answer) -> Answer:
        again = {"gapcontinue": "Page 0", "continue": "gapcontinue||"}
        return Answer({**answer.body, "batchcomplete": True, "continue": again})


class ConfluencePlace(Place):
    def __init__(self, edition: str) -> None:
        self.site = ConfluenceServer(edition)
        super().__init__(self.site)
        self.listing = r"/spaces/\d+/pages" if edition == "cloud" else r"rest/api/content\?"
        self.page = r"api/v2/pages/\d+\?" if edition == "cloud" else r"rest/api/content/\d+\?"

    def begin(self, address: str) -> None:
        cloud = self.site.edition == "cloud"
        self.source = source_of(
            "confluence",
            {"token": TOKEN},
            address=f"{address}/wiki" if cloud else address,
            edition=self.site.edition,
            user=USER if cloud else None,
            spaces=("ML",),
            people=("ana = ana@example.com", "bo = bo@example.com"),
        )

    def read(self, reading: Reading) -> Iterable[Listed]:
        return confluence.read(self.source, reading, self.elsewhere.world)

    def put(self, title: str, text: str) -> None:
        for page in self.site.pages.values():
            if page.title == title:
                page.storage, page.version = f"<p>{text}</p>", page.version + 1
                return
        self.site.add(title, f"<p>{text}</p>")

    def remove(self, title: str) -> None:
        page = next(one for one in self.site.pages.values() if one.title == title)
        del self.site.pages[page.id]

    def restrict(self, title: str, e_mails: list[str]) -> None:
        page = next(one for one in self.site.pages.values() if one.title == title)
        page.users = [(one.partition("@")[0], one if "cloud" in self.site.edition else "") for one in e_mails]

    def emptied(self, answer: Answer) -> Answer:
        return Answer({**answer.body, "results": []})

    def circling(self, answer: Answer) -> Answer:
        if self.site.edition == "cloud":
            return Answer({**answer.body, "_links": {"next": "/wiki/api/v2/x?cursor=3"}})
        return Answer({**answer.body, "results": answer.body["results"][:1], "_links": {"next": "/x"}})


class NotionPlace(Place):
    listing, page = "v1/search", r"v1/blocks/[^/]+/children"

    def __init__(self) -> None:
        self.workspace = NotionServer()
        self.ids: dict[str, str] = {}
        super().__init__(self.workspace)

    def begin(self, address: str) -> None:
        self.source = source_of("notion", {"token": NOTION_TOKEN}, address=address)

    def read(self, reading: Reading) -> Iterable[Listed]:
        return notion.read(self.source, reading, self.elsewhere.world)

    def put(self, title: str, text: str) -> None:
        if title in self.ids:
            self.workspace.edit(self.ids[title], [block("paragraph", text)])
        else:
            self.ids[title] = self.workspace.add(title, [block("paragraph", text)])

    def remove(self, title: str) -> None:
        self.workspace.pages[self.ids[title]]["in_trash"] = True

    def emptied(self, answer: Answer) -> Answer:
        return Answer({**answer.body, "results": []})

    def circling(self, answer: Answer) -> Answer:
        return Answer({**answer.body, "has_more": True, "next_cursor": "3"})


class DrivePlace(Place):
    listing, page = r"drive/v3/files\?", "alt=media"

    def __init__(self) -> None:
        self.drive = DriveServer()
        self.ids: dict[str, str] = {}
        super().__init__(self.drive)

    def begin(self, address: str) -> None:
        self.source = source_of("drive", {"key": key_of(address)}, address=address, folder=ROOT)

    def read(self, reading: Reading) -> Iterable[Listed]:
        return drive.read(self.source, reading, self.elsewhere.world)

    def put(self, title: str, text: str) -> None:
        if title in self.ids:
            self.drive.write(self.ids[title], text.encode())
        else:
            self.ids[title] = self.drive.add(f"{title}.md", text.encode())

    def remove(self, title: str) -> None:
        self.drive.files[self.ids[title]]["trashed"] = True
        self.drive.touched()

    def restrict(self, title: str, e_mails: list[str]) -> None:
        self.drive.permissions[self.ids[title]] = [user(one) for one in e_mails]
        self.drive.touched()

    def emptied(self, answer: Answer) -> Answer:
        return Answer({**answer.body, "files": []})

    def circling(self, answer: Answer) -> Answer:
        return Answer({**answer.body, "nextPageToken": "3"})


PLACES = {
    "mediawiki": MediaWikiPlace,
    "confluence-cloud": lambda: ConfluencePlace("cloud"),
    "confluence-data-center": lambda: ConfluencePlace("data-center"),
    "notion": NotionPlace,
    "drive": DrivePlace,
}
"""Makers of places, by name: whoever writes a remote reader adds theirs."""

RESTRICTING = ("confluence-cloud", "confluence-data-center", "drive")
"""Those that tell who may read a page."""
