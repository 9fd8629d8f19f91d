"""Who is told what around a talk, and when: while it is moved, cancelled, given to another, and held."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.blocks.recaps import NOTES, RECORDING, SLIDES
from bot.calm_settings import CalmSettings
from bot.journal import notices, recaps, series, talks
from bot.journal.notices import CANCELLED, PLANNED, SAID, Notice
from bot.journal.recaps import DRAFT, NOTHING, POSTED, WITHDRAWN, Recap
from bot.journal.series import Series
from bot.journal.talks import ANNOUNCED, FOUND, HELD, OPEN_FLOOR, SPEAKS, STEPPED_BACK, Speaker, Talk
from bot.journal.work import Item
from bot.kinds import RECAP_STEP
from bot.learning.briefing import BRIEF, SPEAKER_BRIEF, Briefing
from bot.learning.drafting import Draft, Drafts
from bot.learning.materials import MATERIALS, MATERIALS_AGAIN, Materials
from bot.learning.overtaken import MATERIALS as MATERIALS_FORM
from bot.learning.overtaken import edition
from bot.learning.recapping import Recapping
from bot.messages import Message
from bot.notices import Made, Notices
from bot.rituals.availability import Availability
from knowledge.documents import NoAnswer, Searched
from prompts.series import LEARNING, SeriesSettings
from tests.bot.office import MONDAY, Office, office

NOON = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Around:
    """A talk, and the parts that look after it, over the office's journal."""

    lore: Office
    talk: Talk
    notices: Notices
    briefing: Briefing
    materials: Materials

    def change(self, **changes: Any) -> None:
        self.talk = replace(self.talk, **changes)
        with self.lore.database.writing() as connection:
            talks.put(connection, self.talk, self.lore.now)

    def speaks(self, name: str, state: str = SPEAKS) -> None:
        with self.lore.database.writing() as connection:
            talks.put_speaker(connection, Speaker(self.talk.id, self.lore.id(name), state))

    def at(self, moment: datetime) -> None:
        self.lore.clock.move(moment)
        self.briefing.plan(moment)
        self.materials.plan(moment)
        self.notices.say_due(moment)
        self.lore.post()

    def all(self, kind: str) -> Sequence[Notice]:
        with self.lore.database.reading() as connection:
            return notices.about(connection, self.talk.id, kind)

    def asked(self, name: str) -> int:
        return sum("recap of “Caches”" in text or "for “Caches”!" in text for text in self.lore.said(name))


class Nothing:
    """Answers nothing."""

    def answer(self, question: str, _audiences: frozenset[str], **_: object) -> NoAnswer:
        return NoAnswer(question, "Nothing.", (), (), Searched(0, 0, ()), 0)


@pytest.fixture
def around(tmp_path: Path) -> Iterator[Around]:
    with office(tmp_path) as lore:
        of = Series(
            LEARNING,
            "Tuesdays",
            lore.slack.channel("#team").id,
            SeriesSettings("daily", MONDAY),
            lore.id("ana"),
        )
        talk = Talk(
            of.id, "2026-03-20", NOON.timestamp(), 45, "UTC", title="Caches", state=ANNOUNCED, floor=FOUND
        )
        calm = CalmSettings(pings_a_day=100)
        said = Notices(lore.database, Availability(lore.people, lore.database, lore.clock, calm))
        briefing = Briefing(lore.people, None, lore.database, Nothing(), lore.clock, ())  # type: ignore[arg-type]
        materials = Materials(lore.database)
        materials.join(said)
        for kind in (BRIEF, SPEAKER_BRIEF):
            said.makers[kind] = lambda notice, _now: Made([Message(notice.recipient, f"brief {notice.kind}")])
        with lore.database.writing() as connection:
            series.put(connection, of, lore.now)
        made = Around(lore, talk, said, briefing, materials)
        made.change()
        made.speaks("ben")
        yield made


def test_t63_briefs_follow_a_talk_that_is_moved_and_are_said_once(around: Around) -> None:
    around.at(NOON - 10 * DAY)
    around.change(starts_at=(NOON + 7 * DAY).timestamp(), sequence=1)
    around.at(NOON - 7 * DAY)
    around.at(NOON - 2 * DAY)
    assert around.lore.said("ben") == []
    around.at(NOON)
    assert around.lore.said("ben") == ["brief speaker's brief"]
    around.change(starts_at=(NOON + 14 * DAY).timestamp(), sequence=2)
    around.at(NOON + 7 * DAY)
    around.at(NOON + 12 * DAY)
    around.at(NOON + 13 * DAY)
    assert around.lore.said("ben") == ["brief speaker's brief"]
    team = around.lore.slack.channel("#team").id
    assert [one["text"] for one in around.lore.slack.said_by_app(team)] == ["brief talk brief"]


def test_t63_of_a_cancelled_talk_nothing_is_said_before_or_after(around: Around) -> None:
    around.at(NOON - 10 * DAY)
    around.change(state="cancelled", sequence=1)
    for days in (-7, -2, 1, 4):
        around.at(NOON + days * DAY)
    assert around.lore.said("ben") == []
    for kind in (BRIEF, SPEAKER_BRIEF):
        assert [one.state for one in around.all(kind)] == [CANCELLED]
    assert around.all(MATERIALS) == []


def test_whoever_speaks_instead_has_the_brief(around: Around) -> None:
    around.at(NOON - 10 * DAY)
    around.speaks("ben", STEPPED_BACK)
    around.speaks("chloe")
    around.at(NOON - 9 * DAY)
    around.at(NOON - 7 * DAY)
    assert (around.lore.said("ben"), around.lore.said("chloe")) == ([], ["brief speaker's brief"])


def test_the_speaker_is_asked_after_the_talk_once_more_and_then_no_more(around: Around) -> None:
    around.change(state=HELD)
    ends = NOON + timedelta(minutes=45)
    around.at(ends + timedelta(minutes=14))
    assert around.asked("ben") == 0
    for later in (timedelta(minutes=16), DAY, 3 * DAY, 4 * DAY, 6 * DAY, 9 * DAY):
        around.at(ends + later)
    assert around.asked("ben") == 2
    assert [one.state for one in (*around.all(MATERIALS), *around.all(MATERIALS_AGAIN))] == [SAID, SAID]


def test_nobody_is_asked_again_when_somebody_has_answered(around: Around) -> None:
    around.speaks("chloe")
    around.change(state=HELD)
    around.at(NOON + timedelta(hours=2))
    assert (around.asked("ben"), around.asked("chloe")) == (1, 1)
    assert {one.state for one in around.all(MATERIALS_AGAIN)} == {PLANNED}
    with around.lore.database.writing() as connection:
        recaps.put(connection, Recap(around.talk.id, NOTHING), around.lore.now)
    around.at(NOON + 4 * DAY)
    assert (around.asked("ben"), around.asked("chloe")) == (1, 1)
    assert {one.state for one in around.all(MATERIALS_AGAIN)} == {CANCELLED}


def test_where_the_floor_was_open_whoever_looks_after_the_series_is_asked(around: Around) -> None:
    around.speaks("ben", STEPPED_BACK)
    around.change(state=HELD, floor=OPEN_FLOOR)
    around.at(NOON + timedelta(hours=2))
    assert (around.asked("ben"), around.asked("ana")) == (0, 1)


class Drafting(Drafts):
    """Drafts a text; something else happens `before` it is done."""

    text = ""
    before: Callable[[], None] = staticmethod(lambda: None)  # type: ignore[assignment]

    def of(self, *_: object) -> Draft:
        type(self).before()
        return Draft(type(self).text, by_model=False, thread_read=True)


@dataclass
class Recaps:
    """Steps that Ben takes, and what is stored of them."""

    around: Around
    drafting: type[Drafting]

    def step(self, name: str, **payload: str) -> str:
        lore = self.around.lore
        payload = {"step": name, "subject": self.around.talk.id, **payload}
        ben = lore.id("ben")
        item = Item(1, RECAP_STEP, "T", "", ben, "", "", "", "", payload, 1, "", lore.now)
        drafts = self.drafting(lore.people, None, None)  # type: ignore[arg-type]
        recapping = Recapping(lore.people, lore.database, lore.clock, drafts, lambda _: None)  # type: ignore[arg-type, return-value]
        return " ".join(f"{said.text} {said.blocks}" for said in recapping.step(item).say)

    def known(self) -> Recap:
        with self.around.lore.database.reading() as connection:
            found = recaps.of_talk(connection, self.around.talk.id)
        return found or Recap(self.around.talk.id, "none")

    def change(self, state: str) -> None:
        known = replace(self.known(), state=state, revision=self.known().revision + 1)
        with self.around.lore.database.writing() as connection:
            recaps.put(connection, known, self.around.lore.now)


@pytest.fixture
def written(around: Around) -> Recaps:
    around.change(state=HELD)
    with around.lore.database.writing() as connection:
        of = series.by_id(connection, around.talk.series_id)
        assert of is not None
        world = replace(of, channel=around.lore.slack.channel("#world").id)
        series.put(connection, world, around.lore.now)
    return Recaps(around, type("Drafting", (Drafting,), {}))


def test_addresses_without_notes_are_kept_and_can_be_posted(written: Recaps) -> None:
    assert "add a few lines of notes" in written.step("materials")
    assert written.known().state == "none", "nothing was given, and nothing is kept"
    links = {RECORDING: "https://video.example/7", SLIDES: "https://slides.example/7"}
    assert "the addresses are kept" in written.step("materials", **links)
    known = written.known()
    assert (known.state, known.text, known.recording, known.slides) == (DRAFT, "", *links.values())
    assert "The recap is posted" in written.step("post")
    assert written.known().state == POSTED


def test_what_was_given_is_kept_whatever_becomes_of_its_draft(written: Recaps) -> None:
    def fail() -> None:
        raise RuntimeError("out of memory")

    written.drafting.before = fail  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):
        written.step("materials", **{NOTES: "Caches fill up."})
    assert (written.known().state, written.known().notes) == (DRAFT, "Caches fill up.")
    assert "add a few lines of notes" in written.step("post"), "there is nothing to read yet"
    assert written.known().state == DRAFT


def test_what_two_write_at_once_is_shown_to_the_later_one_and_neither_is_lost(written: Recaps) -> None:
    written.drafting.text = "- Caches fill up."
    written.step("materials", **{NOTES: "Caches fill up."}, edition="")
    before, other = written.known(), {NOTES: "Caches empty."}
    told = written.step("materials", **other, edition="of long ago")
    for shown in ("ben has changed the recap", "Caches fill up.", "it is not stored", "Caches empty."):
        assert shown in told
    assert "- Caches fill up." in written.step("edit", edition="of long ago")
    assert written.known() == before
    now = edition(before, MATERIALS_FORM)
    assert "The draft of the recap" in written.step("materials", **other, edition=now)
    assert "The draft of the recap" in written.step("materials", **other, edition=now), "after a crash"
    assert written.known().notes == "Caches empty."


def test_who_was_overtaken_is_told_so_and_not_that_it_is_done(written: Recaps) -> None:
    written.drafting.text = "- Caches fill up."
    written.drafting.before = lambda: written.change(POSTED)  # type: ignore[method-assign]
    told = written.step("materials", **{NOTES: "Caches fill up."})
    assert "Somebody has changed the recap meanwhile" in told
    assert "The draft of the recap" not in told
    assert written.known().state == POSTED
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Drafting, "speakers", lambda *_: written.change(WITHDRAWN) or "")
        told = written.step("edit")
    assert "Somebody has changed the recap meanwhile" in told
    assert "The recap is changed" not in told
    assert written.known().state == WITHDRAWN
