"""Digests: turned on, previewed, sent to whom it may concern, changed and turned off."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from bot.blocks.digests import AT, DAYS, MAIL_OFF, MAIL_ON, SECTIONS, SETTINGS, TURN_OFF, TURN_ON
from bot.digests import parts
from bot.digests.sections import Entry, Part, Reader, Section, Window
from bot.wiring import Knowledge
from bot.workspace import Workspace
from knowledge.audience import Audience
from tests.dialogues.calm import CALM, heard
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.dialogues.standups import shown_in, top
from tests.fakes import FakeClock
from tests.mail import mail_server

TUESDAY = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
MONDAY = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
A_WEEK = timedelta(days=7)


@dataclass
class Pages:
    """A section of pages that were written at some time, each for an audience; it notes its windows."""

    pages: list[tuple[datetime, str, Audience]] = field(default_factory=list)
    news: bool = True
    windows: list[Window] = field(default_factory=list)

    def build(self, reader: Reader, window: Window) -> Part | None:
        self.windows.append(window)
        found = [
            Entry("was written", title=title, audience_keys=(audience.key,))
            for at, title, audience in self.pages
            if window.holds(at) and reader.may_read(audience)
        ]
        return Part(found, self.news) if found else None


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
def open_talks() -> Pages:
    return Pages(news=False)


@pytest.fixture
def lore(
    slack: Workspace,
    knowledge: Knowledge,
    clock: FakeClock,
    pages: Pages,
    open_talks: Pages,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Lore]:
    known = (Section("pages", "Pages", pages.build), Section("talks", "Next talks", open_talks.build))
    monkeypatch.setattr(parts, "contents", lambda *_: known)
    clock.move(TUESDAY)
    with (
        mail_server() as server,
        at_work(slack, knowledge, clock=clock, calm=CALM, mail=server.settings()) as lore,
    ):
        yield lore


def digest(lore: Lore, person: str, text: str) -> str:
    """What `/digest …` says to the one who gives it."""
    before = len(lore.slack.ephemerals(person, "#general"))
    assert lore.slack.slash(person, "#general", "/digest", text).ok
    return words(lore.private_reply(person, "#general", before + 1)).replace("\n: ", ": ")


def everyone() -> Audience:
    return Audience(everyone=True)


def press(lore: Lore, person: str, place: str, action: str) -> None:
    """Press a button in the newest digest there."""
    newest = [one for one in lore.slack.said_by_app(place) if f"'{action}'" in str(one)][-1]
    assert lore.slack.click(person, place, newest["ts"], action).ok


def only(lore: Lore, *names: str) -> Audience:
    return Audience(principals=frozenset(lore.slack.person(name).id for name in names))


def test_t71_ones_own_is_turned_on_previewed_sent_when_something_is_new_changed_and_turned_off(
    lore: Lore, clock: FakeClock, pages: Pages, open_talks: Pages
) -> None:
    assert "`" not in digest(lore, "ben", "")
    assert "preview" in digest(lore, "ben", "help")
    assert "is not understood" in digest(lore, "ben", "on now and then")
    said = digest(lore, "ben", "on weekly Monday 09:00")
    assert "Your digest: Every Monday at 09:00, by your clock. Next: Monday, 9 March at 09:00." in said
    assert digest(lore, "ben", "preview") == "Nothing is new, so nothing would be sent."
    open_talks.pages.append((TUESDAY, "KV caches", everyone()))
    assert "Nothing is new" in digest(lore, "ben", "preview"), "what is no news sends nothing by itself"
    lore.at(clock, MONDAY)
    assert heard(lore, "ben") == []

    open_talks.pages.append((MONDAY + A_WEEK, "KV caches", everyone()))
    pages.pages.append((MONDAY + timedelta(hours=1), "Checkpoints <!channel> <https://evil|x>", everyone()))
    clock.move(MONDAY + timedelta(hours=2))
    previewed = digest(lore, "ben", "preview")
    assert "This would be sent now; only you see it." in previewed
    lore.at(clock, MONDAY + A_WEEK)
    [sent] = heard(lore, "ben")
    assert sent.startswith("What is new since Monday, 2 March")
    assert "Checkpoints <!channel> <https://evil|x>" in sent
    assert "Next talks" in sent

    dm = lore.slack.dm("ben")
    press(lore, "ben", dm, SETTINGS)
    form = top(lore, "ben", "On which days")
    assert "every Monday" in shown_in(form)
    refused = lore.slack.submit_view("ben", form["id"], {DAYS: "now and then"})
    assert "is not understood" in str(refused)
    filled = {DAYS: "every weekday", AT: "08:30", SECTIONS: ["talks"]}
    assert lore.slack.submit_view("ben", form["id"], filled).ok
    lore.settle()
    assert "Every weekday at 08:30" in heard(lore, "ben")[-1]
    before = len(heard(lore, "ben"))
    pages.pages.append((MONDAY + A_WEEK + timedelta(hours=2), "Unwanted", everyone()))
    lore.at(clock, MONDAY + A_WEEK + timedelta(days=1))
    assert len(heard(lore, "ben")) == before, "pages are not in it any more"

    press(lore, "ben", dm, TURN_OFF)
    lore.settle()
    assert heard(lore, "ben")[-1].startswith("Your digest is off.")
    open_talks.news = True
    for day, title in ((1, "While it was off"), (2, "Sparse attention")):
        open_talks.pages.append((MONDAY + A_WEEK + timedelta(days=day, hours=1), title, everyone()))
    lore.at(clock, MONDAY + A_WEEK + timedelta(days=2))
    assert heard(lore, "ben")[-1].startswith("Your digest is off.")
    press(lore, "ben", dm, TURN_ON)
    lore.settle()
    lore.at(clock, MONDAY + A_WEEK + timedelta(days=3))
    assert "Sparse attention" in heard(lore, "ben")[-1]
    assert "While it was off" not in heard(lore, "ben")[-1]
    assert digest(lore, "ben", "off").startswith("Your digest is off.")
    assert digest(lore, "ben", "list").startswith("There is no digest yet.")


def test_t70_a_channels_holds_what_all_of_its_readers_may_read_and_is_its_owners_to_change(
    lore: Lore, clock: FakeClock, pages: Pages
) -> None:
    for place, why in (
        ("#leads", "I cannot see that channel"),
        ("#small", "You are not in #small"),
        ("#nowhere", "I cannot see that channel"),
    ):
        assert why in digest(lore, "chloe", f"on {place}")
    for command in ("on", "off", "preview", "settings", "mail", "mail off"):
        unseen, nowhere = (digest(lore, "chloe", f"{command} {one}") for one in ("#leads", "#nowhere"))
        assert unseen == nowhere, "whether there is such a channel is not told"
    for place in ("#visitors", "#partners"):
        assert "whom I cannot vouch for" in digest(lore, "ana", f"on {place}")
    said = digest(lore, "ana", "on weekdays 9:00 #leads")
    assert "The digest of #leads: Every weekday at 09:00, Europe/London time. ana looks after it." in said
    assert "ana looks after this digest" in digest(lore, "ben", "on daily #leads")
    assert digest(lore, "chloe", "off #leads") == digest(lore, "chloe", "off #nowhere")
    assert "#leads" not in digest(lore, "chloe", "list")
    assert "#leads" in digest(lore, "ben", "list")

    pages.pages.append((TUESDAY, "Salaries", only(lore, "ana", "ben")))
    pages.pages.append((TUESDAY, "For Ana alone", only(lore, "ana")))
    previewed = digest(lore, "ben", "preview #leads")
    assert "Salaries" in previewed
    assert "For Ana alone" not in previewed
    assert "Salaries" not in digest(lore, "chloe", "preview #leads")
    tomorrow = TUESDAY.replace(hour=9) + timedelta(days=1)
    lore.at(clock, tomorrow)
    leads = lore.slack.channel("#leads").id
    [sent] = [words(one) for one in lore.slack.said_by_app(leads)]
    assert "Salaries" in sent
    assert "For Ana alone" not in sent
    press(lore, "ben", leads, MAIL_ON)
    assert "the digest of #leads by e-mail as well" in words(lore.private_reply("ben", "#leads"))
    press(lore, "ben", leads, MAIL_OFF)
    assert "no more letters" in words(lore.private_reply("ben", "#leads", 2))
    assert "by e-mail as well" in digest(lore, "ben", "mail #leads")
    assert digest(lore, "ben", "mail off #leads").startswith("You get no more letters")
    assert digest(lore, "ben", "mail off #leads").startswith("You get no letters")
    assert "no digest now" in digest(lore, "ben", "mail #general")
    assert "`" not in digest(lore, "ben", "mail")

    lore.slack.invite("chloe", "#leads")
    pages.pages.append((tomorrow + timedelta(hours=1), "Salaries again", only(lore, "ana", "ben")))
    lore.at(clock, tomorrow + timedelta(days=1))
    assert len(lore.slack.said_by_app(leads)) == 1, "Chloe may not read it: neither text, title nor count"

    press(lore, "ben", leads, TURN_OFF)
    assert "ana looks after this digest" in words(lore.private_reply("ben", "#leads", 3))
    lore.slack.kick("ana", "#leads")
    lore.settle()
    press(lore, "ben", leads, TURN_OFF)
    assert "The digest of #leads is off." in words(lore.private_reply("ben", "#leads", 4))
