"""Notion's pages and databases: what is shared, where it stands, and what Notion's search leaves out."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.readers import notion
from ingest.sources import Incomplete, Item, Listed, Reading, Skipped
from ingest.web import World
from knowledge.errors import Unreadable
from tests.ingest.web_site import Elsewhere
from tests.protocols.notion import DATABASE, SOURCE, TOKEN, NotionServer, block
from tests.protocols.places import source_of
from tests.protocols.server import serving


class Workspace:
    """A workspace and the source that reads it."""

    def __init__(self, address: str, server: NotionServer) -> None:
        self.server = server
        self.elsewhere = Elsewhere()
        self.source = source_of("notion", {"token": TOKEN}, address=address)

    def say(self, **options: Any) -> None:
        self.source = replace(self.source, options={**self.source.options, **options})

    def listed(self, known: dict[str, str] | None = None, world: World | None = None) -> dict[str, Listed]:
        found: dict[str, Listed] = {}
        reading = Reading(known=known or {})
        for number, one in enumerate(notion.read(self.source, reading, world or self.elsewhere.world)):
            found[one.path if isinstance(one, Item | Skipped) else f"incomplete {number}"] = one
        return found

    def titles(self, **more: Any) -> set[str]:
        return {path[:-33] for path, one in self.listed(**more).items() if isinstance(one, Item)}

    def digests(self) -> dict[str, str]:
        return {path: one.digest for path, one in self.listed().items() if isinstance(one, Item)}


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    server = NotionServer()
    with serving(server) as address:
        yield Workspace(address, server)


def below(page_id: str) -> dict[str, Any]:
    return {"type": "page_id", "page_id": page_id}


def test_pages_stand_below_pages_blocks_and_databases(workspace: Workspace) -> None:
    top = workspace.server.add("Guides", [block("toggle", "More", [block("paragraph", "Inside.")])])
    workspace.server.add("Training", [block("paragraph", "Text.")], below(top))
    row = {"type": "data_source_id", "data_source_id": SOURCE, "database_id": DATABASE}
    properties = {"Accuracy": {"type": "number", "number": 0.91}}
    workspace.server.add("Run 1", [block("paragraph", "It worked.")], row, properties)
    assert workspace.titles() == {"Guides", "Guides/Training", "Experiments/Run 1"}
    item = next(one for path, one in workspace.listed().items() if "Run 1" in path)
    assert isinstance(item, Item)
    document = item.load()
    assert document.text == "| Property | Value |\n|---|---|\n| Accuracy | 0.91 |\n\nIt worked."
    assert document.title == "Run 1"
    assert document.owner == "ana@example.com"
    assert document.lines_are_the_files is False


def test_nested_blocks_are_fetched_level_by_level(workspace: Workspace) -> None:
    inner = block("bulleted_list_item", "two", [block("bulleted_list_item", "three")])
    workspace.server.add(
        "Nested", [block("bulleted_list_item", "one", [inner]), *[block("paragraph", "p")] * 5]
    )
    item = next(iter(workspace.listed().values()))
    assert isinstance(item, Item)
    assert item.load().text.startswith("- one\n  - two\n    - three\n\np\n\np")


def test_only_what_is_below_the_named_pages_and_databases_is_read(workspace: Workspace) -> None:
    top = workspace.server.add("Guides", [block("paragraph", "Text.")])
    workspace.server.add("Training", [block("paragraph", "Text.")], below(top))
    row = {"type": "data_source_id", "data_source_id": SOURCE, "database_id": DATABASE}
    workspace.server.add("Run 1", [block("paragraph", "Text.")], row)
    workspace.server.add("Private", [block("paragraph", "Text.")])
    workspace.say(pages=(f"https://www.notion.so/team/Guides-{top.replace('-', '')}?pvs=4",))
    assert workspace.titles() == {"Guides", "Guides/Training"}
    workspace.say(databases=(DATABASE,))
    assert workspace.titles() == {"Guides", "Guides/Training", "Experiments/Run 1"}
    workspace.say(pages=("everything",))
    with pytest.raises(Unreadable, match="`pages` holds 'everything'"):
        workspace.listed()


def test_rows_that_the_search_leaves_out_are_found_in_their_database(workspace: Workspace) -> None:
    row = {"type": "data_source_id", "data_source_id": SOURCE, "database_id": DATABASE}
    ids = [workspace.server.add(f"Run {n}", [block("paragraph", "Text.")], row) for n in range(7)]
    workspace.server.unlisted = set(ids)
    workspace.say(databases=(DATABASE,))
    assert len(workspace.titles()) == 7


def test_in_24_a_page_that_the_search_leaves_out_is_asked_for_before_it_counts_as_gone(
    workspace: Workspace,
) -> None:
    ids = [workspace.server.add(f"Page {n}", [block("paragraph", "Text.")]) for n in range(4)]
    known = workspace.digests()
    workspace.server.unlisted = {ids[0]}
    workspace.server.pages[ids[1]]["in_trash"] = True
    del workspace.server.pages[ids[2]]
    listed = workspace.listed(known)
    assert {path[:-33] for path in listed} == {"Page 0", "Page 3"}
    assert {
        path: one.digest for path, one in listed.items() if isinstance(one, Item)
    }.items() <= known.items()


def test_in_23_a_page_that_cannot_be_asked_for_stays(workspace: Workspace) -> None:
    page_id = workspace.server.add("Page", [block("paragraph", "Text.")])
    known = workspace.digests()
    workspace.server.unlisted = {page_id}
    workspace.server.fails("v1/pages/", 500)
    assert [type(one) for one in workspace.listed(known).values()] == [Skipped]


def test_in_23_a_database_that_is_not_shared_makes_the_listing_incomplete(workspace: Workspace) -> None:
    workspace.server.add("Page", [block("paragraph", "Text.")])
    workspace.say(databases=("f" * 32,))
    reasons = [one.reason for one in workspace.listed().values() if isinstance(one, Incomplete)]
    assert len(reasons) == 1
    assert reasons[0].endswith("share it with the integration")


def test_in_24_blocks_that_break_off_are_no_page(workspace: Workspace) -> None:
    workspace.server.add("Long", [block("paragraph", f"Paragraph {n}.") for n in range(9)])
    item = next(iter(workspace.listed().values()))
    workspace.server.changes(
        "children", lambda answer: replace(answer, body={**answer.body, "results": []}), times=1, after=1
    )
    assert isinstance(item, Item)
    with pytest.raises(Unreadable, match="its blocks cannot all be read"):
        item.load()


def test_within_the_minute_of_an_edit_nothing_is_settled(workspace: Workspace) -> None:
    page_id = workspace.server.add("Page", [block("paragraph", "Text.")])
    workspace.server.pages[page_id]["last_edited_time"] = "2026-03-02T09:00:00.000Z"

    def at(minute: int, second: int) -> str:
        world = replace(
            workspace.elsewhere.world, clock=lambda: datetime(2026, 3, 2, 9, minute, second, tzinfo=UTC)
        )
        item = next(iter(workspace.listed(world=world).values()))
        assert isinstance(item, Item)
        return item.digest

    assert at(0, 10) != at(0, 50)
    assert at(0, 50) != at(5, 0)
    assert at(5, 0) == at(9, 0)


def test_notion_is_asked_three_times_a_second(workspace: Workspace) -> None:
    for number in range(40):
        workspace.server.add(f"Page {number}", [block("paragraph", "Text.")])
    workspace.listed()
    asked = len(workspace.server.asked)
    assert workspace.elsewhere.waited > (asked - 3) / 3 * 0.9 - 5
