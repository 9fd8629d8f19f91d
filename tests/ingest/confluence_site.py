"""A Confluence of either edition, and the source that reads it."""

from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from ingest.readers import confluence
from ingest.sources import Item, Listed, Reading, Skipped, Withheld
from knowledge.audience import Audience
from tests.ingest.web_site import Elsewhere
from tests.protocols.confluence import TOKEN, USER, ConfluenceServer
from tests.protocols.places import source_of
from tests.protocols.server import serving


class Site:
    """A site of one edition and the source that reads it."""

    def __init__(self, edition: str, stack: ExitStack) -> None:
        self.server = ConfluenceServer(edition)
        address = stack.enter_context(serving(self.server))
        self.cloud = edition == "cloud"
        self.source = source_of(
            "confluence",
            {"token": TOKEN},
            address=f"{address}/wiki" if self.cloud else address,
            edition=edition,
            user=USER if self.cloud else None,
            spaces=("ML",),
            groups=("research-leads = @leads", "all-staff = everyone"),
            people=("jdoe = jo@example.com",),
        )

    def say(self, **options: Any) -> None:
        self.source = replace(self.source, options={**self.source.options, **options})

    def listed(self, known: dict[str, str] | None = None) -> dict[str, Listed]:
        found: dict[str, Listed] = {}
        reading = Reading(known=known or {})
        for number, one in enumerate(confluence.read(self.source, reading, Elsewhere().world)):
            found[one.path if isinstance(one, Item | Skipped | Withheld) else f"incomplete {number}"] = one
        return found

    def person(self, name: str) -> tuple[str, str]:
        """An account as the edition tells it: Cloud with its e-mail address."""
        return (name, f"{name}@example.com" if self.cloud else "")


def audience(listed: Listed) -> Audience | None:
    assert isinstance(listed, Item), listed
    return listed.audience


def named(*principals: str) -> Audience:
    return Audience(principals=frozenset(principals))
