"""Questions to Notion's API, in the version that this was written for, at the pace that Notion allows."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from ingest.readers.paging import Part, by_cursor
from ingest.sources import Incomplete, Reading, Source
from ingest.web import Denied, Gone, Limits, Web, World
from knowledge.errors import Unreadable

API_VERSION = "2026-03-11"
_PACE = Limits(per_second=3.0, at_once=3)
_AT_ONCE = 100
_MOST_BLOCKS = 20_000
_DEEPEST = 30
_APART = frozenset(("child_page", "child_database"))

Object = Mapping[str, Any]


class Notion:
    """The API with an integration's token."""

    def __init__(self, source: Source, reading: Reading, world: World) -> None:
        headers = {"authorization": f"Bearer {source.secrets['token']}", "notion-version": API_VERSION}
        self._web = Web.of(source, reading, headers=headers, world=world, limits=_PACE)
        self._reading = reading
        self._names: dict[str, str | None] = {}

    def search(self) -> Iterator[Object | Incomplete]:
        """All pages that were shared with the integration, as far as Notion's search lists them."""
        asked = {
            "filter": {"property": "object", "value": "page"},
            "sort": {"timestamp": "last_edited_time", "direction": "ascending"},
        }
        yield from by_cursor(partial(self._posted, "v1/search", asked), self._reading)

    def rows(self, database: str) -> Iterator[Object | Incomplete]:
        """All pages of a database, or of one of its data sources."""
        try:
            sources = [str(one["id"]) for one in self._object(f"v1/databases/{database}")["data_sources"]]
        except Gone:
            sources = [database]
        for one in sources:
            path = f"v1/data_sources/{one}/query"
            yield from by_cursor(partial(self._posted, path, {}), self._reading)

    def page(self, page_id: str) -> Object:
        """Raises Gone when it is not there, or not shared."""
        return self._object(f"v1/pages/{page_id}")

    def above(self, kind: str, one: str) -> tuple[str, Object]:
        """The title of what a page stands in, empty where it has none, and what that stands in."""
        match kind:
            case "page_id":
                from ingest.parsing.notion import title_of

                page = self.page(one)
                return title_of(page.get("properties") or {}), page.get("parent") or {}
            case "data_source_id":
                said = self._object(f"v1/data_sources/{one}")
                return "", said.get("parent") or {}
            case "database_id":
                said = self._object(f"v1/databases/{one}")
                return "".join(str(p.get("plain_text", "")) for p in said.get("title") or ()), said.get(
                    "parent"
                ) or {}
            case "block_id":
                return "", self._object(f"v1/blocks/{one}").get("parent") or {}
            case _:
                return "", {}

    def blocks(self, page_id: str) -> list[Object]:
        """A page's blocks, each with its `children`. Raises Unreadable when they cannot all be had."""
        budget = [_MOST_BLOCKS]
        return self._children(page_id, budget, 0)

    def name_of(self, person: Object | None) -> str | None:
        """A person's e-mail address or name, where the integration may know them."""
        person_id = str((person or {}).get("id") or "")
        if person_id and person_id not in self._names:
            try:
                said = self._object(f"v1/users/{person_id}")
                self._names[person_id] = (said.get("person") or {}).get("email") or said.get("name")
            except (Gone, Denied):
                self._names[person_id] = None
        return self._names.get(person_id)

    def _children(self, block_id: str, budget: list[int], depth: int) -> list[Object]:
        found: list[Object] = []
        path = f"v1/blocks/{block_id}/children"
        for one in by_cursor(partial(self._got, path), self._reading):
            if isinstance(one, Incomplete):
                raise Unreadable(f"its blocks cannot all be read: {one.reason}")
            budget[0] -= 1
            if budget[0] < 0:
                raise Unreadable(f"it has more than {_MOST_BLOCKS:,} blocks")
            if one.get("in_trash") or one.get("archived"):
                continue
            if one.get("has_children") and one.get("type") not in _APART and depth < _DEEPEST:
                found.append({**one, "children": self._children(str(one["id"]), budget, depth + 1)})
            else:
                found.append(one)
        return found

    def _object(self, path: str) -> Object:
        said = self._web.json(path)
        if not isinstance(said, dict):
            raise Unreadable("Notion answered something else than an object")
        return said

    def _got(self, path: str, cursor: str | None) -> Part[Object]:
        return _part(self._web.json(path, {"page_size": _AT_ONCE, "start_cursor": cursor}))

    def _posted(self, path: str, asked: Mapping[str, Any], cursor: str | None) -> Part[Object]:
        body = {**asked, "page_size": _AT_ONCE, **({"start_cursor": cursor} if cursor else {})}
        return _part(self._web.json(path, method="POST", body=body))


def _part(said: Any) -> Part[Object]:
    try:
        return Part(said["results"], said.get("next_cursor") if said.get("has_more") else None)
    except (KeyError, TypeError, AttributeError):
        raise Unreadable("Notion answered something else than a list") from None
