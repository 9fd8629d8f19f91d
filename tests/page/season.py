"""Six weeks of lunch-and-learns over `examples/`, in the local workspace: `python -m tests.page.season`.

Twelve people of the team Tern, from Tokyo to New York, from Monday 5 October to Friday 13 November 2026:
several ask what nothing answers, Lore proposes it as a topic, people vote, a speaker is found, the talk is
held, and its recap answers the question that started it. That talk is moved over the end of summer time in
Europe, a second is held, a third cancelled. The bot is the one that `lore run` starts, without a language
model; its clock and the workspace's are moved by hand. The pictures go to docs/screenshots/, or to the folder
that is named.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import expect

from bot.workspace import Description
from bot.workspace.description import Person
from tests.dialogues.lore import words
from tests.page.played import Day, play
from tests.page.screenshots import EXAMPLES

MONDAY = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
MORE = (
    ("nora", "Nora Berg", "Europe/Oslo"),
    ("ravi", "Ravi Menon", "Asia/Kolkata"),
    ("ines", "Inês Duarte", "Europe/Lisbon"),
    ("paul", "Paul Novak", "America/New_York"),
    ("yuki", "Yuki Mori", "Asia/Tokyo"),
)
QUESTION = "How much accuracy does int8 quantisation cost?"
ASKED = (
    ("sam", "training", QUESTION),
    ("hana", "training", "Is int8 quantisation safe for our models?"),
    ("paul", "general", "Does int8 quantisation change the accuracy of our nets?"),
    ("ravi", "training", "What accuracy do we lose with int8 quantisation?"),
    ("ines", "general", "How do I quantise a net to int8?"),
)
NOTES = """Int8 quantisation costs 0.4 points of accuracy on the digits.
We quantise a net to int8 after training, with 200 scans to calibrate.
Nets that were quantised to int8 answer in a third of the time on the tablets of the clinics.
Do not quantise the last layer: without it the accuracy falls by 3 points."""


def at(day: int, clock: str, month: int = 10) -> datetime:
    """A day of that autumn, at a wall time in UTC."""
    return datetime.fromisoformat(f"2026-{month:02}-{day:02}T{clock}").replace(tzinfo=UTC)


def until(season: Day, moment: datetime, every: timedelta = timedelta(hours=1)) -> None:
    """Let time pass, a beat an hour; what is planned at the last one is said at the next."""
    while season.clock() + every < moment:
        beat(season, season.clock() + every)
    for minute in range(3):
        beat(season, moment + timedelta(minutes=minute))


def beat(season: Day, moment: datetime) -> None:
    """Make it this time when all that is under way is done: nothing may look as if it had hung for hours."""
    season.settle()
    season.clock.move(moment)
    season.bot.keep_rituals(season.clock())
    season.settle()


def heard(season: Day, person: str, text: str) -> dict[str, Any] | None:
    """The newest that Lore has said to somebody with these words."""
    found = [one for one in season.slack.said_by_app(season.slack.dm(person)) if text in words(one)]
    return found[-1] if found else None


def press(season: Day, person: str, text: str, action_id: str, channel: str = "") -> None:
    """Press something in the newest message with these words, in a direct message or in a channel."""
    place = season.slack.channel(f"#{channel}").id if channel else season.slack.dm(person)
    [message] = [
        one for one in season.slack.said_by_app(place) if text in words(one) and action_id in str(one)
    ][-1:]
    shown = season.slack.click(person, place, message["ts"], action_id)
    assert shown.ok, shown
    season.settle()


def form(season: Day, person: str, having: str) -> str:
    """The id of the form on top, once these words stand in it."""

    def look() -> str | None:
        views = season.slack.views_open(person)
        return str(views[-1]["id"]) if views and having in str(views[-1]) else None

    return season.slack.wait_for(look) or ""


def send(season: Day, person: str, having: str, values: dict[str, Any]) -> None:
    shown = season.slack.submit_view(person, form(season, person, having), values)
    assert shown.ok, shown
    season.settle()


def command(season: Day, person: str, channel: str, name: str, text: str) -> None:
    shown = season.slack.slash(person, f"#{channel}", name, text)
    assert shown.ok, shown
    season.settle()


def ask(season: Day, person: str, channel: str, question: str) -> str:
    """Ask Lore, and the thread in which it has answered."""
    ts = season.slack.say(person, f"#{channel}", f"<@{season.slack.team.app.user_id}> {question}")
    season.slack.wait_for(lambda: season.slack.said_by_app(f"#{channel}", ts))
    season.settle()
    return ts


def asked(season: Day) -> None:
    """Five people ask about int8 in a week; nothing answers it."""
    for day, (person, channel, question) in enumerate(ASKED, 5):
        until(season, at(day, "08:30"))
        ts = ask(season, person, channel, question)
        print("   ", words(season.slack.said_by_app(f"#{channel}", ts)[-1])[:100].replace("\n", " "))
    page = season.look("sam", "training", height=700)
    expect(page.locator("#channel")).to_contain_text("int8")
    season.keep(page, "season-unanswered")


def set_up(season: Day) -> None:
    """Mira sets up a lunch-and-learn, every other Thursday at half past twelve in London, and a digest."""
    until(season, at(9, "10:00"))
    page = season.look("mira", "training", height=980)
    season.type(page, "/learn new")
    values = {
        "series_name": "Lunch and learn",
        "series_days": "every 2 weeks on Thursday",
        "series_at": "12:30",
        "series_zone": "Europe/London",
        "series_minutes": "45",
        "series_capacity": "",
        "series_lead": "6",
        "series_place": "https://meet.tern.example/lunch",
        "series_channel": season.slack.channel("#training").id,
    }
    form(season, "mira", "Time zone")
    season.keep(page, "season-form")
    send(season, "mira", "Time zone", values)
    season.slack.close_view("mira", form(season, "mira", "is set up"))
    assert heard(season, "mira", "is set up")
    command(season, "mira", "training", "/digest", "on #training")


def proposed(season: Day) -> None:
    """Lore proposes what was asked and not answered; people vote, Jonas offers to speak; Priya proposes."""
    until(season, at(9, "12:00"))
    for person in ("sam", "hana", "paul", "ravi"):
        press(season, person, "int8", "topic_vote", "training")
    press(season, "jonas", "int8", "topic_speak", "training")
    page = season.look("hana", "training", height=700)
    expect(page.locator("#channel")).to_contain_text("5 people")
    season.keep(page, "season-topic")
    until(season, at(12, "09:00"))
    command(season, "priya", "training", "/learn", "propose When labellers disagree")
    topic = {"topic_why": "How do we merge their labels?", "topic_speaks": ["yes"]}
    send(season, "priya", "What you would like to know", topic)
    press(season, "lena", "When labellers disagree", "topic_vote", "training")


def announced(season: Day) -> None:
    """Voting is over; Jonas is asked privately and says yes; people say that they come."""
    until(season, at(12, "11:00"))
    press(season, "jonas", "Would you", "talk_act_yes")
    until(season, at(12, "13:00"))
    for person in ("sam", "hana", "mira", "lena", "nora", "ines"):
        press(season, person, "int8", "talk_coming", "training")
    until(season, at(12, "14:00"))
    page = season.look("sam", "training", height=700)
    expect(page.locator("#channel")).to_contain_text("6")
    season.keep(page, "season-announcement")


def moved(season: Day) -> None:
    """Jonas falls ill and moves his talk to the 27th, over the end of summer time in Europe."""
    until(season, at(13, "10:00"))
    command(season, "jonas", "training", "/learn", "move 2026-10-27 12:30")
    until(season, at(13, "14:00"))
    page = season.dm("sam", height=560)
    expect(page.locator("#channel")).to_contain_text("int8")
    season.keep(page, "season-moved")


def held(season: Day) -> None:
    """A brief two days before; the talk; the speaker's notes; the recap, which is indexed."""
    until(season, at(26, "15:00"), timedelta(hours=2))
    press(season, "priya", "Would you speak", "talk_act_yes")
    announcements = [
        one
        for one in season.slack.said_by_app("#training")
        if "int8" in words(one) and "talk_coming" in str(one)
    ]
    page = season.look("sam", f"training/{announcements[-1]['ts']}", width=1280, height=900)
    expect(page.locator("#thread")).to_contain_text("discuss")
    season.keep(page, "season-brief")
    until(season, at(27, "11:00"))
    until(season, at(27, "14:00"), timedelta(minutes=10))
    press(season, "jonas", "notes", "recap_add")
    notes = {"recap_notes": NOTES, "recap_slides": "https://slides.tern.example/int8"}
    send(season, "jonas", "notes", notes)
    press(season, "jonas", "draft", "recap_post")
    until(season, at(27, "15:00"))
    page = season.look("hana", "training", height=800)
    expect(page.locator("#channel")).to_contain_text("0.4 points")
    season.keep(page, "season-recap")


def answered(season: Day) -> None:
    """The question that started it has an answer now; who asked it is told, and who asks it gets it."""
    until(season, at(28, "15:00"))
    page = season.dm("sam", height=800)
    expect(page.locator("#channel")).to_contain_text("0.4 points")
    season.keep(page, "season-asked-again")
    ts = ask(season, "lena", "training", QUESTION)
    page = season.look("lena", f"training/{ts}", width=1280, height=700)
    expect(page.locator("#thread")).to_contain_text("0.4 points")
    season.keep(page, "season-answer")


def second(season: Day) -> None:
    """Priya's talk is held; the third is cancelled when summer time is over in New York, too."""
    until(season, at(30, "12:00"))
    until(season, at(2, "10:00", 11), timedelta(hours=2))
    page = season.look("mira", "training", height=900)
    expect(page.locator("#channel")).to_contain_text("What is new")
    season.keep(page, "season-digest")
    until(season, at(10, "12:00", 11), timedelta(hours=2))
    command(season, "mira", "training", "/learn", "cancel")
    place, asking = season.slack.channel("#training").id, season.slack.ephemerals("mira", "#training")[-1]
    assert season.slack.click("mira", place, asking["ts"], "talk_act_cancel").ok
    send(season, "mira", "Leave it", {})
    until(season, at(13, "15:00", 11), timedelta(hours=2))


def stats(season: Day) -> None:
    """What leads may know of six weeks."""
    command(season, "mira", "training", "/lore", "stats quarter")
    page = season.look("mira", "training", height=900)
    expect(page.locator("#channel")).to_contain_text("Gaps closed")
    season.keep(page, "season-stats")


def paired(season: Day) -> None:
    """Coffee in pairs: set up in a channel, joined with a button, introduced in a group message."""
    command(season, "mira", "training", "/pair", "new")
    send(season, "mira", "What for", {"pair_weeks": "1", "pair_day": "0", "pair_at": "10:00"})
    [card] = season.slack.said_by_app("#training")[-1:]
    for person in ("jonas", "hana", "sam", "priya", "nora", "ravi"):
        assert season.slack.click(person, "#training", card["ts"], "pair_join_either").ok
    season.settle()
    until(season, at(16, "12:00", 11))
    [together, *_] = [
        one
        for one in season.slack.team.channels.values()
        if one.kind == "mpim" and season.slack.said_by_app(one.id)
    ]
    who = next(one.name for one in season.slack.team.people.values() if one.id in together.people)
    page = season.look(who, together.id, height=560)
    expect(page.locator("#channel")).to_contain_text("paired")
    season.keep(page, "pair-introduction")


def read(season: Day) -> None:
    """A reading group; a paper is proposed, and weighed against what the team works on."""
    command(season, "hana", "training", "/reading", "new")
    values = {
        "series_name": "Paper club",
        "series_days": "every 2 weeks on Wednesday",
        "series_at": "15:00",
        "series_zone": "Europe/London",
        "series_lead": "12",
        "series_channel": season.slack.channel("#training").id,
    }
    send(season, "hana", "Time zone", values)
    season.slack.close_view("hana", form(season, "hana", "is set up"))
    command(season, "sam", "training", "/reading", "propose Robust digits under shift")
    paper = {
        "paper_authors": "A. Nother",
        "paper_link": "https://papers.example/robust-digits",
        "paper_abstract": "We train digit classifiers on shifted images and measure how much accuracy wide "
        "networks lose when digits are shifted by two pixels.",
    }
    send(season, "sam", "Abstract", paper)
    until(season, at(16, "15:00", 11))
    page = season.look("hana", "training", height=700)
    expect(page.locator("#channel")).to_contain_text("Near to what we work on")
    season.keep(page, "reading-paper")


PARTS: tuple[Callable[[Day], None], ...] = (
    asked, set_up, proposed, announced, moved, held, answered, second, stats, paired, read,
)  # fmt: skip


def twelve() -> Description:
    """The team of the examples, with five more."""
    team = Description.from_toml(EXAMPLES / "workspace.toml")
    for name, real_name, zone in MORE:
        team.people.append(Person(name, real_name, email=f"{name}@tern.example", tz=zone))
    for channel in team.channels:
        if channel.name == "training":
            channel.people.extend([name for name, _, _ in MORE] + ["diego"])
    return team


if __name__ == "__main__":
    play(twelve(), MONDAY, PARTS, sys.argv[1:])
