"""One question to a web server, asked patiently: redirects are looked at, and limits hold."""

import logging
import math
import weakref
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime

import httpcore

from ingest.sources import Reading
from ingest.web_addresses import Hosts, Refused, Url, host_of, led_to, origin, shown
from ingest.web_pace import Pace
from ingest.web_wire import Wire, World, tls
from knowledge.errors import Unreadable

AGENT = "Lore (reads this team's knowledge)"
_PASSING = frozenset((408, 425, 429, 500, 502, 503, 504))
_MOVED = frozenset((301, 302, 303, 307, 308))
_ANYWHERE = ("accept", "accept-language", "if-none-match", "if-modified-since", "user-agent")
_BLOCK = 1 << 16

Wanted = Callable[[Mapping[str, str], str], bool]
"""Whether the body of an answer is wanted, by its headers and its address."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much: seconds for connecting, for each read and for a whole answer, bytes after
    decompression, redirects, how often a question is asked, and the longest wait that a server may ask for.

    `per_second` questions are put to one host in the long run, and `at_once` without a wait.
    """

    connect_s: float = 10.0
    read_s: float = 10.0
    whole_s: float = 120.0
    most_bytes: int = 50_000_000
    redirects: int = 5
    tries: int = 4
    longest_wait_s: float = 120.0
    first_wait_s: float = 0.5
    per_second: float = 10.0
    at_once: int = 20
    failures: int = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered, in full: names of `headers` are in lower case, `data` is decompressed,
    `cookies` are the lines that set them."""

    url: Url
    status: int
    headers: Mapping[str, str]
    data: bytes = field(repr=False)
    cookies: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class _Taking:
    """How much of an answer is taken, and whether."""

    most_bytes: int
    wanted: Wanted | None


class Unwanted(Unreadable):
    """Something of a kind that is not read: its body was not fetched."""


class _Passing(Exception):
    """What may be otherwise in a while; `wait_s` is how long the server wants to be left alone."""

    def __init__(self, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


class Asking:
    """Asks the allowed hosts, and tells `reading` of the bytes that come; it says whether to stop."""

    def __init__(self, hosts: Hosts, limits: Limits, world: World, reading: Reading) -> None:
        self._hosts = hosts
        self._limits = limits
        self._world = world
        self.stopped = reading.stopped
        self._fetched = reading.fetched
        self._wire = Wire(hosts.private_network, world)
        self._pace = Pace(limits.per_second, limits.at_once, world.monotonic)
        self._failures = 0
        self._pool: httpcore.ConnectionPool | None = None

    def wait(self, seconds: float) -> None:
        """Wait in small steps. Raises Unreadable as soon as somebody asks to stop."""
        until = self._world.monotonic() + seconds
        while True:
            if self.stopped():
                raise Unreadable("it was stopped")
            left = until - self._world.monotonic()
            if left <= 0:
                return
            self._world.sleep(min(left, 0.5))

    def ask(
        self,
        method: str,
        url: Url,
        headers: Mapping[str, str],
        content: bytes = b"",
        most_bytes: int | None = None,
        wanted: Wanted | None = None,
    ) -> Answer:
        """Ask until there is an answer that stays, at most so often as the limits say.

        Raises Refused, Unwanted when `wanted` does not want the body, and Unreadable when there is no answer.
        """
        if self._failures >= self._limits.failures:
            raise Unreadable(f"{host_of(url)} failed {self._failures} times in a row and is left alone now")
        taking = _Taking(self._limits.most_bytes if most_bytes is None else most_bytes, wanted)
        for tried in range(1, self._limits.tries + 1):
            self.wait(self._pace.delay(host_of(url)))
            try:
                answer = self._followed(method, url, headers, content, taking)
            except _Passing as passing:
                if tried == self._limits.tries:
                    self._failures += 1
                    raise Unreadable(f"{passing}, {tried} times") from None
                self.wait(self._delay(passing, tried))
            else:
                self._failures = 0
                return answer
        raise AssertionError("the last try returns or raises")

    def _delay(self, passing: _Passing, tried: int) -> float:
        if passing.wait_s is None:
            return float(self._limits.first_wait_s * 2 ** (tried - 1) * (1 + self._world.chance()))
        if passing.wait_s > self._limits.longest_wait_s:
            minutes = math.ceil(passing.wait_s / 60)
            raise Unreadable(f"{passing}; it asked to wait {minutes} minutes: the next sync tries again")
        return passing.wait_s + self._world.chance()

    def _followed(
        self, method: str, url: Url, headers: Mapping[str, str], content: bytes, taking: _Taking
    ) -> Answer:
        """One question, with the redirects that it meets; each hop is checked like the first address."""
        for _ in range(self._limits.redirects + 1):
            if self.stopped():
                raise Unreadable("it was stopped")
            answer = self._once(method, url, headers, content, taking)
            place = answer.headers.get("location")
            if answer.status not in _MOVED or not place:
                return answer
            if method not in ("GET", "HEAD"):
                raise Unreadable(f"{shown(url)} has moved: change the address of the source")
            there = led_to(url, place)
            if url.scheme == "https" and there.scheme == "http":
                raise Refused(f"{shown(url)} leads from https to http, which is not followed")
            if origin(there) != origin(url):
                headers = {name: value for name, value in headers.items() if name.lower() in _ANYWHERE}
            url = there
        raise Unreadable(f"{shown(url)} leads on and on: more than {self._limits.redirects} redirects")

    def _once(
        self, method: str, url: Url, headers: Mapping[str, str], content: bytes, taking: _Taking
    ) -> Answer:
        self._hosts.check(url)
        sent = {
            "host": url.netloc.decode("ascii"),
            "user-agent": AGENT,
            **{name.lower(): value for name, value in headers.items()},
            "accept-encoding": "gzip, deflate",
        }
        if content or method in ("POST", "PUT", "PATCH"):
            sent["content-length"] = str(len(content))
        limits = self._limits
        timeouts = {"connect": limits.connect_s, "read": limits.read_s, "write": limits.read_s, "pool": 60.0}
        request = httpcore.Request(
            method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=[(name.encode(), value.encode("latin-1", "replace")) for name, value in sent.items()],
            content=content,
            extensions={"timeout": timeouts},
        )
        where = shown(url)
        try:
            with self._wire.within(limits.whole_s):
                return self._received(request, url, taking)
        except httpcore.TimeoutException:
            raise _Passing(f"{where} took too long to answer") from None
        except httpcore.LocalProtocolError:
            raise Unreadable(f"{where} is not asked: a header or secret holds forbidden characters") from None
        except httpcore.ProtocolError:
            raise _Passing(f"{where} broke off, or its answer is no HTTP") from None
        except (httpcore.NetworkError, OSError) as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise Unreadable(f"{where} has a certificate that is not trusted: {_said(error)}") from None
            raise _Passing(f"{where} cannot be reached ({_said(error)})") from None

    def _received(self, request: httpcore.Request, url: Url, taking: _Taking) -> Answer:
        response = self._pooled().handle_request(request)
        try:
            headers: dict[str, str] = {}
            for name, value in response.headers:
                key, said = name.decode("latin-1").lower(), value.decode("latin-1")
                headers[key] = f"{headers[key]}, {said}" if key in headers else said
            if response.status in _PASSING or _limited(response.status, headers):
                wait_s = self._asked_to_wait(headers.get("retry-after"))
                raise _Passing(f"{shown(url)} answered {response.status}", wait_s)
            if response.status == 200 and taking.wanted and not taking.wanted(headers, str(url)):
                kind = headers.get("content-type", "").partition(";")[0][:80] or "of an unknown type"
                raise Unwanted(f"{shown(url)} is {kind}, which is not read")
            data = b"".join(self._blocks(response, headers, url, taking.most_bytes))
        finally:
            response.close()
        cookies = [
            value.decode("latin-1") for name, value in response.headers if name.lower() == b"set-cookie"
        ]
        return Answer(url, response.status, headers, data, tuple(cookies))

    def _blocks(
        self, response: httpcore.Response, headers: Mapping[str, str], url: Url, most_bytes: int
    ) -> Iterator[bytes]:
        """The body, decompressed; counted as it comes, compressed and decompressed."""
        coding = headers.get("content-encoding", "identity").strip().lower()
        announced = headers.get("content-length", "")
        if announced.isdigit() and int(announced) > most_bytes:
            raise _too_large(url, most_bytes)
        came = gave = 0
        opened = _opener(coding, url)
        for block in response.iter_stream():
            came += len(block)
            self._fetched(len(block))
            if self.stopped():
                raise Unreadable("it was stopped")
            for part in opened(block):
                gave += len(part)
                if max(came, gave) > most_bytes:
                    raise _too_large(url, most_bytes)
                yield part

    def _pooled(self) -> httpcore.ConnectionPool:
        if self._pool is None:
            # It would write headers, which may hold secrets, to a log of everything.
            logging.getLogger("httpcore").setLevel(logging.INFO)
            self._pool = httpcore.ConnectionPool(
                ssl_context=tls(), max_connections=8, keepalive_expiry=5.0, network_backend=self._wire
            )
            weakref.finalize(self, self._pool.close)
        return self._pool

    def _asked_to_wait(self, value: str | None) -> float | None:
        """Seconds of a Retry-After, which is a number or a date; None without one that can be read."""
        if value is None:
            return None
        value = value.strip()
        if value.isdigit():
            return float(value)
        try:
            when = parsedate_to_datetime(value)
        except ValueError:
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max(0.0, (when - self._world.clock()).total_seconds())


def _opener(coding: str, url: Url) -> Callable[[bytes], Iterator[bytes]]:
    """What turns blocks as they come into blocks of the body, each small whatever was compressed."""
    if coding in ("", "identity"):
        return lambda block: iter((block,))
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise Unreadable(f"{shown(url)} is compressed in a way that was not asked for ({coding[:40]})")
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def opened(block: bytes) -> Iterator[bytes]:
        nonlocal inflater
        try:
            while block:
                if inflater.eof:
                    inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)
                yield inflater.decompress(block, _BLOCK)
                block = inflater.unconsumed_tail or inflater.unused_data
        except zlib.error:
            raise Unreadable(f"{shown(url)} is not compressed as it says") from None

    return opened


def _limited(status: int, headers: Mapping[str, str]) -> bool:
    """Whether a refusal means "not so fast", as GitHub says it."""
    return status == 403 and ("retry-after" in headers or headers.get("x-ratelimit-remaining") == "0")


def _too_large(url: Url, most_bytes: int) -> Unreadable:
    return Unreadable(f"{shown(url)} is too large: the limit is {most_bytes / 1e6:,.1f} MB (`max_megabytes`)")


def _said(error: Exception) -> str:
    """What went wrong, in the words of the system, which name no address."""
    return (str(error) or type(error).__name__).splitlines()[0][:200]
