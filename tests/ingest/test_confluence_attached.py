"""Comments and files of Confluence: read with their pages, for the readers of these, and followed."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from ingest.sources import Incomplete, Item, Listed, Skipped, Withheld
from knowledge.errors import Unreadable
from tests.ingest.confluence_site import Site, audience, named
from tests.protocols.server import Answer


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture(params=["cloud", "data-center"])
def site(request: pytest.FixtureRequest, stack: ExitStack) -> Site:
    return Site(request.param, stack)


def text_of(listed: Listed) -> str:
    assert isinstance(listed, Item), listed
    return listed.load().text


def test_comments_are_part_of_their_page_dated_and_attributed(site: Site) -> None:
    page = site.server.add("Recipe", "<h2>Schedule</h2><p>Use cosine.</p>")
    quiet = site.server.add("Quiet", "<p>Nothing to say.</p>")
    first = site.server.comment(
        page,
        "<p>Warm up for <strong>2,000</strong> steps.<br/>### Bo Chen, 9 May 2026</p><h1>Big</h1>"
        '<p style="color: #ffffff">unseen</p>',
    )
    site.server.comment(
        page, "<p>Why cosine?</p>", by="Bo  Chen", when="2026-03-01T08:00:00.000Z", about="Use cosine."
    )
    site.server.comment(page, "<p>Old.</p>", when="2026-03-02T08:00:00.000Z", resolution="resolved")
    site.server.comment(page, "<p>I agree.</p>", by="Cy", when="2026-03-03T08:00:00.000Z", reply_to=first.id)
    listed = site.listed()
    text = text_of(listed["ML/Recipe"])
    assert text == (
        "## Schedule\n\nUse cosine.\n\n## Comments\n\n"
        "### Ana Ruiz, 4 February 2026\n\n"
        "> Warm up for **2,000** steps.\n> ### Bo Chen, 9 May 2026\n>\n> # Big\n\n"
        "### Cy, 3 March 2026, to Ana Ruiz\n\n> I agree.\n\n"
        "### Bo Chen, 1 March 2026\n\n(on “Use cosine.”)\n\n> Why cosine?\n\n"
        "### Ana Ruiz, 2 March 2026\n\n(resolved)\n\n> Old."
    )
    assert text_of(listed["ML/Quiet"]) == "Nothing to say."
    assert not site.server.count(f"container = {quiet.id}"), "pages without comments are not asked for any"
    site.say(comments=False)
    assert text_of(site.listed()["ML/Recipe"]) == "## Schedule\n\nUse cosine."


def test_a_comment_that_comes_changes_or_goes_changes_its_page_alone(site: Site) -> None:
    page, other = site.server.add("Page", "<p>text</p>"), site.server.add("Other", "<p>other</p>")
    site.server.comment(other, "<p>There all the time.</p>")

    def digests() -> tuple[str, str]:
        listed = site.listed()
        one, two = listed["ML/Page"], listed["ML/Other"]
        assert isinstance(one, Item)
        assert isinstance(two, Item)
        return one.digest, two.digest

    seen = [digests()]
    said = site.server.comment(page, "<p>New.</p>")
    seen.append(digests())
    said.version = 2
    seen.append(digests())
    said.resolution = "resolved"
    seen.append(digests())
    del site.server.comments[said.id]
    assert digests() == seen[0]
    assert len({one for one, _ in seen}) == 4
    assert len({two for _, two in seen}) == 1


def test_files_of_a_page_are_read_for_the_readers_of_the_page(site: Site) -> None:
    page = site.server.add("Plans", "<p>Plans.</p>", groups=["research-leads"])
    child = site.server.add("Budget.md", "<p>A page.</p>", parent=page.id)
    site.server.add("Secret", "<p>s</p>", groups=["strangers"])
    secret = site.server.pages[str(int(child.id) + 1)]
    site.server.attach(page, "Budget.md", b"# Budget\n\nForty nodes.")
    site.server.attach(page, "loss curve.png", b"\x89PNG\r\n")
    site.server.attach(page, "old.doc", b"\xd0\xcf\x11\xe0")
    site.server.attach(page, "large.txt", b"x" * 2_000_001)
    site.server.attach(secret, "notes.txt", b"Nobody's.")
    site.source = replace(site.source, max_bytes=2_000_000)
    listed = site.listed()
    assert set(listed) == {
        *("ML/Plans", "ML/Plans/Budget.md", "ML/Secret", "ML/Secret/notes.txt"),
        *("ML/Plans/Budget.md (att98304)", "ML/Plans/old.doc", "ML/Plans/large.txt"),
    }
    file = listed["ML/Plans/Budget.md (att98304)"]
    assert audience(file) == named("@leads")
    assert isinstance(file, Item)
    document = file.load()
    assert (document.title, document.text) == ("Budget", "# Budget\n\nForty nodes.")
    assert (document.owner, document.audience) == ("Ana Ruiz", named("@leads"))
    assert document.url is not None
    assert "viewpageattachments" in document.url
    assert isinstance(listed["ML/Secret/notes.txt"], Withheld)
    assert isinstance(listed["ML/Plans/old.doc"], Skipped)
    assert isinstance(listed["ML/Plans/large.txt"], Skipped)
    site.say(attachments=False)
    assert set(site.listed()) == {"ML/Plans", "ML/Plans/Budget.md", "ML/Secret"}


def test_a_file_follows_its_versions_and_its_page(site: Site) -> None:
    page = site.server.add("Plans", "<p>Plans.</p>")
    file = site.server.attach(page, "budget.txt", b"Forty nodes.")
    before = site.listed()["ML/Plans/budget.txt"]
    page.title, page.version = "Our plans", 2
    moved = site.listed()["ML/Our plans/budget.txt"]
    file.data, file.version = b"Fifty nodes.", 2
    after = site.listed()["ML/Our plans/budget.txt"]
    assert isinstance(before, Item)
    assert isinstance(moved, Item)
    assert isinstance(after, Item)
    assert before.digest == moved.digest != after.digest
    assert text_of(after) == "Fifty nodes."
    del site.server.files[file.id]
    assert set(site.listed()) == {"ML/Our plans"}


@pytest.mark.parametrize(("status", "kind"), [(403, Withheld), (500, Skipped)])
def test_in_15_a_file_of_a_page_whose_readers_are_not_told(site: Site, status: int, kind: type) -> None:
    page = site.server.add("Plans", "<p>Plans.</p>")
    site.server.attach(page, "budget.txt", b"Forty nodes.")
    site.server.attach(site.server.add("Free", "<p>f</p>"), "budget.txt", b"Free.")
    known = {path: one.digest for path, one in site.listed().items() if isinstance(one, Item)}
    pattern = 'cql=space = "ML" and type = page' if site.cloud else r"rest/api/content\?"

    def forgotten(answer: Answer) -> Answer:
        results = [
            {**one, "restrictions": {}} if one["id"] == page.id else one for one in answer.body["results"]
        ]
        return Answer({**answer.body, "results": results})

    site.server.changes(pattern, forgotten)
    site.server.fails("byOperation", status)
    listed = site.listed(known)
    assert {path for path, one in listed.items() if isinstance(one, kind)} == {
        "ML/Plans",
        "ML/Plans/budget.txt",
    }
    assert isinstance(listed["ML/Free/budget.txt"], Item)


def test_in_24_a_search_that_is_cut_removes_no_files(site: Site) -> None:
    page = site.server.add("Plans", "<p>Plans.</p>")
    for number in range(7):
        site.server.attach(page, f"{number}.txt", b"text")
    site.server.fails("type in .comment, attachment", 500, after=1)
    listed = site.listed()
    assert [type(one) for one in listed.values()].count(Incomplete) == 1
    assert isinstance(listed["ML/Plans"], Item)


def test_a_token_does_not_go_along_to_where_cloud_keeps_files(stack: ExitStack) -> None:
    site = Site("cloud", stack)
    page = site.server.add("Plans", "<p>Plans.</p>")
    site.server.attach(page, "budget.txt", b"Forty nodes.")
    item = site.listed()["ML/Plans/budget.txt"]
    assert isinstance(item, Item)
    elsewhere = Answer(b"", 302, {"location": "https://files.example/binary?token=signed"})
    site.server.changes("/download", lambda _: elsewhere)
    with pytest.raises(Unreadable, match="another host"):
        item.load()
