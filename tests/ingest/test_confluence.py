"""Confluence: whom pages and what is above them let read, and what happens where that is not told."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from ingest.sources import Incomplete, Item, Skipped, Withheld
from knowledge.audience import Audience
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


def test_pages_stand_below_what_is_above_them(site: Site) -> None:
    home = site.server.add("Home", "<p>Welcome.</p>")
    guides = site.server.add("Guides", "<p>All guides.</p>", parent=home.id)
    site.server.add("Input/output", "<p>Stream it.</p>", parent=guides.id, labels=["data", "how-to"])
    listed = site.listed()
    assert list(listed) == ["ML/Home", "ML/Home/Guides", "ML/Home/Guides/Input∕output"]
    item = listed["ML/Home/Guides/Input∕output"]
    assert isinstance(item, Item)
    document = item.load()
    assert document.title == "Input/output"
    assert document.text == "Stream it.\n\nLabels: data, how-to"
    assert document.owner == "Ana Ruiz"
    assert document.url is not None
    assert "Input/output" in document.url


def test_a_page_below_another_moves_with_it_and_keeps_its_digest(site: Site) -> None:
    old, new = site.server.add("Old", "<p>o</p>"), site.server.add("New", "<p>n</p>")
    page = site.server.add("Page", "<p>text</p>", parent=old.id)
    before = site.listed()["ML/Old/Page"]
    page.parent = new.id
    after = site.listed()["ML/New/Page"]
    assert isinstance(before, Item)
    assert isinstance(after, Item)
    assert before.digest == after.digest


def test_in_15_restrictions_are_the_audience_and_are_inherited(site: Site) -> None:
    if not site.cloud:
        site.say(people=("ana = ana@example.com", "bo = bo@example.com"))
    top = site.server.add("Top", "<p>t</p>", users=[site.person("ana"), site.person("bo")])
    site.server.add("Below", "<p>b</p>", parent=top.id)
    site.server.add("Narrower", "<p>n</p>", parent=top.id, users=[site.person("bo")])
    site.server.add("Free", "<p>f</p>")
    listed = site.listed()
    assert audience(listed["ML/Top"]) == named("ana@example.com", "bo@example.com")
    assert audience(listed["ML/Top/Below"]) == named("ana@example.com", "bo@example.com")
    assert audience(listed["ML/Top/Narrower"]) == named("bo@example.com")
    assert audience(listed["ML/Free"]) == Audience(everyone=True)
    below = listed["ML/Top/Below"]
    assert isinstance(below, Item)
    assert below.load().audience == named("ana@example.com", "bo@example.com")


def test_groups_are_matched_by_the_setting_alone(site: Site) -> None:
    site.server.add("Leads", "<p>l</p>", groups=["research-leads"])
    site.server.add("Staff", "<p>s</p>", groups=["all-staff"])
    site.server.add("Both", "<p>b</p>", groups=["research-leads", "strangers"])
    site.server.add("Strangers", "<p>x</p>", groups=["strangers"])
    listed = site.listed()
    assert audience(listed["ML/Leads"]) == named("@leads")
    assert audience(listed["ML/Staff"]) == Audience(everyone=True)
    assert audience(listed["ML/Both"]) == named("@leads"), "only those who are known"
    assert listed["ML/Strangers"] == Withheld(
        "ML/Strangers",
        "it is restricted, and nobody who may read it is known here: say in `groups` or `people` who group "
        "strangers is",
    )


def test_a_person_whose_address_is_not_told_is_matched_by_account(site: Site) -> None:
    site.server.add("Jo", "<p>j</p>", users=[("jdoe", "")])
    site.server.add("Nobody", "<p>n</p>", users=[("mystery", "")])
    listed = site.listed()
    assert audience(listed["ML/Jo"]) == named("jo@example.com")
    assert isinstance(listed["ML/Nobody"], Withheld)


def test_a_restriction_never_widens_the_sources_audience(site: Site) -> None:
    site.source = replace(site.source, audience=named("ana@example.com", "#research"))
    if not site.cloud:
        site.say(people=("ana = ana@example.com", "bo = bo@example.com"))
    site.server.add("Both", "<p>b</p>", users=[site.person("ana"), site.person("bo")])
    site.server.add("Bo", "<p>b</p>", users=[site.person("bo")])
    site.server.add("Free", "<p>f</p>")
    listed = site.listed()
    assert audience(listed["ML/Both"]) == named("ana@example.com")
    assert isinstance(listed["ML/Bo"], Withheld)
    assert audience(listed["ML/Free"]) == named("ana@example.com", "#research")


def test_restrictions_that_are_not_told_of_all_are_asked_for_one_by_one(site: Site) -> None:
    site.server.add("Free", "<p>f</p>")
    site.server.add("Closed", "<p>c</p>", groups=["research-leads"])
    pattern = "content/search" if site.cloud else r"rest/api/content\?"

    def forgotten(answer: Answer) -> Answer:
        results = [{key: one[key] for key in one if key != "restrictions"} for one in answer.body["results"]]
        return Answer({**answer.body, "results": results})

    site.server.changes(pattern, forgotten)
    listed = site.listed()
    assert audience(listed["ML/Free"]) == Audience(everyone=True)
    assert audience(listed["ML/Closed"]) == named("@leads")
    assert site.server.count("restriction/byOperation/read") == 2


@pytest.mark.parametrize("status", [403, 404])
def test_in_15_restrictions_that_are_kept_secret_are_nobodys(site: Site, status: int) -> None:
    site.server.add("Free", "<p>f</p>")
    site.server.add("Closed", "<p>c</p>", groups=["research-leads"])
    known = {path: one.digest for path, one in site.listed().items() if isinstance(one, Item)}
    pattern = "content/search" if site.cloud else r"rest/api/content\?"
    site.server.changes(
        pattern,
        lambda answer: Answer(
            {**answer.body, "results": [{**one, "restrictions": {}} for one in answer.body["results"]]}
        ),
    )
    site.server.fails("byOperation", status)
    listed = site.listed(known)
    assert {type(one) for one in listed.values()} == {Withheld}
    assert set(listed) == set(known)


def test_in_23_restrictions_that_cannot_be_fetched_leave_pages_as_they_were(site: Site) -> None:
    site.server.add("Free", "<p>f</p>")
    known = {path: one.digest for path, one in site.listed().items() if isinstance(one, Item)}
    pattern = "content/search" if site.cloud else r"rest/api/content\?"
    site.server.changes(
        pattern,
        lambda answer: Answer(
            {**answer.body, "results": [{**one, "restrictions": {}} for one in answer.body["results"]]}
        ),
    )
    site.server.fails("byOperation", 500)
    listed = site.listed(known)
    assert [type(one) for one in listed.values()] == [Skipped]
    assert set(listed) == set(known)


def test_restrictions_that_are_not_understood_are_nobodys(site: Site) -> None:
    site.server.add("Free", "<p>f</p>")
    garbled = {"read": {"operation": "read", "restrictions": {"user": "somebody"}}}
    site.server.changes(
        "content/search" if site.cloud else r"rest/api/content\?",
        lambda answer: Answer(
            {**answer.body, "results": [{**one, "restrictions": garbled} for one in answer.body["results"]]}
        ),
    )
    site.server.changes("byOperation", lambda _: Answer(garbled["read"]))
    assert isinstance(site.listed()["ML/Free"], Withheld)


def test_in_23_a_space_that_is_refused_keeps_its_pages_and_others_are_read(site: Site) -> None:
    site.server.spaces["OPS"] = "65602"
    site.say(spaces=("ML", "OPS", "GONE"))
    site.server.add("Page", "<p>m</p>")
    site.server.add("Page", "<p>o</p>", space="OPS")
    site.server.fails("spaces/65602/pages" if site.cloud else r"rest/api/content\?.*spaceKey=OPS", 403)
    listed = site.listed()
    assert isinstance(listed["ML/Page"], Item)
    space, missing = listed["OPS/"], listed["GONE/"]
    assert isinstance(space, Skipped)
    assert "refuses access (403)" in space.reason
    assert missing == Skipped("GONE/", "there is no such space, or the account may not see it")


def test_in_24_a_page_that_goes_while_the_space_is_read_makes_the_listing_incomplete(
    stack: ExitStack,
) -> None:
    site = Site("data-center", stack)
    for number in range(10):
        site.server.add(f"Page {number}", "<p>text</p>")
    first = next(iter(site.server.pages))

    def later(answer: Answer) -> Answer:
        site.server.pages.pop(first, None)
        return answer

    site.server.changes(r"rest/api/content\?.*start=0", later)
    listed = site.listed()
    assert [one.reason for one in listed.values() if isinstance(one, Incomplete)] == [
        "the listing changed while it was read, after 3 entries"
    ]


def test_a_page_that_is_edited_while_it_is_read_waits_for_the_next_sync(site: Site) -> None:
    page = site.server.add("Page", "<p>text</p>")
    item = site.listed()["ML/Page"]
    page.version += 1
    assert isinstance(item, Item)
    with pytest.raises(Unreadable, match="edited while"):
        item.load()


def test_what_is_above_a_page_of_cloud_may_be_a_folder(stack: ExitStack) -> None:
    site = Site("cloud", stack)
    folder = site.server.add("Plans", "", kind="folder", groups=["research-leads"])
    site.server.add("Page", "<p>text</p>", parent=folder.id)
    assert audience(site.listed()["ML/Plans/Page"]) == named("@leads")


def test_links_lead_to_where_people_see_the_site(stack: ExitStack) -> None:
    site = Site("cloud", stack)
    site.server.base = "https://team.atlassian.net/wiki"
    page = site.server.add("Page", "<p>text</p>")
    item = site.listed()["ML/Page"]
    assert isinstance(item, Item)
    assert item.load().url == f"https://team.atlassian.net/wiki/spaces/ML/pages/{page.id}/Page"


def test_a_token_does_not_go_over_the_open_network(site: Site) -> None:
    site.say(private_network=False, address="http://confluence.example")
    with pytest.raises(Unreadable, match="not sent over http"):
        site.listed()


def test_a_setting_that_is_not_understood_is_said(site: Site) -> None:
    site.say(groups=("research-leads: @leads",))
    with pytest.raises(Unreadable, match="`groups` holds 'research-leads: @leads'"):
        site.listed()
