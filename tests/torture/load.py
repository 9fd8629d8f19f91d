"""Events at a steady rate to a bot whose answerer hangs, and how long each acknowledgement took."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from bot.workspace import Workspace
from tests.torture.bots import Orders
from tests.torture.harness import a_team, free_port, request_url
from tests.torture.nursery import Nursery


@dataclass(frozen=True)
class Acks:
    """Seconds from sending to acknowledgement, sorted; `unacknowledged` never came."""

    seconds: tuple[float, ...]
    unacknowledged: int
    attempts: int

    def quantile(self, part: float) -> float:
        return self.seconds[min(len(self.seconds) - 1, int(part * len(self.seconds)))]


def load(
    folder: Path,
    per_second: float,
    for_s: float,
    kind: str = "hung",
    http: bool = False,
    beside: Callable[[int], AbstractContextManager[None]] = lambda _port: nullcontext(),
) -> Acks:
    """Send mentions to a bot in a process of its own, evenly, and wait for what is still unacknowledged.

    `beside` is what else happens meanwhile at the bot's port.
    """
    with Workspace(a_team()) as slack, Nursery(kind) as nursery:
        port = free_port() if http else 0
        orders = Orders(
            folder,
            slack.api_url,
            slack.bot_token,
            slack.app_token,
            port=port,
            signing_secret=slack.signing_secret,
        )
        pid = nursery.bear(orders)
        if http:
            while slack.set_request_url(request_url(port)) is not None:
                time.sleep(0.1)
        slack.wait_for(lambda: slack.connected > 0, 20)
        with beside(port):
            return _under_load(slack, nursery, pid, per_second, for_s)


def _under_load(slack: Workspace, nursery: Nursery, pid: int, per_second: float, for_s: float) -> Acks:
    channel, ana = slack.channel("#team-0").id, slack.person("ana").id
    started = time.monotonic()
    for n in range(int(per_second * for_s)):
        time.sleep(max(0.0, started + n / per_second - time.monotonic()))
        text = f"<@{slack.site.team.app.user_id}> question {n}"
        slack.tell_app(
            {"type": "app_mention", "channel": channel, "user": ana, "ts": f"{n}.000100", "text": text}
        )
    mine = slack.ledger.events("app_mention")
    end = time.monotonic() + 15
    while any(not each.acked for each in mine) and time.monotonic() < end:
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    nursery.bury()
    seconds = sorted(each.ack_seconds for each in mine if each.ack_seconds is not None)
    return Acks(
        tuple(seconds), sum(not each.acked for each in mine), sum(len(each.attempts) for each in mine)
    )
