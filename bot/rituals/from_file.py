"""Stand-ups of lore.toml, brought into the journal when Lore starts: new, changed, and gone from the file."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.journal import outgoing, records, rituals
from bot.journal.records import Audit
from bot.journal.rituals import ACTIVE, ARCHIVED, IN_FILE, Ritual
from bot.people import People
from bot.pressing import to_person
from bot.replies import in_markdown
from bot.ritual_settings import FileStandup
from bot.rituals.managing import report_refusal
from bot.rituals.room import Rituals
from knowledge.adapters.database import Database
from prompts.standup_tables import same_name
from prompts.words import words

IN_LORE_TOML = "lore.toml"
AGAIN = timedelta(minutes=10)
"""Whoever Slack does not tell at the start is asked for again after this."""

log = logging.getLogger(__name__)


@dataclass
class FromFile:
    """Keeps the journal's stand-ups of origin `file` as the file has them, once for each start.

    An owner whom Slack does not know leaves the stand-up with the owner that it has, or for admins to look
    after, until Slack tells; what a person paused in Slack stays paused.
    """

    people: People
    database: Database
    standups: Sequence[FileStandup]
    _left: list[FileStandup] = field(init=False)
    _again_at: datetime | None = field(default=None, init=False)
    _begun: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._left = [*self.standups]

    def join(self, rooms: Rituals) -> None:
        rooms.duties.append(self.bring_in)

    def bring_in(self, now: datetime) -> None:
        """Bring in what is not yet as the file has it; a duty of the heartbeat, before any planning."""
        if not self._begun:
            self._archive_others(now)
            self._begun = True
        if not self._left or (self._again_at is not None and now < self._again_at):
            return
        self._left = [one for one in self._left if not self._bring(one, now)]
        self._again_at = now + AGAIN

    def _bring(self, one: FileStandup, now: datetime) -> bool:
        """Bring one in; whether all of its owners are known."""
        owner = self._id(one.owner)
        co_owners = [self._id(each) for each in one.co_owners]
        known = [each for each in co_owners if each]
        refusal = report_refusal(self.people, one.settings, {owner, *known})

        def store(connection: Connection) -> None:
            before = rituals.ritual(connection, ritual_id(one.settings.name))
            ritual = _as_in_file(one, owner, known, before, now.timestamp())
            if ritual is None:
                return
            rituals.put(connection, ritual, now.timestamp())
            audit = Audit(
                IN_LORE_TOML, "set up stand-up" if before is None else "change stand-up", ritual.name
            )
            records.write(connection, replace(audit, place=IN_LORE_TOML), None, now.timestamp())
            if refusal and ritual.owner:
                text = words("standup_file_trouble", name=ritual.name, trouble=refusal)
                outgoing.put(connection, to_person(ritual.owner, in_markdown(text)), None, now.timestamp())

        with self.database.writing() as connection:
            store(connection)
        if refusal:
            log.warning("stand-up %s of lore.toml reports nowhere: %s", one.settings.name, refusal)
        if not owner:
            log.warning("the owner of stand-up %s of lore.toml is nobody whom Slack knows", one.settings.name)
        return bool(owner) and all(co_owners)

    def _archive_others(self, now: datetime) -> None:
        with self.database.writing() as connection:
            for ritual in rituals.all_rituals(connection):
                gone = not any(same_name(ritual.name, one.settings.name) for one in self.standups)
                if ritual.origin == IN_FILE and ritual.state != ARCHIVED and gone:
                    rituals.put(
                        connection, replace(ritual, state=ARCHIVED, paused_until=None), now.timestamp()
                    )
                    audit = Audit(IN_LORE_TOML, "archive stand-up", ritual.name, place=IN_LORE_TOML)
                    records.write(connection, audit, None, now.timestamp())

    def _id(self, named: str) -> str:
        found = self.people.members(named)
        return next(iter(found)) if found and len(found) == 1 else ""


def ritual_id(name: str) -> str:
    """The id of a stand-up of the file: the same for its name in every process and at every start."""
    plain = " ".join(name.split()).casefold()
    return f"file-{hashlib.sha256(plain.encode()).hexdigest()[:32]}"


def _as_in_file(
    one: FileStandup, owner: str, co_owners: Sequence[str], before: Ritual | None, now: float
) -> Ritual | None:
    """The ritual as the file has it; None where it is so already."""
    if before is None:
        return Ritual(
            one.settings,
            owner,
            tuple(co_owners),
            origin=IN_FILE,
            created_at=now,
            id=ritual_id(one.settings.name),
        )
    wanted = replace(
        before,
        settings=one.settings,
        owner=owner or before.owner,
        co_owners=tuple(co_owners) if owner else before.co_owners,
        state=ACTIVE if before.state == ARCHIVED else before.state,
    )
    return None if wanted == before else replace(wanted, revision=before.revision + 1)
