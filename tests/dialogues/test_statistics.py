"""`/lore stats` and the Home: leads see what the team asked, as far as they may read it; others do not."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.journal import rituals, series, talks
from bot.journal.feedback import Judgement
from bot.journal.records import Question, write
from bot.journal.requests import Asker, Moved, Request
from bot.journal.rituals import Ritual
from bot.journal.series import Series
from bot.journal.tables import audit, questions
from bot.journal.talks import Talk
from bot.wiring import Knowledge
from bot.workspace import Workspace
from knowledge.audience import EVERYONE
from prompts.ritual import Prompt, Role, Standup
from prompts.series import SeriesSettings
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.fakes import FakeClock

NOW = datetime(2027, 9, 6, 9, 0, tzinfo=UTC)
PEOPLE = [f"U{number:08}" for number in range(1, 7)]


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> Iterator[Lore]:
    clock.move(NOW)
    with at_work(slack, knowledge, clock=clock) as lore:
        yield lore


def ask(lore: Lore, person: str, days: float, cites: str = "", **more: str) -> str:
    """A question that was asked so many days ago; one that cites nothing had no answer. Its id."""
    key = lore.knowledge.store.current_audience(cites) or EVERYONE.key
    cited = [{"document_id": cites, "audience_key": key}] if cites else []
    outcome = {"outcome": "answer" if cites else "no_answer", "citations": cited}
    asked = Question("T1", "C1", "1.1", "1.1", person, "How?", outcome, [], 1_200, **more)
    with lore.knowledge.database.writing() as connection:
        write(connection, asked, None, (NOW - timedelta(days=days)).timestamp())
    return asked.id


def stats(lore: Lore, person: str, text: str = "") -> str:
    lore.slack.slash(person, "#general", "/lore", f"stats {text}".strip())
    lore.settle()
    return words(lore.slack.ephemerals(person, "#general")[-1]).replace("\n", " ").replace("  ", " ")


def gaps(lore: Lore, person: str) -> str:
    lore.slack.slash(person, "#general", "/digest", "gaps preview")
    lore.settle()
    return words(lore.slack.ephemerals(person, "#general")[-1])


def test_leads_see_the_team_and_never_what_they_may_not_read(lore: Lore) -> None:
    ana, ben = (lore.slack.person(name).id for name in ("ana", "ben"))
    database = lore.knowledge.database
    judged = [ask(lore, person, 3, "wiki/learning-rate.md") for person in PEOPLE]
    for person in PEOPLE[:5]:
        ask(lore, person, 40, "secrets/salaries.md")
        ask(lore, person, 4, "secrets/salaries.md")
    gap = ask(lore, ben, 5)
    verified = ask(lore, ben, 33)
    deleted = ask(lore, ben, 5)
    asker = Asker(ben, "T1", "C1", "1.1", private=False)
    asked = Request("How?", gap, (ana,), (asker,))
    with database.writing() as connection:
        for question, person in zip(judged[:5], PEOPLE, strict=False):
            write(connection, Judgement(question, person, helped=person != PEOPLE[0]), None, NOW.timestamp())
        write(connection, asked, None, (NOW - timedelta(days=5)).timestamp())
        answered_at = (NOW - timedelta(days=4, hours=21)).timestamp()
        write(connection, Moved(asked.id, "answered", answer="So.", answered_by=ana), None, answered_at)
        known = {"outcome": "no_answer", "citations": [], "verified": "v1"}
        connection.execute(update(questions).where(questions.c.id == verified).values(outcome=known))
        gone = questions.c.id == deleted
        connection.execute(update(questions).where(gone).values(outcome={"outcome": "deleted"}))
        weekly = Series("learning", "Lunch", "C1", SeriesSettings("FREQ=WEEKLY", NOW.date()), owner=ana)
        series.put(connection, weekly, NOW.timestamp())
        held_at = (NOW - timedelta(days=2)).timestamp()
        talks.put(connection, Talk(weekly.id, "2027-09-04", held_at, 45, "UTC", state=talks.HELD), 0.0)

    told = stats(lore, "ana")
    for line in (
        "Questions: 12 (6)",
        "Answered: 92 % (100 %)",
        "Helpful: 80 % of 5 judgements",
        "Time to an answer: half within 1.2 s, nine in ten within 1.2 s",
        "Answered by people instead: 1 (0)",
        "Without an answer: 1 (0)",
        "Gaps closed: 1 (0)",
        "Talks held: 1 (0)",
        "wiki: 6 answers",
        "secrets: 5 answers",
        "Learning rate : last changed 14 months ago, cited by 6 answers",
        "Hiring plan : last changed",
    ):
        assert line in told
    assert "Questions: 12 (0)" in stats(lore, "ana", "week")

    assert "These numbers are for leads" in stats(lore, "chloe")
    assert "last four weeks" in stats(lore, "ana", "yesterday")
    prompts = (Prompt("done", "What did you do?", role=Role.DONE),)
    chloe = lore.slack.person("chloe").id
    daily = Standup("Daily", (chloe,), prompts, "FREQ=DAILY", NOW.time(), lead=chloe)
    with database.writing() as connection:
        rituals.put(connection, Ritual(daily, owner=ana), NOW.timestamp())
    told = stats(lore, "chloe", "quarter")
    assert "Questions: 18 (0)" in told, "the team as a whole"
    assert "wiki: 6 answers" in told
    assert "secrets" not in told, "neither its name nor how often"
    assert "Hiring plan" not in told

    assert "Nothing is new, so nothing would be sent. With something new" in gaps(lore, "chloe")
    ask(lore, chloe, 0.01, "wiki/checkpoints.md")
    told = gaps(lore, "chloe")
    assert "This would be sent now" in told, "a stale page is cited that was not before"
    assert "Checkpoints" in told
    assert "6 answers still cite it" in told
    assert "Hiring plan" not in told

    lore.slack.slash("ana", "#general", "/lore", "stats month csv")
    lore.settle()
    [file] = [one["files"][0] for one in lore.slack.said_by_app(lore.slack.dm("ana")) if one.get("files")]
    text = lore.slack.team.files[file["id"]].data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    counted = [row["value"] for row in rows if row["measure"] == "questions"]
    assert counted[0] == "13"
    assert sum(map(int, counted[1:])) == 13, "its four weeks"
    helpful = {row["value"] for row in rows if row["measure"] == "helpful share"}
    assert helpful == {"0.8", ""}, "nothing where fewer than five have judged"
    with database.reading() as connection:
        acts = connection.execute(select(audit.c.person, audit.c.allowed).where(audit.c.action == "stats"))
        assert (chloe, 0) in [tuple(act) for act in acts]

    lore.slack.open_home("ana")
    lore.slack.wait_for(lambda: "Questions: 13 (6)" in words(lore.slack.home("ana") or {}))
    lore.slack.open_home("ben")
    home = lore.slack.wait_for(lambda: lore.slack.home("ben")) or {}
    assert "Numbers for leads" not in words(home)
