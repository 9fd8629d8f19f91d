"""The form of a digest: what it begins with, what may be wrong in it, and the settings that come of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from bot.blocks.digests import AT, BOTH, BY_MAIL, DAYS, IN_SLACK, SECTIONS, WAY, ZONE, Chosen, settings_view
from bot.digests.building import Building
from bot.digests.sections import Section
from bot.journal.digests import Digest, DigestSettings
from bot.letters import Mail
from prompts.digest_times import read_rhythm
from prompts.recurrence import RuleError


@dataclass(frozen=True, slots=True)
class Form:
    """Asks Slack who reads the place: what is offered depends on it."""

    building: Building
    mail: Mail

    def view(self, digest: Digest, title: str, metadata: str) -> dict[str, Any] | None:
        """The form as the digest is now; None where nobody knows who reads the place."""
        reader = self.building.reader(digest)
        if reader is None:
            return None
        settings = digest.settings
        way = BOTH if settings.slack and settings.mail else BY_MAIL if settings.mail else IN_SLACK
        offered = self.building.offered(digest, reader)
        chosen = Chosen(
            days=settings.rhythm.rule,
            at=f"{settings.rhythm.at:%H:%M}",
            offered={} if digest.topic else {one.name: one.title for one in offered},
            sections=[one.name for one in self.building.chosen(digest, reader)],
            way=way if digest.person else "",
            mail_works=self.mail.works,
            zone=digest.zone,
        )
        return settings_view(title, chosen, metadata)

    def problems(self, given: Mapping[str, Any], today: date) -> dict[str, str]:
        """What is wrong with what was put in, by block."""
        found: dict[str, str] = {}
        try:
            read_rhythm(_when(given), today)
        except RuleError as error:
            found[DAYS] = str(error)[:1_900]
        if given.get(ZONE) and zone_called(str(given[ZONE])) is None:
            found[ZONE] = "There is no time zone of that name. Write one such as Europe/Berlin."
        return found

    def settings(self, digest: Digest, given: Mapping[str, Any], today: date) -> DigestSettings:
        """What was put in. Raises RuleError for days that cannot be read."""
        reader = self.building.reader(digest)
        offered = [] if reader is None else self.building.offered(digest, reader)
        way = given.get(WAY) or IN_SLACK
        return DigestSettings(
            rhythm=read_rhythm(_when(given), today),
            sections=_sections(offered, given.get(SECTIONS) or ()),
            slack=way != BY_MAIL,
            mail=way in (BY_MAIL, BOTH),
        )


def zone_called(text: str) -> ZoneInfo | None:
    """The zone of a name, however it is spelt; None for no name of any."""
    wanted = text.strip().replace(" ", "_").casefold()
    found = next((one for one in available_timezones() if one.casefold() == wanted), None)
    return None if found is None else ZoneInfo(found)


def _when(given: Mapping[str, Any]) -> str:
    return f"{given.get(DAYS, '')} {given.get(AT, '')}".strip()


def _sections(offered: Sequence[Section], chosen: Sequence[str]) -> tuple[str, ...] | None:
    """What was chosen of what is offered; None for just the usual ones, to which new ones may come."""
    names = tuple(one.name for one in offered if one.name in chosen)
    return None if names == tuple(one.name for one in offered if one.usual) else names
