"""Messages and modals of syncs: whatever is in them, Slack takes them, and they say what is so."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.blocks.source_list import MOST_ON_A_PAGE, list_page
from bot.blocks.sync_message import sync_page
from bot.blocks.sync_views import (
    MOST_VERSIONS,
    VERSION,
    details_view,
    history_view,
    removals_view,
    roll_back_view,
)
from bot.blocks.sync_words import duration, progress_words
from bot.journal.sync_runs import Run
from bot.source_cards import Card
from bot.source_health import Health
from bot.sync_progress import Stage, Tally, stages
from bot.workspace import checks
from ingest.report import Progress, SourceReport
from ingest.rolling_back import Older
from tests.bot.block_rules import NEVER, assert_fallback, texts
from tests.bot.sync_strategies import CARDS, NOW, RUNS

NAMES = {"U0000ADA1": "Ada <!here>"}


def assert_taken(blocks: Any, text: str) -> None:
    checks.message_blocks([dict(block) for block in blocks])
    assert 1 <= len(blocks) <= 50
    assert len(json.dumps(blocks, ensure_ascii=False).encode()) <= 9_000
    assert not NEVER & set("".join(texts(blocks)))
    assert_fallback(text)


@settings(max_examples=60, deadline=None)
@given(RUNS)
def test_any_run_makes_one_message(run: Run) -> None:
    page = sync_page(run, NAMES)
    assert_taken(page.blocks, page.text)


@settings(max_examples=25, deadline=None)
@given(RUNS, st.integers(0, 5))
def test_any_run_makes_modals(run: Run, number: int) -> None:
    checks.view(details_view(run, number))
    checks.view(removals_view(run, "{}"))
    source = run.wanted.sources[0]
    checks.view(history_view(source, [run] * 20, NAMES, NOW))


@settings(max_examples=25, deadline=None)
@given(st.lists(CARDS, max_size=9, unique_by=lambda card: card.name), st.integers(-1, 9))
def test_any_sources_make_a_page_of_the_list(cards: list[Card], number: int) -> None:
    page = list_page(cards, number, NAMES, NOW)
    assert_taken(page.blocks, page.text)


def test_versions_to_roll_back_to_are_told_by_their_time_and_what_changed_since() -> None:
    at = datetime(2026, 9, 30, 22, 40, tzinfo=UTC)
    older = [
        Older(123_456_789, at, SourceReport("wiki", added=1_234, removed=2)),
        *(Older(number, at, SourceReport("wiki", changed=number)) for number in range(20, 1, -1)),
    ]
    view = roll_back_view("wiki <!here>" * 9, older, "{}", ZoneInfo("Europe/Lisbon"))
    checks.view(view)
    [radio] = [block for block in view["blocks"] if block.get("block_id") == VERSION]
    assert len(radio["element"]["options"]) == MOST_VERSIONS
    first = radio["element"]["options"][0]
    assert first["text"]["text"] == "Wednesday, 30 September 2026 at 23:40 · version 123456789"
    assert "version 123456789: 1,234 added, 2 removed" in "\n".join(texts(view["blocks"]))
    checks.view(roll_back_view("wiki", [], "{}", UTC))


def test_many_sources_come_in_pages_that_lead_to_each_other() -> None:
    cards = [Card(f"source {n}", "folder", Health.OK, n, n) for n in range(2 * MOST_ON_A_PAGE + 1)]
    buttons = [
        [
            (element["text"]["text"], element["value"])
            for element in [*list_page(cards, number, {}, NOW).blocks][-2]["elements"]
        ]
        for number in range(3)
    ]
    assert buttons == [
        [("Sync all", "all"), ("Next", "1")],
        [("Sync all", "all"), ("Previous", "0"), ("Next", "2")],
        [("Sync all", "all"), ("Previous", "1")],
    ]
    last = "\n".join(texts(list_page(cards, 99, {}, NOW).blocks))
    assert f"source {2 * MOST_ON_A_PAGE}" in last
    assert "page 3 of 3" in last


def test_rates_and_time_left_are_of_the_stage() -> None:
    tally, at = Tally(), datetime(2026, 3, 2, tzinfo=UTC)
    tally.add(Progress("list", 0, 1, source="wiki"), at)
    tally.add(Progress("fetch", 100, 400, source="wiki"), at + timedelta(seconds=60))
    tally.add(Progress("fetch", 110, 400, source="wiki"), at + timedelta(seconds=61))
    assert stages(tally.as_json())["wiki"].per_second is None, "too soon to tell"
    tally.add(Progress("fetch", 200, 400, 12, source="wiki"), at + timedelta(seconds=70))
    stage = stages(tally.as_json())["wiki"]
    assert (stage.per_second, stage.seconds_left) == (10.0, 20.0)
    assert (
        progress_words(stage)
        == "fetching 200 of 400 · 10 a second · about 20 seconds left · 12 passages embedded"
    )


def test_how_fast_documents_are_embedded_is_not_told_by_how_fast_they_are_read() -> None:
    tally, at = Tally(), datetime(2026, 3, 2, tzinfo=UTC)
    tally.add(Progress("list", 0, 1, source="wiki"), at)
    tally.add(Progress("read", 0, 1_000), at)
    tally.add(Progress("read", 500, 1_000), at + timedelta(seconds=5))
    known = stages(tally.as_json())
    assert list(known) == [""], "what was listed is not told any more"
    assert known[""].per_second is None
    tally.add(Progress("read", 500, 1_000, 512), at + timedelta(seconds=25))
    assert stages(tally.as_json())[""].seconds_left == 25.0


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "less than a second"),
        (1, "1 second"),
        (89, "89 seconds"),
        (90, "2 minutes"),
        (3_600, "60 minutes"),
        (7_500, "2 hours 5 minutes"),
        (7_200, "2 hours"),
    ],
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_a_stage_without_an_end_says_no_more_than_it_knows() -> None:
    assert progress_words(Stage("list", 0, 0, 0, None, None)) == "looking what is there"
    assert progress_words(Stage("list", 20, 0, 0, None, None)) == "looking what is there · 20 found"


def test_a_long_listing_says_how_much_was_found_and_how_fast() -> None:
    tally, at = Tally(), datetime(2026, 3, 2, tzinfo=UTC)
    tally.add(Progress("list", 40, source="site"), at)
    tally.add(Progress("list", 1_240, source="site"), at + timedelta(seconds=250))
    stage = stages(tally.as_json())["site"]
    assert progress_words(stage) == "looking what is there · 1,240 found · 4.8 a second"
