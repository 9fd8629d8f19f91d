"""A mail server as one session with it: letters handed over one by one, or why they were not."""

import smtplib
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

from bot.blocks.plain import one_line, shorten
from bot.mail_settings import STARTTLS, TLS, MailSettings
from knowledge.errors import LoreError

ANSWER_S = 20.0
SESSION_S = 90.0
_DONE, _SHUTTING_DOWN, _FOR_GOOD = 250, 421, 500
MOST_WORDS = 300


class MailServerAway(LoreError):
    """The server cannot be reached, hangs or refuses us; `ours` where `[mail]` is to be mended."""

    def __init__(self, said: str, *, ours: bool = False) -> None:
        super().__init__(said)
        self.ours = ours


@dataclass(frozen=True, slots=True)
class Taken:
    """The server has taken the letter over."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The server does not take this letter; `for_good` when it need not be asked again."""

    said: str
    for_good: bool


class MailSession:
    """A connection that is opened at its first use and cut when all of it has taken `session_s`.

    `answer_s` is how long the server may take for one answer.
    """

    def __init__(
        self, settings: MailSettings, answer_s: float = ANSWER_S, session_s: float = SESSION_S
    ) -> None:
        self._settings = settings
        self._answer_s = answer_s
        self._smtp: smtplib.SMTP | None = None
        self._line: socket.socket | None = None
        self._over = threading.Event()
        self._end = threading.Timer(session_s, self.cut)
        self._end.daemon = True
        self._end.start()

    @property
    def over(self) -> bool:
        """Whether it was cut: nothing more is sent in it."""
        return self._over.is_set()

    def try_out(self) -> None:
        """Log in and name the sender, without a letter. Raises MailServerAway."""
        try:
            smtp = self._opened()
            code, said = smtp.mail(self._settings.sender)
            smtp.rset()
        except (smtplib.SMTPException, OSError) as error:
            raise self._away(error) from error
        if code != _DONE:
            raise self._no_sender(code, said)

    def send(self, message: EmailMessage, address: str) -> Taken | Refused:
        """Hand a letter over. Raises MailServerAway; then it may have been taken, or not."""
        data = message.as_bytes(policy=SMTP)
        try:
            self._opened().sendmail(self._settings.sender, [address], data)
        except smtplib.SMTPRecipientsRefused as error:
            return self._refused(*error.recipients[address])
        except smtplib.SMTPSenderRefused as error:
            raise self._no_sender(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPDataError as error:
            return self._refused(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            raise self._away(error) from error
        return Taken()

    def close(self) -> None:
        """Say good-bye, if there is time."""
        if self._smtp is not None and not self.over:
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
        self.cut()
        self._end.cancel()
        if self._smtp is not None:
            self._smtp.close()
        if self._line is not None:
            self._line.close()

    def cut(self) -> None:
        """End it at once, whatever it waits for; from any thread."""
        self._over.set()
        if self._line is not None:
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)

    def _opened(self) -> smtplib.SMTP:
        if self.over:
            raise TimeoutError
        if self._smtp is None:
            self._smtp = self._connected()
        return self._smtp

    def _connected(self) -> smtplib.SMTP:
        """Raises OSError or SMTPException."""
        to = self._settings
        us = to.sender.rpartition("@")[2]
        context = ssl.create_default_context()
        smtp: smtplib.SMTP
        if to.security == TLS:
            smtp = smtplib.SMTP_SSL(to.server, to.port, us, timeout=self._answer_s, context=context)
        else:
            smtp = smtplib.SMTP(to.server, to.port, us, timeout=self._answer_s)
        try:
            assert smtp.sock is not None, "it is connected"
            self._line = socket.fromfd(smtp.sock.fileno(), smtp.sock.family, smtp.sock.type)
            if self.over:
                raise TimeoutError
            smtp.ehlo_or_helo_if_needed()
            if to.security == STARTTLS:
                smtp.starttls(context=context)
            if to.user:
                smtp.login(to.user, to.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _refused(self, code: int, said: bytes | str) -> Refused:
        if code == _SHUTTING_DOWN:
            raise MailServerAway(f"it hangs up: {_words(said)}")
        return Refused(f"the mail server says {code} {_words(said)}", for_good=code >= _FOR_GOOD)

    def _no_sender(self, code: int, said: bytes | str) -> MailServerAway:
        words = f"it refuses the sender {self._settings.sender}: {_words(said)}"
        return MailServerAway(words, ours=code >= _FOR_GOOD)

    def _away(self, error: smtplib.SMTPException | OSError) -> MailServerAway:
        match error:
            case smtplib.SMTPAuthenticationError():
                said = f"it refuses the login of {self._settings.user}: {_words(error.smtp_error)}"
                return MailServerAway(said, ours=error.smtp_code >= _FOR_GOOD)
            case smtplib.SMTPNotSupportedError():
                return MailServerAway(f"it cannot do what [mail] wants: {_words(str(error))}", ours=True)
            case ssl.SSLCertVerificationError():
                return MailServerAway(f"its certificate is not valid: {error.verify_message}", ours=True)
            case smtplib.SMTPResponseException():
                return MailServerAway(f"it says {error.smtp_code} {_words(error.smtp_error)}")
            case smtplib.SMTPServerDisconnected() if not isinstance(error.__context__, TimeoutError):
                return MailServerAway("it hung up")
            case TimeoutError() | smtplib.SMTPServerDisconnected():
                return MailServerAway("it does not answer in time")
            case socket.gaierror():
                return MailServerAway("its name is not known")
            case ConnectionRefusedError():
                return MailServerAway(f"nothing listens at its port {self._settings.port}")
            case _:
                return MailServerAway(_words(str(error)) or type(error).__name__)


def _words(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return shorten(one_line(text), MOST_WORDS)
