"""What Slack gets to hear, and what its replies mean, over real sockets."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from slack_sdk import WebClient
from sqlalchemy import select

from bot.delivery import slack_client
from bot.journal.tables import outbox as table
from bot.journal.writer import JournalWriter
from bot.messages import Kind, Message
from bot.outbox import Outbox
from bot.pacing import Pace
from bot.sending import NotFound, RateLimited, Refused, Sender, Sent, Unsure, judge
from bot.workspace import Workspace
from tests.bot.conftest import HandClock


@pytest.fixture
def slack() -> Iterator[Workspace]:
    with Workspace() as workspace:
        yield workspace


@pytest.fixture
def sender(slack: Workspace) -> Sender:
    client = slack_client(slack.bot_token, slack.api_url)
    client.timeout = 2
    return Sender(client)


def general(slack: Workspace) -> str:
    return slack.channel("#general").id


def test_po04_a_post_carries_an_opaque_key_and_never_unfurls_or_links_names(
    slack: Workspace, sender: Sender
) -> None:
    fate = sender.send(Message(general(slack), "hello <!channel>", key="secret name"), "token1")
    assert isinstance(fate, Sent)
    (call,) = slack.ledger.stored()
    assert "secret" not in str(call.args)
    assert call.args["metadata"] == {"event_type": "lore_delivery", "event_payload": {"key": "token1"}}
    assert call.args["parse"] == "none"
    for name in ("unfurl_links", "unfurl_media", "link_names"):
        assert call.args[name] in (False, "0", 0)


@pytest.mark.parametrize("threaded", [True, False])
def test_sp11_what_was_stored_before_the_reply_was_lost_is_found(
    slack: Workspace, sender: Sender, threaded: bool
) -> None:
    root = slack.say("ana", "#general", "@lore hello") if threaded else ""
    message = Message(general(slack), "once", thread_ts=root)
    for n in range(120):  # more than one page
        slack.say("ben", "#general", f"noise {n}", thread_ts=root or None)
    since = datetime.now(UTC).timestamp()
    slack.faults.drop("chat.postMessage", after=True)
    assert isinstance(sender.send(message, "token1"), Unsure)
    found = sender.find(message, "token1", since)
    assert isinstance(found, Sent)
    assert found.ts == slack.said_by_app("#general", root or None)[-1]["ts"]
    assert sender.find(message, "token2", since) == NotFound()


@pytest.mark.parametrize("fault", ["reset", "closed", "hang", "cut", "500", "502", "html", "internal_error"])
@pytest.mark.parametrize("after", [True, False])
def test_sp11_sp12_every_fault_ends_in_one_post(
    slack: Workspace, sender: Sender, writer: JournalWriter, clock: HandClock, fault: str, after: bool
) -> None:
    clock.now = datetime.now(UTC)
    method = "chat.postMessage"
    match fault:
        case "reset" | "closed":
            slack.faults.drop(method, after=after, reset=fault == "reset")
        case "hang":
            slack.faults.hang(method, after=after)
        case "cut":
            slack.faults.cut(method, after=after)
        case "html":
            slack.faults.html(method, after=after)
        case "internal_error":
            slack.faults.error(method, fault, after=after)
        case _:
            slack.faults.status(method, int(fault), after=after)
    outbox = Outbox(writer, sender, lambda message: message, lambda *_: None, clock, Pace(1000, 1000))
    outbox.say(Message(general(slack), "once"), Message(general(slack), "next"))
    for _ in range(20):
        while outbox.step():
            pass
        clock.forward(1)
    assert [one["text"] for one in slack.said_by_app("#general")] == ["once", "next"]


def test_sp11_the_sdks_default_client_posts_twice(slack: Workspace) -> None:
    """The trap that the outbox is for."""
    slack.faults.drop("chat.postMessage", after=True)
    WebClient(slack.bot_token, base_url=slack.api_url).chat_postMessage(
        channel=general(slack), text="once", metadata={"event_type": "a", "event_payload": {"key": "b"}}
    )
    assert len(slack.said_by_app("#general")) == 2


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        ("channel_not_found", Refused("channel_not_found")),
        ("not_in_channel", Refused("not_in_channel")),
        ("is_archived", Refused("is_archived")),
        ("account_inactive", Refused("account_inactive")),
        ("msg_blocks_too_long", Refused("msg_blocks_too_long", about_content=True)),
        ("internal_error", Unsure("internal_error")),
        ("ratelimited", RateLimited(30.0)),
    ],
)
def test_sp12_errors_are_judged(slack: Workspace, sender: Sender, error: str, verdict: Any) -> None:
    slack.faults.error("chat.postMessage", error)
    assert sender.send(Message(general(slack), "x"), "t") == verdict


@pytest.mark.parametrize("header", ["1", "30", "abc", None, "-5", "99999"])
@pytest.mark.parametrize("kind", list(Kind))
def test_sp09_every_method_may_be_limited_with_any_header(
    slack: Workspace, sender: Sender, header: str | None, kind: Kind
) -> None:
    slack.faults.rate_limited("*", retry_after=header)
    ana = slack.person("ana").id
    address = slack.site.response_url(ana, general(slack))
    message = Message(general(slack), "x", kind=kind, person=ana, response_url=address)
    expected = {"1": 1.0, "99999": 900.0}.get(header or "", 30.0)
    assert sender.send(message, "t", "1.1") == RateLimited(expected)


def test_an_update_a_delete_and_an_ephemeral(slack: Workspace, sender: Sender) -> None:
    fate = sender.send(Message(general(slack), "first"), "t1")
    assert isinstance(fate, Sent)
    assert isinstance(sender.send(Message(general(slack), "second", kind=Kind.UPDATE), "t2", fate.ts), Sent)
    assert [one["text"] for one in slack.said_by_app("#general")] == ["second"]
    assert isinstance(sender.send(Message(general(slack), "", kind=Kind.DELETE), "t3", fate.ts), Sent)
    assert isinstance(sender.send(Message(general(slack), "", kind=Kind.DELETE), "t4", fate.ts), Sent)
    assert slack.said_by_app("#general") == []
    private = Message(general(slack), "psst", kind=Kind.EPHEMERAL, person=slack.person("ana").id)
    assert isinstance(sender.send(private, "t5"), Sent)
    assert slack.said_by_app("#general") == []


@pytest.mark.parametrize("status", [500, 503])
def test_sp12_a_body_that_is_no_json_is_judged_by_its_status(status: int) -> None:
    assert isinstance(judge(status, "", {}), Unsure)
    assert isinstance(judge(200, "Received a response in a non-JSON format: <!DOCTYPE", {}), Unsure)


def test_sp10_a_storm_with_slacks_own_limits_loses_and_doubles_nothing(writer: JournalWriter) -> None:
    with Workspace(enforce_rate_limits=True) as slack:
        sender = Sender(slack_client(slack.bot_token, slack.api_url))
        channels = ("#general", "#training", "#leads")
        outbox = Outbox(
            writer, sender, lambda message: message, lambda *_: None, lambda: datetime.now(UTC), Pace(4, 4)
        )
        outbox.start()
        outbox.say(*(Message(slack.channel(channels[n % 3]).id, f"{n:02}") for n in range(15)))
        slack.wait_for(lambda: len(slack.ledger.stored()) == 15, 60)
        for at, channel in enumerate(channels):
            said = [one["text"] for one in slack.said_by_app(channel)]
            assert said == [f"{n:02}" for n in range(at, 15, 3)]
        outbox.stop(5)
        states = writer.read(lambda c: set(c.execute(select(table.c.state)).scalars()))
        assert states == {"sent"}
