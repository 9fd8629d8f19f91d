"""Notion's API in the version of 2026-03-11, from its published reference and example responses."""

from typing import Any
from uuid import UUID

from tests.protocols.server import Answer, Asked, Protocol, Refusal

TOKEN = "ntn_integration"
DATABASE, SOURCE = str(UUID(int=0xD0)), str(UUID(int=0xD5))


def words(text: str, **annotations: bool) -> dict[str, Any]:
    """A piece of rich text."""
    return {
        "type": "text",
        "text": {"content": text},
        "plain_text": text,
        "annotations": annotations,
        "href": None,
    }


def block(
    kind: str, text: str | None = None, children: list[dict[str, Any]] | None = None, **more: Any
) -> dict[str, Any]:
    """A block; its children are served by themselves."""
    said = dict(more) if text is None else {"rich_text": [words(text)], **more}
    return {"object": "block", "type": kind, kind: said, "in_trash": False, "below": children or []}


class NotionServer(Protocol):
    """A workspace of which some pages are shared with the integration."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, dict[str, Any]] = {}
        self.blocks: dict[str, list[dict[str, Any]]] = {}
        self.unlisted: set[str] = set()
        self.part = 3
        self._edits = 0

    def add(
        self,
        title: str,
        blocks: list[dict[str, Any]],
        parent: dict[str, Any] | None = None,
        properties: dict[str, Any] | None = None,
    ) -> str:
        page_id = str(UUID(int=0xA0000 + len(self.pages)))
        self.pages[page_id] = {
            "object": "page",
            "id": page_id,
            "created_time": "2026-01-01T09:00:00.000Z",
            "last_edited_by": {"object": "user", "id": str(UUID(int=0xE0))},
            "in_trash": False,
            "parent": parent or {"type": "workspace", "workspace": True},
            "properties": {
                "Name": {"id": "title", "type": "title", "title": [words(title)]},
                **(properties or {}),
            },
            "url": f"https://www.notion.so/{title.replace(' ', '-')}-{page_id.replace('-', '')}",
        }
        self.edit(page_id, blocks)
        return page_id

    def edit(self, page_id: str, blocks: list[dict[str, Any]]) -> None:
        self._edits += 1
        self.pages[page_id]["last_edited_time"] = f"2026-01-02T09:{self._edits:02}:00.000Z"
        self._store(page_id, blocks)

    def _store(self, parent: str, blocks: list[dict[str, Any]]) -> None:
        stored = []
        for one in blocks:
            block_id = str(UUID(int=0xB000000 + len(self.blocks) + 1))
            self.blocks[block_id] = []
            below = one.get("below") or []
            stored.append({**one, "id": block_id, "has_children": bool(below)})
            self._store(block_id, below)
        self.blocks[parent] = [{key: value for key, value in one.items() if key != "below"} for one in stored]

    def answer(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            raise Refusal(401, {"object": "error", "status": 401, "code": "unauthorized"})
        if asked.headers.get("notion-version") != "2026-03-11":
            raise Refusal(400, {"object": "error", "status": 400, "code": "missing_version"})
        match asked.path.strip("/").split("/"):
            case ["v1", "search"]:
                found = [
                    one for key, one in self.pages.items() if not one["in_trash"] and key not in self.unlisted
                ]
                return self._list(found, asked.json.get("start_cursor"))
            case ["v1", "databases", one] if one.replace("-", "") == DATABASE.replace("-", ""):
                return Answer(
                    {
                        "object": "database",
                        "id": DATABASE,
                        "title": [words("Experiments")],
                        "parent": {"type": "workspace", "workspace": True},
                        "data_sources": [{"id": SOURCE, "name": "Experiments"}],
                    }
                )
            case ["v1", "data_sources", one, "query"] if one == SOURCE:
                rows = [one for one in self.pages.values() if one["parent"].get("data_source_id") == SOURCE]
                return self._list(
                    [one for one in rows if not one["in_trash"]], asked.json.get("start_cursor")
                )
            case ["v1", "data_sources", _]:
                return Answer(
                    {"object": "data_source", "parent": {"type": "database_id", "database_id": DATABASE}}
                )
            case ["v1", "pages", page_id]:
                page = self.pages.get(str(UUID(page_id)))
                if page is None:
                    raise Refusal(404, {"object": "error", "status": 404, "code": "object_not_found"})
                return Answer(page)
            case ["v1", "blocks", block_id, "children"]:
                found = self.blocks.get(str(UUID(block_id)))
                if found is None:
                    raise Refusal(404, {"object": "error", "status": 404, "code": "object_not_found"})
                return self._list(found, asked.query.get("start_cursor"))
            case ["v1", "users", user_id]:
                return Answer(
                    {
                        "object": "user",
                        "id": user_id,
                        "name": "Ana Ruiz",
                        "person": {"email": "ana@example.com"},
                    }
                )
        raise Refusal(404, {"object": "error", "status": 404, "code": "object_not_found"})

    def _list(self, found: list[dict[str, Any]], cursor: str | None) -> Answer:
        start = int(cursor or 0)
        end = start + self.part
        more = end < len(found)
        return Answer(
            {
                "object": "list",
                "results": found[start:end],
                "next_cursor": str(end) if more else None,
                "has_more": more,
            }
        )
