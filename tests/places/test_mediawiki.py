"""The reader of MediaWikis at a real one: pages are written, edited, moved, deleted, and asked about."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from ingest.readers import mediawiki
from ingest.report import SyncReport
from ingest.sources import Item, Listed, Reading, Source
from ingest.sync import Syncer
from knowledge.adapters.store import SqlStore
from knowledge.errors import Unreadable
from tests.fakes import HashEmbedder
from tests.places.mediawiki import RealWiki, bot_password, real_wiki, why_not
from tests.protocols.places import source_of
from tests.records import by_paragraph, open_store
from tests.sources import NoGenerations

pytestmark = [pytest.mark.places, pytest.mark.skipif(why_not() is not None, reason=why_not() or "")]

HEADINGS = """Before all of it.
== Rates & "schedules" ==
a
=== ''Prüfung'' 100%25 [x] | <code>lr_0</code> ===
b
== Rates & "schedules" ==
c
<h3>手紙</h3>
d
{{Careful}}
"""
RECIPE = """== Schedule ==
Use a '''cosine''' schedule with 2,000 steps of warm-up.

{| class="wikitext"
! run !! rate
|-
| baseline || 3e-4
|}

{{Careful}}
[[Category:Training]]
"""


@dataclass
class Team:
    """A source that is synced, and what its reader was told and asked."""

    store: SqlStore
    data: Path
    source: Source
    readings: list[Reading] = field(default_factory=list)

    def sync(self) -> SyncReport:
        def read(source: Source, reading: Reading) -> Iterator[Listed]:
            self.readings.append(reading)
            yield from mediawiki.read(source, reading)

        syncer = Syncer(
            self.data,
            self.store,
            NoGenerations(self.store),
            HashEmbedder(),
            read,
            by_paragraph,
            lambda: datetime.now(UTC),
            remote=lambda _: True,
        )
        return syncer.sync([self.source], wait_s=5)

    def text(self, path: str) -> str:
        document = self.store.document(f"team/{path}")
        assert document is not None
        return document.text


@pytest.fixture(scope="module", autouse=True)
def needed() -> None:
    """These tests need PHP and Debian's package of MediaWiki."""
    if (reason := why_not()) is not None:
        pytest.skip(reason)


@pytest.fixture(scope="module")
def wiki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealWiki]:
    with real_wiki(tmp_path_factory.mktemp("public")) as made:
        yield made


def counts(report: SyncReport) -> tuple[int, int, int, int, int]:
    return report.added, report.changed, report.moved, report.removed, report.kept


def test_pages_of_a_real_wiki_are_read_followed_and_forgotten(wiki: RealWiki, tmp_path: Path) -> None:
    wiki.put("Template:Careful", "Never use fp16 for the optimizer.")
    wiki.put("Training recipe", RECIPE)
    wiki.put("Booking", "Book a node in the calendar.")
    wiki.put("Old notes", "Nothing of worth.")
    wiki.put("Guides/Evaluation", "Evaluate on three seeds.")
    wiki.put("Shortcut", "#REDIRECT [[Training recipe]]")
    wiki.put("Help:Editing", "How to edit.")
    source = source_of("mediawiki", address=wiki.address, namespaces=("main", "Help"))
    team = Team(open_store(tmp_path / "data"), tmp_path / "data", source)

    first = team.sync()
    assert (counts(first), first.failed) == ((6, 0, 0, 0, 0), ())  # with the wiki's own main page
    text = team.text("Training recipe")
    assert "## Schedule" in text
    assert "Use a **cosine** schedule with 2,000 steps of warm-up." in text
    assert "| baseline | 3e-4 |" in text
    assert "Never use fp16 for the optimizer." in text, "templates are expanded"
    assert "Categories: Training" in text
    document = team.store.document("team/Training recipe")
    assert document is not None
    assert document.url == f"{wiki.address}/index.php/Training_recipe"
    assert document.owner == "Admin"
    assert document.updated_at is not None
    assert abs(document.updated_at - datetime.now(UTC)) < timedelta(hours=1)

    assert counts(team.sync()) == (0, 0, 0, 0, 6)
    assert team.readings[-1].remembered, "from the second sync on, recent changes are enough"

    wiki.put("Booking", "Book a node with the command salloc.")
    wiki.delete("Old notes")
    wiki.move("Guides/Evaluation", "Guides/How we evaluate")
    wiki.protect("Training recipe")
    second = team.sync()
    assert (counts(second), second.failed) == ((0, 1, 1, 1, 3), ())
    assert "salloc" in team.text("Booking")
    assert "three seeds" in team.text("Guides/How we evaluate")
    assert team.store.current_audience("team/Old notes") is None
    assert team.store.current_audience("team/Guides/Evaluation") is None


def test_a_private_wiki_is_read_with_a_bot_password_only(tmp_path: Path) -> None:
    with real_wiki(tmp_path, private=True) as wiki:
        wiki.put("Plans", "We train on Tuesdays.")
        user, password = bot_password(tmp_path)
        guest = source_of("mediawiki", address=wiki.address)
        with pytest.raises(Unreadable, match="refuses access"):
            list(mediawiki.read(guest, Reading()))
        wrong = source_of("mediawiki", {"password": "wrong"}, address=wiki.address, user=user)
        with pytest.raises(Unreadable, match="Special:BotPasswords"):
            list(mediawiki.read(wrong, Reading()))
        right = source_of("mediawiki", {"password": password}, address=wiki.address, user=user)
        team = Team(open_store(tmp_path / "store"), tmp_path / "store", right)
        assert team.sync().added == 2
        assert "We train on Tuesdays." in team.text("Plans")


def test_citations_lead_to_the_sections_of_a_real_wiki(wiki: RealWiki) -> None:
    wiki.put("Template:Careful", "=== From a template ===\nNever use fp16.")
    wiki.put("Sections", HEADINGS)
    [item] = [
        one
        for one in mediawiki.read(source_of("mediawiki", address=wiki.address), Reading())
        if isinstance(one, Item) and one.path == "Sections"
    ]
    document = item.load()
    told = wiki.asked(action="parse", page="Sections", prop="sections")["parse"]["sections"]
    assert len(document.anchors) == 5
    assert [name for _, name in document.anchors] == [one["anchor"] for one in told]
    assert all(document.text[at:].startswith("#") for at, _ in document.anchors)
    assert document.url is not None
    shown = wiki.client.get(document.url, follow_redirects=True)
    assert shown.status_code == 200
    ids = {str(tag["id"]) for tag in BeautifulSoup(shown.text, "html.parser").find_all(id=True)}
    assert {name for _, name in document.anchors} <= ids


@pytest.mark.timeout(900)
def test_a_question_is_answered_from_a_real_wiki(wiki: RealWiki, tmp_path: Path) -> None:
    kept = "Checkpoints of the speech model are kept for ninety days on the archive disk."
    wiki.put("Checkpoints", f"== Where they lie ==\nOn the fast disk.\n== How long ==\n{kept}")
    config = tmp_path / "lore.toml"
    config.write_text(
        f'[[sources]]\nname = "Team wiki"\nkind = "mediawiki"\naudience = "everyone"\n'
        f'address = "{wiki.address}"\nprivate_network = true\n'
    )
    environment = {**os.environ, "LORE_CONFIG": str(config), "LORE_DATA_DIR": str(tmp_path / "data")}

    def lore(*command: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "bot.cli", *command],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    print(lore("sync"))
    answer = lore("ask", "How long are checkpoints of the speech model kept?")
    print(answer)
    assert "ninety days" in answer
    assert "/Checkpoints#How_long" in answer
