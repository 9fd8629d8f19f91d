"""Slack's own notation in what Lore reports is shown as it is written (PO-02)."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.blocks.pages import Page
from bot.blocks.reports import report_pages, sources_pages
from bot.messages import Kind, Message
from bot.replies import in_markdown, say, undeliverable
from bot.sending import Refused
from ingest.report import Failure, SyncReport
from tests.bot.block_rules import assert_page, texts
from tests.bot.test_blocks import ANY_TEXT

PING = "<!channel> <@U0000ADA> <https://evil.example|click> <#C1> &lt;!here&gt; https://evil.example"


@dataclass(frozen=True)
class Asked:
    """An item that somebody is answered to."""

    kind: str = "message"
    channel: str = "C1"
    person: str = "U1"
    ts: str = "1.0"
    thread_ts: str = "1.0"
    payload: dict[str, Any] = field(default_factory=dict)


def report(path: str, reason: str) -> SyncReport:
    return SyncReport(
        added=1,
        changed=0,
        moved=0,
        removed=0,
        kept=0,
        failed=(Failure(path, reason),),
        chunks_embedded=1,
        seconds=1.0,
        version=1,
    )


@settings(max_examples=80, deadline=None)
@given(ANY_TEXT, ANY_TEXT, st.lists(ANY_TEXT, max_size=3))
def test_po02_any_report_is_made_of_allowed_elements(path: str, reason: str, sources: list[str]) -> None:
    for page in (*report_pages(report(path, reason)), *sources_pages(sources)):
        assert_page(page, frozenset())
    for page in in_markdown(f"The sync failed: {reason}"):
        assert_page(page, frozenset())


def test_po02_names_and_reasons_in_reports_and_apologies_are_literal() -> None:
    [said] = report_pages(report(f"{PING}.md", PING))
    assert "\n".join(texts(said.blocks)).count(PING) == 2
    refused = undeliverable(
        Message("C1", "x", kind=Kind.POST, person="U1"), PING, Refused(PING, about_content=True)
    )
    assert refused is not None
    for made in (refused, *say(Asked(), "apology", error_id=PING)):
        page = Page(made.text, made.blocks)
        assert_page(page, frozenset())
        assert "<!" not in made.text
        assert "<!channel> <@U0000ADA>" in "\n".join(texts(made.blocks))
