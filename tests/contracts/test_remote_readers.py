"""What every reader of a remote place does, whatever its protocol: one suite, held at each of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from ingest.sources import Incomplete, Item, Reading, Remember, Skipped, Withheld
from ingest.sync import Syncer
from knowledge.audience import EVERYONE, Audience
from knowledge.errors import Unreadable
from tests.fakes import HashEmbedder
from tests.protocols.places import PLACES, RESTRICTING, Place
from tests.protocols.server import serving
from tests.records import by_paragraph, open_store
from tests.sources import NoGenerations

TITLES = [f"Page {number}" for number in range(10)]


restricting = pytest.mark.parametrize("place", RESTRICTING, indirect=True)


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    made: Place = PLACES[request.param]()
    with serving(made.server) as address:
        made.begin(address)
        for number, title in enumerate(TITLES):
            made.put(title, f"The recipe number {number} uses a batch of {number + 8} samples.")
        yield made


@dataclass
class Seen:
    """A listing, sorted by what it says."""

    items: dict[str, Item] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    withheld: dict[str, str] = field(default_factory=dict)
    incomplete: list[str] = field(default_factory=list)
    remembered: Remember | None = None

    @property
    def digests(self) -> dict[str, str]:
        return {path: item.digest for path, item in self.items.items()}

    @property
    def reading(self) -> Reading:
        """What the next sync is told when this one succeeded."""
        return Reading(known=self.digests, remembered=self.remembered.note if self.remembered else {})

    def of(self, title: str) -> str:
        """The path of the page with a title."""
        return next(path for path in self.items if title in path)


def seen(place: Place, reading: Reading | None = None) -> Seen:
    found = Seen()
    for one in place.read(reading or Reading()):
        match one:
            case Item(path):
                assert path not in found.items
                found.items[path] = one
            case Skipped(path, reason):
                found.skipped[path] = reason
            case Withheld(path, reason):
                found.withheld[path] = reason
            case Incomplete(reason):
                found.incomplete.append(reason)
            case Remember():
                found.remembered = one
    return found


def test_everything_is_listed_with_its_text_address_and_date(place: Place) -> None:
    listing = seen(place)
    assert (len(listing.items), listing.skipped, listing.incomplete) == (10, {}, [])
    document = listing.items[listing.of("Page 3")].load()
    assert "The recipe number 3 uses a batch of 11 samples." in document.text
    assert document.title.removesuffix(".md") == "Page 3"
    assert document.digest == listing.items[document.path].digest
    assert document.audience == EVERYONE
    assert document.updated_at is not None
    assert (document.url or "").startswith("http")
    assert document.owner


def test_what_did_not_change_has_the_same_digest(place: Place) -> None:
    first = seen(place)
    assert list(seen(place).digests.items()) == list(first.digests.items())
    assert seen(place, first.reading).digests == first.digests


def test_only_an_edited_page_has_another_digest(place: Place) -> None:
    first = seen(place)
    place.put("Page 4", "The recipe number 4 uses gradient checkpointing now.")
    second = seen(place, first.reading)
    changed = {path for path in first.digests if second.digests[path] != first.digests[path]}
    assert changed == {first.of("Page 4")}
    assert "gradient checkpointing" in second.items[first.of("Page 4")].load().text


def test_in_15_a_removed_page_is_no_longer_listed_and_a_new_one_is(place: Place) -> None:
    first = seen(place)
    place.remove("Page 5")
    place.put("Page 10", "A new recipe.")
    second = seen(place, first.reading)
    assert second.digests.keys() - first.digests.keys() == {second.of("Page 10")}
    assert first.digests.keys() - second.digests.keys() == {first.of("Page 5")}
    assert second.incomplete == []


def test_settings_that_shape_documents_change_every_digest(place: Place) -> None:
    first = seen(place)
    place.source = replace(place.source, audience=Audience(principals=frozenset({"#research"})))
    second = seen(place, first.reading)
    assert second.digests.keys() == first.digests.keys()
    assert not set(second.digests.values()) & set(first.digests.values())
    assert second.items[first.of("Page 1")].load().audience.principals == {"#research"}


def test_what_is_outside_the_patterns_is_not_listed(place: Place) -> None:
    place.source = replace(place.source, exclude=("**/*Page 7*",))
    listing = seen(place)
    assert len(listing.items) == 9
    assert not [path for path in listing.items if "Page 7" in path]


def test_in_23_a_failure_that_passes_costs_nothing(place: Place) -> None:
    place.server.fails(place.listing, 500, times=1, after=1)
    listing = seen(place)
    assert (len(listing.items), listing.incomplete) == (10, [])


def test_in_23_retry_after_is_waited_for(place: Place) -> None:
    place.server.fails(place.listing, 429, times=1, headers={"retry-after": "17"})
    assert len(seen(place).items) == 10
    assert place.elsewhere.waited >= 17


def test_in_23_a_listing_that_always_fails_removes_nothing(place: Place) -> None:
    first = seen(place)
    place.server.fails("", 503)
    with pytest.raises(Unreadable):
        seen(place, first.reading)


def test_in_23_a_secret_that_is_refused_is_said_and_not_tried_again_and_again(place: Place) -> None:
    first = seen(place)
    place.server.fails("", 401)
    before = len(place.server.asked)
    with pytest.raises(Unreadable, match="refuse"):
        seen(place, first.reading)
    assert len(place.server.asked) - before <= 2


def test_in_23_a_page_that_cannot_be_fetched_says_why(place: Place) -> None:
    listing = seen(place)
    place.server.fails(place.page, 500)
    with pytest.raises(Unreadable, match="500"):
        listing.items[listing.of("Page 6")].load()


def test_in_24_a_part_that_never_comes_makes_the_listing_incomplete(place: Place) -> None:
    place.server.fails(place.listing, 500, after=2)
    listing = seen(place)
    assert 0 < len(listing.items) < 10 or listing.skipped
    assert listing.incomplete or listing.skipped
    assert listing.remembered is None


def test_in_24_a_connection_that_drops_at_63_percent_is_asked_again_then_incomplete(place: Place) -> None:
    place.server.drops(place.listing, times=1, after=1)
    assert (len(seen(place).items), seen(place).incomplete) == (10, [])
    place.server.drops(place.listing, after=2)
    listing = seen(place)
    assert listing.incomplete or listing.skipped


def test_in_24_an_empty_part_in_the_midst_makes_the_listing_incomplete(place: Place) -> None:
    place.server.changes(place.listing, place.emptied, times=1, after=2)
    listing = seen(place)
    assert len(listing.items) < 10
    assert listing.incomplete
    assert listing.remembered is None


def test_in_24_a_cursor_that_repeats_ends_and_is_incomplete(place: Place) -> None:
    place.server.changes(place.listing, place.circling, after=2)
    listing = seen(place)
    assert listing.incomplete
    assert len(place.server.asked) < 100


def test_in_24_garbage_in_place_of_a_listing_removes_nothing(place: Place) -> None:
    first = seen(place)
    place.server.changes(place.listing, lambda answer: replace(answer, body=b"<html>maintenance</html>"))
    try:
        listing = seen(place, replace(first.reading, remembered={}))
    except Unreadable:
        return
    assert listing.incomplete or listing.skipped


def test_a_reader_that_is_told_to_stop_stops(place: Place) -> None:
    calls = 0

    def stopped() -> bool:
        nonlocal calls
        calls += 1
        return calls > 4

    with pytest.raises(Unreadable, match="stopped"):
        list(place.read(Reading(stopped=stopped)))


@restricting
def test_in_15_a_restriction_narrows_and_its_end_widens(place: Place) -> None:
    first = seen(place)
    place.restrict("Page 2", ["ana@example.com"])
    second = seen(place, first.reading)
    ana = Audience(principals=frozenset({"ana@example.com"}))
    assert second.items[first.of("Page 2")].audience == ana
    assert second.digests[first.of("Page 2")] != first.digests[first.of("Page 2")]
    assert second.items[first.of("Page 2")].load().audience == ana
    place.restrict("Page 2", ["ana@example.com", "bo@example.com"])
    third = seen(place, second.reading)
    audience = third.items[first.of("Page 2")].audience
    assert audience is not None
    assert audience.principals == {"ana@example.com", "bo@example.com"}
    assert third.digests[first.of("Page 2")] != second.digests[first.of("Page 2")]


@pytest.fixture
def syncer(place: Place, tmp_path: Path) -> Syncer:
    store = open_store(tmp_path / "data")
    return Syncer(
        tmp_path / "data",
        store,
        NoGenerations(store),
        HashEmbedder(),
        lambda _, reading: place.read(reading),
        by_paragraph,
        place.elsewhere.world.clock,
        remote=lambda _: True,
    )


def test_in_23_what_is_known_outlives_every_failure(place: Place, syncer: Syncer) -> None:
    assert syncer.sync([place.source]).added == 10
    for fault in (
        lambda: place.server.fails("", 500),
        lambda: place.server.fails("", 403),
        lambda: place.server.fails(place.listing, 500, after=1),
        lambda: place.server.drops(place.listing, after=1),
        lambda: place.server.changes(place.listing, place.emptied, after=1),
    ):
        place.put("Page 1", f"Edited {len(place.server.asked)}.")
        fault()
        report = syncer.sync([place.source])
        assert (report.removed, report.added) == (0, 0)
        assert syncer.store.holdings(syncer.store.published())["team"][0] == 10
        place.server.heals()
    report = syncer.sync([place.source])
    assert (report.removed, report.changed + report.kept, report.failed) == (0, 10, ())


def test_in_25_a_place_that_seems_empty_removes_nothing_without_an_admins_word(
    place: Place, syncer: Syncer
) -> None:
    for number in range(10, 24):
        place.put(f"Page {number}", f"The recipe number {number}.")
    assert syncer.sync([place.source]).added == 24
    for number in range(24):
        place.remove(f"Page {number}")
    report = syncer.sync([place.source])
    assert report.removed == 0
    assert [(one.removals, one.documents) for one in report.refused] == [(24, 24)]


@restricting
def test_in_15_a_page_made_private_is_gone_at_once_even_when_nothing_else_can_be_read(
    place: Place, syncer: Syncer
) -> None:
    syncer.sync([place.source])
    place.restrict("Page 2", ["ana@example.com"])
    place.restrict("Page 3", ["stranger@elsewhere"])
    place.server.fails(place.page, 500)
    report = syncer.sync([place.source])
    assert (report.added, report.changed, report.removed) == (0, 1, 1)
    keys = {one: syncer.store.current_audience(f"team/{one}") for one in seen(place).items if "Page 2" in one}
    assert set(keys.values()) == {'["ana@example.com"]'}
