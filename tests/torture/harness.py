"""Kills a bot again and again while people ask, then reads in the ledger what became of it all."""

import os
import random
import signal
import socket
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.manifest import EVENTS_PATH
from bot.workspace import Workspace
from bot.workspace.description import Description
from tests.torture.bots import STEPS, Orders
from tests.torture.nursery import Nursery
from tests.torture.streaming import STREAM_STEPS

CHANNELS = [f"team-{n}" for n in range(8)]
PEOPLE = ["ana", "ben", "chloe"]
STEPS_OF = {"lore": STEPS, "streaming": (*STREAM_STEPS, "before mark-done", "answered")}
POST = "chat.postMessage"
METHODS_OF = {
    "lore": (POST,),
    "naive": (POST,),
    "streaming": (POST, "chat.startStream", "chat.appendStream", "chat.stopStream", "chat.update"),
}


@dataclass
class Toll:
    """What was counted: `lost` were acknowledged and never replied to, `doubled` replied to more than once.

    `unfinished` streams were left in the threads. `given_up` of the replies are apologies for questions at
    which the process died three times.
    """

    kills: int
    asked: int
    acknowledged: int
    lost: int
    doubled: int
    given_up: int
    steps: Counter[str]
    seconds: float
    unfinished: int = 0

    def __str__(self) -> str:
        died = ", ".join(f"{step} {count}" for step, count in sorted(self.steps.items()))
        return (
            f"{self.kills} kills, {self.asked} asked, {self.acknowledged} acknowledged, {self.lost} lost, "
            f"{self.doubled} said twice, {self.unfinished} unfinished, {self.given_up} given up, "
            f"{self.seconds:.0f} s; died at: {died}"
        )


def a_team() -> Description:
    people = [{"name": name} for name in PEOPLE]
    return Description.from_dict({"people": people, "channels": [{"name": name} for name in CHANNELS]})


def torture(
    kind: str, folder: Path, kills: int, seed: int = 1, quiet_s: float = 60.0, http: bool = False
) -> Toll:
    """Kill a bot of this kind `kills` times, in turn at each step and at random moments.

    It is told things over Socket Mode, or over HTTP.
    At the end one bot runs undisturbed until all that was acknowledged is answered, `quiet_s` at most.
    """
    chance = random.Random(seed)
    steps: Counter[str] = Counter()
    asked: dict[str, tuple[str, str]] = {}
    started = time.monotonic()
    workspace = Workspace(a_team(), ack_seconds=1.0, redelivery=[0.3] * 8, ping_seconds=1.0)
    with workspace as slack, Nursery(kind) as nursery:
        orders: dict[str, Any] = {
            "folder": folder,
            "api_url": slack.api_url,
            "bot_token": slack.bot_token,
            "app_token": slack.app_token,
            "port": free_port() if http else 0,
            "signing_secret": slack.signing_secret,
        }
        if http:
            slack.team.app.socket_mode = False
            slack.http_mode.url = request_url(orders["port"])
        moments = [*STEPS_OF.get(kind, ()), "any moment"]
        for n in range(kills):
            moment = moments[n % len(moments)]
            step = "" if moment == "any moment" else moment
            if chance.random() < 0.2:
                slack.faults.drop(chance.choice(METHODS_OF[kind]), after=chance.random() < 0.7)
            pid = nursery.bear(Orders(**orders, step=step, nth=chance.choice([1, 1, 2])))
            if chance.random() < 0.9:
                slack.wait_for(lambda at=pid: reachable(slack, orders["port"]) or not _alive(at), 5.0)
            for _ in range(chance.choice([1, 2, 3])):
                question = f"q{len(asked)}"
                channel = chance.choice(CHANNELS)
                ts = slack.say(chance.choice(PEOPLE), channel, f"@lore what about {question}")
                asked[question] = (channel, ts)
            steps[moment if _ended(pid, chance.uniform(0.0, 0.3) if not step else 1.0) else "any moment"] += 1
            code = nursery.bury()
            assert code == -signal.SIGKILL, f"the bot ended by itself with {code}: see {folder}/bot.log"
        slack.faults.clear()
        pid = nursery.bear(Orders(**orders))
        end = time.monotonic() + quiet_s
        while time.monotonic() < end and unsettled(slack, asked):
            if kind == "naive" and not _under_way(slack):
                time.sleep(2)
                break
            time.sleep(0.1)
        time.sleep(0.5)
        os.kill(pid, signal.SIGTERM)
        code = nursery.bury()
        taken = acknowledged(slack)
        given_up = sum(
            1 for call in slack.ledger.stored() if str(call.args.get("text")).startswith("gave up on")
        )
        unfinished = _unfinished(slack)
        said = {question: answers(slack, question, *place) for question, place in asked.items()}
    return Toll(
        kills=kills,
        asked=len(asked),
        acknowledged=len(taken),
        lost=sum(1 for question in taken if said[question] == 0),
        doubled=sum(1 for count in said.values() if count > 1),
        given_up=given_up,
        steps=steps,
        seconds=time.monotonic() - started,
        unfinished=unfinished,
    )


def free_port() -> int:
    """One that nobody listens at now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def request_url(port: int) -> str:
    return f"http://127.0.0.1:{port}{EVENTS_PATH}"


def reachable(slack: Workspace, port: int) -> bool:
    if not port:
        return slack.connected > 0
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _ended(pid: int, within_s: float) -> bool:
    """Whether the process died by itself; otherwise it is killed now."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if not _alive(pid):
            return True
        time.sleep(0.005)
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return True
    return False


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def acknowledged(slack: Workspace) -> set[str]:
    return {
        envelope.payload["event"]["text"].split()[-1]
        for envelope in slack.ledger.events()
        if envelope.acked and "what about" in str(envelope.payload["event"].get("text"))
    }


def answers(slack: Workspace, question: str, channel: str, ts: str) -> int:
    said = slack.said_by_app(channel, ts)
    return sum(1 for message in said if message["text"].endswith(f" {question}"))


def _unfinished(slack: Workspace) -> int:
    """Messages that were streamed and never became an answer, or went."""
    return sum(
        1
        for messages in slack.team.messages.values()
        for message in list(messages.values())
        if message.get("streaming_state") and not message.get("metadata")
    )


def _under_way(slack: Workspace) -> bool:
    return any(not envelope.given_up for envelope in slack.ledger.unacked())


def unsettled(slack: Workspace, asked: dict[str, tuple[str, str]]) -> bool:
    return (
        _under_way(slack)
        or _unfinished(slack) > 0
        or any(answers(slack, question, *asked[question]) == 0 for question in acknowledged(slack))
    )
