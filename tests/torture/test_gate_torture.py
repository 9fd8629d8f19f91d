"""SP-18 at length: a hundred thousand requests through all of HTTP mode but the socket."""

import asyncio
import resource
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings

from bot.delivery import Delivery
from bot.gate import SigningSecrets
from bot.http_mode import HttpMode
from bot.http_server import listen
from bot.manifest import EVENTS_PATH
from tests.bot.signing import SECRET, signature
from tests.bot.test_gate import AT, Headers, requests

REQUESTS = 100_000
A_RUN = 1000
MOST_GROWTH_KB = 16 * 1024


class NoApp:
    """An app that no request may reach."""

    ran = 0

    def dispatch(self, _request: Any) -> None:
        NoApp.ran += 1


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_sp18_a_hundred_thousand_requests_run_nothing_fail_nothing_and_keep_nothing() -> None:
    statuses: dict[int, int] = {}
    delivery: Any = Delivery.__new__(Delivery)  # nothing may ask it for anything
    mode = HttpMode(listen("127.0.0.1", 0), SigningSecrets(SECRET), lambda: datetime.fromtimestamp(AT, UTC))
    app: Any = NoApp()
    mode.join(app, delivery)
    mode._taking = True
    grown: list[int] = []

    def send(request: tuple[Headers, bytes]) -> None:
        headers, body = request
        if (b"x-slack-signature", signature(AT, body)) in headers:
            return  # the one thing that no stranger can send
        status = runner.run(answered(mode, headers, body))
        statuses[status] = statuses.get(status, 0) + 1

    # Hypothesis remembers all examples of a run, so many runs are made
    chosen = settings(
        max_examples=A_RUN, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    with asyncio.Runner() as runner:
        for run in range(REQUESTS // A_RUN):
            seed(run)(chosen(given(requests)(send)))()
            grown.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    mode.stop()
    print(f"\n{sum(statuses.values())} requests: {dict(sorted(statuses.items()))}, memory {grown[::10]} kB")
    assert NoApp.ran == 0
    assert all(status < 500 for status in statuses)
    assert grown[-1] - grown[len(grown) // 2] < MOST_GROWTH_KB


async def answered(mode: HttpMode, headers: Headers, body: bytes) -> int:
    scope = {"type": "http", "method": "POST", "path": EVENTS_PATH, "headers": headers}
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await mode(scope, receive, send)
    return int(sent[0]["status"])
