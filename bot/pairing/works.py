"""What people who are paired may talk about first, from what they own and all of them may read."""

from collections.abc import Collection
from dataclasses import dataclass

from bot.people import People
from knowledge.adapters.database import Database
from knowledge.adapters.owned_documents import owned_documents
from knowledge.audience import Readers, readable_keys
from knowledge.ports import Store
from knowledge.staleness import OF_A_DAY
from prompts.pairing import PairingKind
from prompts.starters import Starter, Work, starter


@dataclass(frozen=True, slots=True)
class Works:
    """Looks in the record, and asks Slack who is who; not within a transaction."""

    people: People
    database: Database
    store: Store

    def starter(self, kind: PairingKind, persons: Collection[str], number: int) -> Starter:
        """Titles of what they work on, else a question; `number` is the round's."""
        names = self._names(persons)
        works: dict[str, list[Work]] = {person: [] for person in persons}
        owners = self._owners(persons)
        version = self.store.published()
        readers = Readers(people=frozenset(persons))
        keys = readable_keys(self.store.audience_keys(version), readers, self.people.members)
        for found in owned_documents(self.database, version, keys, owners.keys(), OF_A_DAY):
            works[owners[found.owner]].append(Work(found.document_id, found.title, found.kind == "run"))
        return starter(kind, {names[one]: works[one] for one in sorted(works, key=names.__getitem__)}, number)

    def _owners(self, persons: Collection[str]) -> dict[str, str]:
        """People by the names that documents have for them, in small letters."""
        owners = {person.lower(): person for person in persons}
        for person in persons:
            known = self.people.person(person)
            if known is not None and known.email:
                owners[known.email.lower()] = person
        return owners

    def _names(self, persons: Collection[str]) -> dict[str, str]:
        """Their names; two of one name are told apart by their ids."""
        names = {person: self.people.name_of(person) for person in persons}
        shown = [*names.values()]
        return {
            person: name if shown.count(name) == 1 else f"{name} ({person})" for person, name in names.items()
        }
