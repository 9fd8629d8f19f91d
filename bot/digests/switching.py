"""Digests turned on, changed and off: each in one transaction with all that follows from it."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.digests.sending import forget_planned
from bot.digests.windows import begins, take_back
from bot.journal import digests
from bot.journal.digests import OFF, ON, Digest, DigestSettings
from prompts.digest_times import begins as would_begin


def turn_on(
    connection: Connection,
    digest_id: str,
    owner: str,
    zone: ZoneInfo,
    settings: DigestSettings,
    now: datetime,
) -> Digest:
    """The digest as it is from now on, with these settings.

    A new one, or one that was off when it would have been due, begins with what it would have been about had
    it been on; else it goes on as if it had not been off. Nothing that it has told is told again. Raises
    RuleError for days that cannot be read.
    """
    known = digests.digest_of(connection, digest_id)
    if known is not None and known.is_on:
        return change(connection, known, settings, zone, now)
    since = would_begin(settings.rhythm, zone, now).timestamp()
    if known is not None:
        told = begins(connection, known)
        since = told if known.changed_at >= since else max(since, told)
    digest = Digest(
        id=digest_id,
        owner=owner,
        zone=zone.key,
        settings=settings,
        state=ON,
        revision=1 if known is None else known.revision + 1,
        since=since,
        changed_at=now.timestamp(),
    )
    digests.put(connection, digest, now.timestamp())
    return digest


def change(
    connection: Connection, digest: Digest, settings: DigestSettings, zone: ZoneInfo, now: datetime
) -> Digest:
    """The digest with other settings; what is planned by the old ones is not said."""
    changed = replace(
        digest, settings=settings, zone=zone.key, revision=digest.revision + 1, changed_at=now.timestamp()
    )
    digests.put(connection, changed, now.timestamp())
    forget_planned(connection, digest, "It was changed.", now.timestamp())
    return changed


def turn_off(connection: Connection, digest: Digest, now: datetime) -> None:
    """Off at once: nothing that is planned, built or waiting to be sent is said any more."""
    off = replace(digest, state=OFF, revision=digest.revision + 1, changed_at=now.timestamp())
    digests.put(connection, off, now.timestamp())
    forget_planned(connection, digest, "It was turned off.", now.timestamp())
    take_back(connection, digest.id, now.timestamp())
