"""What people say becomes a page of the knowledge: saved, changed, removed; never wider than it was said."""

import re
import unicodedata
from dataclasses import replace

from bot.journal.records import Audit
from bot.journal.saved_pages import RemovedPage, SavedPage
from bot.messages import Place, new_key
from bot.people import People
from ingest.redaction import redact
from knowledge.audience import EVERYONE, UNKNOWN_READERS, Audience

SOURCE = "saved"
LONGEST_TITLE = 150
LONGEST_TEXT = 100_000

_SLUG = re.compile(r"[^a-z0-9]+")


class NotSaved(Exception):
    """It cannot be saved; the text says why, and what to do instead."""


def save(
    *,
    title: str,
    text: str,
    owner: str,
    audience: Audience,
    url: str = "",
    team: str = "",
    channel: str = "",
    ts: str = "",
) -> tuple[SavedPage, Audit]:
    """The records (for `Done.record`) that make a page of a Markdown `text`; the index follows by itself.

    `owner` (a user id) may change and remove it, admins too. `audience` is of the place where it was said
    (`audience_of`). `url`, `team`, `channel` and `ts` are of the message that it came from, where there is
    one. Secrets are taken out (`SavedPage.redactions` says how many). Raises NotSaved.
    """
    if audience == Audience():
        raise NotSaved("I cannot tell who may read it, so it is not saved.")
    page_id = new_key()
    clean_title, clean_text, redactions = _checked(title, text)
    page = SavedPage(
        path=f"{_slug(clean_title)}-{page_id[:8]}",
        title=clean_title,
        text=clean_text,
        audience=audience.key,
        owner=owner,
        url=url,
        team=team,
        channel=channel,
        ts=ts,
        redactions=redactions,
        id=page_id,
    )
    return page, Audit(owner, "save page", f"{SOURCE}/{page.path}")


def changed(page: SavedPage, *, title: str, text: str, by: str) -> tuple[SavedPage, Audit]:
    """The records for a page's new words; its place, owner and audience stay. Raises NotSaved."""
    clean_title, clean_text, redactions = _checked(title, text)
    after = replace(page, title=clean_title, text=clean_text, redactions=redactions)
    return after, Audit(by, "change page", f"{SOURCE}/{page.path}")


def removed(page: SavedPage, *, by: str) -> tuple[RemovedPage, Audit]:
    """The records for a page that goes."""
    return RemovedPage(page.id), Audit(by, "remove page", f"{SOURCE}/{page.path}")


def audience_of(people: People, place: Place) -> Audience | None:
    """Who may read what was said at a place: never more people than could read it there.

    None where that is not known, or where people of other organisations or guests read along.
    """
    readers = people.readers(place)
    if readers == UNKNOWN_READERS:
        return None
    if readers.everyone:
        return EVERYONE
    if place.only or place.channel.startswith("D"):
        return Audience(principals=readers.people)
    return Audience(principals=frozenset({f"#{place.channel}"}))


def _checked(title: str, text: str) -> tuple[str, str, int]:
    """Title and text without secrets, and how many there were."""
    named, said = redact(" ".join(title.split())), redact(text.strip())
    if not named.text or not said.text:
        raise NotSaved("A page needs a title and a text.")
    if len(said.text) > LONGEST_TEXT:
        raise NotSaved(f"The text is longer than {LONGEST_TEXT:,} characters: save a part of it.")
    return named.text[:LONGEST_TITLE], said.text, named.count + said.count


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return _SLUG.sub("-", plain).strip("-")[:60].strip("-") or "page"
