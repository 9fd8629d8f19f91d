"""Several bots at one PostgreSQL database, driven hard through one workspace, and what the ledger says."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.journal import outgoing
from bot.journal.migrate import migrate
from bot.journal.writer import JournalWriter
from bot.messages import Message
from bot.workspace import Workspace
from bot.workspace.description import Description
from bot.workspace.ledger import ApiCall
from knowledge.adapters.database import open_database
from tests.torture.bots import STEPS, Orders
from tests.torture.harness import a_team
from tests.torture.nursery import Nursery

MOST_WAITING = 200
LOOK_EVERY = 50
REDELIVERY = (0.5, 2.0, 10.0, 60.0, 60.0)
"""As patient as Slack itself (at once, after a minute, after five): a machine may stand still for a while."""


@dataclass(frozen=True)
class Count:
    """How often each question or post was answered or said, and how many calls came too early."""

    said: Counter[str]
    early: int
    limited: int
    kills: int
    seconds: float

    def __str__(self) -> str:
        twice = sum(1 for times in self.said.values() if times > 1)
        return (
            f"{len(self.said)} said, {twice} of them twice, {self.limited} refused by rate limits, "
            f"{self.early} sent too early, {self.kills} kills, {self.seconds:.0f} s"
        )


@contextmanager
def bots(count: int, orders: Orders) -> Iterator[list[tuple[Nursery, int]]]:
    """So many bots, each in a process of its own."""
    with ExitStack() as nurseries:
        born = []
        for _ in range(count):
            nursery = nurseries.enter_context(Nursery("shared"))
            born.append((nursery, nursery.bear(orders)))
        try:
            yield born
        finally:
            for nursery, pid in born:
                os.kill(pid, signal.SIGTERM)
                nursery.bury()


def storm_of_events(folder: Path, database: str, events: int, processes: int = 2, seed: int = 1) -> Count:
    """Each event is delivered one to four times, all shuffled, to bots that share the work."""
    chance = random.Random(seed)
    started = time.monotonic()
    with Workspace(a_team(), ack_seconds=3.0, redelivery=REDELIVERY) as slack:
        orders = _orders(folder, database, slack)
        with bots(processes, orders):
            slack.wait_for(lambda: slack.connected >= processes, 60)
            channels = [slack.channel(f"#team-{n}").id for n in range(8)]
            ana, me = slack.person("ana").id, slack.site.team.app.user_id
            deliveries = [n for n in range(events) for _ in range(chance.randint(1, 4))]
            chance.shuffle(deliveries)
            asked: dict[int, str] = {}
            for n in deliveries:
                text = f"<@{me}> what about q{n}"
                if n not in asked:
                    asked[n] = slack.say("ana", f"team-{n % 8}", text)
                    if len(asked) % LOOK_EVERY == 0:
                        wait_until(lambda: len(asked) - len(_answers(slack)) < MOST_WAITING, 120)
                    continue
                kind = chance.choice(["app_mention", "message"])
                again = {"type": kind, "channel": channels[n % 8], "channel_type": "channel", "user": ana}
                slack.tell_app({**again, "ts": asked[n], "text": text})
            wait_until(lambda: len(_answers(slack)) >= events and not slack.ledger.unacked(), 120, must=False)
            lost = [one for one in slack.ledger.unacked() if one.given_up]
            assert not lost, f"{len(lost)} given up, the first after {lost[0].attempts}"
            time.sleep(1.0)  # for anything said twice
            said = _answers(slack)
    return Count(said, 0, 0, 0, time.monotonic() - started)


def storm_of_posts(folder: Path, database: str, posts: int, channels: int, processes: int = 2) -> Count:
    """Posts over channels, each of which takes one a second, by bots that share lanes, paces and rests."""
    names = [f"busy-{n}" for n in range(channels)]
    team = Description.from_dict(
        {"people": [{"name": "ana"}], "channels": [{"name": name} for name in names]}
    )
    started = time.monotonic()
    with Workspace(team, enforce_rate_limits=True) as slack:
        ids = [slack.channel(f"#{name}").id for name in names]
        _store(database, [Message(ids[n % channels], f"post {n:05}") for n in range(posts)])
        with bots(processes, _orders(folder, database, slack, paced=True)):
            wait_until(lambda: len(slack.ledger.stored()) >= posts, 60 + 4 * posts / channels)
            time.sleep(1.0)
        calls = slack.ledger.calls_of("chat.postMessage")
        said = Counter(str(call.args.get("text")) for call in slack.ledger.stored())
    limited = [call for call in calls if call.status == 429]
    return Count(said, _early(calls), len(limited), 0, time.monotonic() - started)


def storm_of_kills(folder: Path, database: str, kills: int, processes: int = 2, seed: int = 1) -> Count:
    """One of the bots is killed again and again, at each step and at any moment; another takes over."""
    chance = random.Random(seed)
    started = time.monotonic()
    asked: dict[str, tuple[str, str]] = {}
    moments = [*STEPS, ""]
    with (
        Workspace(a_team(), ack_seconds=1.0, redelivery=[0.3] * 8, ping_seconds=1.0) as slack,
        ExitStack() as stack,
    ):
        orders = _orders(folder, database, slack)
        nurseries = [stack.enter_context(Nursery("shared")) for _ in range(processes)]
        alive = [nursery.bear(orders) for nursery in nurseries]
        for n in range(kills):
            which = n % processes
            wait_until(lambda: slack.connected >= processes or not all(map(running, alive)), 10, must=False)
            for _ in range(chance.choice([1, 2])):
                question = f"q{len(asked)}"
                channel = f"team-{chance.randrange(8)}"
                asked[question] = (channel, slack.say("ana", channel, f"@lore what about {question}"))
            time.sleep(chance.uniform(0.0, 0.3))
            with suppress(ProcessLookupError):
                os.kill(alive[which], signal.SIGKILL)
            nurseries[which].bury()
            step = moments[n % len(moments)]
            alive[which] = nurseries[which].bear(_with(orders, step) if n < kills - processes else orders)
            if step and n < kills - processes:
                wait_until(lambda at=alive[which]: not running(at), 1.0, must=False)  # type: ignore[misc]
        for which, nursery in enumerate(nurseries):
            if not running(alive[which]):
                nursery.bury()
                alive[which] = nursery.bear(orders)
        wait_until(lambda: len(_answers(slack)) >= len(_acknowledged(slack, asked)) > 0, 90, must=False)
        wait_until(lambda: all(envelope.given_up for envelope in slack.ledger.unacked()), 30, must=False)
        time.sleep(4.0)  # for what was left behind and said twice
        said = _answers(slack)
        for question in _acknowledged(slack, asked):
            said.setdefault(question, 0)
        for pid, nursery in zip(alive, nurseries, strict=True):
            os.kill(pid, signal.SIGTERM)
            nursery.bury()
    return Count(said, 0, 0, kills, time.monotonic() - started)


def _orders(folder: Path, database: str, slack: Workspace, paced: bool = False) -> Orders:
    return Orders(folder, slack.api_url, slack.bot_token, slack.app_token, database=database, paced=paced)


def _with(orders: Orders, step: str) -> Orders:
    return Orders(**{**vars(orders), "step": step})


def _answers(slack: Workspace) -> Counter[str]:
    """The questions, by how often they were answered or given up."""
    return Counter(str(call.args.get("text")).split()[-1] for call in slack.ledger.stored())


def _acknowledged(slack: Workspace, asked: dict[str, tuple[str, str]]) -> set[str]:
    acked = {
        str(envelope.payload["event"]["text"]).split()[-1]
        for envelope in slack.ledger.events()
        if envelope.acked and "what about" in str(envelope.payload["event"].get("text"))
    }
    return acked & asked.keys()


def _early(calls: Sequence[ApiCall]) -> int:
    """Calls to a channel inside the rest that Slack has asked for it."""
    early, rests = 0, dict[str, float]()
    for call in sorted(calls, key=lambda call: call.at):
        channel = str(call.args.get("channel"))
        early += call.at < rests.get(channel, 0.0)
        if call.status == 429:
            headers = {name.lower(): value for name, value in call.headers.items()}
            rests[channel] = call.at + float(headers["retry-after"])
    return early


def _store(address: str, messages: Sequence[Message]) -> None:
    database = open_database(address)
    migrate(database)
    writer = JournalWriter(database)
    writer.start()
    now = datetime.now(UTC).timestamp()
    writer.write(lambda connection: outgoing.put(connection, messages, None, now))
    writer.close()
    database.close()


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until(holds: Callable[[], bool], seconds: float, must: bool = True) -> None:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            assert not must, "it took too long"
            return
        time.sleep(0.1)
