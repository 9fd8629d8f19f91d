"""MediaWikis: when recent changes are enough and when they are not, and what an API of 200s means."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ingest.readers import mediawiki
from ingest.sources import Incomplete, Item, Listed, Reading, Remember, Skipped
from knowledge.documents import Document
from knowledge.errors import Unreadable
from tests.ingest.web_site import Elsewhere
from tests.protocols.mediawiki import PASSWORD, USER, MediaWikiServer
from tests.protocols.places import source_of
from tests.protocols.server import Answer, serving

EVERYTHING = "generator=allpages"
KEY = "AKIA" + "Z3TQ7JMWUPX5RBKD"


class Wiki:
    """A wiki and the source that reads it."""

    def __init__(self, address: str, server: MediaWikiServer) -> None:
        self.server = server
        self.elsewhere = Elsewhere()
        self.source = source_of("mediawiki", address=address)
        self.reading = Reading()

    def say(self, **options: Any) -> None:
        self.source = replace(self.source, options={**self.source.options, **options})

    def listed(self, reading: Reading | None = None) -> dict[str, Listed]:
        found: dict[str, Listed] = {}
        for one in mediawiki.read(self.source, reading or Reading(), self.elsewhere.world):
            match one:
                case Item(path) | Skipped(path):
                    assert path not in found
                    found[path] = one
                case Incomplete():
                    found["incomplete"] = one
                case Remember():
                    found["remember"] = one
        return found

    def sync(self) -> tuple[set[str], bool]:
        """The paths that changed, came or went since the sync before, and whether everything was listed."""
        before = self.server.count(EVERYTHING)
        listed = self.listed(self.reading)
        known = {path: one.digest for path, one in listed.items() if isinstance(one, Item)}
        changed = {path for path, _ in known.items() ^ self.reading.known.items()}
        remember = listed.get("remember")
        note = remember.note if isinstance(remember, Remember) else {}
        self.reading = Reading(known=known, remembered=note)
        return changed, self.server.count(EVERYTHING) > before


@pytest.fixture
def wiki() -> Iterator[Wiki]:
    server = MediaWikiServer()
    with serving(server) as address:
        made = Wiki(address, server)
        for number in range(7):
            server.put(f"Page {number}", f"<p>Text {number}.</p>")
        server.put("Help:Editing", "<p>How to edit.</p>")
        yield made


def loaded(listed: Listed) -> Document:
    assert isinstance(listed, Item), listed
    return listed.load()


def test_after_a_full_listing_recent_changes_are_enough(wiki: Wiki) -> None:
    assert wiki.sync()[1]
    assert wiki.sync() == (set(), False)
    wiki.server.clock = "2026-03-02T10:00:00Z"
    wiki.server.put("Page 1", "<p>Edited.</p>")
    wiki.server.put("Page 9", "<p>New.</p>")
    wiki.server.delete("Page 2")
    wiki.server.move("Page 3", "Guides/Page 3")
    wiki.server.put("Help:Editing", "<p>Another namespace.</p>")
    assert wiki.sync() == ({"Page 1", "Page 9", "Page 2", "Page 3", "Guides/Page 3"}, False)
    assert wiki.sync() == (set(), False)


def test_a_moved_page_keeps_its_digest(wiki: Wiki) -> None:
    before = wiki.listed()["Page 3"]
    wiki.server.move("Page 3", "Guides/Page 3")
    listed = wiki.listed()
    after = listed["Guides/Page 3"]
    assert "Page 3" not in listed, "a redirect is no page"
    assert isinstance(before, Item)
    assert isinstance(after, Item)
    assert before.digest == after.digest


def test_a_page_that_moves_out_of_the_namespaces_is_gone_and_one_that_moves_in_is_there(wiki: Wiki) -> None:
    wiki.sync()
    wiki.server.clock = "2026-03-02T10:00:00Z"
    wiki.server.move("Page 3", "Help:Page 3")
    wiki.server.move("Help:Editing", "Editing")
    assert wiki.sync() == ({"Page 3", "Editing"}, False)


def test_everything_is_listed_when_something_that_was_listed_is_not_known(wiki: Wiki) -> None:
    wiki.sync()
    failed = dict(wiki.reading.known)
    failed["Page 1"] = "an older digest"
    wiki.reading = replace(wiki.reading, known=failed)
    assert wiki.sync() == ({"Page 1"}, True)


def test_everything_is_listed_after_some_days_or_other_settings(wiki: Wiki) -> None:
    wiki.sync()
    wiki.server.clock = "2026-03-08T21:00:00Z"
    assert not wiki.sync()[1]
    wiki.server.clock = "2026-03-09T21:00:00Z"
    assert wiki.sync()[1]
    assert not wiki.sync()[1]
    wiki.say(namespaces=("main", "Help"))
    assert wiki.sync() == ({"Help:Editing"}, True)
    wiki.say(full_listing_days=0)
    assert wiki.sync()[1]
    assert wiki.sync()[1]


@pytest.mark.parametrize("how", ["fails", "circles"])
def test_in_24_recent_changes_that_are_cut_mean_a_full_listing(wiki: Wiki, how: str) -> None:
    wiki.sync()
    wiki.server.clock = "2026-03-02T10:00:00Z"
    for number in range(7):
        wiki.server.put(f"Page {number}", f"<p>Edited {number}.</p>")
    if how == "fails":
        wiki.server.fails("list=recentchanges", 500, after=1)
    else:
        again = {"rccontinue": "20260302|3", "continue": "-||"}
        wiki.server.changes(
            "list=recentchanges", lambda answer: Answer({**answer.body, "continue": again}), after=1
        )
    assert wiki.sync() == ({f"Page {number}" for number in range(7)}, True)


def test_a_known_page_that_has_to_be_read_again_is_asked_for_by_its_title(wiki: Wiki) -> None:
    wiki.sync()
    wiki.server.clock = "2026-03-02T12:00:00Z"
    wiki.sync()
    listed = wiki.listed(wiki.reading)
    document = loaded(listed["Page 4"])
    assert document.text == "Text 4.\n\nCategories: Training runs"
    assert document.digest == wiki.reading.known["Page 4"]
    wiki.server.delete("Page 5")
    with pytest.raises(Unreadable, match="not in the wiki any more"):
        loaded(listed["Page 5"])


def test_in_11_a_page_that_is_deleted_between_listing_and_reading_is_said(wiki: Wiki) -> None:
    listed = wiki.listed()
    wiki.server.texts.clear()
    with pytest.raises(Unreadable, match="not in the wiki any more"):
        loaded(listed["Page 1"])


def test_a_heading_that_holds_a_secret_is_no_anchor(wiki: Wiki) -> None:
    wiki.server.put(
        "Access",
        '<h2><span class="mw-headline" id="Rates">Rates</span></h2><p>Text.</p>'
        f'<h2><span class="mw-headline" id="{KEY}">{KEY}</span></h2><p>Text.</p>'
        f'<h2><span class="mw-headline" id="{KEY}_2">End</span></h2><p>Text.</p>'
        '<h2><span class="mw-headline" id="End_2">End</span></h2><p>Text.</p>',
    )
    document = loaded(wiki.listed()["Access"])
    assert document.redactions == 1
    assert [name for _, name in document.anchors] == ["Rates", "End_2"]
    assert document.text[document.anchors[1][0] :].startswith("## End\n\nText.\n\nCategories")


def test_namespaces_are_named_numbered_or_known_by_an_alias(wiki: Wiki) -> None:
    wiki.server.put("Project:Rules", "<p>Rules.</p>")
    wiki.say(namespaces=("12", "Team"))
    assert {path for path, one in wiki.listed().items() if isinstance(one, Item)} == {
        "Help:Editing",
        "Project:Rules",
    }
    wiki.say(namespaces=("Nowhere",))
    with pytest.raises(Unreadable, match="`namespaces` holds 'Nowhere'"):
        wiki.listed()


def test_a_private_wiki_wants_a_bot_password(wiki: Wiki) -> None:
    wiki.server.private = True
    with pytest.raises(Unreadable, match="the wiki refuses access"):
        wiki.listed()
    wiki.say(user=USER)
    with pytest.raises(Unreadable, match="`user` and `password` belong together"):
        wiki.listed()
    wiki.source = replace(wiki.source, secrets={"password": "wrong"})
    with pytest.raises(Unreadable, match=r"Special:BotPasswords") as told:
        wiki.listed()
    assert "wrong" not in str(told.value)
    wiki.source = replace(wiki.source, secrets={"password": PASSWORD})
    assert loaded(wiki.listed()["Page 1"]).text.startswith("Text 1.")
    assert all(PASSWORD not in one.path for one in wiki.server.asked)


def test_a_password_does_not_go_over_the_open_network(wiki: Wiki) -> None:
    wiki.say(user=USER, private_network=False)
    wiki.elsewhere.names["wiki.example"] = ["93.184.215.14"]
    wiki.say(address="http://wiki.example/api.php")
    wiki.source = replace(wiki.source, secrets={"password": PASSWORD})
    with pytest.raises(Unreadable, match="not sent over http"):
        wiki.listed()


def test_an_address_without_a_wiki_is_said(wiki: Wiki) -> None:
    wiki.say(address=f"{wiki.server.address}/elsewhere")
    with pytest.raises(Unreadable, match=r"no api\.php is found"):
        wiki.listed()


def test_an_empty_page_is_skipped_with_a_reason(wiki: Wiki) -> None:
    wiki.server.put("Empty", "")
    assert wiki.listed()["Empty"] == Skipped("Empty", "the page is empty")
