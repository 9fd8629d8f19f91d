"""The announcement of a talk in its channel: put out once, changed in place, its fate known."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.blocks.invitations import Card, Phase, announcement_page, count_line
from bot.blocks.pages import Page, context, page
from bot.journal import invitations, letters, outgoing, series, talks
from bot.journal.invitations import Invitation
from bot.journal.personal import tell_once
from bot.journal.report_messages import NOT_THERE, fate
from bot.journal.series import Series
from bot.journal.talks import ANNOUNCED, CANCELLED, HELD, Reply, Talk
from bot.learning.attending import seats_of, speakers_of
from bot.messages import Check, Kind, Message, Place
from bot.pressing import alone
from bot.rituals.report_board import AT_MOST_EVERY_S, digest
from prompts.attending import Facts, Seats
from prompts.series import NAMES
from prompts.words import words

TRY_AGAIN_S = 3600.0
"""What could not be announced is tried again so much later: somebody may have invited Lore meanwhile."""

WITHHELD = "dropped"
"""What became of a message that its place was not to read."""


@dataclass(frozen=True, slots=True)
class Known:
    """All that the journal knows of a talk, its series and its invitation, as of one moment.

    The invitation is `stored` as it is kept, `invitation` with what has become of it in Slack since;
    `written_to` have had letters about it."""

    talk: Talk
    series: Series
    speaking: tuple[str, ...]
    replies: tuple[Reply, ...]
    seats: Seats
    written_to: tuple[str, ...]
    stored: Invitation | None
    invitation: Invitation | None

    @property
    def facts(self) -> Facts:
        talk = self.talk
        return Facts(talk.starts_at, talk.minutes, talk.place, talk.title, talk.state == CANCELLED)

    def phase(self, now: float) -> Phase:
        if self.talk.state == CANCELLED:
            return Phase.CANCELLED
        return Phase.OVER if self.talk.state == HELD or now >= self.talk.ends_at else Phase.COMES


def known_of(connection: Connection, talk_id: str) -> Known | None:
    """Everything about one talk, with what has become of its announcement in Slack."""
    talk = talks.by_id(connection, talk_id)
    one = None if talk is None else series.by_id(connection, talk.series_id)
    if talk is None or one is None:
        return None
    invitation = invitations.of_talk(connection, talk_id)
    return Known(
        talk,
        one,
        speakers_of(connection, talk_id),
        tuple(talks.replies_of(connection, talk_id)),
        seats_of(connection, talk_id),
        tuple(dict.fromkeys(one.person for one in letters.about(connection, talk_id))),
        invitation,
        None if invitation is None else _seen(connection, invitation),
    )


def page_of(card: Card, known: Known, now: float) -> Page:
    """What the announcement is to show now."""
    phase, seats = known.phase(now), known.seats
    count = ""
    if phase is Phase.COMES:
        count = count_line(len(seats.taken), len(seats.waiting), known.series.settings.capacity)
    return announcement_page(card, phase, count)


def is_due(known: Known, now: float) -> bool:
    """Whether a talk is to be announced, for the first time or once more after it could not be."""
    if known.talk.state != ANNOUNCED or known.phase(now) is not Phase.COMES:
        return False
    there = known.invitation
    if there is None:
        return True
    failed = bool(there.gone) and not there.ts and there.gone not in NOT_THERE
    return failed and now - there.changed_at >= TRY_AGAIN_S


def may_change(there: Invitation, page: Page, now: float) -> bool:
    """Whether the announcement stands, shows something else, and was not changed a moment ago."""
    if not there.ts or there.gone or there.change_key or digest(page) == there.shown:
        return False
    return now - there.changed_at >= (AT_MOST_EVERY_S if there.shown else TRY_AGAIN_S)


def announce(connection: Connection, known: Known, page: Page, now: float) -> Invitation:
    """Put the announcement out, for the first time or anew."""
    talk, there = known.talk, known.invitation
    number = 0 if there is None else there.changes + 1
    key = f"talk {talk.id} announcement {number}"
    place = known.series.channel
    message = Message(
        place,
        page.text,
        blocks=page.blocks,
        key=key,
        worthless_after=talk.ends_at,
        check=Check(Place(place)),
    )
    outgoing.put(connection, [message], None, now)
    told = {talk.sequence: known.facts} if there is None else there.told
    made = Invitation(talk.id, place, key, shown=digest(page), changes=number, changed_at=now)
    return replace(made, told=told, filed=-1 if there is None else there.filed)


def change(connection: Connection, there: Invitation, known: Known, page: Page, now: float) -> Invitation:
    """Show something else in place of what it shows; where strangers read along by now, at most that it is
    cancelled."""
    key = f"talk {there.talk_id} announcement {there.changes + 1}"
    message = Message(
        there.channel,
        page.text,
        kind=Kind.UPDATE,
        blocks=page.blocks,
        target=there.ts,
        key=key,
        check=Check(Place(there.channel)),
        instead=words("invited_cancelled") if known.talk.state == CANCELLED else "",
    )
    outgoing.put(connection, [message], None, now)
    return replace(
        there, shown=digest(page), change_key=key, changes=there.changes + 1, changed_at=now, settled=""
    )


def tell_the_owner(connection: Connection, known: Known, why: str, now: float) -> None:
    """Say once that a talk could not be announced."""
    owner, talk = known.series.owner, known.talk
    if why == WITHHELD:
        why = words("invited_withheld")
    told = f"talk {talk.id} refused {why[:60]}"
    if owner and tell_once(connection, told, now):
        command, title = NAMES[known.series.kind].command, talk.title or known.series.name
        said = page(context(words("invited_refused", title=title, why=why, command=command)))
        message = Message(owner, said.text, blocks=said.blocks, check=Check(alone(owner)), key=told)
        outgoing.put(connection, [message], None, now)


def _seen(connection: Connection, there: Invitation) -> Invitation:
    """The invitation with what has become of its message and of its last change."""
    if not there.ts and not there.gone and (told := fate(connection, there.key)).settled:
        there = replace(there, ts=told.ts, channel=told.channel or there.channel, gone=told.error)
    if there.change_key and (told := fate(connection, there.change_key)).settled:
        lost = told.error if told.error in NOT_THERE else there.gone
        shown = "" if told.error == WITHHELD else there.shown
        there = replace(there, change_key="", gone=lost, shown=shown)
    return there
