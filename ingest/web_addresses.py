"""Which web addresses may be reached: a list of hosts, and a judgement of every IP address behind them."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import httpx

from knowledge.errors import Unreadable

Url = httpx.URL
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_DEFAULT_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,40}")
_NUMBER_LIKE = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}")
_UNSPEAKABLE = re.compile(r"[\x00-\x20\x7f\\]")
_METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in ("100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254")
)
_ENDING_IN_IPV4 = tuple(
    ipaddress.IPv6Network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0:0/96")
)
_PUBLIC_IPV6 = ipaddress.IPv6Network("2000::/3")
_ISATAP = 0x00005EFE
_COMPATIBLE = ipaddress.IPv6Network("::/96")


class Refused(Unreadable):
    """An address that is not reached, whatever answers there."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """The hosts and ports that a source may reach.

    `places` are pairs of a host and a port; no port means 80 and 443. `private_network` allows addresses
    that only one's own network knows. With `anywhere` every host may be reached, at 80 and 443: for links
    that people give, never with credentials or within a private network.
    """

    places: frozenset[tuple[str, int | None]] = field(default_factory=frozenset)
    private_network: bool = False
    anywhere: bool = False

    @classmethod
    def of(cls, address: str, others: Iterable[str] = (), private_network: bool = False) -> "Hosts":
        """The host of a source's own address, and `others` (`host` or `host:port`). Raises Refused."""
        own = parsed(address)
        places: set[tuple[str, int | None]] = {(host_of(own), port_of(own)), (host_of(own), 443)}
        for other in others:
            try:
                url = parsed(f"http://{other.strip()}")
            except Refused:
                url = parsed("http://none/none")
            if url.raw_path != b"/":
                raise Refused(f"`hosts` holds {other!r}: write host names such as docs.example.com.")
            places.add((host_of(url), url.port))
        return cls(frozenset(places), private_network)

    def check(self, url: Url) -> None:
        """Raises Refused for a host or port that is not on the list."""
        host, port = host_of(url), port_of(url)
        if (host, port) in self.places:
            return
        if (self.anywhere or (host, None) in self.places) and port in _DEFAULT_PORTS.values():
            return
        raise Refused(
            f"{shown(url)} is on another host or port than the source: put it under `hosts` if it is meant"
        )


def parsed(address: str) -> Url:
    """An http(s) address without credentials, its host in lower case and spelt in one way.

    Raises Refused.
    """
    if _UNSPEAKABLE.search(address):
        raise Refused("an address with spaces, control characters or backslashes is not reached")
    try:
        url = Url(address)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise Refused("what should be a web address is none") from None
    if url.scheme not in _DEFAULT_PORTS:
        raise Refused(f"only http and https are read, not {url.scheme or 'an address without a scheme'}")
    if url.userinfo:
        raise Refused(f"the address of {host_of(url)} holds a user name or password: use a secret instead")
    host = host_of(url).lower().rstrip(".")
    if literal(host) is None:
        if _NUMBER_LIKE.fullmatch(host):
            raise Refused(f"{host} is a number: write the address as 192.0.2.1")
        if not _NAME.fullmatch(host):
            raise Refused("what should be the host of a web address is none")
    return url.copy_with(host=host, fragment=None)


def led_to(url: Url, link: str) -> Url:
    """Where a link leads from an address. Raises Refused as `parsed` does."""
    if _UNSPEAKABLE.search(link):
        raise Refused("a link with spaces, control characters or backslashes is not followed")
    try:
        return parsed(str(url.join(link)))
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise Refused("what should be a link is none") from None


def literal(host: str) -> IpAddress | None:
    """The IP address that a host is, written as one; None for a name."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def host_of(url: Url) -> str:
    """The host as it goes over the wire, in ASCII."""
    return url.raw_host.decode("ascii")


def port_of(url: Url) -> int:
    """The port that is reached."""
    return url.port or _DEFAULT_PORTS[url.scheme]


def origin(url: Url) -> tuple[str, str, int]:
    """What credentials belong to: scheme, host and port."""
    return url.scheme, host_of(url), port_of(url)


def shown(url: Url) -> str:
    """An address for people and logs: without its query, which may hold a secret."""
    return str(url.copy_with(query=None, fragment=None, userinfo=b""))


def why_refused(address: IpAddress, private_network: bool) -> str | None:
    """Why an IP address is not reached; None for one that is."""
    inner = _within(address)
    for one in (address,) if inner is None else (address, inner):
        if one.is_link_local or one in _METADATA:
            return "it is a link-local or metadata address"
        if one.is_multicast or one.is_unspecified or one in ipaddress.ip_network("0.0.0.0/8"):
            return "nothing that is read has such an address"
        if isinstance(one, ipaddress.IPv4Address) and one.is_reserved:
            return "nothing that is read has such an address"
    if private_network:
        return None
    if inner is not None:
        return "it wraps another address; `private_network = true` allows it"
    if not address.is_global or (address.version == 6 and address not in _PUBLIC_IPV6):
        return "it is a private address; `private_network = true` allows it"
    return None


def _within(address: IpAddress) -> IpAddress | None:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    isatap = int(address) >> 32 & 0xFDFFFFFF == _ISATAP
    compatible = address in _COMPATIBLE and int(address) > 1
    if isatap or compatible or any(address in network for network in _ENDING_IN_IPV4):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None
