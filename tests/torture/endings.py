"""A bot that is told to end while questions come in, and what the next one finds."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from bot.workspace import Workspace
from tests.torture.bots import Orders
from tests.torture.harness import (
    CHANNELS,
    PEOPLE,
    a_team,
    acknowledged,
    answers,
    free_port,
    reachable,
    request_url,
    unsettled,
)
from tests.torture.nursery import Nursery


@dataclass(frozen=True)
class End:
    """The exit code, the seconds until then, and what waited for the next one."""

    code: int
    seconds: float
    waiting: int
    lost: int
    doubled: int


def ended_under_load(folder: Path, questions: int, http: bool) -> End:
    """Tell a slow bot to end while questions come in; let another one answer what is left."""
    with Workspace(a_team(), redelivery=[0.5] * 60) as slack, Nursery("slow") as nursery:
        port = free_port() if http else 0
        if http:
            slack.team.app.socket_mode = False
            slack.http_mode.url = request_url(port)
        orders = Orders(
            folder,
            slack.api_url,
            slack.bot_token,
            slack.app_token,
            port=port,
            signing_secret=slack.signing_secret,
        )
        pid = nursery.bear(orders)
        slack.wait_for(lambda: reachable(slack, port))
        asked = {}
        for n in range(questions):
            channel = CHANNELS[n % len(CHANNELS)]
            asked[f"q{n}"] = (channel, slack.say(PEOPLE[n % 3], channel, f"@lore what about q{n}"))
        slack.wait_for(lambda: len(acknowledged(slack)) >= questions // 2)
        started = time.monotonic()
        os.kill(pid, signal.SIGTERM)
        code = nursery.bury()
        seconds = time.monotonic() - started
        taken = acknowledged(slack)
        waiting = sum(1 for question in taken if answers(slack, question, *asked[question]) == 0)
        pid = nursery.bear(orders)
        end = time.monotonic() + 90
        while time.monotonic() < end and unsettled(slack, asked):
            time.sleep(0.1)
        os.kill(pid, signal.SIGTERM)
        nursery.bury()
        said = {question: answers(slack, question, *place) for question, place in asked.items()}
        lost = sum(1 for question in acknowledged(slack) if said[question] == 0)
        return End(code, seconds, waiting, lost, sum(1 for count in said.values() if count > 1))
