"""E-mail addresses that may stand in headers, in commands to a mail server and in calendars."""

import re

_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
MOST_LOCAL, MOST = 64, 254


def is_address(email: str) -> bool:
    """Whether it is one, plainly written in ASCII; what is quoted or written in other scripts is not."""
    local, _, _ = email.partition("@")
    return len(email) <= MOST and len(local) <= MOST_LOCAL and _ADDRESS.fullmatch(email) is not None
