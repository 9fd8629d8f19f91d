"""The one door to the network for readers: allowed hosts, judged addresses, limits and patience."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from ingest.sources import Reading, Source
from ingest.web_addresses import Hosts, Refused, origin, parsed, shown
from ingest.web_asking import Answer, Asking, Limits, Unwanted, Wanted
from ingest.web_wire import Wire, World
from knowledge.errors import Unreadable

if TYPE_CHECKING:
    import requests

__all__ = ["Denied", "Fetched", "Gone", "Limits", "Refused", "Unwanted", "Web", "World", "reachable"]

_REAL = World()
_LIMITS = Limits()
_SECRET = ("authorization", "cookie", "private-token", "x-api-key")


class Gone(Unreadable):
    """What was asked for is not there (404, 410)."""


class Denied(Unreadable):
    """Who asked may not read it (401, 403)."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer in full: `url` is where it came from after redirects, names of `headers` are in lower case.

    `status` is 200 to 299, or 304 where the headers of the question were conditional.
    """

    status: int
    headers: Mapping[str, str]
    data: bytes = field(repr=False)
    url: str

    @property
    def content_type(self) -> str:
        """The media type in lower case, without its parameters; empty when none is said."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def reachable(host: str, port: int, private_network: bool, world: World = _REAL) -> Sequence[str]:
    """The judged addresses of a host, for programs that connect by themselves, such as git.

    Raises Refused when any of them may not be reached, and Unreadable when the host is not found.
    """
    try:
        return Wire(private_network, world).checked(host, port)
    except OSError:
        raise Unreadable(f"{host} is not found: check the address, and the network") from None


class Web:
    """What one source may fetch; safe to use from several threads.

    `headers`, which may hold credentials, go to the source's own address and nowhere else.
    """

    def __init__(
        self, address: str, hosts: Hosts, asking: Asking, headers: Mapping[str, str] | None = None
    ) -> None:
        self.address = address.rstrip("/")
        self._base = parsed(address)
        self._hosts = hosts
        self._asking = asking
        self._headers = {name.lower(): value for name, value in (headers or {}).items()}
        self._denied = ""

    @classmethod
    def of(
        cls,
        source: Source,
        reading: Reading,
        address: str | None = None,
        headers: Mapping[str, str] | None = None,
        hosts: Iterable[str] = (),
        world: World = _REAL,
        limits: Limits = _LIMITS,
    ) -> "Web":
        """The door of a source to its `address` (by default its option of that name) and to other `hosts`.

        Raises Refused when the address is none that may be reached, or credentials would go over plain http
        and not within a private network.
        """
        address = address or str(source.options["address"])
        private = bool(source.options.get("private_network", False))
        allowed = Hosts.of(address, hosts, private)
        secret = any(name.lower() in _SECRET for name in headers or {})
        if secret and parsed(address).scheme == "http" and not private:
            raise Refused("a secret is not sent over http: write the address with https")
        return cls(address, allowed, Asking(allowed, limits, world, reading), headers)

    def get(
        self,
        url_or_path: str = "",
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        most_bytes: int | None = None,
        wanted: Wanted | None = None,
    ) -> Fetched:
        """Fetch an address, or a path below the source's own one.

        What may pass (429, 500 to 504, timeouts) is asked for again. Raises Gone, Denied, Refused and, for
        everything else that is not what was asked for, Unreadable; also when somebody asks to stop. Where
        `wanted` is given and does not want the body, it is not fetched, and Unwanted is raised.
        """
        return self.send("GET", url_or_path, params, headers, most_bytes=most_bytes, wanted=wanted)

    def send(
        self,
        method: str,
        url_or_path: str = "",
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: object = None,
        most_bytes: int | None = None,
        wanted: Wanted | None = None,
    ) -> Fetched:
        """As `get` does, with another method; `body` is sent as JSON, or as it is when it is bytes."""
        url = self.url(url_or_path, params)
        asked = {name.lower(): value for name, value in (headers or {}).items()}
        if origin(url) == origin(self._base):
            if self._denied:
                raise Denied(self._denied)
            asked = {**self._headers, **asked}
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        if body is not None:
            asked.setdefault("content-type", "application/json")
        answer = self._asking.ask(method, url, asked, content, most_bytes, wanted)
        return self._judged(answer, "authorization" in asked)

    def json(
        self,
        url_or_path: str = "",
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
        body: object = None,
    ) -> Any:
        """The JSON that is there. Raises as `get` does, and Unreadable when it is none."""
        asked = {"accept": "application/json", **(headers or {})}
        fetched = self.send(method, url_or_path, params, asked, body)
        try:
            return json.loads(fetched.data)
        except (ValueError, RecursionError):
            what = fetched.content_type or "something"
            raise Unreadable(f"{shown(parsed(fetched.url))} answered {what} that is no JSON") from None

    def url(self, url_or_path: str, params: Mapping[str, Any] | None = None) -> httpx.URL:
        """An address in full. A path is one below the source's own address. Raises Refused."""
        if "://" in url_or_path:
            url = parsed(url_or_path)
        else:
            path = url_or_path.lstrip("/")
            url = parsed(f"{self.address}/{path}" if path else self.address)
        if params:
            given = {name: value for name, value in params.items() if value is not None}
            url = url.copy_merge_params(given)
        return url

    def client(self, headers: Mapping[str, str] | None = None) -> httpx.Client:
        """A client for libraries that want one: the same guard, limits and patience.

        What cannot be reached is raised as Unreadable, not as an error of httpx; answers of 400 and more
        that do not pass are handed on.
        """
        from ingest.web_clients import GuardedTransport

        transport = GuardedTransport(self._asking)
        return httpx.Client(transport=transport, base_url=self.address, headers=headers, trust_env=False)

    def requests_session(self) -> "requests.Session":
        """A session for libraries that are built on requests; it behaves as `client` does."""
        from ingest.web_clients import guarded_session

        return guarded_session(self._asking)

    def stopped(self) -> bool:
        """Whether somebody asks to stop."""
        return self._asking.stopped()

    def wait(self, seconds: float) -> None:
        """Wait, unless somebody asks to stop: then Unreadable is raised."""
        self._asking.wait(seconds)

    def _judged(self, answer: Answer, with_credentials: bool) -> Fetched:
        where = shown(answer.url)
        match answer.status:
            case 401 | 403:
                said = f"{where} refuses access ({answer.status}): "
                if not with_credentials:
                    raise Denied(said + "it wants to know who asks")
                said += "check the secret that the source names, and that its account may read this"
                if answer.status == 401:
                    self._denied = said  # what was refused once is not tried a thousand times
                raise Denied(said)
            case 404 | 410:
                raise Gone(f"{where} is not there ({answer.status})")
            case 304:
                pass
            case status if not 200 <= status < 300:
                raise Unreadable(f"{where} answered {status}")
        return Fetched(answer.status, answer.headers, answer.data, str(answer.url))
