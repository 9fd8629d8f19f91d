"""The sources of now: of the file and added, what is broken kept in its place; and their limits in Slack."""

from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.journal import added_sources
from bot.journal.added_sources import AddedSource, Draft, RemovedSource
from bot.journal.migrate import migrate
from bot.linking import linkable
from bot.schedules import AtStart, Daily, Every
from bot.settings import load_settings
from bot.source_settings import SourceReader, SourcesInSlack, in_words, schedule_of
from bot.sources_now import SourcesNow, sources_now, why_broken
from bot.trying import NotTried, Tried, try_source
from ingest.readers import read
from ingest.sources import Incomplete, Item, Listed, Reading, Skipped, Source
from knowledge.adapters.database import Database, open_database
from knowledge.audience import EVERYONE, Audience
from knowledge.errors import SettingsError, Unreadable

FILE = '[[sources]]\nname = "wiki"\npath = "wiki"\naudience = "everyone"\n'
WIKI = {
    "kind": "mediawiki",
    "name": "team",
    "address": "https://wiki.example",
    "audience": ["#leads"],
    "user": "Lore",
    "password": "WIKI_PASSWORD",
}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    (tmp_path / "lore.toml").write_text(FILE)
    database = open_database(tmp_path / "lore.db")
    migrate(database)
    yield database
    database.close()


def now(database: Database, tmp_path: Path, **environment: str) -> SourcesNow:
    return sources_now(load_settings({"LORE_CONFIG": str(tmp_path / "lore.toml"), **environment}), database)


def keep(database: Database, record: AddedSource | RemovedSource, at: float = 1.0) -> None:
    with database.writing() as connection:
        added_sources.write(connection, record, at)


def test_added_sources_follow_those_of_the_file(database: Database, tmp_path: Path) -> None:
    keep(database, AddedSource(WIKI, "ana"))
    found = now(database, tmp_path, WIKI_PASSWORD="xyzzy")
    assert [one.name for one in found] == ["wiki", "team"]
    assert (found.broken, found.overruled) == ({}, ())
    assert found.added["team"].by == "ana"
    team = found.named("team")
    assert team is not None
    assert team.source.secrets == {"password": "xyzzy"}
    assert "xyzzy" not in repr(found)


def test_the_file_has_a_name_that_both_know(database: Database, tmp_path: Path) -> None:
    keep(database, AddedSource({**WIKI, "name": "wiki"}, "ana"))
    found = now(database, tmp_path, WIKI_PASSWORD="secret")
    assert [one.source.kind for one in found] == ["folder"]
    assert (found.overruled, dict(found.added)) == (("wiki",), {})


def test_one_whose_secret_is_gone_keeps_its_place_and_its_audience(
    database: Database, tmp_path: Path
) -> None:
    keep(database, AddedSource(WIKI, "ana"))
    found = now(database, tmp_path)
    assert "WIKI_PASSWORD, which is not set" in found.broken["team"]
    team = found.named("team")
    assert team is not None
    assert team.source.audience == Audience(principals=frozenset({"#leads"}))
    assert why_broken(team.source) == found.broken["team"]


@pytest.mark.parametrize("audience", [None, [], 7, "nobody at all"])
def test_one_whose_audience_cannot_be_read_is_nobodys(
    database: Database, tmp_path: Path, audience: Any
) -> None:
    keep(database, AddedSource({**WIKI, "audience": audience}, "ana"))
    team = now(database, tmp_path, WIKI_PASSWORD="secret").named("team")
    assert team is not None
    assert team.source.audience == Audience()


def test_an_edit_replaces_and_a_removal_ends_and_both_leave_a_trace(
    database: Database, tmp_path: Path
) -> None:
    first = AddedSource(WIKI, "ana")
    keep(database, first, 1.0)
    keep(database, first, 2.0)
    keep(database, AddedSource({**WIKI, "name": "new"}, "ben", replaces="team"), 3.0)
    assert list(now(database, tmp_path, WIKI_PASSWORD="x").added) == ["new"]
    keep(database, RemovedSource("new", "chloe"), 4.0)
    assert list(now(database, tmp_path, WIKI_PASSWORD="x").added) == []
    with database.reading() as connection:
        rows = connection.exec_driver_sql(
            "SELECT name, added_by, added_at, removed_by, removed_at FROM added_sources ORDER BY added_at"
        ).all()
    assert [tuple(row) for row in rows] == [
        ("team", "ana", 1.0, "ben", 3.0),
        ("new", "ben", 3.0, "chloe", 4.0),
    ]


def test_az_26_a_draft_is_its_writers_alone_and_forgotten_after_a_day(database: Database) -> None:
    with database.writing() as connection:
        added_sources.keep_draft(connection, Draft("U1", WIKI, id="d1"), 1.0)
        assert added_sources.draft(connection, "d1", "U2") is None
        assert added_sources.draft(connection, "d1", "U1") == Draft("U1", WIKI, id="d1")
        added_sources.keep_draft(connection, Draft("U1", WIKI, id="d2"), 2.0 + added_sources.KEEP_DRAFTS_S)
        assert added_sources.draft(connection, "d1", "U1") is None


MON_THU = frozenset({0, 3})
BASE = {"name": "x", "audience": "everyone"}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"kind": "folder", "path": "/etc"}, "folders"),
        ({"kind": "folder", "path": "allowed/../.."}, "folders"),
        ({"kind": "runs", "path": "~"}, "folders"),
        ({"kind": "git", "repository": "file:///etc"}, "folders"),
        ({"kind": "git", "repository": "/etc"}, "folders"),
        ({"kind": "git", "repository": " ../secret"}, "folders"),
        ({"kind": "git", "repository": "git@github.com:team/wiki.git"}, "ssh_key"),
        ({"kind": "git", "repository": "ssh://git@github.com/team/wiki.git"}, "ssh_key"),
        ({"kind": "git", "repository": "https://git.example/w", "token": "SLACK_BOT_TOKEN"}, "`secrets`"),
        ({"kind": "git", "repository": "https://git.example/w", "webhook_secret": "PATH"}, "`secrets`"),
        ({"kind": "mediawiki", "address": "https://10.0.0.1", "private_network": True}, "private_network"),
    ],
)
def test_what_slack_may_not_set_is_refused_and_the_command_line_may(
    tmp_path: Path, table: dict[str, Any], said: str
) -> None:
    (tmp_path / "allowed").mkdir()
    environment = {"SLACK_BOT_TOKEN": "xoxb", "PATH": "/bin"}
    reader = SourceReader(tmp_path, environment, in_slack=SourcesInSlack((tmp_path / "allowed",)))
    with pytest.raises(SettingsError, match=said):
        reader.read_from_slack({**BASE, **table})
    assert reader.read({**BASE, **table}).name == "x"


def test_what_slack_may_set_is_read(tmp_path: Path) -> None:
    (tmp_path / "allowed" / "wiki").mkdir(parents=True)
    allowed = SourcesInSlack((tmp_path / "allowed",), frozenset({"TOKEN", "KEY"}), private_network=True)
    reader = SourceReader(tmp_path, {"TOKEN": "t", "KEY": "/keys/wiki"}, in_slack=allowed)
    for table in (
        {"kind": "folder", "path": "allowed/wiki"},
        {"kind": "git", "repository": "https://git.example/w", "token": "TOKEN", "private_network": True},
        {"kind": "git", "repository": "git@github.com:team/wiki.git", "ssh_key": "KEY"},
    ):
        assert reader.read_from_slack({**BASE, **table}).name == "x"


@pytest.mark.parametrize(
    ("table", "schedule", "said"),
    [
        ({}, AtStart(), "when asked"),
        ({"every": "30m"}, Every(timedelta(minutes=30)), "every 30 minutes"),
        ({"every": "2h"}, Every(timedelta(hours=2)), "every 2 hours"),
        ({"every": "1d"}, Every(timedelta(days=1)), "every day"),
        ({"at": "03:00"}, Daily(time(3)), "daily at 03:00"),
        (
            {"at": "23:59", "days": ["thu", "mon"]},
            Daily(time(23, 59), frozenset({0, 3})),
            "Mon, Thu at 23:59",
        ),
    ],
)
def test_schedules_are_read_and_said(table: dict[str, Any], schedule: object, said: str) -> None:
    found = schedule_of(table, AtStart())
    assert found == schedule
    assert in_words(found) == said


@pytest.mark.parametrize(
    "table",
    [
        {"every": "4m"},
        {"every": "2 h"},
        {"every": 2},
        {"every": "0h"},
        {"at": "24:00"},
        {"at": "3:00"},
        {"at": "03:00", "days": []},
        {"at": "03:00", "days": ["monday"]},
        {"days": ["mon"]},
        {"every": "2h", "at": "03:00"},
    ],
)
def test_wrong_schedules_are_told(table: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        schedule_of(table, AtStart())


def test_links_lead_to_the_places_of_sources_and_nowhere_else() -> None:
    def at(kind: str, url: str | None = None, **options: Any) -> Source:
        return Source("x", kind, Path(), EVERYONE, "wiki", url, options=options)

    assert linkable([at("folder", "https://wiki.example/{path}")]) == {"https://wiki.example"}
    assert linkable([at("mediawiki", address="https://media.example/w")]) == {"https://media.example"}
    assert linkable([at("git", repository="git@github.com:team/wiki.git")]) == {"https://github.com"}
    assert linkable([at("git", repository="https://git.example/w.git")]) == {"https://git.example"}
    assert linkable([at("git", repository="file:///srv/wiki")]) == frozenset()
    assert "https://www.notion.so" in linkable([at("notion")])
    assert linkable([at("folder")]) == frozenset()


SOURCE = Source("x", "folder", Path("/nowhere"), EVERYONE, "wiki")


def test_trying_lists_and_reads_titles(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.md").write_text(f"# Page {number}\n\nWords.\n")
    (tmp_path / "empty.md").write_text("")
    source = Source("x", "folder", tmp_path, EVERYONE, "wiki")
    tried = try_source(source, read)
    assert isinstance(tried, Tried)
    assert (tried.documents, tried.complete, tried.titles) == (5, True, ("Page 0", "Page 1", "Page 2"))


def test_trying_says_exactly_why_not() -> None:
    said = "the wiki refuses the password (401): set WIKI_PASSWORD anew"

    def refused(_source: Source, _reading: Reading) -> Iterator[Listed]:
        raise Unreadable(said)
        yield

    assert try_source(SOURCE, refused) == NotTried(
        "the wiki refuses the password (401): set WIKI_PASSWORD anew"
    )

    def broken(_source: Source, _reading: Reading) -> Iterator[Listed]:
        raise KeyError("pages")
        yield

    tried = try_source(SOURCE, broken)
    assert isinstance(tried, NotTried)
    assert "KeyError" in tried.reason


def test_trying_ends_in_time_with_what_is_known() -> None:
    def endless(_source: Source, reading: Reading) -> Iterator[Listed]:
        number = 0
        while not reading.stopped():
            yield Item(f"{number}", "d", lambda: pytest.fail("there is no time left to read it"))
            number += 1
        raise Unreadable("stopped")

    tried = try_source(SOURCE, endless, within_s=0.3)
    assert isinstance(tried, Tried)
    assert tried.documents > 0
    assert not tried.complete


def test_trying_gives_up_on_a_reader_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    import bot.trying

    monkeypatch.setattr(bot.trying, "GRACE_S", 0.1)
    let_go = threading.Event()

    def hanging(_source: Source, _reading: Reading) -> Iterator[Listed]:
        let_go.wait(30)
        yield Skipped("a", "b")

    tried = try_source(SOURCE, hanging, within_s=0.1)
    let_go.set()
    assert isinstance(tried, NotTried)
    assert "nothing came" in tried.reason


def test_trying_tells_of_what_is_incomplete() -> None:
    def partly(_source: Source, _reading: Reading) -> Iterator[Listed]:
        yield Skipped("drafts/", "no permission")
        yield Incomplete("page 3 of 10 was empty")

    assert try_source(SOURCE, partly) == Tried(
        0, True, (), ("drafts/: no permission", "page 3 of 10 was empty")
    )
