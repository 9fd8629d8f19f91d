"""What admins write in `[[sources]]`, and the line that a mistake gets."""

from pathlib import Path

import pytest

from ingest.readers import KINDS
from ingest.source_tables import source_from_table
from ingest.sources import Source
from knowledge.audience import EVERYONE, Audience
from knowledge.errors import SettingsError

BASE = Path("/srv/lore")
GOOD = {"name": "wiki", "path": "docs", "audience": "everyone"}


def from_table(table: dict[str, object]) -> Source:
    return source_from_table(table, BASE, KINDS, {})


def test_a_table_becomes_a_source() -> None:
    source = from_table({**GOOD, "url": "https://wiki.example/{path}", "max_megabytes": 1.5})
    assert (source.name, source.kind, source.document_kind) == ("wiki", "folder", "wiki")
    assert (source.path, source.audience, source.max_bytes) == (BASE / "docs", EVERYONE, 1_500_000)
    assert from_table({**GOOD, "kind": "runs"}).document_kind == "run"


@pytest.mark.parametrize("name", ["wiki", "Team Wiki", "Runs 2026", "v1.2", "a_b-c", "Équipe", "x" * 64])
def test_names_are_what_people_would_write(name: str) -> None:
    assert from_table({**GOOD, "name": name}).name == name


@pytest.mark.parametrize(
    "name", ["", " wiki", "wiki ", "a/b", "..", ".git", "a.", "a\nb", "x" * 65, 7, None, "-a"]
)
def test_other_names_are_refused(name: object) -> None:
    with pytest.raises(SettingsError, match="`name` must be a short name of letters, digits, spaces"):
        from_table({**GOOD, "name": name})


def test_an_audience_is_a_union_of_principals() -> None:
    entries = ["#research", "@leads", "mira@tern.example", "U012ABCDEF"]
    source = from_table({**GOOD, "audience": entries})
    assert source.audience == Audience(principals=frozenset(entries))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"audience": None}, "`audience` says who may read it"),
        ({"audience": []}, "`audience` says who may read it"),
        ({"audience": ["everyone else"]}, "`audience` says who may read it"),
        ({"kind": "s3"}, "`kind` must be one of folder, runs, "),
        ({"path": " "}, "`path` must name a folder"),
        ({"path": None}, "`path` is missing: Beside lore.toml"),
        ({"url": "ftp://x/{path}"}, "`url` must be a web address"),
        ({"url": "https://x/"}, "`url` must hold {path} or {stem}"),
        ({"include": [1]}, "`include` must be a list of patterns"),
        ({"max_megabytes": 0}, "`max_megabytes` must be a number above 0"),
        ({"paths": "x"}, "a source of kind folder has no key `paths`: known are name, kind"),
    ],
)
def test_each_mistake_is_told_in_one_line_with_the_fix(change: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError) as told:
        from_table({**GOOD, **change})
    assert str(told.value).startswith(message)
    assert "\n" not in str(told.value)
