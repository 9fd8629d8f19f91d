"""Addresses of a web site: one spelling for each page, which belong to the source, and which are a trap."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

from ingest.readers.files import as_path
from ingest.web_addresses import Refused, Url, host_of, led_to, origin, parsed

LONGEST = 1_000
MOST_SEGMENTS = 16
MOST_REPEATS = 2
MOST_QUERIES = 50
_TRACKING = re.compile(
    r"utm_\w+|gclid|fbclid|msclkid|mc_[ce]id|phpsessid|jsessionid|sessionid|session_id|sid|ref_src",
    re.IGNORECASE,
)
_SESSION = re.compile(r";[a-z]*session[a-z]*=[^/?]*", re.IGNORECASE)
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_SLASHES = re.compile(r"/{2,}")
_INDEX = re.compile(r"index\.(?:html?|php)", re.IGNORECASE)
_NOT_PAGES = re.compile(
    r"\.(?:png|jpe?g|gif|webp|avif|svg|ico|bmp|tiff?|css|m?js|map|woff2?|ttf|eot|otf|mp[34]|m4a|wav|ogg|webm"
    r"|avi|mov|mkv|zip|t?gz|bz2|xz|7z|tar|rar|whl|exe|dmg|iso|deb|rpm|jar|bin|pt|pth|safetensors|onnx|xml|rss"
    r"|atom|json)",
    re.IGNORECASE,
)


def plain(address: str) -> Url:
    """An address in the one spelling that this module compares: no fragment, session or tracking in it.

    Raises Refused.
    """
    url = parsed(address)
    path, _, query = url.raw_path.decode("ascii").partition("?")
    path = _ESCAPE.sub(lambda escape: escape[0].upper(), _SLASHES.sub("/", _SESSION.sub("", path)))
    if any(part in (".", "..") for part in unquote(path).split("/")):
        raise Refused("an address with hidden steps upwards is not followed")
    kept = [pair for pair in query.split("&") if pair and not _TRACKING.fullmatch(pair.partition("=")[0])]
    return url.copy_with(raw_path=(path + (f"?{'&'.join(kept)}" if kept else "")).encode("ascii"))


def joined(base: Url, link: str) -> Url | None:
    """Where a link on a page leads, spelt plainly; None for what is no web address."""
    if re.match(r"(?!https?:)[a-z][a-z0-9+.-]*:", link, re.IGNORECASE):
        return None
    try:
        return plain(str(led_to(base, link)))
    except Refused:
        return None


def looks_like_a_page(url: Url) -> bool:
    """Whether the end of an address does not say that it is a picture, a program, an archive or a feed."""
    return not _NOT_PAGES.search(url.path[-12:]) or not _NOT_PAGES.fullmatch(url.path[url.path.rfind(".") :])


@dataclass(frozen=True, slots=True)
class Scope:
    """The pages that belong to a source: those at and below its address, and all of its other `hosts`.

    Where the address is http, the same pages over https belong to it too.
    """

    start: Url
    hosts: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, address: str, hosts: Iterable[str]) -> "Scope":
        """Raises Refused for an address that is none."""
        others = (plain(f"http://{host.strip()}") for host in hosts)
        return cls(plain(address), frozenset(host_of(url) for url in others))

    @property
    def folder(self) -> str:
        """Below which path pages belong to the source: the start, or its folder where it is a file."""
        path = self.start.path
        last = path.rpartition("/")[2]
        return path[: -len(last)].rstrip("/") if "." in last else path.rstrip("/")

    def holds(self, url: Url) -> bool:
        """Whether a page belongs to the source."""
        if origin(url) == origin(self.start) or self._is_safer(url):
            return url.path == self.folder or url.path.startswith(self.folder + "/")
        return host_of(url) in self.hosts

    def path_of(self, url: Url) -> str:
        """The stable path of a page's document; pages of other hosts begin with the host."""
        path, mark, query = url.raw_path.decode("ascii").partition("?")
        path += "index.html" if path.endswith("/") else ""
        names = [unquote(part).replace("/", "%2F") for part in path.split("/") if part]
        names[-1] += mark + unquote(query).replace("/", "%2F")
        own = host_of(url) == host_of(self.start)
        return as_path(tuple(names if own else (host_of(url), *names)))

    def _is_safer(self, url: Url) -> bool:
        return (
            self.start.scheme == "http"
            and url.scheme == "https"
            and host_of(url) == host_of(self.start)
            and url.port is None
        )


class Traps:
    """Notices addresses that a site makes up without end: calendars, links that grow, endless filters."""

    def __init__(self) -> None:
        self._queries: Counter[str] = Counter()

    def why(self, url: Url) -> str | None:
        """Why an address, met for the first time, is not followed; None for one that is."""
        if len(str(url)) > LONGEST:
            return "its address is too long"
        segments = [segment for segment in url.path.split("/") if segment]
        if len(segments) > MOST_SEGMENTS:
            return "its address has too many parts"
        if any(count > MOST_REPEATS for count in Counter(segments).values()):
            return "its address repeats itself"
        if url.query:
            where = str(url.copy_with(query=None))
            self._queries[where] += 1
            if self._queries[where] > MOST_QUERIES:
                return f"more than {MOST_QUERIES} addresses differ from it only after the question mark"
        return None


def same_but_for_query(url: Url) -> str:
    """What addresses that may well be one page have in common."""
    path = url.path
    last = path.rpartition("/")[2]
    if _INDEX.fullmatch(last):
        path = path[: -len(last)]
    return f"{host_of(url)}{path.rstrip('/')}"
