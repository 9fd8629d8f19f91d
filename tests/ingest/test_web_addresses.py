"""Which addresses are reached: spellings, forms that wrap others, hosts and ports."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources import Reading
from ingest.web import Refused, Web
from ingest.web_addresses import Hosts, parsed, why_refused
from knowledge.errors import Unreadable
from tests.ingest.web_site import Elsewhere, source_at, web_at

LOOPBACK_SPELLINGS = [
    "http://127.0.0.1/",
    "http://[::1]/",
    "http://0/",
    "http://0.0.0.0/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0x7f000001/",
    "http://017700000001/",
    "http://127.1/",
    "http://127.0.0.1./",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://localhost./",
    "http://127.0.0.1.nip.io/",
    "http://wiki.example@127.0.0.1/",
    "http://wiki.example:secret@127.0.0.1/",
    "http://wiki.example\\@127.0.0.1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://%31%32%37.0.0.1/",
    "http:///etc/passwd",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_INFO",
    "ftp://wiki.example/",
    "//wiki.example/",
    "http://wiki.example:6379:80/",
    "http://wiki.example/\r\nHost: evil",
]
NAMES = {"localhost": ["127.0.0.1"], "127.0.0.1.nip.io": ["127.0.0.1"], "wiki.example": ["93.184.216.34"]}


@pytest.mark.parametrize("address", LOOPBACK_SPELLINGS)
def test_in_19_no_spelling_of_an_address_within_is_connected_to(
    address: str, no_connection: list[str]
) -> None:
    with pytest.raises(Refused):
        web_at(address, Elsewhere(NAMES), private=False).get()
    assert no_connection == []


@pytest.mark.parametrize("address", [one for one in LOOPBACK_SPELLINGS if "://" in one])
def test_in_19_nor_when_the_source_is_fine_and_a_page_names_it(
    address: str, no_connection: list[str]
) -> None:
    web = web_at("http://wiki.example/", Elsewhere(NAMES), private=False)
    with pytest.raises(Unreadable):
        web.get(address)
    assert no_connection == []


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192",
        "fd00:ec2::254", "fe80::1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1",
        "224.0.0.1", "ff02::1", "2001::5601:5601",
        "::ffff:0:a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "2001:4860::200:5efe:a9fe:a9fe",
        "0.0.0.0", "::", "255.255.255.255", "240.0.0.1", "0.1.2.3", "::ffff:0.0.0.0",
    ],
)  # fmt: skip
def test_in_19_a_private_network_never_means_metadata_or_what_nobody_has(address: str) -> None:
    assert why_refused(ipaddress.ip_address(address), private_network=True)
    assert why_refused(ipaddress.ip_address(address), private_network=False)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "198.18.0.1", "::1", "fc00::1",
        "fd12::1", "::ffff:10.0.0.1", "::ffff:93.184.216.34", "2002:5db8:d822::1", "64:ff9b::5db8:d822",
        "2001::a247:27dd", "fec0::1", "::ffff:0:5db8:d822", "64:ff9b:1::5db8:d822",
        "2001:4860::5efe:5db8:d822", "192.0.2.1", "2001:db8::1",
    ],
)  # fmt: skip
def test_in_19_private_and_wrapped_addresses_are_reached_only_where_the_source_says_so(address: str) -> None:
    assert "private_network" in str(why_refused(ipaddress.ip_address(address), private_network=False))
    assert why_refused(ipaddress.ip_address(address), private_network=True) is None


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "172.32.0.1"])
def test_public_addresses_are_reached(address: str) -> None:
    assert why_refused(ipaddress.ip_address(address), private_network=False) is None


@given(st.ip_addresses())
def test_in_19_what_is_not_global_is_never_reached_without_being_asked_for(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    reached = why_refused(address, private_network=False) is None
    assert not reached or (address.is_global and not address.is_multicast and not address.is_link_local)


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:0:0", "64:ff9b::", "2002::", "::ffff:0:0:0"]))
def test_in_19_an_address_is_judged_by_what_it_wraps(inner: ipaddress.IPv4Address, around: str) -> None:
    shift = 80 if around == "2002::" else 0
    wrapped = ipaddress.IPv6Address(int(ipaddress.IPv6Address(around)) + (int(inner) << shift))
    for private in (True, False):
        if why_refused(inner, private):
            assert why_refused(wrapped, private)


def test_only_the_hosts_of_the_source_and_their_usual_ports_are_reached() -> None:
    hosts = Hosts.of("http://wiki.example:8080/w", ["Docs.Example", "api.example:444"])
    for address in (
        "http://wiki.example:8080/x",
        "https://wiki.example/",
        "https://docs.example/",
        "http://docs.example./",
        "https://api.example:444/",
    ):
        hosts.check(parsed(address))
    for address in (
        "http://wiki.example/",
        "http://wiki.example:6379/",
        "https://docs.example:8443/",
        "https://api.example/",
        "https://evil.example/",
        "https://wiki.example.evil.example/",
        "https://xwiki.example/",
    ):
        with pytest.raises(Refused, match="hosts"):
            hosts.check(parsed(address))


@pytest.mark.parametrize(
    "host", ["https://docs.example", "docs.example/path", "*", "a b", "u@docs.example", ""]
)
def test_a_host_on_the_list_is_a_name_and_nothing_else(host: str) -> None:
    with pytest.raises(Refused, match="hosts"):
        Hosts.of("https://wiki.example", [host])


def test_a_source_without_a_good_address_is_refused_at_once() -> None:
    with pytest.raises(Refused):
        Web.of(source_at("gopher://wiki.example"), Reading())


def test_a_path_is_one_below_the_source_and_an_address_is_itself() -> None:
    web = web_at("https://wiki.example/confluence/")
    assert str(web.url("rest/api")) == "https://wiki.example/confluence/rest/api"
    assert str(web.url("/rest/api", {"a": 1, "b": None, "c": "x y"})) == (
        "https://wiki.example/confluence/rest/api?a=1&c=x+y"
    )
    assert str(web.url("https://wiki.example/x?a=1", {"b": 2})) == "https://wiki.example/x?a=1&b=2"
    assert str(web.url("")) == "https://wiki.example/confluence"
