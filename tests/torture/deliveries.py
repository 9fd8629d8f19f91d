"""Workers that send what rituals have planned, killed and suspended at every step, and what was said then."""

import logging
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from datetime import time as wall_time
from pathlib import Path

from slack_sdk import WebClient
from sqlalchemy import select, update

from bot import outbox as outbox_module
from bot.calm_settings import CalmSettings
from bot.delivery import slack_client
from bot.journal import claims, deliveries, occurrences, outgoing, rituals
from bot.journal.deliveries import Delivery
from bot.journal.migrate import migrate
from bot.journal.ritual_tables import deliveries as table
from bot.journal.rituals import Ritual
from bot.journal.writer import JournalWriter
from bot.messages import Message
from bot.outbox import Outbox
from bot.pacing import Pace
from bot.people import People
from bot.rituals.availability import Availability
from bot.rituals.due import Due
from bot.rituals.room import Rituals
from bot.rituals.sending import Sending
from bot.sending import Sender
from bot.workspace import Workspace
from bot.workspace.description import Description
from knowledge.adapters.database import Database, open_database
from prompts.ritual import Prompt, Standup
from tests.torture.bots import Orders, die_at, now, wait_for_the_end
from tests.torture.nursery import Nursery
from tests.torture.several import running, wait_until

MOMENTS = ("claimed", "made", "", "ended", "before post", "after post", "before mark-done")
"""The steps at which a worker kills itself; at "" it is killed at whatever it does."""
LEASE_S = 4.0
SUSPENDED_S = 2 * LEASE_S
AS_FAST = Pace(per_second=10_000.0, burst=10_000)


@dataclass(frozen=True)
class Toll:
    """How often each delivery was said, and what was done to those who said them."""

    said: Counter[str]
    wanted: int
    kills: int
    suspensions: int
    seconds: float

    @property
    def doubled(self) -> int:
        return sum(1 for times in self.said.values() if times > 1)

    @property
    def lost(self) -> int:
        return self.wanted - len(self.said)

    def __str__(self) -> str:
        return (
            f"{self.wanted} deliveries, {self.kills} kills, {self.suspensions} suspensions: "
            f"{self.lost} lost, {self.doubled} said twice, {self.seconds:.0f} s"
        )


def run_rituals(orders: Orders) -> None:
    """Be one of several processes that send, until killed; what one leaves is taken over soon."""
    logging.basicConfig(filename=orders.folder / f"worker-{os.getpid()}.log", level=logging.WARNING)
    claims.LEASE_S = outgoing.LEASE_S = LEASE_S
    outbox_module.RENEW_EVERY_S, outbox_module.LONGEST_CALL_S = 0.5, 1.5
    database = open_database(orders.database)
    client = slack_client(orders.bot_token, orders.api_url)
    checkpoint = die_at(orders.step, orders.nth)
    writer = JournalWriter(database)
    outbox = Outbox(
        writer,
        Sender(client),
        lambda message: message,
        lambda *_: None,
        now,
        AS_FAST,
        settle_s=0.2,
        checkpoint=checkpoint,
    )
    people = People(client, now)
    room = Rituals(people, database, now)
    room.makers["prompt"] = _prompt
    calm = CalmSettings(quiet=(wall_time(), wall_time()), pings_a_day=1_000_000)
    availability = Availability(people, database, now, calm)
    sending = Sending(room, availability, AS_FAST, checkpoint)
    writer.start()
    outbox.start()
    threading.Thread(target=_beat, args=(database, sending, outbox), daemon=True).start()
    wait_for_the_end()
    outbox.stop()
    writer.close()


def run_rituals_naively(orders: Orders) -> None:
    """The usual way: select what is due, send it, note that it was sent."""
    database = open_database(orders.database)
    client = WebClient(orders.bot_token, base_url=orders.api_url)

    def work() -> None:
        while True:
            with database.reading() as connection:
                due = select(table.c.id, table.c.person).where(table.c.state == "planned").limit(20)
                rows = connection.execute(due).all()
            for row in rows:
                client.chat_postMessage(channel=row.person, text=f"delivery {row.id}")
                with database.writing() as connection:
                    connection.execute(update(table).where(table.c.id == row.id).values(state="said"))
            time.sleep(0.05)

    threading.Thread(target=work, daemon=True).start()
    wait_for_the_end()


def storm_of_deliveries(
    folder: Path,
    address: str,
    wanted: int,
    people: int,
    kills: int,
    workers: int = 4,
    suspensions: int = 0,
    kind: str = "rituals",
    seed: int = 1,
) -> Toll:
    """So many deliveries, sent by workers that are killed at each step and suspended for longer than their
    leases, whoever is at it at that moment."""
    chance = random.Random(seed)
    names = [f"p{n:03}" for n in range(people)]
    team = Description.from_dict({"people": [{"name": name, "tz": "UTC"} for name in names]})
    started = time.monotonic()
    with Workspace(team) as slack, ExitStack() as stack:
        ids = [slack.person(name).id for name in names]
        database = open_database(address)
        stack.callback(database.close)
        _plan(database, ids, wanted)
        orders = Orders(folder, slack.api_url, slack.bot_token, slack.app_token, database=address)
        nurseries = [stack.enter_context(Nursery(kind)) for _ in range(workers)]
        alive = [nursery.bear(orders) for nursery in nurseries]

        def replace(which: int, to: Orders) -> None:
            with suppress(ProcessLookupError):
                os.kill(alive[which], signal.SIGKILL)
            nurseries[which].bury()
            alive[which] = nurseries[which].bear(to)

        def goes_on(until: int) -> bool:
            for which in range(workers):
                if not running(alive[which]):
                    replace(which, orders)
            return len(slack.ledger.stored()) >= until

        killed = 0
        for n in range(kills + suspensions):
            wait_until(lambda at=wanted * n // (kills + suspensions + 1): goes_on(at), 120)  # type: ignore[misc]
            which, step = n % workers, MOMENTS[n % len(MOMENTS)]
            if n - killed < suspensions and chance.random() < suspensions / (kills + suspensions):
                _suspend(alive[which])
                continue
            killed += 1
            dies = {"step": step, "nth": chance.randint(1, 9)}
            replace(which, Orders(**{**vars(orders), **dies}) if step else orders)
            wait_until(lambda at=which, step=step: not step or not running(alive[at]), 2.0, must=False)  # type: ignore[misc]
        for which in range(workers):  # nobody is left who is to die
            replace(which, orders)
        wait_until(lambda: len(_said(slack)) >= wanted and _is_settled(database), 300, must=kind == "rituals")
        time.sleep(2 * LEASE_S)  # for anything said twice
        said = _said(slack)
        for pid, nursery in zip(alive, nurseries, strict=True):
            os.kill(pid, signal.SIGTERM)
            nursery.bury()
    return Toll(said, wanted, killed, kills + suspensions - killed, time.monotonic() - started)


def _prompt(due: Due) -> Sequence[Message]:
    return [Message(due.delivery.person, f"delivery {due.delivery.id}")]


def _beat(database: Database, sending: Sending, outbox: Outbox) -> None:
    while True:
        try:
            busy = sending.say_due(database.time(now()), to_people=True)
        except Exception:
            logging.exception("a beat failed")
            busy = 0
        outbox.wake()
        time.sleep(0.01 if busy else 0.2)


def _plan(database: Database, people: Sequence[str], wanted: int) -> None:
    """Occurrences that are open, of rituals of everybody, until there are so many deliveries."""
    migrate(database)
    at = now()
    with database.writing() as connection:
        for number in range(-(-wanted // len(people))):
            settings = Standup(
                name=f"R{number}",
                team=tuple(people),
                prompts=(Prompt("plan", "What is next?"),),
                rule="every day",
                at=wall_time(9),
                reminders=(),
            )
            ritual = Ritual(settings, owner=people[0])
            rituals.put(connection, ritual, at.timestamp())
            made = occurrences.plan(
                connection,
                ritual.id,
                date(2026, 3, 2),
                settings,
                people,
                at.timestamp(),
                (at + timedelta(days=1)).timestamp(),
            )
            assert made is not None
            occurrences.move(connection, made, occurrences.OPEN, at.timestamp())
            rest = people[: wanted - number * len(people)]
            ends = (at + timedelta(days=1)).timestamp()
            deliveries.plan_all(
                connection,
                [Delivery(made, one, "prompt", at.timestamp() - 1, ends, ends, "UTC") for one in rest],
            )


def _suspend(pid: int) -> None:
    """Let a worker stand still for longer than anything it has claimed is its own."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
        time.sleep(SUSPENDED_S)
        os.kill(pid, signal.SIGCONT)


def _said(slack: Workspace) -> Counter[str]:
    return Counter(str(call.args.get("text")) for call in slack.ledger.stored())


def _is_settled(database: Database) -> bool:
    with database.reading() as connection:
        waiting = select(table.c.id).where(table.c.state.in_(deliveries.WAITING))
        return connection.execute(waiting.limit(1)).first() is None
