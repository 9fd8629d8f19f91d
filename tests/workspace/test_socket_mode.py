"""Socket Mode keeps Slack's promises, and breaks them on demand, towards slack_sdk's own client."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_socket

from bot.workspace import Workspace
from tests.workspace.conftest import until_it_reads


class Listener:
    """A client that keeps what it is sent, and acknowledges unless told not to."""

    def __init__(self, slack: Workspace, client: WebClient, ping_interval: float = 0.5) -> None:
        self.requests: list[SocketModeRequest] = []
        self.acknowledges = True
        self._slack = slack
        self.client = SocketModeClient(slack.app_token, web_client=client, ping_interval=ping_interval)
        self.client.socket_mode_request_listeners.append(self._heard)
        self.client.connect()
        until_it_reads(slack, self.client)

    def _heard(self, client: Any, request: SocketModeRequest) -> None:
        self.requests.append(request)
        if self.acknowledges:
            client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

    def texts(self) -> list[str]:
        return [each.payload["event"]["text"] for each in self.requests]

    def close(self) -> None:
        self.client.closed = True
        self.client.message_queue.put(None)
        self.client.close()
        self.client.disconnect()  # from what it was connecting to anew while it was closed


@pytest.fixture
def listen(slack: Workspace, client: WebClient) -> Iterator[Callable[..., Listener]]:
    opened: list[Listener] = []

    def listening(**how: Any) -> Listener:
        opened.append(Listener(slack, client, **how))
        return opened[-1]

    yield listening
    for each in opened:
        each.close()


def raw(slack: Workspace, client: WebClient) -> ClientConnection:
    url = client.apps_connections_open(app_token=slack.app_token)["url"]
    return open_socket(url, compression=None)


def test_hello_and_envelopes_have_slacks_shape(slack: Workspace, client: WebClient) -> None:
    with raw(slack, client) as socket:
        hello = json.loads(socket.recv(2))
        assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        assert hello["connection_info"] == {"app_id": slack.team.app.id}
        assert "host" in hello["debug_info"]

        slack.say("ana", "general", "hi")
        frame = json.loads(socket.recv(2))
        assert set(frame) == {
            "envelope_id",
            "type",
            "accepts_response_payload",
            "payload",
            "retry_attempt",
            "retry_reason",
        }
        assert (frame["type"], frame["accepts_response_payload"], frame["retry_attempt"]) == (
            "events_api",
            False,
            0,
        )
        assert frame["payload"]["event_id"].startswith("Ev")
        socket.send(json.dumps({"envelope_id": frame["envelope_id"]}))
        slack.wait_for(lambda: not slack.ledger.unacked())
    slack.wait_for(lambda: slack.connected == 0)


def test_a_ticket_opens_one_socket(slack: Workspace, client: WebClient) -> None:
    url = client.apps_connections_open(app_token=slack.app_token)["url"]
    with open_socket(url), pytest.raises(InvalidStatus, match="403"), open_socket(url):
        pass


def test_what_is_not_acknowledged_comes_again_with_its_event_id(slack: Workspace, listen) -> None:
    listener = listen()
    listener.acknowledges = False
    slack.socket_mode.ack_seconds = 0.1
    slack.say("ana", "general", "hi")
    [envelope] = slack.wait_for(lambda: slack.ledger.events())
    slack.wait_for(lambda: envelope.given_up)
    slack.wait_for(lambda: len(listener.requests) == 4)

    assert [each.retry_attempt for each in listener.requests] == [0, 1, 2, 3]
    assert {each.retry_reason for each in listener.requests[1:]} == {"timeout"}
    assert len({each.payload["event_id"] for each in listener.requests}) == 1
    assert len({each.envelope_id for each in listener.requests}) == 4
    assert [each.outcome for each in envelope.attempts] == ["timeout"] * 4


def test_events_wait_for_a_socket_and_then_are_lost(slack: Workspace, listen) -> None:
    slack.courier.redelivery = (0.0, 3.0)
    slack.say("ana", "general", "early")
    listener = listen()
    slack.wait_for(lambda: listener.texts() == ["early"])
    [envelope] = slack.ledger.events()
    assert [each.outcome for each in envelope.attempts] == ["nobody connected", "nobody connected", "acked"]


def test_nobody_there_means_given_up_in_the_end(slack: Workspace) -> None:
    slack.say("ana", "general", "hello?")
    [envelope] = slack.ledger.events()
    slack.wait_for(lambda: envelope.given_up)
    assert slack.ledger.unacked() == [envelope]


def test_envelopes_take_turns_and_an_eleventh_socket_is_one_too_many(
    slack: Workspace, client: WebClient
) -> None:
    with ExitStack() as stack:
        sockets = [stack.enter_context(raw(slack, client)) for _ in range(10)]
        hellos = [json.loads(socket.recv(2)) for socket in sockets]
        assert [each["num_connections"] for each in hellos] == list(range(1, 11))
        eleventh = stack.enter_context(raw(slack, client))
        assert json.loads(eleventh.recv(2))["reason"] == "too_many_websockets"
        for number in range(10):
            slack.say("ana", "general", str(number))
        got = {json.loads(socket.recv(2))["payload"]["event"]["text"] for socket in sockets}
        assert got == set("0123456789")


def test_a_repeated_event_is_the_same_event(slack: Workspace, listen) -> None:
    listener = listen()
    slack.say("ana", "general", "hi")
    slack.wait_for(lambda: not slack.ledger.unacked() and listener.requests)
    slack.repeat(slack.ledger.events()[0], times=3)
    slack.wait_for(lambda: len(listener.requests) == 4)
    assert len({each.payload["event_id"] for each in listener.requests}) == 1
    assert sorted(each.retry_attempt for each in listener.requests) == [0, 1, 2, 3]


def test_events_can_come_in_another_order(slack: Workspace, listen) -> None:
    listener = listen()
    slack.hold_events()
    root = slack.say("ana", "general", "root")
    slack.say("ben", "general", "reply", thread_ts=root)
    assert listener.requests == []
    slack.release_events()
    slack.wait_for(lambda: len(listener.requests) == 2)
    sent = [each.attempts[0] for each in slack.ledger.events()]
    assert sent[0].at >= sent[1].at


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
def test_the_client_moves_on_when_told_to(slack: Workspace, listen, reason: str) -> None:
    listener = listen()
    first = slack.socket_mode.sockets[0].id
    slack.disconnect_sockets(reason, close_after=None)
    slack.wait_for(lambda: [each.id for each in slack.socket_mode.sockets] not in ([first], []))
    slack.wait_for(lambda: slack.connected == 1)
    slack.say("ana", "general", "still there?")
    slack.wait_for(lambda: listener.texts()[-1:] == ["still there?"])


def test_an_envelope_cut_in_half_comes_again_on_the_next_socket(slack: Workspace, client: WebClient) -> None:
    slack.courier.redelivery = (0.5,)
    with raw(slack, client) as first:
        first.recv(2)
        slack.cut_envelopes()
        slack.say("ana", "general", "hi")
        with pytest.raises(ConnectionClosedError):
            first.recv(2)
    with raw(slack, client) as second:
        second.recv(2)
        frame = json.loads(second.recv(2))
    assert (frame["retry_attempt"], frame["retry_reason"]) == (1, "connection_failed")
    assert frame["payload"]["event"]["text"] == "hi"


def test_dropped_sockets_are_opened_again(slack: Workspace, listen) -> None:
    listen()
    first = slack.socket_mode.sockets[0].id
    slack.drop_sockets()
    slack.wait_for(lambda: slack.socket_mode.sockets and slack.socket_mode.sockets[0].id != first)


def test_a_silent_socket_is_noticed_by_its_missing_pongs(slack: Workspace, listen) -> None:
    listen(ping_interval=0.2)
    first = slack.socket_mode.sockets[0].id
    slack.deafen_sockets("silent")
    slack.wait_for(lambda: slack.socket_mode.sockets[-1].id != first)


def test_a_mute_socket_looks_alive(slack: Workspace, listen) -> None:
    listener = listen()
    slack.courier.redelivery = ()
    slack.deafen_sockets("mute")
    slack.say("ana", "general", "hi")
    [envelope] = slack.ledger.events()
    slack.wait_for(lambda: envelope.given_up)
    assert listener.requests == []
    assert slack.connected == 1


def test_hello_can_stay_out(slack: Workspace, client: WebClient) -> None:
    slack.withhold_hello()
    with raw(slack, client) as socket, pytest.raises(TimeoutError):
        socket.recv(0.2)


def test_the_clients_pings_are_answered(slack: Workspace, listen) -> None:
    session = listen().client.current_session
    slack.wait_for(lambda: session.last_ping_pong_time is not None)
