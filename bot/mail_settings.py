"""`[mail]` of lore.toml, with the password from the environment: the server that letters are sent with."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Any

from bot.blocks.plain import one_line
from bot.mail_address import is_address
from knowledge.errors import SettingsError

PASSWORD = "LORE_MAIL_PASSWORD"  # noqa: S105 - the name of a variable
STARTTLS, TLS, NONE = "starttls", "tls", "none"
PORTS = {STARTTLS: 587, TLS: 465, NONE: 25}
_KNOWN = {"server": str, "port": int, "security": str, "sender": str, "user": str}
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,39}")


@dataclass(frozen=True, slots=True)
class MailSettings:
    """A mail server, and whose address letters have (`name` is shown with it). Without `user` nobody logs in.

    `security` is STARTTLS, TLS from the first byte, or NONE.
    """

    server: str
    port: int
    security: str
    sender: str
    name: str = "Lore"
    user: str = ""
    password: str = field(default="", repr=False)


def mail_settings(config: str, table: Mapping[str, Any], env: Mapping[str, str]) -> MailSettings | None:
    """Read the table (`config` is the file's name); None without one. Raises SettingsError, with the fix."""
    if not table:
        return None
    for key, value in table.items():
        if key not in _KNOWN:
            raise SettingsError(
                f"[mail] in {config} has an unknown key `{key}`: known are {', '.join(_KNOWN)}; "
                f"the password is taken from {PASSWORD}."
            )
        if not isinstance(value, _KNOWN[key]) or isinstance(value, bool):
            wanted = "a whole number" if _KNOWN[key] is int else "text in quotes"
            raise SettingsError(f"[mail] in {config}: `{key}` must be {wanted}, not {value!r}.")
    server, security = table.get("server", "").strip(), table.get("security", STARTTLS)
    if not _HOST.fullmatch(server):
        raise SettingsError(
            f"mail.server in {config} must be the name of a mail server such as smtp.example.com, "
            f"not {server!r}."
        )
    if security not in PORTS:
        raise SettingsError(f'mail.security in {config} is "starttls", "tls" or "none", not {security!r}.')
    port = table.get("port", PORTS[security])
    if not 0 < port < 65536:
        raise SettingsError(f"mail.port in {config} must be the number of a port, not {port}.")
    name, sender = _sender(config, table.get("sender", ""))
    user, password = table.get("user", "").strip(), env.get(PASSWORD, "").strip()
    _check_login(config, server, security, user, password)
    return MailSettings(server, port, security, sender, name, user, password)


def _sender(config: str, written: str) -> tuple[str, str]:
    name, address = parseaddr(written)
    if not is_address(address) or not written.isprintable():
        raise SettingsError(
            f'mail.sender in {config} must be an e-mail address such as "Lore <lore@example.com>", '
            f"not {written!r}."
        )
    return one_line(name) or "Lore", address


def _check_login(config: str, server: str, security: str, user: str, password: str) -> None:
    if user and not password:
        raise SettingsError(
            f"mail.user in {config} needs a password: set {PASSWORD}, or leave the user out "
            "where the server wants no login."
        )
    if password and not user:
        raise SettingsError(f"{PASSWORD} is set, but [mail] in {config} has no `user`: name who logs in.")
    if user and security == NONE and not _is_this_machine(server):
        raise SettingsError(
            f'mail.security = "none" in {config} would send the password readably to {server}: '
            'use "starttls" or "tls".'
        )


def _is_this_machine(server: str) -> bool:
    try:
        return ipaddress.ip_address(server).is_loopback
    except ValueError:
        return server == "localhost"
