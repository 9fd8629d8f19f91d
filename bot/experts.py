"""Who knows more: a document's owner, or the experts whom lore.toml names; chosen by code alone."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.messages import Place
from bot.people import People
from knowledge.audience import Audience, may_all_read

MOST_ASKED = 5

MayRead = Callable[[str], bool]
"""Whether a person (a user id) may read what they would be shown."""


@dataclass(frozen=True, slots=True)
class Experts:
    """Looks people up by what documents and settings call them; only full members are ever named.

    `by_place` is `TrustSettings.experts`.
    """

    people: People
    by_place: Mapping[str, tuple[str, ...]]

    def owners(self, owners: Iterable[str]) -> tuple[str, ...]:
        """User ids of those whom documents name as their owner by id or e-mail, in the order given."""
        return self._ids(owner for owner in owners if owner)

    def of_channel(self, channel: str) -> tuple[str, ...]:
        """User ids of a channel's experts in their order; then the default ones."""
        named = self.by_place.get(self.people.name_of_place(channel), ())
        return self._ids((*named, *self.by_place.get("default", ())))

    def _ids(self, principals: Iterable[str]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for principal in principals:
            found.update(dict.fromkeys(sorted(self.people.members(principal) or ())))
        return tuple(one for one in found if self.people.is_full_member(one))

    def readers_of(self, keys: Sequence[str]) -> MayRead:
        """A test of whether somebody may read all of these audiences."""

        def may(person: str) -> bool:
            readers = self.people.readers(Place(person, only=person))
            return all(may_all_read(Audience.from_key(key), readers, self.people.members) for key in keys)

        return may


def chosen(groups: Sequence[Iterable[str]], *, but: str, may: MayRead) -> tuple[str, ...]:
    """Those of the first group who may be asked, without `but`; `but` where nobody else is in any group."""
    able = [[one for one in dict.fromkeys(group) if may(one)] for group in groups]
    for group in able:
        if others := tuple(one for one in group if one != but):
            return others[:MOST_ASKED]
    return (but,) if any(able) else ()
