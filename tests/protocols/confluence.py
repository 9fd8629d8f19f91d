"""Confluence's v2 API (Cloud) and v1 API (both), from Atlassian's published schemas and example responses."""

import base64
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from tests.protocols.server import Answer, Asked, Protocol, Refusal

USER, TOKEN = "lore@example.com", "atlassian-token"


@dataclass
class Page:
    """A page; `users` are pairs of an account and its e-mail address, empty where that is not told."""

    id: str
    space: str
    title: str
    storage: str
    version: int = 1
    parent: str | None = None
    kind: str = "page"
    users: list[tuple[str, str]] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)


@dataclass
class Said:
    """A comment; `about` are the words of the page that it is about, empty for one below the page."""

    id: str
    page: str
    storage: str
    by: str = "Ana Ruiz"
    when: str = "2026-02-04T10:00:00.000Z"
    about: str = ""
    reply_to: str | None = None
    resolution: str = "open"
    version: int = 1


@dataclass
class File:
    """A file of a page."""

    id: str
    page: str
    name: str
    data: bytes
    version: int = 1


class ConfluenceServer(Protocol):
    """One site of either edition: spaces with an id each, pages and folders in them."""

    def __init__(self, edition: str = "cloud") -> None:
        super().__init__()
        self.edition = edition
        self.spaces: dict[str, str] = {"ML": "65601"}
        self.pages: dict[str, Page] = {}
        self.comments: dict[str, Said] = {}
        self.files: dict[str, File] = {}
        self.part = 3
        self.searched: set[str] | None = None
        self._made = 0
        self.base = ""

    def add(self, title: str, storage: str, **more: Any) -> Page:
        self._made += 1
        page_id = str(98300 + self._made)
        page = Page(page_id, more.pop("space", "ML"), title, storage, **more)
        self.pages[page_id] = page
        return page

    def comment(self, page: Page, storage: str, **more: Any) -> Said:
        self._made += 1
        said = Said(str(98300 + self._made), page.id, storage, **more)
        self.comments[said.id] = said
        return said

    def attach(self, page: Page, name: str, data: bytes) -> File:
        self._made += 1
        file = File(f"att{98300 + self._made}", page.id, name, data)
        self.files[file.id] = file
        return file

    def answer(self, asked: Asked) -> Answer:
        path = asked.path
        if path.startswith("/file/"):
            return self._media(asked)
        self._check(asked)
        if self.edition == "cloud":
            if not path.startswith("/wiki/"):
                raise Refusal(404)
            path = path.removeprefix("/wiki")
        parts = path.strip("/").split("/")
        match parts:
            case ["api", "v2", "spaces"] if self.edition == "cloud":
                keys = (
                    asked.query.get("keys", "").split(",") if asked.query.get("keys") else list(self.spaces)
                )
                found = [self._space(key) for key in keys if key in self.spaces]
                return self._cursor(asked, found)
            case ["api", "v2", "spaces", space_id, "pages"] if self.edition == "cloud":
                key = next((key for key, one in self.spaces.items() if one == space_id), None)
                return self._cursor(asked, [self._v2(one) for one in self._in(key)])
            case ["api", "v2", "pages" | "folders", page_id] if self.edition == "cloud":
                return Answer(self._v2(self._one(page_id), body=True))
            case ["rest", "api", "space"]:
                return self._offset(asked, [self._space(key) for key in self.spaces])
            case ["rest", "api", "content", "search"]:
                return self._offset(asked, self._found(asked))
            case ["rest", "api", "content", _, "child", "attachment", file_id, "download"] if (
                self.edition == "cloud"
            ):
                place = f"{self.address}/file/{file_id}/binary?token=signed"
                return Answer(b"", 302, {"location": place})
            case ["download", "attachments", page_id, name] if self.edition != "cloud":
                of_page = [one for one in self.files.values() if one.page == page_id]
                return Answer(next(one.data for one in of_page if one.name == name))
            case ["rest", "api", "content"]:
                if asked.query["spaceKey"] not in self.spaces:
                    raise Refusal(404)
                return self._offset(
                    asked, [self._v1(one, asked) for one in self._in(asked.query["spaceKey"])]
                )
            case ["rest", "api", "content", page_id, "restriction", "byOperation", "read"]:
                return Answer(_read(self._one(page_id), self.edition))
            case ["rest", "api", "content", page_id]:
                return Answer(self._v1(self._one(page_id), asked))
            case ["rest", "api", "user"]:
                return Answer({"accountId": asked.query["accountId"], "displayName": "Ana Ruiz", "email": ""})
        raise Refusal(404)

    def _check(self, asked: Asked) -> None:
        pair = base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
        expected = f"Basic {pair}" if self.edition == "cloud" else f"Bearer {TOKEN}"
        if asked.headers.get("authorization") != expected:
            raise Refusal(401)

    def _in(self, key: str | None) -> list[Page]:
        return [one for one in self.pages.values() if one.space == key and one.kind == "page"]

    def _one(self, page_id: str) -> Page:
        if page_id not in self.pages:
            raise Refusal(404)
        return self.pages[page_id]

    def _found(self, asked: Asked) -> list[dict[str, Any]]:
        """What the search finds, for the few questions that are put to it."""
        asks = asked.query["cql"]
        if place := re.fullmatch(r"container = (\d+) and type = comment order by created", asks):
            return [self._comment(one, asked) for one in self.comments.values() if one.page == place[1]]
        pages = self._in(asks.split('"')[1])
        if kinds := re.search(r"type in \((.*)\) order by created$", asks):
            here = {page.id for page in pages}
            comments = [one for one in self.comments.values() if one.page in here and "comment" in kinds[1]]
            files = [one for one in self.files.values() if one.page in here and "attachment" in kinds[1]]
            return [*(self._comment(one, asked) for one in comments), *(_file(one) for one in files)]
        found = [one for one in pages if self.searched is None or one.id in self.searched]
        return [self._v1(one, asked) for one in found]

    def _comment(self, said: Said, asked: Asked) -> dict[str, Any]:
        expand = asked.query.get("expand", "")
        by = {"type": "known", "displayName": said.by}
        extensions: dict[str, Any] = {"location": "inline" if said.about else "footer"}
        if "extensions.resolution" in expand:
            extensions["resolution"] = {"status": said.resolution}
        if "extensions.inlineProperties" in expand and said.about:
            extensions["inlineProperties"] = {"originalSelection": said.about, "markerRef": "ref"}
        answer: dict[str, Any] = {
            "id": said.id,
            "type": "comment",
            "status": "current",
            "title": "Re: a page",
            "version": {"by": by, "when": said.when, "number": said.version},
            "extensions": extensions,
            "_links": {"webui": f"/pages/viewpage.action?pageId={said.page}&focusedCommentId={said.id}"},
        }
        if "container" in expand:
            answer["container"] = {"id": said.page, "type": "page"}
        if "history" in expand:
            answer["history"] = {"createdBy": by, "createdDate": said.when}
        if "ancestors" in expand:
            answer["ancestors"] = [{"id": said.reply_to, "type": "comment"}] if said.reply_to else []
        if "body.storage" in expand:
            answer["body"] = {"storage": {"value": said.storage, "representation": "storage"}}
        return answer

    def _media(self, asked: Asked) -> Answer:
        """Where Cloud keeps files: the link itself says who may fetch one."""
        if asked.query.get("token") != "signed":
            raise Refusal(403)
        return Answer(self.files[asked.path.split("/")[2]].data)

    def _space(self, key: str) -> dict[str, Any]:
        return {"id": self.spaces[key], "key": key, "name": key, "type": "global", "status": "current"}

    def _v2(self, page: Page, body: bool = False) -> dict[str, Any]:
        parent = self.pages.get(page.parent or "")
        said = {
            "id": page.id,
            "status": "current",
            "title": page.title,
            "spaceId": self.spaces[page.space],
            "parentId": page.parent,
            "parentType": parent.kind if parent else None,
            "authorId": "5b10a2844c20165700ede21g",
            "ownerId": "5b10a2844c20165700ede21g",
            "createdAt": "2026-01-01T09:00:00.000Z",
            "version": {"createdAt": "2026-02-03T10:00:00.000Z", "number": page.version, "minorEdit": False},
            "body": {},
            "_links": {"webui": f"/spaces/{page.space}/pages/{page.id}/{page.title.replace(' ', '+')}"},
        }
        if body:
            said["body"] = {"storage": {"representation": "storage", "value": page.storage}}
            said["labels"] = {
                "results": [{"id": "1", "name": one, "prefix": "global"} for one in page.labels]
            }
        return said

    def _v1(self, page: Page, asked: Asked) -> dict[str, Any]:
        expand = asked.query.get("expand", "")
        above, parent = [], self.pages.get(page.parent or "")
        while parent is not None:
            above.append({"id": parent.id, "type": "page", "title": parent.title})
            parent = self.pages.get(parent.parent or "")
        said: dict[str, Any] = {
            "id": page.id,
            "type": "page",
            "status": "current",
            "title": page.title,
            "_links": {"webui": f"/display/{page.space}/{page.title.replace(' ', '+')}"},
        }
        if "version" in expand:
            by = {"type": "known", "username": "aruiz", "displayName": "Ana Ruiz"}
            said["version"] = {"by": by, "when": "2026-02-03T10:00:00.000Z", "number": page.version}
        if "ancestors" in expand:
            said["ancestors"] = above[::-1]
        if "restrictions.read" in expand:
            said["restrictions"] = {"read": _read(page, self.edition)}
        if "body.storage" in expand:
            said["body"] = {"storage": {"value": page.storage, "representation": "storage"}}
        if "metadata.labels" in expand:
            said["metadata"] = {
                "labels": {"results": [{"prefix": "global", "name": one} for one in page.labels]}
            }
        return said

    def _links(self) -> dict[str, str]:
        here = f"{self.address}/wiki" if self.edition == "cloud" else self.address
        return {"base": self.base or here}

    def _cursor(self, asked: Asked, found: list[dict[str, Any]]) -> Answer:
        start = int(asked.query.get("cursor", "0"))
        end = start + self.part
        links = self._links()
        if end < len(found):
            query = urlencode({**asked.query, "cursor": str(end)})
            links["next"] = f"{asked.path}?{query}"
        return Answer({"results": found[start:end], "_links": links})

    def _offset(self, asked: Asked, found: list[dict[str, Any]]) -> Answer:
        start = int(asked.query.get("start", "0"))
        some = found[start : start + self.part]
        links = self._links()
        if start + self.part < len(found):
            query = urlencode({**asked.query, "start": str(start + self.part)})
            links["next"] = f"/rest/api/content?{query}"
        return Answer(
            {"results": some, "start": start, "limit": self.part, "size": len(some), "_links": links}
        )


def _file(file: File) -> dict[str, Any]:
    return {
        "id": file.id,
        "type": "attachment",
        "status": "current",
        "title": file.name,
        "version": {
            "by": {"type": "known", "displayName": "Ana Ruiz"},
            "when": "2026-02-05T10:00:00.000Z",
            "number": file.version,
        },
        "container": {"id": file.page, "type": "page"},
        "extensions": {"mediaType": "application/octet-stream", "fileSize": len(file.data)},
        "_links": {
            "webui": f"/pages/viewpageattachments.action?pageId={file.page}&preview={file.id}",
            "download": f"/download/attachments/{file.page}/{quote(file.name)}?version={file.version}&api=v2",
        },
    }


def _read(page: Page, edition: str) -> dict[str, Any]:
    def user(account: str, e_mail: str) -> dict[str, Any]:
        if edition == "cloud":
            return {"type": "known", "accountId": account, "email": e_mail, "publicName": account}
        return {"type": "known", "username": account, "userKey": f"key-{account}", "displayName": account}

    users = [user(*one) for one in page.users]
    groups = [{"type": "group", "name": name} for name in page.groups]
    return {
        "operation": "read",
        "restrictions": {
            "user": {"results": users, "start": 0, "limit": 200, "size": len(users)},
            "group": {"results": groups, "start": 0, "limit": 200, "size": len(groups)},
        },
    }
