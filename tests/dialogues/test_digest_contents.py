"""What digests say: what changed, is open and comes, to each place what all its readers may read."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.blocks.digests import AT, DAYS
from bot.journal import blockers, proposals, rituals, series, talks
from bot.journal.entries import Entry
from bot.journal.feedback import Judgement
from bot.journal.proposals import Proposal
from bot.journal.records import Question, write
from bot.journal.requests import Asker, Request
from bot.journal.rituals import Ritual
from bot.journal.series import Series
from bot.journal.tables import questions
from bot.journal.talks import Speaker, Talk
from bot.journal.verified import Verified
from bot.rituals.giving import give
from bot.rituals.managing import ALL
from bot.wiring import Knowledge
from bot.workspace import Workspace
from knowledge.audience import EVERYONE, Audience
from prompts.ritual import Prompt, Role, Standup
from prompts.series import SeriesSettings
from tests.dialogues.calm import CALM
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.dialogues.small_wiki import without_an_index
from tests.dialogues.standups import shown_in, top
from tests.fakes import FakeClock

NOW = datetime.now(UTC)  # syncs are published by the machine's own clock
DRILL = "how long did the restore drill take for the 7B run?"
CHESS = "who won the chess tournament in Reykjavik?"


@pytest.fixture
def lore(slack: Workspace, own_knowledge: Knowledge, clock: FakeClock) -> Iterator[Lore]:
    clock.move(NOW)
    with at_work(slack, without_an_index(own_knowledge), clock=clock, calm=CALM) as lore:
        lore.at(clock, NOW)  # what is there now is no news
        yield lore


def told(lore: Lore, person: str, text: str) -> str:
    """What `/digest …` says to the one who gives it."""
    before = len(lore.slack.ephemerals(person, "#general"))
    assert lore.slack.slash(person, "#general", "/digest", text).ok
    return words(lore.private_reply(person, "#general", before + 1))


def preview(lore: Lore, person: str, place: str = "") -> str:
    return told(lore, person, f"preview {place}".strip())


def sync(lore: Lore, clock: FakeClock) -> None:
    report = lore.knowledge.syncer.sync(lore.knowledge.settings.sources, wait_s=60)
    assert not report.failed
    lore.at(clock, datetime.now(UTC) + timedelta(minutes=1))


def test_t70_t71_what_changed_is_told_sentence_by_sentence_to_whom_it_may_concern(
    lore: Lore, clock: FakeClock
) -> None:
    assert "Nothing is new" in preview(lore, "ana")
    wiki, secrets = lore.wiki, lore.wiki.with_name("secrets")
    page, plan = wiki / "checkpoints.md", secrets / "salaries.md"
    old_page, old_plan = page.read_text(), plan.read_text()
    changed = old_page.replace("last three", "last five").replace("The restore drill for the 13B run", "It")
    page.write_text(changed.replace("Older checkpoints are deleted each night.", ""))
    plan.write_text(old_plan.replace("640000", "700000"))
    (wiki / "owners.md").write_text("# Owners\n\n## Cluster\nAna looks after the cluster.\n")
    (secrets / "names.md").write_text("# Candidates\nWe talk to Iris on Monday.\n")
    sync(lore, clock)

    for said in (preview(lore, "chloe"), preview(lore, "ana", "#general")):
        for line in (
            "Retention: The trainer keeps the last five checkpoints of every run. (was: The trainer",
            "Retention: no longer: Older checkpoints are deleted each night.",
            "new, with “Cluster”",
            "Ana looks after the cluster.",
        ):
            assert line in said
        assert "Hiring" not in said, "neither text nor title"
        assert "Candidates" not in said
        assert "2 documents" not in said
    told = preview(lore, "ana")
    assert "700000 euros in 2027. (was: The hiring budget for the platform team is 640000" in told
    assert "Candidates" in told

    page.write_text(old_page)
    plan.write_text(old_plan)
    for one in (wiki / "owners.md", secrets / "names.md"):
        one.unlink()
    sync(lore, clock)
    assert "checkpoints" not in preview(lore, "ana").lower(), "what is as it was is no news"


def test_what_is_open_what_is_worth_knowing_and_what_comes(lore: Lore, clock: FakeClock) -> None:
    ana, ben, chloe = (lore.slack.person(name).id for name in ("ana", "ben", "chloe"))
    general, leads = (lore.slack.channel(name).id for name in ("#general", "#leads"))
    for person in ("ana", "ben", "chloe"):
        lore.reply("#general", lore.mention(person, "#general", CHESS))
    lore.reply("#leads", lore.mention("ben", "#leads", "who pays for the secret off-site in Reykjavik?"))
    lore.reply("#general", lore.mention("ben", "#general", DRILL))
    lore.settle()
    now = clock().timestamp()
    with lore.knowledge.database.writing() as connection:
        asked = connection.execute(select(questions.c.id).where(questions.c.text.contains("7B"))).scalar()
        for person in (ana, chloe):
            write(connection, Judgement(str(asked), person, helped=True), None, now)
        until, hidden = now + 9e6, Audience(principals=frozenset({f"#{leads}"})).key
        for question, key in (("Where is the badge desk?", EVERYONE.key), ("Who is hired next?", hidden)):
            write(connection, Verified(question, "Ask Ana.", ana, ana, now, until, (key,)), None, now)
        for person in (ana, ben, chloe):
            for number, text in enumerate(("why do checkpoints vanish with Iris?", "may gulls sue Otto?")):
                if number == 0 or person != ana:  # two askers of the second are too few
                    secret = {"outcome": "no_answer", "citations": []}
                    asked_alone = Question("T1", "D1", "1.1", "1.1", person, text, secret, [], 9)
                    write(connection, asked_alone, None, now)
        places = ((ana, "D1", True), (chloe, general, False))
        both = tuple(Asker(who, "T1", channel, "1.1", private) for who, channel, private in places)
        for text, askers in (("Is Acme dropped?", both), ("Where do herons nest?", both[1:])):
            write(connection, Request(text, text, (ben,), askers), None, now)
        said = {"outcome": "answer", "sentences": [{"text": "2000 steps.", "citations": []}], "citations": []}
        for text, ts in (("is the warm-up long?", ""), ("how short is the warm-up?", "1.1")):
            liked = Question("T1", general, ts, ts, ben, text, said, [], 9)
            write(connection, liked, None, now)
            for person in (ana, chloe) if not ts else (ana, chloe, ben):  # Ben did not find it helpful
                write(connection, Judgement(liked.id, person, helped=person != ben), None, now)
        for text, channels in (("where do puffins breed?", (leads, leads)), ("where do terns winter?", ())):
            for number, person in enumerate((ana, ben, chloe)):
                place = dict(enumerate(channels)).get(number, general)  # the newest is asked in #general
                many = Question("T1", place, f"2.{number}", "2.1", person, text, said, [], 9)
                write(connection, many, None, now - 3 + number)
        for channel, title in ((general, "Herons at scale"), (leads, "Layoffs at scale")):
            each_week = SeriesSettings("FREQ=WEEKLY", NOW.date())
            weekly = Series("learning", f"Lunch {title[0]}", channel, each_week, ana)
            series.put(connection, weekly, now)
            proposals.put(connection, Proposal(weekly.id, f"More on {title}", "", ben), now)
            starts = (clock() + timedelta(days=2)).timestamp()
            talk = Talk(weekly.id, "2027-01-01", starts, 45, "UTC", title=title, state=talks.ANNOUNCED)
            talks.put(connection, talk, now)
            talks.put_speaker(connection, Speaker(talk.id, ben, talks.SPEAKS))
        prompts = (Prompt("block", "What blocks you?", role=Role.BLOCKERS),)
        for name, observers in (("Open", (ALL,)), ("Closed", ())):
            settings = Standup(name, (ana, ben), prompts, "FREQ=DAILY", NOW.time(), observers=observers)
            ritual = Ritual(settings, owner=ana)
            rituals.put(connection, ritual, now)
            give(
                connection,
                Entry(ritual.id, NOW.date(), ben, replies={"block": f"The {name} queue is full"}),
                now,
            )
            assert blockers.standing_of(connection, ritual.id)

    everybody, ana_alone = preview(lore, "ana", "#general"), preview(lore, "ana")
    for said in (everybody, ana_alone):
        for line in ("who won the chess tournament", "Where is the badge desk?", "2 found it helpful"):
            assert line in said
        for line in ("Herons at scale", "ben", "More on Herons", "The Open queue is full"):
            assert line in said
    for said, told_of in ((everybody, ("terns",)), (ana_alone, ("terns", "puffins"))):
        assert [one for one in ("terns", "puffins") if one in said] == [*told_of]
        assert said.count("asked by 3 people") == len(told_of), "only where the readers could read it"
    assert "Where do herons nest?" in everybody
    assert "Acme" not in everybody, "somebody asked it in private, and somebody else in the channel"
    for line in ("off-site", "Layoffs", "Who is hired next", "The Closed queue"):
        assert line not in everybody, "for whom it is not, it is not there"
        assert line in ana_alone
    assert "3 people asked, nothing answers it" in ana_alone
    assert "warm-up" not in everybody + ana_alone, "asked in private, or unhelpful to somebody"
    assert "Checkpoints" in ana_alone, "a word that she may read elsewhere"
    for word in ("Iris", "vanish", "Otto", "gulls"):
        assert word not in ana_alone, "the words of what was asked in private"
    assert "people asked" not in everybody, "the gap report is for leads alone"

    report = preview(lore, "ana", "gaps")
    assert "3 people asked, nothing answers it" in report
    assert "Gaps since" in report
    assert "badge desk" not in report, "gaps alone"
    for word in ("Iris", "vanish", "Otto", "gulls"):
        assert word not in report
    assert "is for leads" in preview(lore, "chloe", "gaps")
    assert "is for leads" in told(lore, "chloe", "gaps on")
    assert "Your gap report: Every Monday at 09:00, by your clock." in told(lore, "ana", "gaps on")
    assert "Your gap report" in told(lore, "ana", "list")
    assert lore.slack.slash("ana", "#general", "/digest", "gaps settings").ok
    form = top(lore, "ana", "On which days")
    assert "What is in it" not in shown_in(form)
    before = len(lore.slack.ephemerals("ana", "#general"))
    assert lore.slack.submit_view("ana", form["id"], {DAYS: "every Friday", AT: "10:00"}).ok
    kept = words(lore.private_reply("ana", "#general", before + 1))
    assert "Your gap report: Every Friday at 10:00" in kept
    assert told(lore, "ana", "gaps off").startswith("Your gap report is off.")
    assert "There is no digest" in told(lore, "ana", "off"), "her own was never on"
