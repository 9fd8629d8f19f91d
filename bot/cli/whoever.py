"""Who is at the command line, as histories and audits name them."""

import os
import pwd

PLACE = "command line"


def whoever() -> str:
    """The account of this machine under which the command runs."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"
