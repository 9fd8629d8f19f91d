"""What the robots.txt of each host allows, asked for once in a reading."""

from protego import Protego

from ingest.web import Denied, Gone, Web
from ingest.web_addresses import Url, host_of, origin
from knowledge.errors import Unreadable

NAME = "Lore"
_MOST_BYTES = 512_000
_MOST_STARS = 6
_LONGEST_LINE = 1_000
_LONGEST_DELAY_S = 10.0


class Robots:
    """The rules of each host for Lore. Where they cannot be had, but may be there, nothing is allowed."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._rules: dict[tuple[str, str, int], Protego | Unreadable] = {}

    def allows(self, url: Url) -> bool:
        """Whether a page may be fetched. Raises Unreadable when the host's rules cannot be had."""
        return bool(self._of(url).can_fetch(str(url), NAME))

    def delay_s(self, url: Url) -> float:
        """How long a host wants Lore to wait between two pages; never more than ten seconds."""
        return min(_LONGEST_DELAY_S, float(self._of(url).crawl_delay(NAME) or 0))

    def sitemaps(self, url: Url) -> list[str]:
        """The sitemaps that a host names."""
        return list(self._of(url).sitemaps)

    def _of(self, url: Url) -> Protego:
        key = origin(url)
        if key not in self._rules:
            self._rules[key] = self._asked(url)
        rules = self._rules[key]
        if isinstance(rules, Unreadable):
            raise rules
        return rules

    def _asked(self, url: Url) -> Protego | Unreadable:
        """By RFC 9309, what is not there allows everything, and what cannot be reached allows nothing."""
        try:
            place = url.copy_with(raw_path=b"/robots.txt")
            text = self._web.get(str(place), most_bytes=_MOST_BYTES).data.decode("utf-8-sig", "replace")
        except (Gone, Denied):
            text = ""
        except Unreadable as error:
            return Unreadable(f"the robots.txt of {host_of(url)} cannot be had: {error}")
        return Protego.parse("\n".join(line for line in text.splitlines() if _is_sane(line)))


def _is_sane(line: str) -> bool:
    """Whether a rule is none that takes for ever to match."""
    return len(line) <= _LONGEST_LINE and line.count("*") <= _MOST_STARS
