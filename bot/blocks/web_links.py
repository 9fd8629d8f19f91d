"""Addresses that people give: linked where they are plain web addresses, shown as they are where not."""

from urllib.parse import quote

from bot.blocks.citations import MOST_URL_CHARACTERS, origin
from bot.blocks.markdown import Run
from bot.blocks.plain import one_line, shorten

MOST_SHOWN_BYTES = 300


def web_link(url: str) -> str | None:
    """The address as it may be linked; None unless it is http(s) with a host, without a user in it, without
    odd characters and not overlong. Nothing is ever fetched from it."""
    if not url.isprintable() or any(character.isspace() for character in url) or origin(url) is None:
        return None
    safe = quote(url, safe="%/:?#[]@!$&'()*+,;=-._~")
    return safe if len(safe) <= MOST_URL_CHARACTERS else None


def linked(label: str, url: str) -> Run:
    """The label, linked where that may be; else the label with the address as plain words behind it."""
    safe = web_link(url)
    return Run(label, url=safe) if safe else Run(f"{label}: {shorten(one_line(url), MOST_SHOWN_BYTES)}")
