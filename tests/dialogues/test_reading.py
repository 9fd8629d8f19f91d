"""A reading group: papers looked up, proposed, weighed and voted for; one is read, and asked about later."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import httpcore
import pytest

from bot.blocks import invitations, paper_forms, papers
from bot.journal import papers as journal
from bot.journal import proposals, series, talks
from bot.journal.papers import Weighed
from bot.journal.proposals import Proposal
from bot.journal.series import Series
from bot.reading.library import Library
from bot.wiring import Knowledge
from bot.workspace import Workspace
from prompts.reading import Fit, Near
from prompts.series import READING, SeriesSettings
from tests.dialogues.calm import CALM
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.dialogues.seasons import at, heard, press
from tests.dialogues.standups import shown_in, top
from tests.fakes import FakeClock
from tests.ingest.web_site import Asked, Elsewhere, Reply, Site, web_site

PUBLIC, PRIVATE = "93.184.216.34", "10.0.0.7"
ABSTRACT = (
    "The trainer keeps checkpoints of every run. We show that older checkpoints are deleted too late each "
    "night, and that a restore drill for the 7B run is 12 percent faster with the last three checkpoints."
)
ATOM = f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><entry>
<id>http://arxiv.org/abs/2401.00001v2</id><title>Retention of
  checkpoints &lt;!channel&gt;</title><summary>  {ABSTRACT}
</summary><author><name>Jane Doe</name></author><author><name>Yi Wu</name></author>
</entry></feed>"""
EMPTY = '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"></feed>'
BOMB = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb">]><feed>&b;</feed>'
CACHES = """<html><head><title>nothing</title>
<meta name="citation_title" content="Caches &amp; gates"><meta name="citation_author" content="Muster, Max">
<meta name="citation_abstract" content="Rivers freeze in winter.">
<meta name="citation_doi" content="10.1000/182">
</head><body>Sign in</body></html>"""


def arxiv(asked: Asked) -> Reply:
    known = {"id_list=2401.00001": ATOM, "id_list=2401.00666": BOMB}
    body = next((body for number, body in known.items() if number in asked.path), EMPTY)
    return Reply(body, content_type="application/atom+xml; charset=utf-8")


def endless(handler: Any) -> None:
    try:
        while True:
            handler.wfile.write(b"<p>and on</p>" * 10_000)
    except OSError:
        return


@pytest.fixture
def site(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Behind one public address; nothing else is connected to but the server that keeps the index."""
    really = httpcore.SyncBackend.connect_tcp
    index = urlsplit(knowledge.settings.chroma_url)
    with web_site() as made:

        def connect(self: Any, host: str, port: int, *rest: Any, **more: Any) -> httpcore.NetworkStream:
            if index.port and (host, port) == (index.hostname, index.port):
                return really(self, host, port, *rest, **more)
            assert (host, port) == (PUBLIC, 80), "only the public address is ever connected to"
            return really(self, "127.0.0.1", made.port, *rest, **more)

        monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
        made.routes |= {
            "/api/query": arxiv,
            "/caches": Reply(CACHES),
            "/file.pdf": Reply(b"%PDF-1.7", content_type="application/pdf"),
            "/endless": Reply(then=endless),
            "/inside": Reply(status=302, headers={"Location": "http://wiki.internal/secret"}),
            "/metadata": Reply(status=302, headers={"Location": "http://169.254.169.254/latest/"}),
            "/login": Reply(status=403),
        }
        yield made


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge, clock: FakeClock, site: Site) -> Iterator[Lore]:
    clock.move(at(2, "09:00"))
    names = {f"{name}.example": [PUBLIC] for name in ("arxiv", "crossref", "journal")}
    world = Elsewhere(names | {"wiki.internal": [PRIVATE], "both.example": [PUBLIC, PRIVATE]}).world
    library = Library(world, "http://arxiv.example/api/query", "http://crossref.example/works")
    assert site.port
    with at_work(slack, knowledge, clock=clock, calm=CALM, library=library) as lore:
        yield lore


def group(lore: Lore) -> Series:
    """A reading group each Thursday at 12:30 UTC from 12 March on, that Ana looks after."""
    settings = SeriesSettings("every week on Thursday", date(2026, 3, 9), lead_days=12)
    place = lore.slack.channel("#pair").id
    made = Series(READING, "Papers", place, settings, lore.slack.person("ana").id)
    with lore.knowledge.database.writing() as connection:
        series.put(connection, made, lore.slack.team.clock())
    return made


def form(lore: Lore, person: str, given: str) -> dict[str, Any]:
    """The form that comes of `/reading propose …`, with what is known."""
    for view in lore.slack.views_open(person):
        lore.slack.close_view(person, view["id"])
    assert lore.slack.slash(person, "#pair", "/reading", f"propose {given}".strip()).ok
    return top(lore, person, "Abstract" if given else "Link, DOI")


def propose(lore: Lore, person: str, given: str, **typed: Any) -> None:
    view = form(lore, person, given)
    assert lore.slack.submit_view(person, view["id"], typed).ok
    lore.settle()


def card(lore: Lore, title: str) -> dict[str, Any]:
    return [one for one in lore.slack.said_by_app("#pair") if title in words(one)][-1]


def listed(lore: Lore, person: str) -> dict[str, Any]:
    before = len(lore.slack.ephemerals(person, "#pair"))
    assert lore.slack.slash(person, "#pair", "/reading", "papers").ok
    return lore.private_reply(person, "#pair", before + 1)


def known(lore: Lore, one: Series) -> list[Proposal]:
    with lore.knowledge.database.reading() as connection:
        return list(proposals.of_series(connection, one.id))


def test_a_paper_from_its_link_to_what_became_of_it(lore: Lore, clock: FakeClock, site: Site) -> None:
    one = group(lore)
    # It is looked up, looked over and proposed; the card says what it is near to.
    view = form(lore, "ben", "https://arxiv.org/pdf/2401.00001v2.pdf")
    assert "Retention of checkpoints <!channel>" in shown_in(view)
    assert "Jane Doe, Yi Wu" in shown_in(view)
    assert "12 percent faster" in shown_in(view)
    assert "Everybody who can read #pair" in str(view)
    wrong = lore.slack.submit_view("ben", view["id"], {paper_forms.LINK: "javascript:alert(1)"})
    assert paper_forms.LINK in (wrong.errors or {})
    typed = {paper_forms.LINK: "https://arxiv.org/abs/2401.00001v2", paper_forms.WHY: "We lose runs."}
    assert lore.slack.submit_view("ben", view["id"], typed | {paper_forms.SPEAKS: ["yes"]}).ok
    lore.settle()
    shown = card(lore, "Retention of checkpoints")
    assert "ben proposes a paper" in words(shown)
    assert "We lose runs." in words(shown)
    assert "12 percent faster" in words(shown)
    assert "Near to what we work on: “Checkpoints”" in words(shown)
    assert "would present it" in words(shown)
    assert "<!channel>" not in shown["text"]
    assert "hiring" not in words(shown).lower(), "not all who read #pair may read that"

    # The same paper by another address is a vote; another one is found through the form.
    propose(lore, "chloe", "arXiv:2401.00001v1")
    assert "I have counted your vote" in words(lore.private_reply("chloe", "#pair"))
    view = form(lore, "ana", "")
    assert lore.slack.submit_view("ana", view["id"], {paper_forms.GIVEN: "http://journal.example/caches"}).ok
    view = top(lore, "ana", "Caches & gates")
    assert "Max Muster" in shown_in(view)
    assert lore.slack.submit_view("ana", view["id"], {}).ok
    lore.settle()
    assert [(each.paper["identifier"], each.state) for each in known(lore, one)] == [
        ("arxiv:2401.00001", "open"),
        ("doi:10.1000/182", "open"),
    ]
    assert "I found nothing of ours that is near it." in words(card(lore, "Caches & gates"))
    papers_now = listed(lore, "chloe")
    assert words(papers_now).index("2 votes, yours too") < words(papers_now).index("Caches & gates")
    assert "I'd present it" in str(papers_now)
    assert all("pdf" not in path for path in site.paths), "files are not fetched"

    # Votes end, the volunteer is asked first, and the invitation says where the paper is.
    lore.at(clock, at(2, "09:30"))
    assert "/reading papers" in words(lore.slack.said_by_app("#pair")[-1])
    lore.at(clock, at(4, "12:31"))
    lore.at(clock, at(4, "12:32"))
    assert press(lore, "ben", "talk_act_yes").ok
    lore.at(clock, at(4, "12:33"))
    lore.at(clock, at(4, "12:34"))
    announced = card(lore, "https://arxiv.org/abs/2401.00001v2")
    assert "Jane Doe and Yi Wu" in words(announced)
    lore.slack.click("chloe", "#pair", announced["ts"], invitations.COMING)
    lore.settle()

    # Two days before there are questions to guide, out of the abstract and of any paper.
    lore.at(clock, at(10, "12:31"))
    brief = next(
        one
        for one in lore.slack.said_by_app("#pair", announced["ts"])
        if "Three questions to discuss" in words(one)
    )
    assert "12 percent faster with the last three checkpoints”: is that what you see, too?" in words(brief)
    assert "what would it take to convince us?" in words(brief)

    # A month after it was read those who were there are asked, and nobody else.
    lore.at(clock, at(12, "13:20"))
    with lore.knowledge.database.reading() as connection:
        [talk] = talks.of_series(connection, one.id, talks.HELD)
    lore.at(clock, at(10, "13:00", 4))
    assert not any("Have we used" in said for said in heard(lore, "ben"))
    lore.at(clock, at(11, "13:20", 4))
    lore.at(clock, at(11, "13:21", 4))
    assert any("Have we used" in said for said in heard(lore, "ben"))
    assert any("Have we used" in said for said in heard(lore, "chloe"))
    assert not any("Have we used" in said for said in heard(lore, "ana"))
    assert press(lore, "ben", papers.USE_YES).ok
    assert press(lore, "chloe", papers.USE_NO).ok
    assert press(lore, "chloe", papers.USE_NOT_YET).ok, "what was said can be changed"
    assert "You said: not yet" in heard(lore, "chloe")[-1]
    assert press(lore, "ben", papers.USE_WORD).ok
    view = top(lore, "ben", "What became of it")
    assert lore.slack.submit_view("ben", view["id"], {papers.WORD: "We keep <!here> five now."}).ok
    lore.settle()
    after = words(listed(lore, "ana"))
    assert "read on Thursday 12 March" in after
    assert "Did we use it? 1 yes · 1 not yet" in after
    assert "We keep <!here> five now." in after
    assert "<!here>" not in listed(lore, "ana")["text"]
    with lore.knowledge.database.reading() as connection:
        uses = journal.uses_of(connection, [talk.id])[talk.id]
        assert {use.answer for use in uses} == {"yes", "not yet"}
        assert list(journal.used(connection, 0.0, clock().timestamp() + 1)) == [talk.id]
    propose(lore, "ana", "arxiv.org/abs/2401.00001")
    assert "was read already" in words(lore.private_reply("ana", "#pair"))


NOT_OPENED = "I did not open that address"
BAD = [
    ("http://10.0.0.7/paper", NOT_OPENED),
    ("http://[::ffff:10.0.0.7]/paper", NOT_OPENED),
    ("http://wiki.internal/paper", NOT_OPENED),
    ("http://both.example/paper", NOT_OPENED),
    ("http://journal.example:8080/paper", NOT_OPENED),
    ("http://journal.example/inside", NOT_OPENED),
    ("http://journal.example/metadata", NOT_OPENED),
    ("http://journal.example/endless", "I could not read that address"),
    ("http://journal.example/file.pdf", "There is a file at that address"),
    ("http://journal.example/login", "nobody but its own readers"),
    ("http://journal.example/gone", "Nothing is known under that address"),
    ("http://nowhere.example/", "I could not read that address"),
    ("doi:10.9999/no.such.thing", "10.9999/no.such.thing"),
    ("2401.99999", "2401.99999"),
    ("2401.00666", "2401.00666"),
    ("Only a title", "A link, if you have one"),
]


def test_in_19_in_20_what_may_not_be_read_is_said_and_can_be_typed_in(lore: Lore, site: Site) -> None:
    one = group(lore)
    for given, said in BAD:
        view = form(lore, "ben", given)
        assert said in str(view["blocks"][0]), given
    assert not any("secret" in path or "latest" in path for path in site.paths)
    view = form(lore, "ben", "http://wiki.internal/paper")
    typed = {paper_forms.TITLE: "Our own report", paper_forms.AUTHORS: "Ana Costa and Ben Okafor"}
    assert lore.slack.submit_view("ben", view["id"], typed).ok
    lore.settle()
    [made] = known(lore, one)
    assert made.paper["authors"] == ["Ana Costa", "Ben Okafor"]
    assert "Our own report" in words(card(lore, "Our own report"))

    # What not all who read the channel may read (any more) is not even named.
    secret = "secrets/salaries.md"
    key = lore.knowledge.store.current_audience(secret)
    assert key is not None
    fit = Fit(0.9, (Near(secret, "Hiring plan", key, 0.9),), 2)
    with lore.knowledge.database.writing() as connection:
        journal.put_fit(connection, made.id, Weighed(fit, 1, lore.slack.team.clock()))
    shown = words(listed(lore, "ana"))
    assert "2 recent questions" in shown
    assert "Hiring plan" not in shown
    assert lore.slack.slash("gus", "#visitors", "/reading", "propose 2401.00001").ok
    assert "/reading new sets one up" in shown_in(top(lore, "gus", "reading group"))
