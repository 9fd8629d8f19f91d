"""Who may read a page, from the people and groups that its place names; whoever is not known may not."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ingest.parsing.frontmatter import narrowed
from ingest.sources import Source, parse_audience
from knowledge.audience import Audience
from knowledge.errors import Unreadable

_E_MAIL = re.compile(r"[^\s@#<>,]+@[^\s@#<>,]+\.[^\s@#<>,]+")


class Unclear(Unreadable):
    """Who may read something is said in a way that is not understood: then nobody may."""


@dataclass(frozen=True, slots=True)
class Named:
    """Those whom one restriction lets read: e-mail addresses as the place tells them, its groups, and
    those of its people whose address it does not tell. `all_of_it` means everybody at the place.
    """

    e_mails: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    all_of_it: bool = False

    @property
    def key(self) -> list[object]:
        """A canonical form, for digests."""
        return [self.all_of_it, sorted(self.e_mails), sorted(self.groups), sorted(self.people)]


@dataclass(frozen=True, slots=True)
class Matching:
    """Which groups and people of a place are whom in Slack; names are compared in lower case."""

    groups: Mapping[str, Audience]
    people: Mapping[str, Audience]

    @classmethod
    def of(cls, source: Source) -> "Matching":
        """From the settings `groups` and `people`, whose entries are such as `research-leads = @leads`.

        Raises Unreadable for any other entry.
        """
        return cls(*(_matches(key, source.options.get(key) or ()) for key in ("groups", "people")))

    def readers(self, source: Source, restrictions: Iterable[Named]) -> Audience:
        """Whoever every one of the restrictions lets read, and no more than the source's audience."""
        audience = source.audience
        for one in restrictions:
            audience = narrowed(audience, self._those(one))
        return audience

    def why_nobody(self, source: Source, restrictions: Iterable[Named]) -> str:
        """The reason for the report where the restrictions leave nobody whom Lore knows."""
        unknown = sorted(
            {
                f"group {name}"
                for one in restrictions
                for name in one.groups
                if name.casefold() not in self.groups
            }
            | {
                f"person {name}"
                for one in restrictions
                for name in one.people
                if name.casefold() not in self.people
            }
        )
        if unknown:
            named = ", ".join(unknown[:5]) + (", …" if len(unknown) > 5 else "")
            return (
                "it is restricted, and nobody who may read it is known here: "
                f"say in `groups` or `people` who {named} is"
            )
        if not source.audience.everyone:
            return "it is restricted to people whom the source's `audience` does not name one by one"
        return "it is restricted, and nobody who may read it is known here"

    def _those(self, one: Named) -> Audience:
        matched = [self.groups[name.casefold()] for name in one.groups if name.casefold() in self.groups]
        matched += [self.people[name.casefold()] for name in one.people if name.casefold() in self.people]
        if one.all_of_it or any(audience.everyone for audience in matched):
            return Audience(everyone=True)
        principals = {entry for audience in matched for entry in audience.principals}
        addresses = {address.lower() for address in one.e_mails if _E_MAIL.fullmatch(address)}
        return Audience(principals=frozenset(principals | addresses))


def nobody(audience: Audience) -> bool:
    """Whether nobody at all may read it."""
    return not audience.everyone and not audience.principals


def _matches(key: str, entries: Sequence[str]) -> Mapping[str, Audience]:
    known: dict[str, Audience] = {}
    for entry in entries:
        name, equals, whom = entry.rpartition("=")
        audience = parse_audience(whom.strip())
        if not equals or not name.strip() or audience is None:
            raise Unreadable(
                f'`{key}` holds {entry!r}: write entries such as "research-leads = @leads", with a '
                '"#channel", "@group", e-mail address or "everyone" after the sign.'
            )
        known[name.strip().casefold()] = audience
    return known
