"""Letters by e-mail: sent once each, tried again while the server is away, dropped when nobody wants them."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import monotonic

from sqlalchemy import Connection

from bot.inbox import Checkpoint, pass_by
from bot.journal import letters, outgoing
from bot.journal.letters import DROPPED, FAILED, SENT, Letter
from bot.journal.personal import tell_once
from bot.letter_message import message_of
from bot.mail_address import is_address
from bot.mail_server import ANSWER_S, SESSION_S, MailServerAway, MailSession, Refused, Taken
from bot.mail_settings import MailSettings
from bot.messages import Message
from bot.people import People
from bot.replies import in_markdown
from knowledge.adapters.database import Database
from prompts.words import words

MOST_AT_ONCE = 50
FIRST_WAIT_S, LONGEST_WAIT_S = 60.0, 3600.0
GIVEN_UP_AFTER_S = 3 * 86_400.0
TOLD_AFTER = 6
"""Attempts; half an hour or so."""
TOO_LATE = "Its time was over before it could be sent."
UNWANTED = "Nobody wants it any more."
NOT_OURS = "Its reader is no full member of the workspace any more."
NO_ADDRESS = "Slack tells no e-mail address that letters can be sent to."
NOT_MADE = "It could not be made; I try again."
NOT_TOLD = "Slack does not tell the address now."

NOT_KNOWN = "Slack does not tell now who may read it."

Wanted = Callable[[Letter], bool | None]
"""Whether a letter is still to be sent, asked just before, outside of transactions; None while that is not
known, so that it is asked again."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Ended:
    state: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class _Again:
    error: str


_Fate = _Ended | _Again


@dataclass
class Mail:
    """A duty of a heartbeat of its own, since a mail server may hang; any number of processes may do it.

    `wanted` are asked by the kind of a letter; a kind without one is sent. A process that dies between the
    server's word and the journal leaves a letter that is sent again, under the same Message-ID.
    """

    database: Database
    people: People
    settings: MailSettings | None = None
    wanted: dict[str, Wanted] = field(default_factory=dict)
    answer_s: float = ANSWER_S
    session_s: float = SESSION_S
    checkpoint: Checkpoint = pass_by
    _session: MailSession | None = field(default=None, init=False, repr=False)
    stopped: bool = field(default=False, init=False)

    @property
    def works(self) -> bool:
        """Whether there is a server to send with."""
        return self.settings is not None

    @property
    def sender(self) -> str:
        """The address that letters come from; empty where none can be sent."""
        return "" if self.settings is None else self.settings.sender

    @property
    def talking(self) -> bool:
        """Whether it is at work with the server."""
        return self._session is not None

    def send_due(self, now: datetime) -> None:
        """Send what is due."""
        at = now.timestamp()
        if self.settings is None or self.stopped:
            return
        with self.database.reading() as connection:
            found = letters.due(connection, at, MOST_AT_ONCE)
        if not found:
            return
        with self.database.writing() as connection:
            claim, taken = letters.claim(connection, found, at)
        self.checkpoint("claimed")
        self.people.many({one.person for one in taken})
        self._session = session = MailSession(self.settings, self.answer_s, self.session_s)
        try:
            _Round(self, self.settings, session, claim, now).send(taken)
        finally:
            self._session = None
            session.close()

    def stop(self) -> None:
        """Send nothing more and hang up; what is unsent waits in the journal."""
        self.stopped = True
        if (session := self._session) is not None:
            session.cut()


class _Round:
    """What one process sends in one session."""

    def __init__(
        self, mail: Mail, settings: MailSettings, session: MailSession, claim: str, now: datetime
    ) -> None:
        self._mail = mail
        self._settings = settings
        self._session = session
        self._claim = claim
        self._now, self._began = now.timestamp(), monotonic()

    def send(self, taken: Sequence[Letter]) -> None:
        for number, letter in enumerate(taken):
            if self._session.over or self._mail.stopped:
                self._give_back(taken[number:])
                return
            with self._mail.database.writing() as connection:
                if not letters.renew(connection, letter.id, self._claim, self._at()):
                    continue
            try:
                fate = self._deliver(letter)
            except MailServerAway as away:
                if self._mail.stopped:
                    self._give_back(taken[number:])
                else:
                    self._wait(taken[number:], away)
                return
            except Exception:
                log.exception("letter %d could not be made; it is tried again", letter.id)
                fate = _Again(NOT_MADE)
            self._mail.checkpoint("sent")
            self._end(letter, fate)

    def _at(self) -> float:
        return self._now + monotonic() - self._began

    def _deliver(self, letter: Letter) -> _Fate:
        """Raises MailServerAway."""
        if letter.not_after < self._at():
            return _Ended(FAILED, letter.error) if letter.attempts else _Ended(DROPPED, TOO_LATE)
        wanted = self._mail.wanted.get(letter.kind)
        if wanted is not None:
            match wanted(letter):
                case None:
                    return _Again(NOT_KNOWN)
                case False:
                    return _Ended(DROPPED, UNWANTED)
                case True:
                    pass
        person = self._mail.people.person(letter.person)
        if person is None:
            return _Again(NOT_TOLD)
        if not person.full_member:
            return _Ended(DROPPED, NOT_OURS)
        if not is_address(person.email):
            return _Ended(FAILED, NO_ADDRESS)
        message = message_of(letter, self._settings, person.email, datetime.fromtimestamp(self._at(), UTC))
        self._mail.checkpoint("made")
        match self._session.send(message, person.email):
            case Taken():
                return _Ended(SENT)
            case Refused(said, for_good):
                return _Ended(FAILED, said) if for_good else _Again(said)

    def _end(self, letter: Letter, fate: _Fate) -> None:
        with self._mail.database.writing() as connection:
            match fate:
                case _Ended(state, error):
                    if not letters.end(connection, letter.id, self._claim, state, error, self._at()):
                        log.warning("letter %d was taken over by another process meanwhile", letter.id)
                case _Again(error):
                    tried = _tried(letter, error)
                    self._put_off(connection, tried, self._at() + _wait_s(tried.attempts))
        if isinstance(fate, _Ended) and fate.state == FAILED:
            log.error("letter %d could not be sent: %s", letter.id, fate.error)

    def _give_back(self, rest: Sequence[Letter]) -> None:
        with self._mail.database.writing() as connection:
            for letter in rest:
                letters.put_off(connection, letter, self._claim, self._at())

    def _wait(self, rest: Sequence[Letter], away: MailServerAway) -> None:
        """Nothing is tried for a while; the longer the server has been away, the longer."""
        log.error("the mail server %s: %s", self._settings.server, away)
        tried = [_tried(letter, f"The mail server {self._settings.server}: {away}") for letter in rest]
        attempts = max(one.attempts for one in tried)
        until = self._at() + _wait_s(attempts)
        admins = sorted(self._mail.people.admins())
        with self._mail.database.writing() as connection:
            letters.hold_back(connection, self._at(), until)
            waiting = [self._put_off(connection, one, until) for one in tried]
            if away.ours or attempts >= TOLD_AFTER or not all(waiting):
                self._tell(connection, admins, str(away))

    def _put_off(self, connection: Connection, tried: Letter, until: float) -> bool:
        """False when it is given up: after one last attempt shortly before its time is over."""
        last = min(tried.not_after, tried.put_at + GIVEN_UP_AFTER_S) - FIRST_WAIT_S
        if self._at() >= last:
            letters.end(connection, tried.id, self._claim, FAILED, tried.error, self._at())
            return False
        letters.put_off(connection, tried, self._claim, min(until, last))
        return True

    def _tell(self, connection: Connection, admins: Sequence[str], why: str) -> None:
        """Every admin, once a day at most."""
        subject = f"mail trouble:{datetime.fromtimestamp(self._at(), UTC).date()}"
        if not admins or not tell_once(connection, subject, self._at()):
            return
        [said] = in_markdown(words("mail_trouble", server=self._settings.server, why=why))
        outgoing.put(
            connection,
            [Message(one, said.text, blocks=said.blocks, key=f"{subject}:{one}") for one in admins],
            None,
            self._now,
        )


def _tried(letter: Letter, error: str) -> Letter:
    return replace(letter, attempts=letter.attempts + 1, error=error)


def _wait_s(attempts: int) -> float:
    return float(min(FIRST_WAIT_S * 2 ** min(attempts - 1, 10), LONGEST_WAIT_S))
