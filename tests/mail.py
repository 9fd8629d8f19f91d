"""A real mail server on this machine for tests: takes letters, or refuses them as it is told to."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from bot.mail_settings import NONE, MailSettings


@dataclass
class MailServer:
    """What it has taken, in order; `refusals` by address, `reply` to every letter, `wait_s` before it."""

    port: int
    letters: list[EmailMessage] = field(default_factory=list)
    readers: list[str] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    reply: str = "250 OK"
    wait_s: float = 0.0
    wants_login: bool = False

    def settings(self, **changed: Any) -> MailSettings:
        given = {"server": "127.0.0.1", "port": self.port, "security": NONE, "sender": "lore@heron.example"}
        return MailSettings(**{**given, **changed})

    def of(self, address: str) -> list[EmailMessage]:
        """What somebody has in their mailbox."""
        return [one for reader, one in zip(self.readers, self.letters, strict=True) if reader == address]

    async def handle_RCPT(
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.wants_login and not session.authenticated:
            return "530 log in first"
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.wait_s)
        if self.reply.startswith("250"):
            assert isinstance(envelope.content, bytes)
            message = message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.letters.append(message)
            self.readers.append(*envelope.rcpt_tos)
        return self.reply


class _Controller(Controller):
    def __init__(self, handler: MailServer, listening: socket.socket, **given: Any) -> None:
        super().__init__(handler, "127.0.0.1", handler.port, **given)
        self._listening = listening

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._listening, ssl=self.ssl_context)


@contextmanager
def mail_server(
    port: int = 0,
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    login: str = "",
) -> Iterator[MailServer]:
    """A server at a port (any that is free), over TLS, or with STARTTLS, that wants `user:password`."""

    def known(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        given = isinstance(data, LoginPassword) and f"{data.login.decode()}:{data.password.decode()}"
        return AuthResult(success=given == login, handled=given == login)

    listening = socket.create_server(("127.0.0.1", port))
    server = MailServer(listening.getsockname()[1], wants_login=bool(login))
    wanted = {"authenticator": known, "auth_require_tls": starttls is not None} if login else {}
    controller = _Controller(server, listening, ssl_context=tls, tls_context=starttls, **wanted)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
        listening.close()
