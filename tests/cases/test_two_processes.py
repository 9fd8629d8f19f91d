"""Two real `lore run --http` with PostgreSQL and a Chroma server, behind a load balancer; one is killed."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle, islice, product
from pathlib import Path
from subprocess import Popen

import pytest
from sqlalchemy import func, select

from bot.journal.tables import inbox, outbox
from bot.manifest import EVENTS_PATH
from bot.workspace import Workspace
from bot.workspace.description import Description
from knowledge.adapters.database import Database, open_database
from knowledge.adapters.store import SqlStore
from tests.balancing import Balancer, balanced
from tests.bot.block_rules import texts
from tests.cases.running import QUESTION, configured, lore, over_http, until
from tests.servers import ChromaServer
from tests.torture.harness import free_port

CHANNELS = [f"team-{n}" for n in range(4)]
PEOPLE = ("ana", "ben")
TEAM = {
    "people": [{"name": name, "is_admin": name == "ana"} for name in PEOPLE],
    "channels": [{"name": name} for name in CHANNELS],
}
LEASES_S = 120
"""What a killed process had claimed is taken over when its lease of half a minute ends."""


@dataclass(frozen=True)
class Two:
    """Both at work in a workspace, with what a test needs to look at."""

    slack: Workspace
    processes: list["Popen[str]"]
    balancer: Balancer
    database: Database

    def ask(self, count: int) -> list[tuple[str, str]]:
        """So many questions. Slack sends each event twice, so that each process gets it."""
        self.slack.hold_events()
        asked = []
        for person, channel in islice(cycle(product(PEOPLE, CHANNELS)), count):
            asked.append((channel, self.slack.say(person, channel, f"@lore {QUESTION}")))
        self.slack.release_events(lambda held: [each for each in held for _ in self.processes])
        return asked

    def answers(self, asked: list[tuple[str, str]]) -> list[int]:
        """How many each got."""
        return [
            sum("35 days" in "\n".join(texts(said["blocks"])) for said in self.slack.said_by_app(*place))
            for place in asked
        ]

    def has_settled(self) -> bool:
        """Whether nothing is to be worked on, to be said, or to be looked for in Slack."""
        busy_in = select(func.count()).where(inbox.c.state.in_(("queued", "claimed")))
        busy_out = select(func.count()).where(outbox.c.state.in_(("queued", "sending", "unsure")))
        with self.database.reading() as connection:
            return not any(connection.execute(busy).scalar() for busy in (busy_in, busy_out))


@pytest.fixture
def two(tmp_path: Path, postgres_address: str, chroma: ChromaServer) -> Iterator[Two]:
    ports = [free_port(), free_port()]
    shared = {**configured(tmp_path), "DATABASE_URL": postgres_address, "CHROMA_URL": chroma.url}
    with (
        Workspace(Description.from_dict(TEAM), ack_seconds=10.0, redelivery=(0.0, 0.5, 1.0, 2.0)) as slack,
        balanced(ports) as balancer,
        ExitStack() as stack,
    ):
        processes = []
        for port in ports:
            own = {**over_http(slack, port), "LORE_DATA_DIR": str(tmp_path / f"data of {port}")}
            log = stack.enter_context((tmp_path / f"{port}.log").open("w"))
            processes.append(lore({**shared, **own}, "run", "--http", log=log))
            stack.callback(processes[-1].wait)
            stack.callback(processes[-1].kill)
        for process, port in zip(processes, ports, strict=True):
            until(process, port, "/readyz", 200)
        assert slack.set_request_url(f"http://127.0.0.1:{balancer.port}{EVENTS_PATH}") is None
        database = open_database(postgres_address)
        stack.callback(database.close)
        yield Two(slack, processes, balancer, database)


@pytest.mark.timeout(400)
def test_each_question_is_answered_once_by_two_processes_one_of_which_is_killed(two: Two) -> None:
    slack, (killed, left) = two.slack, two.processes
    slack.wait_for(SqlStore(two.database).published, 120)  # one of them has synced, at its start
    asked = two.ask(4)
    slack.wait_for(lambda: all(two.answers(asked)), 60)
    assert len(two.balancer.taken) == 2, "each gets requests"
    asked += two.ask(12)
    slack.wait_for(lambda: sum(two.answers(asked)) > 5, 60)
    killed.kill()
    asked += two.ask(4)
    slack.wait_for(lambda: all(two.answers(asked)), LEASES_S)
    slack.wait_for(two.has_settled, LEASES_S)
    assert two.answers(asked) == [1] * len(asked)
    left.terminate()
    assert left.wait(60) == 0
